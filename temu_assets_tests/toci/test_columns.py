"""Instants in our database."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Column, Connection, Integer, MetaData, Table, create_engine, delete, insert, select
from sqlalchemy.engine import URL
from sqlalchemy.exc import StatementError
from sqlalchemy.schema import CreateTable

from temu_assets.toci.columns import UtcDateTime

BERLIN = ZoneInfo("Europe/Berlin")
moments = Table("moments", MetaData(), Column("id", Integer, primary_key=True), Column("at", UtcDateTime))


@pytest.fixture(scope="module")
def connection() -> Iterator[Connection]:
    engine = create_engine("sqlite://")
    with engine.connect() as connection:
        moments.create(connection)
        yield connection
    engine.dispose()


def stored(connection: Connection, value: datetime | None) -> datetime | None:
    connection.execute(delete(moments))
    connection.execute(insert(moments).values(id=1, at=value))
    back: datetime | None = connection.execute(select(moments.c.at)).scalar_one()
    return back


@given(
    st.datetimes(
        min_value=datetime(1990, 1, 1),
        max_value=datetime(2100, 1, 1),
        timezones=st.sampled_from([UTC, BERLIN, ZoneInfo("America/New_York")]),
        allow_imaginary=False,
    )
)
def test_every_aware_instant_comes_back_as_the_same_instant_in_utc(connection: Connection, moment: datetime) -> None:
    back = stored(connection, moment)
    assert back == moment.astimezone(UTC)
    assert back is not None
    assert back.tzinfo is UTC


def test_the_repeated_hour_of_october_keeps_its_two_instants_apart(connection: Connection) -> None:
    """Fault 17: with local time in the database both would be 02:30."""
    first = datetime(2026, 10, 25, 2, 30, tzinfo=BERLIN)
    second = first.replace(fold=1)
    stored_first, stored_second = stored(connection, first), stored(connection, second)
    assert stored_first is not None
    assert stored_second is not None
    assert stored_second - stored_first == timedelta(hours=1)


def test_no_instant_stays_none(connection: Connection) -> None:
    assert stored(connection, None) is None


def test_a_naive_datetime_is_refused(connection: Connection) -> None:
    with pytest.raises(StatementError, match="naive datetime"):
        stored(connection, datetime(2026, 2, 1, 9, 0))


@pytest.mark.parametrize(
    ("database", "column_type"),
    [("mssql", "DATETIME2(6)"), ("postgresql", "TIMESTAMP WITHOUT TIME ZONE"), ("sqlite", "DATETIME")],
)
def test_every_database_keeps_microseconds(database: str, column_type: str) -> None:
    dialect = URL.create(database).get_dialect()()
    assert f"at {column_type}" in str(CreateTable(moments).compile(dialect=dialect)).replace("[at]", "at")
