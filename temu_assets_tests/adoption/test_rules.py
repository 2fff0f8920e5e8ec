"""Their rows in our words: whatever stands in them, nothing raises, and what is taken over fits our tables."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from temu_assets.adoption.orders import (
    ITEM_COLUMNS,
    ORDER_COLUMNS,
    LeftOut,
    OrderFacts,
    claims,
    item_row,
    order_facts,
    order_row,
)
from temu_assets.adoption.products import PRODUCT_COLUMNS, product_row
from temu_assets.adoption.statuses import status_of
from temu_assets.adoption.values import cents_of, flag_of, id_of, instant_of, pieces_of, text_of
from temu_assets.temu.order_status import TemuStatus
from temu_assets.toci.fitting import misfit
from temu_assets.toci.tables import temu_order_items, temu_orders, temu_products
from temu_assets_tests.adoption.predecessor import JANUARY, exported, item, number, order, shipped

NOW = datetime(2026, 2, 1, 8, 0, tzinfo=UTC)

anything = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.decimals(),
    st.datetimes(),
    st.datetimes(timezones=st.just(UTC)),
    st.dates(),
    st.text(max_size=30),
    st.binary(max_size=4),
    st.sampled_from(
        ["2", "41", "storniert", "VERSENDET", "xml_erstellt", "2026-01-15 10:00:00", "2026-01-15T10:00:00.0000000", "12,90", "x" * 3000]
    ),
)


def rows_of(columns: tuple[str, ...], **usual: Any) -> st.SearchStrategy[dict[str, object]]:
    """Rows in which every column can hold anything, its usual value, or be absent."""
    values = {name: st.one_of(anything, *([st.just(usual[name])] if name in usual else [])) for name in columns}
    return st.fixed_dictionaries({}, optional=values)


their_orders = rows_of(ORDER_COLUMNS, **order(1))
their_items = rows_of(ITEM_COLUMNS, **item(1))
their_products = rows_of(PRODUCT_COLUMNS, sku="A", sku_id=17592186044416, goods_id=601, is_active=1)


def facts(**details: Any) -> OrderFacts:
    found = order_facts(order(1, **details), now=NOW)
    assert isinstance(found, OrderFacts)
    return found


@given(their_orders)
def test_an_order_of_any_content_is_taken_over_or_left_out_with_a_reason(theirs: dict[str, object]) -> None:
    found = order_facts(theirs, now=NOW)
    if isinstance(found, LeftOut):
        assert found.reason
        assert found.name.startswith("row ")
        return
    row = order_row(found, shop="shop", now=NOW)
    assert misfit(temu_orders, row) is None
    assert found.order_id == text_of(theirs, "bestell_id")
    assert found.ordered_at <= NOW


@given(their_orders)
def test_what_they_exported_or_reported_is_never_open_to_be_done_again(theirs: dict[str, object]) -> None:
    found = order_facts(theirs, now=NOW)
    if isinstance(found, LeftOut):
        return
    claimed = claims(theirs)
    assert (found.reported_at is not None) == claimed.reported
    assert (found.exported_at is not None) == claimed.exported or found.status is TemuStatus.CANCELLED
    assert (found.status is TemuStatus.CANCELLED) == claimed.cancelled
    assert not (claimed.reported and found.is_open)


@given(their_items, st.sampled_from([order(1), exported(1), shipped(1, "1", temu_gemeldet=True), order(1, status="storniert")]))
def test_a_line_of_any_content_is_taken_over_or_left_out_with_a_reason(theirs: dict[str, object], of_order: dict[str, object]) -> None:
    its_order = order_facts(of_order, now=NOW)
    assert isinstance(its_order, OrderFacts)
    row = item_row(theirs, its_order, position=1, goods_id="", sku_id="", shop="shop")
    if isinstance(row, LeftOut):
        assert row.name == number(1)
        return
    assert misfit(temu_order_items, row) is None
    assert row["quantity"] == row["original_quantity"] - row["cancelled_quantity"]  # type: ignore[operator]  # numbers of pieces
    assert row["exported_quantity"] in (None, row["original_quantity"])


@given(their_products)
def test_a_product_of_any_content_is_taken_over_or_left_out_with_a_reason(theirs: dict[str, object]) -> None:
    row = product_row(theirs, shop="shop", now=NOW)
    if not isinstance(row, LeftOut):
        assert misfit(temu_products, row) is None
        assert not row["is_listed"]


@given(anything)
def test_no_value_raises(value: object) -> None:
    row = {"x": value}
    text_of(row, "x")
    flag_of(row, "x")
    assert id_of(row, "x").isdigit() or id_of(row, "x") == ""
    assert (pieces_of(row, "x") or 1) > 0
    cents_of(row, "x")
    moment = instant_of(row, "x", until=NOW)
    assert moment is None or moment <= NOW


@given(st.decimals(min_value=-(10**8), max_value=10**8, places=2))
def test_an_amount_is_exact_however_the_driver_gives_it(amount: Decimal) -> None:
    for value in (amount, float(amount), str(amount)):
        assert cents_of({"x": value}, "x") == int(amount * 100)


@pytest.mark.parametrize(
    ("value", "meant"),
    [
        (True, True), (False, False), (1, True), (0, False), ("1", True), ("0", False), ("true", True), ("ja", True), ("nein", False),
        (None, False), ("", False), (b"\x01", True), (b"\x00", False), (Decimal(1), True),
    ],
)  # fmt: skip
def test_a_mark_is_set_or_not(value: object, meant: bool) -> None:
    assert flag_of({"x": value}, "x") is meant


@pytest.mark.parametrize(
    ("value", "meant"),
    [
        (datetime(2026, 1, 15, 10, 0), datetime(2026, 1, 15, 9, 0, tzinfo=UTC)),
        ("2026-07-15 10:00:00.000", datetime(2026, 7, 15, 8, 0, tzinfo=UTC)),
        (datetime(2026, 10, 25, 2, 30), datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),
        (date(2026, 1, 15), datetime(2026, 1, 14, 23, 0, tzinfo=UTC)),
        ("gestern", None),
        (datetime(2027, 1, 1), None),
        (None, None),
    ],
)
def test_their_times_are_local_and_what_lies_ahead_is_none(value: object, meant: datetime | None) -> None:
    assert instant_of({"x": value}, "x", until=datetime(2026, 12, 1, tzinfo=UTC)) == meant


UNDERSTOOD = {
    TemuStatus.UNSHIPPED: ("2", "2.0", "UN_SHIPPING", "nicht versendet", "importiert"),
    TemuStatus.CANCELLED: ("3", "Canceled", "CANCELLED", "Storniert"),
    TemuStatus.SHIPPED: ("4", "SHIPPED", "Versendet"),
    TemuStatus.DELIVERED: ("5", "RECEIPTED", "zugestellt"),
    TemuStatus.PARTLY_SHIPPED: ("41", "PARTIALLY_SHIPPED", "Teilweise versendet"),
    TemuStatus.PARTLY_DELIVERED: ("51", "partially-delivered"),
}


@pytest.mark.parametrize(("word", "status"), [(word, status) for status, words in UNDERSTOOD.items() for word in words])
def test_a_status_is_understood_as_number_as_temus_name_and_in_german(word: str, status: TemuStatus) -> None:
    assert status_of(word) is status


@pytest.mark.parametrize("word", ["", "7", "In Klärung", "versendet?", "0"])
def test_other_words_are_not_guessed(word: str) -> None:
    assert status_of(word) is None


@pytest.mark.parametrize(
    ("order_id", "country", "region"),
    [
        (number(1), "FR", 76),
        ("PO-069-00000000000000001", None, 69),
        ("4711", "at", 13),
        ("4711", "UK", 210),
        ("4711", "XX", 0),
        ("4711", None, 0),
    ],
)
def test_the_region_is_in_the_orders_number_and_never_guessed(order_id: str, country: str | None, region: int) -> None:
    """Fault 4 in the fact sheet jtl-wawi, section 5.3: an unknown country is not Germany."""
    assert facts(bestell_id=order_id, land_iso=country).region_id == region


def test_an_order_temu_counts_as_partly_shipped_stays_open_unless_they_reported_it() -> None:
    assert facts(bestellstatus="41").status is TemuStatus.PARTLY_SHIPPED
    assert facts(bestellstatus="41", temu_gemeldet=1).status is TemuStatus.SHIPPED
    assert facts(bestellstatus="5", temu_gemeldet=1).status is TemuStatus.DELIVERED


def test_the_export_is_dated_by_the_last_change_that_is_not_in_the_future() -> None:
    assert facts(xml_erstellt=1).exported_at == datetime(2026, 1, 15, 11, 0, tzinfo=UTC)
    assert facts(xml_erstellt=1, updated_at=JANUARY + timedelta(days=300)).exported_at == datetime(2026, 1, 15, 10, 0, tzinfo=UTC)
    assert facts(xml_erstellt=1, updated_at=None, created_at=None, kaufdatum=None).exported_at == NOW
