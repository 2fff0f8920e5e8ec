"""The schedules, from the jobs file. A tick missed while the daemon was down is caught up by the next run, which takes what is undone."""

from __future__ import annotations

import dagster as dg

from temu_assets.automation.job_plan import JobSettings
from temu_assets.automation.triggers import Triggers

_WHY = {
    "temu_orders_sync": "Orders and parcels, whatever the sensor has seen.",
    "temu_tracking_sync": "Only the parcels: from JTL to TEMU.",
    "temu_inventory_sync": "JTL's stock to TEMU.",
    "temu_inventory_full_sync": "Reads the listing, then JTL's stock to TEMU.",
    "purge_personal_data": "Erases buyers' data whose time is over.",
    "job_statistics": "How the jobs do, in figures.",
    "clean_dagster_storage": "Removes what Dagster has kept long enough.",
    "reconcile": "Holds TEMU, our tables and JTL against each other; best after the full stock run.",
}


def build_schedules(triggers: Triggers) -> list[dg.ScheduleDefinition]:
    """One for every job that has a cron, on or off."""
    return [_schedule(job, job.cron, triggers) for job in triggers.plan.jobs.values() if job.cron is not None]


def _schedule(job: JobSettings, cron: str, triggers: Triggers) -> dg.ScheduleDefinition:
    time_zone = triggers.plan.time_zone
    return dg.ScheduleDefinition(
        name=job.schedule_name,
        job_name=job.name,
        cron_schedule=cron,
        execution_timezone=time_zone,
        default_status=triggers.schedule_status(job.schedule_name),
        tags=triggers.run_tags(job.name),
        description=f"{_WHY.get(job.name, f'Starts {job.name}.')} At {cron} ({time_zone}).",
    )
