"""Pieces that TEMU has sold and JTL does not know of yet, so that JTL still counts them as available."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, and_, select

from temu_assets.toci.tables import temu_order_items, temu_orders, temu_products

_OPEN_AT_TEMU = (1, 2, 41)
"""Pending, to be shipped, partly shipped (fact sheet temu-api, section 2)."""
_STILL_HERE = (1, 2)
"""A line that has left, whoever sent it, is no longer on the shelf."""


@dataclass(frozen=True, slots=True)
class PromisedPieces:
    """Pieces of one article that an order promises."""

    order_id: str
    sku: str
    pieces: int


def promised(connection: Connection, shop: str) -> list[PromisedPieces]:
    """What open TEMU orders promise that JTL was not yet seen to have, one row per line and article.

    A line without an article number counts for the code its SKU has in the listing.
    """
    orders, items, products = temu_orders.c, temu_order_items.c, temu_products.c
    rows = connection.execute(
        select(items.order_id, items.quantity, items.articles, products.sku)
        .select_from(
            temu_order_items.join(temu_orders, and_(orders.shop == items.shop, orders.order_id == items.order_id)).outerjoin(
                temu_products, and_(products.shop == items.shop, products.sku_id == items.sku_id)
            )
        )
        .where(
            items.shop == shop,
            orders.status.in_(_OPEN_AT_TEMU),
            orders.jtl_confirmed_at.is_(None),
            items.by_seller,
            items.status.in_(_STILL_HERE),
            items.quantity > 0,
        )
    )
    return [
        PromisedPieces(order_id, sku or listed_sku or "", quantity * units)
        for order_id, quantity, articles, listed_sku in rows
        for sku, units in _articles(articles)
    ]


def pieces_in_flight(promises: Sequence[PromisedPieces], known_to_jtl: Collection[str]) -> dict[str, int]:
    """Pieces by casefolded article number, without the orders JTL has."""
    pieces: defaultdict[str, int] = defaultdict(int)
    for promise in promises:
        if promise.sku and promise.order_id not in known_to_jtl:
            pieces[promise.sku.casefold()] += promise.pieces
    return dict(pieces)


def _articles(text: str) -> list[tuple[str, int]]:
    return [(str(sku).strip(), int(units)) for sku, units in json.loads(text)] or [("", 1)]
