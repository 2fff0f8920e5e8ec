"""Set-based writing: what it does to the rows, what it reports, and what it sends to each database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Column, Connection, Integer, MetaData, Table, create_engine, create_mock_engine, event, select
from sqlalchemy.exc import IntegrityError

from temu_assets.sql.chunks import in_chunks
from temu_assets.toci.columns import text_type
from temu_assets.toci.tables import metadata as our_tables
from temu_assets.toci.writing import Row, Written, upsert

things = Table(
    "things",
    MetaData(),
    Column("shop", text_type(40), primary_key=True),
    Column("id", Integer, primary_key=True),
    Column("colour", text_type(10)),
    Column("size", Integer),
    Column("first_seen", Integer),
)

Content = dict[int, tuple[str | None, int | None]]
contents = st.dictionaries(st.integers(1, 6), st.tuples(st.sampled_from([None, "", "red", "Red"]), st.sampled_from([None, 0, 1])))


@contextmanager
def empty_table() -> Iterator[Connection]:
    engine = create_engine("sqlite://")
    with engine.connect() as connection:
        things.create(connection)
        yield connection
    engine.dispose()


def rows_of(content: Content, *, seen: int = 0) -> list[Row]:
    return [{"shop": "shop", "id": key, "colour": colour, "size": size, "first_seen": seen} for key, (colour, size) in content.items()]


def content_of(connection: Connection) -> Content:
    return {row.id: (row.colour, row.size) for row in connection.execute(select(things).where(things.c.shop == "shop"))}


@given(before=contents, change=contents)
def test_the_table_ends_as_told_and_the_counts_say_what_happened(before: Content, change: Content) -> None:
    with empty_table() as connection:
        assert upsert(connection, things, rows_of(before)) == Written(len(before), 0)
        written = upsert(connection, things, rows_of(change))

        assert content_of(connection) == before | change
        assert written.inserted == len(change.keys() - before.keys())
        assert written.updated == sum(1 for key in change.keys() & before.keys() if change[key] != before[key])


@given(content=contents)
def test_writing_the_same_rows_twice_changes_nothing_the_second_time(content: Content) -> None:
    with empty_table() as connection:
        upsert(connection, things, rows_of(content))
        assert upsert(connection, things, rows_of(content)) == Written(0, 0)
        assert content_of(connection) == content


@given(before=contents, change=contents)
def test_existing_only_leaves_out_what_is_not_there(before: Content, change: Content) -> None:
    with empty_table() as connection:
        upsert(connection, things, rows_of(before))
        assert upsert(connection, things, rows_of(change), existing_only=True).inserted == 0
        assert content_of(connection) == before | {key: value for key, value in change.items() if key in before}


def test_an_insert_only_column_keeps_its_first_value_and_is_no_reason_to_write() -> None:
    with empty_table() as connection:
        upsert(connection, things, rows_of({1: ("red", 1), 2: ("red", 1)}, seen=100), insert_only=["first_seen"])
        written = upsert(connection, things, rows_of({1: ("blue", 1), 2: ("red", 1)}, seen=200), insert_only=["first_seen"])

        assert written == Written(0, 1)
        assert list(connection.execute(select(things.c.first_seen)).scalars()) == [100, 100]


def test_a_column_that_is_not_compared_is_written_only_along_with_one_that_is() -> None:
    with empty_table() as connection:
        upsert(connection, things, rows_of({1: ("red", 1), 2: ("red", 1)}))
        assert upsert(connection, things, rows_of({1: ("red", 9), 2: ("blue", 9)}), compare=["colour"]) == Written(0, 1)
        assert content_of(connection) == {1: ("red", 1), 2: ("blue", 9)}


def test_rows_of_keys_alone_are_inserted_once() -> None:
    keys: list[Row] = [{"shop": "shop", "id": 1}, {"shop": "shop", "id": 2}]
    with empty_table() as connection:
        assert upsert(connection, things, keys) == Written(2, 0)
        assert upsert(connection, things, keys) == Written(0, 0)


def test_columns_that_are_not_given_are_left_alone() -> None:
    with empty_table() as connection:
        upsert(connection, things, rows_of({1: ("red", 1)}))
        upsert(connection, things, [{"shop": "shop", "id": 1, "size": 2}])
        assert content_of(connection) == {1: ("red", 2)}


def test_another_shop_is_not_touched() -> None:
    with empty_table() as connection:
        upsert(connection, things, [{"shop": "other", "id": 1, "colour": "green", "size": 1}])
        assert upsert(connection, things, rows_of({1: ("red", 1)})) == Written(1, 0)
        assert connection.execute(select(things.c.colour).where(things.c.shop == "other")).scalar_one() == "green"


@pytest.mark.parametrize("is_there_already", [False, True])
def test_a_key_that_repeats_is_refused_whether_or_not_it_is_there(is_there_already: bool) -> None:
    with empty_table() as connection:
        if is_there_already:
            upsert(connection, things, rows_of({1: ("red", 1)}))
        with pytest.raises(IntegrityError):
            upsert(connection, things, rows_of({1: ("blue", 1)}) + rows_of({1: ("green", 1)}))


def test_the_number_of_statements_does_not_grow_with_the_number_of_rows() -> None:
    def statements_for(count: int) -> int:
        sent: list[str] = []
        with empty_table() as connection:

            @event.listens_for(connection, "before_cursor_execute")
            def _note(*told: Any) -> None:
                sent.append(told[2])

            upsert(connection, things, rows_of({number: ("red", number) for number in range(count)}))
        return len(sent)

    assert statements_for(1) == statements_for(2_500) == 5


def test_nothing_to_write_sends_nothing() -> None:
    with empty_table() as connection:

        @event.listens_for(connection, "before_cursor_execute")
        def _refuse(*told: Any) -> None:
            pytest.fail(f"sent {told[2]}")

        assert upsert(connection, things, []) == Written(0, 0)


def sent_to(database: str, table: Table, names: list[str]) -> list[str]:
    """The statements of one upsert, as the database would get them."""
    sent: list[str] = []

    def note(statement: Any, *_: object, **__: object) -> Any:
        sent.append(" ".join(str(statement.compile(dialect=engine.dialect)).split()))
        return SimpleNamespace(one=lambda: (0, 1))

    engine: Any = create_mock_engine(f"{database}://", note)
    upsert(engine.connect(), table, [dict.fromkeys(names)])
    return sent


@pytest.mark.parametrize("database", ["mssql+pyodbc", "postgresql"])
@pytest.mark.parametrize("table", our_tables.sorted_tables, ids=lambda table: str(table.name))
def test_our_tables_are_written_in_the_words_of_every_server(database: str, table: Table) -> None:
    sent = sent_to(database, table, [column.name for column in table.columns])
    assert [statement.split(" ")[0] for statement in sent] == ["CREATE", "INSERT", "SELECT", "UPDATE", "INSERT", "DROP"]
    assert not any(word in statement for statement in sent for word in ("MERGE", "ON CONFLICT", "REPLACE", "DISTINCT FROM", "IDENTITY"))


def test_sql_server_stages_in_a_temporary_table_that_compares_exactly() -> None:
    create, _, _, update, insert, drop = sent_to("mssql+pyodbc", things, ["shop", "id", "colour"])
    name = create.split("[")[1].split("]")[0]
    assert name.startswith("#staged_")
    assert create == (
        f"CREATE TABLE [{name}] ( shop NVARCHAR(40) COLLATE Latin1_General_BIN2 NOT NULL, id INTEGER NOT NULL, "
        "colour NVARCHAR(10) COLLATE Latin1_General_BIN2 NULL, PRIMARY KEY (shop, id) )"
    )
    assert update == (
        f"UPDATE things SET colour=[{name}].colour FROM things, [{name}] WHERE things.shop = [{name}].shop AND things.id = [{name}].id "
        f"AND (things.colour != [{name}].colour OR things.colour IS NULL AND [{name}].colour IS NOT NULL "
        f"OR things.colour IS NOT NULL AND [{name}].colour IS NULL)"
    )
    assert insert == (
        f"INSERT INTO things (shop, id, colour) SELECT [{name}].shop, [{name}].id, [{name}].colour FROM [{name}] WHERE NOT (EXISTS "
        f"(SELECT * FROM things WHERE things.shop = [{name}].shop AND things.id = [{name}].id))"
    )
    assert drop == f"DROP TABLE [{name}]"


def test_postgresql_stages_in_a_temporary_table() -> None:
    create, *_ = sent_to("postgresql", things, ["shop", "id", "colour"])
    assert create.startswith("CREATE TEMPORARY TABLE staged_")


@given(st.lists(st.integers()), st.integers(1, 10))
def test_chunks_keep_every_value_in_order_and_none_is_too_long(values: list[int], size: int) -> None:
    chunks = in_chunks(values, size)
    assert [value for chunk in chunks for value in chunk] == values
    assert all(1 <= len(chunk) <= size for chunk in chunks)
