"""The process in which documents are read, one after the other: ``python -m temu_assets.invoices.child <id of the parent>``.

It is started by ``reader_process.py``, knows no settings and no secrets, and loads nothing of Dagster or the databases. It may crash, hang
or run out of memory over a document without harm to the others.
"""

from __future__ import annotations

import json
import os
import sys
from importlib import import_module
from pathlib import Path
from typing import BinaryIO

from temu_assets.errors import TemuAssetsError
from temu_assets.invoices import process_limits
from temu_assets.invoices.document import read_document
from temu_assets.invoices.jobs import LARGEST_ANSWER, Limits, Question, Ready, Start, answer_line
from temu_assets.invoices.profiles import Profiles, load_profiles
from temu_assets.invoices.reading import Lane, Outcome
from temu_assets.invoices.unreadable import InternalFault, Missing, TooLarge, Unreadable


def main() -> None:
    """Answer every line of standard input until it ends."""
    process_limits.end_with(int(sys.argv[1]))
    questions, answers = _own_streams()
    start: Start = json.loads(questions.readline())
    limits = Limits(**start["limits"])
    process_limits.limit_this_process(limits.memory_mb)
    try:
        profiles = load_profiles(tuple((name, text) for name, text in start["profiles"]))
    except TemuAssetsError as error:
        _say(answers, json.dumps(Ready(refused=(error.what, error.remedy))).encode("ascii") + b"\n")
        return
    _load()
    _say(answers, json.dumps(Ready(refused=None)).encode("ascii") + b"\n")
    for line in questions:
        question: Question = json.loads(line)
        with process_limits.at_most(limits.seconds):
            answer = answer_line(_read(question, limits, profiles))
        if len(answer) > LARGEST_ANSWER:
            answer = answer_line(Outcome(failure=InternalFault("zu viele Werte").why))
        _say(answers, answer)


def _read(question: Question, limits: Limits, profiles: Profiles) -> Outcome:
    try:
        content = _content(Path(question["path"]), limits.max_bytes)
    except Unreadable as error:
        return Outcome(failure=error.why)
    return read_document(content, Lane(question["lane"]), limits, profiles)


def _content(path: Path, most: int) -> bytes:
    """Raises TooLarge, Missing."""
    try:
        with path.open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            if size > most:
                raise TooLarge(size, most)
            return file.read(most)
    except OSError:
        raise Missing from None


def _own_streams() -> tuple[BinaryIO, BinaryIO]:
    """Standard input and output for us alone: what a library prints goes nowhere, and programs we start get neither."""
    questions, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nowhere = os.open(os.devnull, os.O_RDWR)
    os.dup2(nowhere, 0)
    os.dup2(nowhere, 1)
    return questions, answers


def _load() -> None:
    """What is slow to load is loaded before the first document's time begins."""
    for name in ("lxml.etree", "pypdfium2"):
        import_module(name)


def _say(answers: BinaryIO, line: bytes) -> None:
    answers.write(line)
    answers.flush()


if __name__ == "__main__":
    main()
