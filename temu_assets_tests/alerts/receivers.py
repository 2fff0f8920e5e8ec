"""A mail server and a receiver of webhooks on loopback, which keep what arrives and fail when they are told to."""

from __future__ import annotations

import contextlib
import email
import json
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from email import policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

USER, PASSWORD = "alerts", "canary@Wiedehopf/55"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class MailServer:
    """``refuse``: what it answers to a message instead of taking it; ``refused``: recipients it does not know."""

    port: int = field(default_factory=free_port)
    messages: list[EmailMessage] = field(default_factory=list)
    recipients: list[list[str]] = field(default_factory=list)
    were_protected: list[bool] = field(default_factory=list)
    refuse: str = ""
    refused: frozenset[str] = frozenset()
    controller: Controller | None = None

    def start(self, **options: Any) -> None:
        self.controller = Controller(self, hostname="127.0.0.1", port=self.port, **options)
        self.controller.start()

    def stop(self) -> None:
        if self.controller is not None:
            self.controller.stop()
            self.controller = None

    async def handle_RCPT(self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]) -> str:  # noqa: N802
        if address in self.refused:
            return "550 5.1.1 no such user, and the password is " + PASSWORD
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        if self.refuse:
            return self.refuse
        message = email.message_from_bytes(envelope.original_content or b"", policy=policy.default)
        assert isinstance(message, EmailMessage)
        self.messages.append(message)
        self.recipients.append(list(envelope.rcpt_tos))
        self.were_protected.append(session.ssl is not None)
        return "250 OK"

    def subjects(self) -> list[str]:
        return [str(message["Subject"]) for message in self.messages]

    def text(self) -> str:
        """Of the last message."""
        return str(self.messages[-1].get_content())


def knows(server: SMTP, session: Session, envelope: Envelope, mechanism: str, auth_data: Any) -> AuthResult:
    """The one login there is."""
    is_known = isinstance(auth_data, LoginPassword) and (auth_data.login, auth_data.password) == (USER.encode(), PASSWORD.encode())
    return AuthResult(success=is_known, handled=True) if is_known else AuthResult(success=False, handled=False)


@contextlib.contextmanager
def mail_server(**options: Any) -> Iterator[MailServer]:
    server = MailServer()
    server.start(**options)
    try:
        yield server
    finally:
        server.stop()


@dataclass
class Received:
    """One request as it came."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Receiver:
    """``answers``: what it says to the next requests; 200 once they are used up. A callable gets the handler and says it itself."""

    port: int = 0
    received: list[Received] = field(default_factory=list)
    answers: list[tuple[int, str] | Callable[[BaseHTTPRequestHandler], None]] = field(default_factory=list)
    stopped: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook/canarytoken-Rotkehlchen"


@contextlib.contextmanager
def receiver(context: ssl.SSLContext | None = None) -> Iterator[Receiver]:
    kept = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def _take(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            kept.received.append(Received(self.command, self.path, dict(self.headers.items()), body))
            answer = kept.answers.pop(0) if kept.answers else (200, "ok")
            if callable(answer):
                answer(self)
                return
            status, text = answer
            self.send_response(status)
            if status in range(300, 400):
                self.send_header("Location", text)
            self.end_headers()
            self.wfile.write(text.encode())

        do_POST = _take  # noqa: N815
        do_GET = _take  # noqa: N815

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    if context is not None:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    kept.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield kept
    finally:
        kept.stopped.set()
        server.shutdown()
        thread.join()
        server.server_close()


@contextlib.contextmanager
def silent_server(say: Callable[[socket.socket, threading.Event], None] | None = None) -> Iterator[int]:
    """A port where somebody answers the call and then says nothing, or what ``say`` says."""
    stopped = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listening:
        threads: list[threading.Thread] = []

        def serve() -> None:
            while True:
                try:
                    connection, _ = listening.accept()
                except OSError:
                    return
                thread = threading.Thread(target=answer, args=(connection,))
                thread.start()
                threads.append(thread)

        def answer(connection: socket.socket) -> None:
            with connection, contextlib.suppress(OSError):
                if say is not None:
                    say(connection, stopped)
                stopped.wait()

        accepting = threading.Thread(target=serve)
        accepting.start()
        try:
            yield int(listening.getsockname()[1])
        finally:
            stopped.set()
            listening.shutdown(socket.SHUT_RDWR)
            accepting.join()
            for thread in threads:
                thread.join()
