"""How long it takes from one side to the other: the figures, and what is too long, from the rows of ``lead_times``."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection

from temu_assets.operations.bounds import GOAL_SECONDS
from temu_assets.operations.statistics import percentile
from temu_assets.problem_checks import Wrong
from temu_assets.toci import job_runs
from temu_assets.toci import lead_times as rows
from temu_assets.toci.database import Toci
from temu_assets.toci.job_runs import RunStatus
from temu_assets.toci.lead_times import Leg

_DAY, _WEEK = timedelta(days=1), timedelta(days=7)
_WINDOWS = {"24h": _DAY, "7d": _WEEK}
_PERCENTS = (50, 90, 95, 99)
_SAID = {
    Leg.ORDER: "from an order that TEMU confirmed to JTL's import table",
    Leg.PARCEL: "from a parcel that JTL sent to TEMU's knowing its number",
    Leg.STOCK: "from a change of stock that was seen to TEMU's showing it",
}
_STARTED_BY = {
    Leg.ORDER: ("temu_orders_sensor", "temu_orders_sync"),
    Leg.PARCEL: ("jtl_parcels_sensor", "temu_tracking_sync"),
    Leg.STOCK: ("jtl_stock_sensor", "temu_inventory_sync"),
}


def figures(database: Toci, *, now: datetime) -> dict[str, int | float]:
    """Count and percentiles in seconds of the last 24 hours and 7 days, by leg."""
    done = database.read(lambda connection: rows.since(connection, database.shop, now - _WEEK))
    return {name: value for leg, each in done.items() for name, value in _numbers(leg, each, now).items()}


def _numbers(leg: Leg, done: list[tuple[datetime, int]], now: datetime) -> dict[str, int | float]:
    """Each under a name of its own, because Dagster plots names. Without a row there is a count and nothing else."""
    numbers: dict[str, int | float] = {}
    for name, window in _WINDOWS.items():
        seconds = sorted(took for moment, took in done if moment >= now - window)
        numbers[f"{leg.value}_count_{name}"] = len(seconds)
        figures = {**{f"p{percent}": percentile(seconds, percent) for percent in _PERCENTS}, "max": percentile(seconds, 100)}
        numbers |= {f"{leg.value}_{what}_seconds_{name}": value for what, value in figures.items() if value is not None}
    return numbers


def slow(connection: Connection, shop: str, *, now: datetime) -> list[Wrong]:
    """The legs that took too long for too many in the last 24 hours."""
    since = now - _DAY
    done = rows.since(connection, shop, since)
    failed = [run.job_id for run in job_runs.outcomes(connection, shop, since) if run.status in (RunStatus.FAILURE, RunStatus.KILLED)]
    found = []
    for leg, (sensor, job) in _STARTED_BY.items():
        seconds = sorted(took for _, took in done[leg])
        p95 = percentile(seconds, 95)
        if p95 is None or p95 <= GOAL_SECONDS:
            continue
        found.append(
            Wrong(
                leg.value,
                f"{_SAID[leg].capitalize()} it took more than {GOAL_SECONDS} s: of {len(seconds)} in the last 24 hours 95 % took up to "
                f"{p95:.0f} s, the longest {seconds[-1]} s. {failed.count(job)} runs of {job} failed in that time.",
                f"is {sensor} on (Automation in the UI), and did its ticks go well? Failed runs and failed ticks name the outage. Else "
                f"look under Runs whether {job} waited in the queue or ran long. docs/triggers.md says what the time consists of.",
            )
        )
    return found
