from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from temu_assets.sandbox.fixtures import CARRIERS
from temu_assets.sandbox.jtl import JtlStandIn, ParcelToShip, StandInError
from temu_assets.sandbox.jtl_seed import ArticleSeed
from temu_assets.sandbox.logistics_api import checked_carrier
from temu_assets.sandbox.state import Address, Order, OrderLine, Product
from temu_assets.sandbox.temu_shop import TemuShop
from temu_assets_tests.sandbox.mini_sync import export_orders, order_xml


def stock(jtl: JtlStandIn, sku: str) -> dict[str, float]:
    row = jtl.rows("SELECT l.* FROM tlagerbestand AS l NATURAL JOIN tArtikel WHERE cArtNr = ?", (sku,))[0]
    return {name: row[name] for name in ("fLagerbestand", "fInAuftraegen", "fVerfuegbar")}


@pytest.fixture
def known(shop: TemuShop, jtl: JtlStandIn) -> str:
    """An order JTL has: two bottles and three lids less two."""
    parent_sn = shop.named["partly_cancelled_line"]
    jtl.hand_over(order_xml(shop.order(parent_sn)))
    jtl.run_worker()
    return parent_sn


def test_shipping_takes_goods_from_shelf_and_orders_and_leaves_what_is_available(jtl: JtlStandIn, known: str) -> None:
    before = stock(jtl, "FLASCHE-750-BL")
    jtl.ship(known)
    after = stock(jtl, "FLASCHE-750-BL")
    assert after["fLagerbestand"] == before["fLagerbestand"] - 2
    assert after["fInAuftraegen"] == before["fInAuftraegen"] - 2
    assert after["fVerfuegbar"] == before["fVerfuegbar"]
    assert jtl.rows("SELECT nKomplettAusgeliefert FROM tAuftrag WHERE cExterneAuftragsnummer = ?", (known,))[0][0] == 1


def test_one_note_may_have_two_parcels_with_their_own_contents(jtl: JtlStandIn, known: str) -> None:
    first, second = jtl.ship(
        known,
        [
            ParcelToShip("DHL Paket", "00340434161094012345", {"flasche-750-bl": 2}),
            {"method": "DPD Paket", "tracking": "09980000000001", "contents": {"DECKEL-SW": 1}},
        ],
    )
    rows = jtl.rows("SELECT kInternePaketnummer, cTrackingId, cVersandartName FROM lvLieferscheinpaket ORDER BY 1")
    assert [tuple(row) for row in rows] == [
        (first, "00340434161094012345", "DHL Paket"),
        (second, "09980000000001", "DPD Paket"),
    ]
    assert [row["nAnzahlVersendetePakete"] for row in jtl.rows("SELECT * FROM lvLieferschein")] == [2]


def test_an_order_is_finished_only_when_every_parcel_has_left(jtl: JtlStandIn, known: str) -> None:
    def finished() -> bool:
        rows = jtl.rows("SELECT nKomplettAusgeliefert FROM tAuftrag WHERE cExterneAuftragsnummer = ?", (known,))
        return bool(rows[0][0])

    jtl.ship(known, [ParcelToShip(tracking="00340434161094012345", contents={"FLASCHE-750-BL": 2})])
    assert not finished()
    (parcel,) = jtl.ship(known, [ParcelToShip(tracking=None, sent=False)])
    assert not finished()
    jtl.send(parcel)
    assert finished()
    jtl.set_tracking(parcel, "00340434161094012346")
    rows = jtl.rows("SELECT cIdentCode, dVersendet FROM tVersand WHERE kVersand = ?", (parcel,))
    assert tuple(rows[0]) == ("00340434161094012346", "2026-01-01 01:00:00")


def test_parcels_may_have_no_contents_in_jtl_and_notes_may_be_drop_shipments(jtl: JtlStandIn, known: str) -> None:
    jtl.ship(known, [ParcelToShip(tracking="00340434161094012345", listed=False)], supplier=7)
    assert jtl.rows("SELECT * FROM tVersandPos") == []
    assert jtl.rows("SELECT kLieferantenBestellung FROM tLieferschein")[0][0] == 7


def test_what_cannot_be_shipped_is_refused_and_changes_nothing(jtl: JtlStandIn, known: str) -> None:
    before = stock(jtl, "DECKEL-SW")
    for parcel, reason in (
        (ParcelToShip(method="Rakete"), "no shipping method"),
        (ParcelToShip(contents={"DECKEL-SW": 2}), "no open pieces of deckel-sw"),
    ):
        with pytest.raises(StandInError, match=reason):
            jtl.ship(known, [parcel])
    jtl.sell_out("DECKEL-SW")
    with pytest.raises(StandInError, match="too little of 'DECKEL-SW'"):
        jtl.ship(known)
    assert stock(jtl, "DECKEL-SW")["fInAuftraegen"] == before["fInAuftraegen"]
    assert jtl.rows("SELECT * FROM tLieferschein") == []
    jtl.cancel(known)
    with pytest.raises(StandInError, match="is cancelled"):
        jtl.ship(known)


@pytest.mark.parametrize("call", [lambda jtl: jtl.send(99), lambda jtl: jtl.set_tracking(99, "1"), lambda jtl: jtl.cancel("PO-x")])
def test_an_unknown_parcel_or_order_is_refused(call: Callable[[JtlStandIn], None], jtl: JtlStandIn) -> None:
    with pytest.raises(StandInError, match="JTL has no"):
        call(jtl)


def test_cancelling_gives_the_goods_back(jtl: JtlStandIn, known: str) -> None:
    before = stock(jtl, "DECKEL-SW")
    jtl.cancel(known)
    assert stock(jtl, "DECKEL-SW")["fVerfuegbar"] == before["fVerfuegbar"] + 1


def test_a_set_ships_with_its_parts(shop: TemuShop, jtl: JtlStandIn) -> None:
    parent_sn = shop.named["bill_of_materials"]
    jtl.hand_over(order_xml(shop.order(parent_sn)))
    jtl.run_worker()
    before = stock(jtl, "SIEB-18-WS")["fLagerbestand"]
    jtl.ship(parent_sn, [ParcelToShip(tracking="00340434161094012345", contents={"SET-KUECHE": 1})])
    assert stock(jtl, "SIEB-18-WS")["fLagerbestand"] == before - 2
    jtl.ship(parent_sn)
    assert stock(jtl, "SIEB-18-WS")["fLagerbestand"] == before - 4


def test_the_demo_warehouse_ships_everything_with_numbers_temu_takes(shop: TemuShop, jtl: JtlStandIn) -> None:
    exported = export_orders(shop, jtl)
    assert jtl.ship_open(random.Random(5)) == len(exported)
    rows = jtl.rows(
        "SELECT v.cIdentCode, m.cName, a.cExterneAuftragsnummer AS nr FROM tVersand AS v"
        " JOIN tversandart AS m USING (kVersandArt) JOIN tLieferschein AS l USING (kLieferschein)"
        " JOIN tAuftrag AS a ON a.kAuftrag = l.kBestellung"
    )
    assert len({row["cIdentCode"] for row in rows}) == len(rows) > len(exported)
    for row in rows:
        region = shop.order(row["nr"]).region_id
        brand = row["cName"].split()[0]
        carrier = next(each for each in CARRIERS[region] if each.brand == brand)
        assert checked_carrier(shop, region, carrier.carrier_id, row["cIdentCode"]) == carrier
    assert jtl.ship_open(random.Random(5)) == 0


def _article(jtl: JtlStandIn, sku: str) -> tuple[float, float]:
    row = jtl.rows("SELECT l.fLagerbestand, l.fVerfuegbar FROM tlagerbestand AS l NATURAL JOIN tArtikel WHERE cArtNr = ?", (sku,))[0]
    return row[0], row[1]


def test_stock_is_counted_as_jtl_counts_it(tmp_path: Path) -> None:
    """Fault 16: available is not what lies on the shelf."""
    jtl = JtlStandIn(tmp_path / "jtl.db")
    jtl.create()
    jtl.seed(
        [
            ArticleSeed("PLAIN", {1: 3, 2: 10, 3: 50}),
            ArticleSeed("UNTRACKED", {2: 5}, tracked=False),
            ArticleSeed("FRACTION", {2: 12.75}, divisible=True),
            ArticleSeed("PART", {2: 11}, buffer=2),
            ArticleSeed("SET", parts={"PART": 2, "PLAIN": 1}),
        ]
    )
    assert _article(jtl, "PLAIN") == (63, 13)
    assert _article(jtl, "UNTRACKED") == (5, 0)
    assert _article(jtl, "FRACTION") == (12.75, 12.75)
    assert _article(jtl, "SET") == (5, 4)
    per_warehouse = jtl.rows(
        "SELECT kWarenlager, SUM(fBestand) FROM vLagerbestandProLager NATURAL JOIN tArtikel WHERE cArtNr = 'SET' GROUP BY 1"
    )
    assert {row[0]: row[1] for row in per_warehouse}[2] == 5


_MOVES = st.lists(
    st.one_of(
        st.tuples(st.just("move"), st.integers(-5, 9)),
        st.tuples(st.just("order"), st.integers(1, 3)),
        st.tuples(st.just("ship"), st.just(0)),
        st.tuples(st.just("cancel"), st.just(0)),
    ),
    max_size=8,
)


@settings(max_examples=15, deadline=None)
@given(moves=_MOVES)
def test_whatever_happens_available_is_stock_less_blocked_less_open(
    moves: list[tuple[str, int]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    jtl = JtlStandIn(tmp_path_factory.mktemp("jtl") / "jtl.db")
    jtl.create()
    jtl.seed([ArticleSeed("A", {2: 20, 3: 5})])
    physical, wanted = 20, {}
    for number, (move, pieces) in enumerate(moves):
        external = f"PO-{number}"
        if move == "move":
            jtl.move_stock("A", pieces)
            physical = max(0, physical + pieces)
        elif move == "order":
            jtl.hand_over(_small_order(external, pieces))
            jtl.run_worker()
            wanted[external] = pieces
        elif wanted:
            external = next(iter(wanted))
            if move == "ship" and wanted[external] <= physical:
                jtl.ship(external)
                physical -= wanted.pop(external)
            elif move == "cancel":
                jtl.cancel(external)
                wanted.pop(external)
    reserved = sum(wanted.values())
    expected = {"fLagerbestand": physical + 5, "fInAuftraegen": reserved, "fVerfuegbar": physical - reserved}
    assert stock(jtl, "A") == expected


def _small_order(external: str, pieces: int) -> str:
    line = OrderLine("x", 1, 1, pieces, 840, 1900, "A", "A", "", [Product(1, 1, "A")])
    return order_xml(Order(external, 76, 0, 0, Address("Max Muster", "Weg 1", "01067", "Dresden"), [line]))
