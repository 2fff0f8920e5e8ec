"""``temu_inventory`` in our database: what TEMU shall show per SKU, what it is known to show, and since when the two differ."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from types import MappingProxyType

from sqlalchemy import ColumnElement, Connection, Select, and_, case, false, func, literal, or_, select, true, update

from temu_assets.inventory.calculation import Calculated
from temu_assets.inventory.deltas import SkuStock
from temu_assets.sql.chunks import in_chunks
from temu_assets.texts import cut
from temu_assets.toci import outbox, sync_state
from temu_assets.toci.columns import UtcDateTime
from temu_assets.toci.outbox import Effect, State
from temu_assets.toci.sync_state import Mark
from temu_assets.toci.tables import outbox as outbox_table
from temu_assets.toci.tables import temu_inventory, temu_products
from temu_assets.toci.writing import Written, upsert

NOT_LISTED: Mapping[str, object] = MappingProxyType(
    {"is_held": True, "reason": "TEMU no longer lists this SKU.", "temu_stock": None, "needs_sync": False, "differs_since": None}
)
"""What a row says once TEMU does not list its SKU: its stock at TEMU is left alone."""


def write_targets(
    connection: Connection, shop: str, calculated: Sequence[Calculated], *, now: datetime, seen_at: datetime | None = None
) -> Written:
    """Write for which SKUs something else came out; all others of the listing are calculated as well, and stay what they are.

    A target TEMU refused is tried again as soon as it changes. ``seen_at``: when the changes were first seen, if that was before now.
    """
    rows = [_row(shop, sku, now) for sku in calculated]
    written = upsert(connection, temu_inventory, rows, insert_only=["temu_stock", "needs_sync"], compare=_CAME_OUT)
    sync_state.remember_instant(connection, shop, Mark.TARGETS_CALCULATED_AT, now, now=now)
    if rows:
        _leave_alone_what_is_gone(connection, shop)
    changed = [sku for sku in calculated if sku.is_changed]
    _start_clocks(connection, shop, changed, seen_at or now)
    _try_again(connection, shop, changed, now)
    settle(connection, shop, now=now)
    return written


def _leave_alone_what_is_gone(connection: Connection, shop: str) -> None:
    """A listing taken in during the calculation may lack what was calculated; left to be sent, it would grow old and stop all sending."""
    columns = temu_inventory.c
    gone = (columns.shop == shop, ~columns.is_held, columns.sku_id.in_(_not_listed(shop)))
    connection.execute(update(temu_inventory).where(*gone).values(**NOT_LISTED))


def _not_listed(shop: str) -> Select[str]:
    products = temu_products.c
    return select(products.sku_id).where(products.shop == shop, ~products.is_listed)


def _start_clocks(connection: Connection, shop: str, changed: Sequence[Calculated], seen_at: datetime) -> None:
    """A SKU's first target has no clock: nothing changed. One that changes again before TEMU shows it keeps the clock it has."""
    columns = temu_inventory.c
    for chunk in in_chunks([sku.product.sku_id for sku in changed if sku.target_before is not None]):
        without = (columns.shop == shop, columns.sku_id.in_(chunk), columns.changed_at.is_(None))
        connection.execute(update(temu_inventory).where(*without).values(changed_at=seen_at))


def _try_again(connection: Connection, shop: str, changed: Sequence[Calculated], now: datetime) -> None:
    """What TEMU refused was another target."""
    if changed:
        parked = outbox.entries(connection, shop, Effect.STOCK, [State.PARKED])
        again = [parked[sku.product.sku_id] for sku in changed if sku.product.sku_id in parked]
        outbox.record(connection, shop, Effect.STOCK, [replace(entry, state=State.PENDING, retry_at=None) for entry in again], now=now)


def settle(connection: Connection, shop: str, *, now: datetime, sku_ids: Sequence[str] | None = None) -> None:
    """Bring what follows from targets and stock up to date: what TEMU was seen to confirm, what must be sent, and since when.

    ``sku_ids``: nothing else has changed; None: any may have. Only rows for which something is to be written are.
    """
    columns = temu_inventory.c
    is_shown = and_(columns.target.is_not(None), columns.temu_stock == columns.target)
    is_sure = and_(is_shown, ~columns.is_held)
    is_behind = or_(
        and_(is_due(), or_(~columns.needs_sync, columns.differs_since.is_(None))),
        and_(~is_due(), or_(columns.needs_sync, columns.differs_since.is_not(None), columns.changed_at.is_not(None))),
        and_(is_shown, or_(columns.confirmed_target.is_(None), columns.confirmed_target != columns.target)),
        and_(is_sure, or_(columns.confirmed_in_flight.is_(None), columns.confirmed_in_flight != columns.in_flight)),
    )
    settled = (
        update(temu_inventory)
        .where(columns.shop == shop, is_behind)
        .values(
            confirmed_target=case((is_shown, columns.target), else_=columns.confirmed_target),
            # A held row keeps its target, but not the sum that led there.
            confirmed_in_flight=case((is_sure, columns.in_flight), else_=columns.confirmed_in_flight),
            needs_sync=case((is_due(), true()), else_=false()),
            differs_since=case((is_due(), func.coalesce(columns.differs_since, literal(now, UtcDateTime))), else_=None),
            changed_at=case((is_due(), columns.changed_at), else_=None),
        )
    )
    if sku_ids is None:
        connection.execute(settled)
        return
    for chunk in in_chunks(sku_ids):
        connection.execute(settled.where(columns.sku_id.in_(chunk)))


def is_due() -> ColumnElement[bool]:
    """Whether TEMU is not known to show the target of a row; never NULL."""
    columns = temu_inventory.c
    return and_(~columns.is_held, columns.target.is_not(None), or_(columns.temu_stock.is_(None), columns.temu_stock != columns.target))


def targets_to_send(connection: Connection, shop: str) -> tuple[list[SkuStock], datetime | None]:
    """The SKUs whose target TEMU does not show, and those of which it refused one, by goods and SKU id; those held are not among them.

    And when all targets were last calculated; None: never.
    """
    columns = temu_inventory.c
    entries = outbox_table.c
    refused = select(entries.key).where(entries.shop == shop, entries.effect == Effect.STOCK.value, entries.state == State.PARKED.value)
    rows = connection.execute(
        select(temu_inventory)
        .where(columns.shop == shop, columns.target.is_not(None), ~columns.is_held, or_(is_due(), columns.sku_id.in_(refused)))
        .order_by(columns.goods_id, columns.sku_id)
    )
    found = [
        SkuStock(
            row.sku_id, row.goods_id, row.sku, row.target, row.temu_stock, row.confirmed_target, row.reason, row.differs_since,
            landed=max(0, (row.confirmed_in_flight or 0) - row.in_flight),
        )
        for row in rows
    ]  # fmt: skip
    return found, sync_state.read_instant(connection, shop, Mark.TARGETS_CALCULATED_AT) or _oldest_target(connection, shop)


def _oldest_target(connection: Connection, shop: str) -> datetime | None:
    """Before there was a mark, each row was given its time with each calculation."""
    columns = temu_inventory.c
    with_target = (columns.shop == shop, columns.target.is_not(None), ~columns.is_held)
    return connection.execute(select(columns.computed_at).where(*with_target).order_by(columns.computed_at).limit(1)).scalar_one_or_none()


def confirmed_besides(connection: Connection, shop: str, rows: Sequence[SkuStock]) -> int:
    """How many SKUs TEMU was seen to show a target of ours, of those that have one and are not among ``rows``."""
    columns = temu_inventory.c
    confirmed = connection.execute(
        select(func.count()).where(
            columns.shop == shop, columns.target.is_not(None), ~columns.is_held, columns.confirmed_target.is_not(None)
        )
    ).scalar_one()
    return confirmed - sum(row.confirmed_target is not None for row in rows)


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


_CAME_OUT = ("goods_id", "sku", "jtl_article_id", "target", "reason", "in_flight", "is_held")
