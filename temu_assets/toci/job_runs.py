"""The history of runs in our own database: one row a run, kept longer than Dagster keeps its own."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, Connection, func, insert, select, update

from temu_assets.toci.tables import job_runs

LONGEST_ERROR = 2000
"""Characters of the text that says what went wrong."""


class RunStatus(StrEnum):
    """How a run stands."""

    RUNNING = "running"
    SUCCESS = "success"
    FAILURE = "failure"
    CANCELLED = "cancelled"
    KILLED = "killed"


@dataclass(frozen=True, slots=True)
class RunStart:
    """What is known of a run when it begins. Times are aware UTC."""

    run_id: str
    job_id: str
    job_type: str
    started_by: str
    is_triggered: bool
    first_run_id: str
    attempt: int
    dry_run: bool
    started_at: datetime
    host: str
    process: str


@dataclass(frozen=True, slots=True)
class RunEnd:
    """How a run ended. ``counts``: what each asset counted; ``error`` says what happened and what to do."""

    status: RunStatus
    ended_at: datetime
    counts: dict[str, dict[str, float]]
    failed_checks: int = 0
    failed_stage: str | None = None
    error: str | None = None
    error_kind: str | None = None
    may_pass: bool | None = None


@dataclass(frozen=True, slots=True)
class JobRun:
    """One run as our database knows it; ``end`` is None while it works."""

    start: RunStart
    end: RunEnd | None

    @property
    def status(self) -> RunStatus:
        """How it stands."""
        return self.end.status if self.end else RunStatus.RUNNING

    @property
    def seconds(self) -> float | None:
        """How long it took; None while it works."""
        return (self.end.ended_at - self.start.started_at).total_seconds() if self.end else None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What statistics need of a run; ``seconds`` is None while it works."""

    job_id: str
    status: RunStatus
    dry_run: bool
    started_at: datetime
    seconds: float | None
    error: str | None


def begin(connection: Connection, shop: str, run: RunStart) -> None:
    """Write that a run has begun. A run that is begun again (Dagster resumed it) stays one row."""
    values = {name: getattr(run, name) for name in RunStart.__slots__} | {"status": RunStatus.RUNNING.value}
    known = connection.execute(select(job_runs.c.run_id).where(_key(shop, run.run_id))).scalar_one_or_none()
    if known is None:
        connection.execute(insert(job_runs).values(shop=shop, **values))
    else:
        connection.execute(update(job_runs).where(_key(shop, run.run_id)).values(ended_at=None, duration_ms=None, **values))


def finish(connection: Connection, shop: str, run_id: str, end: RunEnd) -> bool:
    """Write how a run ended; False when it is not one that works still."""
    started_at = connection.execute(
        select(job_runs.c.started_at).where(_key(shop, run_id), job_runs.c.status == RunStatus.RUNNING.value)
    ).scalar_one_or_none()
    if started_at is None:
        return False
    connection.execute(
        update(job_runs)
        .where(_key(shop, run_id))
        .values(
            status=end.status.value,
            ended_at=end.ended_at,
            duration_ms=max(0, round((end.ended_at - started_at).total_seconds() * 1000)),
            counts=json.dumps(end.counts),
            failed_checks=end.failed_checks,
            failed_stage=end.failed_stage,
            error=end.error,
            error_kind=end.error_kind,
            may_pass=end.may_pass,
        )
    )
    return True


def read(connection: Connection, shop: str, run_id: str) -> JobRun | None:
    """One run, or None."""
    found = _runs(connection, shop, job_runs.c.run_id == run_id)
    return found[0] if found else None


def since(connection: Connection, shop: str, moment: datetime) -> list[JobRun]:
    """The runs that began since then, oldest first."""
    return _runs(connection, shop, job_runs.c.started_at >= moment)


def outcomes(connection: Connection, shop: str, moment: datetime) -> list[Outcome]:
    """The same, without what each stage counted: the runs that began since then, oldest first."""
    columns = (job_runs.c.job_id, job_runs.c.status, job_runs.c.dry_run, job_runs.c.started_at, job_runs.c.duration_ms, job_runs.c.error)
    rows = connection.execute(
        select(*columns).where(job_runs.c.shop == shop, job_runs.c.started_at >= moment).order_by(job_runs.c.started_at)
    )
    return [
        Outcome(
            row.job_id,
            RunStatus(row.status),
            bool(row.dry_run),
            row.started_at,
            None if row.duration_ms is None else row.duration_ms / 1000,
            row.error,
        )
        for row in rows
    ]


def last_successes(connection: Connection, shop: str) -> dict[str, datetime]:
    """When each job last ended well, by job."""
    rows = connection.execute(
        select(job_runs.c.job_id, func.max(job_runs.c.ended_at).label("ended_at"))
        .where(job_runs.c.shop == shop, job_runs.c.status == RunStatus.SUCCESS.value)
        .group_by(job_runs.c.job_id)
    )
    return {row.job_id: row.ended_at for row in rows}


def unfinished(connection: Connection, shop: str) -> list[JobRun]:
    """The runs that work, or died without a word."""
    return _runs(connection, shop, job_runs.c.status == RunStatus.RUNNING.value)


def _runs(connection: Connection, shop: str, which: ColumnElement[bool]) -> list[JobRun]:
    rows = connection.execute(select(job_runs).where(job_runs.c.shop == shop, which).order_by(job_runs.c.started_at)).mappings()
    return [
        JobRun(
            RunStart(**{name: row[name] for name in RunStart.__slots__}),
            None
            if row["ended_at"] is None
            else RunEnd(
                RunStatus(row["status"]),
                row["ended_at"],
                json.loads(row["counts"] or "{}"),
                row["failed_checks"] or 0,
                *(row[name] for name in ("failed_stage", "error", "error_kind", "may_pass")),
            ),
        )
        for row in rows
    ]


def _key(shop: str, run_id: str) -> ColumnElement[bool]:
    return (job_runs.c.shop == shop) & (job_runs.c.run_id == run_id)
