"""The log of runs in our own database, as the predecessor kept one: a few plain sentences a run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection, insert, select

from temu_assets.texts import cut
from temu_assets.toci.job_runs import RunStart, RunStatus
from temu_assets.toci.tables import scheduler_logs

LONGEST_MESSAGE = 2000


class Level(StrEnum):
    """How much a sentence matters."""

    INFO = "INFO"
    WARNING = "WARNING"
    ERROR = "ERROR"


@dataclass(frozen=True, slots=True)
class LogLine:
    """One sentence about a run, and how the run stood then. ``at`` is aware UTC."""

    level: Level
    message: str
    status: RunStatus
    at: datetime


def write(connection: Connection, shop: str, run: RunStart, lines: Sequence[LogLine]) -> None:
    """Write all sentences of a run so far; those that are there stay as they are, so that writing twice is writing once."""
    there = set(
        connection.execute(
            select(scheduler_logs.c.log_id).where(scheduler_logs.c.shop == shop, scheduler_logs.c.run_id == run.run_id)
        ).scalars()
    )
    rows = [
        {
            "shop": shop,
            "log_id": log_id,
            "run_id": run.run_id,
            "job_id": run.job_id,
            "job_type": run.job_type,
            "level": line.level.value,
            "message": cut(line.message, LONGEST_MESSAGE),
            "status": line.status.value,
            "timestamp": line.at,
        }
        for number, line in enumerate(lines)
        if (log_id := f"{run.run_id}-{number:03}") not in there
    ]
    if rows:
        connection.execute(insert(scheduler_logs), rows)


def read(connection: Connection, shop: str, run_id: str) -> list[LogLine]:
    """The sentences about a run, in order."""
    rows = connection.execute(
        select(scheduler_logs).where(scheduler_logs.c.shop == shop, scheduler_logs.c.run_id == run_id).order_by(scheduler_logs.c.log_id)
    )
    return [LogLine(Level(row.level), row.message, RunStatus(row.status), row.timestamp) for row in rows]
