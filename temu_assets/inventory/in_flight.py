"""Pieces that TEMU has sold and JTL does not know of yet, so that JTL still counts them as available."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, and_, select

from temu_assets.sql.chunks import in_chunks
from temu_assets.temu.order_status import LINE_STILL_HERE, STILL_OPEN
from temu_assets.toci.line_articles import line_articles
from temu_assets.toci.tables import temu_order_items, temu_orders, temu_products


@dataclass(frozen=True, slots=True)
class PromisedPieces:
    """Pieces of one article that an order promises. ``order_id`` is empty where TEMU's list gave none."""

    order_id: str
    sku: str
    pieces: int


@dataclass(frozen=True, slots=True)
class NewOrderLine:
    """Pieces of one article in an open line of TEMU's order list; ``sku`` is empty where the line names no article."""

    order_id: str
    sku_id: str
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
            orders.status.in_(sorted(STILL_OPEN)),
            orders.jtl_confirmed_at.is_(None),
            items.by_seller,
            items.status.in_(sorted(LINE_STILL_HERE)),
            items.quantity > 0,
        )
    )
    return [
        PromisedPieces(order_id, sku, quantity * units)
        for order_id, quantity, articles, listed_sku in rows.all()
        for sku, units in line_articles(articles, listed_sku)
    ]


def promised_by_new(connection: Connection, shop: str, lines: Sequence[NewOrderLine]) -> list[PromisedPieces]:
    """What TEMU's order list promises beyond our tables: lines of orders that are there already count from there.

    A line without an article number counts for the code its SKU has in the listing.
    """
    products = temu_products.c
    known = orders_we_have(connection, shop, {line.order_id for line in lines})
    new = [line for line in lines if line.order_id not in known]
    codes: dict[str, str] = {}
    for chunk in in_chunks(sorted({line.sku_id for line in new if not line.sku})):
        listed = connection.execute(select(products.sku_id, products.sku).where(products.shop == shop, products.sku_id.in_(chunk)))
        codes |= {row.sku_id: row.sku for row in listed}
    return [PromisedPieces(line.order_id, line.sku or codes.get(line.sku_id, ""), line.pieces) for line in new]


def orders_we_have(connection: Connection, shop: str, order_ids: Collection[str]) -> set[str]:
    """Which of these orders are in our tables."""
    orders = temu_orders.c
    known: set[str] = set()
    for chunk in in_chunks(sorted(order_ids)):
        known.update(connection.scalars(select(orders.order_id).where(orders.shop == shop, orders.order_id.in_(chunk))))
    return known


def pieces_in_flight(promises: Sequence[PromisedPieces], known_to_jtl: Collection[str]) -> dict[str, int]:
    """Pieces by casefolded article number, without the orders JTL has."""
    pieces: defaultdict[str, int] = defaultdict(int)
    for promise in promises:
        if promise.sku and promise.order_id not in known_to_jtl:
            pieces[promise.sku.casefold()] += promise.pieces
    return dict(pieces)
