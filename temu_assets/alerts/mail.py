"""Alerts by mail: one message through the mail server of the settings, within a fixed time."""

from __future__ import annotations

import platform
import smtplib
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import localtime, make_msgid

from temu_assets.alert_settings import MailAccess, MailSecurity
from temu_assets.alerts.answers import smtp_answer
from temu_assets.alerts.message import Message
from temu_assets.errors import ConfigurationError, TemuAssetsError, TransientError

OPERATION_SECONDS = 8.0
TOTAL_SECONDS = 15.0
_TEMPORARY = range(400, 500)
_LOOK_AT_LOGIN = "check ALERT_MAIL_USERNAME and ALERT_MAIL_PASSWORD; many providers want an app password."


def send_mail(access: MailAccess, message: Message, *, seconds: float = TOTAL_SECONDS) -> str:
    """Hand the message to the mail server; returns what it said, in plain words.

    The server taking the message is what counts as told. Raises TransientError or ConfigurationError in plain words. A server that has
    taken the message and dies before it says so gets it again.
    """
    mail = _as_mail(access, message)
    with _told_plainly(access, seconds) as watch:
        client = _open(access, watch)
        try:
            refused = client.sendmail(access.sender, list(access.recipients), mail.as_bytes(policy=SMTP))
            # It is told by now; how the server says good-bye matters to nobody.
            with suppress(OSError, smtplib.SMTPException):
                client.quit()
        finally:
            client.close()
    if refused:
        numbers = ", ".join(str(number) for number, each in enumerate(access.recipients, start=1) if each in refused)
        return f"taken for {len(access.recipients) - len(refused)} of {len(access.recipients)} recipients; refused: number {numbers}"
    return f"the mail server took it for {len(access.recipients)} recipient{'s' if len(access.recipients) > 1 else ''}"


def _as_mail(access: MailAccess, message: Message) -> EmailMessage:
    mail = EmailMessage()
    mail["From"] = access.sender
    mail["To"] = ", ".join(access.recipients)
    mail["Subject"] = " ".join(message.subject.split())
    mail["Date"] = localtime()
    mail["Message-ID"] = make_msgid(domain=access.sender.rpartition("@")[2])
    mail["Auto-Submitted"] = "auto-generated"
    if message.is_urgent:
        mail["Importance"] = "high"
    mail.set_content(message.text)
    return mail


class _Watch:
    """Ends a connection whose time is over, however slowly the other side goes on."""

    def __init__(self, seconds: float) -> None:
        self.is_over = False
        self._client: smtplib.SMTP | None = None
        self._timer = threading.Timer(seconds, self._end)
        self._timer.daemon = True
        self._timer.start()

    def over(self, client: smtplib.SMTP) -> None:
        """Watch this connection."""
        self._client = client

    def stop(self) -> None:
        """It ended by itself."""
        self._timer.cancel()

    def _end(self) -> None:
        self.is_over = True
        connection = self._client.sock if self._client is not None else None
        if connection is not None:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)


class _Client(smtplib.SMTP):
    """A connection that is watched before its server says the first word."""

    def __init__(self, watch: _Watch, host: str, port: int, name: str) -> None:
        watch.over(self)
        super().__init__(host, port, local_hostname=name, timeout=OPERATION_SECONDS)


class _TlsClient(smtplib.SMTP_SSL):
    """The same where TLS comes first."""

    def __init__(self, watch: _Watch, host: str, port: int, name: str, context: ssl.SSLContext) -> None:
        watch.over(self)
        super().__init__(host, port, local_hostname=name, timeout=OPERATION_SECONDS, context=context)


def _trust() -> ssl.SSLContext:
    """Certificates the system trusts, made out to the name of the server."""
    return ssl.create_default_context()


def _open(access: MailAccess, watch: _Watch) -> smtplib.SMTP:
    """A connection that is protected as the settings ask, and logged in."""
    name = platform.node().encode("ascii", "ignore").decode() or "localhost"
    client: smtplib.SMTP
    if access.security is MailSecurity.TLS:
        client = _TlsClient(watch, access.host, access.port, name, _trust())
    else:
        client = _Client(watch, access.host, access.port, name)
    try:
        client.ehlo_or_helo_if_needed()
        if access.security is MailSecurity.STARTTLS:
            client.starttls(context=_trust())
            client.ehlo()
        if access.username and access.password is not None:
            client.login(access.username, access.password.get_secret_value())
    except BaseException:
        client.close()
        raise
    return client


@contextmanager
def _told_plainly(access: MailAccess, seconds: float) -> Iterator[_Watch]:
    """What can go wrong, in plain words: never a password, an address, or what the server says word for word."""
    watch = _Watch(seconds)
    try:
        yield watch
    except (OSError, smtplib.SMTPException, UnicodeError) as error:
        failed = _in_our_words(error, access, seconds, is_over=watch.is_over)
    else:
        return
    finally:
        watch.stop()
    raise failed from None


def _in_our_words(error: Exception, access: MailAccess, seconds: float, *, is_over: bool) -> TemuAssetsError:
    place = f"The mail server {access.host}:{access.port}"
    # smtplib calls a server that says nothing one that has hung up; why, stands behind it.
    if is_over or isinstance(error, TimeoutError) or isinstance(error.__context__, TimeoutError):
        return TransientError(f"{place} did not answer within {seconds:g} s.", remedy="check host, port and firewall (ALERT_MAIL_...).")
    if isinstance(error, ssl.SSLCertVerificationError):
        return ConfigurationError(
            f"{place} shows a certificate that is not trusted ({error.verify_message}).",
            remedy="let ALERT_MAIL_HOST be the name in the certificate; for one of your own making let SSL_CERT_FILE name its file.",
        )
    if isinstance(error, ssl.SSLError):
        return ConfigurationError(
            f"{place} does not speak TLS as expected.",
            remedy="check ALERT_MAIL_SECURITY and ALERT_MAIL_PORT: starttls is usually 587, tls 465.",
        )
    if isinstance(error, smtplib.SMTPNotSupportedError):
        return ConfigurationError(
            f"{place} does not offer what ALERT_MAIL_SECURITY={access.security} or the login asks for.",
            remedy="check ALERT_MAIL_SECURITY, ALERT_MAIL_PORT and whether the server wants a login at all.",
        )
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code, text = next(iter(error.recipients.values()))
        return _refused(place, code, text, "check ALERT_MAIL_TO, and whether ALERT_MAIL_FROM may send there.")
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return _refused(place, error.smtp_code, error.smtp_error, _LOOK_AT_LOGIN)
    if isinstance(error, smtplib.SMTPResponseException):
        return _refused(place, error.smtp_code, error.smtp_error, "check ALERT_MAIL_FROM, and what the server's own log says.")
    if isinstance(error, socket.gaierror):
        return TransientError(f"The mail server {access.host} is not found.", remedy="check ALERT_MAIL_HOST and the name server.")
    if isinstance(error, ConnectionRefusedError):
        return TransientError(f"At {access.host}:{access.port} nothing takes mail.", remedy="check ALERT_MAIL_HOST and ALERT_MAIL_PORT.")
    return TransientError(
        f"{place} broke off ({type(error).__name__}).", remedy="check ALERT_MAIL_SECURITY and ALERT_MAIL_PORT; it is tried again."
    )


def _refused(place: str, code: int, text: bytes | str, remedy: str) -> TemuAssetsError:
    kind = TransientError if code in _TEMPORARY else ConfigurationError
    return kind(f"{place} did not take the message: {smtp_answer(code, text)}.", remedy=remedy)
