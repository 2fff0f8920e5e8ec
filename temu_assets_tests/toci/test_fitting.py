"""Whether a row fits its table: what SQLite would keep, PostgreSQL refuse and an old SQL Server cut is the same answer everywhere."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import BigInteger, Boolean, Column, Integer, MetaData, Table, insert
from sqlalchemy.exc import DBAPIError

from temu_assets.texts import cut, stored_length
from temu_assets.toci.columns import text_type
from temu_assets.toci.database import Toci
from temu_assets.toci.fitting import misfit

things = Table(
    "fitting_things",
    MetaData(),
    Column("id", Integer, primary_key=True),
    Column("name", text_type(10), nullable=False),
    Column("note", text_type()),
    Column("pieces", Integer),
    Column("cents", BigInteger),
    Column("is_new", Boolean),
)


@pytest.mark.parametrize(
    ("row", "wrong"),
    [
        ({"name": "0123456789"}, None),
        ({"name": "01234567890"}, "column name of fitting_things holds 10 characters, and this text has 11"),
        ({"name": "012345678\N{HOUSE BUILDING}"}, "column name of fitting_things holds 10 characters, and this text has 11"),
        ({"name": None}, "column name of fitting_things needs a value"),
        ({"name": "a\0b"}, "column name of fitting_things holds no text with a NUL character in it"),
        ({"name": ""}, None),
        ({"note": "x" * 100_000}, None),
        ({"note": None}, None),
        ({"pieces": 2**31 - 1}, None),
        ({"pieces": 2**31}, "column pieces of fitting_things holds whole numbers of 32 bits, and this one is larger"),
        ({"cents": 2**31}, None),
        ({"cents": -(2**63) - 1}, "column cents of fitting_things holds whole numbers of 64 bits, and this one is larger"),
        ({"is_new": True}, None),
        ({"pieces": "many"}, "column pieces of fitting_things holds no text"),
    ],
)
def test_the_first_column_that_does_not_fit_is_named_without_its_value(row: dict[str, object], wrong: str | None) -> None:
    assert misfit(things, row) == wrong


rows = st.fixed_dictionaries(
    {
        "name": st.text(st.characters(exclude_categories=["Cs"]), max_size=14) | st.none(),
        "note": st.text(st.characters(exclude_categories=["Cs"]), max_size=30) | st.none(),
        "pieces": st.integers(-(2**33), 2**33) | st.none(),
        "cents": st.integers(-(2**63), 2**63 - 1) | st.none(),
    }
)


def test_what_fits_is_kept_exactly_by_the_server(toci: Toci) -> None:
    """No server cuts, rounds or confuses the empty text with no text."""
    with toci.engine.begin() as connection:
        things.create(connection, checkfirst=True)

    @given(row=rows)
    def kept(row: dict[str, object]) -> None:
        if misfit(things, row) is not None:
            return
        with toci.engine.connect() as connection:
            connection.execute(insert(things).values(id=1, **row))
            (back,) = connection.execute(things.select())
            connection.rollback()
        assert {name: getattr(back, name) for name in row} == row

    kept()


def test_a_server_refuses_what_does_not_fit(toci: Toci) -> None:
    if toci.engine.dialect.name == "sqlite":
        pytest.skip("SQLite keeps a text of any length")
    with toci.engine.begin() as connection:
        things.create(connection, checkfirst=True)
    with pytest.raises(DBAPIError), toci.engine.begin() as connection:
        connection.execute(insert(things).values(id=1, name="01234567890"))


@given(text=st.text(max_size=30), longest=st.integers(1, 30))
def test_a_text_that_is_cut_fits_and_begins_as_the_whole_did(text: str, longest: int) -> None:
    kept = cut(text, longest)
    assert stored_length(kept) <= longest
    assert "\0" not in kept
    whole = text.replace("\0", "")
    assert whole.encode("utf-16-le", "surrogatepass").startswith(kept.encode("utf-16-le", "surrogatepass"))
    assert kept == whole or stored_length(whole) > longest or any("\ud800" <= letter <= "\udfff" for letter in whole)
