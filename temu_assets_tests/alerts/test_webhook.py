"""Webhooks of every kind, and the heartbeat, received over HTTP."""

from __future__ import annotations

import json
import ssl
from dataclasses import replace
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from temu_assets.alert_settings import AlertSettings, WebhookAccess, WebhookKind
from temu_assets.alerts import http
from temu_assets.alerts.message import Message
from temu_assets.alerts.payloads import payload
from temu_assets.alerts.webhook import beat, send_to_webhook
from temu_assets.errors import ConfigurationError, TemuAssetsError, TransientError
from temu_assets_tests.alerts.receivers import Receiver, free_port, receiver
from temu_assets_tests.tds.certificates import make_context

SECRET = "canarytoken-Rotkehlchen"
MESSAGE = Message("[temu-assets temu] a failed", ("New: a <b> & *c*", "Look: http://ui"), "http://ui", True, {"subject": "a failed"})


def access(to: Receiver, kind: WebhookKind = WebhookKind.JSON, token: str | None = None) -> WebhookAccess:
    return WebhookAccess(SecretStr(to.url), kind, SecretStr(token) if token else None)


def failure(of: WebhookAccess) -> TemuAssetsError:
    with pytest.raises(TemuAssetsError) as caught:
        send_to_webhook(of, MESSAGE)
    assert SECRET not in str(caught.value)
    assert caught.value.__context__ is None or caught.value.__suppress_context__
    return caught.value


def test_json_carries_everything() -> None:
    with receiver() as to:
        assert send_to_webhook(access(to, token="tk_1"), MESSAGE) == "127.0.0.1 (json) took it with HTTP 200"
    (request,) = to.received
    assert request.method == "POST"
    assert request.headers["Authorization"] == "Bearer tk_1"
    assert request.json == {"subject": "a failed", "text": MESSAGE.text}


def test_slack_gets_plain_text_blocks() -> None:
    with receiver() as to:
        send_to_webhook(access(to, WebhookKind.SLACK), replace(MESSAGE, subject="<!channel> & co"))
    body = to.received[0].json
    assert body["text"] == "&lt;!channel&gt; &amp; co"
    assert [block["type"] for block in body["blocks"]] == ["header", "section", "section"]
    assert {block["text"]["type"] for block in body["blocks"]} == {"plain_text"}
    assert "Authorization" not in to.received[0].headers


def test_teams_gets_an_adaptive_card() -> None:
    with receiver() as to:
        send_to_webhook(access(to, WebhookKind.TEAMS), MESSAGE)
    body = to.received[0].json
    assert body["type"] == "message"
    (attachment,) = body["attachments"]
    assert attachment["contentType"] == "application/vnd.microsoft.card.adaptive"
    card = attachment["content"]
    assert (card["type"], card["version"]) == ("AdaptiveCard", "1.4")
    assert [block["inlines"][0]["text"] for block in card["body"]] == [MESSAGE.subject, "New: a <b> & *c*", "Look: http://ui"]
    assert card["actions"] == [{"type": "Action.OpenUrl", "title": "Open Dagster", "url": "http://ui"}]


def test_ntfy_gets_headers_and_text() -> None:
    with receiver() as to:
        send_to_webhook(access(to, WebhookKind.NTFY, "tk_2"), replace(MESSAGE, subject="Größe"))
    (request,) = to.received
    assert request.body.decode() == MESSAGE.text
    assert request.headers["Title"] == "=?UTF-8?B?R3LDtsOfZQ==?="
    assert (request.headers["Priority"], request.headers["Tags"], request.headers["Click"]) == ("high", "warning", "http://ui")
    assert request.headers["Authorization"] == "Bearer tk_2"


@given(st.text(), st.lists(st.text(min_size=1, max_size=4000), max_size=80), st.sampled_from(WebhookKind))
def test_no_text_is_too_long_or_too_strange_for_any_of_them(subject: str, blocks: list[str], kind: WebhookKind) -> None:
    message = Message(" ".join(subject.split()), tuple(blocks), "http://ui", is_urgent=False, facts={})
    made = payload(message, kind)
    if kind is WebhookKind.NTFY:
        assert len(made.body) < 4096
        made.body.decode()
        assert made.headers["Title"].isascii()
        assert made.headers["Title"].isprintable() or not message.subject.isprintable()
        return
    body = json.loads(made.body)
    if kind is WebhookKind.TEAMS:
        assert len(made.body) < 28_000 + 4 * len(subject)
    if kind is WebhookKind.SLACK:
        assert len(body["blocks"]) <= 50
        assert all(0 < len(block["text"]["text"]) <= 3000 for block in body["blocks"][1:])
        assert len(body["blocks"][0]["text"]["text"]) <= 150


@pytest.mark.parametrize(
    ("host", "kind"),
    [
        ("hooks.slack.com", "slack"),
        ("prod-12.germanywestcentral.logic.azure.com", "teams"),
        ("default0a.1f.environment.api.powerplatform.com", "teams"),
        ("firma.webhook.office.com", "teams"),
        ("ntfy.sh", "ntfy"),
        ("ntfy.example.invalid", "ntfy"),
        ("nothooks.slack.com.example.invalid", "json"),
        ("evilntfy.sh", "json"),
    ],
)
def test_the_kind_is_known_by_the_host(host: str, kind: str) -> None:
    found = AlertSettings(alert_webhook_url=SecretStr(f"https://{host}/x")).alert_webhook()
    assert found is not None
    assert found.kind == kind
    chosen = AlertSettings(alert_webhook_url=SecretStr(f"https://{host}/x"), alert_webhook_kind=WebhookKind.JSON).alert_webhook()
    assert chosen is not None
    assert chosen.kind is WebhookKind.JSON


@pytest.mark.parametrize(
    "url", ["http://example.invalid/x", "ftp://example.invalid", "https://", "https://u:p@example.invalid", "x", "https://[1"]
)
def test_only_https_leaves_this_machine(url: str) -> None:
    for settings in (AlertSettings(alert_webhook_url=SecretStr(url)), AlertSettings(alert_heartbeat_url=SecretStr(url))):
        with pytest.raises(ConfigurationError, match="must be a full https") as caught:
            settings.alert_webhook() if settings.alert_webhook_url else settings.alert_heartbeat()
        assert "u:p" not in str(caught.value)


@pytest.mark.parametrize(
    ("status", "text", "words", "error"),
    [
        (500, "", "its own error", TransientError),
        (503, SECRET, "its own error", TransientError),
        (429, "", "asked too often", TransientError),
        (404, "no_service", '(there is nothing under this URL; was the webhook deleted?), with the words "no_service"', ConfigurationError),
        (400, f"<b>{SECRET}</b>", "does not understand", ConfigurationError),
        (410, "", "was removed", ConfigurationError),
        (418, "", "it refuses", ConfigurationError),
    ],
)
def test_what_is_refused_is_told_in_plain_words(status: int, text: str, words: str, error: type[TemuAssetsError]) -> None:
    with receiver() as to:
        to.answers.append((status, text))
        told = failure(access(to))
    assert words in told.what
    assert f"HTTP {status}" in told.what
    assert isinstance(told, error)


def test_no_redirect_is_followed() -> None:
    with receiver() as to, receiver() as elsewhere:
        to.answers.append((307, elsewhere.url))
        assert "not followed" in failure(access(to)).what
        assert elsewhere.received == []


def test_a_service_that_is_silent_or_slow_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    with receiver() as to:

        def stay_silent(_: BaseHTTPRequestHandler) -> None:
            to.stopped.wait()

        def drip(handler: BaseHTTPRequestHandler) -> None:
            while not to.stopped.wait(0.02):
                handler.wfile.write(b"H")

        def endless(handler: BaseHTTPRequestHandler) -> None:
            handler.send_response(200)
            handler.end_headers()
            while not to.stopped.is_set():
                handler.wfile.write(b"x" * 65536)

        to.answers += [stay_silent, drip, endless]
        for _ in range(2):
            with pytest.raises(TransientError, match="did not answer within"):
                http.ask("POST", SecretStr(to.url), "The webhook", body=b"x", seconds=0.3)
        # More than the beginning of an answer is not read.
        assert http.ask("POST", SecretStr(to.url), "The webhook", body=b"x", seconds=5).is_good


def test_a_service_that_is_not_there_is_told_without_its_address() -> None:
    gone = WebhookAccess(SecretStr(f"http://127.0.0.1:{free_port()}/{SECRET}"), WebhookKind.JSON, None)
    assert "cannot be reached" in failure(gone).what


def test_a_certificate_nobody_trusts_is_refused(tmp_path: Path) -> None:
    context: ssl.SSLContext = make_context(tmp_path)
    with receiver(context) as to:
        there = WebhookAccess(SecretStr(to.url.replace("http://127.0.0.1", "https://localhost")), WebhookKind.JSON, None)
        assert "certificate that is not trusted" in failure(there).what
    assert to.received == []


def test_a_heartbeat_is_one_short_call() -> None:
    with receiver() as to:
        beat(SecretStr(to.url))
        assert [(each.method, each.body) for each in to.received] == [("GET", b"")]
        to.answers.append((404, ""))
        with pytest.raises(TransientError, match="HTTP 404"):
            beat(SecretStr(to.url))
