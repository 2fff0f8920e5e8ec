"""docs/jobs.md and its example: what they say is what the program does."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from temu_assets.automation.job_plan import DEFAULTS
from temu_assets.automation.jobs_file import (
    JOB_KEYS,
    LONGEST_DELAY_SECONDS,
    LONGEST_LIMIT_SECONDS,
    MOST_RETRIES,
    load_job_plan,
    parse_job_plan,
)
from temu_assets.automation.retries import FORGET_AFTER, LOOK_EVERY_SECONDS
from temu_assets.definitions import defs
from temu_assets.operations_settings import OperationSettings

DOCS = Path(__file__).parent.parent.parent / "docs"
PAGE = (DOCS / "jobs.md").read_text(encoding="utf-8")


def rows(columns: int) -> dict[str, list[str]]:
    """The tables with so many columns: what stands in each row, by its first cell."""
    found = [[cell.strip() for cell in line.strip("|").split("|")] for line in PAGE.splitlines() if line.startswith("| `")]
    return {cells[0].strip("`"): cells[1:] for cells in found if len(cells) == columns}


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)


def test_every_job_is_listed_with_its_defaults() -> None:
    assert rows(5) == {
        job.name: [f"`{job.cron}`" if job.cron else "none", *map(str, (job.time_limit_seconds, job.retries, job.retry_delay_seconds))]
        for job in DEFAULTS.jobs.values()
    }


def test_every_key_is_listed_with_its_bounds() -> None:
    keys = {name: cells[1] for name, cells in rows(3).items() if name in JOB_KEYS}
    assert set(keys) == set(JOB_KEYS)
    assert keys["time_limit_seconds"] == f"1 to {LONGEST_LIMIT_SECONDS}"
    assert keys["retries"] == f"0 to {MOST_RETRIES}"
    assert keys["retry_delay_seconds"] == f"0 to {LONGEST_DELAY_SECONDS}"


def test_every_sensor_is_listed_with_what_it_starts() -> None:
    listed = {name: cells for name, cells in rows(3).items() if name.endswith("_sensor")}
    jobs = {sensor.name: [target.job_name for target in sensor.targets] for sensor in defs.sensors or ()}
    starts = {name: "every job, again" if len(names) > 1 else f"`{names[0]}`" if names else "nothing" for name, names in jobs.items()}
    after = {True: "on as soon as the file switches anything on", False: "off"}
    assert listed == {name: [starts[name], after[DEFAULTS.sensors[name].looks_after_runs]] for name in starts}


def test_the_example_can_be_loaded_and_shows_every_key() -> None:
    plan = load_job_plan(OperationSettings(temu_jobs_file=DOCS / "jobs.example.toml"))
    on = {trigger.name for trigger in plan.triggers(on_by_default=False) if trigger.is_on}
    assert {"temu_orders_sync_schedule", "temu_tracking_sync_schedule", "temu_orders_sensor", "retry_sensor"} <= on
    assert "invoice_files_sensor" not in {trigger.name for trigger in plan.triggers(on_by_default=True) if trigger.is_on}
    text = (DOCS / "jobs.example.toml").read_text(encoding="utf-8")
    assert [key for key in (*JOB_KEYS, "time_zone") if not re.search(rf"^{key} = ", text, re.MULTILINE)] == []


@pytest.mark.parametrize("block", blocks("toml"))
def test_what_the_page_shows_can_be_loaded(block: str) -> None:
    assert parse_job_plan(block, source=Path("jobs.toml")).jobs


def test_the_old_file_becomes_the_new_one_as_the_table_says() -> None:
    (old,) = blocks("json")
    plan = parse_job_plan(blocks("toml")[-1], source=Path("jobs.toml"))
    modes = {
        ("temu_orders", "full"): "temu_orders_sync",
        ("temu_orders", "tracking_only"): "temu_tracking_sync",
        ("temu_inventory", "quick"): "temu_inventory_sync",
        ("temu_inventory", "full"): "temu_inventory_full_sync",
    }
    for worker in json.loads(old)["workers"]:
        family = "temu_inventory" if "inventory" in worker["job_id"] else "temu_orders"
        job = plan.jobs[modes[family, worker["parameters"]["mode"]]]
        schedule = worker["schedule"]
        assert job.cron == schedule.get("cron_expression", f"*/{schedule.get('interval_minutes')} * * * *")
        assert (job.enabled, job.time_limit_seconds) == (worker["enabled"], worker["timeout"])
        assert (job.retries, job.retry_delay_seconds) == (worker["retry"]["count"], worker["retry"]["delay"])


def test_what_is_told_of_the_retries_is_so() -> None:
    assert f"it looks every {LOOK_EVERY_SECONDS} s" in PAGE
    assert FORGET_AFTER.total_seconds() == 3600
