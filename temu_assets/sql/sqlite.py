"""SQLite: our own database where no server is given, and the stand-in for JTL's.

A file of ours is switched to WAL, so that readers and a writer work side by side, and a write takes its turn at its start. In somebody
else's file nothing is switched.
"""

from __future__ import annotations

import sqlite3
import time
from typing import Any

from sqlalchemy import Connection, Engine, Table, event
from sqlalchemy.engine import URL

from temu_assets.sql.dialects import Dialect
from temu_assets.sql.failures import Failure, Kind
from temu_assets.sql.limits import Limits

READ_ONLY = "read_only"
"""Execution option of a connection whose transaction only reads, so that it need not wait for a writer."""

_WAIT_SECONDS = 30
_PLAIN_NAMES = {"dbo": None, "Verkauf": None, "Versand": None, "Kunde": None}

_FILE_TROUBLE = {
    sqlite3.SQLITE_READONLY: (Kind.DENIED, "cannot be written: it or its folder is read-only"),
    sqlite3.SQLITE_PERM: (Kind.DENIED, "cannot be opened: access is denied"),
    sqlite3.SQLITE_CANTOPEN: (Kind.DENIED, "cannot be opened or made"),
    sqlite3.SQLITE_CORRUPT: (Kind.UNUSABLE, "is damaged"),
    sqlite3.SQLITE_NOTADB: (Kind.UNUSABLE, "is not a SQLite database"),
    sqlite3.SQLITE_FULL: (Kind.FULL, "cannot be written: there is no room on the disk"),
    sqlite3.SQLITE_IOERR: (Kind.FULL, "cannot be read or written: the disk reports an error"),
    sqlite3.SQLITE_BUSY: (Kind.LOCKED, "is locked by another program"),
    sqlite3.SQLITE_LOCKED: (Kind.LOCKED, "is locked by another program"),
}
_DUPLICATE = (sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY, sqlite3.SQLITE_CONSTRAINT_UNIQUE, sqlite3.SQLITE_CONSTRAINT_ROWID)


class Sqlite(Dialect):
    """A file."""

    # A file can be replaced at any time, and is opened in no time.
    keeps_connections = False
    stands_still = None

    def engine_options(self, url: URL, limits: Limits) -> dict[str, Any]:  # noqa: ARG002 — a file has neither pool nor server
        """A file needs no pool; a connection waits for its turn."""
        return {"connect_args": {"timeout": _WAIT_SECONDS}}

    def set_up(self, engine: Engine, limits: Limits, *, is_guest: bool) -> None:  # noqa: ARG002 — as above
        """Our own file is prepared for many at once; JTL's names carry no schema there."""
        if is_guest:
            engine.update_execution_options(schema_translate_map=_PLAIN_NAMES)
            return
        event.listen(engine, "connect", _prepare)
        event.listen(engine, "begin", _begin)

    def failure(self, error: BaseException) -> Failure:
        """By SQLite's own code; the low byte is the kind of failure. Python's own errors have none."""
        code = getattr(error, "sqlite_errorcode", 0)
        name = getattr(error, "sqlite_errorname", type(error).__name__)
        if trouble := _FILE_TROUBLE.get(code & 0xFF):
            return Failure(trouble[0], name, what=trouble[1])
        if code in _DUPLICATE:
            return Failure(Kind.DUPLICATE, name)
        if isinstance(error, sqlite3.IntegrityError | sqlite3.DataError):
            return Failure(Kind.VALUE, name, column=_column(error) if code == sqlite3.SQLITE_CONSTRAINT_NOTNULL else None)
        if code & 0xFF == sqlite3.SQLITE_ERROR:
            if "no such" in str(error):  # SQLite has one code for every wrong statement
                return Failure(Kind.MISSING, name, what=f"does not have what was asked for ({error})")
            return Failure(Kind.BUG, name)
        if isinstance(error, sqlite3.OperationalError | sqlite3.InterfaceError):
            return Failure(Kind.GONE, name)
        return Failure(Kind.BUG, name)

    def lock_migration(self, connection: Connection) -> None:
        """The write transaction is the lock."""

    def rename_key(self, connection: Connection, table: str, old: str, new: str) -> None:
        """Every table has constraints of its own, so no name is in the way of another."""

    def overwrite_erased(self, engine: Engine) -> bool:
        """SQLite leaves in its file what was deleted, until the room is used again; and in the log beside it until that starts anew."""
        with engine.connect().execution_options(**{READ_ONLY: True}) as connection:
            connection.exec_driver_sql("COMMIT")  # both are refused inside a transaction
            connection.exec_driver_sql("VACUUM")
            busy, _, _ = connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").one()
        return bool(busy == 0)

    def schema_of(self, table: Table) -> str | None:  # noqa: ARG002 — a file has none
        """A file has no schemas."""
        return None


def _column(error: BaseException) -> str | None:
    """The column of ``NOT NULL constraint failed: table.column``."""
    return str(error).rpartition(".")[2] or None


def _prepare(connection: sqlite3.Connection, _record: object) -> None:
    # Python's own transaction handling would start a write late and fail at once instead of waiting for its turn.
    connection.isolation_level = None
    _switch_to_wal(connection)
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("PRAGMA foreign_keys=ON")


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN" if connection.get_execution_options().get(READ_ONLY, False) else "BEGIN IMMEDIATE")


def _switch_to_wal(connection: sqlite3.Connection) -> None:
    """Let readers and a writer work side by side; a file that is switched stays so."""
    give_up_at = time.monotonic() + _WAIT_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as error:
            # Two first runs at once: for this one statement SQLite does not wait for its turn by itself.
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > give_up_at:
                raise
            time.sleep(0.02)
        else:
            return
