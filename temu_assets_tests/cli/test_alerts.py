"""``temu-assets alerts``: what it says, what it sends, how it ends."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from click.testing import CliRunner, Result

from temu_assets.cli import main
from temu_assets.cli.doctor_alerts import failing_lines
from temu_assets_tests.alerts.conftest import House, house
from temu_assets_tests.alerts.receivers import free_port

__all__ = ["house"]

Run = Callable[..., Result]


@pytest.fixture
def run(house: House) -> Run:
    """The clock of the command is the real one."""
    house.now = datetime.now(UTC)
    return lambda *command: CliRunner().invoke(main, ["alerts", *command])


def test_check_tells_what_is_due_once(house: House, run: Run) -> None:
    quiet = run("check")
    assert (quiet.exit_code, quiet.output) == (0, "Nothing new.\nNothing is wrong.\n")
    house.fail()
    told = run("check")
    assert (told.exit_code, told.output) == (0, "Told by mail: 1.\nTold by webhook: 1.\nOpen: 1.\n")
    again = run("check")
    assert (again.exit_code, again.output) == (0, "Nothing new.\nOpen: 1.\n")
    assert len(house.mail.messages) == len(house.hook.received) == 1


def test_check_ends_with_1_when_nobody_could_be_told(house: House, run: Run) -> None:
    house.fail()
    house.mail.stop()
    failed = run("check")
    assert failed.exit_code == 1
    assert "Told by webhook: 1." in failed.output
    assert "Nobody was told by mail: At 127.0.0.1" in failed.output
    assert "What to do: check ALERT_MAIL_HOST" in failed.output


def test_without_any_way_every_command_says_so(house: House, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("ALERT_MAIL_HOST", "ALERT_MAIL_FROM", "ALERT_MAIL_TO", "ALERT_WEBHOOK_URL"):
        monkeypatch.delenv(name)
    for command in ("check", "test"):
        told = run(command)
        assert told.exit_code == 1
        assert "No way to tell anybody is set." in told.output
    assert "nobody is told of anything" in run("list").output


def test_test_says_what_each_server_answered(house: House, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALERT_HEARTBEAT_URL", house.hook.url)
    good = run("test")
    assert good.exit_code == 0
    assert "mail: sent; the mail server took it for 1 recipient." in good.output
    assert "webhook: sent; 127.0.0.1 (json) took it with HTTP 200." in good.output
    assert "heartbeat: told." in good.output
    assert house.mail.subjects() == ["[temu-assets sandbox] test: alerts arrive here"]
    house.mail.refuse = "550 5.7.1 no"
    house.hook.answers.append((404, "no_service"))
    monkeypatch.setenv("ALERT_HEARTBEAT_URL", f"http://127.0.0.1:{free_port()}/x")
    bad = run("test")
    assert bad.exit_code == 1
    assert "mail: not sent. The mail server 127.0.0.1" in bad.output
    assert "550 (the mailbox does not exist, or the server refuses to pass the mail on)" in bad.output
    assert "webhook: not sent. The webhook at 127.0.0.1 (json) did not take the message: it answered HTTP 404" in bad.output
    assert "heartbeat: not told." in bad.output
    # A test is no alert: nothing is remembered of it.
    assert house.rows() == {}


def test_test_needs_no_database(house: House, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOCI_DATABASE_URL", "postgresql+psycopg://nobody@127.0.0.1:1/toci")
    assert run("test").exit_code == 0


def test_list_shows_what_is_open_and_when_it_was_told(house: House, run: Run) -> None:
    assert run("list").output == "Nothing is open for shop 'sandbox'.\n"
    house.fail()
    house.hook.answers.append((500, ""))
    run("check")
    told = run("list").output
    assert "run_failed temu_orders_sync | ConfigurationError: temu_orders_sync failed, since 20" in told
    assert "What to do: correct the setting." in told
    assert "Told: by mail at 20" in told
    assert "By webhook nobody could be told since 20" in told
    house.now = datetime.now(UTC)
    house.succeed()
    run("check")
    run("check")
    assert run("list").output == "Nothing is open for shop 'sandbox'.\n"
    over = run("list", "--all").output
    assert "over since 20" in over
    assert "Told: by mail, with the all clear" in over


def test_doctor_says_by_which_way_nobody_can_be_told(house: House, run: Run) -> None:
    assert list(failing_lines(house.toci)) == []
    house.fail()
    house.mail.stop()
    run("check")
    (line,) = failing_lines(house.toci)
    assert "nobody could be told by mail: At 127.0.0.1" in line.found
    assert line.remedy.endswith("temu-assets alerts test")
    house.mail.start()
    run("check")
    assert list(failing_lines(house.toci)) == []


def test_wrong_settings_end_it_plainly(house: House, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALERT_MAIL_TO", "not an address")
    told = run("check")
    assert told.exit_code == 1
    assert "ALERT_MAIL_TO" in told.output
    assert "not an address" not in told.output
