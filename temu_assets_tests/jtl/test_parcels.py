"""Parcels JTL has sent."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import event

from temu_assets.jtl.database import Jtl
from temu_assets.jtl.parcels import SentParcel, SoldSet, current_numbers, number_of_sets, sent_parcels
from temu_assets_tests.jtl.books import Books

SENT = "2026-07-01 09:00:00"


@pytest.fixture
def order(books: Books) -> Books:
    """Order PO-1 (key 1): line 11 two blue mugs, line 12 one red mug; both on delivery note 1."""
    books.add("tversandart", kVersandArt=3, cName="DHL Paket")
    books.add("tAuftrag", kAuftrag=1, cAuftragsNr="AU-1", cExterneAuftragsnummer="PO-1")
    books.add("tAuftragPosition", kAuftragPosition=11, kAuftrag=1, cArtNr="MUG-BLUE", fAnzahl=2)
    books.add("tAuftragPosition", kAuftragPosition=12, kAuftrag=1, cArtNr="MUG-RED", kAuftragStueckliste=0)
    note(books, 1, {11: 2, 12: 1})
    return books


def note(books: Books, key: int, quantity_by_line: dict[int, float]) -> None:
    books.add("tLieferschein", kLieferschein=key, kBestellung=1, cLieferscheinNr=f"LS-{key}")
    for line, quantity in quantity_by_line.items():
        books.add("tLieferscheinPos", kLieferscheinPos=key * 100 + line, kLieferschein=key, kBestellPos=line, fAnzahl=quantity)


def parcel(books: Books, key: int, note_key: int = 1, *, tracking: str | None = "", sent: str | None = SENT, method: int = 3) -> None:
    code = f"0034{key}" if tracking == "" else tracking
    books.add("tVersand", kVersand=key, kLieferschein=note_key, cIdentCode=code, dVersendet=sent, kVersandArt=method)


def packed(books: Books, parcel_key: int, note_key: int, line: int, quantity: float) -> None:
    books.add("tVersandPos", kVersand=parcel_key, kLieferscheinPos=note_key * 100 + line, fAnzahl=quantity)


def contents(jtl: Jtl) -> dict[int, tuple[tuple[str, Decimal], ...] | None]:
    return {sent.parcel_id: sent.contents for sent in sent_parcels(jtl, ["PO-1"])}


def test_a_sent_parcel_is_told_whole(jtl: Jtl, order: Books) -> None:
    parcel(order, 5, tracking=" 00340001 ")
    packed(order, 5, 1, 11, 2)
    order.change("tAuftrag", nKomplettAusgeliefert=1, cExterneAuftragsnummer="po-1")
    assert sent_parcels(jtl, ["PO-1", "PO-2"]) == [
        SentParcel(
            parcel_id=5,
            order_id="PO-1",
            delivery_note="LS-1",
            tracking="00340001",
            shipped_at=datetime(2026, 7, 1, 7, 0, tzinfo=UTC),
            shipping_method="DHL Paket",
            contents=(("MUG-BLUE", Decimal(2)),),
            order_finished=True,
        )
    ]


def test_a_look_tells_the_same_without_contents_in_one_statement(jtl: Jtl, order: Books) -> None:
    parcel(order, 5)
    packed(order, 5, 1, 11, 2)
    (whole,) = sent_parcels(jtl, ["PO-1"])
    sent: list[str] = []
    event.listen(jtl.engine, "before_cursor_execute", lambda *told: sent.append(told[2]))
    assert sent_parcels(jtl, ["PO-1"], with_contents=False) == [replace(whole, contents=None)]
    assert len(sent) == 1


def test_numbers_are_found_by_the_keys_of_parcels_sent_or_not(jtl: Jtl, order: Books) -> None:
    parcel(order, 5, tracking=" 0034 0001 ")
    parcel(order, 6, tracking=None)
    parcel(order, 7, sent=None)
    assert current_numbers(jtl, [5, 6, 7, 8]) == {5: "0034 0001", 6: "", 7: "00347"}


def test_two_parcels_of_one_delivery_note_are_two(jtl: Jtl, order: Books) -> None:
    """Fault 12."""
    parcel(order, 5)
    parcel(order, 6)
    packed(order, 5, 1, 11, 2)
    packed(order, 6, 1, 12, 1)
    assert contents(jtl) == {5: (("MUG-BLUE", Decimal(2)),), 6: (("MUG-RED", Decimal(1)),)}


def test_two_delivery_notes_of_one_order_are_both_told(jtl: Jtl, order: Books) -> None:
    note(order, 2, {12: 1})
    parcel(order, 5, 1)
    parcel(order, 6, 2)
    assert [(sent.parcel_id, sent.delivery_note) for sent in sent_parcels(jtl, ["PO-1"])] == [(5, "LS-1"), (6, "LS-2")]


def test_a_parcel_that_is_packed_and_not_sent_is_not_told(jtl: Jtl, order: Books) -> None:
    parcel(order, 5, sent=None)
    assert sent_parcels(jtl, ["PO-1"]) == []


@pytest.mark.parametrize("tracking", [None, "  "])
def test_a_sent_parcel_without_a_number_is_told_without_one(jtl: Jtl, order: Books, tracking: str | None) -> None:
    parcel(order, 5, tracking=tracking)
    assert [sent.tracking for sent in sent_parcels(jtl, ["PO-1"])] == [""]


def test_a_parcel_of_an_unknown_shipping_method_has_no_method_and_is_not_dhl(jtl: Jtl, order: Books) -> None:
    """Fault 13."""
    parcel(order, 5, method=99)
    assert [sent.shipping_method for sent in sent_parcels(jtl, ["PO-1"])] == [""]


def test_what_has_left_is_told_even_when_the_order_was_cancelled_since(jtl: Jtl, order: Books) -> None:
    parcel(order, 5)
    order.change("tAuftrag", nStorno=True)
    assert len(sent_parcels(jtl, ["PO-1"])) == 1


def test_an_offer_of_the_same_number_has_no_parcels(jtl: Jtl, order: Books) -> None:
    parcel(order, 5)
    order.change("tAuftrag", nType=0)
    assert sent_parcels(jtl, ["PO-1"]) == []


def test_a_set_counts_as_what_was_sold_and_not_as_its_parts(jtl: Jtl, order: Books) -> None:
    order.add("tAuftragPosition", kAuftragPosition=13, kAuftrag=1, cArtNr="MUG-SET", kAuftragStueckliste=13)
    order.add("tAuftragPosition", kAuftragPosition=14, kAuftrag=1, cArtNr="MUG-PART", kAuftragStueckliste=13)
    note(order, 2, {13: 1, 14: 4})
    parcel(order, 5, 2)
    for line, quantity in ((13, 1), (14, 4)):
        packed(order, 5, 2, line, quantity)
    assert contents(jtl) == {5: (("MUG-SET", Decimal(1)),)}


@pytest.fixture
def candle_sets(order: Books) -> Books:
    """Two sets of six candles and a holder each, line 13 with parts 14 and 15, all on delivery note 2."""
    order.add("tAuftragPosition", kAuftragPosition=13, kAuftrag=1, cArtNr="CANDLE-SET", fAnzahl=2, kAuftragStueckliste=13)
    order.add("tAuftragPosition", kAuftragPosition=14, kAuftrag=1, cArtNr="CANDLE", fAnzahl=12, kAuftragStueckliste=13)
    order.add("tAuftragPosition", kAuftragPosition=15, kAuftrag=1, cArtNr="HOLDER", fAnzahl=2, kAuftragStueckliste=13)
    note(order, 2, {14: 12, 15: 2})
    return order


@pytest.mark.parametrize(
    ("parts", "told"),
    [
        ({14: 12, 15: 2}, (("CANDLE-SET", Decimal(2)),)),
        ({14: 6, 15: 1}, (("CANDLE-SET", Decimal(1)),)),
        ({14: 3, 15: 0.5}, (("CANDLE-SET", Decimal("0.5")),)),
        ({14: 12, 15: 1}, ()),
        ({14: 12}, ()),
        ({15: 2}, ()),
    ],
)
def test_a_set_of_which_jtl_packed_only_the_parts_is_told_as_sold(
    jtl: Jtl, candle_sets: Books, parts: dict[int, float], told: tuple[tuple[str, Decimal], ...]
) -> None:
    """Fault 12: a parcel whose parts make no whole number of sets is not silently without contents either."""
    parcel(candle_sets, 5, 2)
    for line, quantity in parts.items():
        packed(candle_sets, 5, 2, line, quantity)
    assert contents(jtl) == {5: told}


def test_plain_articles_beside_the_parts_of_a_set_are_told_and_one_torn_set_spoils_the_parcel(jtl: Jtl, candle_sets: Books) -> None:
    for key, parts in {5: {14: 6, 15: 1}, 6: {14: 6}}.items():
        parcel(candle_sets, key, 2)
        packed(candle_sets, key, 1, 11, 1)
        for line, quantity in parts.items():
            packed(candle_sets, key, 2, line, quantity)
    assert contents(jtl) == {5: (("MUG-BLUE", Decimal(1)), ("CANDLE-SET", Decimal(1))), 6: ()}


def test_the_parts_on_a_note_count_as_sets_where_its_only_parcel_has_no_contents(jtl: Jtl, candle_sets: Books) -> None:
    parcel(candle_sets, 5, 2)
    assert contents(jtl) == {5: (("CANDLE-SET", Decimal(2)),)}


def test_parts_whose_set_is_not_in_the_order_cannot_be_told(jtl: Jtl, candle_sets: Books) -> None:
    candle_sets.remove("tAuftragPosition", 13)
    parcel(candle_sets, 5, 2)
    assert contents(jtl) == {5: ()}


def test_sets_are_looked_up_only_where_they_are_needed(jtl: Jtl, candle_sets: Books) -> None:
    asked: list[str] = []
    event.listen(jtl.engine, "before_cursor_execute", lambda *told: asked.append(told[2]))
    parcel(candle_sets, 5)
    packed(candle_sets, 5, 1, 11, 2)
    assert contents(jtl) == {5: (("MUG-BLUE", Decimal(2)),)}
    assert not any("AS head" in statement for statement in asked)


@given(
    sets=st.integers(1, 9),
    in_one_set=st.lists(st.decimals(Decimal("0.01"), 20, places=2), min_size=2, max_size=4),
    packed_sets=st.integers(0, 9),
)
def test_parts_in_proportion_make_up_exactly_the_sets_and_others_none(sets: int, in_one_set: list[Decimal], packed_sets: int) -> None:
    whole = SoldSet("SET", Decimal(sets), {at: each * sets for at, each in enumerate(in_one_set)})
    parts = {at: each * packed_sets for at, each in enumerate(in_one_set)}
    assert number_of_sets(whole, parts) == packed_sets
    assert number_of_sets(whole, {**parts, 0: parts[0] + Decimal("0.01")}) is None


def test_the_only_parcel_of_a_note_has_the_notes_contents_where_jtl_kept_none(jtl: Jtl, order: Books) -> None:
    parcel(order, 5)
    assert contents(jtl) == {5: (("MUG-BLUE", Decimal(2)), ("MUG-RED", Decimal(1)))}


@pytest.mark.parametrize("second_is_sent", [True, False])
def test_of_two_parcels_without_contents_nobody_knows_what_is_in_which(jtl: Jtl, order: Books, second_is_sent: bool) -> None:
    parcel(order, 5)
    parcel(order, 6, sent=SENT if second_is_sent else None)
    assert set(contents(jtl).values()) == {None}


def test_a_part_of_a_piece_stays_exact(jtl: Jtl, order: Books) -> None:
    parcel(order, 5)
    packed(order, 5, 1, 11, 0.1)
    assert contents(jtl) == {5: (("MUG-BLUE", Decimal("0.1")),)}


@pytest.mark.parametrize(
    ("local", "utc"),
    [
        ("2026-01-15 12:00:00", datetime(2026, 1, 15, 11, 0, tzinfo=UTC)),
        ("2026-07-15T12:00:00.123", datetime(2026, 7, 15, 10, 0, 0, 123000, tzinfo=UTC)),
        ("2026-10-25 02:30:00", datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),
        ("2026-10-25 03:30:00", datetime(2026, 10, 25, 2, 30, tzinfo=UTC)),
    ],
)
def test_jtls_local_time_becomes_utc(jtl: Jtl, order: Books, local: str, utc: datetime) -> None:
    """Fault 17."""
    parcel(order, 5, sent=local)
    assert [sent.shipped_at for sent in sent_parcels(jtl, ["PO-1"])] == [utc]


def test_more_parcels_than_one_statement_can_name_are_all_told_with_their_contents(jtl: Jtl, order: Books) -> None:
    for key in range(5, 1605):
        parcel(order, key)
        packed(order, key, 1, 11, key)
    asked = [*(f"PO-X{number}" for number in range(1500)), "PO-1", "po-1"]
    assert {sent.parcel_id: sent.contents for sent in sent_parcels(jtl, asked)} == {
        key: (("MUG-BLUE", Decimal(key)),) for key in range(5, 1605)
    }
