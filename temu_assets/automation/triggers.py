"""Whether schedules and sensors are on when they are new to Dagster, and what every run they start carries.

On the sandbox they are on, so that a newcomer sees life. On a real shop each is off until the jobs file (TEMU_JOBS_FILE) or a person
(Automation in the UI) switches it on. A switch somebody has touched in the UI wins, until it is set back there.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import dagster as dg
from pydantic_settings import BaseSettings

from temu_assets.automation.job_plan import DEFAULTS, JobPlan, Trigger
from temu_assets.automation.jobs_file import load_job_plan
from temu_assets.errors import ConfigurationError
from temu_assets.operations_settings import OperationSettings
from temu_assets.run_origin import MAX_RUNTIME_TAG
from temu_assets.settings import Settings, load_settings


@dataclass(frozen=True)
class Triggers:
    """The plan, and whether those triggers are on about which its file says nothing."""

    plan: JobPlan
    on_by_default: bool
    _by_name: dict[str, Trigger] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        triggers = self.plan.triggers(on_by_default=self.on_by_default)
        object.__setattr__(self, "_by_name", {trigger.name: trigger for trigger in triggers})

    def schedule_status(self, schedule_name: str) -> dg.DefaultScheduleStatus:
        """What a schedule is to Dagster before anybody touches its switch."""
        return dg.DefaultScheduleStatus.RUNNING if self._by_name[schedule_name].is_on else dg.DefaultScheduleStatus.STOPPED

    def sensor_status(self, sensor_name: str) -> dg.DefaultSensorStatus:
        """What a sensor is to Dagster before anybody touches its switch."""
        return dg.DefaultSensorStatus.RUNNING if self._by_name[sensor_name].is_on else dg.DefaultSensorStatus.STOPPED

    def run_tags(self, job_name: str) -> dict[str, str]:
        """The tags of every run that a schedule or sensor starts: how long it may take. Runs by hand have no limit."""
        return {MAX_RUNTIME_TAG: str(self.plan.jobs[job_name].time_limit_seconds)}


ALL_ON = Triggers(DEFAULTS, on_by_default=True)
"""As on the sandbox without a jobs file."""


class _JobsFileSetting(BaseSettings):
    """TEMU_JOBS_FILE alone, for when another setting is wrong."""

    model_config = Settings.model_config

    temu_jobs_file: Path | None = None


def read_triggers() -> Triggers:
    """What settings and jobs file mean now. Raises ConfigurationError for a jobs file that cannot be used: nothing is loaded then.

    Other settings that cannot be read stop nobody from looking: the file holds as before, the rest is off, and the first run says what
    is wrong.
    """
    try:
        settings = load_settings()
    except ConfigurationError:
        return Triggers(load_job_plan(_jobs_file_alone()), on_by_default=False)
    return Triggers(load_job_plan(settings), on_by_default=settings.is_sandbox)


def _jobs_file_alone() -> OperationSettings:
    try:
        return OperationSettings(temu_jobs_file=_JobsFileSetting().temu_jobs_file)
    except (UnicodeDecodeError, OSError):  # .env itself: nobody can tell which file it names
        return OperationSettings()
