"""Whether a connection that has waited in the pool is still good.

SQLAlchemy's own way asks before each use, which doubles the ways to the server in a run that uses one every few milliseconds. A server
that ends in between is seen by the statement itself, and what can be done again is done again.
"""

from __future__ import annotations

import time
from typing import Any

from sqlalchemy import Engine, event
from sqlalchemy.exc import InvalidatePoolError

_REST_SECONDS = 2.0
_LEFT_AT = "left_at"


def ask_after_a_rest(engine: Engine) -> None:
    """Before a connection of this engine is used that nobody used for two seconds, ask the server; the whole pool is new if it is gone."""
    dialect: Any = engine.dialect

    @event.listens_for(engine, "checkin")
    def _note(_connection: object, record: Any) -> None:
        record.info[_LEFT_AT] = time.monotonic()

    @event.listens_for(engine, "checkout")
    def _ask(connection: Any, record: Any, _proxy: object) -> None:
        left_at = record.info.get(_LEFT_AT)
        if left_at is None or time.monotonic() - left_at < _REST_SECONDS:
            return
        try:
            dialect.do_ping(connection)
        except dialect.loaded_dbapi.Error:
            raise InvalidatePoolError from None
