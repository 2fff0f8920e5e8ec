"""A set-up in which all is well, and one broken thing after the other: the right line says the right thing, and the exit code fits.

TEMU and JTL are the sandbox over HTTP and its database, Dagster's home is a real one. Nothing is mocked but a disk that is full.
"""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from click.testing import Result
from dagster._core.test_utils import create_run_for_test
from dagster._daemon.types import DaemonHeartbeat

from temu_assets.automation.job_plan import DEFAULTS
from temu_assets.cli import doctor_checks, doctor_files
from temu_assets.cli.doctor_settings import PRINTED
from temu_assets.sandbox import shop_settings
from temu_assets.sandbox.faults import Fault, FaultKind
from temu_assets.sandbox.run import RunningSandbox
from temu_assets_tests.cli.conftest import Run

CANARY = "Canary-7363"
TOKEN = "bg.open.accesstoken.info.get"
PROJECT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def made_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Dagster home as an installation has it: made once, because that takes a second, and copied."""
    home = tmp_path_factory.mktemp("made") / "dagster"
    home.mkdir(mode=0o700)
    shutil.copy(PROJECT / "dagster.yaml", home / "dagster.yaml")
    with dg.DagsterInstance.from_config(str(home)) as instance:
        assert instance.all_instigator_state() == []
    return home


@pytest.fixture
def home(here: Path, made_home: Path) -> Path:
    return Path(shutil.copytree(made_home, here / "dagster"))


@pytest.fixture
def well(here: Path, home: Path, shop: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """Everything as it should be: a shop, alerts, a jobs file that decides about every trigger, a daemon that lives."""
    before = os.umask(0o077)
    for name, value in {
        "TEMU_DATA_DIR": str(here / "shop"),
        "TEMU_JOBS_FILE": str(here / "jobs.toml"),
        "DAGSTER_HOME": str(home),
        "ALERT_MAIL_HOST": "localhost",
        "ALERT_MAIL_FROM": "program@example.invalid",
        "ALERT_MAIL_TO": "office@example.invalid",
    }.items():
        shop.setenv(name, value)
    write_jobs(here, enabled=True)
    heartbeat(home)
    yield shop
    os.umask(before)


def write_jobs(folder: Path, *, enabled: bool) -> None:
    jobs = [f"[jobs.{job.name}]\nenabled = {str(enabled).lower()}" for job in DEFAULTS.jobs.values() if job.cron]
    sensors = [f"[sensors.{name}]\nenabled = {str(enabled).lower()}" for name in DEFAULTS.sensors]
    (folder / "jobs.toml").write_text("\n".join([*jobs, *sensors]), encoding="utf-8")


def heartbeat(home: Path, *, age: float = 0.0) -> None:
    with dg.DagsterInstance.from_config(str(home)) as instance:
        for name in instance.get_required_daemon_types():
            instance.add_daemon_heartbeat(DaemonHeartbeat(time.time() - age, name, "one", []))


def found(run: Run, *, exit_code: int) -> dict[str, dict[str, str]]:
    """What ``doctor --json`` says, by name; twice one name would hide a line."""
    result: Result = run("doctor", "--json")
    assert CANARY not in result.output
    checks = json.loads(result.stdout)["checks"]
    assert all(check["remedy"] for check in checks if check["level"] != "ok")
    assert result.exit_code == exit_code, [check for check in checks if check["level"] != "ok"]
    lines = {check["name"]: check for check in checks}
    assert len(lines) == len(checks)
    return lines


def not_ok(lines: dict[str, dict[str, str]]) -> dict[str, str]:
    return {name: line["level"] for name, line in lines.items() if line["level"] != "ok"}


def test_where_all_is_well_every_line_says_so(run: Run, well: pytest.MonkeyPatch) -> None:
    lines = found(run, exit_code=0)
    assert not_ok(lines) == {}
    assert len(lines) > 28
    assert "s at most" in lines["time"]["found"]


@pytest.mark.parametrize(("off", "level"), [(59, "ok"), (-120, "warning"), (299, "warning"), (301, "error"), (-301, "error")])
def test_a_clock_that_is_off(run: Run, sandbox: RunningSandbox, well: pytest.MonkeyPatch, off: int, level: str) -> None:
    sandbox.shop.clock = lambda: time.time() - off
    lines = found(run, exit_code=int(level == "error"))
    assert lines["clock"]["level"] == level
    said = "ahead of" if off > 0 else "behind"
    assert said in lines["clock"]["found"]
    assert not_ok(lines).keys() <= {"clock"}, "the program itself copes with it"


def test_a_token_that_has_ended(run: Run, sandbox: RunningSandbox, well: pytest.MonkeyPatch) -> None:
    shop_settings.expire_token(sandbox.shop)
    lines = found(run, exit_code=1)
    assert not_ok(lines) == {"TEMU": "error"}
    assert "TEMU_ACCESS_TOKEN" in lines["TEMU"]["remedy"]
    assert lines["clock"]["level"] == "ok", "a refusal tells the time as well"


def test_a_token_with_five_days_left(run: Run, sandbox: RunningSandbox, well: pytest.MonkeyPatch) -> None:
    shop_settings.expire_token(sandbox.shop, in_days=5)
    lines = found(run, exit_code=0)
    assert not_ok(lines) == {"TEMU token": "warning"}
    assert "(4 days left)" in lines["TEMU token"]["found"] or "(5 days left)" in lines["TEMU token"]["found"]


def test_a_permission_that_is_missing(run: Run, sandbox: RunningSandbox, well: pytest.MonkeyPatch) -> None:
    shop_settings.revoke(sandbox.shop, "bg.local.goods.stock.edit")
    shop_settings.revoke(sandbox.shop, "bg.logistics.companies.get")
    lines = found(run, exit_code=1)
    assert not_ok(lines) == {"TEMU permissions": "error"}
    assert "bg.local.goods.stock.edit (no stock is sent" in lines["TEMU permissions"]["found"]
    assert "bg.logistics.companies.get (no parcel is reported)" in lines["TEMU permissions"]["found"]


@pytest.mark.parametrize(("code", "what"), [(5000003, "IP address"), (3000028, "suspended")])
def test_a_machine_or_an_app_that_temu_refuses(run: Run, sandbox: RunningSandbox, well: pytest.MonkeyPatch, code: int, what: str) -> None:
    sandbox.server.faults.order(Fault(FaultKind.BUSINESS_CODE, TOKEN, code=code, times=9))
    lines = found(run, exit_code=1)
    assert not_ok(lines) == {"TEMU": "error"}
    assert what in lines["TEMU"]["found"]


def test_a_temu_that_is_down(run: Run, sandbox: RunningSandbox, well: pytest.MonkeyPatch) -> None:
    well.setattr(doctor_checks, "LIMIT_SECONDS", 8.0)
    well.setenv("TEMU_API_ENDPOINT", "http://127.0.0.1:9/openapi/router")
    lines = found(run, exit_code=1)
    assert not_ok(lines) == {"TEMU": "error"}
    assert lines["JTL names"]["level"] == "ok"


def test_a_temu_that_hangs_is_given_up_and_hides_nothing(run: Run, sandbox: RunningSandbox, well: pytest.MonkeyPatch) -> None:
    well.setattr(doctor_checks, "LIMIT_SECONDS", 3.0)
    sandbox.server.faults.order(Fault(FaultKind.UNHEARD, TOKEN, seconds=6.0, times=1))
    lines = found(run, exit_code=1)
    assert not_ok(lines) == {"TEMU": "error"}
    assert "no answer within 3 s" in lines["TEMU"]["found"]
    assert lines["JTL names"]["level"] == lines["our database"]["level"] == lines["daemon"]["level"] == "ok"


def jtl_file(sandbox: RunningSandbox) -> Path:
    return Path(sandbox.jtl.url.removeprefix("sqlite:///"))


def test_a_jtl_that_is_not_there(run: Run, here: Path, well: pytest.MonkeyPatch) -> None:
    well.setenv("JTL_DATABASE_URL", f"sqlite:///{here / 'nowhere.db'}")
    lines = found(run, exit_code=1)
    assert not_ok(lines) == {"JTL": "error"}
    assert "nowhere.db" in lines["JTL"]["found"]


def test_a_jtl_that_is_locked_is_given_up(run: Run, here: Path, sandbox: RunningSandbox, well: pytest.MonkeyPatch) -> None:
    well.setattr(doctor_checks, "LIMIT_SECONDS", 3.0)
    copy = here / "jtl-copy.db"
    with sqlite3.connect(copy) as target, sqlite3.connect(jtl_file(sandbox)) as source:
        source.backup(target)
    well.setenv("JTL_DATABASE_URL", f"sqlite:///{copy}")
    holder = sqlite3.connect(copy, isolation_level=None)
    holder.execute("PRAGMA journal_mode=DELETE")
    holder.execute("BEGIN EXCLUSIVE")
    lines = found(run, exit_code=1)
    holder.close()
    assert not_ok(lines) == {"JTL": "error"}
    assert "no answer within 3 s" in lines["JTL"]["found"] or "locked" in lines["JTL"]["found"]


@pytest.mark.parametrize(
    ("change", "line", "level", "what"),
    [
        ("ALTER TABLE tVersand RENAME COLUMN cIdentCode TO cOther", "JTL", "error", "dbo.tVersand.cIdentCode"),
        ("ALTER TABLE tAuftragPosition RENAME COLUMN fMwSt TO fOther", "JTL database", "warning", "reconcile"),
        ("UPDATE tversandart SET cName = 'Other' WHERE cName = 'TEMU'", "JTL names", "error", "no shipping method 'TEMU'"),
    ],
)
def test_a_jtl_that_lacks_something(
    run: Run, sandbox: RunningSandbox, well: pytest.MonkeyPatch, change: str, line: str, level: str, what: str
) -> None:
    with sqlite3.connect(jtl_file(sandbox)) as jtl:
        for (view,) in jtl.execute("SELECT name FROM sqlite_master WHERE type = 'view' AND sql LIKE '%tVersand%'").fetchall():
            jtl.execute(f"DROP VIEW {view}")
        jtl.execute(change)
    lines = found(run, exit_code=int(level == "error"))
    assert not_ok(lines) == {line: level}
    assert what in lines[line]["found"]


def test_a_shipping_method_without_a_carrier(run: Run, here: Path, well: pytest.MonkeyPatch) -> None:
    (here / "carriers.csv").write_text("jtl_shipping_method,temu_carrier\nSpedition,No such carrier\n")
    well.setenv("TEMU_CARRIER_MAP", str(here / "carriers.csv"))
    lines = found(run, exit_code=0)
    assert not_ok(lines) == {"shipping methods": "warning"}
    assert "spedition" in lines["shipping methods"]["found"]


def test_a_data_folder_that_cannot_be_used(run: Run, here: Path, well: pytest.MonkeyPatch) -> None:
    (here / "file").write_text("")
    well.setenv("TEMU_DATA_DIR", str(here / "file" / "data"))
    well.setenv("TOCI_DATABASE_URL", f"sqlite:///{here / 'toci.db'}")
    lines = found(run, exit_code=1)
    assert not_ok(lines) == {"data folder": "error"}


@pytest.mark.parametrize(("free", "level"), [(50_000_000, "error"), (500_000_000, "warning")])
def test_a_disk_that_is_full(run: Run, well: pytest.MonkeyPatch, free: int, level: str) -> None:
    usage: Any = shutil._ntuple_diskusage
    well.setattr(shutil, "disk_usage", lambda _: usage(10**12, 10**12 - free, free))
    lines = found(run, exit_code=int(level == "error"))
    assert not_ok(lines) == {"disk space": level}


@pytest.mark.skipif(sys.platform == "win32", reason="mode bits")
def test_files_that_others_may_read(run: Run, here: Path, well: pytest.MonkeyPatch) -> None:
    found(run, exit_code=0)
    (here / "shop" / "toci.db").chmod(0o644)
    (here / ".env").write_text("")
    (here / ".env").chmod(0o604)
    (here / "token").write_text("whatever\n")
    (here / "token").chmod(0o644)
    well.setenv("UPLOAD_TOKEN_FILE", str(here / "token"))
    lines = found(run, exit_code=0)
    assert not_ok(lines) == {"file rights": "warning"}
    assert f"chmod o-rwx {here / '.env'} {here / 'token'} {here / 'shop' / 'toci.db'}" in lines["file rights"]["remedy"]
    assert f"UPLOAD_TOKEN from {here / 'token'}" in lines["secrets"]["found"]
    (here / "shop").chmod(0o755)
    assert f"chmod -R o-rwx {here / 'shop'}" in found(run, exit_code=0)["file rights"]["remedy"]


def test_a_secret_file_that_is_missing(run: Run, here: Path, well: pytest.MonkeyPatch) -> None:
    well.setenv("SQL_PASSWORD_FILE", str(here / "missing"))
    lines = found(run, exit_code=1)
    assert not_ok(lines)["settings"] == "error"
    assert str(here / "missing") in lines["settings"]["found"]


@pytest.mark.parametrize("password", PRINTED)
def test_a_password_everybody_can_read_in_the_documents(run: Run, here: Path, well: pytest.MonkeyPatch, password: str) -> None:
    assert any(password in page.read_text(encoding="utf-8") for page in (PROJECT / "docs").rglob("sql*/*") if page.is_file()) or (
        password in (PROJECT / "docs" / "sql-server.md").read_text(encoding="utf-8")
    )
    well.setenv("UPLOAD_TOKEN", f"{password}-and-more")
    lines = found(run, exit_code=1)
    assert not_ok(lines) == {"secrets": "error"}
    assert "UPLOAD_TOKEN" in lines["secrets"]["found"]
    assert password not in str(lines)


def test_secrets_handed_over_by_docker_are_for_the_container_and_no_warning(run: Run, here: Path, well: pytest.MonkeyPatch) -> None:
    (here / "credentials").mkdir()
    (here / "credentials" / "upload_token").write_text("whatever")
    (here / "credentials" / "upload_token").chmod(0o444)
    well.setenv("CREDENTIALS_DIRECTORY", str(here / "credentials"))
    assert not_ok(found(run, exit_code=0)) == {}
    assert doctor_files.is_open(here / "credentials" / "upload_token")


def test_a_dagster_home_that_is_missing_relative_or_was_never_set_up(run: Run, here: Path, well: pytest.MonkeyPatch) -> None:
    well.setenv("DAGSTER_HOME", str(here / "nowhere"))
    assert not_ok(found(run, exit_code=1)) == {"DAGSTER_HOME": "error"}
    well.setenv("DAGSTER_HOME", "dagster")
    assert "relative" in found(run, exit_code=1)["DAGSTER_HOME"]["found"]
    (here / "empty").mkdir()
    well.setenv("DAGSTER_HOME", str(here / "empty"))
    lines = found(run, exit_code=1)
    assert not_ok(lines) == {"dagster.yaml": "warning", "Dagster's storage": "error"}
    assert "dagster instance migrate" in lines["Dagster's storage"]["remedy"]
    assert list((here / "empty").iterdir()) == [], "looking sets nothing up"
    well.delenv("DAGSTER_HOME")
    assert not_ok(found(run, exit_code=0)) == {"DAGSTER_HOME": "warning"}


def test_a_dagster_yaml_without_limits(run: Run, home: Path, well: pytest.MonkeyPatch) -> None:
    (home / "dagster.yaml").write_text("telemetry:\n  enabled: false\n")
    heartbeat(home)
    lines = found(run, exit_code=0)
    assert not_ok(lines) == {"dagster.yaml": "warning"}
    assert "run_monitoring" in lines["dagster.yaml"]["found"]


def test_a_history_of_an_older_dagster(run: Run, home: Path, well: pytest.MonkeyPatch) -> None:
    with sqlite3.connect(home / "history" / "runs.db") as runs:
        runs.execute("UPDATE alembic_version SET version_num = '7f2b1a4ca7a5'")
    lines = found(run, exit_code=1)
    assert not_ok(lines)["Dagster's storage"] == "error"


def test_a_daemon_that_died(run: Run, home: Path, well: pytest.MonkeyPatch) -> None:
    heartbeat(home, age=600)
    lines = found(run, exit_code=1)
    assert not_ok(lines) == {"daemon": "error"}
    assert "no sign of life since" in lines["daemon"]["found"]


def test_a_daemon_that_never_ran(run: Run, made_home: Path, here: Path, well: pytest.MonkeyPatch) -> None:
    shutil.copytree(made_home, here / "other")
    well.setenv("DAGSTER_HOME", str(here / "other"))
    assert not_ok(found(run, exit_code=1)) == {"daemon": "error"}
    write_jobs(here, enabled=False)
    assert not_ok(found(run, exit_code=0)) == {"daemon": "warning"}


def test_schedules_nobody_switched_on(run: Run, here: Path, well: pytest.MonkeyPatch) -> None:
    (here / "jobs.toml").write_text("[jobs.temu_orders_sync]\nenabled = true\n")
    lines = found(run, exit_code=0)
    assert not_ok(lines) == {"schedules and sensors": "warning"}
    assert "nobody has decided about" in lines["schedules and sensors"]["found"]
    assert "temu_inventory_sync_schedule" in lines["schedules and sensors"]["found"]
    write_jobs(here, enabled=False)
    assert not_ok(found(run, exit_code=0)) == {}


def test_a_jobs_file_with_a_mistake(run: Run, here: Path, well: pytest.MonkeyPatch) -> None:
    (here / "jobs.toml").write_text("[jobs.temu_orders_sync]\ncron = 'every now and then'\n")
    lines = found(run, exit_code=1)
    assert not_ok(lines) == {"jobs file": "error"}
    assert "jobs.toml" in lines["jobs file"]["found"]


def test_a_run_that_waits_for_ever(run: Run, home: Path, well: pytest.MonkeyPatch) -> None:
    with dg.DagsterInstance.from_config(str(home)) as instance:
        waiting = create_run_for_test(instance, job_name="temu_orders_sync", status=dg.DagsterRunStatus.NOT_STARTED)
    assert not_ok(found(run, exit_code=0)) == {}
    with sqlite3.connect(home / "history" / "runs.db") as runs:
        runs.execute("UPDATE runs SET create_timestamp = ?", ((datetime.now(UTC) - timedelta(hours=5)).strftime("%Y-%m-%d %H:%M:%S.%f"),))
    lines = found(run, exit_code=0)
    assert not_ok(lines) == {"stuck runs": "warning"}
    assert f"{waiting.run_id[:8]} (temu_orders_sync) waits for 5 h" in lines["stuck runs"]["found"]


def test_our_database_of_an_older_version(run: Run, here: Path, well: pytest.MonkeyPatch) -> None:
    found(run, exit_code=0)
    with sqlite3.connect(here / "shop" / "toci.db") as ours:
        ours.execute("UPDATE alembic_version SET version_num = '0003'")
    lines = found(run, exit_code=0)
    assert not_ok(lines) == {"our database": "warning"}
    assert "0003" in lines["our database"]["found"]
    with sqlite3.connect(here / "shop" / "toci.db") as ours:
        assert ours.execute("SELECT version_num FROM alembic_version").fetchall() == [("0003",)], "looking changes nothing"
        ours.execute("UPDATE alembic_version SET version_num = '9999'")
    assert "newer version" in found(run, exit_code=1)["our database"]["found"]


def test_a_dry_run(run: Run, well: pytest.MonkeyPatch) -> None:
    well.setenv("TEMU_DRY_RUN", "true")
    lines = found(run, exit_code=0)
    assert not_ok(lines) == {"dry run": "warning"}
    assert "nothing is sent to TEMU" in lines["dry run"]["found"]


def test_a_setting_with_two_values(run: Run, well: pytest.MonkeyPatch) -> None:
    """Dagster puts the lines of .env over the environment; the command line does the opposite."""
    Path(".env").write_text(f"TEMU_SHOP=temu\nALERT_MAIL_FROM=\nJTL_FIRMA=1\nUPLOAD_TOKEN={CANARY}\n", encoding="utf-8")
    Path(".env").chmod(0o600)
    well.setenv("TEMU_SHOP", "temu")
    well.setenv("UPLOAD_TOKEN", "another")
    lines = found(run, exit_code=0)
    assert not_ok(lines) == {"given twice": "warning"}
    assert {*lines["given twice"]["found"].partition(": ")[0].split(", ")} == {"ALERT_MAIL_FROM", "UPLOAD_TOKEN"}
    assert CANARY not in str(lines)


def test_alerts_that_nobody_gets(run: Run, well: pytest.MonkeyPatch) -> None:
    for name in ("ALERT_MAIL_HOST", "ALERT_MAIL_FROM", "ALERT_MAIL_TO"):
        well.delenv(name)
    assert not_ok(found(run, exit_code=0)) == {"alerts": "warning"}
    well.setenv("ALERT_MAIL_HOST", "localhost")
    assert not_ok(found(run, exit_code=1)) == {"alerts": "error"}


def test_a_sandbox_where_a_shop_should_be(run: Run, here: Path, well: pytest.MonkeyPatch) -> None:
    found(run, exit_code=0)
    for name in ("TEMU_APP_KEY", "TEMU_APP_SECRET", "TEMU_ACCESS_TOKEN", "TEMU_API_ENDPOINT", "JTL_DATABASE_URL"):
        well.delenv(name)
    result = json.loads(run("doctor", "--json").stdout)["checks"]
    lines = {check["name"]: check for check in result}
    assert lines["sandbox"]["level"] == "warning"
    assert "toci.db holds a shop's books" in lines["sandbox"]["found"]
