"""Many rows at once: pyodbc's array binding, what it asks the server for, and what it does not manage."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import BigInteger, Column, DateTime, Engine, Integer, MetaData, Table, Unicode, UnicodeText, func, insert, select
from sqlalchemy.exc import DBAPIError, IntegrityError

from temu_assets_tests.tds.conftest import Connect
from temu_assets_tests.tds.control import TsqlServer

NOW = datetime(2026, 1, 2, 3, 4, 5)


def table(name: str) -> Table:
    return Table(
        name,
        MetaData(),
        Column("k", Integer, primary_key=True, autoincrement=False),
        Column("name", Unicode(50, collation="database_default"), nullable=False),
        Column("at", DateTime),
        Column("cents", BigInteger),
        Column("text", UnicodeText(collation="database_default")),
    )


def rows(count: int, **more: Any) -> list[dict[str, Any]]:
    return [{"k": number, "name": f"ä{number}", "at": NOW, "cents": 2**40, "text": "t" * 100} | more for number in range(count)]


@pytest.fixture
def fast(driver: str, connect: Connect) -> Engine:
    if driver != "odbc18":
        pytest.skip("only pyodbc with Microsoft's driver binds arrays")
    return connect(fast_executemany=True)


def test_an_array_goes_in_as_a_whole(fast: Engine, server: TsqlServer) -> None:
    target = table("t")
    with fast.begin() as connection:
        target.create(connection)
        server.clear()
        connection.execute(insert(target), [*rows(500), {"k": 900, "name": "", "at": None, "cents": None, "text": None}])
        assert server.round_trips < 20
        assert connection.execute(select(func.count(), func.count(target.c.at)).select_from(target)).one() == (501, 500)
        assert connection.execute(select(target).where(target.c.k == 7)).one() == (7, "ä7", NOW, 2**40, "t" * 100)


def test_one_row_too_many_is_told(fast: Engine) -> None:
    target = table("t")
    with fast.begin() as connection:
        target.create(connection)
        with pytest.raises(IntegrityError, match="Violation of PRIMARY KEY"):
            connection.execute(insert(target), [*rows(5), *rows(1)])


def test_long_text_goes_into_a_permanent_table(fast: Engine) -> None:
    target = table("t")
    with fast.begin() as connection:
        target.create(connection)
        connection.execute(insert(target), rows(3, text="x" * 10000))
        assert connection.execute(select(func.max(func.len(target.c.text)))).scalar_one() == 10000


def test_the_server_does_not_describe_parameters_of_temporary_tables(fast: Engine) -> None:
    target = table("#t")
    with fast.begin() as connection:
        target.create(connection)
        connection.execute(insert(target), rows(3))
        # pyodbc then takes 255 characters for granted.
        with pytest.raises(DBAPIError, match="String data, right truncation"):
            connection.execute(insert(target), [row | {"k": row["k"] + 10, "text": "x" * 300} for row in rows(3)])


def test_without_arrays_long_text_goes_into_a_temporary_table(engine: Engine) -> None:
    target = table("#t")
    with engine.begin() as connection:
        target.create(connection)
        assert connection.execute(insert(target), rows(300, text="x" * 300)).rowcount == 300
        assert connection.execute(select(func.count()).select_from(target)).scalar_one() == 300
