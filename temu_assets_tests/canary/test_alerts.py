"""No secret and no buyer in any alert: not in what is sent, not in what is kept, not in what a command or a tick says of it."""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import Callable, Iterator
from pathlib import Path

import dagster as dg
import pytest
from click.testing import CliRunner

from temu_assets.automation.alerts_sensor import build_alerts_sensor
from temu_assets.automation.triggers import ALL_ON
from temu_assets.cli import main
from temu_assets.toci.tables import alerts, job_runs
from temu_assets_tests.alerts.receivers import MailServer, Receiver, knows, mail_server, receiver
from temu_assets_tests.canary.canaries import APP_SECRET, BUYER, PASSWORD, TOKEN, found_in
from temu_assets_tests.canary.test_processes import run_alone
from temu_assets_tests.hostile.proxy import Proxy
from temu_assets_tests.seller import AMOUNTS, Seller
from temu_assets_tests.tds.certificates import make_context

Leaks = Callable[[], dict[str, set[str]]]
SAID = f"{BUYER.name}, {BUYER.street}, {BUYER.postcode}, {TOKEN}, {APP_SECRET}, {PASSWORD}"


@dataclasses.dataclass
class Told:
    """Where alerts arrive."""

    mail: MailServer
    hook: Receiver

    def canaries(self) -> set[str]:
        mails = [f"{message.as_string()} {message.get_content()}" for message in self.mail.messages]
        hooks = [f"{each.headers} {each.body.decode()}" for each in self.hook.received]
        # The webhook's own token goes to the webhook, as it must.
        return found_in("\n".join([*mails, *hooks]).replace(f"Bearer {TOKEN}", ""))


@pytest.fixture
def told(watched: Seller, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> Iterator[Told]:
    """By mail with a login, and by a webhook whose URL and token are secrets; the secrets are canaries."""
    # The mail server is not ours: what it logs of what it says is its own business.
    caplog.set_level(logging.CRITICAL, logger="mail.log")
    certificates = tmp_path / "certificates"
    certificates.mkdir()
    context = make_context(certificates)
    with mail_server(tls_context=context, authenticator=knows, auth_required=True, require_starttls=True) as mail, receiver() as hook:
        for name, value in {
            "SSL_CERT_FILE": str(certificates / "certificate.pem"),
            "ALERT_MAIL_HOST": "localhost",
            "ALERT_MAIL_PORT": str(mail.port),
            "ALERT_MAIL_USERNAME": "alerts",
            "ALERT_MAIL_PASSWORD": PASSWORD,
            "ALERT_MAIL_FROM": "temu@example.invalid",
            "ALERT_MAIL_TO": "office@example.invalid",
            "ALERT_WEBHOOK_URL": f"http://127.0.0.1:{hook.port}/hook",
            "ALERT_WEBHOOK_TOKEN": TOKEN,
        }.items():
            monkeypatch.setenv(name, value)
        yield Told(mail, hook)


def command(*arguments: str) -> str:
    found = CliRunner().invoke(main, ["alerts", *arguments])
    assert found.exception is None or isinstance(found.exception, SystemExit)
    return found.output


def test_nothing_shows_of_real_runs_and_parked_orders(watched: Seller, home: Path, proxy: Proxy, told: Told, leaks: Leaks) -> None:
    """A run as it is at night, with a buyer whose order is parked and a TEMU that says our request back."""
    watched.place(address=dataclasses.replace(BUYER, name="Kanarina \x07 Zeisig"))
    watched.place(address=dataclasses.replace(BUYER, street="Stieglitzgasse " * 30))
    watched.fault("set_field", AMOUNTS, path="orderList", value={BUYER.name: BUYER.street})
    assert run_alone(home, "temu_orders_sync").returncode == 0
    proxy.say = lambda body: (
        200,
        {"X-Echo": TOKEN},
        b'{"success": false, "errorCode": 222222222, "errorMsg": "' + SAID.encode() + b'"}',
    )
    assert run_alone(home, "temu_orders_sync").returncode != 0
    output = command("check")
    assert "Told by mail" in output
    assert "Told by webhook" in output
    assert {row.kind for row in watched.rows(alerts)} >= {"run_failed", "problem"}
    assert {row.status for row in watched.rows(job_runs)} == {"success", "failure"}
    assert "temu_orders_sync failed" in told.mail.text()
    assert told.canaries() == set()
    assert found_in(output + command("list", "--all") + command("test")) == set()
    assert leaks() == {}


def test_nothing_shows_of_a_way_that_says_everything_back(
    watched: Seller, told: Told, leaks: Leaks, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Servers that quote our password, token and a buyer, and URLs that are secrets."""
    told.mail.refuse = f"554 5.7.1 {SAID} token".encode("ascii", "replace").decode()
    told.hook.answers += [(404, SAID)] * 9
    said = command("test")
    assert said.count("not sent") == 2
    monkeypatch.setenv("ALERT_MAIL_PASSWORD", PASSWORD[:-1])
    monkeypatch.setenv("ALERT_HEARTBEAT_URL", f"http://127.0.0.1:1/{TOKEN.replace('/', '')}/{TOKEN}")
    said += command("test")
    for wrong in (f"https://user:{PASSWORD}@example.invalid/{TOKEN}", f"http://example.invalid/{TOKEN}", TOKEN):
        monkeypatch.setenv("ALERT_WEBHOOK_URL", wrong)
        said += command("test") + command("check") + command("list")
    with dg.build_sensor_context(instance=watched.instance) as context:
        skipped = build_alerts_sensor(ALL_ON)(context)
    assert isinstance(skipped, dg.SkipReason)
    assert found_in(said + str(skipped.skip_message)) == set()
    assert told.canaries() == set()
    assert leaks() == {}
