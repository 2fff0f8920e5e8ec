"""What could not be processed and waits for a person or for better data: the error inbox.

A stage reports everything it found wrong of one kind at once; what is no longer found closes itself. Nothing here may contain a buyer's
data.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection, RowMapping, func, select, update

from temu_assets.sql.chunks import in_chunks
from temu_assets.texts import cut
from temu_assets.toci.tables import problems
from temu_assets.toci.writing import upsert


class ProblemState(StrEnum):
    """Open, to be tried again with the next run because a person asked for it, handled by a person, or gone by itself."""

    OPEN = "open"
    RETRY = "retry"
    HANDLED = "handled"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Finding:
    """Why one thing could not be processed, and what a person does about it."""

    reason: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Problem:
    """One row of the inbox."""

    kind: str
    key: str
    reason: str
    remedy: str
    state: ProblemState
    first_seen_at: datetime
    last_seen_at: datetime
    count: int


def report(
    connection: Connection,
    shop: str,
    kind: str,
    findings: Mapping[str, Finding],
    *,
    now: datetime,
    complete: bool = True,
    kept: Collection[str] = (),
    state: ProblemState = ProblemState.OPEN,
) -> None:
    """Write what is wrong of one kind, by key.

    ``complete`` means the stage has looked at everything of this kind, so open problems that are neither among the findings nor ``kept``
    are closed.
    ``state`` is theirs from now on: open, or to be looked at again with the next run.
    A problem a person marked handled stays handled while its reason is the same. One that was gone and is back counts from now on.
    """
    known = {problem.key: problem for problem in unsettled(connection, shop, kind)}
    rows = []
    for key, finding in findings.items():
        before = known.get(key)
        is_handled = before is not None and before.state is ProblemState.HANDLED and before.reason == cut(finding.reason, 1000)
        rows.append(
            {
                "shop": shop,
                "kind": kind,
                "key": key,
                "reason": cut(finding.reason, 1000),
                "remedy": cut(finding.remedy, 1000),
                "state": ProblemState.HANDLED.value if is_handled else state.value,
                "first_seen_at": before.first_seen_at if before else now,
                "last_seen_at": now,
                "count": (before.count if before else 0) + 1,
            }
        )
    upsert(connection, problems, rows)
    if complete:
        gone = [key for key in known if key not in findings and key not in kept]
        close(connection, shop, kind, gone, now=now)


def close(connection: Connection, shop: str, kind: str, keys: list[str], *, now: datetime) -> None:
    """Mark problems as gone; ``now`` becomes when they were last seen. Those gone before stay as they are."""
    for chunk in in_chunks(keys):
        connection.execute(
            update(problems)
            .where(
                problems.c.shop == shop, problems.c.kind == kind, problems.c.key.in_(chunk), problems.c.state != ProblemState.CLOSED.value
            )
            .values(state=ProblemState.CLOSED.value, last_seen_at=now)
        )


def mark(connection: Connection, shop: str, kind: str, keys: Sequence[str], state: ProblemState) -> None:
    """Write what a person decided about problems of one kind. Those that are gone stay gone."""
    for chunk in in_chunks(keys):
        connection.execute(
            update(problems)
            .where(
                problems.c.shop == shop, problems.c.kind == kind, problems.c.key.in_(chunk), problems.c.state != ProblemState.CLOSED.value
            )
            .values(state=state.value)
        )


def unsettled(connection: Connection, shop: str, kind: str) -> list[Problem]:
    """The problems of one kind that are not gone: open, to be retried, or handled by a person."""
    rows = connection.execute(
        select(problems)
        .where(problems.c.shop == shop, problems.c.kind == kind, problems.c.state != ProblemState.CLOSED.value)
        .order_by(problems.c.key)
    )
    return [_problem(row) for row in rows.mappings()]


def of_kind(connection: Connection, shop: str, kind: str) -> list[Problem]:
    """All problems of one kind, closed ones too."""
    rows = connection.execute(select(problems).where(problems.c.shop == shop, problems.c.kind == kind).order_by(problems.c.key))
    return [_problem(row) for row in rows.mappings()]


def open_problems(connection: Connection, shop: str) -> list[Problem]:
    """All problems that are open or to be retried, oldest first."""
    states = [ProblemState.OPEN.value, ProblemState.RETRY.value]
    rows = connection.execute(
        select(problems)
        .where(problems.c.shop == shop, problems.c.state.in_(states))
        .order_by(problems.c.kind, problems.c.first_seen_at, problems.c.key)
    )
    return [_problem(row) for row in rows.mappings()]


def open_counts(connection: Connection, shop: str, kinds: list[str]) -> dict[str, int]:
    """How many problems are open, by kind; every kind asked for is there."""
    rows = connection.execute(
        select(problems.c.kind, func.count())
        .where(problems.c.shop == shop, problems.c.kind.in_(kinds), problems.c.state.in_(["open", "retry"]))
        .group_by(problems.c.kind)
    )
    return dict.fromkeys(kinds, 0) | {row[0]: row[1] for row in rows}


def _problem(row: RowMapping) -> Problem:
    values = {name: row[name] for name in ("kind", "key", "reason", "remedy", "first_seen_at", "last_seen_at", "count")}
    return Problem(**values, state=ProblemState(row["state"]))
