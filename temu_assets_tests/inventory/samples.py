"""Short ways to make what the rules and tables of the inventory take; every name and number is invented."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal

from sqlalchemy import Connection, insert

from temu_assets.inventory.calculation import Calculated, Product
from temu_assets.inventory.deltas import SkuStock
from temu_assets.inventory.product_rows import product_row, write_products
from temu_assets.inventory.reading import ListedItem, SkuList
from temu_assets.inventory.stock import Target
from temu_assets.jtl.stock import ArticleStock
from temu_assets.temu.goods import parse_sku
from temu_assets.toci.database import Toci
from temu_assets.toci.tables import temu_order_items, temu_orders

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def article(
    sku: str = "FLASCHE",
    *,
    available: str | Decimal = "12",
    buffer: int = 0,
    in_orders: str | Decimal = "0",
    physical: str | Decimal | None = None,
    is_tracked: bool = True,
    is_parent: bool = False,
    has_total: bool = True,
    has_places: bool = True,
) -> ArticleStock:
    return ArticleStock(
        article_id=7,
        sku=sku,
        buffer=Decimal(buffer),
        is_tracked=is_tracked,
        is_parent=is_parent,
        available=Decimal(available),
        in_orders=Decimal(in_orders),
        physical=None if physical is None else Decimal(physical),
        has_total=has_total,
        has_places=has_places,
    )


def product(
    sku: str = "FLASCHE", *, sku_id: str = "1001", goods_id: str = "601", listed_stock: int = 5, before: int | None = None
) -> Product:
    return Product(sku_id, goods_id, sku, listed_stock, target_before=before)


def calculated(
    sku_id: str, pieces: int, *, goods_id: str = "601", listed_stock: int = 5, before: int | None = None, in_flight: int = 0
) -> Calculated:
    listed = product(f"SKU-{sku_id}", sku_id=sku_id, goods_id=goods_id, listed_stock=listed_stock, before=before)
    return Calculated(listed, Target(pieces, "sum", in_flight), 7)


def sku_stock(
    sku_id: str,
    target: int,
    shown: int | None,
    *,
    goods_id: str = "601",
    confirmed: int | None = None,
    differs_since: datetime | None = None,
    landed: int = 0,
) -> SkuStock:
    return SkuStock(sku_id, goods_id, f"SKU-{sku_id}", target, shown, confirmed, "sum", differs_since, landed)


def raw_sku(sku_id: int, code: str = "FLASCHE", *, goods_id: int = 601, stock: int = 5) -> dict[str, object]:
    return {"goodsId": goods_id, "skuId": sku_id, "skuSn": code, "goodsName": "Trinkflasche", "specName": "Blau", "stock": stock}


def listed(sku_id: int, code: str = "FLASCHE", *, stock: int = 5, at: datetime = NOW, sku_list: SkuList = SkuList.ACTIVE) -> ListedItem:
    return ListedItem(str(sku_id), sku_list, at, raw_sku(sku_id, code, stock=stock))


def add_order(
    toci: Toci,
    order_id: str,
    articles: Sequence[tuple[str, int]],
    *,
    quantity: int = 1,
    status: int = 2,
    line_status: int = 2,
    by_seller: bool = True,
    sku_id: str = "1001",
    is_confirmed: bool = False,
) -> None:
    """An order of one line, as the order side stores it; ``is_confirmed``: JTL was seen to have it."""
    with toci.engine.begin() as connection:
        connection.execute(
            insert(temu_orders).values(
                shop=toci.shop,
                order_id=order_id,
                status=status,
                region_id=76,
                ordered_at=NOW,
                temu_updated_at=NOW,
                cancellation_requested=False,
                address_change_requested=False,
                address_changed=False,
                risk_alert=False,
                cash_on_delivery=False,
                jtl_confirmed_at=NOW if is_confirmed else None,
                import_status=2,
                first_seen_at=NOW,
                changed_at=NOW,
            )
        )
    add_line(toci, order_id, 1, articles, quantity=quantity, status=line_status, by_seller=by_seller, sku_id=sku_id)


def add_line(
    toci: Toci,
    order_id: str,
    position: int,
    articles: Sequence[tuple[str, int]],
    *,
    quantity: int = 1,
    status: int = 2,
    by_seller: bool = True,
    sku_id: str = "1001",
) -> None:
    """One more line of an order."""
    with toci.engine.begin() as connection:
        connection.execute(
            insert(temu_order_items).values(
                shop=toci.shop,
                line_id=f"{order_id}-{position}",
                order_id=order_id,
                position=position,
                status=status,
                quantity=quantity,
                original_quantity=quantity,
                cancelled_quantity=0,
                goods_id="601",
                sku_id=sku_id,
                sku=articles[0][0] if articles else "",
                articles=json.dumps(articles),
                name="Trinkflasche",
                variant="Blau",
                by_seller=by_seller,
            )
        )


def list_skus(connection: Connection, shop: str, items: Sequence[ListedItem]) -> None:
    """Write what a listing said of these SKUs."""
    rows = [product_row(shop, item, parse_sku(item.item), now=NOW) for item in items]
    write_products(connection, shop, rows, read_since=min(item.fetched_at for item in items))
