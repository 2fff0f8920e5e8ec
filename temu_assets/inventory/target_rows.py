"""``temu_inventory`` in our database: what TEMU shall show per SKU, what it is known to show, and since when the two differ."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection, and_, case, false, func, literal, or_, select, true, update

from temu_assets.inventory.calculation import Calculated
from temu_assets.inventory.deltas import SkuStock
from temu_assets.sql.chunks import in_chunks
from temu_assets.texts import cut
from temu_assets.toci import outbox
from temu_assets.toci.columns import UtcDateTime
from temu_assets.toci.outbox import Effect, State
from temu_assets.toci.tables import temu_inventory
from temu_assets.toci.writing import Written, upsert


def last_targets(connection: Connection, shop: str) -> dict[str, int | None]:
    """The target of every SKU that was calculated before, by SKU id."""
    columns = temu_inventory.c
    return {row.sku_id: row.target for row in connection.execute(select(columns.sku_id, columns.target).where(columns.shop == shop))}


def write_targets(
    connection: Connection, shop: str, calculated: Sequence[Calculated], *, now: datetime, seen_at: datetime | None = None
) -> Written:
    """Write what was calculated. A target TEMU refused is tried again as soon as it changes.

    ``seen_at``: when the changes were first seen, if that was before now.
    """
    rows = [_row(shop, sku, now) for sku in calculated]
    written = upsert(connection, temu_inventory, rows, insert_only=["temu_stock", "needs_sync"])
    _start_clocks(connection, shop, calculated, seen_at or now)
    parked = outbox.entries(connection, shop, Effect.STOCK, [State.PARKED])
    again = [parked[sku.product.sku_id] for sku in calculated if sku.is_changed and sku.product.sku_id in parked]
    outbox.record(connection, shop, Effect.STOCK, [replace(entry, state=State.PENDING, retry_at=None) for entry in again], now=now)
    settle(connection, shop, now=now)
    return written


def _start_clocks(connection: Connection, shop: str, calculated: Sequence[Calculated], seen_at: datetime) -> None:
    """A SKU's first target has no clock: nothing changed. One that changes again before TEMU shows it keeps the clock it has."""
    columns = temu_inventory.c
    for chunk in in_chunks([sku.product.sku_id for sku in calculated if sku.is_changed and sku.target_before is not None]):
        without = (columns.shop == shop, columns.sku_id.in_(chunk), columns.changed_at.is_(None))
        connection.execute(update(temu_inventory).where(*without).values(changed_at=seen_at))


def settle(connection: Connection, shop: str, *, now: datetime) -> None:
    """Bring what follows from targets and stock up to date: what TEMU was seen to confirm, what must be sent, and since when."""
    columns = temu_inventory.c
    is_shown = and_(columns.target.is_not(None), columns.temu_stock == columns.target)
    is_due = and_(~columns.is_held, columns.target.is_not(None), or_(columns.temu_stock.is_(None), columns.temu_stock != columns.target))
    connection.execute(
        update(temu_inventory)
        .where(columns.shop == shop)
        .values(
            confirmed_target=case((is_shown, columns.target), else_=columns.confirmed_target),
            # A held row keeps its target, but not the sum that led there.
            confirmed_in_flight=case((and_(is_shown, ~columns.is_held), columns.in_flight), else_=columns.confirmed_in_flight),
            needs_sync=case((is_due, true()), else_=false()),
            differs_since=case((is_due, func.coalesce(columns.differs_since, literal(now, UtcDateTime))), else_=None),
            changed_at=case((is_due, columns.changed_at), else_=None),
        )
    )


def targets_to_send(connection: Connection, shop: str) -> tuple[list[SkuStock], datetime | None]:
    """Every SKU whose target is not held, by goods and SKU id, and when the oldest of these targets was calculated."""
    columns = temu_inventory.c
    rows = connection.execute(
        select(temu_inventory)
        .where(columns.shop == shop, columns.target.is_not(None), ~columns.is_held)
        .order_by(columns.goods_id, columns.sku_id)
    ).all()
    found = [
        SkuStock(
            row.sku_id, row.goods_id, row.sku, row.target, row.temu_stock, row.confirmed_target, row.reason, row.differs_since,
            landed=max(0, (row.confirmed_in_flight or 0) - row.in_flight),
        )
        for row in rows
    ]  # fmt: skip
    return found, min((row.computed_at for row in rows), default=None)


def waiting_targets(connection: Connection, shop: str) -> int:
    """How many SKUs TEMU must be told about."""
    columns = temu_inventory.c
    return connection.execute(select(func.count()).where(columns.shop == shop, columns.needs_sync)).scalar_one()


def _row(shop: str, sku: Calculated, now: datetime) -> dict[str, object]:
    return {
        "shop": shop,
        "sku_id": sku.product.sku_id,
        "goods_id": sku.product.goods_id,
        "sku": sku.product.sku,
        "jtl_article_id": sku.article_id,
        "target": sku.target,
        "reason": cut(sku.result.reason, 500),
        "in_flight": sku.in_flight,
        "is_held": sku.is_held,
        # For a new SKU the listing is all that is known; afterwards only read-backs and newer listings change it.
        "temu_stock": sku.product.listed_stock,
        "needs_sync": False,
        "computed_at": now,
    }
