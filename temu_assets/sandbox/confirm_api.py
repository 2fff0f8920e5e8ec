"""Confirming a shipment: bg.logistics.shipment.v2.confirm. Source: fact sheet temu-api, sections 4.3 and 9.8.

Everything is checked before anything is changed, so a refused call leaves no trace.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from temu_assets.sandbox.logistics_api import checked_carrier, checked_number, checked_warehouse
from temu_assets.sandbox.params import BAD_PARAMETER, JsonObject, Params, RefusalError
from temu_assets.sandbox.state import Order, OrderLine, Package, PackageContent, Status
from temu_assets.sandbox.temu_shop import TemuShop, UnknownRecordError

WHOLE_ORDER, SEVERAL_PACKAGES, SEVERAL_ORDERS = 0, 1, 2
INCOMPLETE = 120012007


@dataclass(frozen=True, slots=True)
class _Row:
    order: Order
    line: OrderLine
    quantity: int


def confirm(shop: TemuShop, params: Params) -> JsonObject:
    """Check the whole call, then book the packages and move lines and orders on."""
    send_type = params.integer("sendType")
    requests = params.objects("sendRequestList")
    if send_type not in (WHOLE_ORDER, SEVERAL_PACKAGES, SEVERAL_ORDERS) or not requests:
        raise RefusalError(BAD_PARAMETER, "sendType and sendRequestList are required")
    packages: list[Package] = []
    rows: list[_Row] = []
    for request in requests:
        contents = _rows(shop, request)
        packages.append(_package(shop, request, contents, taken={package.tracking_number for package in packages}))
        rows.extend(contents)
    _check_orders(rows, send_type, len(requests))
    _check_complete(rows, send_type)
    _book(shop, packages, rows)
    return {"assistantAgreementText": None, "warningMessage": []}


def _rows(shop: TemuShop, request: Params) -> list[_Row]:
    accepted = set(request.texts("confirmAcceptance"))
    rows: list[_Row] = []
    for info in request.objects("orderSendInfoList"):
        row = _row(shop, info)
        if any(row.line is earlier.line for earlier in rows):
            raise RefusalError(120012041, "The same order occurs twice in one package.")
        _check_row(row, accepted)
        rows.append(row)
    if not rows:
        raise RefusalError(BAD_PARAMETER, "orderSendInfoList is required")
    return rows


def _row(shop: TemuShop, info: Params) -> _Row:
    parent_sn, order_sn = info.text("parentOrderSn") or "", info.text("orderSn") or ""
    try:
        shop.order(parent_sn)
    except UnknownRecordError:
        raise RefusalError(120012007, "The parent order is invalid.") from None
    try:
        order, line = shop.line(parent_sn, order_sn)
    except UnknownRecordError:
        raise RefusalError(120012016, "Parent order and order do not match.") from None
    goods_id, sku_id = info.integer("goodsId"), info.integer("skuId")
    if (goods_id is not None and goods_id != line.goods_id) or (sku_id is not None and sku_id != line.sku_id):
        raise RefusalError(120012016, "Goods and order do not match.")
    return _Row(order, line, info.integer("quantity") or 0)


def _check_row(row: _Row, accepted: set[str]) -> None:
    order, line = row.order, row.line
    refusals = (
        (line.status in (Status.SHIPPED, Status.DELIVERED), 120012004, "The order has been shipped."),
        (line.status != Status.UNSHIPPED, 120012007, "The order is not waiting for shipment."),
        (not line.by_seller, 120011030, "The order belongs to a cooperative warehouse."),
        (order.cash_on_delivery, 120015528, "Cash on delivery needs a TEMU label."),
        (
            order.address_change_requested and "DENY_ADDRESS_CHANGE" not in accepted,
            120012023,
            "A change of address is pending.",
        ),
        (
            order.cancellation_requested and "DENY_CANCELLATION" not in accepted,
            120012030,
            "A cancellation is pending.",
        ),
        (order.risk_alert and "DENY_PARENT_RISK_WARNING" not in accepted, 120012031, "A risk alert is pending."),
    )
    for applies, code, message in refusals:
        if applies:
            raise RefusalError(code, message)


def _package(shop: TemuShop, request: Params, rows: list[_Row], *, taken: set[str]) -> Package:
    number = checked_number(request.text("trackingNumber") or "")
    carrier = checked_carrier(shop, rows[0].order.region_id, request.integer("carrierId"), number)
    if number in taken:
        raise RefusalError(120014003, "The tracking number occurs twice in the call.")
    if number in shop.state.used_numbers:
        raise RefusalError(120014004, "The tracking number has been used.")
    extra = request.objects("subSendRequests")
    if len(extra) > 10:
        raise RefusalError(120011098, "At most ten sub-packages are allowed.")
    if extra and any(row.quantity != 1 for row in rows):
        raise RefusalError(120011045, "Sub-packages need a quantity of one.")
    return Package(
        package_sn="",
        carrier_id=carrier.carrier_id,
        tracking_number=number,
        warehouse_id=checked_warehouse(shop, request.text("selfShippingWarehouseId")),
        confirmed_at=shop.now,
        contents=[PackageContent(row.order.parent_sn, row.line.order_sn, row.line.sku_id, row.quantity) for row in rows],
    )


def _check_orders(rows: list[_Row], send_type: int, packages: int) -> None:
    parents = {row.order.parent_sn: row.order for row in rows}
    if send_type == SEVERAL_ORDERS:
        if packages != 1:
            raise RefusalError(BAD_PARAMETER, "sendType 2 takes one package")
        places = {(order.address.name, order.address.street, order.address.postcode) for order in parents.values()}
        if len(places) > 1:
            raise RefusalError(120012015, "The addresses of the orders differ.")
        return
    if len(parents) > 1:
        raise RefusalError(120012007, "The orders do not belong to one parent order.")
    if send_type == WHOLE_ORDER and packages != 1:
        raise RefusalError(BAD_PARAMETER, "sendType 0 takes one package")


def _check_complete(rows: list[_Row], send_type: int) -> None:
    """A line goes with its whole quantity in one call; without partial shipping every line of the order goes."""
    sent: Counter[str] = Counter()
    for row in rows:
        if row.quantity < 1:
            raise RefusalError(INCOMPLETE, "The quantity is invalid.")
        sent[row.line.order_sn] += row.quantity
    if any(sent[row.line.order_sn] != row.line.quantity for row in rows):
        raise RefusalError(INCOMPLETE, "The quantity does not complete the order.")
    if send_type == SEVERAL_PACKAGES:
        return
    for row in rows:
        if any(line.order_sn not in sent for line in row.order.open_lines):
            raise RefusalError(INCOMPLETE, "The package does not hold the whole parent order.")


def _book(shop: TemuShop, packages: list[Package], rows: list[_Row]) -> None:
    for package in packages:
        package.package_sn = shop.next_package_sn()
        shop.add_package(package)
    for row in rows:
        row.line.status, row.line.shipped_at = Status.SHIPPED, shop.now
    for order in {row.order.parent_sn: row.order for row in rows}.values():
        if order.cancellation_requested:
            shop.deny_cancellation(order.parent_sn)
        order.address_change_requested = order.risk_alert = False
        order.status = Status.PARTLY_SHIPPED if order.open_lines else Status.SHIPPED
        order.shipped_at = shop.now
        shop.touch(order)
