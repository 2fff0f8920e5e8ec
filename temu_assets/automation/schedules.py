"""The schedules, in German time. A tick missed while the daemon was down needs no catching up: every run takes what was left undone."""

from __future__ import annotations

import dagster as dg

from temu_assets.automation.jobs import purge_personal_data, reconcile, temu_inventory_full_sync, temu_inventory_sync, temu_orders_sync
from temu_assets.automation.triggers import schedule_status

TIME_ZONE = "Europe/Berlin"


def build_schedules(*, are_on: bool) -> list[dg.ScheduleDefinition]:
    """Orders at 09:00, stock every 30 minutes; the listing, the purge of buyers' data and the comparison every night."""
    return [
        dg.ScheduleDefinition(
            name="temu_orders_sync_schedule",
            job=temu_orders_sync,
            cron_schedule="0 9 * * *",
            execution_timezone=TIME_ZONE,
            default_status=schedule_status(are_on=are_on),
            description="Every morning at 09:00, whatever the sensor has seen.",
        ),
        dg.ScheduleDefinition(
            name="temu_inventory_sync_schedule",
            job=temu_inventory_sync,
            cron_schedule="*/30 * * * *",
            execution_timezone=TIME_ZONE,
            default_status=schedule_status(are_on=are_on),
            description="Every 30 minutes: JTL's stock to TEMU.",
        ),
        dg.ScheduleDefinition(
            name="temu_inventory_full_sync_schedule",
            job=temu_inventory_full_sync,
            cron_schedule="15 3 * * *",
            execution_timezone=TIME_ZONE,
            default_status=schedule_status(are_on=are_on),
            description="Every night at 03:15: read the listing, then JTL's stock to TEMU.",
        ),
        dg.ScheduleDefinition(
            name="purge_personal_data_schedule",
            job=purge_personal_data,
            cron_schedule="30 4 * * *",
            execution_timezone=TIME_ZONE,
            default_status=schedule_status(are_on=are_on),
            description="Every night at 04:30: erase buyers' data whose time is over.",
        ),
        dg.ScheduleDefinition(
            name="reconcile_schedule",
            job=reconcile,
            cron_schedule="0 5 * * *",
            execution_timezone=TIME_ZONE,
            default_status=schedule_status(are_on=are_on),
            description="Every night at 05:00, after the full stock run: hold TEMU, our tables and JTL against each other.",
        ),
    ]
