"""Login, encryption, types, cancelling: what is between a client and the server."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from decimal import Decimal

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from temu_assets_tests.tds.conftest import Connect
from temu_assets_tests.tds.control import TsqlServer

VALUES = [
    ("INT", 7),
    ("BIGINT", 2**40),
    ("BIGINT", -(2**40)),
    ("SMALLINT", -5),
    ("TINYINT", 255),
    ("BIT", True),
    ("DECIMAL(18, 4)", Decimal("-12.3400")),
    ("DECIMAL(38, 10)", Decimal("1234567890123456789012345678.0123456789")),
    ("FLOAT", 1.5),
    ("NVARCHAR(50)", "Grüße, 你好 😀"),
    ("NVARCHAR(50)", ""),
    ("NVARCHAR(MAX)", "ü" * 5000),
    ("NVARCHAR(MAX)", ""),
    ("VARCHAR(50)", "Straße"),
    ("VARBINARY(50)", b"\x00\x01\xff"),
    ("VARBINARY(MAX)", b"\x07" * 9000),
    ("DATETIME2(6)", datetime(2026, 1, 2, 3, 4, 5, 678901)),
    ("DATETIME2(0)", datetime(2026, 1, 2, 3, 4, 5)),
    ("DATETIME", datetime(2026, 1, 2, 3, 4, 5, 677000)),
    ("DATE", date(2026, 1, 2)),
]


@pytest.mark.parametrize("encrypt", [False, True])
def test_a_client_gets_in_with_and_without_encryption(connect: Connect, server: TsqlServer, encrypt: bool) -> None:
    with connect(encrypt=encrypt).connect() as connection:
        spid = connection.exec_driver_sql("SELECT @@SPID").scalar_one()
        assert (spid in server.encrypted_sessions) is encrypt


def test_a_large_answer_arrives_whole_inside_tls(connect: Connect) -> None:
    with connect(encrypt=True).connect() as connection:
        rows = connection.exec_driver_sql("SELECT REPLICATE(N'x', 3000) AS a UNION ALL SELECT REPLICATE(N'y', 70000)").all()
    assert sorted(len(row.a) for row in rows) == [3000, 70000]


def test_a_wrong_password_is_refused(connect: Connect, server: TsqlServer) -> None:
    server.add_login("somebody", "right")
    server._logins["somebody"] = "wrong"
    with pytest.raises(DBAPIError, match="Login failed for user 'somebody'"):
        connect(user="somebody").connect()


def test_a_database_that_is_not_there_is_refused(connect: Connect) -> None:
    with pytest.raises(DBAPIError):
        connect(database="nowhere").connect()


@pytest.mark.parametrize(("declared", "value"), VALUES)
def test_a_value_comes_back_as_it_was_sent(engine: Engine, declared: str, value: object) -> None:
    with engine.begin() as connection:
        connection.exec_driver_sql(f"CREATE TABLE t (v {declared} NULL)")
        connection.exec_driver_sql("INSERT INTO t VALUES (?)", (value,))
        assert connection.exec_driver_sql("SELECT v FROM t").scalar_one() == value


@pytest.mark.parametrize("declared", sorted({declared for declared, _ in VALUES}))
def test_null_comes_back_among_values(engine: Engine, declared: str) -> None:
    with engine.begin() as connection:
        connection.exec_driver_sql(f"CREATE TABLE t (k INT, v {declared} NULL)")
        connection.exec_driver_sql("INSERT INTO t VALUES (1, NULL)")
        assert connection.exec_driver_sql("SELECT v, k FROM t").one() == (None, 1)


def test_a_guid_comes_back(engine: Engine) -> None:
    value = uuid.uuid4()
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE t (v UNIQUEIDENTIFIER NULL)")
        connection.exec_driver_sql("INSERT INTO t VALUES (?)", (str(value),))
        assert uuid.UUID(str(connection.exec_driver_sql("SELECT v FROM t").scalar_one())) == value


def test_columns_are_named_as_the_statement_or_the_table_spells_them(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE Orders (kOrder INT, cNumber NVARCHAR(20))")
        assert list(connection.exec_driver_sql("SELECT * FROM orders").keys()) == ["kOrder", "cNumber"]
        assert list(connection.exec_driver_sql("SELECT KORDER, cnumber AS [The Number] FROM ORDERS").keys()) == ["KORDER", "The Number"]


def test_a_statement_that_takes_too_long_is_cancelled_and_the_transaction_goes_on(engine: Engine) -> None:
    connection = engine.raw_connection().driver_connection
    assert connection is not None
    cursor = connection.cursor()
    cursor.execute("CREATE TABLE t (v INT)")
    connection.timeout = 1
    slow = connection.cursor()
    with pytest.raises(engine.dialect.loaded_dbapi.OperationalError):
        slow.execute("WAITFOR DELAY '00:00:30'")
    connection.timeout = 0
    after = connection.cursor()
    after.execute("SELECT @@TRANCOUNT, COUNT(*) FROM t")
    assert tuple(after.fetchone()) == (1, 0)
    connection.rollback()
    connection.close()


def test_several_results_of_one_batch_come_one_after_the_other(engine: Engine) -> None:
    connection = engine.raw_connection()
    cursor = connection.cursor()
    cursor.execute("SET NOCOUNT ON; DECLARE @a INT = 2 SELECT @a + 1 SELECT N'x' AS y")
    assert [tuple(row) for row in cursor.fetchall()] == [(3,)]
    assert cursor.nextset()
    assert [tuple(row) for row in cursor.fetchall()] == [("x",)]
    connection.close()


def test_a_session_isolation_is_told(connect: Connect) -> None:
    with connect(isolation_level="SERIALIZABLE").connect() as connection:
        assert connection.get_isolation_level() == "SERIALIZABLE"
        query = text("SELECT transaction_isolation_level FROM sys.dm_exec_sessions WHERE session_id = @@SPID")
        assert connection.execute(query).scalar_one() == 4
