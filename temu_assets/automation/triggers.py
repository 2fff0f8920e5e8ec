"""Whether schedules and sensors are on when the program is new to Dagster.

On the sandbox they are, so that a newcomer sees life. On a real shop they are off: a person switches each on in the UI (Automation) once
orders and stock have been looked at.
"""

from __future__ import annotations

import dagster as dg

from temu_assets.errors import ConfigurationError
from temu_assets.settings import load_settings


def on_sandbox_only() -> bool:
    """Read which of the two the settings mean. Settings that cannot be read leave everything off; the first run says what is wrong."""
    try:
        return load_settings().is_sandbox
    except ConfigurationError:
        return False


def schedule_status(*, are_on: bool) -> dg.DefaultScheduleStatus:
    """Dagster's word for it."""
    return dg.DefaultScheduleStatus.RUNNING if are_on else dg.DefaultScheduleStatus.STOPPED


def sensor_status(*, are_on: bool) -> dg.DefaultSensorStatus:
    """Dagster's word for it."""
    return dg.DefaultSensorStatus.RUNNING if are_on else dg.DefaultSensorStatus.STOPPED
