"""Every endpoint whose answer the program reads: a good answer, and the way from it into the program, as far as no database is needed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from temu_assets.inventory.product_rows import product_row
from temu_assets.inventory.reading import ListedItem, SkuList
from temu_assets.orders import from_temu
from temu_assets.temu.client import TemuClient
from temu_assets.temu.goods import parse_sku
from temu_assets.temu.logistics import LineToConfirm, PackageToConfirm, SendType, ShippingEdit
from temu_assets.temu.order_models import is_masked, parse_order, parse_shipping_info
from temu_assets.temu.price_models import parse_amounts, parse_invoice_detail
from temu_assets.toci.fitting import require_fit
from temu_assets.toci.tables import temu_order_items, temu_orders, temu_products
from temu_assets_tests.temu import samples
from temu_assets_tests.temu.samples import LINE_1, ORDER_ID

NOW = datetime(2026, 6, 1, tzinfo=UTC)
REMEDY = "look at it."
SKU = "17590000000001"
PACKAGE = PackageToConfirm(141252268, "00340434161094012345", None, (LineToConfirm(ORDER_ID, LINE_1, "601", SKU, 2),))


@dataclass(frozen=True)
class Endpoint:
    """``result`` is a good one; ``read`` calls the endpoint and takes the answer as far as the rows it becomes."""

    name: str
    result: Callable[[], Any]
    read: Callable[[TemuClient], object]


def _orders(client: TemuClient) -> object:
    rows = []
    for item in client.orders.list_page(page=1).items:
        order = parse_order(item)
        row = from_temu.order_row(order, shop="temu", import_status=2, now=NOW)
        items = from_temu.item_rows(order, shop="temu")
        require_fit(order.order_id, temu_orders, [row], remedy=REMEDY)
        require_fit(order.order_id, temu_order_items, items, remedy=REMEDY)
        rows.append((row, items, from_temu.listed(order, import_status=2)))
    return rows


def _address(client: TemuClient) -> object:
    info = parse_shipping_info(client.orders.shipping_info(ORDER_ID), order_id=ORDER_ID)
    row = dict(from_temu.fields_of(from_temu.address(info)))
    require_fit(ORDER_ID, temu_orders, [row], remedy=REMEDY)
    return row, is_masked(info), from_temu.is_deliverable(info)


def _amounts(client: TemuClient) -> object:
    amounts = parse_amounts(client.orders.amounts(ORDER_ID), order_id=ORDER_ID)
    order, lines = from_temu.amount_rows(amounts, shop="temu", order_id=ORDER_ID, now=NOW, open_lines=amounts.lines)
    require_fit(ORDER_ID, temu_orders, [order], remedy=REMEDY)
    require_fit(ORDER_ID, temu_order_items, lines, remedy=REMEDY)
    return order, lines


def _invoice(client: TemuClient) -> object:
    detail = parse_invoice_detail(client.orders.invoice_detail(ORDER_ID), order_id=ORDER_ID)
    rows = from_temu.invoice_rows(detail, shop="temu", order_id=ORDER_ID, now=NOW)
    if rows is not None:
        require_fit(ORDER_ID, temu_orders, [rows[0]], remedy=REMEDY)
        require_fit(ORDER_ID, temu_order_items, rows[1], remedy=REMEDY)
    return rows


def _skus(client: TemuClient) -> object:
    rows = []
    for item in client.goods.sku_page(search_type=2, page=1).items:
        row = product_row("temu", ListedItem("key", SkuList.ACTIVE, NOW, item), parse_sku(item), now=NOW)
        require_fit("SKU", temu_products, [row], remedy=REMEDY)
        rows.append(row)
    return rows


def _shipment() -> dict[str, Any]:
    package = {
        "packageSn": "PK-1",
        "carrierId": 141252268,
        "carrierName": "DHL",
        "trackingNumber": "00340434161094012345",
        "skuId": 17590000000001,
        "quantity": 2,
        "packageDeliveryType": 1,
    }
    return {"shipmentInfoDTO": [package]}


def _cancellations() -> dict[str, Any]:
    line = {"parentOrderSn": ORDER_ID, "orderSn": LINE_1, "applyGoodsNumber": 1, "createAtMillis": 1767200000000}
    return {
        "total": 1,
        "data": [{"parentAfterSalesSn": "AS-1", "parentAfterSalesStatus": 8, "afterSalesInfoList": [line]}],
    }


def _token() -> dict[str, Any]:
    return {"mallId": 634418200000001, "mallType": 100, "regionId": 76, "expiredTime": 1790000000, "apiScopeList": ["bg.order.list.v2.get"]}


ENDPOINTS = [
    Endpoint("orders", lambda: {"totalItemNum": 1, "pageItems": [samples.order()]}, _orders),
    Endpoint("address", samples.address, _address),
    Endpoint("amounts", samples.amounts, _amounts),
    Endpoint("invoice", samples.invoice_detail, _invoice),
    Endpoint("skus", lambda: {"total": 1, "skuList": [samples.sku()]}, _skus),
    Endpoint(
        "stock",
        lambda: {"stockList": [{"skuStockInfoList": [{"skuId": 17590000000001, "selfOrdinaryStock": {"stock": 12}}]}]},
        lambda client: client.goods.stock([SKU]),
    ),
    Endpoint(
        "stock edit",
        lambda: {
            "skuStockEditStatusInfoList": [{"skuId": 17590000000001, "stockEditStatus": True, "errorCode": 1000000, "errorMsg": ""}],
        },
        lambda client: client.goods.edit_stock("601", {SKU: 7}),
    ),
    Endpoint(
        "companies",
        lambda: {"logisticsCompaniesList": [{"logisticsServiceProviderId": 141252268, "logisticsServiceProviderName": "DHL"}]},
        lambda client: client.logistics.companies(76),
    ),
    Endpoint(
        "warehouses",
        lambda: {"warehouseList": [{"warehouseId": "WH-1", "warehouseName": "Kassel", "defaultWarehouse": True}]},
        lambda client: client.logistics.warehouses(),
    ),
    Endpoint(
        "confirmation",
        lambda: {"warningMessage": ["be careful"]},
        lambda client: client.logistics.confirm_shipment(SendType.ONE_PARCEL, [PACKAGE]),
    ),
    Endpoint("shipment", _shipment, lambda client: client.logistics.shipment(ORDER_ID, LINE_1)),
    Endpoint("correction", lambda: True, lambda client: client.logistics.update_shipping([ShippingEdit("PK-1", "1", 1, None)])),
    Endpoint("cancellations", _cancellations, lambda client: client.after_sales.cancellation_page(page=1)),
    Endpoint("token", _token, lambda client: client.account.token_info()),
]
