"""A daemon that is really started, over a history in which a run has failed: what the mail server, the webhook and the heartbeat get."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

from pydantic import SecretStr

from temu_assets.toci.database import Toci, open_engine
from temu_assets.toci.revision import ensure_current
from temu_assets_tests.alerts.conftest import House
from temu_assets_tests.alerts.receivers import MailServer, Receiver, mail_server, receiver
from temu_assets_tests.api.server import open_server, until

JOBS_FILE = "[sensors.alerts_sensor]\nenabled = true\n"


def fail_before(folder: Path) -> None:
    """A run that failed before the daemon was there; so its first tick has something to tell."""
    toci = Toci(open_engine(SecretStr(f"sqlite:///{folder / 'data' / 'toci.db'}")), "temu")
    ensure_current(toci)
    house = House(toci, MailServer(), Receiver(), now=datetime.now(UTC))
    house.fail(error_kind="TemuAuthorisation")
    toci.close()


def test_a_failed_run_is_told_by_the_daemon_and_not_again_by_the_command(tmp_path: Path) -> None:
    (tmp_path / "jobs.toml").write_text(JOBS_FILE, encoding="utf-8")
    fail_before(tmp_path)
    with mail_server() as mail, receiver() as hook, receiver() as heart:
        settings = {
            "TEMU_JOBS_FILE": str(tmp_path / "jobs.toml"),
            "TOCI_DATABASE_URL": f"sqlite:///{tmp_path / 'data' / 'toci.db'}",
            "ALERT_MAIL_HOST": "127.0.0.1",
            "ALERT_MAIL_PORT": str(mail.port),
            "ALERT_MAIL_SECURITY": "none",
            "ALERT_MAIL_FROM": "temu@example.invalid",
            "ALERT_MAIL_TO": "office@example.invalid",
            "ALERT_WEBHOOK_URL": hook.url,
            "ALERT_HEARTBEAT_URL": heart.url,
        }
        with open_server(tmp_path, orders=10, **settings) as server:
            until(lambda: bool(hook.received), "the alert")
        assert mail.subjects() == ["[temu-assets temu] TEMU refuses access"]
        assert [each.json["subject"] for each in hook.received] == mail.subjects()
        assert {each.method for each in heart.received} == {"GET"}
        # Without the daemon the command looks: it knows what was told.
        command = [sys.executable, "-m", "temu_assets", "alerts", "check"]
        checked = subprocess.run(command, env=server.environment, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert checked.stdout == "Nothing new.\nOpen: 1.\n", checked.stderr
        assert len(mail.messages) == 1
