"""Opening our own database: one engine per process, short read and write transactions, no SQL of any domain.

A transaction is never held open across a call to TEMU or JTL; both context managers are meant for a handful of statements.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pydantic import SecretStr
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, InterfaceError, NoSuchModuleError, OperationalError

from temu_assets.errors import ConfigurationError, TransientError

_READ_ONLY = "toci_read_only"


class Toci:
    """Our own database for one shop."""

    def __init__(self, engine: Engine, shop: str) -> None:
        self.engine = engine
        self.shop = shop

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A short transaction that only reads. Raises TransientError when the database cannot be reached."""
        with (
            _translated(self.engine),
            self.engine.connect().execution_options(**{_READ_ONLY: True}) as connection,
            connection.begin(),
        ):
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A short transaction that is committed at the end of the block, or rolled back as a whole."""
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
    return create_engine(url, hide_parameters=True, pool_size=10, max_overflow=20, pool_pre_ping=True, pool_recycle=3600)


def parse_url(secret_url: SecretStr, setting: str, example: str) -> URL:
    """Parse a SQLAlchemy URL; raises ConfigurationError that names the setting, never its value."""
    try:
        url = make_url(secret_url.get_secret_value())
        url.get_dialect()
    except (ArgumentError, NoSuchModuleError, ValueError):
        raise ConfigurationError(f"{setting} is not a database URL that can be used.", remedy=f"write it like {example}") from None
    return url


def _open_sqlite(url: URL) -> Engine:
    if url.database and url.database != ":memory:":
        try:
            Path(url.database).parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ConfigurationError(
                f"The folder of our database, {Path(url.database).parent}, cannot be made ({error.strerror}).",
                remedy="give the program write access to it, or set TEMU_DATA_DIR or TOCI_DATABASE_URL to a place it may write.",
            ) from None
    engine = create_engine(url, hide_parameters=True, connect_args={"timeout": 30})

    @event.listens_for(engine, "connect")
    def _on_connect(connection: sqlite3.Connection, _record: object) -> None:
        # Python's own transaction handling would start a write late and fail at once instead of waiting for its turn.
        connection.isolation_level = None
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA foreign_keys=ON")

    @event.listens_for(engine, "begin")
    def _on_begin(connection: Connection) -> None:
        read_only = connection.get_execution_options().get(_READ_ONLY, False)
        connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")

    return engine


@contextmanager
def _translated(engine: Engine) -> Iterator[None]:
    try:
        yield
    except DBAPIError as error:
        if isinstance(error.orig, sqlite3.OperationalError) and "readonly" in str(error.orig):
            raise ConfigurationError(
                f"Our database {engine.url.database} cannot be written: it or its folder is read-only.",
                remedy="give the program write access to the file and its folder.",
            ) from error
        if error.connection_invalidated or isinstance(error, OperationalError | InterfaceError):
            raise TransientError(
                f"Our database ({engine.url.render_as_string(hide_password=True)}) did not answer: {type(error.orig).__name__}.",
                remedy="check that it runs and can be reached; the next run continues where this one stopped.",
            ) from error
        raise
