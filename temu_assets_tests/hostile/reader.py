"""Run as a program: read one answer with little memory to spare, and say what came of it.

Arguments: the piece the answer is made of, as a Python literal, and the most memory (MB) the process may take.
"""

from __future__ import annotations

import ast
import resource
import sys

from temu_assets.temu.answers import UnreadableAnswerError, read_envelope
from temu_assets.temu.exchange import MAX_BODY_BYTES


def main() -> None:
    piece, most = ast.literal_eval(sys.argv[1]), int(sys.argv[2]) * 1024 * 1024
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
    head, tail = b'{"success": true, "result": [', b"1]}"
    body = head + piece * ((MAX_BODY_BYTES - len(head) - len(tail)) // len(piece)) + tail
    try:
        read_envelope(body)
        outcome = "read"
    except UnreadableAnswerError:
        outcome = "refused"
    sys.stdout.write(outcome)


if __name__ == "__main__":
    main()
