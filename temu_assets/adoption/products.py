"""What a product of the predecessor's is to us. Pure.

Their stock is not taken over: it is calculated afresh. Until TEMU lists a SKU again, nothing is sent for it.
"""

from __future__ import annotations

from datetime import datetime

from temu_assets.adoption.orders import LeftOut, row_name
from temu_assets.adoption.values import Theirs, flag_of, id_of, instant_of, text_of
from temu_assets.texts import cut

PRODUCT_COLUMNS = ("id", "sku", "goods_id", "sku_id", "goods_name", "is_active", "synced_at", "created_at")


def product_row(theirs: Theirs, *, shop: str, now: datetime) -> dict[str, object] | LeftOut:
    """The row of ``temu_products``, or why it cannot be taken over."""
    sku_id = id_of(theirs, "sku_id")
    if not sku_id:
        return LeftOut(row_name(theirs), "without TEMU's SKU id (the next listing brings it)")
    return {
        "shop": shop,
        "sku_id": sku_id,
        "goods_id": id_of(theirs, "goods_id"),
        "sku": cut(text_of(theirs, "sku"), 200),
        "goods_name": cut(text_of(theirs, "goods_name"), 1000),
        "variant": "",
        "is_active": flag_of(theirs, "is_active"),
        "is_listed": False,
        "listed_stock": 0,
        "listed_at": instant_of(theirs, "synced_at", "created_at", until=now) or now,
        "first_seen_at": now,
    }
