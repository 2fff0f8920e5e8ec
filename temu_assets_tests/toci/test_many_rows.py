"""Many rows at once come to every server exactly as they are: each driver takes them in a way of its own."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import BigInteger, Boolean, Column, Date, Integer, MetaData, Table, delete, select

from temu_assets.toci.columns import UtcDateTime, text_type
from temu_assets.toci.database import Toci
from temu_assets.toci.writing import Written, upsert

things = Table(
    "many_things",
    MetaData(),
    Column("shop", text_type(40), primary_key=True),
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("name", text_type(50)),
    Column("note", text_type()),
    Column("pieces", Integer),
    Column("cents", BigInteger),
    Column("is_new", Boolean),
    Column("seen_at", UtcDateTime),
    Column("day", Date),
)

texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)
rows = st.fixed_dictionaries(
    {
        "name": texts | st.none(),
        "note": texts | st.sampled_from(["", "x" * 300, "ß" * 4_000, "\N{HOUSE BUILDING}" * 3_000]) | st.none(),
        "pieces": st.integers(-(2**31), 2**31 - 1) | st.none(),
        "cents": st.integers(-(2**63), 2**63 - 1) | st.none(),
        "is_new": st.booleans() | st.none(),
        "seen_at": st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)) | st.none(),
        "day": st.dates(date(1990, 1, 1), date(2100, 1, 1)) | st.none(),
    }
)


@pytest.fixture
def table(toci: Toci) -> Toci:
    with toci.engine.begin() as connection:
        things.create(connection)
    return toci


def kept(toci: Toci) -> list[dict[str, Any]]:
    with toci.engine.connect() as connection:
        return [dict(row) for row in connection.execute(select(things).order_by(things.c.id)).mappings()]


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.lists(rows, min_size=1, max_size=5))
def test_what_was_written_is_what_is_there_and_writing_it_again_changes_nothing(table: Toci, content: list[dict[str, Any]]) -> None:
    wanted = [{"shop": "shop", "id": number, **row} for number, row in enumerate(content)]
    table.write(lambda connection: connection.execute(delete(things)))
    assert table.write(lambda connection: upsert(connection, things, wanted)) == Written(len(wanted), 0)
    assert kept(table) == wanted
    assert table.write(lambda connection: upsert(connection, things, wanted)) == Written(0, 0)


def test_a_column_that_is_null_throughout_and_one_that_is_empty_stay_apart(table: Toci) -> None:
    nothing = dict.fromkeys(("name", "note", "pieces", "cents", "is_new", "seen_at", "day"))
    wanted = [{"shop": "shop", "id": 1, **nothing}, {"shop": "shop", "id": 2, **nothing, "name": "", "note": ""}]
    for row in wanted:
        table.write(lambda connection, row=row: upsert(connection, things, [row]))  # type: ignore[misc]
    assert kept(table) == wanted


def test_keys_that_differ_only_in_case_are_two(table: Toci) -> None:
    """SQL Server's own collations would take them for one."""
    plain = {"id": 1, "name": "Größe", "note": None, "pieces": 1, "cents": 1, "is_new": True, "seen_at": None, "day": None}
    wanted = [{"shop": "SHOP", **plain}, {"shop": "shop", **plain}]
    assert table.write(lambda connection: upsert(connection, things, wanted)) == Written(2, 0)
    changed = [{**row, "name": "größe"} for row in wanted]
    assert table.write(lambda connection: upsert(connection, things, changed)) == Written(0, 2)


def test_thousands_of_rows_with_long_and_short_texts(table: Toci) -> None:
    wanted = [
        {"shop": "shop", "id": n, "name": f"Größe {n}", "note": None if n % 3 else "x" * (n % 7_000), "pieces": n, "cents": n * 2**33,
         "is_new": n % 2 == 0, "seen_at": datetime(2026, 10, 25, 0, 30, 0, n, UTC), "day": date(2026, 1, 1 + n % 31)}
        for n in range(3_000)
    ]  # fmt: skip
    assert table.write(lambda connection: upsert(connection, things, wanted)) == Written(3_000, 0)
    assert kept(table) == wanted
