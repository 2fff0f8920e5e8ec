"""Our own history, kept for years and not for ever."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Column, ColumnElement, Connection, Table, and_, delete, func, select

from temu_assets.toci.database import Toci
from temu_assets.toci.job_runs import RunStatus
from temu_assets.toci.tables import alerts, job_runs, lead_times, scheduler_logs

BATCH = 500


def prune_history(toci: Toci, *, keep: timedelta, now: datetime) -> dict[str, int]:
    """Remove what is older; how many rows of each table. Nothing with ``keep`` 0. Raises what our database raises.

    A run that works and an alert that still holds stay, however old.
    """
    if not keep:
        return {}
    ages = (scheduler_logs.c.timestamp, job_runs.c.started_at, lead_times.c.done_at, alerts.c.resolved_at)
    return {age.table.name: _prune(toci, age, now - keep) for age in ages}


def _prune(toci: Toci, age: Column[datetime], moment: datetime) -> int:
    """In short transactions, because the runs beside this one write into the same tables."""
    table = age.table
    due = and_(table.c.shop == toci.shop, age < moment)
    if table is job_runs:
        due = and_(due, job_runs.c.status != RunStatus.RUNNING.value)
    removed = 0
    while count := toci.write(lambda connection: _delete_oldest(connection, table, age, due)):
        removed += count
    return removed


def _delete_oldest(connection: Connection, table: Table, age: Column[datetime], due: ColumnElement[bool]) -> int:
    """Some of those that are due; the same ones also when this is done again."""
    oldest = connection.execute(select(age).where(due).order_by(age).limit(BATCH)).scalars().all()
    if not oldest:
        return 0
    # With all that are as old as the last of them.
    some = and_(due, age <= oldest[-1])
    count = connection.execute(select(func.count()).select_from(table).where(some)).scalar_one()
    connection.execute(delete(table).where(some))
    return count
