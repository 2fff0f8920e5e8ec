"""The settings of alerts: by which ways a person is told what is wrong; read with all others by ``settings.py``."""

from __future__ import annotations

from dataclasses import dataclass
from email.errors import MessageError
from email.headerregistry import Address
from enum import StrEnum
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import BaseModel, Field, SecretStr, field_validator
from pydantic_settings import NoDecode

from temu_assets.errors import ConfigurationError
from temu_assets.sql.parts import is_this_machine

_LOOK_AT = "docs/alerts.md shows each way with an example."


class MailSecurity(StrEnum):
    """How the way to the mail server is protected. The certificate is checked with the first two."""

    STARTTLS = "starttls"
    TLS = "tls"
    NONE = "none"


PORTS = {MailSecurity.STARTTLS: 587, MailSecurity.TLS: 465, MailSecurity.NONE: 25}


class WebhookKind(StrEnum):
    """Whose shape a webhook's message has."""

    TEAMS = "teams"
    SLACK = "slack"
    NTFY = "ntfy"
    JSON = "json"


_KIND_OF_HOST = {
    "hooks.slack.com": WebhookKind.SLACK,
    "hooks.slack-gov.com": WebhookKind.SLACK,
    "logic.azure.com": WebhookKind.TEAMS,
    "api.powerplatform.com": WebhookKind.TEAMS,
    "webhook.office.com": WebhookKind.TEAMS,
    "ntfy.sh": WebhookKind.NTFY,
}


@dataclass(frozen=True, slots=True)
class MailAccess:
    """A mail server and who writes to whom through it."""

    host: str
    port: int
    security: MailSecurity
    username: str
    password: SecretStr | None
    sender: str
    recipients: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class WebhookAccess:
    """Where a webhook listens. The URL is a secret: who knows it can write there."""

    url: SecretStr
    kind: WebhookKind
    token: SecretStr | None

    @property
    def host(self) -> str:
        """The part of the URL that may be told."""
        return urlsplit(self.url.get_secret_value()).hostname or ""


class AlertSettings(BaseModel):
    """Who is told what is wrong, and by which ways. None is set by default."""

    alert_mail_host: str = Field("", max_length=253, description="Mail server (SMTP) that takes the alerts. Empty: no alerts by mail.")
    alert_mail_port: int | None = Field(None, ge=1, le=65_535, description="Its port. Default: 587, with tls 465, with none 25.")
    alert_mail_security: MailSecurity = Field(
        MailSecurity.STARTTLS, description="starttls, tls or none. The certificate is checked; none is for a mail server on this machine."
    )
    alert_mail_allow_plain: bool = Field(
        default=False, description="Allow ALERT_MAIL_SECURITY=none to another machine. Anybody in between can then read mail and password."
    )
    alert_mail_username: str = Field("", max_length=320, description="Login at the mail server. Empty: it wants none.")
    alert_mail_password: SecretStr | None = Field(None, description="Password of that login.")
    alert_mail_from: str = Field("", description="Address the alerts come from.")
    alert_mail_to: Annotated[tuple[str, ...], NoDecode] = Field((), description="Addresses the alerts go to, comma separated.")
    alert_webhook_url: SecretStr | None = Field(None, description="URL alerts are sent to as a message; who knows it can write there.")
    alert_webhook_kind: WebhookKind | None = Field(
        None, description="teams, slack, ntfy or json. Default: by the host of the URL, json where that says nothing."
    )
    alert_webhook_token: SecretStr | None = Field(None, description="Access token sent along as bearer token, such as ntfy's.")
    alert_heartbeat_url: SecretStr | None = Field(
        None, description="URL called every minute while the daemon lives, so that somebody outside notices when it does not."
    )
    alert_nothing_ran_hours: float = Field(
        3.0, ge=0, description="Hours without any run after which that is told, where jobs should run. 0: never."
    )
    alert_ui_url: str = Field("http://127.0.0.1:3000", description="Where people open the UI; alerts link there.")

    @field_validator("alert_mail_to", mode="before")
    @classmethod
    def _split_addresses(cls, value: object) -> object:
        return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value

    @field_validator("alert_mail_to", mode="after")
    @classmethod
    def _check_addresses(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for each in value:
            _check_address(each)
        return value

    @field_validator("alert_mail_from", mode="after")
    @classmethod
    def _check_from(cls, value: str) -> str:
        if value:
            _check_address(value)
        return value

    @field_validator("alert_ui_url", mode="after")
    @classmethod
    def _check_ui(cls, value: str) -> str:
        if urlsplit(value).scheme not in ("http", "https") or not urlsplit(value).hostname:
            raise ValueError("a URL is meant, for example https://dagster.example.invalid")
        return value.rstrip("/")

    def alert_mail(self) -> MailAccess | None:
        """The way by mail; None when it is not set. Raises ConfigurationError when a part is missing or the way is unprotected."""
        parts = {"ALERT_MAIL_HOST": self.alert_mail_host, "ALERT_MAIL_FROM": self.alert_mail_from, "ALERT_MAIL_TO": self.alert_mail_to}
        missing = [name for name, value in parts.items() if not value]
        if len(missing) == len(parts):
            return None
        if missing:
            given = ", ".join(name for name in parts if name not in missing)
            raise ConfigurationError(
                f"Missing setting: {', '.join(missing)} ({given} given, so alerts by mail are meant).", remedy=_LOOK_AT
            )
        if bool(self.alert_mail_username) != (self.alert_mail_password is not None):
            raise ConfigurationError(
                "Of ALERT_MAIL_USERNAME and ALERT_MAIL_PASSWORD only one is given.",
                remedy="give both, or neither for a mail server that wants no login.",
            )
        is_plain = self.alert_mail_security is MailSecurity.NONE
        if is_plain and not self.alert_mail_allow_plain and not is_this_machine(self.alert_mail_host):
            raise ConfigurationError(
                f"ALERT_MAIL_SECURITY=none to another machine ({self.alert_mail_host}) is not allowed: everybody in between could read it.",
                remedy="set ALERT_MAIL_SECURITY=starttls (or tls), or ALERT_MAIL_ALLOW_PLAIN=true if the network is yours alone.",
            )
        return MailAccess(
            self.alert_mail_host,
            self.alert_mail_port or PORTS[self.alert_mail_security],
            self.alert_mail_security,
            self.alert_mail_username,
            self.alert_mail_password,
            self.alert_mail_from,
            self.alert_mail_to,
        )

    def alert_webhook(self) -> WebhookAccess | None:
        """The way by webhook; None when it is not set. Raises ConfigurationError for a URL that cannot be used."""
        if self.alert_webhook_url is None:
            return None
        host = _host_of(self.alert_webhook_url, "ALERT_WEBHOOK_URL")
        guesses = (kind for known, kind in _KIND_OF_HOST.items() if host == known or host.endswith(f".{known}"))
        guess = next(guesses, WebhookKind.NTFY if host.startswith("ntfy.") else WebhookKind.JSON)
        return WebhookAccess(self.alert_webhook_url, self.alert_webhook_kind or guess, self.alert_webhook_token)

    def alert_heartbeat(self) -> SecretStr | None:
        """Where the heartbeat goes; None when it is not set. Raises ConfigurationError for a URL that cannot be used."""
        if self.alert_heartbeat_url is not None:
            _host_of(self.alert_heartbeat_url, "ALERT_HEARTBEAT_URL")
        return self.alert_heartbeat_url

    @property
    def are_alerts_set(self) -> bool:
        """Whether any way to tell anybody is given, rightly or wrongly."""
        return bool(self.alert_mail_host or self.alert_mail_from or self.alert_mail_to or self.alert_webhook_url)


def _check_address(value: str) -> None:
    try:
        address = Address(addr_spec=value)
    except (MessageError, ValueError, IndexError):
        raise ValueError("plain addresses are meant, for example office@example.invalid") from None
    if not address.username or not address.domain or not value.isascii():
        raise ValueError("plain addresses are meant, for example office@example.invalid")


def _host_of(url: SecretStr, setting: str) -> str:
    """The host of a URL that may be called: https, or http on this machine. The URL itself is never told."""
    try:
        parts = urlsplit(url.get_secret_value().strip())
        host = (parts.hostname or "").casefold()
        is_usable = bool(host) and (parts.port is None or parts.port > 0) and parts.username is None
    except ValueError:
        host, is_usable, parts = "", False, urlsplit("")
    if is_usable and (parts.scheme == "https" or (parts.scheme == "http" and is_this_machine(host))):
        return host
    raise ConfigurationError(
        f"{setting} must be a full https:// URL without user name (plain http:// is allowed for 127.0.0.1 and localhost only).",
        remedy=f"copy the URL anew from the service that gave it. {_LOOK_AT}",
    )
