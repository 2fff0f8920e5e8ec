"""Whether a connection that has waited in the pool is still good.

SQLAlchemy's own way asks before each use, which doubles the ways to the server in a run that uses one every few milliseconds. Here it is
asked after a rest, and after anything went wrong on any connection of the engine: a server that started again has taken all of them.
"""

from __future__ import annotations

import time
from typing import Any

from sqlalchemy import Engine, event
from sqlalchemy.exc import InvalidatePoolError

_REST_SECONDS = 2.0
_LEFT_AT = "left_at"
_TRUSTED_SINCE = "trusted_since"


def ask_after_a_rest(engine: Engine) -> None:
    """Before a connection of this engine is used that rested for two seconds, ask the server; the whole pool is new if it is gone."""
    dialect: Any = engine.dialect
    troubles = 0

    @event.listens_for(engine, "handle_error")
    def _doubt(_context: object) -> None:
        nonlocal troubles
        troubles += 1

    @event.listens_for(engine, "checkin")
    def _note(_connection: object, record: Any) -> None:
        record.info[_LEFT_AT] = time.monotonic()

    @event.listens_for(engine, "checkout")
    def _ask(connection: Any, record: Any, _proxy: object) -> None:
        left_at, trusted_since = record.info.get(_LEFT_AT), record.info.get(_TRUSTED_SINCE)
        record.info[_TRUSTED_SINCE] = known = troubles
        if left_at is None or (trusted_since == known and time.monotonic() - left_at < _REST_SECONDS):
            return
        try:
            dialect.do_ping(connection)
        except dialect.loaded_dbapi.Error:
            raise InvalidatePoolError from None
