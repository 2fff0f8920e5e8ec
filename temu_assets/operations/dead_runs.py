"""Runs that died without a word: killed, out of memory, power cut. Dagster and our history call them running until somebody looks.

Looked at by the start of every run and by a sensor. Only a process of this machine that is certainly gone counts as dead.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import dagster as dg
from sqlalchemy import Connection

from temu_assets.toci import job_runs, scheduler_logs
from temu_assets.toci.database import Toci
from temu_assets.toci.job_runs import JobRun, RunEnd, RunStart, RunStatus
from temu_assets.toci.processes import is_dead_here, this_host
from temu_assets.toci.scheduler_logs import Level, LogLine

FORGOTTEN_AFTER = timedelta(days=2)
"""A run of another machine that no Dagster here knows is not waited for longer."""
SURELY_OVER_AFTER = timedelta(minutes=10)
"""So long after Dagster called a run ended it has written down its end, or never will."""
DIED = "RunDied"
"""The kind of error in our history."""
_UNDER_WAY = [dg.DagsterRunStatus.STARTING, dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.CANCELING]
_FAILURE_REASON = "dagster/failure_reason"
_MOST_AT_ONCE = 50
_AS_DAGSTER_SAYS = {
    dg.DagsterRunStatus.SUCCESS: RunStatus.SUCCESS,
    dg.DagsterRunStatus.CANCELED: RunStatus.CANCELLED,
    dg.DagsterRunStatus.FAILURE: RunStatus.FAILURE,
}


def close_dead_runs(toci: Toci, instance: dg.DagsterInstance, *, now: datetime, but: str | None = None) -> list[str]:
    """Finish the rows of runs that have ended without saying so, and tell Dagster which of its runs have died; returns their ids.

    ``but``: the run that asks. Raises what our database or Dagster's storage raises.
    """
    closed = []
    for run in toci.read(lambda connection: job_runs.unfinished(connection, toci.shop))[:_MOST_AT_ONCE]:
        if run.start.run_id == but:
            continue
        # In this order: a run that has just ended has told Dagster before its process went.
        is_dead = is_dead_here(run.start.host, run.start.process)
        dagster_says = _status(instance, run.start.run_id)
        may_live = run.start.host == this_host() and not is_dead and not _is_long_over(instance, run.start.run_id, now)
        if is_dead and _died_itself(instance, run.start.run_id):
            dagster_says = None  # it saw the process go before we did; that is no failure of a stage
        status = verdict(dagster_says, run.start, is_dead=is_dead, may_live=may_live, now=now)
        if status is not None:
            _finish(toci, run.start, _end(status, dagster_says, run.start, now))
            closed.append(run.start.run_id)
    # After our rows: whoever dies between the two leaves a run that is found here the next time.
    closed += _tell_dagster(toci, instance, but)
    return sorted(set(closed))


def verdict(dagster_says: dg.DagsterRunStatus | None, start: RunStart, *, is_dead: bool, may_live: bool, now: datetime) -> RunStatus | None:
    """How a run ended that our history calls running; None while it may still work.

    ``dagster_says``: None if it knows no such run. ``may_live``: its process is of this machine, and may be writing down its end just now.
    """
    if may_live:
        return None
    if dagster_says in _AS_DAGSTER_SAYS:
        return _AS_DAGSTER_SAYS[dagster_says]
    if is_dead:
        return RunStatus.CANCELLED if dagster_says is dg.DagsterRunStatus.CANCELING else RunStatus.KILLED
    return RunStatus.KILLED if dagster_says is None and now - start.started_at > FORGOTTEN_AFTER else None


def _tell_dagster(toci: Toci, instance: dg.DagsterInstance, but: str | None) -> list[str]:
    """Report what Dagster calls under way and what has died; only then can it be started again. Who was cancelled stays cancelled."""
    died = []
    for run in instance.get_runs(filters=dg.RunsFilter(statuses=_UNDER_WAY), limit=_MOST_AT_ONCE):
        row = None if run.run_id == but else _row(toci, run.run_id)
        if row is None or not is_dead_here(row.start.host, row.start.process):
            continue
        dagster_says = _status(instance, run.run_id)
        if dagster_says is dg.DagsterRunStatus.CANCELING:
            instance.report_run_canceled(run, _what_happened(row.start))
        elif dagster_says in _UNDER_WAY:
            instance.report_run_failed(run, _what_happened(row.start))
        died.append(run.run_id)
    return died


def _row(toci: Toci, run_id: str) -> JobRun | None:
    return toci.read(lambda connection: job_runs.read(connection, toci.shop, run_id))


def _status(instance: dg.DagsterInstance, run_id: str) -> dg.DagsterRunStatus | None:
    run = instance.get_run_by_id(run_id)
    return None if run is None else run.status


def _died_itself(instance: dg.DagsterInstance, run_id: str) -> bool:
    """Whether Dagster calls a run failed, and no stage of it has failed."""
    run = instance.get_run_by_id(run_id)
    return run is not None and run.status is dg.DagsterRunStatus.FAILURE and run.tags.get(_FAILURE_REASON) != "STEP_FAILURE"


def _is_long_over(instance: dg.DagsterInstance, run_id: str, now: datetime) -> bool:
    """By Dagster's word, which has to do where nobody can see whether a process lives (Windows, another container, another user)."""
    record = instance.get_run_record_by_id(run_id)
    if record is None or record.dagster_run.status not in _AS_DAGSTER_SAYS:
        return False
    ended = datetime.fromtimestamp(record.end_time, UTC) if record.end_time else record.update_timestamp
    return now - ended > SURELY_OVER_AFTER


def _end(status: RunStatus, dagster_says: dg.DagsterRunStatus | None, start: RunStart, now: datetime) -> RunEnd:
    if status is RunStatus.SUCCESS:
        return RunEnd(status, now, {})
    if dagster_says in _AS_DAGSTER_SAYS:
        return RunEnd(status, now, {}, error="It could not write down its end. Dagster says more at the run.", error_kind=DIED)
    return RunEnd(status, now, {}, error=_what_happened(start), error_kind=DIED, may_pass=True)


def _finish(toci: Toci, start: RunStart, end: RunEnd) -> None:
    level = Level.INFO if end.status is RunStatus.SUCCESS else Level.ERROR
    last = LogLine(level, f"{start.job_id}: {end.error or 'it ended well, as Dagster says.'}", end.status, end.ended_at)

    def work(connection: Connection) -> None:
        if job_runs.finish(connection, toci.shop, start.run_id, end):
            scheduler_logs.write(connection, toci.shop, start, [*scheduler_logs.read(connection, toci.shop, start.run_id), last])

    toci.write(work)


def _what_happened(start: RunStart) -> str:
    """For a person who looks at the run."""
    pid = start.process.partition("@")[0]
    return (
        f"The process of this run ({pid} on {start.host}) is gone and said nothing: it was killed, memory was short, or the machine was "
        "restarted. What it had done is kept; what it was sending is cleared up by the next run, so it can be run again."
    )
