"""What FreeTDS (1.3, as Debian has it) does otherwise than Microsoft's drivers, put right for one engine.

Each of these was seen; the tests over TDS show them when this module is left out.
"""

from __future__ import annotations

import ctypes
from typing import Any

from sqlalchemy import Engine, event
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import DisconnectionError

_NOTHING_TO_ROLL_BACK = "(3903)"


def set_up(engine: Engine) -> None:
    """Make this engine's dialect live with FreeTDS."""
    _let_the_first_error_stand(engine)
    _never_free_what_is_broken(engine)


def _let_the_first_error_stand(engine: Engine) -> None:
    """After a deadlock SQL Server has rolled back already. FreeTDS asks for it again, and that error would hide the deadlock.

    Its BEGIN, which goes with the ROLLBACK, is then lost as well: the connection would commit each statement on its own from there on, so
    it is not used again.
    """
    dialect: Any = engine.dialect
    genuine = dialect.do_rollback
    without_transaction: set[int] = set()

    def do_rollback(dbapi_connection: Any) -> None:
        try:
            genuine(dbapi_connection)
        except dialect.loaded_dbapi.Error as error:
            if _NOTHING_TO_ROLL_BACK not in str(error):
                raise
            without_transaction.add(id(getattr(dbapi_connection, "dbapi_connection", dbapi_connection)))

    @event.listens_for(engine, "checkout")
    def _refuse(dbapi_connection: Any, _record: object, _proxy: object) -> None:
        if id(dbapi_connection) in without_transaction:
            without_transaction.discard(id(dbapi_connection))
            raise DisconnectionError

    dialect.do_rollback = do_rollback


def _never_free_what_is_broken(engine: Engine) -> None:
    """Closing a connection that broke frees some of its memory twice, which ends the interpreter. It is left as it is instead:

    a few kilobytes until the process ends; the server's side of it is gone anyway.
    """
    dialect: Any = engine.dialect
    genuine_ping, genuine_terminate = dialect.do_ping, dialect.do_terminate
    broken: set[int] = set()

    @event.listens_for(engine, "handle_error")
    def _note(context: ExceptionContext) -> None:
        if context.is_disconnect and context.connection is not None:
            broken.add(id(context.connection.connection.dbapi_connection))

    def do_ping(dbapi_connection: Any) -> bool:
        try:
            return bool(genuine_ping(dbapi_connection))
        except dialect.loaded_dbapi.Error:
            broken.add(id(dbapi_connection))
            raise

    def do_terminate(dbapi_connection: Any) -> None:
        if id(dbapi_connection) in broken:
            ctypes.pythonapi.Py_IncRef(ctypes.py_object(dbapi_connection))
        else:
            genuine_terminate(dbapi_connection)

    dialect.do_ping, dialect.do_terminate = do_ping, do_terminate
