"""The same where the program runs as it does at night: in processes of its own at DEBUG, in the sensor, and on the command line."""

from __future__ import annotations

import dataclasses
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import dagster as dg
import pytest
from click.testing import CliRunner

import temu_assets
from temu_assets.automation.sensors import build_orders_sensor
from temu_assets.automation.triggers import ALL_ON
from temu_assets.cli import main
from temu_assets.orders import looking
from temu_assets.toci import problems
from temu_assets_tests.canary.canaries import APP_SECRET, BUYER, PASSWORD, TOKEN, found_in
from temu_assets_tests.hostile.proxy import Proxy
from temu_assets_tests.seller import AMOUNTS, Seller

Leaks = Callable[[], dict[str, set[str]]]
EVERYTHING_AT_DEBUG = """
python_logs:
  python_log_level: DEBUG
  managed_python_loggers: [root, httpx, httpcore, sqlalchemy, sqlalchemy.engine]
telemetry:
  enabled: false
"""


def run_alone(home: Path, job: str) -> subprocess.CompletedProcess[str]:
    """A job as a process of its own, as cron or a service would start it."""
    environment = {name: value for name, value in os.environ.items() if name != "COVERAGE_PROCESS_START"}
    return subprocess.run(
        [sys.executable, "-m", "dagster", "job", "execute", "-m", "temu_assets.definitions", "-j", job],
        env=environment | {"DAGSTER_HOME": str(home), "PYTHONPATH": str(Path(temu_assets.__file__).parent.parent)},
        cwd=home.parent,
        capture_output=True,
        text=True,
        check=False,
    )


def test_nothing_shows_of_a_process_of_its_own(watched: Seller, home: Path, proxy: Proxy, leaks: Leaks) -> None:
    """One that goes well with an order parked, and one whose TEMU says our request back."""
    (home / "dagster.yaml").write_text(EVERYTHING_AT_DEBUG, encoding="utf-8")
    watched.place(address=dataclasses.replace(BUYER))
    watched.place(address=dataclasses.replace(BUYER, name="Kanarina \x07 Zeisig"))
    watched.fault("set_field", AMOUNTS, path="orderList", value={BUYER.name: BUYER.street})
    good = run_alone(home, "temu_orders_sync")
    assert good.returncode == 0, good.stderr[-2000:]
    assert "SELECT" in good.stderr + good.stdout  # it does tell all it has
    proxy.say = lambda body: (
        200,
        {"X-Echo": TOKEN},
        json.dumps({"success": False, "errorCode": 222222222, "errorMsg": f"{body.decode()} {BUYER.street}"}).encode(),
    )
    bad = run_alone(home, "temu_orders_sync")
    assert bad.returncode != 0
    assert "TEMU answered code 222222222" in bad.stderr + bad.stdout
    assert found_in(good.stdout + good.stderr + bad.stdout + bad.stderr) == set()
    assert leaks() == {}


def _stumble(*_: object, **__: object) -> object:
    raise KeyError(BUYER.name)


def test_nothing_shows_of_a_sensor_that_fails(watched: Seller, monkeypatch: pytest.MonkeyPatch) -> None:
    """Dagster keeps why a tick failed."""
    monkeypatch.setattr(looking, "news", _stumble)
    context = dg.build_sensor_context(instance=watched.instance)
    with pytest.raises(dg.Failure, match="A bug of this program: KeyError") as caught:
        build_orders_sensor(ALL_ON)(context)
    assert caught.value.__suppress_context__
    assert found_in(str(caught.value)) == set()


COMMANDS = [
    ["doctor"],
    ["doctor", "--json"],
    ["problems"],
    ["problems", "--all"],
    ["problems", "list", "--json"],
    ["problems", "show", "order_held"],
    ["migrate"],
]
WRONG_SETTINGS: list[dict[str, str]] = [
    {},
    {"TOCI_DATABASE_URL": f"postgresql+psycopg://temu:{PASSWORD.replace('@', '%40').replace('/', '%2F')}@127.0.0.1:1/toci"},
    {"TOCI_DATABASE_URL": f"mssql+pyodbc://temu:{PASSWORD}@127.0.0.1:x/toci"},
    {"JTL_DATABASE_URL": f"{PASSWORD}"},
    {"TEMU_API_ENDPOINT": f"https://temu:{TOKEN}@example.invalid/router", "JTL_FIRMA": APP_SECRET},
]


@pytest.mark.parametrize("wrong", WRONG_SETTINGS, ids=lambda wrong: " ".join(wrong) or "right")
def test_nothing_shows_on_the_command_line(watched: Seller, leaks: Leaks, wrong: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    watched.place(address=dataclasses.replace(BUYER, street="Stieglitzgasse " * 30))
    assert watched.run().success
    for name, value in wrong.items():
        monkeypatch.setenv(name, value)
    for command in COMMANDS:
        told = CliRunner().invoke(main, command)
        assert told.output
        assert found_in(told.output) == set(), command
        assert told.exception is None or isinstance(told.exception, SystemExit)
    assert leaks() == {}


def test_a_bug_behind_a_command_is_told_by_kind_and_place(watched: Seller, monkeypatch: pytest.MonkeyPatch) -> None:
    del watched
    monkeypatch.setattr(problems, "open_problems", _stumble)
    told = CliRunner().invoke(main, ["problems", "list"])
    assert told.exit_code == 1
    assert "A bug of this program: KeyError at canary/test_processes.py" in told.output
    assert "temu_assets/cli/problems.py" in told.output
    assert found_in(told.output) == set()
