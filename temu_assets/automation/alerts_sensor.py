"""The sensor that tells a person what is wrong and, where that is set, lets somebody outside know that the daemon lives.

What a look needs is loaded by the first one.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import dagster as dg

from temu_assets.alerts.facts import Job
from temu_assets.automation.pauses import longest_pause
from temu_assets.automation.reaching import CLOCK, SETTINGS, TEMU, TOCI
from temu_assets.automation.triggers import Triggers
from temu_assets.errors import TemuAssetsError
from temu_assets.settings import Settings
from temu_assets.stage import told_plainly

if TYPE_CHECKING:
    from temu_assets.alerts.looking import Outcome

LOOK_EVERY_SECONDS = 60
_WAIT_SECONDS = 5.0


def planned_jobs(triggers: Triggers) -> list[Job]:
    """What alerts have to know of the plan: which jobs should run by themselves how often, and what is tried again."""
    return [
        Job(
            job.name,
            job.schedule_name,
            is_on=job.cron is not None and triggers.schedule_status(job.schedule_name) is dg.DefaultScheduleStatus.RUNNING,
            pause=None if job.cron is None else longest_pause(job.cron),
            retries=job.retries,
            retry_delay=timedelta(seconds=job.retry_delay_seconds),
        )
        for job in triggers.plan.jobs.values()
    ]


def build_alerts_sensor(triggers: Triggers) -> dg.SensorDefinition:
    """Look every minute, whether or not anything runs."""
    jobs = planned_jobs(triggers)

    @dg.sensor(
        name="alerts_sensor",
        minimum_interval_seconds=LOOK_EVERY_SECONDS,
        default_status=triggers.sensor_status("alerts_sensor"),
        description="Looks every minute what is wrong and tells it by mail or webhook, once, and again when all is well (docs/alerts.md). "
        "Starts no run. A failed tick says by which way nobody could be told. It cannot notice that the daemon itself is dead: for that "
        "there are the command temu-assets alerts check and ALERT_HEARTBEAT_URL.",
    )
    def alerts_sensor(context: dg.SensorEvaluationContext) -> dg.SkipReason:
        with told_plainly():
            given = SETTINGS.load()
            heartbeat = _beat(context, given)
            if not given.are_alerts_set:
                return dg.SkipReason(f"{heartbeat}No way to tell anybody is set (ALERT_MAIL_HOST or ALERT_WEBHOOK_URL; docs/alerts.md).")
            from temu_assets.alerts.telling import tell_what_is_due
            from temu_assets.toci.leases import LeaseTakenError

            try:
                outcome = tell_what_is_due(
                    given, TOCI.connect, TEMU.connect, jobs, "the alerts sensor", now=CLOCK.now(), wait_seconds=_WAIT_SECONDS
                )
            except LeaseTakenError:
                return dg.SkipReason(f"{heartbeat}Somebody else looks just now (temu-assets alerts check).")
            for failed in outcome.failed.values():
                raise failed
            return dg.SkipReason(heartbeat + _as_told(outcome))

    return alerts_sensor


def _beat(context: dg.SensorEvaluationContext, settings: Settings) -> str:
    try:
        url = settings.alert_heartbeat()
        if url is None:
            return ""
        from temu_assets.alerts.webhook import beat

        beat(url)
    except TemuAssetsError as error:
        context.log.warning("%s", error)
        return f"The heartbeat was not told: {error.what} "
    return "The heartbeat was told. "


def _as_told(outcome: Outcome) -> str:
    parts = [f"Told by {way}: {count}." for way, count in outcome.told.items()]
    parts += [f"{way.value.capitalize()} gathers more until {until:%H:%M} UTC." for way, until in outcome.waiting.items()]
    return " ".join(parts) or f"Nothing new; {outcome.open_count} open."
