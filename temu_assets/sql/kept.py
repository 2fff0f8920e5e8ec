"""Engines that are kept from one use to the next.

What is kept is what statements were compiled to and what a server told about itself: to find that out anew costs a stage, and a sensor's
look, more than the statements themselves. A server's connections are kept too. A file's are closed when nobody uses the engine, so nothing
is held that somebody could replace meanwhile (by a backup).
"""

from __future__ import annotations

import atexit
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from pydantic import SecretStr
from sqlalchemy import Engine
from sqlalchemy.engine import URL

from temu_assets.sql.limits import Limits
from temu_assets.sql.servers import dialect_of

_ALL: list[KeptEngines] = []


@atexit.register
def close_all() -> None:
    """Take leave of every server; what is used afterwards is opened anew."""
    for each in _ALL:
        each.close()


@dataclass
class _Kept:
    url: URL
    engine: Engine
    users: int = 0


class KeptEngines:
    """The engines of one database, one for each set of limits. Thread-safe.

    ``find``: where the database is, after everything that has to be looked at before each use. ``make``: an engine for it. Both raise
    ConfigurationError.
    """

    def __init__(self, find: Callable[[SecretStr], URL], make: Callable[[URL, Limits], Engine]) -> None:
        self._find = find
        self._make = make
        self._lock = threading.Lock()
        self._kept: dict[Limits, _Kept] = {}
        _ALL.append(self)

    @contextmanager
    def use(self, secret_url: SecretStr, limits: Limits, *, is_visitor: bool = False) -> Iterator[Engine]:
        """An engine for this database, until the end of the block. Raises ConfigurationError.

        ``is_visitor``: leave no session behind, because somebody may want the database to himself.
        """
        url = self._find(secret_url)
        with self._lock:
            kept = self._kept.get(limits)
            if kept is None or kept.url != url:
                replaced, kept = kept, _Kept(url, self._make(url, limits))
                self._kept[limits] = kept
                if replaced is not None and not replaced.users:
                    replaced.engine.dispose()
            kept.users += 1
        try:
            yield kept.engine
        finally:
            with self._lock:
                kept.users -= 1
                stays = not is_visitor and kept is self._kept[limits] and dialect_of(kept.engine).keeps_connections
                if not kept.users and not stays:
                    kept.engine.dispose()

    def close(self) -> None:
        """Close the connections that wait for their next use."""
        with self._lock:
            for kept in self._kept.values():
                kept.engine.dispose()
