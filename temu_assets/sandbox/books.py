"""The sandbox's books held against JTL's: the independent judge of what a sync did.

``compare`` knows nothing of the program it judges. It says what a careful person would object to, one sentence each;
an empty list means that both sides agree.
"""

from __future__ import annotations

from temu_assets.sandbox.book_orders import order_objections
from temu_assets.sandbox.book_parcels import parcel_objections
from temu_assets.sandbox.book_stock import stock_objections
from temu_assets.sandbox.jtl import JtlStandIn
from temu_assets.sandbox.temu_shop import TemuShop


def compare(shop: TemuShop, jtl: JtlStandIn) -> list[str]:
    """Return every disagreement about orders, parcels and listed stock."""
    with shop.lock:
        return [*order_objections(shop, jtl), *parcel_objections(shop, jtl), *stock_objections(shop, jtl)]
