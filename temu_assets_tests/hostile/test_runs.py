"""Whole runs against a TEMU that says impossible things of some records: the others are carried on, and nothing is made up."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from temu_assets.orders.holds import HoldReason
from temu_assets.orders.ingesting import WITHOUT_NUMBER
from temu_assets.sandbox.book_orders import order_objections
from temu_assets.sandbox.book_parcels import parcel_objections
from temu_assets.sandbox.book_stock import stock_objections
from temu_assets_tests.hostile.carried_over import lost, parse
from temu_assets_tests.hostile.cases import (
    IN_THE_ADDRESS,
    IN_THE_AMOUNTS,
    IN_THE_COMPANIES,
    IN_THE_CONFIRMATION,
    IN_THE_LIST,
    IN_THE_SHIPMENT,
    IN_THE_SKUS,
    IN_THE_STOCK,
    IN_THE_VERDICTS,
    Case,
    text_of,
)
from temu_assets_tests.hostile.mutations import CANARY, TEXTS, damaged, paths
from temu_assets_tests.hostile.proxy import Damage, Proxy
from temu_assets_tests.seller import ADDRESS, AMOUNTS, COMPANIES, CONFIRM, LIST, SHIPMENT, Seller, failure

SKUS = "bg.local.goods.sku.list.query"
STOCK = "temu.local.goods.sku.stock.query"
EDIT = "bg.local.goods.stock.edit"


UNTIL_A_PERSON_LOOKS = {HoldReason.DAMAGED_ADDRESS, HoldReason.ADDRESS_TOO_LONG, HoldReason.PRICE_MISMATCH, HoldReason.MISSING_PRICE}
"""What TEMU once said of an address or a price stays what it said, as long as it could be read."""
CAN_BE_READ = {
    *(("receiptName",), ("postCode",), ("mail",)),
    *(("orderList", 0, "unitRetailPriceVatIncl", "amount"), ("orderList", 0, "orderSn"), ("orderList", 0, "quantity")),
}


def settle(seller: Seller, proxy: Proxy, victims: dict[str, Case]) -> None:
    """TEMU says what it should again, and of each order that it changed."""
    proxy.damage.clear()
    seller.later += timedelta(hours=25)
    for order in victims:
        seller.sandbox.shop.touch(seller.at_temu(order))
    for _ in range(2):
        assert seller.run().success
        seller.sandbox.jtl.run_worker()
    assert seller.run().success


def require_nothing_made_up(seller: Seller, victims: dict[str, Case], healthy: list[str]) -> None:
    """The healthy orders are in JTL, once, and what is there of the others is what was ordered, at its price."""
    assert [seller.in_jtl(order) for order in healthy] == [1] * len(healthy)
    for order, damage in victims.items():
        if seller.in_jtl(order):
            assert seller.pieces_in_jtl(order) == {"FLASCHE-750-BL": 2}, damage
    missing = "has to be in JTL and is not"
    wrong = [line for line in order_objections(seller.sandbox.shop, seller.sandbox.jtl) if missing not in line]
    assert not any(order in line for order in healthy for line in wrong)


def of_one_order(victims: dict[str, Case]) -> Damage:
    def damage(request: dict[str, Any], result: Any) -> str:
        found = victims.get(request["parentOrderSn"])
        return json.dumps(result) if found is None else text_of(result, *found)

    return damage


def of_a_page(victims: dict[str, Case]) -> Damage:
    def damage(_: dict[str, Any], result: Any) -> str:
        texts = []
        for item in result["pageItems"]:
            found = victims.get(item["parentOrderMap"]["parentOrderSn"])
            texts.append(json.dumps(item) if found is None else text_of(item, *found))
        return f'{{"totalItemNum": {result["totalItemNum"]}, "pageItems": [{", ".join(texts)}]}}'

    return damage


@pytest.mark.parametrize(
    ("endpoint", "cases"), [(LIST, IN_THE_LIST), (ADDRESS, IN_THE_ADDRESS), (AMOUNTS, IN_THE_AMOUNTS)], ids=["list", "address", "amounts"]
)
def test_orders_of_which_temu_says_impossible_things(new_seller: Seller, proxy: Proxy, endpoint: str, cases: list[Case]) -> None:
    """One run with all of it: the healthy orders of the same page go to JTL, every other one says why it does not."""
    healthy = [new_seller.place(("FLASCHE-750-BL", 2))]
    victims = {new_seller.place(("FLASCHE-750-BL", 2)): case for case in cases}
    healthy.append(new_seller.place(("FLASCHE-750-BL", 2)))
    proxy.damage[endpoint] = of_a_page(victims) if endpoint == LIST else of_one_order(victims)

    result = new_seller.run(checks=True)
    if not result.success:
        assert CANARY not in failure(result)
    new_seller.sandbox.jtl.run_worker()
    assert new_seller.run().success
    require_nothing_made_up(new_seller, victims, healthy)
    explained = {key for _, key in new_seller.problems()} | {order for order, reason in new_seller.holds().items() if reason}
    silent = {order: case for order, case in victims.items() if order not in explained and not new_seller.in_jtl(order)}
    # What has lost its number cannot be told apart from the others without one.
    assert {case[0] for case in silent.values()} <= {(), ("parentOrderMap",), ("parentOrderMap", "parentOrderSn")}
    assert not silent or WITHOUT_NUMBER in explained
    assert not any(CANARY in reason for reason in new_seller.problems().values())

    settle(new_seller, proxy, victims)
    kept = {order: reason for order, reason in new_seller.holds().items() if not new_seller.in_jtl(order)}
    assert {order: (victims.get(order), reason) for order, reason in kept.items() if reason not in UNTIL_A_PERSON_LOOKS} == {}
    assert {victims[order][0] for order in kept} <= CAN_BE_READ
    assert all(new_seller.in_jtl(order) == 1 for order in [*victims, *healthy] if order not in kept)


def of_rows(cases: list[Case], *names: str) -> Damage:
    """Damages the rows of an answer in turn, each in its own way; ``names`` lead from the result to the rows, through lists as well."""

    def damage(_: dict[str, Any], result: Any) -> str:
        chosen = iter(range(10_000))
        holes: dict[str, str] = {}

        def pierce(value: Any, path: tuple[str, ...]) -> Any:
            if path:
                if isinstance(value, list):
                    return [pierce(each, path) for each in value]
                return {**value, path[0]: pierce(value[path[0]], path[1:])}
            pierced = []
            for row in value:
                number = next(chosen)
                hole = json.dumps(f"hole {number}")
                holes[hole] = text_of(row, *cases[number]) if number < len(cases) else json.dumps(row)
                pierced.append(json.loads(hole))
            return pierced

        text = json.dumps(pierce(result, names))
        for hole, content in holes.items():
            text = text.replace(hole, content, 1)
        return text

    return damage


@pytest.mark.parametrize(
    ("endpoint", "damage"),
    [
        (SKUS, of_rows(IN_THE_SKUS, "skuList")),
        (STOCK, of_rows(IN_THE_STOCK, "stockList", "skuStockInfoList")),
        (EDIT, of_rows(IN_THE_VERDICTS, "skuStockEditStatusInfoList")),
    ],
    ids=["listing", "stock", "verdicts"],
)
def test_skus_of_which_temu_says_impossible_things(new_seller: Seller, proxy: Proxy, endpoint: str, damage: Damage) -> None:
    """No stock of the other SKUs waits for it, none is made up of it, and afterwards TEMU shows what JTL can sell."""
    shop, jtl = new_seller.sandbox.shop, new_seller.sandbox.jtl
    wrong_before = set(stock_objections(shop, jtl))
    proxy.damage[endpoint] = damage
    result = new_seller.run("temu_inventory_full_sync")
    assert set(stock_objections(shop, jtl)) <= wrong_before, "a stock was made up"
    if not result.success:
        assert CANARY not in failure(result)
    told = new_seller.problems()
    assert not any(CANARY in reason for (kind, _), reason in told.items() if kind not in ("article_unknown", "duplicate_sku"))
    proxy.damage.clear()
    for _ in range(2):
        new_seller.later += timedelta(hours=25)
        assert new_seller.run("temu_inventory_full_sync").success
    assert stock_objections(new_seller.sandbox.shop, new_seller.sandbox.jtl) == []


def shipped(seller: Seller, count: int) -> list[str]:
    """So many orders that JTL has just sent."""
    seller.sandbox.jtl.move_stock("FLASCHE-750-BL", 2 * count)
    orders = [seller.place(("FLASCHE-750-BL", 2)) for _ in range(count)]
    seller.run_through()
    for order in orders:
        seller.sandbox.jtl.ship(order)
    return orders


def require_every_parcel_once(seller: Seller) -> None:
    """Two days later, and nothing wrong any more: TEMU has every parcel, once."""
    for _ in range(2):
        seller.later += timedelta(hours=25)
        assert seller.run("temu_tracking_sync").success
    assert parcel_objections(seller.sandbox.shop, seller.sandbox.jtl) == []
    assert not any(CANARY in reason for reason in seller.problems().values())


def test_parcels_of_which_temu_says_impossible_things(new_seller: Seller, proxy: Proxy) -> None:
    """None is confirmed twice because nobody could read that it was, and none keeps the others back."""
    orders = shipped(new_seller, len(IN_THE_CONFIRMATION) + len(IN_THE_SHIPMENT) + 1)
    confirmations = dict(zip(orders, IN_THE_CONFIRMATION, strict=False))
    shipments = dict(zip(orders[len(confirmations) :], IN_THE_SHIPMENT, strict=False))

    def confirmation(request: dict[str, Any], result: Any) -> str:
        (order,) = {line["parentOrderSn"] for package in request["sendRequestList"] for line in package["orderSendInfoList"]}
        return text_of(result, *confirmations[order]) if order in confirmations else json.dumps(result)

    def shipment(request: dict[str, Any], result: Any) -> str:
        path, kind = shipments.get(request["parentOrderSn"], ((), ""))
        return text_of(result, path, kind) if kind and path in set(paths(result)) else json.dumps(result)

    proxy.damage = {CONFIRM: confirmation, SHIPMENT: shipment}
    for _ in range(2):
        result = new_seller.run("temu_tracking_sync")
        if not result.success:
            assert CANARY not in failure(result)
    assert list(new_seller.at_temu_as_sent(orders[-1]).values())
    proxy.damage.clear()
    require_every_parcel_once(new_seller)


def test_a_list_of_carriers_that_makes_no_sense_reports_nothing_with_a_guessed_one(new_seller: Seller, proxy: Proxy) -> None:
    orders = shipped(new_seller, 1)
    for path, kind in IN_THE_COMPANIES:
        proxy.damage = {COMPANIES: lambda _, result, path=path, kind=kind: text_of(result, path, kind)}  # type: ignore[misc]  # of Damage
        result = new_seller.run("temu_tracking_sync")
        assert CANARY not in ("" if result.success else failure(result))
    assert new_seller.at_temu_as_sent(orders[0]) == {}
    proxy.damage.clear()
    require_every_parcel_once(new_seller)


def test_nasty_texts_of_a_buyer_reach_jtls_import_table_as_they_are_or_are_held(new_seller: Seller, proxy: Proxy) -> None:
    """Over HTTP, through the file of answers and our database, into the row JTL reads."""
    sent: dict[str, Any] = {}
    texts = {new_seller.place(): (field, name) for name in TEXTS for field in ("receiptName", "addressLine2")}

    def damage(request: dict[str, Any], result: Any) -> str:
        field, name = texts[request["parentOrderSn"]]
        text = damaged(result, (field,), TEXTS[name])
        sent[request["parentOrderSn"]] = json.loads(text)
        return text

    proxy.damage[ADDRESS] = damage
    assert new_seller.run().success
    orders = [parse(row[0]) for row in new_seller.sandbox.jtl.rows("SELECT cText FROM tXMLBestellImport")]
    written = {order.findtext("cExterneBestellNr"): order for order in orders}
    holds = new_seller.holds()
    for order, (field, name) in texts.items():
        if order in written:
            assert lost(sent[order] | {"addressLineAll": None}, written[order]) == [], (field, name)
        else:
            assert holds[order] in (HoldReason.DAMAGED_ADDRESS, HoldReason.ADDRESS_TOO_LONG, HoldReason.MISSING_ADDRESS), (field, name)
    names_of_written = {texts[str(order)][1] for order in written}
    assert {"markup", "end of CDATA", "right to left", "zero width", "combining", "SQL", "formula", "format"} <= names_of_written
    assert names_of_written.isdisjoint({"NUL", "control characters", "half an emoji", "no character", "10,000 characters"})
