"""The page's web server, on 127.0.0.1; elsewhere only inside a container, where nothing but the proxy gets to it."""

from __future__ import annotations

import asyncio
import socket

import h11
import uvicorn
from starlette.applications import Starlette
from uvicorn.protocols.http.h11_impl import H11Protocol

from temu_assets.errors import ConfigurationError

HOST = "127.0.0.1"
HEAD_SECONDS = 20.0
"""So long a visitor may take to say what is wanted."""
_MOST_CONNECTIONS = 100
_LAST_ANSWERS_SECONDS = 5


class ImpatientProtocol(H11Protocol):
    """Closes a connection on which no request gets ready, however busily it trickles; uvicorn alone would wait for ever."""

    _waiting: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as in uvicorn
        """A visitor."""
        super().connection_made(transport)
        self._wait()

    def data_received(self, data: bytes) -> None:
        """Something of a request."""
        super().data_received(data)
        if self.conn.their_state is h11.IDLE:
            self._wait()
        elif self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None

    def connection_lost(self, exc: Exception | None) -> None:
        """The visitor has gone."""
        if self._waiting is not None:
            self._waiting.cancel()
        super().connection_lost(exc)

    def _wait(self) -> None:
        if self._waiting is None:
            self._waiting = self.loop.call_later(HEAD_SECONDS, self.transport.abort)


def listen(port: int, host: str = HOST) -> socket.socket:
    """A socket on a port of an IPv4 address; 0: a free port. Raises ConfigurationError for one that is taken."""
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        if hasattr(socket, "SO_EXCLUSIVEADDRUSE"):
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)  # what SO_REUSEADDR means on Windows is the opposite
        else:
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host, port))
        listening.listen(_MOST_CONNECTIONS)
    except OSError as error:
        listening.close()
        raise ConfigurationError(
            f"The upload page cannot listen on port {port} of {host} ({error.strerror or type(error).__name__}).",
            remedy="end what listens there (perhaps an upload page that is already open), or choose another port with --port.",
        ) from None
    return listening


def server(app: Starlette) -> uvicorn.Server:
    """The server; nothing it logs says an address, which can hold the token."""
    config = uvicorn.Config(
        app,
        http=ImpatientProtocol,
        ws="none",
        lifespan="on",
        access_log=False,
        log_config=None,
        log_level="error",
        proxy_headers=False,
        server_header=False,
        limit_concurrency=_MOST_CONNECTIONS,
        timeout_graceful_shutdown=_LAST_ANSWERS_SECONDS,
    )
    return uvicorn.Server(config)
