"""What is sent again with other values is what SQLAlchemy would have written for them."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Column, Connection, Engine, Integer, MetaData, String, Table, TypeDecorator, bindparam, create_engine, event, select
from sqlalchemy.engine.interfaces import BindTyping

from temu_assets.sql.repeated import Repeated

ARTICLES = Table("articles", MetaData(), Column("sku", String(20)), Column("pieces", Integer))
SKUS = [f"ART-{number}" for number in range(20)]
PIECES = select(ARTICLES.c.sku, ARTICLES.c.pieces)
ASKED = PIECES.where(ARTICLES.c.pieces >= 0, ARTICLES.c.sku.in_(bindparam("skus", expanding=True, type_=String())), ARTICLES.c.pieces < 15)


class Shouted(TypeDecorator[str]):
    impl = String
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: object) -> str | None:
        return value.upper() if value else value


@pytest.fixture(params=["qmark", "named"], scope="module")
def engine(request: pytest.FixtureRequest) -> Iterator[Engine]:
    """By place as SQL Server's drivers want it, and by name as PostgreSQL's does."""
    engine = create_engine("sqlite://", paramstyle=request.param)
    with engine.begin() as connection:
        ARTICLES.metadata.create_all(connection)
        connection.execute(ARTICLES.insert(), [{"sku": sku, "pieces": number} for number, sku in enumerate(SKUS)])
    yield engine
    engine.dispose()


def sorted_rows(connection: Connection, asked: Repeated, skus: list[str]) -> list[tuple[str, int]]:
    return sorted((sku, pieces) for sku, pieces in asked.rows(connection, skus))


@given(st.lists(st.lists(st.sampled_from([*SKUS, "WEG", "O'NEIL %s :skus"]), max_size=6), min_size=1, max_size=8))
def test_each_list_gets_its_own_rows(engine: Engine, lists: list[list[str]]) -> None:
    asked = Repeated(ASKED, "skus")
    with engine.connect() as connection:
        for skus in lists:
            assert sorted_rows(connection, asked, skus) == sorted((sku, SKUS.index(sku)) for sku in set(skus) & set(SKUS[:15]))


def test_a_list_as_long_as_one_before_is_not_written_anew(engine: Engine) -> None:
    asked, written = Repeated(ASKED, "skus"), []

    def note(_connection: object, statement: object, *_: object) -> None:
        written.append(statement)

    event.listen(engine, "before_execute", note)
    with engine.connect() as connection:
        for skus in (SKUS[:3], SKUS[3:6], SKUS[6:8], SKUS[4:7], SKUS[:2]):
            assert [sku for sku, _ in sorted_rows(connection, asked, skus)] == sorted(skus)
    event.remove(engine, "before_execute", note)
    assert len(written) == 2


def test_values_that_are_changed_on_their_way_are_changed_each_time(engine: Engine) -> None:
    shouted = select(ARTICLES.c.sku, ARTICLES.c.pieces).where(ARTICLES.c.sku.in_(bindparam("skus", expanding=True, type_=Shouted())))
    asked = Repeated(shouted, "skus")
    with engine.connect() as connection:
        assert [sku for number in (1, 2) for sku, _ in sorted_rows(connection, asked, [f"art-{number}"])] == ["ART-1", "ART-2"]


@pytest.mark.parametrize(
    ("asked", "lists"),
    [
        (PIECES.where(ARTICLES.c.pieces >= 1, ARTICLES.c.pieces.in_(bindparam("q", expanding=True))), (1, 2)),
        (PIECES.where(*(ARTICLES.c.pieces.in_(bindparam("q", expanding=True)) for _ in range(2))), (3, 4)),
    ],
    ids=["a constant that is equal", "told twice"],
)
def test_a_value_that_stands_in_two_places_is_never_put_into_one_of_them(engine: Engine, asked: Any, lists: tuple[int, int]) -> None:
    repeated = Repeated(asked, "q")
    with engine.connect() as connection:
        assert [pieces for number in lists for _, pieces in repeated.rows(connection, [number])] == list(lists)


class ToldSizes:
    """A connection whose driver is told sizes beside the values; only SQLAlchemy tells them, for what it has written itself."""

    def __init__(self, connection: Connection) -> None:
        self.dialect = SimpleNamespace(bind_typing=BindTyping.SETINPUTSIZES)
        self.execute = connection.execute


def test_a_driver_that_is_told_sizes_is_told_them_each_time(engine: Engine) -> None:
    asked = Repeated(ASKED, "skus")
    with engine.connect() as connection:
        told: Any = ToldSizes(connection)
        assert [sku for skus in (SKUS[:2], SKUS[2:4]) for sku, _ in sorted_rows(told, asked, skus)] == SKUS[:4]
