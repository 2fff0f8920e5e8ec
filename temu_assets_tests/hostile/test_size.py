"""How much an answer may cost: the largest body there can be is read, or refused, in the memory of a small machine."""

from __future__ import annotations

import subprocess
import sys

import pytest

from temu_assets.temu.answers import UnreadableAnswerError, read_envelope
from temu_assets_tests.hostile import reader

MOST_MB = 700
LARGEST = [
    (b"[],", "refused"),
    (b'{"a":1},', "refused"),
    (b"[[[[[[", "refused"),
    (b'"ab",', "read"),
    (b"9" * 1000 + b",", "read"),
]


@pytest.mark.parametrize(("piece", "outcome"), LARGEST, ids=["lists", "objects", "nesting", "texts", "digits"])
def test_the_largest_answer_takes_no_more_memory_than_there_is(piece: bytes, outcome: str) -> None:
    told = subprocess.run([sys.executable, reader.__file__, repr(piece), str(MOST_MB)], capture_output=True, text=True, check=False)
    assert (told.stdout.strip(), told.returncode) == (outcome, 0), told.stderr[-500:]


@pytest.mark.parametrize(
    "body",
    [
        b'{"success": true, "result": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        b'{"success": true, "result": ' + b'{"a":' * 100_000 + b"1" + b"}" * 100_000 + b"}",
        b'{"success": true, "result": ' + b"9" * 1_000_000 + b"}",
        b'{"success": true, "result": {' + b'"a": 1,' * 100_000 + b'"a": 1}}',
        b'{"success": true, ' + b'"result": {},' * 100_000 + b'"result": {}}',
        b'{"success": true, "result": "' + b"\\ud83d" * 100_000,
    ],
    ids=["lists", "objects", "digits", "names", "envelope", "half emoji"],
)
def test_absurd_json_is_unreadable(body: bytes) -> None:
    with pytest.raises(UnreadableAnswerError):
        read_envelope(body)
