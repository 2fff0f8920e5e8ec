"""Mail through a real mail server: protected, logged in, refused, away, and slow."""

from __future__ import annotations

import base64
import contextlib
import socket
import ssl
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from pydantic import SecretStr

from temu_assets.alert_settings import MailAccess, MailSecurity
from temu_assets.alerts import mail
from temu_assets.alerts.mail import send_mail
from temu_assets.alerts.message import Message
from temu_assets.errors import ConfigurationError, TemuAssetsError, TransientError
from temu_assets_tests.alerts.receivers import PASSWORD, USER, MailServer, free_port, knows, mail_server, silent_server
from temu_assets_tests.tds.certificates import make_context

MESSAGE = Message("[temu-assets temu] Größe\nBcc: mallory@example.invalid", ("Grüße 😀", "From here on\n.\nend"), "http://ui", True, {})


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[ssl.SSLContext, Path]:
    folder = tmp_path_factory.mktemp("certificate")
    return make_context(folder), folder / "certificate.pem"


def access(server: MailServer | int, security: MailSecurity = MailSecurity.NONE, password: str = "") -> MailAccess:
    port = server if isinstance(server, int) else server.port
    return MailAccess(
        "localhost",
        port,
        security,
        USER if password else "",
        SecretStr(password) if password else None,
        "temu@example.invalid",
        ("office@example.invalid", "boss@example.invalid"),
    )


def failure(of: MailAccess, seconds: float = 5.0) -> TemuAssetsError:
    with pytest.raises(TemuAssetsError) as caught:
        send_mail(of, MESSAGE, seconds=seconds)
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None or caught.value.__suppress_context__
    told = str(caught.value)
    assert PASSWORD not in told
    assert "example.invalid" not in told
    return caught.value


def test_a_message_arrives_as_it_is() -> None:
    with mail_server() as server:
        assert send_mail(access(server), MESSAGE) == "the mail server took it for 2 recipients"
    (message,) = server.messages
    assert message["Subject"] == "[temu-assets temu] Größe Bcc: mallory@example.invalid"
    assert server.recipients == [["office@example.invalid", "boss@example.invalid"]]
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Message-ID"].endswith("@example.invalid>")
    assert str(message.get_content()).splitlines() == ["Grüße 😀", "", "From here on", ".", "end"]


@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")  # it does not see that TLS is there from the start
@pytest.mark.parametrize("security", [MailSecurity.STARTTLS, MailSecurity.TLS])
def test_a_message_goes_protected_and_logged_in(
    security: MailSecurity, certificate: tuple[ssl.SSLContext, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    context, file = certificate
    monkeypatch.setenv("SSL_CERT_FILE", str(file))
    tls = {"tls_context": context, "require_starttls": True} if security is MailSecurity.STARTTLS else {"ssl_context": context}
    with mail_server(authenticator=knows, auth_required=True, auth_require_tls=security is MailSecurity.STARTTLS, **tls) as server:
        send_mail(access(server, security, PASSWORD), MESSAGE)
        assert len(server.messages) == 1
        wrong = failure(access(server, security, "wrong"))
        assert "user name or password is refused" in wrong.what
        assert isinstance(wrong, ConfigurationError)
        assert "first" in failure(access(server, security)).what  # a login first
    if security is MailSecurity.STARTTLS:
        assert server.were_protected == [True]


@pytest.mark.parametrize("security", [MailSecurity.STARTTLS, MailSecurity.TLS])
def test_a_certificate_nobody_trusts_ends_it_before_the_password(
    security: MailSecurity, certificate: tuple[ssl.SSLContext, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    context, file = certificate
    tls = {"tls_context": context} if security is MailSecurity.STARTTLS else {"ssl_context": context}
    with mail_server(authenticator=knows, **tls) as server:
        assert "certificate that is not trusted" in failure(access(server, security, PASSWORD)).what
        # Trusted, but made out to another name.
        monkeypatch.setenv("SSL_CERT_FILE", str(file))
        monkeypatch.setattr(socket, "create_connection", _to_loopback(socket.create_connection))
        elsewhere = replace(access(server, security, PASSWORD), host="mail.example.org")
        assert "certificate that is not trusted" in failure(elsewhere).what
    assert server.messages == []


def _to_loopback(connect: Callable[..., socket.socket]) -> Callable[..., socket.socket]:
    """Every name leads here."""
    return lambda address, *rest, **more: connect(("127.0.0.1", address[1]), *rest, **more)


def test_a_server_without_starttls_gets_neither_password_nor_message() -> None:
    with mail_server(authenticator=knows, auth_require_tls=False) as server:
        wrong = failure(access(server, MailSecurity.STARTTLS, PASSWORD))
    assert "does not offer what ALERT_MAIL_SECURITY=starttls" in wrong.what
    assert server.messages == []


def test_what_a_server_refuses_is_told_in_plain_words_without_its_own() -> None:
    with mail_server() as server:
        server.refuse = f"554 5.7.1 {PASSWORD} {base64.b64encode(PASSWORD.encode()).decode()}"
        assert "554 (the server refuses the message" in failure(access(server)).what
        server.refuse = "451 4.3.0 come back"
        assert isinstance(failure(access(server)), TransientError)
        server.refuse, server.refused = "", frozenset({"office@example.invalid", "boss@example.invalid"})
        assert "550 (the mailbox does not exist" in failure(access(server)).what


def test_one_recipient_that_is_refused_keeps_nothing_from_the_others() -> None:
    with mail_server() as server:
        server.refused = frozenset({"office@example.invalid"})
        assert send_mail(access(server), MESSAGE) == "taken for 1 of 2 recipients; refused: number 1"
    assert server.recipients == [["boss@example.invalid"]]


def test_a_server_that_is_not_there_is_named() -> None:
    assert "nothing takes mail" in failure(access(free_port())).what
    assert "is not found" in failure(replace(access(1), host="mail.nowhere.invalid")).what


def _drip(connection: socket.socket, stopped: threading.Event) -> None:
    with contextlib.suppress(OSError):
        while not stopped.wait(0.02):
            connection.sendall(b"2")


def _hang_up(connection: socket.socket, stopped: threading.Event) -> None:
    connection.sendall(b"220 hello\r\n")
    connection.shutdown(socket.SHUT_RDWR)


@pytest.mark.parametrize("say", [None, _drip], ids=["silent", "dripping"])
def test_a_server_that_never_gets_done_is_left(
    say: Callable[[socket.socket, threading.Event], None] | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mail, "OPERATION_SECONDS", 0.3)
    with silent_server(say) as port:
        assert "did not answer within" in failure(access(port), seconds=0.5).what


def test_a_server_that_hangs_up_or_speaks_something_else_is_told_plainly() -> None:
    with silent_server(_hang_up) as port:
        assert "broke off" in failure(access(port)).what
    with silent_server(lambda connection, _: connection.sendall(b"HTTP/1.1 400 no\r\n\r\n")) as port:
        assert isinstance(failure(access(port, MailSecurity.TLS)), ConfigurationError)
