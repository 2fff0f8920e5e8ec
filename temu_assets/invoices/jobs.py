"""What the process that reads documents is asked and what it answers: lines of JSON, one for each document."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import TypedDict

from pydantic import TypeAdapter

from temu_assets.invoices.reading import Lane, Outcome

LARGEST_ANSWER = 5_000_000


@dataclass(frozen=True, slots=True)
class Limits:
    """What reading one document may take: bytes of the file, pages, seconds on the clock and of the processor, megabytes of memory."""

    max_bytes: int
    max_pages: int
    seconds: int
    memory_mb: int


@dataclass(frozen=True, slots=True)
class Job:
    """A document to be read: where its copy is, what it was called, and the folder it was dropped into."""

    path: Path
    name: str
    lane: Lane


class Start(TypedDict):
    """The first line a process gets. ``profiles``: file name and text of the seller's own issuer profiles."""

    limits: dict[str, int]
    profiles: list[tuple[str, str]]


class Ready(TypedDict):
    """The first line it answers: empty, or what is wrong with the profiles and what to do."""

    refused: tuple[str, str] | None


class Question(TypedDict):
    """One document."""

    path: str
    lane: str


def start_line(limits: Limits, profiles: tuple[tuple[str, str], ...]) -> bytes:
    """How a process is started."""
    return _line(Start(limits=asdict(limits), profiles=list(profiles)))


def question_line(job: Job) -> bytes:
    """How a document is asked for. A path of any characters stays one line."""
    return _line(Question(path=str(job.path), lane=job.lane.value))


def answer_line(outcome: Outcome) -> bytes:
    """What was read, exactly: amounts as decimal text, days as ISO dates."""
    return _outcomes().dump_json(outcome) + b"\n"


def read_answer(line: bytes) -> Outcome:
    """The opposite of ``answer_line``. Raises ValueError for anything else."""
    return _outcomes().validate_json(line)


def _line(message: Start | Question) -> bytes:
    return json.dumps(message).encode("ascii") + b"\n"


@cache
def _outcomes() -> TypeAdapter[Outcome]:
    return TypeAdapter(Outcome)
