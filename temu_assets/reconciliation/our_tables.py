"""What the comparison reads of our own database; every function works inside the caller's short transaction."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, RowMapping, and_, func, or_, select

from temu_assets.reconciliation.facts import OurLine, OurOrder, OurParcel, Shipping, ShownStock, line_cents
from temu_assets.sql.chunks import in_chunks
from temu_assets.temu.order_status import STILL_OPEN
from temu_assets.toci import problems
from temu_assets.toci.line_articles import line_articles
from temu_assets.toci.tables import temu_inventory, temu_order_items, temu_orders, temu_parcels, temu_products


def orders_since(connection: Connection, shop: str, since: datetime) -> dict[str, OurOrder]:
    """All open orders, and those that TEMU changed or JTL was given since then, by number."""
    columns = temu_orders.c
    lately = or_(columns.temu_updated_at >= since, columns.exported_at >= since)
    return _orders(connection, shop, or_(columns.status.in_(sorted(STILL_OPEN)), lately))


def orders_named(connection: Connection, shop: str, order_ids: Iterable[str]) -> dict[str, OurOrder]:
    """These orders, by number; one we do not have is absent."""
    found: dict[str, OurOrder] = {}
    for chunk in in_chunks(sorted(set(order_ids))):
        found |= _orders(connection, shop, temu_orders.c.order_id.in_(chunk))
    return found


def known_in_any_shop(connection: Connection, order_ids: Iterable[str]) -> set[str]:
    """Which of these orders our database has: another shop of the seller's may share it, and JTL."""
    found: set[str] = set()
    for chunk in in_chunks(sorted(set(order_ids))):
        found.update(connection.scalars(select(temu_orders.c.order_id).where(temu_orders.c.order_id.in_(chunk))))
    return found


def began_at(connection: Connection, shop: str) -> datetime | None:
    """When our tables got their first order; None: they have none."""
    first: datetime | None = connection.execute(
        select(func.min(temu_orders.c.first_seen_at)).where(temu_orders.c.shop == shop)
    ).scalar_one()
    return first


def parcels_of(connection: Connection, shop: str, order_ids: Collection[str]) -> dict[str, list[OurParcel]]:
    """The parcels we know of these orders, by order."""
    found: dict[str, list[OurParcel]] = defaultdict(list)
    columns = temu_parcels.c
    for chunk in in_chunks(sorted(set(order_ids))):
        rows = connection.execute(
            select(columns.order_id, columns.parcel_id, columns.tracking, columns.reported_tracking, columns.reported_at).where(
                columns.shop == shop, columns.order_id.in_(chunk)
            )
        )
        for order_id, *facts in rows:
            found[order_id].append(OurParcel(*facts))
    return dict(found)


def shown_stock(connection: Connection, shop: str) -> list[ShownStock]:
    """Every listed SKU of which nothing has to be sent and nothing is held: TEMU is believed to show its target."""
    columns, products = temu_inventory.c, temu_products.c
    rows = connection.execute(
        select(columns.sku_id, columns.sku, columns.target, columns.synced_at)
        .select_from(temu_inventory.join(temu_products, and_(products.shop == columns.shop, products.sku_id == columns.sku_id)))
        .where(
            columns.shop == shop,
            ~columns.is_held,
            ~columns.needs_sync,
            products.is_listed,
            columns.target.is_not(None),
            columns.temu_stock == columns.target,
        )
        .order_by(columns.sku_id)
    )
    return [ShownStock(*row) for row in rows]


def still_listed(connection: Connection, shop: str, sku_ids: Iterable[str]) -> set[str]:
    """Which of these SKUs the shop still lists."""
    columns = temu_products.c
    found: set[str] = set()
    for chunk in in_chunks(sorted(set(sku_ids))):
        found.update(connection.scalars(select(columns.sku_id).where(columns.shop == shop, columns.is_listed, columns.sku_id.in_(chunk))))
    return found


def told(connection: Connection, shop: str, *kinds: str) -> set[str]:
    """The keys of all problems of these kinds that are not gone, settled by a person or not."""
    return {each.key for kind in kinds for each in problems.unsettled(connection, shop, kind)}


def _orders(connection: Connection, shop: str, condition: ColumnElement[bool]) -> dict[str, OurOrder]:
    wanted = and_(temu_orders.c.shop == shop, condition)
    lines = _lines(connection, wanted)
    # Named one by one: a buyer's address is not read where it is not needed.
    columns = temu_orders.c
    rows = connection.execute(
        select(
            columns.order_id, columns.status, columns.import_status, columns.temu_updated_at, columns.ordered_at, columns.ship_by,
            columns.currency, columns.cancellation_requested, columns.address_change_requested, columns.risk_alert, columns.hold_reason,
            columns.first_seen_at, columns.changed_at, columns.address_fetched_at, columns.amounts_fetched_at, columns.exported_at,
            columns.jtl_order_number, columns.jtl_confirmed_at, columns.shipping_gross_cents, columns.shipping_net_cents,
            columns.shipping_tax_cents,
        ).where(wanted)
    ).mappings()  # fmt: skip
    return {row["order_id"]: _order(row, lines.get(row["order_id"], ())) for row in rows}


def _order(row: RowMapping, lines: Sequence[OurLine]) -> OurOrder:
    came_in = [row[name] for name in ("first_seen_at", "changed_at", "address_fetched_at", "amounts_fetched_at")]
    has_prices = row["amounts_fetched_at"] is not None
    return OurOrder(
        order_id=row["order_id"],
        status=row["status"],
        temu_updated_at=row["temu_updated_at"],
        ordered_at=row["ordered_at"],
        ship_by=row["ship_by"],
        currency=row["currency"] or "",
        is_flagged=row["cancellation_requested"] or row["address_change_requested"] or row["risk_alert"],
        is_held=row["hold_reason"] is not None or row["status"] != row["import_status"],
        settled_at=max(moment for moment in came_in if moment is not None),
        exported_at=row["exported_at"],
        jtl_order_number=row["jtl_order_number"],
        jtl_confirmed_at=row["jtl_confirmed_at"],
        shipping=Shipping(row["shipping_gross_cents"], row["shipping_net_cents"], row["shipping_tax_cents"]) if has_prices else None,
        lines=tuple(lines),
    )


def _lines(connection: Connection, wanted: ColumnElement[bool]) -> dict[str, list[OurLine]]:
    items, products = temu_order_items.c, temu_products.c
    rows = connection.execute(
        select(temu_order_items, products.sku.label("listed_sku"))
        .select_from(
            temu_order_items.join(temu_orders, and_(temu_orders.c.shop == items.shop, temu_orders.c.order_id == items.order_id)).outerjoin(
                temu_products, and_(products.shop == items.shop, products.sku_id == items.sku_id)
            )
        )
        .where(wanted)
        .order_by(items.order_id, items.position)
    )
    found: dict[str, list[OurLine]] = defaultdict(list)
    for row in rows.mappings():
        found[row["order_id"]].append(_line(row))
    return found


def _line(row: RowMapping) -> OurLine:
    pieces = row["quantity"] if row["exported_quantity"] is None else row["exported_quantity"]
    return OurLine(
        line_id=row["line_id"],
        sku_id=row["sku_id"],
        status=row["status"],
        quantity=row["quantity"],
        exported_quantity=row["exported_quantity"],
        by_seller=row["by_seller"],
        articles=line_articles(row["articles"], row["listed_sku"]),
        total_cents=line_cents(pieces, told_for=row["amount_quantity"], total=row["total_gross_cents"], unit=row["unit_gross_cents"]),
    )
