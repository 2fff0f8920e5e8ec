"""Shipments: carriers, warehouses, reading and correcting confirmed packages. Source: fact sheet temu-api, section 4.

Confirming lies in ``confirm_api``, because its rules are a subject of their own.
"""

from __future__ import annotations

import re

from temu_assets.sandbox.params import JsonObject, Params, RefusalError
from temu_assets.sandbox.state import Carrier, Package, Status
from temu_assets.sandbox.temu_shop import TemuShop, UnknownRecordError

UNKNOWN_CARRIER = 120015002


def companies(shop: TemuShop, params: Params) -> list[JsonObject]:
    """bg.logistics.companies.get: the carriers of one destination region, as an array."""
    region = params.integer("regionId")
    if region is None:
        raise RefusalError(7000000, "Business service error: regionId")
    return [
        {
            "logisticsServiceProviderId": carrier.carrier_id,
            "logisticsServiceProviderName": carrier.name,
            "logisticsBrandName": carrier.brand,
        }
        for carrier in shop.state.carriers.get(region, [])
    ]


def warehouses(shop: TemuShop, params: Params) -> JsonObject:
    """bg.logistics.warehouse.list.get."""
    del params
    return {
        "warehouseList": [
            {
                "warehouseId": warehouse.warehouse_id,
                "warehouseName": warehouse.name,
                "warehouseBrand": None,
                "warehouseManagementType": 1,
                "defaultWarehouse": warehouse.default,
                "regionId1": 76,
                "enableBuyShippingLabel": False,
                "pushOrderToOpenPlatform": True,
                "cooperativeWarehouseAuthorizationStatus": None,
            }
            for warehouse in shop.state.warehouses
        ]
    }


def shipment(shop: TemuShop, params: Params) -> JsonObject:
    """bg.logistics.shipment.v2.get: the packages that hold something of one line."""
    parent_sn, order_sn = params.text("parentOrderSn") or "", params.text("orderSn") or ""
    try:
        shop.order(parent_sn)
    except UnknownRecordError:
        raise RefusalError(120012007, "The parent order is invalid.") from None
    try:
        order, _ = shop.line(parent_sn, order_sn)
    except UnknownRecordError:
        raise RefusalError(120012016, "Parent order and order do not match.") from None
    return {
        "shipmentInfoDTO": [
            {
                "packageSn": package.package_sn,
                "packageDeliveryType": 1,
                "carrierId": package.carrier_id,
                "carrierName": carrier_name(shop, order.region_id, package.carrier_id),
                "trackingNumber": package.tracking_number,
                "skuId": content.sku_id,
                "quantity": content.quantity,
                "trackingWarningLabel": 0,
                "cooperativeWarehouseDTO": None,
                "subPackageShipmentInfoList": [],
            }
            for package in shop.packages_of(parent_sn)
            for content in package.contents
            if content.order_sn == order_sn and shop.clock() - package.confirmed_at >= shop.state.shipment_read_lag
        ]
    }


def carrier_name(shop: TemuShop, region_id: int, carrier_id: int) -> str:
    """Return the carrier's name in a region, or an empty text once TEMU has removed it."""
    names = [carrier.name for carrier in shop.state.carriers.get(region_id, []) if carrier.carrier_id == carrier_id]
    return names[0] if names else ""


def checked_number(number: str) -> str:
    """Return a tracking number; refuse blank ones and the symbols TEMU does not take."""
    if not number.strip():
        raise RefusalError(120014001, "The tracking number cannot be blank.")
    if re.search(r"[-%#\s]", number):
        raise RefusalError(120014020, "Please remove the symbols from the tracking number.")
    return number


def checked_carrier(shop: TemuShop, region_id: int, carrier_id: int | None, number: str) -> Carrier:
    """Return the carrier of a region; refuse unknown ones and numbers that are not of the carrier's shape."""
    for carrier in shop.state.carriers.get(region_id, []):
        if carrier.carrier_id == carrier_id:
            if not re.fullmatch(carrier.pattern, number):
                raise RefusalError(120014022, "The tracking number does not match the carrier.")
            return carrier
    raise RefusalError(UNKNOWN_CARRIER, "Unknown logistics company.")


def checked_warehouse(shop: TemuShop, warehouse_id: str | None) -> str | None:
    """Return the warehouse id; refuse unknown ones, and none at all where the shop needs one."""
    if warehouse_id is None:
        if shop.state.warehouse_required:
            raise RefusalError(120015527, "selfShippingWarehouseId is missing.")
        return None
    if all(warehouse.warehouse_id != warehouse_id for warehouse in shop.state.warehouses):
        raise RefusalError(120011006, "The warehouse id is invalid.")
    return warehouse_id


def update_shipping(shop: TemuShop, params: Params) -> bool:
    """bg.logistics.shipment.shippingtype.update: another number or carrier for confirmed packages, all or none."""
    edits = params.objects("editPackageRequestList")
    if not edits:
        raise RefusalError(7000000, "Business service error: editPackageRequestList")
    checked = [_checked_edit(shop, edit) for edit in edits]
    for package, carrier, number, warehouse_id in checked:
        if number != package.tracking_number:
            shop.state.used_numbers.append(number)
        package.carrier_id, package.tracking_number = carrier.carrier_id, number
        package.warehouse_id = warehouse_id or package.warehouse_id
        for content in package.contents:
            shop.touch(shop.order(content.parent_sn))
    return True


def _checked_edit(shop: TemuShop, edit: Params) -> tuple[Package, Carrier, str, str | None]:
    package = shop.state.packages.get(edit.text("packageSn") or "")
    if package is None:
        raise RefusalError(120018027, "The package number is invalid.")
    order = shop.order(package.contents[0].parent_sn)
    if order.status in (Status.DELIVERED, Status.PARTLY_DELIVERED):
        raise RefusalError(120015529, "The package cannot be edited any more.")
    number = checked_number(edit.text("trackingNumber") or "")
    carrier = checked_carrier(shop, order.region_id, edit.integer("shipCompanyId"), number)
    if number != package.tracking_number and number in shop.state.used_numbers:
        raise RefusalError(120014004, "The tracking number has been used.")
    return package, carrier, number, checked_warehouse(shop, edit.text("selfShippingWarehouseId"))
