from __future__ import annotations

import random
import re
from collections.abc import Callable
from copy import deepcopy

import pytest

from temu_assets.sandbox.book_orders import order_objections
from temu_assets.sandbox.book_stock import stock_objections
from temu_assets.sandbox.books import compare
from temu_assets.sandbox.jtl import JtlStandIn, ParcelToShip
from temu_assets.sandbox.known_order import hand_over_known_order
from temu_assets.sandbox.state import Status
from temu_assets.sandbox.temu_shop import TemuShop
from temu_assets_tests.sandbox.mini_sync import confirm_parcels, export_orders, order_xml

_SET_TO = re.compile(r"SKU (\d+) .* listed with \d+, (\d+) may be sold")


def list_stock(shop: TemuShop, jtl: JtlStandIn) -> None:
    """Set every SKU to what the books want; that they want the right thing has tests of its own."""
    for objection in stock_objections(shop, jtl):
        found = _SET_TO.search(objection)
        assert found, objection
        sku = shop.sku(int(found[1]))
        sku.stock, sku.edited_at = int(found[2]), shop.clock()


@pytest.fixture
def synced(shop: TemuShop, jtl: JtlStandIn) -> TemuShop:
    export_orders(shop, jtl)
    jtl.ship_open(random.Random(3))
    confirm_parcels(shop, jtl)
    list_stock(shop, jtl)
    return shop


def test_the_order_the_former_tool_brought_is_right(shop: TemuShop, jtl: JtlStandIn) -> None:
    hand_over_known_order(shop, jtl)
    assert not [each for each in order_objections(shop, jtl) if shop.named["already_in_jtl"] in each]


def test_a_fresh_shop_has_orders_that_are_not_in_jtl_yet(shop: TemuShop, jtl: JtlStandIn) -> None:
    missing = [each for each in compare(shop, jtl) if "can be shipped but is not in JTL" in each]
    assert len(missing) > 50


def test_after_a_perfect_sync_there_is_nothing_to_object_to(synced: TemuShop, jtl: JtlStandIn) -> None:
    assert compare(synced, jtl) == []
    assert len(synced.state.packages) > 60


def test_the_sync_may_be_looked_at_between_its_steps(shop: TemuShop, jtl: JtlStandIn) -> None:
    """An order in JTL that has not left yet is no disagreement about parcels."""
    export_orders(shop, jtl)
    list_stock(shop, jtl)
    assert compare(shop, jtl) == []


def _sql(statement: str) -> Callable[[TemuShop, JtlStandIn], None]:
    def plant(shop: TemuShop, jtl: JtlStandIn) -> None:
        with jtl.transaction() as connection:
            connection.execute(
                statement.replace("THE_ORDER", "(SELECT kAuftrag FROM tAuftrag WHERE cExterneAuftragsnummer = :sn)"),
                {"sn": shop.named["mixed_vat"]},
            )

    return plant


def _double(shop: TemuShop, jtl: JtlStandIn) -> None:
    jtl.hand_over(order_xml(shop.order(shop.place_order(name="doubled"))))
    jtl.hand_over(order_xml(shop.order(shop.named["doubled"])))
    jtl.run_worker()


def _pending_order(shop: TemuShop, jtl: JtlStandIn) -> None:
    jtl.hand_over(order_xml(shop.order(shop.named["pending"])))
    jtl.run_worker()


def _package_of_mixed_vat(shop: TemuShop) -> str:
    return shop.packages_of(shop.named["mixed_vat"])[0].package_sn


def _carrier(shop: TemuShop, jtl: JtlStandIn) -> None:
    shop.state.packages[_package_of_mixed_vat(shop)].carrier_id = 699272611


def _number(shop: TemuShop, jtl: JtlStandIn) -> None:
    shop.state.packages[_package_of_mixed_vat(shop)].tracking_number = "00340434161094077777"


def _contents(shop: TemuShop, jtl: JtlStandIn) -> None:
    shop.state.packages[_package_of_mixed_vat(shop)].contents[0].quantity = 9


def _second_parcel(shop: TemuShop, jtl: JtlStandIn) -> None:
    """Fault 12: the second parcel of an order is never reported."""
    jtl.ship(shop.named["mixed_vat"], [ParcelToShip(tracking="00340434161094055555", contents={})])


def _oversell(shop: TemuShop, jtl: JtlStandIn) -> None:
    """Fault 7: the article is sold out, the listing still shows it."""
    jtl.sell_out("DECKEL-SW")


def _guess_stock(shop: TemuShop, jtl: JtlStandIn) -> None:
    sku = next(sku for sku in shop.state.skus.values() if sku.code == "NICHT-IN-JTL")
    sku.stock, sku.edited_at = 0, shop.clock()


PLANTED: dict[str, tuple[Callable[[TemuShop, JtlStandIn], None], str]] = {
    "order lost": (_sql("UPDATE tAuftrag SET nType = 0 WHERE kAuftrag = THE_ORDER"), "JTL did not send"),
    "order doubled": (_double, "is in JTL 2 times"),
    "pending order exported": (_pending_order, "was never ready to ship"),
    "order out of nowhere": (
        _sql("UPDATE tAuftrag SET cExterneAuftragsnummer = 'PO-076-9' WHERE kAuftrag = THE_ORDER"),
        "that TEMU does not know",
    ),
    "wrong pieces": (_sql("UPDATE tAuftragPosition SET fAnzahl = 7 WHERE kAuftrag = THE_ORDER AND nSort = 1"), "TEMU wants"),
    "a cent too much": (
        _sql("UPDATE tAuftragPosition SET fVkNetto = fVkNetto + 0.01 WHERE kAuftrag = THE_ORDER AND nSort = 1"),
        "cents for kochbuch-1",
    ),
    "wrong VAT": (
        _sql("UPDATE tAuftragPosition SET fMwSt = 20 WHERE kAuftrag = THE_ORDER AND nSort = 1"),
        "does not tax all of kochbuch-1",
    ),
    "wrong shipping": (
        _sql("UPDATE tAuftragPosition SET fVkNetto = 9 WHERE kAuftrag = THE_ORDER AND nType = 2"),
        "cents for shipping",
    ),
    "wrong address": (
        _sql("UPDATE tAdresse SET cPLZ = '4109' WHERE kKunde = (SELECT kKunde FROM tAuftrag WHERE kAuftrag = THE_ORDER)"),
        "the postcode in JTL is not TEMU's",
    ),
    "wrong carrier": (_carrier, "TEMU was told FedEx"),
    "wrong number": (_number, "TEMU does not know it"),
    "wrong contents": (_contents, "it holds"),
    "second parcel not told": (_second_parcel, "TEMU does not know it"),
    "sold out but listed": (_oversell, "0 may be sold"),
    "stock guessed": (_guess_stock, "no stock can be known"),
}


@pytest.mark.parametrize("case", PLANTED)
def test_a_planted_error_is_found_and_named(case: str, synced: TemuShop, jtl: JtlStandIn) -> None:
    plant, expected = PLANTED[case]
    plant(synced, jtl)
    assert any(expected in objection for objection in compare(synced, jtl))


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("partly_cancelled_line", "JTL has 3 of deckel-sw, TEMU wants 1"),
        ("fully_cancelled_line", "JTL has 3 of deckel-sw, TEMU wants 0"),
        ("cancelled", "was never ready to ship"),
        ("pending_cancellation", "was never ready to ship"),
        ("risk_alert", "was never ready to ship"),
    ],
)
def test_what_was_cancelled_or_held_before_the_export_must_not_be_exported(
    name: str, expected: str, shop: TemuShop, jtl: JtlStandIn
) -> None:
    """Fault 4: the original quantity is taken, cancelled pieces are shipped."""
    original = deepcopy(shop.order(shop.named[name]))
    for line in original.lines:
        line.cancelled, line.status = 0, Status.UNSHIPPED
    jtl.hand_over(order_xml(original))
    jtl.run_worker()
    assert [each for each in order_objections(shop, jtl) if original.parent_sn in each and expected in each]


def test_an_order_missing_in_jtl_is_named(shop: TemuShop, jtl: JtlStandIn) -> None:
    export_orders(shop, jtl)
    late = shop.place_order()
    assert order_objections(shop, jtl) == [f"Order {late} can be shipped but is not in JTL."]


def test_swapped_prices_are_found_although_the_sum_is_right(shop: TemuShop, jtl: JtlStandIn) -> None:
    """Fault 3: prices joined by position add up and are wrong."""
    order = shop.order(shop.named["three_lines"])
    good = order_xml(order)
    first, last = order.lines[0], order.lines[-1]
    first.unit_net_cents, last.unit_net_cents = last.unit_net_cents, first.unit_net_cents
    first.goods_name = "swapped"
    jtl.hand_over(good)
    jtl.run_worker()
    objections = [each for each in order_objections(shop, jtl) if order.parent_sn in each]
    assert [("cents for kratzbaum-ws" in each, "cents for puzzle-500-bl" in each) for each in objections] == [
        (True, False),
        (False, True),
    ]


def test_cancelled_pieces_may_be_in_jtl_if_they_were_exported_before(shop: TemuShop, jtl: JtlStandIn) -> None:
    parent_sn = shop.named["umlauts"]
    jtl.hand_over(order_xml(shop.order(parent_sn)))
    jtl.run_worker()
    shop.cancel_line(parent_sn, shop.order(parent_sn).lines[0].order_sn, 1)
    assert not [each for each in order_objections(shop, jtl) if parent_sn in each]


def test_a_parcel_of_an_unmapped_carrier_need_not_be_confirmed(shop: TemuShop, jtl: JtlStandIn) -> None:
    """Fault 13: a haulier TEMU does not know must not become DHL."""
    parent_sn = shop.named["umlauts"]
    jtl.hand_over(order_xml(shop.order(parent_sn)))
    jtl.run_worker()
    jtl.ship(parent_sn, [ParcelToShip("Spedition Maier", "00340434161094044444")])
    assert not [each for each in compare(shop, jtl) if parent_sn in each]


def test_listed_stock_is_what_jtl_can_sell_less_orders_it_does_not_know(shop: TemuShop, jtl: JtlStandIn) -> None:
    """Fault 16: what lies on the shelf is partly sold already."""
    code = "GRILLZANGE-SW"
    sku = next(sku for sku in shop.state.skus.values() if sku.code == code)
    row = jtl.rows("SELECT fVerfuegbar, nPuffer FROM tlagerbestand NATURAL JOIN tArtikel WHERE cArtNr = ?", (code,))[0]
    on_the_way = sum(line.quantity for order in shop.state.orders.values() for line in order.open_lines if line.sku_id == sku.sku_id)
    sku.stock = max(0, row["fVerfuegbar"] - row["nPuffer"] - on_the_way)
    assert not [each for each in stock_objections(shop, jtl) if code in each]
    shop.place_order([(sku.sku_id, 1)])
    assert not [each for each in stock_objections(shop, jtl) if code in each]
    sku.stock += 1
    assert [each for each in stock_objections(shop, jtl) if code in each]
