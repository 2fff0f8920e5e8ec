"""The kinds of database server this program knows."""

from __future__ import annotations

from sqlalchemy import Engine

from temu_assets.sql.dialects import Dialect
from temu_assets.sql.postgresql import PostgreSql
from temu_assets.sql.sqlite import Sqlite
from temu_assets.sql.sqlserver import SqlServer

_KINDS: dict[str, type[Dialect]] = {"sqlite": Sqlite, "mssql": SqlServer, "postgresql": PostgreSql}


def dialect_of(engine: Engine) -> Dialect:
    """The kind of server an engine leads to."""
    return named(engine.dialect.name)


def named(name: str) -> Dialect:
    """The kind of server by SQLAlchemy's name; raises ValueError for one this program does not know."""
    if name not in _KINDS:
        msg = f"{name} is not a database this program knows: sqlite, mssql (SQL Server) and postgresql"
        raise ValueError(msg)
    return _KINDS[name]()
