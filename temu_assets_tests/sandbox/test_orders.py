from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from temu_assets.sandbox import shop_settings
from temu_assets.sandbox.amounts import with_tax
from temu_assets.sandbox.state import Status
from temu_assets.sandbox.temu_shop import TemuShop
from temu_assets_tests.sandbox.conftest import NOW, Caller, Clock

LIST = "bg.order.list.v2.get"
ADDRESS = "bg.order.shippinginfo.v2.get"
DECRYPT = "bg.order.decryptshippinginfo.get"
AMOUNTS = "bg.order.amount.query"
INVOICE = "temu.pay.tax.invoice.detail.query"


def _numbers(result: dict[str, Any]) -> list[str]:
    return [item["parentOrderMap"]["parentOrderSn"] for item in result["pageItems"]]


def _item(temu: Caller, name: str) -> dict[str, Any]:
    result = temu.result(LIST, parentOrderSnList=[temu.server.shop.named[name]])
    assert result["totalItemNum"] == 1
    item = result["pageItems"][0]
    assert isinstance(item, dict)
    return item


def test_pages_together_hold_every_order_once_newest_first(temu: Caller, shop: TemuShop) -> None:
    """Fault 1: whoever reads page 1 only misses orders."""
    pages = [temu.result(LIST, pageNumber=page, pageSize=25, sortby="updateTime") for page in (1, 2, 3, 4, 5)]
    found = [number for page in pages for number in _numbers(page)]
    assert sorted(found) == sorted(shop.state.orders)
    times = [item["parentOrderMap"]["updateTime"] for page in pages for item in page["pageItems"]]
    assert times == sorted(times, reverse=True)
    assert {page["totalItemNum"] for page in pages} == {len(shop.state.orders)}
    assert pages[-1]["pageItems"] == []


def test_what_happens_to_an_order_between_two_pages_is_on_the_second(temu: Caller, shop: TemuShop) -> None:
    first = temu.result(LIST, pageSize=25, sortby="updateTime")
    last = temu.result(LIST, pageSize=25, sortby="updateTime", pageNumber=1 + (first["totalItemNum"] - 1) // 25)
    oldest = _numbers(last)[-1]
    shop.order(oldest).updated_at += 100 * 86_400
    assert _numbers(temu.result(LIST, pageSize=25, sortby="updateTime"))[0] == oldest
    shop.order(oldest).status = Status.DELIVERED
    assert temu.result(LIST, pageSize=25, sortby="updateTime")["pageItems"][0]["parentOrderMap"]["parentOrderStatus"] == Status.DELIVERED
    assert oldest in _numbers(temu.result(LIST, parentOrderStatus=5, sortby="updateTime"))
    shop.order(oldest).status = Status.UNSHIPPED
    assert oldest not in _numbers(temu.result(LIST, parentOrderStatus=5, sortby="updateTime"))
    del shop.state.orders[oldest]
    assert temu.result(LIST, pageSize=25, sortby="updateTime")["totalItemNum"] == first["totalItemNum"] - 1


def test_the_wrong_paging_name_gives_page_one_for_ever(temu: Caller) -> None:
    assert _numbers(temu.result(LIST, pageNo=3)) == _numbers(temu.result(LIST, pageNumber=1))
    assert len(temu.result(LIST)["pageItems"]) == 10


def test_a_page_holds_at_most_100_orders(temu: Caller, shop: TemuShop) -> None:
    for _ in range(60):
        shop.place_order()
    assert len(temu.result(LIST, pageSize=500)["pageItems"]) == 100


WINDOWS: dict[str, tuple[dict[str, object], int]] = {
    "half a pair": ({"updateAtStart": NOW}, 140020013),
    "other half": ({"createBefore": NOW}, 140020013),
    "end before start": ({"updateAtStart": NOW, "updateAtEnd": NOW - 1}, 140020012),
    "milliseconds": ({"updateAtStart": NOW * 1000, "updateAtEnd": NOW * 1000 + 1}, 140020014),
    "text for a number": ({"pageNumber": "1"}, 3000000),
}


@pytest.mark.parametrize("case", WINDOWS)
def test_a_wrong_window_is_refused(case: str, temu: Caller) -> None:
    params, code = WINDOWS[case]
    assert temu.code(LIST, **params) == code


def test_a_window_is_closed_at_both_ends(temu: Caller, shop: TemuShop, clock: Clock) -> None:
    clock.now += 100
    placed = shop.place_order()
    at = int(clock.now)
    for start, end, expected in ((at, at + 1, [placed]), (at - 1, at, [placed]), (at + 1, at + 2, [])):
        assert _numbers(temu.result(LIST, updateAtStart=start, updateAtEnd=end)) == expected


def test_every_change_of_an_order_moves_its_update_time(shop: TemuShop, clock: Clock) -> None:
    parent_sn = shop.place_order(pending=True)
    order = shop.order(parent_sn)
    for change in (
        shop.finish_pending,
        shop.request_cancellation,
        shop.withdraw_cancellation,
        shop.request_address_change,
        lambda number: shop.change_address(number, street="Neue Straße 1"),
        shop.alert_risk,
        shop.cancel_order,
    ):
        clock.now += 10
        change(parent_sn)
        assert order.updated_at == clock.now


def test_a_cancelled_line_stays_in_the_list_with_quantity_zero(temu: Caller) -> None:
    """Fault 4: the original quantity is not what has to be shipped."""
    line = _item(temu, "fully_cancelled_line")["orderList"][1]
    assert (line["quantity"], line["originalOrderQuantity"], line["canceledQuantityBeforeShipment"]) == (0, 3, 3)
    partly = _item(temu, "partly_cancelled_line")["orderList"][1]
    assert (partly["quantity"], partly["originalOrderQuantity"]) == (1, 3)


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("pending_cancellation", "pending_buyer_cancellation"),
        ("address_change", "pending_buyer_address_change"),
        ("risk_alert", "pending_risk_control_alert"),
    ],
)
def test_requests_and_alerts_are_labels_of_the_parent(name: str, label: str, temu: Caller) -> None:
    labels = {each["name"]: each["value"] for each in _item(temu, name)["parentOrderMap"]["parentOrderLabel"]}
    assert [each for each, value in labels.items() if value] == [label]


def test_placing_lowers_the_stock_of_the_sku_and_cancelling_restores_it(shop: TemuShop) -> None:
    sku = next(sku for sku in shop.state.skus.values() if sku.stock >= 10)
    before = sku.stock
    parent_sn = shop.place_order([(sku.sku_id, 4)])
    assert sku.stock == before - 4
    shop.cancel_line(parent_sn, shop.order(parent_sn).lines[0].order_sn, 1)
    assert sku.stock == before - 3
    shop.cancel_order(parent_sn)
    assert sku.stock == before


def test_a_pending_order_has_no_address_and_no_amounts_yet(temu: Caller, shop: TemuShop) -> None:
    """Fault 2: nothing is known yet, which is not the same as an empty address or a price of nothing."""
    pending = shop.named["pending"]
    address = temu.result(ADDRESS, parentOrderSn=pending)
    assert (address["receiptName"], address["addressLine1"], address["postCode"]) == (None, None, None)
    assert temu.code(AMOUNTS, parentOrderSn=pending) == 140020008
    assert temu.code(DECRYPT, parentOrderSn=pending) == 180020003
    shop.finish_pending(pending)
    assert temu.result(ADDRESS, parentOrderSn=pending)["addressLine1"] == "Lindenplatz 12"
    assert temu.result(AMOUNTS, parentOrderSn=pending)["orderList"]


def test_a_masked_address_comes_in_clear_from_the_decrypt_call_only(temu: Caller, shop: TemuShop) -> None:
    masked = shop.named["masked_address"]
    assert "*" in temu.result(ADDRESS, parentOrderSn=masked)["addressLine1"]
    assert temu.result(DECRYPT, parentOrderSn=masked)["addressLine1"] == "Beispielweg 15"


def test_the_address_of_a_shipped_order_is_not_given_any_more(temu: Caller, shop: TemuShop) -> None:
    assert "*" in temu.result(ADDRESS, parentOrderSn=shop.named["shipped"])["receiptName"]
    assert temu.code(DECRYPT, parentOrderSn=shop.named["shipped"]) == 180020003
    assert temu.code(ADDRESS, parentOrderSn=shop.named["cancelled"]) == 180020003


@pytest.mark.parametrize(("endpoint", "code"), [(AMOUNTS, 140020002), (ADDRESS, 180020003), (INVOICE, 140020002)])
def test_an_unknown_order_is_refused(endpoint: str, code: int, temu: Caller) -> None:
    assert temu.code(endpoint, parentOrderSn="PO-076-00000000000000000") == code


def test_amounts_are_those_of_the_fact_sheets_example(temu: Caller, shop: TemuShop) -> None:
    """Two bottles at 15.13 net and one of three lids at 3.36 net, 19 %, shipping 2.51 net."""
    result = temu.result(AMOUNTS, parentOrderSn=shop.named["partly_cancelled_line"])
    parent = {name: value["amount"] for name, value in result["parentOrderMap"].items() if isinstance(value, dict)}
    assert parent["basePriceTotal"] == 3362
    assert parent["retailPriceTotalTaxIncl"] == 4001
    assert parent["shipAmountTotalTaxIncl"] == 299
    assert parent["taxTotal"] == 687
    assert parent["customerPaid"] == 4300
    lids, bottles = result["orderList"]
    assert (bottles["unitRetailPriceVatIncl"]["amount"], bottles["retailPriceTotalTaxIncl"]["amount"]) == (1800, 3601)
    assert (lids["quantity"], lids["retailPriceTotalTaxIncl"]["amount"], lids["productTaxRate"]) == (1, 400, 1900000)


def test_amounts_come_in_another_order_than_the_lines(temu: Caller, shop: TemuShop) -> None:
    """Fault 3: only orderSn joins prices to lines."""
    listed = [line["orderSn"] for line in _item(temu, "three_lines")["orderList"]]
    priced = temu.result(AMOUNTS, parentOrderSn=shop.named["three_lines"])["orderList"]
    assert [line["orderSn"] for line in priced] == listed[::-1]


@pytest.mark.parametrize(("name", "rate"), [("austria", 2000), ("reduced_vat", 700), ("umlauts", 1900)])
def test_the_rate_is_that_of_the_destination_and_the_article(name: str, rate: int, temu: Caller, shop: TemuShop) -> None:
    """Fault 17: 19 % is not everybody's rate."""
    info = temu.result(INVOICE, parentOrderSn=shop.named[name])["invoiceDetailInfoList"][0]
    assert [line["vatRate"] for line in info["goodsInfoList"]] == [rate]
    amounts = temu.result(AMOUNTS, parentOrderSn=shop.named[name])["orderList"][0]
    assert amounts["productTaxRate"] == amounts["shipTaxRate"] == rate * 1000
    assert info["goodsInfoList"][0]["totalGoodsAmount"] == amounts["retailPriceTotalTaxIncl"]["amount"]


def test_amounts_may_still_speak_of_the_pieces_before_a_cancellation(temu: Caller, shop: TemuShop) -> None:
    lids, _ = temu.result(AMOUNTS, parentOrderSn=shop.named["amounts_before_cancellation"])["orderList"]
    line = _item(temu, "amounts_before_cancellation")["orderList"][1]
    assert (line["quantity"], lids["quantity"]) == (2, 3)


@given(net=st.integers(0, 10**7), rate=st.sampled_from([0, 210, 550, 700, 1000, 1900, 2000]))
def test_tax_is_rounded_half_up_to_the_cent(net: int, rate: int) -> None:
    exact = net * (10000 + rate)
    assert abs(with_tax(net, rate) * 10000 - exact) <= 5000
    assert with_tax(net, rate) * 10000 - exact != -5000


def test_the_detail_names_packages_and_the_town(temu: Caller, shop: TemuShop) -> None:
    detail = temu.result("bg.order.detail.v2.get", parentOrderSn=shop.named["shipped"])
    assert detail["parentOrderMap"]["regionName3"] == "Leipzig"
    assert detail["orderList"][0]["packageSnInfo"][0]["packageSn"].startswith("PK-")
    assert temu.code("bg.order.detail.v2.get", parentOrderSn="PO-none") == 140020002


def test_wishes_to_cancel_are_listed_by_state(temu: Caller, shop: TemuShop) -> None:
    parent_sn = shop.named["pending_cancellation"]
    result = temu.result("bg.aftersales.cancel.list.get", afterSalesStatusGroup=8)
    assert [wish["afterSalesInfoList"][0]["parentOrderSn"] for wish in result["data"]] == [parent_sn]
    shop.cancel_order(parent_sn)
    assert temu.result("bg.aftersales.cancel.list.get", afterSalesStatusGroup=8)["total"] == 0
    assert temu.result("bg.aftersales.cancel.list.get", parentOrderSnList=[parent_sn])["total"] == 1


def test_an_order_may_be_listed_late(temu: Caller, shop: TemuShop, clock: Clock) -> None:
    shop_settings.set_order_list_lag(shop, 30)
    placed = shop.place_order()
    assert placed not in _numbers(temu.result(LIST, pageSize=100))
    clock.now += 30
    assert placed in _numbers(temu.result(LIST, pageSize=100))
