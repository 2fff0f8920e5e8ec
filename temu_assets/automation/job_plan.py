"""What is configured of every job and sensor: the defaults, and what follows from them together with the jobs file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path


class TriggerKind(StrEnum):
    """What starts runs by itself."""

    SCHEDULE = "schedule"
    SENSOR = "sensor"


class DecidedBy(StrEnum):
    """Who said whether a trigger is on when it is new to Dagster."""

    FILE = "file"
    DEFAULT = "default"


@dataclass(frozen=True, slots=True)
class JobSettings:
    """One job. Limit and retries hold for runs a trigger started; ``enabled`` is None where the file says nothing."""

    name: str
    cron: str | None
    """None: no schedule."""
    time_limit_seconds: int
    retries: int
    retry_delay_seconds: int
    enabled: bool | None = None

    @property
    def schedule_name(self) -> str:
        """The name of its schedule."""
        return f"{self.name}_schedule"


@dataclass(frozen=True, slots=True)
class SensorSettings:
    """One sensor. One that ``looks_after_runs`` starts no work of its own: it is on as soon as the file switches anything on."""

    name: str
    looks_after_runs: bool = False
    enabled: bool | None = None


@dataclass(frozen=True, slots=True)
class Trigger:
    """A schedule or sensor as it is before anybody touches its switch in the UI, which wins."""

    name: str
    kind: TriggerKind
    cron: str | None
    is_on: bool
    decided_by: DecidedBy


@dataclass(frozen=True, slots=True)
class JobPlan:
    """Everything the jobs file configures, filled up with the defaults. ``source`` is the file, or None without one."""

    source: Path | None
    time_zone: str
    jobs: Mapping[str, JobSettings]
    sensors: Mapping[str, SensorSettings]

    def triggers(self, *, on_by_default: bool) -> list[Trigger]:
        """Every schedule and every sensor. ``on_by_default``: whether those are on about which the file says nothing."""
        schedules = [
            self._trigger(job.schedule_name, TriggerKind.SCHEDULE, job.cron, job.enabled, on_by_default)
            for job in self.jobs.values()
            if job.cron is not None
        ]
        return schedules + [
            self._trigger(
                sensor.name,
                TriggerKind.SENSOR,
                None,
                sensor.enabled,
                on_by_default or (sensor.looks_after_runs and self._switches_something_on()),
            )
            for sensor in self.sensors.values()
        ]

    def _switches_something_on(self) -> bool:
        return any(job.enabled for job in self.jobs.values()) or any(sensor.enabled for sensor in self.sensors.values())

    @staticmethod
    def _trigger(name: str, kind: TriggerKind, cron: str | None, given: bool | None, default: bool) -> Trigger:  # noqa: FBT001 — private
        is_on = default if given is None else given
        return Trigger(name, kind, cron, is_on, DecidedBy.DEFAULT if given is None else DecidedBy.FILE)


_JOBS = (
    JobSettings("temu_orders_sync", "0 9 * * *", time_limit_seconds=300, retries=3, retry_delay_seconds=30),
    JobSettings("temu_tracking_sync", None, time_limit_seconds=300, retries=3, retry_delay_seconds=30),
    JobSettings("temu_inventory_sync", "*/30 * * * *", time_limit_seconds=60, retries=3, retry_delay_seconds=30),
    JobSettings("temu_inventory_full_sync", "15 3 * * *", time_limit_seconds=1800, retries=2, retry_delay_seconds=300),
    JobSettings("purge_personal_data", "30 4 * * *", time_limit_seconds=1800, retries=2, retry_delay_seconds=300),
    JobSettings("reconcile", "0 5 * * *", time_limit_seconds=900, retries=2, retry_delay_seconds=300),
    JobSettings("job_statistics", "10 * * * *", time_limit_seconds=300, retries=0, retry_delay_seconds=60),
    JobSettings("clean_dagster_storage", "20 1 * * *", time_limit_seconds=1800, retries=1, retry_delay_seconds=300),
    JobSettings("fetch_invoices", None, time_limit_seconds=1800, retries=2, retry_delay_seconds=60),
    JobSettings("datev_processing", None, time_limit_seconds=1800, retries=2, retry_delay_seconds=60),
)
_SENSORS = (
    SensorSettings("temu_orders_sensor"),
    SensorSettings("jtl_parcels_sensor"),
    SensorSettings("jtl_stock_sensor"),
    SensorSettings("invoice_files_sensor"),
    SensorSettings("datev_files_sensor"),
    SensorSettings("retry_sensor", looks_after_runs=True),
    SensorSettings("dead_runs_sensor", looks_after_runs=True),
    SensorSettings("alerts_sensor", looks_after_runs=True),
)

DEFAULTS = JobPlan(
    source=None,
    time_zone="Europe/Berlin",
    jobs={job.name: job for job in _JOBS},
    sensors={sensor.name: sensor for sensor in _SENSORS},
)
"""What holds without a file, and where the file says nothing."""
