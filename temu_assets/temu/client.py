"""The client of the TEMU Open API: one connection to one shop, with one object per API family."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from types import TracebackType
from typing import Self

import httpx

from temu_assets.temu.account import AccountApi
from temu_assets.temu.aftersales import AfterSalesApi
from temu_assets.temu.call_log import CallLog
from temu_assets.temu.connection import TemuConnection
from temu_assets.temu.goods import GoodsApi
from temu_assets.temu.limiter import Limiter, limiter_for
from temu_assets.temu.logistics import LogisticsApi
from temu_assets.temu.orders import OrderApi
from temu_assets.temu.reading_only import ReadingTransport
from temu_assets.temu.transport import Transport


class TemuClient:
    """Calls to one TEMU shop. Thread-safe; a context manager that closes its connections.

    ``may_act`` is False in a dry run: a call that changes something at TEMU then raises InternalError and is not made.

    All clients of one app key in this process share one pace. ``transport``, ``pause``, ``clock`` (Unix time),
    ``monotonic`` and ``limiter`` exist so that tests need no network and no waiting.
    """

    def __init__(
        self,
        connection: TemuConnection,
        *,
        may_act: bool = True,
        transport: httpx.BaseTransport | None = None,
        pause: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
        limiter: Limiter | None = None,
    ) -> None:
        self.calls = CallLog()
        kind = Transport if may_act else ReadingTransport
        self._transport = kind(
            connection,
            limiter or limiter_for(connection.app_key, connection.requests_per_second),
            self.calls,
            transport=transport,
            pause=pause,
            clock=clock,
            monotonic=monotonic,
        )
        self.orders = OrderApi(self._transport)
        self.logistics = LogisticsApi(self._transport)
        self.goods = GoodsApi(self._transport)
        self.after_sales = AfterSalesApi(self._transport)
        self.account = AccountApi(self._transport)

    @property
    def clock_offset(self) -> timedelta:
        """What has to be added to this machine's time to get TEMU's, once TEMU refused ours; nothing as long as it takes it."""
        return timedelta(seconds=self._transport.clock_offset_s)

    @property
    def clock_difference(self) -> timedelta | None:
        """By how much this machine's clock is ahead of TEMU's, by the last answer; None as long as no answer told the time."""
        seconds = self._transport.clock_difference_s
        return None if seconds is None else timedelta(seconds=seconds)

    def close(self) -> None:
        """Close the connections."""
        self._transport.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None) -> None:
        self.close()
