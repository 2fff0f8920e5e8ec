"""What differs between kinds of database server. Everything else in this program is written once, in SQLAlchemy Core."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Column, Connection, Engine, MetaData, Table, inspect, text
from sqlalchemy.engine import URL
from sqlalchemy.engine import Dialect as SqlAlchemyDialect
from sqlalchemy.exc import NoSuchTableError

from temu_assets.sql.failures import Failure
from temu_assets.sql.limits import Limits


class Dialect(ABC):
    """One kind of server."""

    script_head = ""
    """What stands above a script a person applies."""
    keeps_connections = True
    """Whether a connection may wait for its next use: to log in anew takes a server longer than most statements."""
    stands_still: str | None = "SERIALIZABLE"
    """The isolation level under which all that a transaction reads is of one moment; None: any is."""

    def adjust(self, dialect: SqlAlchemyDialect) -> None:  # noqa: B027 — nothing to change for most
        """Change what SQLAlchemy writes for this server."""

    def engine_options(self, url: URL, limits: Limits) -> dict[str, Any]:  # noqa: ARG002 — the URL tells drivers apart
        """What ``create_engine`` is told."""
        return {
            "pool_size": limits.pool_size,
            "max_overflow": limits.max_overflow,
            "pool_recycle": limits.pool_recycle_seconds,
            "pool_timeout": limits.pool_timeout_seconds,
        }

    @abstractmethod
    def set_up(self, engine: Engine, limits: Limits, *, is_guest: bool) -> None:
        """Prepare each new connection. ``is_guest``: the database belongs to other people, whose work goes first."""

    @abstractmethod
    def failure(self, error: BaseException) -> Failure:
        """What the driver's error means."""

    @abstractmethod
    def lock_migration(self, connection: Connection) -> None:
        """Wait until nobody else migrates; held until the transaction ends."""

    def rename_table(self, connection: Connection, old: str, new: str) -> None:
        """Give a table another name; what it holds and what refers to it stays."""
        quoted = connection.dialect.identifier_preparer.quote_identifier
        connection.execute(text(f"ALTER TABLE {quoted(old)} RENAME TO {quoted(new)}"))

    def key_names(self, connection: Connection, table: str) -> list[str]:
        """The names of a table's primary key and unique constraints, as far as they have any."""
        inspector = inspect(connection)
        names = [inspector.get_pk_constraint(table)["name"], *(each["name"] for each in inspector.get_unique_constraints(table))]
        return [name for name in names if name is not None]

    def rename_key(self, connection: Connection, table: str, old: str, new: str) -> None:
        """Give a primary key or unique constraint another name, where two tables cannot have constraints of one name."""
        quoted = connection.dialect.identifier_preparer.quote_identifier
        connection.execute(text(f"ALTER TABLE {quoted(table)} RENAME CONSTRAINT {quoted(old)} TO {quoted(new)}"))

    def overwrite_erased(self, engine: Engine) -> bool:  # noqa: ARG002 — a server reuses the room by itself
        """See to it that what was deleted or replaced cannot be read from the files of the database; False: somebody is in the way."""
        return True

    def staging_table(self, name: str, columns: Sequence[Column[Any]]) -> Table:
        """A table only this connection sees."""
        return Table(name, MetaData(), *columns, prefixes=["TEMPORARY"])

    def present_columns(self, connection: Connection, tables: Sequence[Table]) -> Mapping[str, frozenset[str]]:
        """The columns each of these tables or views really has, casefolded, by the table's key; a table that is not there is absent."""
        inspector = inspect(connection)
        found = {}
        for table in tables:
            try:
                columns = inspector.get_columns(table.name, schema=self.schema_of(table))
            except NoSuchTableError:
                continue
            found[table.key] = frozenset(column["name"].casefold() for column in columns)
        return found

    def schema_of(self, table: Table) -> str | None:
        """The schema under which the server has a table."""
        return table.schema
