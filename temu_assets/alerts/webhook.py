"""Alerts to a webhook, and the heartbeat that says the daemon lives."""

from __future__ import annotations

from pydantic import SecretStr

from temu_assets.alert_settings import WebhookAccess
from temu_assets.alerts.answers import http_answer
from temu_assets.alerts.http import ask
from temu_assets.alerts.message import Message
from temu_assets.alerts.payloads import payload
from temu_assets.errors import ConfigurationError, TransientError

HEARTBEAT_SECONDS = 5.0
_COME_BACK = frozenset({408, 425, 429})
_SERVER_ERROR = 500


def send_to_webhook(access: WebhookAccess, message: Message) -> str:
    """Hand the message over; returns what the service said, in plain words. Raises TransientError or ConfigurationError."""
    made = payload(message, access.kind)
    token = {"Authorization": f"Bearer {access.token.get_secret_value()}"} if access.token else {}
    name = f"The webhook at {access.host} ({access.kind})"
    answer = ask("POST", access.url, name, body=made.body, headers=made.headers | token)
    if answer.is_good:
        return f"{access.host} ({access.kind}) took it with HTTP {answer.status}"
    told = f"{name} did not take the message: {http_answer(answer.status, answer.text)}."
    if answer.status >= _SERVER_ERROR or answer.status in _COME_BACK:
        raise TransientError(told, remedy="nothing; it is tried again. If it stays so, look at that service.")
    raise ConfigurationError(told, remedy="copy the webhook's URL anew from the service, and check ALERT_WEBHOOK_KIND and its token.")


def beat(url: SecretStr) -> None:
    """Tell the service outside that the daemon lives. Raises TransientError or ConfigurationError."""
    answer = ask("GET", url, "The service of ALERT_HEARTBEAT_URL", seconds=HEARTBEAT_SECONDS)
    if not answer.is_good:
        raise TransientError(
            f"The service of ALERT_HEARTBEAT_URL did not take the heartbeat: {http_answer(answer.status, answer.text)}.",
            remedy="copy the URL anew from the service that watches.",
        )
