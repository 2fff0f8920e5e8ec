"""Orders: list and detail. Source: fact sheet temu-api, sections 3.2 and 3.3."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from temu_assets.sandbox.params import JsonObject, Params, RefusalError, page_of
from temu_assets.sandbox.state import Order, OrderLine
from temu_assets.sandbox.temu_shop import DAY, TemuShop, UnknownRecordError

SHIP_WITHIN = 2 * DAY
SITES = {76: 105, 69: 106, 13: 143}
NOT_FOUND = 140020002
_OF_ONE_CALL = frozenset({"pageNumber", "pageSize", "timestamp", "sign"})

_WINDOWS: tuple[tuple[str, str, Callable[[Order], int | None]], ...] = (
    ("createAfter", "createBefore", lambda order: order.created_at),
    ("updateAtStart", "updateAtEnd", lambda order: order.updated_at),
    ("expectShipLatestTimeStart", "expectShipLatestTimeEnd", lambda order: order.created_at + SHIP_WITHIN),
    ("parentConfirmTimeStart", "parentConfirmTimeEnd", lambda order: order.confirmed_at),
)


def order_list(shop: TemuShop, params: Params) -> JsonObject:
    """bg.order.list.v2.get: newest first, page by ``pageNumber``; a page beyond the end is empty."""
    orders = _listed(shop, params)
    page, size = page_of(params, "pageNumber", size=10, largest=100)
    shown = orders[(page - 1) * size : page * size]
    return {
        "totalItemNum": len(orders),
        "pageItems": [{"parentOrderMap": _parent(order), "orderList": [_line(order, line) for line in order.lines]} for order in shown],
    }


def _listed(shop: TemuShop, params: Params) -> list[Order]:
    """What the call asks for, on all pages; kept for the next page, until any order changes."""
    newest = shop.clock() - shop.state.order_list_lag if shop.state.order_list_lag else None
    query = repr([(name, value) for name, value in params.values.items() if name not in _OF_ONE_CALL])
    state = (Order.changes, len(shop.state.orders), newest, query)
    if shop.last_list is None or shop.last_list[0] != state:
        shop.last_list = state, _chosen(shop.state.orders.values(), params, newest)
    return shop.last_list[1]


def _chosen(every: Iterable[Order], params: Params, newest: float | None) -> list[Order]:
    orders = [order for order in every if newest is None or order.created_at <= newest]
    for start_name, end_name, moment in _WINDOWS:
        window = _window(params, start_name, end_name)
        if window:
            first, last = window
            orders = [order for order in orders if (at := moment(order)) is not None and first <= at <= last]
    status, region = params.integer("parentOrderStatus"), params.integer("regionId")
    wanted, sku_id = set(params.texts("parentOrderSnList")), params.integer("skuId")
    orders = [
        order
        for order in orders
        if (not status or order.status == status)
        and (region is None or order.region_id == region)
        and (not wanted or order.parent_sn in wanted)
        and (sku_id is None or any(line.sku_id == sku_id for line in order.lines))
    ]
    if params.text("sortby") == "updateTime":
        orders.sort(key=lambda order: (order.updated_at, order.parent_sn), reverse=True)
    else:
        orders.sort(key=lambda order: (order.created_at, order.parent_sn), reverse=True)
    return orders


def _window(params: Params, start_name: str, end_name: str) -> tuple[int, int] | None:
    start, end = params.integer(start_name), params.integer(end_name)
    if start is None and end is None:
        return None
    if start is None or end is None:
        raise RefusalError(140020013, f"{start_name if start is None else end_name} is missing")
    for name, value in ((start_name, start), (end_name, end)):
        if len(str(value)) != 10:
            raise RefusalError(140020014, f"{name} is not a timestamp in seconds")
    if end <= start:
        raise RefusalError(140020012, f"{end_name} must be later than {start_name}")
    return start, end


def order_detail(shop: TemuShop, params: Params) -> JsonObject:
    """bg.order.detail.v2.get."""
    order = find_order(shop, params, NOT_FOUND)
    names = {"regionName1": order.address.country, "regionName2": order.address.state, "regionName3": order.address.city}
    lines = []
    for line in order.lines:
        packages = [
            {"packageSn": package.package_sn, "packageDeliveryType": 1, "callSuccess": True}
            for package in shop.packages_of(order.parent_sn)
            if any(content.order_sn == line.order_sn for content in package.contents)
        ]
        lines.append({**_line(order, line), "packageSnInfo": packages, "hasUploadedEvidence": False})
    return {"parentOrderMap": {**_parent(order), **names, "paymentInfo": []}, "orderList": lines}


def find_order(shop: TemuShop, params: Params, code: int) -> Order:
    """Return the order the call names, or refuse it with ``code``."""
    try:
        return shop.order(params.text("parentOrderSn") or "")
    except UnknownRecordError:
        raise RefusalError(code, "order not found") from None


def _label(name: str, *, raised: bool) -> JsonObject:
    return {"name": name, "value": int(raised)}


def _parent(order: Order) -> JsonObject:
    return {
        "parentOrderSn": order.parent_sn,
        "parentOrderStatus": order.status,
        "parentOrderTime": order.created_at,
        "parentConfirmTime": order.confirmed_at,
        "parentOrderPendingFinishTime": order.confirmed_at,
        "expectShipLatestTime": order.created_at + SHIP_WITHIN,
        "latestDeliveryTime": order.created_at + 7 * DAY,
        "parentShippingTime": order.shipped_at,
        "updateTime": order.updated_at,
        "siteId": SITES.get(order.region_id, 105),
        "regionId": order.region_id,
        "hasShippingFee": order.shipping_net_cents == 0,
        "orderPaymentType": _payment(order),
        "shippingMethod": 1,
        "parentOrderLabel": [
            _label("soon_to_be_overdue", raised=False),
            _label("past_due", raised=False),
            _label("pending_buyer_cancellation", raised=order.cancellation_requested),
            _label("pending_buyer_address_change", raised=order.address_change_requested),
            _label("pending_risk_control_alert", raised=order.risk_alert),
            _label("signature_required_on_delivery", raised=False),
        ],
        "fulfillmentWarning": list(order.warnings),
        "batchOrderNumberList": [],
        "isShipmentConsolidatedByMainMall": False,
    }


def _payment(order: Order) -> str:
    return "COD" if order.cash_on_delivery else "PPD"


def _line(order: Order, line: OrderLine) -> JsonObject:
    return {
        "orderSn": line.order_sn,
        "orderStatus": line.status,
        "goodsId": line.goods_id,
        "skuId": line.sku_id,
        "quantity": line.quantity,
        "originalOrderQuantity": line.original_quantity,
        "canceledQuantityBeforeShipment": line.cancelled,
        "isCancelledDuringPending": line.cancelled_during_pending,
        "goodsName": line.goods_name,
        "originalGoodsName": line.original_name,
        "spec": line.spec,
        "originalSpecName": line.spec,
        "thumbUrl": f"https://img.example.invalid/{line.sku_id}.jpg",
        "productList": [
            {
                "productId": product.product_id,
                "productSkuId": product.product_sku_id,
                "soldFactor": product.sold_factor,
                "extCode": product.ext_code,
            }
            for product in line.products
        ],
        "fulfillmentType": "fulfillBySeller" if line.by_seller else "fulfillByCooperativeWarehouse",
        "inventoryDeductionWarehouseId": "WH-00000000000000001",
        "inventoryDeductionWarehouseName": "Lager Kassel",
        "orderPaymentType": _payment(order),
        "orderLabel": [],
        "packageAbnormalTypeList": [],
        "fulfillmentWarning": [],
        "orderCreateTime": order.created_at,
        "orderShippingTime": line.shipped_at,
        "earliestTimeBuyShippingLabel": None,
        "earliestTimeGetShippingDocument": None,
        "qualificationUploadEndTime": None,
        "isShipmentConsolidatedByMainMall": False,
    }
