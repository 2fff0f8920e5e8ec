"""Connections that die: on a server really, by ending its side of them; on SQLite as if (it has no other side to end).

Every other transaction of a thread dies at the chosen point, so that each piece of work is hit once and then tried again.
"""

from __future__ import annotations

import sqlite3
import threading
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

import pytest
from sqlalchemy import Engine, NullPool, create_engine, event, text

from temu_assets.sql import attempts
from temu_assets.sql.failures import Kind


class Point(Enum):
    """Where a transaction dies."""

    BEFORE_STATEMENT_1 = 1
    BEFORE_STATEMENT_2 = 2
    BEFORE_STATEMENT_3 = 3
    BEFORE_STATEMENT_5 = 5
    BEFORE_STATEMENT_8 = 8
    BEFORE_STATEMENT_13 = 13
    BEFORE_STATEMENT_18 = 18
    BEFORE_COMMIT = "before commit"
    AFTER_COMMIT = "after commit, before its answer"


@dataclass
class Killer:
    """What was killed on the engines it was given: ``most`` times, if given; ``is_on`` switches it."""

    point: Point
    most: int | None = None
    killed: int = 0
    is_on: bool = True
    _turns: threading.local = field(default_factory=threading.local)

    def watch(self, engine: Engine) -> Engine:
        """Kill on this engine from now on."""
        admin = None if engine.dialect.name == "sqlite" else create_engine(engine.url, isolation_level="AUTOCOMMIT", poolclass=NullPool)
        dialect: Any = engine.dialect
        genuine_commit = dialect.do_commit

        @event.listens_for(engine, "begin")
        def _begin(_: object) -> None:
            turns = self._turns
            turns.number = getattr(turns, "number", 0) + 1
            turns.statements = 0

        @event.listens_for(engine, "before_cursor_execute")
        def _before(connection: Any, _cursor: object, statement: str, *_: object) -> None:
            if statement.startswith("BEGIN"):
                return
            self._turns.statements = getattr(self._turns, "statements", 0) + 1
            if self._is_due() and self.point.value == self._turns.statements:
                self._kill(admin, connection.connection.dbapi_connection)

        def commit(dbapi_connection: Any) -> None:
            raw = getattr(dbapi_connection, "dbapi_connection", dbapi_connection)
            is_due = self._is_due() and getattr(self._turns, "statements", 0) > 0
            if is_due and self.point is Point.BEFORE_COMMIT:
                self._kill(admin, raw)
            genuine_commit(dbapi_connection)
            if is_due and self.point is Point.AFTER_COMMIT:
                self._kill(admin, raw)
                raise lost(raw)

        dialect.do_commit = commit
        return engine

    def _is_due(self) -> bool:
        return self.is_on and self.killed != self.most and getattr(self._turns, "number", 0) % 2 == 1

    def _kill(self, admin: Engine | None, dbapi_connection: Any) -> None:
        self.killed += 1
        if admin is None:
            raise lost(dbapi_connection)
        end = "SELECT pg_terminate_backend({})" if admin.dialect.name == "postgresql" else "KILL {}"
        with admin.connect() as connection:
            connection.execute(text(end.format(_number(dbapi_connection))))


def _number(dbapi_connection: Any) -> int:
    """The server's number for a connection."""
    if hasattr(dbapi_connection, "info"):
        return int(dbapi_connection.info.backend_pid)
    cursor = dbapi_connection.cursor()
    cursor.execute("SELECT @@SPID")
    (number,) = cursor.fetchone()
    cursor.close()
    return int(number)


def lost(dbapi_connection: Any) -> Exception:
    """What the driver of this connection raises when the other side is gone."""
    gone: Exception
    driver = type(dbapi_connection).__module__.split(".")[0]
    if driver == "sqlite3":
        gone = sqlite3.OperationalError("the connection was lost")
    elif driver == "psycopg":
        import psycopg

        gone = psycopg.OperationalError("server closed the connection unexpectedly")
    elif driver == "pyodbc":
        import pyodbc

        gone = pyodbc.OperationalError("08S01", "[08S01] Communication link failure (0) (SQLEndTran)")
    else:
        from mssql_python import exceptions

        gone = exceptions.OperationalError("Communication link failure", "")
    return gone


def without_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Try again as often as in real life, and at once."""
    monkeypatch.setattr(attempts, "_PAUSES", {kind: tuple(0.0 for _ in pauses) for kind, pauses in attempts._PAUSES.items()})
    assert Kind.GONE in attempts._PAUSES
