"""The rules alone, over all kinds of orders: what agrees is never a difference, and what differs always is one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from temu_assets.jtl.orders import KnownOrder
from temu_assets.jtl.parcels import SentParcel
from temu_assets.jtl.positions import ARTICLE, FREE_TEXT, SHIPPING, OrderPosition
from temu_assets.reconciliation.contents import difference
from temu_assets.reconciliation.facts import OurLine, OurOrder, OurParcel, Shipping, ShownStock, line_cents
from temu_assets.reconciliation.in_jtl import InJtl, cancelled_there, missing, unread
from temu_assets.reconciliation.parcels import REPORTED_WITHIN, Shipped, at_temu_only, not_at_temu
from temu_assets.reconciliation.stock import comparable, differing
from temu_assets.temu.logistics import ConfirmedPackage
from temu_assets.temu.order_number import is_order_number
from temu_assets.temu.order_status import status_name

NOW = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)
LONG_AGO = NOW - timedelta(days=5)
ORDER = "PO-076-00000000000000001"
RATES = st.sampled_from([Decimal(19), Decimal(7), Decimal(20), Decimal("5.5"), Decimal(0)])


def order(lines: Sequence[OurLine] = (), shipping: Shipping | None = None, **changes: object) -> OurOrder:
    facts: dict[str, object] = {
        "order_id": ORDER, "status": 2, "temu_updated_at": LONG_AGO, "ordered_at": LONG_AGO, "ship_by": None, "currency": "EUR",
        "is_flagged": False, "is_held": False, "settled_at": LONG_AGO, "exported_at": LONG_AGO, "jtl_order_number": "AU1",
        "jtl_confirmed_at": LONG_AGO, "shipping": shipping, "lines": tuple(lines),
    }  # fmt: skip
    return OurOrder(**facts | changes)  # type: ignore[arg-type]  # by the names above


def position(sku: str, quantity: int, cents: int, rate: Decimal, kind: int = ARTICLE) -> OrderPosition:
    """As it is exported: net with five digits."""
    net = (Decimal(cents) / 100 / (1 + rate / 100)).quantize(Decimal("0.00001"), ROUND_HALF_UP)
    return OrderPosition(kind, sku, Decimal(quantity), net, rate, Decimal(0))


@st.composite
def agreeing(draw: st.DrawFn) -> tuple[OurOrder, list[OrderPosition]]:
    """An order and what JTL made of it, split in two positions where the total is no multiple of a cent."""
    lines, positions = [], []
    for number in range(draw(st.integers(1, 4))):
        pieces, units, total = draw(st.integers(1, 9)), draw(st.integers(1, 3)), draw(st.integers(100, 99_999))
        sku = draw(st.sampled_from([f"A-{number}", "a-0", "A-0", "Ä-1"]))
        rate = draw(RATES)
        lines.append(OurLine(f"L{number}", "17", 2, pieces, pieces, by_seller=True, articles=((sku, units),), total_cents=total))
        cents, dearer = divmod(total, pieces * units)
        for count, each in ((pieces * units - dearer, cents), (dearer, cents + 1)):
            if count:
                positions.append(position(draw(st.sampled_from([sku, sku.lower(), sku.upper()])), count, each, rate))
    shipping, rate = draw(st.integers(0, 2000)), draw(RATES)
    if shipping:
        positions.append(position("", 1, shipping, rate, SHIPPING))
    told = draw(st.sampled_from([Shipping(shipping, None, None), Shipping(None, shipping - shipping // 6, shipping // 6)]))
    return order(lines, told), draw(st.permutations(positions))


@given(agreeing())
def test_what_was_exported_agrees_with_what_it_was_exported_from(pair: tuple[OurOrder, list[OrderPosition]]) -> None:
    ours, positions = pair
    assert difference(ours, "AU1", positions) is None


@given(agreeing(), st.data())
def test_a_piece_more_or_less_is_always_named(pair: tuple[OurOrder, list[OrderPosition]], data: st.DataObject) -> None:
    ours, positions = pair
    at = data.draw(st.sampled_from([number for number, each in enumerate(positions) if each.kind == ARTICLE]))
    one = positions[at]
    wrong = one.quantity + data.draw(st.sampled_from([1, -1]))
    found = difference(ours, "AU1", [*positions[:at], OrderPosition(ARTICLE, one.sku, wrong, *_price(one)), *positions[at + 1 :]])
    assert found is not None
    assert one.sku.casefold() in found.reason.casefold()
    assert "EUR at TEMU" in found.reason


@given(agreeing(), st.integers(1, 500), st.data())
def test_another_cent_is_always_named(pair: tuple[OurOrder, list[OrderPosition]], more: int, data: st.DataObject) -> None:
    ours, positions = pair
    at = data.draw(st.integers(0, len(positions) - 1))
    one = positions[at]
    dearer = OrderPosition(one.kind, one.sku, one.quantity, one.unit_net + Decimal(more) / 100, one.vat_rate, one.discount)
    found = difference(ours, "AU1", [*positions[:at], dearer, *positions[at + 1 :]])
    assert found is not None
    assert "EUR at TEMU" in found.reason


def _price(one: OrderPosition) -> tuple[Decimal, Decimal, Decimal]:
    return one.unit_net, one.vat_rate, one.discount


@given(agreeing(), st.sampled_from(["quantity", "unit_net", "vat_rate", "discount"]))
def test_a_figure_that_cannot_be_read_is_held_against_nobody(pair: tuple[OurOrder, list[OrderPosition]], which: str) -> None:
    ours, positions = pair
    figures = {"quantity": Decimal(1), "unit_net": Decimal(1), "vat_rate": Decimal(1), "discount": Decimal(0)} | {which: Decimal("NaN")}
    assert difference(ours, "AU1", [OrderPosition(ARTICLE, "B", **figures), *positions[1:]]) is None


def test_an_article_jtl_keeps_as_a_line_of_text_is_not_missed() -> None:
    ours = order([OurLine("L", "17", 2, 2, 2, by_seller=True, articles=(("NEW", 1),), total_cents=2000)], Shipping(0, None, None))
    assert difference(ours, "AU1", [position("", 2, 1000, Decimal(19), FREE_TEXT)]) is None
    assert difference(ours, "AU1", [position("", 1, 2000, Decimal(19), FREE_TEXT)]) is not None


def test_the_net_shipping_is_taxed_as_jtl_was_told() -> None:
    ours = order([OurLine("L", "17", 2, 1, 1, by_seller=True, articles=(("A", 1),), total_cents=1000)], Shipping(None, 251, None))
    goods = position("A", 1, 1000, Decimal(7))
    assert difference(ours, "AU1", [goods, position("", 1, 299, Decimal(19), SHIPPING)]) is None
    assert difference(ours, "AU1", [goods, position("", 1, 298, Decimal(19), SHIPPING)]) is not None


def test_prices_are_not_compared_where_temu_told_none() -> None:
    ours = order([OurLine("L", "17", 2, 1, 1, by_seller=True, articles=(("A", 1),), total_cents=None)])
    assert difference(ours, "AU1", [position("A", 1, 1000, Decimal(7))]) is None


@given(st.integers(1, 99), st.integers(1, 99), st.integers(0, 9999), st.integers(1, 999))
def test_a_total_counts_only_for_the_pieces_it_was_told_for(pieces: int, told_for: int, total: int, unit: int) -> None:
    expected = total if told_for == pieces else unit * pieces
    assert line_cents(pieces, told_for=told_for, total=total, unit=unit) == expected
    assert line_cents(pieces, told_for=None, total=None, unit=None) is None


@given(
    st.booleans(), st.booleans(), st.booleans(), st.booleans(),
    st.sampled_from([1, 2, 3, 4, 5, 41, 51]), st.timedeltas(timedelta(), timedelta(days=4)),
)  # fmt: skip
def test_an_order_jtl_has_or_is_about_to_take_or_temu_cancelled_is_never_missed(
    is_there: bool, is_waiting: bool, was_taken: bool, is_held: bool, status: int, age: timedelta
) -> None:
    moment = NOW - age
    ours = order(status=status, exported_at=moment, settled_at=moment, is_held=is_held, jtl_confirmed_at=moment if was_taken else None)
    known = {ORDER: [KnownOrder(ORDER, 1, "AU1", is_cancelled=False, is_finished=False)]} if is_there else {}
    jtl = InJtl(known, {ORDER: [7]} if is_waiting else {})
    found = missing([ours], jtl, now=NOW)
    if is_there or status == 3 or (is_waiting and not was_taken):
        assert found == {}
    elif was_taken or age > timedelta(hours=2):
        assert found.keys() == {ORDER}
    late = unread({ORDER: ours}, jtl, (), confirm_within=timedelta(hours=24), now=NOW)
    is_late, is_to_be_taken_twice = is_waiting and age > timedelta(hours=24), was_taken and is_there
    assert bool(late) == (is_late and (is_to_be_taken_twice or not (is_there or was_taken)))
    told = unread({ORDER: ours}, jtl, {ORDER}, confirm_within=timedelta(hours=24), now=NOW)
    assert bool(told) == (is_late and is_to_be_taken_twice)


@pytest.mark.parametrize(("rows", "says"), [([], True), ([7], False)])
def test_a_file_that_was_left_behind_hides_no_cancelled_order(rows: list[int], says: bool) -> None:
    """A file stays where it is when a person has imported it; a row is gone once JTL has read it."""
    jtl = InJtl({ORDER: [KnownOrder(ORDER, 1, "AU1", is_cancelled=True, is_finished=False)]}, {ORDER: rows})
    assert bool(cancelled_there([order()], jtl)) == says
    assert jtl.waiting_rows == len(rows)
    assert InJtl({}, {ORDER: []}).waiting_rows == 1


def test_only_numbers_of_temus_shape_are_temus() -> None:
    assert is_order_number("PO-076-00210000000000520")
    assert not any(map(is_order_number, ["", "PO-1", "PO-076-0021000000000052x", "xPO-076-00210000000000520", "99-00000-00001"]))


NUMBERS = st.sampled_from(["00340434177", "0034 0434 177", "1Z999", "1z999", "H1", ""])


def _sent(parcel: int, tracking: str, age: timedelta, *, finished: bool) -> SentParcel:
    return SentParcel(parcel, ORDER, "LS1", tracking, NOW - age, "DHL", None, finished)


def _package(number: int, tracking: str) -> ConfirmedPackage:
    return ConfirmedPackage(package_id=f"PK-{number}", carrier_id=1, tracking_number=tracking)


@given(st.lists(st.tuples(NUMBERS, st.timedeltas(timedelta(), timedelta(days=4))), max_size=4), st.booleans())
def test_parcels_temu_shows_agree_and_one_it_does_not_show_is_named_when_it_is_old(
    parcels: list[tuple[str, timedelta]], finished: bool
) -> None:
    in_jtl = [_sent(number, tracking, age, finished=finished) for number, (tracking, age) in enumerate(parcels)]
    shown = {"".join(tracking.split()).casefold(): tracking for tracking, _ in parcels if tracking}
    packages = [_package(number, tracking) for number, tracking in enumerate(shown.values())]
    shipped = Shipped(order(), in_jtl, (), (), is_told=False)
    assert at_temu_only(shipped, packages, changed_at=LONG_AGO, now=NOW) is None
    is_old = any(age > REPORTED_WITHIN for _, age in parcels)
    has_old_without_number = any(age > REPORTED_WITHIN for tracking, age in parcels if not tracking)
    assert (not_at_temu(shipped, packages, partial=False, now=NOW) is not None) == (finished and has_old_without_number)
    assert (not_at_temu(shipped, [], partial=True, now=NOW) is not None) == is_old
    assert not_at_temu(Shipped(order(), in_jtl, (), (), is_told=True), [], partial=True, now=NOW) is None
    assert not_at_temu(Shipped(order(), in_jtl, (), range(9), is_told=False), [], partial=True, now=NOW) is None


def test_a_number_temu_was_told_and_jtl_has_corrected_is_on_its_way_while_the_parcel_is_there() -> None:
    ours = [OurParcel(1, "NEW", "OLD", LONG_AGO)]
    there = Shipped(order(), [_sent(1, "NEW", timedelta(days=3), finished=True)], ours, (), is_told=False)
    gone = Shipped(order(), [], ours, (), is_told=False)
    assert at_temu_only(there, [_package(1, "OLD")], changed_at=LONG_AGO, now=NOW) is None
    assert at_temu_only(gone, [_package(1, "OLD")], changed_at=LONG_AGO, now=NOW) is not None
    assert at_temu_only(gone, [_package(1, "OLD")], changed_at=NOW - timedelta(hours=1), now=NOW) is None


@given(st.dictionaries(st.sampled_from("abcdef"), st.integers(0, 9)), st.sets(st.sampled_from("abcdef")))
def test_a_stock_differs_only_where_temu_shows_another_and_nothing_moves(shown: dict[str, int], moving: set[str]) -> None:
    rows = [ShownStock(sku_id, sku_id.upper(), 5, LONG_AGO) for sku_id in "abcdef"]
    settled = comparable(rows, shown, moving, now=NOW)
    assert differing(settled, shown).keys() == {key for key, pieces in shown.items() if pieces != 5 and key not in moving}
    assert {row.sku_id for row in settled} == {key for key, pieces in shown.items() if pieces == 5 or key not in moving}


def test_every_status_has_a_name() -> None:
    assert (status_name(41), status_name(77)) == ("partly shipped", "status 77")
