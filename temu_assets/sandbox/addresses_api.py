"""A buyer's address: masked, in clear, or not yet there. Source: fact sheet temu-api, sections 3.4 and 9.6."""

from __future__ import annotations

from temu_assets.sandbox.orders_api import find_order
from temu_assets.sandbox.params import JsonObject, Params, RefusalError
from temu_assets.sandbox.state import Address, Status
from temu_assets.sandbox.temu_shop import TemuShop

ADDRESS_REFUSED = 180020003


def shipping_info(shop: TemuShop, params: Params) -> JsonObject:
    """bg.order.shippinginfo.v2.get: nothing for a pending order, stars once it is shipped or where TEMU masks it."""
    order = find_order(shop, params, ADDRESS_REFUSED)
    if order.status == Status.CANCELLED:
        raise RefusalError(ADDRESS_REFUSED, "invalid param")
    warning = {"isRestriction": order.cash_on_delivery, "reason": 1 if order.cash_on_delivery else None}
    if order.status == Status.PENDING:
        return {**dict.fromkeys(_address(order.address)), "warning": warning}
    address = _address(order.address)
    if order.address.masked or order.status not in (Status.UNSHIPPED, Status.PARTLY_SHIPPED):
        address = {name: _masked(name, value) for name, value in address.items()}
    return {**address, "warning": warning}


def decrypted_shipping_info(shop: TemuShop, params: Params) -> JsonObject:
    """bg.order.decryptshippinginfo.get: the address in clear while the order is to be shipped."""
    order = find_order(shop, params, ADDRESS_REFUSED)
    if order.status not in (Status.UNSHIPPED, Status.PARTLY_SHIPPED):
        raise RefusalError(ADDRESS_REFUSED, "invalid param")
    mobile = order.address.mobile.replace(" ", "")
    return {**_address(order.address), "mobile": mobile}


def _masked(name: str, value: object) -> object:
    if isinstance(value, str) and not name.startswith("regionName") and name != "postCode":
        return value[:1] + "****"
    return None if name == "addressExtra" else value


def _address(address: Address) -> JsonObject:
    parts = (address.street, address.line2, address.line3)
    return {
        "receiptName": address.name,
        "receiptAdditionalName": address.additional_name,
        "mobile": address.mobile,
        "backupMobile": None,
        "mail": address.mail,
        "regionName1": address.country,
        "regionName2": address.state,
        "regionName3": address.city,
        "regionName4": None,
        "addressLine1": address.street,
        "addressLine2": address.line2,
        "addressLine3": address.line3,
        "addressLineAll": " ".join(part for part in parts if part),
        "postCode": address.postcode,
        "nationalAddress": None,
        "taxCode": None,
        "taxCodeType": None,
        "addressExtra": {
            "firstName": address.first_name,
            "lastName": address.last_name,
            "additionalFirstName": None,
            "additionalLastName": None,
            "contactlessDropPoint": address.drop_point,
        },
    }
