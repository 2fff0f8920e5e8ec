"""What the stages about the program itself do with what Dagster gives them. How each does it is in the modules beside this one."""

from __future__ import annotations

from datetime import datetime, timedelta

import dagster as dg

from temu_assets.operations.dagster_storage import StorageCleaning
from temu_assets.operations.pruning import prune_history
from temu_assets.operations.statistics import Figures, by_job, figures
from temu_assets.previews import preview
from temu_assets.resources import Clock, SettingsResource, TociResource
from temu_assets.stage import holder
from temu_assets.toci import job_runs, leases
from temu_assets.toci.job_runs import Outcome, RunStatus

LEASE = "dagster_storage"
DAY = timedelta(days=1)
WEEK = timedelta(days=7)
_WINDOWS = {"24h": DAY, "7d": WEEK}
_MOST_JOBS = 30
_SEVERAL = ", "


def tell_history(toci: TociResource, clock: Clock) -> dg.MaterializeResult[None]:
    """Our history of runs in figures."""
    now = clock.now()
    with toci.connect() as database:
        runs = database.read(lambda connection: job_runs.outcomes(connection, database.shop, now - WEEK))
        last = database.read(lambda connection: job_runs.last_successes(connection, database.shop))
    jobs = by_job(runs)
    shown = {job: of_job for job, of_job in jobs.items() if _SEVERAL not in job}
    numbers = _numbers("", runs, now)
    for job, of_job in list(shown.items())[:_MOST_JOBS]:
        numbers |= _numbers(f"{job}.", of_job, now)
    return dg.MaterializeResult(metadata={**numbers, "jobs": _table(jobs, last, now)})


def clean_storage(
    context: dg.AssetExecutionContext, settings: SettingsResource, toci: TociResource, clock: Clock
) -> dg.MaterializeResult[None]:
    """What has been kept long enough, removed."""
    given, now = settings.load(), clock.now()
    cleaning = StorageCleaning(context.instance, now=now, own_run=context.run.run_id, say=context.log.info)
    with toci.connect() as database, leases.hold(database, LEASE, holder(context)):
        cleaned = cleaning.clean(
            keep_runs=timedelta(days=given.temu_keep_runs_days), keep_failed_runs=timedelta(days=given.temu_keep_failed_runs_days)
        )
        pruned = prune_history(database, keep=timedelta(days=given.temu_keep_history_days), now=now)
    return dg.MaterializeResult(metadata={**cleaned, **{f"{name}_removed": count for name, count in pruned.items()}})


def _numbers(prefix: str, runs: list[Outcome], now: datetime) -> dict[str, int | float]:
    """Each under a name of its own, because Dagster plots names."""
    numbers: dict[str, int | float] = {}
    for name, window in _WINDOWS.items():
        told = figures(run for run in runs if run.started_at >= now - window)
        given: dict[str, int | float | None] = {
            "runs": told.runs,
            **({f"{status.value}_runs": told.by_status[status] for status in RunStatus} if not prefix else {}),
            "success_percent": told.success_percent,
            "p50_seconds": told.p50_seconds,
            "p95_seconds": told.p95_seconds,
            "max_seconds": told.max_seconds,
        }
        numbers |= {f"{prefix}{what}_{name}": value for what, value in given.items() if value is not None}
    return numbers


def _table(jobs: dict[str, list[Outcome]], last: dict[str, datetime], now: datetime) -> dg.TableMetadataValue:
    columns = [
        "job",
        "runs 24 h",
        "well 24 h",
        "p95 24 h (s)",
        "runs 7 d",
        "well 7 d",
        "p95 7 d (s)",
        "max 7 d (s)",
        "last ended well (UTC)",
    ]
    rows: list[list[str | int | None]] = []
    for job, runs in jobs.items():
        day, week = figures(run for run in runs if run.started_at >= now - DAY), figures(runs)
        when = last.get(job)
        ended = f"{when:%Y-%m-%d %H:%M}" if when else "never"
        of_week: tuple[int | str, ...] = (week.runs, _share(week), _seconds(week.p95_seconds), _seconds(week.max_seconds))
        rows.append([job, day.runs, _share(day), _seconds(day.p95_seconds), *of_week, ended])
    return preview(columns, rows)


def _seconds(seconds: float | None) -> str:
    return "" if seconds is None else f"{seconds:.1f}"


def _share(told: Figures) -> str:
    return "" if told.success_percent is None else f"{told.success_percent:g} %"
