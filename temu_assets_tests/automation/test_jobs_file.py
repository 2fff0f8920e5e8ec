"""The jobs file: what it says holds, what it does not say is the default, and a mistake is named and never passed over."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from temu_assets.automation.job_plan import DEFAULTS, DecidedBy, JobPlan, Trigger, TriggerKind
from temu_assets.automation.jobs_file import JOB_KEYS, TOP_KEYS, load_job_plan, parse_job_plan
from temu_assets.automation.triggers import Triggers, read_triggers
from temu_assets.errors import ConfigurationError
from temu_assets.operations_settings import OperationSettings
from temu_assets_tests.seller import Seller

SOURCE = Path("/etc/temu/jobs.toml")


def parse(text: str) -> JobPlan:
    return parse_job_plan(text, source=SOURCE)


def test_an_empty_file_is_the_defaults() -> None:
    assert parse("") == replace(DEFAULTS, source=SOURCE)
    assert parse("# nothing yet\n[jobs]\n[sensors]\n[jobs.reconcile]\n") == replace(DEFAULTS, source=SOURCE)


def test_the_documented_defaults() -> None:
    orders, inventory = DEFAULTS.jobs["temu_orders_sync"], DEFAULTS.jobs["temu_inventory_sync"]
    assert (orders.cron, orders.time_limit_seconds, orders.retries, orders.retry_delay_seconds) == ("0 9 * * *", 300, 3, 30)
    assert (inventory.cron, inventory.time_limit_seconds) == ("*/30 * * * *", 60)
    assert DEFAULTS.time_zone == "Europe/Berlin"


def test_what_the_file_says_holds_and_the_rest_stays() -> None:
    plan = parse(
        """
        time_zone = "Europe/Vienna"
        [jobs.temu_orders_sync]
        enabled = true
        cron = "0 7,13 * * mon-fri"
        time_limit_seconds = 600
        retries = 0
        retry_delay_seconds = 120
        [jobs.temu_tracking_sync]
        cron = "*/20 * * * *"
        [sensors.temu_orders_sensor]
        enabled = false
        """
    )
    orders = replace(
        DEFAULTS.jobs["temu_orders_sync"],
        enabled=True,
        cron="0 7,13 * * mon-fri",
        time_limit_seconds=600,
        retries=0,
        retry_delay_seconds=120,
    )
    tracking = replace(DEFAULTS.jobs["temu_tracking_sync"], cron="*/20 * * * *")
    sensor = replace(DEFAULTS.sensors["temu_orders_sensor"], enabled=False)
    assert plan == JobPlan(
        SOURCE,
        "Europe/Vienna",
        {**DEFAULTS.jobs, "temu_orders_sync": orders, "temu_tracking_sync": tracking},
        {**DEFAULTS.sensors, "temu_orders_sensor": sensor},
    )


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("timezone = 'Europe/Berlin'", ["at the top, timezone is not known", "did you mean time_zone?"]),
        ("time_zone = 'Berlin'", ["time_zone is 'Berlin'", "no such time zone", 'time_zone = "Europe/Berlin"']),
        ("time_zone = 1", ["time_zone is 1", "no text in quotes"]),
        ("jobs = 3", ["[jobs] is 3 and must be a table"]),
        ("[jobs]\nreconcile = true", ["[jobs.reconcile] is true and must be a table", "below a line [jobs.reconcile]"]),
        ("[[jobs.reconcile]]", ["[jobs.reconcile] is a list and must be a table"]),
        ("[jobs.temu_order_sync]", ["[jobs] temu_order_sync is not known", "did you mean temu_orders_sync?"]),
        ("[jobs.reconcile]\ntimeout = 60", ["[jobs.reconcile] timeout is not known", "time_limit_seconds"]),
        ("[jobs.reconcile]\nenabled = 'true'", ["[jobs.reconcile] enabled is 'true'", "true or false, without quotes"]),
        ("[jobs.reconcile]\nenabled = 1", ["enabled is 1 and must be true or false"]),
        ("[jobs.reconcile]\ncron = '9:00'", ["[jobs.reconcile] cron is '9:00'", "1 fields, not five", 'cron = "0 5 * * *"']),
        ("[jobs.reconcile]\ncron = ''", ["[jobs.reconcile] cron is ''", "0 fields"]),
        ("[jobs.reconcile]\ncron = ['0 9 * * *']", ["[jobs.reconcile] cron is a list", "no text in quotes"]),
        ("[jobs.reconcile]\ntime_limit_seconds = 0", ["time_limit_seconds is 0", "from 1 to 86400", "default: 900"]),
        ("[jobs.reconcile]\ntime_limit_seconds = 1.5", ["time_limit_seconds is 1.5", "whole number"]),
        ("[jobs.reconcile]\ntime_limit_seconds = true", ["time_limit_seconds is true", "whole number"]),
        ("[jobs.reconcile]\ntime_limit_seconds = 1979-05-27", ["time_limit_seconds is a date or time"]),
        (f"[jobs.reconcile]\ntime_limit_seconds = 0x{'f' * 5000}", ["time_limit_seconds is a number far too large"]),
        ("[jobs.reconcile]\nretries = -1", ["[jobs.reconcile] retries is -1", "from 0 to 10"]),
        ("[jobs.reconcile]\nretries = 11", ["[jobs.reconcile] retries is 11", "from 0 to 10"]),
        ("[jobs.reconcile]\nretry_delay_seconds = -30", ["retry_delay_seconds is -30", "from 0 to 3600"]),
        ("[jobs.temu_tracking_sync]\nenabled = true", ["[jobs.temu_tracking_sync] enabled is true", "no schedule by default", "cron ="]),
        ("[sensors.orders_sensor]", ["[sensors] orders_sensor is not known", "did you mean temu_orders_sensor?"]),
        ("[sensors.temu_orders_sensor]\ncron = '* * * * *'", ["[sensors.temu_orders_sensor] cron is not known", "enabled"]),
        ("[jobs.reconcile]\nenabled = yes", ["no TOML", "line 2"]),
        ("[jobs.reconcile]\n[jobs.reconcile]", ["no TOML", "line 2"]),
        ('{"jobs": []}', ["no TOML", "line 1", "workers_config.json"]),
        (f"a = {'[' * 5000}", ["no TOML"]),
        (f"a = {'9' * 5000}", ["no TOML"]),
    ],
)  # fmt: skip
def test_a_mistake_is_named_with_file_table_key_and_what_would_be_right(text: str, named: list[str]) -> None:
    with pytest.raises(ConfigurationError) as caught:
        parse(text)
    message = str(caught.value)
    assert [each for each in [str(SOURCE), "TEMU_JOBS_FILE", "docs/jobs.md", *named] if each not in message] == []
    assert len(message) < 1500


def test_all_mistakes_are_told_at_once() -> None:
    with pytest.raises(ConfigurationError, match=r"\[jobs.reconcile\] retries is -1.*; \[sensors\] x is not known"):
        parse("[jobs.reconcile]\nretries = -1\n[sensors.x]")


VALUES = st.one_of(
    st.booleans().map(lambda value: str(value).lower()),
    st.integers(-5, 4000).map(str),
    st.sampled_from(['"0 9 * * *"', '"61 * * * *"', '"Europe/Berlin"', '""', "1.5", "nan", "[]", "{}", "07:32:00", '"\\u0000"']),
)
KEYS = st.one_of(
    st.sampled_from([*JOB_KEYS, *TOP_KEYS]), st.text(min_size=1, max_size=5).map(lambda key: '"' + "".join(map(escaped, key)) + '"')
)
TABLES = st.sampled_from(
    ["[jobs]", "[sensors]", *(f"[jobs.{name}]" for name in DEFAULTS.jobs), *(f"[sensors.{name}]" for name in DEFAULTS.sensors)]
)


def escaped(character: str) -> str:
    return f"\\U{ord(character):08x}"


lines = st.one_of(TABLES, st.builds("{} = {}".format, KEYS, VALUES))


@given(st.one_of(st.lists(lines, max_size=12).map("\n".join), st.text()))
@example("\ufeff")
@example("x = 1979-05-27T07:32:00+99:99")
def test_whatever_is_in_it_is_a_plan_or_refused_by_name(text: str) -> None:
    try:
        plan = parse(text)
    except ConfigurationError as error:
        found = error.what.removeprefix(f"The jobs file {SOURCE} (TEMU_JOBS_FILE) cannot be used, so nothing was loaded: ")
        assert found.startswith(("[jobs", "[sensors", "at the top, ", "it is no TOML: "))
        assert found.isprintable()
    else:
        assert plan.jobs.keys() == DEFAULTS.jobs.keys()
        assert plan.sensors.keys() == DEFAULTS.sensors.keys()
        Triggers(plan, on_by_default=False)


def test_which_triggers_are_on_and_who_said_so() -> None:
    plan = parse(
        "[jobs.reconcile]\nenabled = false\n[jobs.temu_tracking_sync]\ncron = '5 * * * *'\n[sensors.temu_orders_sensor]\nenabled = true"
    )
    found = {trigger.name: trigger for trigger in plan.triggers(on_by_default=False)}
    assert found["reconcile_schedule"] == Trigger("reconcile_schedule", TriggerKind.SCHEDULE, "0 5 * * *", False, DecidedBy.FILE)
    assert found["temu_tracking_sync_schedule"] == Trigger(
        "temu_tracking_sync_schedule", TriggerKind.SCHEDULE, "5 * * * *", False, DecidedBy.DEFAULT
    )
    assert found["temu_orders_sensor"] == Trigger("temu_orders_sensor", TriggerKind.SENSOR, None, True, DecidedBy.FILE)
    assert found["retry_sensor"] == Trigger("retry_sensor", TriggerKind.SENSOR, None, True, DecidedBy.DEFAULT)
    assert not found["datev_files_sensor"].is_on
    assert "fetch_invoices_schedule" not in found


def test_the_file_is_read_where_the_setting_says_also_from_windows(tmp_path: Path) -> None:
    path = tmp_path / "jobs.toml"
    path.write_bytes("\ufeff[jobs.reconcile]\r\nretries = 1\r\n".encode())
    plan = load_job_plan(OperationSettings(temu_jobs_file=path))
    assert plan.jobs["reconcile"].retries == 1
    assert plan.source == path
    assert load_job_plan(OperationSettings()) is DEFAULTS


@pytest.mark.parametrize("content", [None, b"\xff\xfe[\x00"], ids=["missing", "not UTF-8"])
def test_a_file_that_cannot_be_read_is_told_by_name(content: bytes | None, tmp_path: Path) -> None:
    path = tmp_path / "jobs.toml"
    if content:
        path.write_bytes(content)
    with pytest.raises(ConfigurationError, match=r"jobs.toml \(TEMU_JOBS_FILE\) cannot be read"):
        load_job_plan(OperationSettings(temu_jobs_file=path))


def test_a_folder_is_no_jobs_file(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="cannot be read"):
        load_job_plan(OperationSettings(temu_jobs_file=tmp_path))


@pytest.fixture
def jobs_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "jobs.toml"
    path.write_text("[jobs.reconcile]\nenabled = true\ncron = '7 6 * * *'\n")
    monkeypatch.setenv("TEMU_JOBS_FILE", str(path))
    return path


def on(triggers: Triggers) -> set[str]:
    return {each.name for each in triggers.plan.triggers(on_by_default=triggers.on_by_default) if each.is_on}


def test_on_the_sandbox_everything_is_on(jobs_file: Path) -> None:
    assert on(read_triggers()) > {"reconcile_schedule", "temu_orders_sync_schedule", "temu_orders_sensor"}


def test_on_a_real_shop_only_what_the_file_says_and_what_looks_after_its_runs(jobs_file: Path, new_seller: Seller) -> None:
    assert {"temu_orders_sync_schedule", "temu_orders_sensor"} & on(read_triggers()) == set()
    assert {"reconcile_schedule", "retry_sensor"} <= on(read_triggers())
    jobs_file.write_text("")
    assert on(read_triggers()) == set()


def test_with_another_setting_wrong_the_file_holds_all_the_same(jobs_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The schedule ticks when it always did, and its red run says what is wrong with the settings."""
    monkeypatch.setenv("TEMU_CONCURRENCY", "many")
    triggers = read_triggers()
    assert triggers.plan.jobs["reconcile"].cron == "7 6 * * *"
    assert on(triggers) >= {"reconcile_schedule"}
    assert "temu_orders_sync_schedule" not in on(triggers)
    jobs_file.write_text("nonsense")
    with pytest.raises(ConfigurationError, match="no TOML"):
        read_triggers()
