"""What each driver's errors are taken for. The texts are those the drivers really give."""

from __future__ import annotations

import sqlite3

import psycopg
import pytest
from mssql_python import exceptions as mssql_python

from temu_assets.sql.failures import Failure, Kind
from temu_assets.sql.postgresql import PostgreSql
from temu_assets.sql.sqlite import Sqlite
from temu_assets.sql.sqlserver import SqlServer


class Error(Exception):
    """pyodbc's, by its name there: SQLSTATE first, then the text."""


MICROSOFT = "[Microsoft][ODBC Driver 18 for SQL Server][SQL Server]"


@pytest.mark.parametrize(
    ("state", "text", "kind", "code"),
    [
        ("40001", f"[40001] {MICROSOFT}Transaction (Process ID 52) was deadlocked (1205) (SQLExecDirectW)", Kind.CONFLICT, "1205"),
        ("42000", f"[42000] {MICROSOFT}Lock request time out period exceeded. (1222) (SQLExecDirectW)", Kind.CONFLICT, "1222"),
        ("08S01", "[08S01] [Microsoft][ODBC Driver 18 for SQL Server]TCP Provider: 0x2746 (10054) (SQLExecDirectW)", Kind.GONE, "10054"),
        ("08S01", "[08S01] [Microsoft][ODBC Driver 18 for SQL Server]Communication link failure (0) (SQLExecDirectW)", Kind.GONE, "0"),
        ("HYT00", "[HYT00] [Microsoft][ODBC Driver 18 for SQL Server]Login timeout expired (0) (SQLDriverConnect)", Kind.SLOW, "0"),
        ("HY000", "[HY000] [FreeTDS][SQL Server]Write to the server failed (20006) (SQLExecDirectW)", Kind.GONE, "20006"),
        ("01000", "[01000] [FreeTDS][SQL Server]Unexpected EOF from the server (20017) (SQLExecDirectW)", Kind.GONE, "20017"),
        ("23000", f"[23000] {MICROSOFT}Violation of PRIMARY KEY constraint 'pk'. (2627) (SQLExecDirectW)", Kind.DUPLICATE, "2627"),
        ("22001", f"[22001] {MICROSOFT}String or binary data would be truncated (2628) (SQLExecDirectW)", Kind.VALUE, "2628"),
        ("28000", f"[28000] {MICROSOFT}Login failed for user 'x'. (18456) (SQLDriverConnect)", Kind.DENIED, "18456"),
        ("42000", f"[42000] {MICROSOFT}Incorrect syntax near 'x'. (102) (SQLExecDirectW)", Kind.BUG, "102"),
        ("HY000", "The driver did not supply an error!", Kind.GONE, "HY000"),
        ("String data, right truncation: length 6000 buffer 510", "HY000", Kind.VALUE, "22001"),
        ("42000", f"[42000] {MICROSOFT}The INSERT permission was denied on the object 'x' (229) (SQLExecDirectW)", Kind.DENIED, "229"),
        ("IM002", "[IM002] [unixODBC][Driver Manager]Data source name not found (0) (SQLDriverConnect)", Kind.NO_DRIVER, "IM002"),
    ],
)  # fmt: skip
def test_an_error_of_pyodbc_is_told_by_its_number(state: str, text: str, kind: Kind, code: str) -> None:
    failure = SqlServer().failure(Error(state, text))
    assert failure.kind is kind
    assert failure.code in (code, state)


@pytest.mark.parametrize(
    ("state", "text", "kind"),
    [
        ("40001", "Transaction (Process ID 52) was deadlocked on lock resources", Kind.CONFLICT),
        ("42000", "Lock request time out period exceeded.", Kind.CONFLICT),
        ("08S01", "TCP Provider: Error code 0x2746", Kind.GONE),
        ("HYT00", "Query timeout expired", Kind.SLOW),
        ("23000", "Violation of PRIMARY KEY constraint 'pk_leases'. The duplicate key value is (x).", Kind.DUPLICATE),
        ("23000", "Cannot insert the value NULL into column 'status', table 'toci.dbo.temu_orders'", Kind.VALUE),
        ("22001", "String or binary data would be truncated in table 'x', column 'recipient'.", Kind.VALUE),
        ("42S02", "Invalid object name 'leases'.", Kind.MISSING),
        ("28000", "Login failed for user 'temu'.", Kind.DENIED),
        ("42000", "The INSERT permission was denied on the object 'tXMLBestellImport'", Kind.DENIED),
        ("42000", "Incorrect syntax near 'x'.", Kind.BUG),
    ],
)
def test_an_error_of_mssql_python_is_told_by_its_words_for_the_sqlstate(state: str, text: str, kind: Kind) -> None:
    """It keeps neither SQLSTATE nor number."""
    error = mssql_python.sqlstate_to_exception(state, f"[Microsoft][ODBC Driver 18 for SQL Server][SQL Server]{text}")
    assert error is not None
    assert SqlServer().failure(error).kind is kind


def test_the_column_is_named() -> None:
    text = f"[22001] {MICROSOFT}String or binary data would be truncated in table 'a', column 'line1'. (2628) (SQLExecDirectW)"
    assert SqlServer().failure(Error("22001", text)) == Failure(Kind.VALUE, "2628", column="line1")


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (psycopg.errors.DeadlockDetected(), Kind.CONFLICT),
        (psycopg.errors.LockNotAvailable(), Kind.CONFLICT),
        (psycopg.errors.SerializationFailure(), Kind.CONFLICT),
        (psycopg.errors.QueryCanceled(), Kind.SLOW),
        (psycopg.errors.AdminShutdown(), Kind.GONE),
        (psycopg.errors.CannotConnectNow(), Kind.GONE),
        (psycopg.errors.TooManyConnections(), Kind.GONE),
        (psycopg.OperationalError("connection refused"), Kind.GONE),
        (psycopg.errors.UniqueViolation(), Kind.DUPLICATE),
        (psycopg.errors.NotNullViolation(), Kind.VALUE),
        (psycopg.errors.StringDataRightTruncation(), Kind.VALUE),
        (psycopg.DataError("PostgreSQL text fields cannot contain NUL (0x00) bytes"), Kind.VALUE),
        (psycopg.errors.InsufficientPrivilege(), Kind.DENIED),
        (psycopg.errors.UndefinedTable(), Kind.MISSING),
        (psycopg.errors.DiskFull(), Kind.FULL),
        (psycopg.errors.SyntaxError(), Kind.BUG),
    ],
    ids=lambda value: type(value).__name__,
)
def test_an_error_of_postgresql_is_told_by_its_sqlstate(error: psycopg.Error, kind: Kind) -> None:
    assert PostgreSql().failure(error).kind is kind


def refused_by_sqlite(statement: str) -> sqlite3.Error:
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE TABLE things (id INTEGER PRIMARY KEY, name TEXT NOT NULL)")
    connection.execute("INSERT INTO things VALUES (1, 'x')")
    with pytest.raises(sqlite3.Error) as caught:
        connection.execute(statement)
    connection.close()
    return caught.value


@pytest.mark.parametrize(
    ("statement", "kind", "column"),
    [
        ("INSERT INTO things VALUES (1, 'y')", Kind.DUPLICATE, None),
        ("INSERT INTO things VALUES (2, NULL)", Kind.VALUE, "name"),
        ("SELECT * FROM nowhere", Kind.MISSING, None),
        ("SELECT unknown FROM things", Kind.MISSING, None),
        ("SELECT FROM things", Kind.BUG, None),
    ],
)
def test_an_error_of_sqlite_is_told_by_its_code(statement: str, kind: Kind, column: str | None) -> None:
    failure = Sqlite().failure(refused_by_sqlite(statement))
    assert (failure.kind, failure.column) == (kind, column)
