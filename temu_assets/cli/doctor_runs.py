"""What ``doctor`` says of runs: when each job last did its work, and which runs neither work nor end."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import dagster as dg
from sqlalchemy import Connection, func, select

from temu_assets.cli.doctor_lines import About, Line, ok, warning
from temu_assets.run_origin import MAX_RUNTIME_TAG
from temu_assets.toci.database import Toci
from temu_assets.toci.job_runs import RunStatus
from temu_assets.toci.tables import job_runs

QUEUED_TOO_LONG = timedelta(minutes=15)
WITHOUT_LIMIT = timedelta(hours=2)
"""A run without a time limit that works longer than this is worth a look."""
_NOT_BEGUN = (dg.DagsterRunStatus.QUEUED, dg.DagsterRunStatus.NOT_STARTED, dg.DagsterRunStatus.STARTING)
_AT_WORK = (dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.CANCELING)


@dataclass(frozen=True, slots=True)
class JobHistory:
    """The last time a job ended well and the last time it ended badly; None for never."""

    succeeded_at: datetime | None
    failed_at: datetime | None

    @property
    def is_failing(self) -> bool:
        """Whether the last one that ended, ended badly."""
        return self.failed_at is not None and (self.succeeded_at is None or self.failed_at > self.succeeded_at)


def read_history(toci: Toci) -> dict[str, JobHistory]:
    """By job, from our own history. Raises TemuAssetsError when it cannot be read."""

    def work(connection: Connection) -> dict[str, JobHistory]:
        last = func.max(job_runs.c.ended_at)
        of_us = (job_runs.c.shop == toci.shop) & job_runs.c.ended_at.is_not(None)
        rows = connection.execute(
            select(job_runs.c.job_id, job_runs.c.status, last).where(of_us).group_by(job_runs.c.job_id, job_runs.c.status)
        )
        ended: dict[str, dict[bool, datetime]] = {}
        for job, status, at in rows:
            of_job = ended.setdefault(job, {})
            is_good = status == RunStatus.SUCCESS
            of_job[is_good] = max(at, of_job.get(is_good, at))
        return {job: JobHistory(ended[job].get(True), ended[job].get(False)) for job in sorted(ended)}

    return toci.read(work)


def history_line(history: Mapping[str, JobHistory]) -> Line:
    """``history``: by job."""
    if not history:
        return ok(About.RUNS, "none has ended yet")
    told = "; ".join(f"{job} last did its work {_at(each.succeeded_at)}" for job, each in history.items())
    failing = [f"{job} at {_at(each.failed_at)}" for job, each in history.items() if each.is_failing]
    if failing:
        return warning(
            About.RUNS,
            f"{told}; ended badly since: {', '.join(failing)}",
            "read the message of the red run in the UI (Runs): it says what to do",
        )
    return ok(About.RUNS, told)


def stuck_line(instance: dg.DagsterInstance, now: datetime) -> Line:
    """Runs that wait or work for longer than they may."""
    found = list(stuck_runs(instance, now))
    if found:
        return warning(
            About.STUCK_RUNS,
            "; ".join(found),
            "waiting ones: does the daemon live? Working ones: terminate them in the UI; nothing is lost, the next run goes on",
        )
    return ok(About.STUCK_RUNS, "no run waits or works for too long")


def stuck_runs(instance: dg.DagsterInstance, now: datetime) -> Iterator[str]:
    """Each in words."""
    for record in instance.get_run_records(dg.RunsFilter(statuses=[*_NOT_BEGUN, *_AT_WORK])):
        run = record.dagster_run
        name = f"{run.run_id[:8]} ({run.job_name})"
        if run.status in _NOT_BEGUN:
            waits = now - record.create_timestamp.astimezone(UTC)
            if waits > QUEUED_TOO_LONG:
                yield f"{name} waits for {_told(waits)}"
        elif record.start_time is not None:
            works = now - datetime.fromtimestamp(record.start_time, UTC)
            tag = run.tags.get(MAX_RUNTIME_TAG, "")
            limit = timedelta(seconds=float(tag)) * 2 if tag.isdigit() else WITHOUT_LIMIT
            if works > limit:
                yield f"{name} works for {_told(works)}"


def _at(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC" if moment else "never"


def _told(length: timedelta) -> str:
    minutes = round(length.total_seconds() / 60)
    return f"{minutes} min" if minutes < 120 else f"{minutes // 60} h"
