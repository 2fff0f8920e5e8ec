"""Dagster alone: a module with so many assets, checks, sensors and schedules that do nothing, as a yardstick."""

from __future__ import annotations

from pathlib import Path

MODULE = "empty_definitions"
JOB = "empty_job"
FIRST_ASSET = "asset_0"

_HEAD = """
import dagster as dg


def empty_asset(number, after):
    @dg.asset(name=f"asset_{number}", deps=[f"asset_{number - 1}"] if after else [])
    def one() -> dg.MaterializeResult:
        return dg.MaterializeResult()

    return one


def empty_checks(names):
    @dg.multi_asset_check(name="checks", specs=[dg.AssetCheckSpec(name, asset="asset_0") for name in names])
    def one():
        for name in names:
            yield dg.AssetCheckResult(check_name=name, asset_key="asset_0", passed=True)

    return one


def empty_sensor(number, seconds):
    @dg.sensor(
        name=f"sensor_{number}", job_name="empty_job", minimum_interval_seconds=seconds, default_status=dg.DefaultSensorStatus.RUNNING
    )
    def one(context):
        return dg.SkipReason("nothing to do")

    return one


def empty_schedule(number, cron):
    @dg.schedule(
        name=f"schedule_{number}",
        job_name="empty_job",
        cron_schedule=cron,
        execution_timezone="Europe/Berlin",
        default_status=dg.DefaultScheduleStatus.RUNNING,
    )
    def one(context):
        return dg.SkipReason("nothing to do")

    return one

"""
_BODY = """
assets = [empty_asset(number, number > 0) for number in range({assets})]
checks = [empty_checks([f"check_{{number}}" for number in range({checks})])] if {checks} else []
defs = dg.Definitions(
    assets=assets,
    asset_checks=checks,
    jobs=[dg.define_asset_job("empty_job", selection=dg.AssetSelection.all())],
    sensors=[empty_sensor(number, seconds) for number, seconds in enumerate({sensors})],
    schedules=[empty_schedule(number, cron) for number, cron in enumerate({schedules})],
    executor=dg.in_process_executor,
)
"""


def write_module(folder: Path, *, assets: int, checks: int = 0, sensors: tuple[int, ...] = (), schedules: tuple[str, ...] = ()) -> None:
    """Write the module into ``folder``, which belongs on PYTHONPATH.

    The checks are one step together. ``sensors``: seconds between looks; ``schedules``: cron lines.
    """
    folder.mkdir(parents=True, exist_ok=True)
    body = _BODY.format(assets=assets, checks=checks, sensors=sensors, schedules=schedules)
    (folder / f"{MODULE}.py").write_text(_HEAD + body, encoding="utf-8")
