"""A reverse proxy with a login, as it stands before a webserver: without the login nothing comes through, with it WebSockets do too."""

from __future__ import annotations

import base64
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from socketserver import BaseRequestHandler, ThreadingTCPServer

_REFUSED = b'HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic realm="Dagster"\r\nContent-Length: 0\r\nConnection: close\r\n\r\n'


@contextmanager
def login_proxy(port: int, *, login: str, password: str) -> Iterator[str]:
    """The address of a proxy before 127.0.0.1:``port``. It looks at the first request of a connection and passes on the rest as it is."""
    expected = b"basic " + base64.b64encode(f"{login}:{password}".encode())

    class Door(BaseRequestHandler):
        def handle(self) -> None:
            head = b""
            while b"\r\n\r\n" not in head:
                piece = self.request.recv(65536)
                if not piece:
                    return
                head += piece
            given = next(
                (line.split(b":", 1)[1].strip() for line in head.split(b"\r\n") if line.lower().startswith(b"authorization:")), b""
            )
            if given[:6].lower() + given[6:] != expected:
                self.request.sendall(_REFUSED)
                return
            with socket.create_connection(("127.0.0.1", port)) as behind:
                behind.sendall(head)
                answers = threading.Thread(target=_pass_on, args=(behind, self.request), daemon=True)
                answers.start()
                _pass_on(self.request, behind)
                answers.join()

    class Proxy(ThreadingTCPServer):
        daemon_threads = True

    with Proxy(("127.0.0.1", 0), Door) as proxy:
        serving = threading.Thread(target=proxy.serve_forever, kwargs={"poll_interval": 0.05})
        serving.start()
        try:
            yield f"http://127.0.0.1:{proxy.server_address[1]}"
        finally:
            proxy.shutdown()
            serving.join()


def _pass_on(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while piece := source.recv(65536):
            target.sendall(piece)
    for each in (source, target):
        with suppress(OSError):
            each.shutdown(socket.SHUT_RDWR)
