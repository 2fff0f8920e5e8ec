from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from temu_assets.sandbox import shop_settings
from temu_assets.sandbox.state import Order, Status
from temu_assets.sandbox.temu_shop import TemuShop
from temu_assets_tests.sandbox.conftest import Caller, Clock

CONFIRM = "bg.logistics.shipment.v2.confirm"
READ = "bg.logistics.shipment.v2.get"
UPDATE = "bg.logistics.shipment.shippingtype.update"
DHL, UPS = 141252268, 314439762
NUMBER, OTHER = "00340434161094012345", "00340434161094012346"

Package = dict[str, Any]


def row(order: Order, position: int = 0, quantity: int | None = None) -> dict[str, Any]:
    line = order.lines[position]
    return {
        "parentOrderSn": order.parent_sn,
        "orderSn": line.order_sn,
        "goodsId": line.goods_id,
        "skuId": line.sku_id,
        "quantity": line.quantity if quantity is None else quantity,
    }


def package(*rows: dict[str, Any], number: str = NUMBER, **more: object) -> Package:
    return {"carrierId": DHL, "trackingNumber": number, "orderSendInfoList": list(rows), **more}


def order(shop: TemuShop, name: str) -> Order:
    return shop.order(shop.named[name])


def test_one_parcel_with_everything_ships_the_order(temu: Caller, shop: TemuShop) -> None:
    wanted = order(shop, "mixed_vat")
    result = temu.result(CONFIRM, sendType=0, sendRequestList=[package(row(wanted), row(wanted, 1))])
    assert result == {"assistantAgreementText": None, "warningMessage": []}
    assert wanted.status == Status.SHIPPED
    shipped = temu.result(READ, parentOrderSn=wanted.parent_sn, orderSn=wanted.lines[1].order_sn)["shipmentInfoDTO"]
    assert [(each["trackingNumber"], each["carrierName"], each["quantity"]) for each in shipped] == [(NUMBER, "DHL", 1)]


def test_a_line_may_be_split_over_two_parcels_of_one_call(temu: Caller, shop: TemuShop) -> None:
    wanted = order(shop, "umlauts")
    temu.result(
        CONFIRM,
        sendType=1,
        sendRequestList=[package(row(wanted, quantity=1)), package(row(wanted, quantity=1), number=OTHER)],
    )
    assert wanted.status == Status.SHIPPED
    assert {each.tracking_number for each in shop.packages_of(wanted.parent_sn)} == {NUMBER, OTHER}


def test_shipping_some_lines_leaves_the_order_partly_shipped(temu: Caller, shop: TemuShop) -> None:
    wanted = order(shop, "mixed_vat")
    temu.result(CONFIRM, sendType=1, sendRequestList=[package(row(wanted))])
    assert wanted.status == Status.PARTLY_SHIPPED
    temu.result(CONFIRM, sendType=1, sendRequestList=[package(row(wanted, 1), number=OTHER)])
    assert wanted.status == Status.SHIPPED


def test_orders_to_one_address_may_share_a_parcel(temu: Caller, shop: TemuShop) -> None:
    first, second = order(shop, "same_address_1"), order(shop, "same_address_2")
    temu.result(CONFIRM, sendType=2, sendRequestList=[package(row(first), row(second))])
    assert first.status == second.status == Status.SHIPPED


def _one(**more: object) -> Callable[[TemuShop], dict[str, Any]]:
    def call(shop: TemuShop) -> dict[str, Any]:
        wanted = order(shop, "umlauts")
        return {"sendType": 0, "sendRequestList": [{**package(row(wanted)), **more}]}

    return call


def _of(name: str, *positions: int, send_type: int = 0, **more: Any) -> Callable[[TemuShop], dict[str, Any]]:
    def call(shop: TemuShop) -> dict[str, Any]:
        wanted = order(shop, name)
        rows = [row(wanted, position) for position in positions or (0,)]
        return {"sendType": send_type, "sendRequestList": [package(*rows, **more)]}

    return call


def _short(shop: TemuShop) -> dict[str, Any]:
    return {"sendType": 1, "sendRequestList": [package(row(order(shop, "umlauts"), quantity=1))]}


def _strangers(shop: TemuShop) -> dict[str, Any]:
    rows = [row(order(shop, "umlauts")), row(order(shop, "leading_zero"))]
    return {"sendType": 2, "sendRequestList": [package(*rows)]}


def _two_orders(shop: TemuShop) -> dict[str, Any]:
    return {**_strangers(shop), "sendType": 1}


def _foreign_line(shop: TemuShop) -> dict[str, Any]:
    rows = [{**row(order(shop, "umlauts")), "orderSn": order(shop, "polish").lines[0].order_sn}]
    return {"sendType": 0, "sendRequestList": [package(*rows)]}


def _same_number_twice(shop: TemuShop) -> dict[str, Any]:
    wanted = order(shop, "umlauts")
    return {"sendType": 1, "sendRequestList": [package(row(wanted, quantity=1)), package(row(wanted, quantity=1))]}


def _line_twice(shop: TemuShop) -> dict[str, Any]:
    wanted = order(shop, "umlauts")
    return {"sendType": 0, "sendRequestList": [package(row(wanted, quantity=1), row(wanted, quantity=1))]}


_ELEVEN = [{"carrierId": DHL, "trackingNumber": f"003404341610940130{place:02d}"} for place in range(11)]

REFUSALS: dict[str, tuple[Callable[[TemuShop], dict[str, Any]], int]] = {
    "number blank": (_one(trackingNumber=" "), 120014001),
    "symbols in the number": (_one(trackingNumber="0034-0434161094012345"), 120014020),
    "blank in the number": (_one(trackingNumber="00340434 161094012345"), 120014020),
    "carrier unknown": (_one(carrierId=123456789), 120015002),
    "carrier of another region": (_one(carrierId=999900012), 120015002),
    "carrier as text": (_one(carrierId=str(DHL)), 3000000),
    "number not of the carrier's shape": (_one(carrierId=UPS), 120014022),
    "number twice in the call": (_same_number_twice, 120014003),
    "number used before": (_one(trackingNumber="00340434161094000001"), 120014004),
    "order shipped already": (_of("shipped", number=OTHER), 120012004),
    "order pending": (_of("pending"), 120012007),
    "order cancelled": (_of("cancelled", 0, 1), 120012007),
    "order unknown": (_one(orderSendInfoList=[{"parentOrderSn": "PO-x", "orderSn": "x", "quantity": 1}]), 120012007),
    "line of another order": (_foreign_line, 120012016),
    "line twice in one package": (_line_twice, 120012041),
    "quantity too small": (_short, 120012007),
    "a line left behind": (_of("mixed_vat", 0), 120012007),
    "part of an order in a shared parcel": (_of("mixed_vat", 0, send_type=2), 120012007),
    "addresses differ": (_strangers, 120012015),
    "two orders without sharing": (_two_orders, 120012007),
    "cancellation pending": (_of("pending_cancellation"), 120012030),
    "address change pending": (_of("address_change"), 120012023),
    "risk alert": (_of("risk_alert"), 120012031),
    "cash on delivery": (_of("cash_on_delivery"), 120015528),
    "cooperative warehouse": (_of("cooperative_line", 0, 1), 120011030),
    "warehouse unknown": (_one(selfShippingWarehouseId="WH-none"), 120011006),
    "too many sub-packages": (_one(subSendRequests=_ELEVEN), 120011098),
    "sub-packages of several pieces": (_one(subSendRequests=_ELEVEN[:1]), 120011045),
}


@pytest.mark.parametrize("case", REFUSALS)
def test_a_shipment_is_refused_and_nothing_has_changed(case: str, temu: Caller, shop: TemuShop) -> None:
    call, code = REFUSALS[case]
    before = (dict(shop.state.packages), list(shop.state.used_numbers), [o.status for o in shop.state.orders.values()])
    assert temu.code(CONFIRM, **call(shop)) == code
    after = (dict(shop.state.packages), list(shop.state.used_numbers), [o.status for o in shop.state.orders.values()])
    assert after == before


def test_a_repeat_after_a_success_nobody_heard_of_is_refused(temu: Caller, shop: TemuShop) -> None:
    call = _one()(shop)
    temu.result(CONFIRM, **call)
    assert temu.code(CONFIRM, **call) == 120012004


def test_shipping_in_spite_of_a_wish_to_cancel_needs_to_be_said_and_rejects_the_wish(temu: Caller, shop: TemuShop) -> None:
    wanted = order(shop, "pending_cancellation")
    temu.result(CONFIRM, sendType=0, sendRequestList=[package(row(wanted), confirmAcceptance=["DENY_CANCELLATION"])])
    assert temu.result("bg.aftersales.cancel.list.get", afterSalesStatusGroup=10)["total"] == 1


def test_a_shop_may_require_the_warehouse(temu: Caller, shop: TemuShop) -> None:
    shop_settings.require_warehouse(shop)
    assert temu.code(CONFIRM, **_one()(shop)) == 120015527
    warehouses = temu.result("bg.logistics.warehouse.list.get")["warehouseList"]
    default = next(each["warehouseId"] for each in warehouses if each["defaultWarehouse"])
    temu.result(CONFIRM, **_one(selfShippingWarehouseId=default)(shop))


@pytest.mark.parametrize(("region", "brand"), [(76, "Hermes"), (13, "Post AT"), (69, "La Poste")])
def test_carriers_differ_by_region(region: int, brand: str, temu: Caller) -> None:
    """Fault 13: no carrier id is the same everywhere."""
    carriers = temu.result("bg.logistics.companies.get", regionId=region)
    assert brand in [each["logisticsBrandName"] for each in carriers]
    assert len({each["logisticsServiceProviderId"] for each in carriers}) == len(carriers)


def test_carriers_need_a_region_and_can_disappear(temu: Caller, shop: TemuShop) -> None:
    assert temu.code("bg.logistics.companies.get") == 7000000
    assert temu.result("bg.logistics.companies.get", regionId=999) == []
    shop_settings.remove_carrier(shop, DHL)
    assert temu.code(CONFIRM, **_one()(shop)) == 120015002


def _edit(temu: Caller, shop: TemuShop, **changes: object) -> dict[str, Any]:
    package_sn = shop.packages_of(shop.named["umlauts"])[0].package_sn
    edit = {"packageSn": package_sn, "trackingNumber": OTHER, "shipCompanyId": DHL, **changes}
    return temu.answer(UPDATE, editPackageRequestList=[edit])


def test_a_confirmed_number_can_be_corrected(temu: Caller, shop: TemuShop) -> None:
    temu.result(CONFIRM, **_one()(shop))
    assert _edit(temu, shop)["result"] is True
    assert shop.packages_of(shop.named["umlauts"])[0].tracking_number == OTHER


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"packageSn": "PK-none"}, 120018027),
        ({"trackingNumber": "a b"}, 120014020),
        ({"trackingNumber": "00340434161094000001"}, 120014004),
        ({"shipCompanyId": 1}, 120015002),
        ({"selfShippingWarehouseId": "WH-none"}, 120011006),
    ],
)
def test_a_wrong_correction_is_refused(changes: dict[str, object], code: int, temu: Caller, shop: TemuShop) -> None:
    temu.result(CONFIRM, **_one()(shop))
    assert _edit(temu, shop, **changes)["errorCode"] == code


def test_a_delivered_package_cannot_be_corrected(temu: Caller, shop: TemuShop) -> None:
    temu.result(CONFIRM, **_one()(shop))
    shop.deliver(shop.named["umlauts"])
    assert _edit(temu, shop)["errorCode"] == 120015529


def test_reading_shipments_checks_order_and_line(temu: Caller, shop: TemuShop) -> None:
    wanted = order(shop, "umlauts")
    line = {"parentOrderSn": wanted.parent_sn, "orderSn": wanted.lines[0].order_sn}
    assert temu.result(READ, **line) == {"shipmentInfoDTO": []}
    assert temu.code(READ, **{**line, "parentOrderSn": "PO-none"}) == 120012007
    assert temu.code(READ, **{**line, "orderSn": "none"}) == 120012016


def test_a_package_may_be_shown_late(temu: Caller, shop: TemuShop, clock: Clock) -> None:
    shop_settings.set_shipment_read_lag(shop, 8)
    temu.result(CONFIRM, **_one()(shop))
    wanted = order(shop, "umlauts")
    line = {"parentOrderSn": wanted.parent_sn, "orderSn": wanted.lines[0].order_sn}
    assert temu.result(READ, **line) == {"shipmentInfoDTO": []}
    clock.now += 8
    assert len(temu.result(READ, **line)["shipmentInfoDTO"]) == 1
