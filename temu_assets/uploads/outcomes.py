"""What became of each file that was dropped: pure rules over what came, what our database says, and what still lies in a folder."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum

from temu_assets.uploads.lanes import LaneName
from temu_assets.uploads.receiving import Received

MOST_SHOWN = 50
"""Files of earlier days are shown until so many are."""


class State(StrEnum):
    """What a person sees beside a file. Those of the jobs are as they write them into our database."""

    WAITING = "wartet"
    READING = "wird gelesen"
    OK = "ok"
    CHECK = "prüfen"
    WITHHELD = "zurückgehalten"
    ERROR = "Fehler"
    KNOWN = "schon verarbeitet"
    REFUSED = "abgelehnt"


@dataclass(frozen=True, slots=True)
class Row:
    """A document or batch in our database. ``done_at``: None while it waits; ``reason``: why its state is so; ``detail``: what it is."""

    lane: LaneName
    digest: str
    name: str
    came_in: str
    taken_at: datetime
    done_at: datetime | None
    state: State | None
    reason: str
    detail: str


@dataclass(frozen=True, slots=True)
class InFolder:
    """A file that lies in a lane's folder."""

    lane: LaneName
    name: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Outcome:
    """A file as the page shows it. ``key`` tells it from the others; ``at``: when it came; ``done_at``: when it was read."""

    key: str
    lane: LaneName
    name: str
    came_in: str
    at: datetime
    state: State
    reason: str = ""
    detail: str = ""
    done_at: datetime | None = None

    def as_json(self) -> dict[str, str | None]:
        """For the page; times in ISO 8601."""
        return asdict(self) | {"at": self.at.isoformat(), "done_at": self.done_at.isoformat() if self.done_at else None}


def outcomes(
    received: Sequence[Received], rows: Sequence[Row], waiting: Sequence[InFolder], *, running: Mapping[LaneName, bool]
) -> list[Outcome]:
    """The files to show, the newest first: all that came since the start, then earlier ones.

    ``waiting`` must have been looked at before ``rows`` were read: a file leaves its folder after it is in our database.
    ``running``: whether a run of a lane's job is under way. What counts is the content: in another lane, a document is the same one.
    """
    by_digest = {row.digest: row for row in rows}
    in_folder = {(file.lane, file.name) for file in waiting}
    of_today = [_of(each, by_digest, in_folder, is_running=running[each.lane]) for each in reversed(received)]
    seen = {digest for each in received for digest in each.digests}
    stored = {(each.lane, each.stored_as) for each in received}
    earlier = [_of_folder(file) for file in waiting if (file.lane, file.name) not in stored]
    earlier += [_of_row(row, is_running=running[row.lane]) for row in rows if row.digest not in seen]
    earlier.sort(key=lambda each: each.at, reverse=True)
    return of_today + earlier[: max(0, MOST_SHOWN - len(of_today))]


def _of(received: Received, rows: Mapping[str, Row], in_folder: Iterable[tuple[LaneName, str]], *, is_running: bool) -> Outcome:
    def told(state: State, reason: str = "", detail: str = "", done_at: datetime | None = None) -> Outcome:
        key = f"f{received.number}"
        return Outcome(key, received.lane, received.name, received.came_in, received.at, state, reason, detail, done_at)

    if received.refused:
        return told(State.REFUSED, received.refused)
    row = next((row for digest in received.digests if (row := rows.get(digest)) is not None), None)
    if row is not None and row.done_at is not None and row.done_at >= received.at:
        return told(row.state or State.ERROR, row.reason, row.detail, row.done_at)
    if row is not None and row.done_at is None:
        return told(State.READING if is_running else State.WAITING)
    if (received.lane, received.stored_as) in in_folder:
        return told(State.WAITING)
    if row is not None:
        return told(State.KNOWN, _as_before(row), row.detail, row.done_at)
    return told(State.ERROR, "Die Datei liegt nicht mehr im Eingang und wurde nicht gelesen. Bitte noch einmal ablegen.")


def _as_before(row: Row) -> str:
    return f"{row.state}: {row.reason}" if row.state and row.reason else str(row.state or "")


def _of_row(row: Row, *, is_running: bool) -> Outcome:
    state = row.state or State.ERROR
    if row.done_at is None:
        state = State.READING if is_running else State.WAITING
    return Outcome(
        f"{row.lane}-{row.digest[:16]}", row.lane, row.name, row.came_in, row.taken_at, state, row.reason, row.detail, row.done_at
    )


def _of_folder(file: InFolder) -> Outcome:
    return Outcome(f"{file.lane}/{file.name}", file.lane, file.name, "", file.at, State.WAITING)
