"""The one file that configures jobs (TEMU_JOBS_FILE): read, checked strictly, and put over the defaults.

A mistake in it is never passed over and never replaced by a default: it is a ConfigurationError that names file, table and key.
"""

from __future__ import annotations

import tomllib
from dataclasses import replace
from difflib import get_close_matches
from pathlib import Path
from zoneinfo import available_timezones

from temu_assets.automation import cron
from temu_assets.automation.job_plan import DEFAULTS, JobPlan, JobSettings, SensorSettings
from temu_assets.automation.strict_table import StrictTable
from temu_assets.errors import ConfigurationError
from temu_assets.operations_settings import OperationSettings

TOP_KEYS = ("time_zone", "jobs", "sensors")
JOB_KEYS = ("enabled", "cron", "time_limit_seconds", "retries", "retry_delay_seconds")
SENSOR_KEYS = ("enabled",)

LONGEST_LIMIT_SECONDS = 86_400
MOST_RETRIES = 10
LONGEST_DELAY_SECONDS = 3600


def load_job_plan(settings: OperationSettings) -> JobPlan:
    """The plan the settings mean: the defaults, and over them the file of TEMU_JOBS_FILE, if one is set.

    Raises ConfigurationError when the file cannot be read or holds anything that is not as it must be.
    """
    path = settings.temu_jobs_file
    if path is None:
        return DEFAULTS
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, ValueError) as error:
        raise ConfigurationError(
            f"The jobs file {path.absolute()} (TEMU_JOBS_FILE) cannot be read ({type(error).__name__}), so nothing was loaded.",
            remedy="let TEMU_JOBS_FILE name a text file in UTF-8 that the program's user may read, or leave it out for the defaults.",
        ) from None
    return parse_job_plan(text, source=path.absolute())


def parse_job_plan(text: str, *, source: Path) -> JobPlan:
    """The plan that follows from the text of a jobs file. Raises ConfigurationError with everything that is wrong in it."""
    try:
        content = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        what = str(error) if isinstance(error, tomllib.TOMLDecodeError) else f"{type(error).__name__} while it was read"
        raise _refused(source, [f"it is no TOML: {what}"]) from None
    findings: list[str] = []
    top = StrictTable("at the top,", content, TOP_KEYS, findings)
    plan = JobPlan(
        source,
        top.text("time_zone", _wrong_with_time_zone, example=f'"{DEFAULTS.time_zone}"') or DEFAULTS.time_zone,
        _jobs(StrictTable("[jobs]", top.table("jobs"), DEFAULTS.jobs, findings), findings),
        _sensors(StrictTable("[sensors]", top.table("sensors"), DEFAULTS.sensors, findings), findings),
    )
    if findings:
        raise _refused(source, findings)
    return plan


def _jobs(table: StrictTable, findings: list[str]) -> dict[str, JobSettings]:
    return {
        name: _job(StrictTable(f"[jobs.{name}]", table.table(name), JOB_KEYS, findings), default) for name, default in DEFAULTS.jobs.items()
    }


def _job(table: StrictTable, default: JobSettings) -> JobSettings:
    job = replace(
        default,
        enabled=table.switch("enabled"),
        cron=table.text("cron", cron.what_is_wrong, example=f'"{default.cron or "*/15 * * * *"}"') or default.cron,
        time_limit_seconds=table.number("time_limit_seconds", default.time_limit_seconds, first=1, last=LONGEST_LIMIT_SECONDS),
        retries=table.number("retries", default.retries, first=0, last=MOST_RETRIES),
        retry_delay_seconds=table.number("retry_delay_seconds", default.retry_delay_seconds, first=0, last=LONGEST_DELAY_SECONDS),
    )
    if job.enabled and "cron" not in table and job.cron is None:
        table.wrong("enabled", 'is true, but this job has no schedule by default: add when, for example cron = "*/15 * * * *"')
    return job


def _sensors(table: StrictTable, findings: list[str]) -> dict[str, SensorSettings]:
    return {
        name: replace(default, enabled=StrictTable(f"[sensors.{name}]", table.table(name), SENSOR_KEYS, findings).switch("enabled"))
        for name, default in DEFAULTS.sensors.items()
    }


def _wrong_with_time_zone(name: str) -> str | None:
    zones = available_timezones()
    if name in zones:
        return None
    near = get_close_matches(name, sorted(zones), n=1)
    return f"there is no such time zone{f' (did you mean {near[0]}?)' if near else ''}"


def _refused(source: Path, findings: list[str]) -> ConfigurationError:
    return ConfigurationError(
        f"The jobs file {source} (TEMU_JOBS_FILE) cannot be used, so nothing was loaded: {'; '.join(findings)}.",
        remedy="correct it, then start the code server again (docs/jobs.md says how). That page shows every key by example, "
        "and what the predecessor's workers_config.json becomes.",
    )
