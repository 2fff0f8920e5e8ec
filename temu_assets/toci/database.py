"""Opening our own database: one engine per process, short read and write transactions, no SQL of any domain.

A transaction is never held open across a call to TEMU or JTL; both context managers are meant for a handful of statements.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pydantic import SecretStr
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError

from temu_assets.errors import ConfigurationError, InternalError, TemuAssetsError, TransientError
from temu_assets.sql.address import parse_url

_READ_ONLY = "toci_read_only"
_SQLITE_WAIT_SECONDS = 30
_DEADLOCK = "40001"  # SQLSTATE; ODBC reports it as a plain error, not as an operational one
_ELSEWHERE = "or set TEMU_DATA_DIR or TOCI_DATABASE_URL to another place."
_GIVE_ACCESS = f"give the program write access to the file and its folder, {_ELSEWHERE}"
_UNUSABLE_FILE = {
    sqlite3.SQLITE_READONLY: ("cannot be written: it or its folder is read-only", _GIVE_ACCESS),
    sqlite3.SQLITE_PERM: ("cannot be opened: access is denied", _GIVE_ACCESS),
    sqlite3.SQLITE_CANTOPEN: ("cannot be opened or made", _GIVE_ACCESS),
    sqlite3.SQLITE_CORRUPT: ("is damaged", f"restore a backup, {_ELSEWHERE}"),
    sqlite3.SQLITE_NOTADB: ("is not a SQLite database", f"restore a backup if it was one, {_ELSEWHERE}"),
    sqlite3.SQLITE_FULL: (
        "cannot be written: there is no room on the disk",
        f"make room, {_ELSEWHERE} Nothing of this step was kept; the next run continues here.",
    ),
    sqlite3.SQLITE_IOERR: (
        "cannot be read or written: the disk reports an error",
        f"look whether the disk is full, damaged or gone, {_ELSEWHERE} Nothing of this step was kept; the next run continues here.",
    ),
}
"""By kind of SQLite's failure: what is wrong with the file, and what to do."""


class Toci:
    """Our own database for one shop."""

    def __init__(self, engine: Engine, shop: str) -> None:
        self.engine = engine
        self.shop = shop

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A short transaction that only reads. Errors as in ``write``."""
        with (
            _translated(self.engine),
            self.engine.connect().execution_options(**{_READ_ONLY: True}) as connection,
            connection.begin(),
        ):
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A short transaction that is committed at the end of the block, or rolled back as a whole.

        Raises TransientError when the database cannot be reached, ConfigurationError when it cannot be opened or written,
        InternalError when it refuses a statement.
        """
        with _translated(self.engine), self.engine.begin() as connection:
            yield connection

    def close(self) -> None:
        """Give the connections back."""
        self.engine.dispose()


def open_engine(secret_url: SecretStr) -> Engine:
    """An engine for our own database. ``hide_parameters`` keeps buyers' data out of every exception.

    Raises ConfigurationError for a URL that cannot be used.
    """
    url = parse_url(secret_url, "TOCI_DATABASE_URL", "sqlite:///data/toci.db")
    if url.get_backend_name() == "sqlite":
        return _open_sqlite(url)
    # Without it ODBC sends a list of rows one by one.
    many_at_once = {"fast_executemany": True} if url.get_driver_name() == "pyodbc" else {}
    return create_engine(url, hide_parameters=True, pool_size=10, max_overflow=20, pool_pre_ping=True, pool_recycle=3600, **many_at_once)


def _open_sqlite(url: URL) -> Engine:
    # "file:" is SQLite's own URL inside ours, with options of its own; it is no path.
    if url.database and url.database != ":memory:" and not url.database.startswith("file:"):
        try:
            Path(url.database).parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ConfigurationError(
                f"The folder of our database, {Path(url.database).parent}, cannot be made ({error.strerror}).",
                remedy="give the program write access to it, or set TEMU_DATA_DIR or TOCI_DATABASE_URL to a place it may write.",
            ) from None
    engine = create_engine(url, hide_parameters=True, connect_args={"timeout": _SQLITE_WAIT_SECONDS})

    @event.listens_for(engine, "connect")
    def _on_connect(connection: sqlite3.Connection, _record: object) -> None:
        # Python's own transaction handling would start a write late and fail at once instead of waiting for its turn.
        connection.isolation_level = None
        _switch_to_wal(connection)
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA foreign_keys=ON")

    @event.listens_for(engine, "begin")
    def _on_begin(connection: Connection) -> None:
        read_only = connection.get_execution_options().get(_READ_ONLY, False)
        connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")

    return engine


def _switch_to_wal(connection: sqlite3.Connection) -> None:
    """Let readers and a writer work side by side; a file that is switched stays so."""
    give_up_at = time.monotonic() + _SQLITE_WAIT_SECONDS
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


@contextmanager
def _translated(engine: Engine) -> Iterator[None]:
    try:
        yield
    except DBAPIError as error:
        # The cause is left out of all of them: a server's own text quotes the values it refused, and they can be a buyer's.
        raise _in_our_words(engine, error) from None


def _in_our_words(engine: Engine, error: DBAPIError) -> TemuAssetsError:
    place = engine.url.render_as_string(hide_password=True)
    kind = type(error.orig).__name__
    # The low byte is the kind of failure; the others tell it apart further. Python's own errors have no code.
    file_trouble = _UNUSABLE_FILE.get(getattr(error.orig, "sqlite_errorcode", 0) & 0xFF)
    if file_trouble:
        wrong, remedy = file_trouble
        return ConfigurationError(f"Our database {engine.url.database} {wrong}.", remedy=remedy)
    is_deadlock = bool(error.orig and error.orig.args[:1] == (_DEADLOCK,))
    if error.connection_invalidated or is_deadlock or isinstance(error, OperationalError | InterfaceError):
        return TransientError(
            f"Our database ({place}) did not answer: {kind}.",
            remedy="check that it runs and can be reached; the next run continues where this one stopped.",
        )
    return InternalError(
        f"Our database ({place}) refused a statement with {kind}: {(error.statement or '')[:200]}",
        remedy="report this with the message as it is; nothing of this step was kept, and it can be run again.",
    )
