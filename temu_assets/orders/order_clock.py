"""Since when an order could have gone to JTL: where the clock of its lead time starts (``temu_orders.ready_since``).

It starts when TEMU says the order was confirmed. While an order is held it stands still: a held order's clock is set anew each time it is
found held, and runs from TEMU's change that ended the hold, or else from when it was last found held. Orders that were there before the
program, and those a backfill brought, have no clock.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection, case, select, update

from temu_assets.orders.holds import Hold
from temu_assets.sql.chunks import in_chunks
from temu_assets.temu.listing import OVERLAP
from temu_assets.temu.order_models import OrderModel
from temu_assets.toci.tables import temu_orders


def since(order: OrderModel, complete_until: datetime | None) -> datetime | None:
    """Where the clock of an order starts that was listed for the first time; None: it does not count.

    ``complete_until``: up to when orders were complete before (aware UTC); None: no run had listed any.
    """
    if complete_until is None or order.updated_at < complete_until - OVERLAP:
        return None
    return order.confirmed_at or order.ordered_at


def keep(connection: Connection, shop: str, holds: Mapping[str, Hold | None], *, now: datetime) -> None:
    """Set the clocks by what was decided about these orders, before that is written on their rows."""
    columns = temu_orders.c
    hold(connection, shop, [order_id for order_id, held in holds.items() if held is not None], now=now)
    hold_ended = case(
        (columns.paid_at > columns.ready_since, columns.paid_at),
        (columns.temu_updated_at > columns.ready_since, columns.temu_updated_at),
        else_=columns.ready_since,
    )
    for chunk in in_chunks([order_id for order_id, held in holds.items() if held is None]):
        were_held = (columns.shop == shop, columns.order_id.in_(chunk), columns.ready_since.is_not(None), columns.hold_reason.is_not(None))
        connection.execute(update(temu_orders).where(*were_held).values(ready_since=hold_ended))


def hold(connection: Connection, shop: str, order_ids: Collection[str], *, now: datetime) -> None:
    """These orders cannot go to JTL now, for a reason of their own."""
    columns = temu_orders.c
    for chunk in in_chunks(list(order_ids)):
        count = (columns.shop == shop, columns.order_id.in_(chunk), columns.ready_since.is_not(None))
        connection.execute(update(temu_orders).where(*count).values(ready_since=now))


def of_orders(connection: Connection, shop: str, order_ids: Sequence[str]) -> dict[str, datetime]:
    """The clocks of these orders, by id; those that do not count are absent."""
    columns = temu_orders.c
    found: dict[str, datetime] = {}
    for chunk in in_chunks(order_ids):
        counted = (columns.shop == shop, columns.order_id.in_(chunk), columns.ready_since.is_not(None))
        found |= {
            row.order_id: row.ready_since for row in connection.execute(select(columns.order_id, columns.ready_since).where(*counted))
        }
    return found
