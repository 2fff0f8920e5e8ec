"""``temu_products`` in our database: what TEMU lists, one row per SKU."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import Connection, and_, case, exists, false, func, select, true, update
from sqlalchemy import Row as SqlRow

from temu_assets.inventory.calculation import Product
from temu_assets.inventory.reading import ListedItem, SkuList
from temu_assets.inventory.target_rows import NOT_LISTED
from temu_assets.sql.chunks import in_chunks
from temu_assets.temu.goods import SkuModel
from temu_assets.texts import cut, stored_length
from temu_assets.toci.outbox import Effect, State
from temu_assets.toci.tables import outbox, temu_inventory, temu_products
from temu_assets.toci.writing import Row, Written, upsert


def count_listed(connection: Connection, shop: str) -> int:
    """How many SKUs are in the listing, on sale or not."""
    return connection.execute(
        select(func.count()).select_from(temu_products).where(temu_products.c.shop == shop, temu_products.c.is_listed)
    ).scalar_one()


def listed_products(connection: Connection, shop: str) -> list[Product]:
    """Every SKU of the listing, on sale or not, with what was last calculated of it; in no order."""
    listed, last = temu_products.c, temu_inventory.c
    is_as_before = and_(~last.is_held, last.goods_id == listed.goods_id, last.sku == listed.sku)
    name = case((listed.variant == "", listed.goods_name), else_=listed.goods_name + " (" + listed.variant + ")")
    rows = connection.execute(
        select(
            listed.sku_id,
            listed.goods_id,
            listed.sku,
            listed.listed_stock,
            case((listed.sku == "", name), else_=""),
            case((is_as_before, true()), else_=false()),
            last.target,
            last.reason,
            last.in_flight,
            last.jtl_article_id,
        )
        .select_from(temu_products.outerjoin(temu_inventory, and_(last.shop == listed.shop, last.sku_id == listed.sku_id)))
        .where(listed.shop == shop, listed.is_listed)
    )
    return [Product._make(row) for row in rows.all()]


def listed_offers(connection: Connection, shop: str) -> Sequence[SqlRow[str, int, int | None]]:
    """Article number, pieces listed and last target of every SKU of the listing that has a number, on sale or not; in no order.

    Only what decides whether a target is still right: a look asks for it every few seconds.
    """
    listed, last = temu_products.c, temu_inventory.c
    rows = connection.execute(
        select(listed.sku, listed.listed_stock, last.target)
        .select_from(temu_products.outerjoin(temu_inventory, and_(last.shop == listed.shop, last.sku_id == listed.sku_id)))
        .where(listed.shop == shop, listed.is_listed, listed.sku != "")
    )
    return rows.all()


def product_row(shop: str, item: ListedItem, sku: SkuModel, *, now: datetime) -> Row:
    """The row of ``temu_products`` for one SKU of a listing."""
    return {
        "shop": shop,
        "sku_id": sku.sku_id,
        "goods_id": sku.goods_id,
        # JTL has no article number longer than 100, so what is cut belongs to no article either way. One that fits stays as it is: without
        # a character of it (a NUL) it would be another article's.
        "sku": cut(sku.sku, 200) if stored_length(sku.sku) > 200 else sku.sku,
        "goods_name": cut(sku.goods_name, 1000),
        "variant": cut(sku.variant, 1000),
        "is_active": item.sku_list is SkuList.ACTIVE,
        "is_listed": True,
        "listed_stock": sku.stock,
        "listed_at": item.fetched_at,
        "first_seen_at": now,
    }


def write_products(connection: Connection, shop: str, rows: Sequence[Row], *, read_since: datetime) -> Written:
    """Write what a listing said, and take its stock as what TEMU shows where we know nothing newer; none was read before ``read_since``."""
    if not rows:
        return Written(0, 0)
    written = upsert(connection, temu_products, rows, insert_only=["first_seen_at"])
    _take_listed_stock(connection, shop, read_since=read_since)
    return written


def mark_not_listed(connection: Connection, shop: str, listed_keys: Collection[str]) -> int:
    """Mark products that are not in a complete listing; returns how many. Their stock at TEMU is left alone from then on."""
    products, targets = temu_products.c, temu_inventory.c
    known = connection.scalars(select(products.sku_id).where(products.shop == shop, products.is_listed))
    gone = [sku_id for sku_id in known if sku_id not in listed_keys]
    for chunk in in_chunks(gone):
        connection.execute(update(temu_products).where(products.shop == shop, products.sku_id.in_(chunk)).values(is_listed=False))
        connection.execute(update(temu_inventory).where(targets.shop == shop, targets.sku_id.in_(chunk)).values(**NOT_LISTED))
    return len(gone)


def _take_listed_stock(connection: Connection, shop: str, *, read_since: datetime) -> None:
    """A target that is on its way (``sending``) is newer than any listing read before it arrived."""
    on_its_way = exists().where(
        outbox.c.shop == shop,
        outbox.c.effect == Effect.STOCK.value,
        outbox.c.key == temu_inventory.c.sku_id,
        outbox.c.state == State.SENDING.value,
    )
    connection.execute(
        update(temu_inventory)
        .where(
            temu_inventory.c.shop == shop,
            temu_products.c.shop == shop,
            temu_products.c.sku_id == temu_inventory.c.sku_id,
            temu_products.c.listed_at >= read_since,
            temu_inventory.c.synced_at.is_(None) | (temu_products.c.listed_at > temu_inventory.c.synced_at),
            ~on_its_way,
        )
        .values(temu_stock=temu_products.c.listed_stock)
    )
