"""The sandbox's HTTP server: TEMU's API and the admin endpoints, on loopback, in a thread of its own."""

from __future__ import annotations

import asyncio
import socket
import struct
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Self

import uvicorn
from starlette.applications import Starlette
from starlette.routing import Route
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from temu_assets.sandbox.admin import Admin
from temu_assets.sandbox.faults import Faults
from temu_assets.sandbox.journal import Journal
from temu_assets.sandbox.jtl import JtlStandIn
from temu_assets.sandbox.temu_server import CUT, ROUTER_PATH, TemuApi, wrong_path
from temu_assets.sandbox.temu_shop import TemuShop

HOST = "127.0.0.1"
LAST_ANSWERS_S = 0.5


class _CuttableProtocol(HttpToolsProtocol):
    """Lets an answer cut its own connection, which ASGI has no word for."""

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.scope["extensions"] = {CUT: {"now": self._cut}}

    def _cut(self) -> None:
        connection = self.transport.get_extra_info("socket")
        if connection is not None:
            # Lingering for no time turns the close into a reset, which is what a broken line looks like.
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.transport.abort()


class _PromptServer(uvicorn.Server):
    """Stops within milliseconds; uvicorn alone takes two tenths of a second, which hundreds of tests would feel."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._leave = asyncio.Event()

    def leave(self) -> None:
        """Ask the server, from another thread, to stop."""
        self.should_exit = True
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._leave.set)

    async def main_loop(self) -> None:
        self._loop = asyncio.get_running_loop()
        if not self.should_exit:
            await self._leave.wait()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        del sockets
        for server in self.servers:
            server.close()
        for connection in list(self.server_state.connections):
            connection.shutdown()
        await asyncio.sleep(0)
        if self.server_state.tasks:
            await asyncio.wait(list(self.server_state.tasks), timeout=LAST_ANSWERS_S)
        for connection in list(self.server_state.connections):
            if connection.transport is not None:
                connection.transport.abort()
        for server in self.servers:
            await server.wait_closed()


class SandboxServer:
    """A running TEMU API for one shop; usable as a context manager.

    ``port`` 0 takes a free one. ``latency_ms`` is waited before each answer. ``requests_per_second`` None means no
    limit. ``jtl`` and ``save`` make the admin endpoints for the JTL stand-in and for saving work.
    """

    def __init__(
        self,
        shop: TemuShop,
        *,
        port: int = 0,
        latency_ms: float = 0,
        requests_per_second: int | None = 20,
        jtl: JtlStandIn | None = None,
        save: Callable[[], None] | None = None,
    ) -> None:
        self.shop = shop
        self.journal = Journal()
        self.faults = Faults()
        api = TemuApi(
            shop,
            faults=self.faults,
            journal=self.journal,
            latency_ms=latency_ms,
            requests_per_second=requests_per_second,
        )
        app = Starlette(
            routes=[
                Route(ROUTER_PATH, api.handle, methods=["POST"]),
                *Admin(shop, faults=self.faults, journal=self.journal, jtl=jtl, save=save).routes(),
            ],
            exception_handlers={404: wrong_path, 405: wrong_path},
        )
        self._server = _PromptServer(
            uvicorn.Config(
                app,
                http=_CuttableProtocol,
                ws="none",
                lifespan="off",
                log_config=None,
                log_level="error",
                access_log=False,
                date_header=False,
                server_header=False,
            )
        )
        self._port = port
        self._socket: socket.socket | None = None
        self._thread: threading.Thread | None = None

    @property
    def url(self) -> str:
        """Return the full router URL of the started server."""
        if self._socket is None:
            raise RuntimeError("The sandbox server is not started.")
        return f"http://{HOST}:{self._socket.getsockname()[1]}{ROUTER_PATH}"

    def start(self) -> None:
        """Start listening; calls are taken as soon as this returns."""
        # Listening before the thread runs makes the first call wait in the socket instead of being refused.
        self._socket = socket.create_server((HOST, self._port))
        self._thread = threading.Thread(target=self._server.run, kwargs={"sockets": [self._socket]}, name="sandbox-server", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop listening and wait for the thread."""
        if self._thread is None or self._socket is None:
            return
        self._server.leave()
        self._thread.join(timeout=10)
        self._socket.close()
        self._thread = self._socket = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()
