"""Reaching JTL's database: short statements on their own, no transaction around reads, and columns checked before they are first used.

Reads are done again after a deadlock, a lock time-out or a lost connection. The one write is not done again here: whether it has
happened is JTL's to say, so ``orders.hand_over`` asks first.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

from pydantic import SecretStr
from sqlalchemy import Connection, Engine, Row, Select, Table
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError

from temu_assets.errors import ConfigurationError, InternalError
from temu_assets.jtl.statements import jtl_version
from temu_assets.jtl.tables import version
from temu_assets.sql.address import parse_url, place
from temu_assets.sql.attempts import Attempts, Words
from temu_assets.sql.engine import open_server
from temu_assets.sql.limits import Limits
from temu_assets.sql.repeated import Repeated
from temu_assets.sql.servers import dialect_of

T = TypeVar("T")

_ONE_TRANSACTION = {True: "SERIALIZABLE", False: "READ COMMITTED"}
"""What ends autocommit: the only level SQLite has, and the one that locks least of JTL on a server."""

_RIGHT_DATABASE = "check that JTL_DATABASE_URL (or SQL_SERVER and SQL_DATABASE_JTL) names JTL's own database (eazybusiness)"
_NOTHING_CHANGED = "nothing was changed, the next run continues here."
_WHOLE_FILE = (
    "check that JTL_DATABASE_URL names JTL's database, that the file is whole and that the program may read and write it; "
    "nothing was changed."
)
WORDS = Words(
    title="JTL's database",
    setting="JTL_DATABASE_URL",
    example="mssql+pyodbc://user:password@server/eazybusiness",
    if_gone=f"check that SQL Server runs, that the login may read eazybusiness and that JTL_DATABASE_URL or SQL_SERVER is right; "
    f"{_NOTHING_CHANGED}",
    if_denied=f"check login and password, {_RIGHT_DATABASE}, "
    f"and the login's rights: docs/sql/jtl-rights.sql grants what is needed; {_NOTHING_CHANGED}",
    if_unusable=_WHOLE_FILE,
    if_full=_WHOLE_FILE,
    if_missing=f"{_RIGHT_DATABASE}.",
)
KNOWN_VERSIONS = ((1, 8), (2, 0))
"""The oldest and the newest JTL-Wawi this program is known to fit."""


def known_to_fit() -> str:
    """The same in words."""
    return "known to fit are JTL-Wawi {}.{} to {}.{}".format(*KNOWN_VERSIONS[0], *KNOWN_VERSIONS[1])


class Jtl:
    """JTL-Wawi's database. Use the modules of this package; they take one of these. ``may_write`` is False in a dry run."""

    def __init__(self, engine: Engine, *, may_write: bool = True, checked: set[Table] | None = None) -> None:
        self.engine = engine
        self._may_write = may_write
        self.attempts = Attempts(engine, WORDS)
        self._checked: set[Table] = set() if checked is None else checked

    def rows(self, statement: Select[*tuple[Any, ...]]) -> Sequence[Row[*tuple[Any, ...]]]:
        """Run one reading statement on its own; never an empty answer instead of an error.

        Raises TransientError when JTL cannot be reached, ConfigurationError when what the setting names is no database of JTL's.
        """
        return self.read(lambda connection: connection.execute(statement).all())

    def rows_of_all(self, questions: Sequence[tuple[Repeated, Sequence[object]]]) -> list[Sequence[Row[*tuple[Any, ...]]]]:
        """The rows of many reading statements with their values, each on its own as in ``rows``, with the same errors.

        Over one connection: to take one and give it back asks the server as often as the statements do. A connection that is lost loses
        nothing that was read, and each statement is tried as often as one in ``rows``.
        """
        if not questions:
            return []
        found: list[Sequence[Row[*tuple[Any, ...]]]] = []

        def read_the_rest(connection: Connection) -> None:
            for statement, values in questions[len(found) :]:
                self.attempts.require_time_to_look()
                found.append(statement.rows(connection, values))

        self.read(read_the_rest, done=lambda: len(found))
        return found

    def rows_of_chunks(self, statement: Repeated, chunks: Sequence[Sequence[object]]) -> list[Row[*tuple[Any, ...]]]:
        """The rows of one statement for all these lists of values, in their order. Errors as in ``rows``."""
        return [row for rows in self.rows_of_all([(statement, chunk) for chunk in chunks]) for row in rows]

    def read(self, work: Callable[[Connection], T], *, done: Callable[[], int] = int) -> T:
        """The result of reading statements, each on its own. Errors as in ``rows``; ``done`` as in ``Attempts.run``."""

        def once() -> T:
            with self.engine.connect() as connection:
                return work(connection)

        return self.attempts.run(once, done=done)

    def write_once(self, work: Callable[[Connection], T]) -> T:
        """The result of the one writing transaction: rows for ``dbo.tXMLBestellImport``. Raises SQLAlchemy's errors as they come.

        Raises InternalError in a dry run, before JTL is asked for anything.
        """
        if not self._may_write:
            raise InternalError(
                "A dry run was about to write into JTL's database. It did not.", remedy="report this; JTL was not given anything."
            )
        level = _ONE_TRANSACTION[self.engine.dialect.name == "sqlite"]
        try:
            with self.engine.execution_options(isolation_level=level).connect() as connection, connection.begin():
                return work(connection)
        except self.engine.dialect.loaded_dbapi.Error as error:
            # SQLAlchemy lets the driver's own errors through where it changes the isolation level, before and after the work.
            raise DBAPIError(None, None, error, hide_parameters=True) from None

    def require(self, tables: Sequence[Table]) -> None:
        """Check that JTL has the columns needed, each table once. Raises ConfigurationError naming what is missing."""
        unchecked = [table for table in tables if table not in self._checked]
        if not unchecked:
            return
        present = self.read(lambda connection: dialect_of(self.engine).present_columns(connection, unchecked))
        missing: list[str] = []
        for table in unchecked:
            if table.key not in present:
                missing.append(f"{table.fullname} (the whole table)")
                continue
            absent = [column.name for column in table.columns if column.name.casefold() not in present[table.key]]
            missing += [f"{table.fullname}.{name}" for name in absent]
            if not absent:
                self._checked.add(table)
        if missing:
            of_jtl = ", JTL-Wawi " + told if (told := self.wawi_version()) else ""
            raise ConfigurationError(
                f"JTL's database ({place(self.engine.url)}{of_jtl}) lacks what this program reads: {', '.join(missing)}.",
                remedy=f"{_RIGHT_DATABASE} and that the login may read it (docs/sql/jtl-rights.sql); {known_to_fit()}.",
            )

    def wawi_version(self) -> str:
        """Which JTL-Wawi the database belongs to; empty where it does not tell, or the login may not see it."""
        present = self.read(lambda connection: dialect_of(self.engine).present_columns(connection, [version]))
        rows = self.rows(jtl_version()) if "cversion" in present.get(version.key, ()) else ()
        return str(rows[0][0]) if rows else ""

    def close(self) -> None:
        """Give the connections back."""
        self.engine.dispose()


def open_engine(secret_url: SecretStr, limits: Limits | None = None) -> Engine:
    """An engine for JTL's database; raises ConfigurationError for a URL that cannot be used or a SQLite file that does not exist."""
    return make_engine(find(secret_url), limits or Limits())


def find(secret_url: SecretStr) -> URL:
    """Where JTL's database is; raises ConfigurationError for a URL that cannot be used or a SQLite file that does not exist."""
    url = parse_url(secret_url, WORDS.setting, WORDS.example)
    if url.get_backend_name() == "sqlite":
        _require_file(url.database)
    return url


def make_engine(url: URL, limits: Limits) -> Engine:
    """An engine for what ``find`` has found."""
    return open_server(url, limits, WORDS.setting, is_guest=True, isolation_level="AUTOCOMMIT")


def _require_file(database: str | None) -> None:
    if database and Path(database).is_dir():
        raise ConfigurationError(
            f"JTL_DATABASE_URL names {database}, which is a folder, not a database file.",
            remedy="add the name of the file to the path.",
        )
    if not database or not Path(database).is_file():
        raise ConfigurationError(
            f"JTL_DATABASE_URL names the file {database}, which does not exist.",
            remedy="correct the path; a JTL database is never created by this program.",
        )
