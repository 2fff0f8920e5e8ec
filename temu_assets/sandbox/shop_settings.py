"""What the seller and TEMU's staff change at the shop: token, permissions, carriers, warehouse rule, stock.

Kept apart from what buyers do. Source: fact sheet temu-api, sections 1.7, 4.1, 4.3, 5.6.
"""

from __future__ import annotations

from temu_assets.sandbox.temu_shop import DAY, TemuShop, UnknownRecordError


def renew_token(shop: TemuShop, *, token: str | None = None, days: int = 365) -> None:
    """The seller authorises the app again: the expiry moves, and with a new ``token`` the old one is dead."""
    with shop.lock:
        access = shop.state.access
        if token and token != access.token:
            access.replaced_tokens.append(access.token)
            access.token = token
        access.expires_at = shop.now + days * DAY


def expire_token(shop: TemuShop, *, in_days: int = 0) -> None:
    """The token runs out now, or in some days."""
    with shop.lock:
        shop.state.access.expires_at = shop.now + in_days * DAY


def grant(shop: TemuShop, endpoint: str) -> None:
    """The token's scope gains one API."""
    with shop.lock:
        if endpoint not in shop.state.access.scopes:
            shop.state.access.scopes.append(endpoint)


def revoke(shop: TemuShop, endpoint: str) -> None:
    """The token's scope loses one API (3000032 from now on)."""
    with shop.lock:
        if endpoint in shop.state.access.scopes:
            shop.state.access.scopes.remove(endpoint)


def remove_carrier(shop: TemuShop, carrier_id: int) -> None:
    """TEMU takes a carrier out of its lists."""
    with shop.lock:
        for region, carriers in shop.state.carriers.items():
            shop.state.carriers[region] = [carrier for carrier in carriers if carrier.carrier_id != carrier_id]


def require_warehouse(shop: TemuShop, *, required: bool = True) -> None:
    """Shipments without selfShippingWarehouseId are refused (120015527)."""
    with shop.lock:
        shop.state.warehouse_required = required


def set_stock(shop: TemuShop, sku_id: int, stock: int) -> None:
    """The seller types a stock in the Seller Center."""
    with shop.lock:
        sku = shop.sku(sku_id)
        sku.stock = sku.previous_stock = stock


def set_stock_read_lag(shop: TemuShop, seconds: float) -> None:
    """Reading a stock back gives the old value for this long after a write."""
    with shop.lock:
        shop.state.stock_read_lag = seconds


def set_shipment_read_lag(shop: TemuShop, seconds: float) -> None:
    """A confirmed package can be read back only so long after it was confirmed."""
    with shop.lock:
        shop.state.shipment_read_lag = seconds


def set_order_list_lag(shop: TemuShop, seconds: float) -> None:
    """The order list does not show an order before so long after it was placed."""
    with shop.lock:
        shop.state.order_list_lag = seconds


def set_editable(shop: TemuShop, sku_id: int, *, editable: bool) -> None:
    """TEMU refuses stock edits of this SKU (a taken-down SKU), or takes them again."""
    with shop.lock:
        shop.sku(sku_id).editable = editable


def set_code(shop: TemuShop, sku_id: int, code: str) -> None:
    """The seller changes the SKU code; as at TEMU only later orders carry it."""
    with shop.lock:
        sku = shop.sku(sku_id)
        sku.code = code
        for product in sku.products:
            product.ext_code = code


def reserve_number(shop: TemuShop, tracking_number: str) -> None:
    """A tracking number was used before, by another tool of the seller's."""
    with shop.lock:
        if tracking_number in shop.state.used_numbers:
            raise UnknownRecordError(f"The number {tracking_number} is used already.")
        shop.state.used_numbers.append(tracking_number)
