"""Microsoft SQL Server, through any of its three drivers.

The server numbers its errors. pyodbc tells the number within its text; mssql-python tells the server's sentence only. The numbers are
those of Microsoft's list of database engine errors; 20000 and above are FreeTDS's own.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import Column, Connection, Engine, MetaData, Table, bindparam, event, text
from sqlalchemy.engine import URL, ExceptionContext
from sqlalchemy.engine import Dialect as SqlAlchemyDialect

from temu_assets.sql import freetds, many_rows
from temu_assets.sql.dialects import Dialect
from temu_assets.sql.drivers import is_freetds
from temu_assets.sql.failures import Failure, Kind
from temu_assets.sql.limits import Limits

_BY_NUMBER = {
    # A deadlock, a lock time-out, a version conflict, and a server that has no memory or locks left for the moment.
    Kind.CONFLICT: (701, 1203, 1204, 1205, 1222, 3935, 3960, 8645),
    Kind.DUPLICATE: (2601, 2627),
    # Of the network, of a server that starts, stops or is restored, and of a session that was ended.
    Kind.GONE: (
        64,
        233,
        596,
        922,
        927,
        952,
        983,
        6005,
        10053,
        10054,
        10060,
        10061,
        17142,
        18401,
        3902,
        3903,
        40613,
        *range(20002, 20010),
        20017,
        20047,
    ),
    Kind.FULL: (1101, 1105, 9002),
    Kind.DENIED: (229, 230, 262, 297, 300, 916, 4060, 18452, 18456),
    Kind.MISSING: (207, 208, 2812),
    Kind.VALUE: (220, 232, 241, 242, 245, 248, 515, 547, 2628, 3609, 8114, 8115, 8152),
}
_KIND_OF_NUMBER = {number: kind for kind, numbers in _BY_NUMBER.items() for number in numbers}

_WHAT = {
    4060: "has no database of this name, or does not let this login in (4060)",
    18452: "refuses a Windows login from this machine (18452)",
    18456: "refuses the login or its password (18456)",
}
"""Refusals of which the number tells more than the kind."""

_BY_STATE = {
    "40001": Kind.CONFLICT,
    "HYT00": Kind.SLOW,
    "HYT01": Kind.SLOW,
    "28000": Kind.DENIED,
    "23000": Kind.VALUE,
    "42S02": Kind.MISSING,
    "42S22": Kind.MISSING,
    "IM002": Kind.NO_DRIVER,
    "IM003": Kind.NO_DRIVER,
}
_BY_CLASS = {"08": Kind.GONE, "22": Kind.VALUE}

_NUMBER = re.compile(r"\((\d+)\) \(SQL\w+\)")
_COLUMN = re.compile(r"column '([^']{1,128})'")
_NUMBER_OF_SENTENCE = {
    "Lock request time out": 1222,
    "Snapshot isolation transaction aborted": 3960,
    "Violation of PRIMARY KEY constraint": 2627,
    "Violation of UNIQUE KEY constraint": 2627,
    "Cannot insert duplicate key row": 2601,
    "String or binary data would be truncated": 2628,
    "The transaction log for database": 9002,
    "Could not allocate space for object": 1105,
    "The INSERT permission was denied": 229,
    "The SELECT permission was denied": 229,
    "The UPDATE permission was denied": 229,
    "The DELETE permission was denied": 229,
    "Cannot open database": 4060,
    "Login failed": 18456,
    "Cannot continue the execution because the session is in the kill state": 596,
}
_TOO_LONG = "String data, right truncation"
_RAISED_BY_HAND = 50000  # RAISERROR and THROW, in a trigger for instance
_UNTRUSTED = ("certificate verify failed", "certificate chain")
_SAYS_NOTHING = ("", "HY000", "01000")
_SAID_NOTHING = ("OperationalError", "InterfaceError", "Error")
"""What a driver raises without a code when the other side is no longer there."""
_CANNOT_LOAD = "Can't open lib"  # unixODBC says it under the SQLSTATE of a mere warning


class SqlServer(Dialect):
    """SQL Server 2016 or newer."""

    script_head = "-- Apply as a whole, in the database of this program: sqlcmd -b -d toci -i FILE\nSET NOCOUNT ON;\nSET XACT_ABORT ON;\n\n"

    def adjust(self, dialect: SqlAlchemyDialect) -> None:
        """Without descriptions of columns: a hundred procedure calls in a script a DBA has to read. They stand in ``toci/tables.py``."""
        dialect.supports_comments = False

    def engine_options(self, url: URL, limits: Limits) -> dict[str, Any]:
        """Many rows at once where the driver can: FreeTDS would crash the interpreter."""
        options = super().engine_options(url, limits) | {"connect_args": {"timeout": limits.login_timeout_seconds}}
        if url.get_driver_name() == "pyodbc":
            is_microsofts = not is_freetds(str(url.query.get("driver", "")))
            options["fast_executemany"] = limits.fast_executemany and is_microsofts
            # FreeTDS refuses the sizes SQLAlchemy has for long text.
            options["use_setinputsizes"] = is_microsofts
        else:
            # Both spellings are the driver's own; by place it need not rewrite each statement.
            options["paramstyle"] = "qmark"
        return options

    def set_up(self, engine: Engine, limits: Limits, *, is_guest: bool) -> None:
        """Each connection: no counts between results, a limit for locks and statements; a guest loses a deadlock against JTL's users."""
        self.adjust(engine.dialect)
        if engine.dialect.driver == "pyodbc":
            # The driver manager's own pool would hand out connections with the session settings reset.
            pyodbc: Any = engine.dialect.loaded_dbapi
            pyodbc.pooling = False
        session = f"SET NOCOUNT ON; SET LOCK_TIMEOUT {limits.lock_timeout_seconds * 1000}; "
        session += f"SET DEADLOCK_PRIORITY {'LOW' if is_guest else 'NORMAL'};"
        if engine.dialect.driver == "mssqlpython":
            # It tells errors by their sentence only, and has no keyword for the login's language.
            session += " SET LANGUAGE us_english;"

        @event.listens_for(engine, "connect")
        def _on_connect(connection: Any, _record: object) -> None:
            connection.timeout = limits.query_timeout_seconds
            cursor = connection.cursor()
            cursor.execute(session)
            cursor.close()

        @event.listens_for(engine, "handle_error")
        def _on_error(context: ExceptionContext) -> None:
            # SQLAlchemy does not know FreeTDS's codes of a broken connection, and would give the pool a dead one back.
            if self.failure(context.original_exception).kind is Kind.GONE:
                context.is_disconnect = True

        if is_freetds(str(engine.url.query.get("driver", ""))):
            freetds.set_up(engine)
        elif limits.fast_executemany:
            many_rows.set_up(engine)

    def failure(self, error: BaseException) -> Failure:
        """By the server's number where the driver tells it, else by SQLSTATE."""
        said = str(error)
        numbers = [int(number) for number in _NUMBER.findall(said)] or _numbers_of_mssql_python(error)
        known = next((number for number in numbers if number in _KIND_OF_NUMBER), None)
        column = found.group(1) if (found := _COLUMN.search(said)) else None
        if known is not None:
            return Failure(_KIND_OF_NUMBER[known], str(known), column=column, what=_WHAT.get(known, ""))
        state = _state(error)
        if any(sentence in said for sentence in _UNTRUSTED):
            return Failure(Kind.UNTRUSTED, state)
        if _CANNOT_LOAD in said:
            return Failure(Kind.NO_DRIVER, state)
        kind = _BY_STATE.get(state) or _BY_CLASS.get(state[:2])
        told = next((number for number in numbers if number), None)
        if kind is None and told is not None and told >= _RAISED_BY_HAND:
            kind = Kind.VALUE
        if kind is None and told is None and state in _SAYS_NOTHING and type(error).__name__ in _SAID_NOTHING:
            kind = Kind.GONE
        return Failure(kind or Kind.BUG, str(told or state), column=column)

    def lock_migration(self, connection: Connection) -> None:
        """A lock on a name, released with the transaction. The statement's time limit bounds the wait, loudly."""
        connection.execute(
            text(
                "EXEC sp_getapplock @Resource = 'temu_assets_migrate', @LockMode = 'Exclusive', "
                "@LockOwner = 'Transaction', @LockTimeout = -1"
            )
        )

    def rename_table(self, connection: Connection, old: str, new: str) -> None:
        """By procedure: T-SQL has no statement for it."""
        _rename_object(connection, old, new)

    def key_names(self, connection: Connection, table: str) -> list[str]:
        """SQLAlchemy cannot tell unique constraints of SQL Server."""
        asked = text(
            "SELECT CONSTRAINT_NAME FROM INFORMATION_SCHEMA.TABLE_CONSTRAINTS "
            "WHERE TABLE_NAME = :name AND CONSTRAINT_TYPE IN ('PRIMARY KEY', 'UNIQUE')"
        )
        return list(connection.execute(asked, {"name": table}).scalars())

    def rename_key(self, connection: Connection, table: str, old: str, new: str) -> None:  # noqa: ARG002 — one name in the whole schema
        """A constraint is an object beside its table."""
        _rename_object(connection, old, new)

    def staging_table(self, name: str, columns: Sequence[Column[Any]]) -> Table:
        """A local temporary table."""
        return Table(f"#{name}", MetaData(), *columns)

    def present_columns(self, connection: Connection, tables: Sequence[Table]) -> Mapping[str, frozenset[str]]:
        """All in one question."""
        names = sorted({table.name for table in tables})
        rows = connection.execute(
            text("SELECT TABLE_SCHEMA, TABLE_NAME, COLUMN_NAME FROM INFORMATION_SCHEMA.COLUMNS WHERE TABLE_NAME IN :names").bindparams(
                bindparam("names", names, expanding=True)
            )
        )
        keys = {((table.schema or "dbo").casefold(), table.name.casefold()): table.key for table in tables}
        found: dict[str, set[str]] = {}
        for schema, name, column in rows:
            key = keys.get((schema.casefold(), name.casefold()))
            if key is not None:
                found.setdefault(key, set()).add(column.casefold())
        return {key: frozenset(columns) for key, columns in found.items()}


def _rename_object(connection: Connection, old: str, new: str) -> None:
    # The old name is read as an identifier, the new one taken as it is.
    quoted = connection.dialect.identifier_preparer.quote_identifier(old)
    connection.execute(text("EXEC sp_rename @objname = :old, @newname = :new, @objtype = 'OBJECT'"), {"old": quoted, "new": new})


def _numbers_of_mssql_python(error: BaseException) -> list[int]:
    """mssql-python drops the number; its sessions speak English, so the server's sentence stands for it."""
    said = getattr(error, "ddbc_error", "").rpartition("]")[2]
    return [number for sentence, number in _NUMBER_OF_SENTENCE.items() if said.startswith(sentence)]


def _state(error: BaseException) -> str:
    """The SQLSTATE of an error: pyodbc gives it first, mssql-python as the words it has for it."""
    words = getattr(error, "driver_error", None)
    if words is not None:
        return _states_of_mssql_python().get(words, "")
    # What pyodbc itself finds wrong comes the other way round.
    first = next((part for part in error.args if isinstance(part, str) and len(part) == len("HY000")), "")
    return "22001" if first == "HY000" and _TOO_LONG in str(error.args[0]) else first


@cache
def _states_of_mssql_python() -> dict[str, str]:
    """The driver's own words for a SQLSTATE, the other way round: it keeps the words and drops the code."""
    from mssql_python.exceptions import sqlstate_to_exception

    states = {*_BY_STATE, "40001", "42000", "HY000", "22001", "22003", "22007", "22008", "22018"}
    states |= {"08001", "08002", "08003", "08004", "08007", "08S01"}
    return {known.driver_error: state for state in sorted(states) if (known := sqlstate_to_exception(state, "")) is not None}
