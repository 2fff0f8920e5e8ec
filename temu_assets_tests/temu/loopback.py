"""A real HTTP server on 127.0.0.1 whose every connection can be cut, stalled or dripped by a test."""

from __future__ import annotations

import contextlib
import gzip
import json
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from typing import Any

TICK_S = 0.01


class Connection:
    """The server's end of one connection."""

    def __init__(self, raw: socket.socket, stopped: threading.Event) -> None:
        self._raw = raw
        self._stopped = stopped

    def receive(self) -> dict[str, Any] | None:
        """The JSON body of the next request; None at the end of the connection."""
        data = b""
        while b"\r\n\r\n" not in data:
            data += (more := self._raw.recv(65536))
            if not more:
                return None
        head, _, body = data.partition(b"\r\n\r\n")
        [length] = [int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length")]
        while len(body) < length:
            body += self._raw.recv(65536)
        parsed: dict[str, Any] = json.loads(body)
        return parsed

    def send(self, data: bytes) -> None:
        self._raw.sendall(data)

    def drip(self, data: bytes) -> None:
        """Send byte by byte, slowly, until the client is gone or the server is stopped."""
        for byte in data:
            self._raw.sendall(bytes([byte]))
            if self._stopped.wait(TICK_S):
                return

    def reset(self) -> None:
        """End the connection with RST."""
        self._raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._raw.close()


Behaviour = Callable[[Connection, dict[str, Any]], bool]
"""Handles one request; False closes the connection."""


class LoopbackServer:
    """Runs ``behaviour`` for every request; counts connections and requests."""

    def __init__(self, behaviour: Behaviour) -> None:
        self._behaviour = behaviour
        self._stopped = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self._threads = [threading.Thread(target=self._accept)]
        self._open: list[socket.socket] = []
        self._lock = threading.Lock()
        self.connections = 0
        self.requests = 0
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}/openapi/router"
        self._threads[0].start()

    def stop(self) -> None:
        self._stopped.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for raw in self._open:
            with contextlib.suppress(OSError):
                raw.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join()

    def _accept(self) -> None:
        while True:
            try:
                raw, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            self._open.append(raw)
            thread = threading.Thread(target=self._serve, args=(raw,))
            self._threads.append(thread)
            thread.start()

    def _serve(self, raw: socket.socket) -> None:
        connection = Connection(raw, self._stopped)
        # A client that gives up closes its end; that is what some tests are about.
        with raw, contextlib.suppress(OSError):
            while (request := connection.receive()) is not None:
                with self._lock:
                    self.requests += 1
                if not self._behaviour(connection, request):
                    return


@contextlib.contextmanager
def serving(behaviour: Behaviour) -> Iterator[LoopbackServer]:
    server = LoopbackServer(behaviour)
    try:
        yield server
    finally:
        server.stop()


def answer(result: object, *, compressed: bool = False) -> bytes:
    """A whole HTTP answer with a successful envelope."""
    body = json.dumps({"success": True, "requestId": "eu-0001", "errorCode": 1000000, "result": result}).encode()
    encoding = ""
    if compressed:
        body, encoding = gzip.compress(body), "Content-Encoding: gzip\r\n"
    return f"HTTP/1.1 200 OK\r\n{encoding}Content-Length: {len(body)}\r\n\r\n".encode() + body
