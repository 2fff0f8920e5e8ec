"""The ways that are set, each as one function that tells a message or says in plain words why it could not."""

from __future__ import annotations

import platform
from collections.abc import Callable, Mapping

from temu_assets.alert_settings import MailAccess, WebhookAccess
from temu_assets.alerts.kinds import Way
from temu_assets.alerts.mail import send_mail
from temu_assets.alerts.message import Message, Sender
from temu_assets.alerts.webhook import send_to_webhook
from temu_assets.errors import ConfigurationError
from temu_assets.settings import Settings

Tell = Callable[[Message], str]
"""Tells; returns the other side's answer in plain words. Raises TransientError or ConfigurationError."""


def ways(settings: Settings) -> Mapping[Way, Tell]:
    """Every way that is set, also one whose settings are wrong: that one says so when it is used, and the other one works."""
    found: dict[Way, Tell] = {}
    for way, make in {Way.MAIL: _mail, Way.WEBHOOK: _webhook}.items():
        try:
            tell = make(settings)
        except ConfigurationError as error:
            tell = _failing(error)
        if tell is not None:
            found[way] = tell
    return found


def sender(settings: Settings) -> Sender:
    """Who writes."""
    return Sender(settings.shop, platform.node(), settings.alert_ui_url)


def _mail(settings: Settings) -> Tell | None:
    access: MailAccess | None = settings.alert_mail()
    return None if access is None else lambda message: send_mail(access, message)


def _webhook(settings: Settings) -> Tell | None:
    access: WebhookAccess | None = settings.alert_webhook()
    return None if access is None else lambda message: send_to_webhook(access, message)


def _failing(error: ConfigurationError) -> Tell:
    def tell(message: Message) -> str:
        del message
        raise error

    return tell
