"""Reaching JTL's database: short statements on their own, no transaction around reads, and columns checked before they are first used."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pydantic import SecretStr
from sqlalchemy import Connection, Engine, Row, Select, Table, create_engine, inspect
from sqlalchemy.exc import DBAPIError, NoSuchTableError

from temu_assets.errors import ConfigurationError, TransientError
from temu_assets.sql.address import parse_url

_ONE_TRANSACTION = {True: "SERIALIZABLE", False: "READ COMMITTED"}
"""What ends autocommit: the only level SQLite has, and the one that locks least of JTL on a server."""

_UNUSABLE_FILE = {
    sqlite3.SQLITE_CORRUPT: "is damaged",
    sqlite3.SQLITE_NOTADB: "is not a SQLite database",
    sqlite3.SQLITE_CANTOPEN: "cannot be opened",
    sqlite3.SQLITE_PERM: "cannot be opened: access is denied",
    sqlite3.SQLITE_READONLY: "cannot be written: it or its folder is read-only",
    sqlite3.SQLITE_FULL: "cannot be written: there is no room on the disk",
    sqlite3.SQLITE_IOERR: "cannot be read or written: the disk reports an error",
}
_LOCKED = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)

_PLAIN_NAMES = {"dbo": None, "Verkauf": None, "Versand": None, "Kunde": None}


class Jtl:
    """JTL-Wawi's database. Use the modules of this package; they take one of these."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._checked: set[str] = set()

    def rows(self, statement: Select[*tuple[Any, ...]]) -> Sequence[Row[*tuple[Any, ...]]]:
        """Run one reading statement on its own; never an empty answer instead of an error.

        Raises TransientError when JTL cannot be reached, ConfigurationError when what the setting names is no database of JTL's.
        """
        with self._connection() as connection:
            return connection.execute(statement).all()

    @contextmanager
    def hand_over(self) -> Iterator[Connection]:
        """The one writing transaction: rows for ``dbo.tXMLBestellImport``, committed at the end of the block."""
        with (
            self._translated(),
            self.engine.execution_options(isolation_level=_ONE_TRANSACTION[self.engine.dialect.name == "sqlite"]).connect() as connection,
            connection.begin(),
        ):
            yield connection

    def require(self, tables: Sequence[Table]) -> None:
        """Check that JTL has the columns needed, once per process. Raises ConfigurationError naming what is missing."""
        unchecked = [table for table in tables if table.key not in self._checked]
        if not unchecked:
            return
        missing: list[str] = []
        with self._connection() as connection:
            inspector = inspect(connection)
            for table in unchecked:
                schema = table.schema if self.engine.dialect.name != "sqlite" else None
                try:
                    present = {column["name"].casefold() for column in inspector.get_columns(table.name, schema=schema)}
                except NoSuchTableError:
                    missing.append(f"{table.fullname} (the whole table)")
                    continue
                absent = [column.name for column in table.columns if column.name.casefold() not in present]
                missing += [f"{table.fullname}.{name}" for name in absent]
                if not absent:
                    self._checked.add(table.key)
        if missing:
            raise ConfigurationError(
                f"JTL's database lacks what this program reads: {', '.join(missing)}.",
                remedy="check that JTL_DATABASE_URL names JTL's own database (eazybusiness) and that the login may read it; "
                "known to fit are JTL-Wawi 1.8 to 2.0.",
            )

    def close(self) -> None:
        """Give the connections back."""
        self.engine.dispose()

    @contextmanager
    def _connection(self) -> Iterator[Connection]:
        with self._translated(), self.engine.connect() as connection:
            yield connection

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except DBAPIError as error:
            if isinstance(error.orig, sqlite3.OperationalError) and "no such" in str(error.orig):
                raise ConfigurationError(
                    f"JTL's database does not have what was asked for ({error.orig}).",
                    remedy="check that JTL_DATABASE_URL names JTL's own database.",
                ) from error
            # The low byte is the kind of failure; other drivers' errors and Python's own have no code.
            kind = getattr(error.orig, "sqlite_errorcode", 0) & 0xFF
            if kind in _UNUSABLE_FILE:
                raise ConfigurationError(
                    f"JTL's database {self.engine.url.database} {_UNUSABLE_FILE[kind]}.",
                    remedy="check that JTL_DATABASE_URL names JTL's database, that the file is whole and that the program may read and "
                    "write it; nothing was changed.",
                ) from error
            if kind in _LOCKED:
                raise TransientError(
                    f"JTL's database {self.engine.url.database} is locked by another program.",
                    remedy="end what holds it, if that lasts; nothing was changed, the next run continues here.",
                ) from error
            raise TransientError(
                f"JTL's database ({self.engine.url.render_as_string(hide_password=True)}) did not answer: {type(error.orig).__name__}.",
                remedy="check that SQL Server runs, that the login may read eazybusiness and that JTL_DATABASE_URL is right; nothing was "
                "changed, the next run continues here.",
            ) from error


def open_engine(secret_url: SecretStr) -> Engine:
    """An engine for JTL's database; raises ConfigurationError for a URL that cannot be used or a SQLite file that does not exist."""
    url = parse_url(
        secret_url,
        "JTL_DATABASE_URL",
        "mssql+pyodbc://user:password@server/eazybusiness?driver=ODBC+Driver+18+for+SQL+Server",
    )
    if url.get_backend_name() != "sqlite":
        return create_engine(
            url,
            hide_parameters=True,
            isolation_level="AUTOCOMMIT",
            pool_size=10,
            max_overflow=20,
            pool_pre_ping=True,
            pool_recycle=3600,
        )
    if url.database and Path(url.database).is_dir():
        raise ConfigurationError(
            f"JTL_DATABASE_URL names {url.database}, which is a folder, not a database file.",
            remedy="add the name of the file to the path.",
        )
    if not url.database or not Path(url.database).is_file():
        raise ConfigurationError(
            f"JTL_DATABASE_URL names the file {url.database}, which does not exist.",
            remedy="correct the path; a JTL database is never created by this program.",
        )
    return create_engine(
        url,
        hide_parameters=True,
        connect_args={"timeout": 30},
        execution_options={"schema_translate_map": _PLAIN_NAMES},
        isolation_level="AUTOCOMMIT",
    )
