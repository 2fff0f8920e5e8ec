"""Our orders against JTL's: missing, cancelled, foreign, waiting too long. Pure.

JTL's import table was read before its orders, and our tables before both: an order only ever moves in this direction, so what is in none
of them was not just on its way.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from temu_assets.jtl.orders import KnownOrder
from temu_assets.reconciliation.facts import OurOrder
from temu_assets.temu.order_status import STILL_OPEN, TemuStatus
from temu_assets.toci.problems import Finding

READY_TOO_LONG = timedelta(hours=26)
"""The orders run comes every day: an order that nothing holds for longer was passed over."""
GONE_TOO_LONG = timedelta(hours=2)
"""The orders run tells it after half an hour; here, only what it did not tell."""


@dataclass(frozen=True, slots=True)
class InJtl:
    """What JTL shows by order number: its orders, and the rows of its import table (or files) that wait; a file has no row key."""

    orders: Mapping[str, Sequence[KnownOrder]]
    waiting: Mapping[str, Sequence[int]]

    @property
    def waiting_rows(self) -> int:
        """Rows that wait, and files of orders that are not in JTL yet: one that is may have been left where it was."""
        return sum(len(rows) if rows else order_id not in self.orders for order_id, rows in self.waiting.items())

    def live(self, order_id: str) -> list[KnownOrder]:
        """Those that are not cancelled."""
        return [order for order in self.orders.get(order_id, ()) if not order.is_cancelled]


def missing(orders: Iterable[OurOrder], jtl: InJtl, *, now: datetime) -> dict[str, Finding]:
    """Orders JTL should have or be about to take, and does not. One TEMU cancelled is not missed."""
    found = {}
    for order in orders:
        # What JTL had and has no more is gone; a row of it that waits is left over, or somebody put it there again.
        is_on_its_way = order.order_id in jtl.waiting and order.jtl_confirmed_at is None
        if order.status == TemuStatus.CANCELLED or order.order_id in jtl.orders or is_on_its_way:
            continue
        finding = _missing(order, now=now)
        if finding is not None:
            found[order.order_id] = finding
    return found


def _missing(order: OurOrder, *, now: datetime) -> Finding | None:
    if order.jtl_confirmed_at is not None:
        return Finding(
            f"JTL had order {order.order_id} as {order.jtl_order_number or 'an order'} and has it no more: somebody deleted it there.",
            f"If it has still to be shipped or booked, enter it in JTL by hand with the external order number {order.order_id}. It is "
            "never sent again by itself.",
        )
    if order.exported_at is not None:
        if now - order.exported_at < GONE_TOO_LONG:
            return None
        return Finding(
            f"Order {order.order_id} was handed over at {order.exported_at:%Y-%m-%d %H:%M} UTC, and neither waits for JTL nor is among its "
            "orders.",
            "Look into the JTL-Worker's log. If JTL refused or somebody deleted it, enter it by hand with this external order number.",
        )
    if order.status == TemuStatus.UNSHIPPED and not order.is_held and not order.is_flagged and now - order.settled_at > READY_TOO_LONG:
        return Finding(
            f"Order {order.order_id} is to be shipped and nothing holds it, but it was not handed to JTL since "
            f"{order.settled_at:%Y-%m-%d %H:%M} UTC.",
            "Look at the last run of temu_orders_sync: is jtl_order_xml red, or does the job not run at all?",
        )
    return None


def cancelled_there(orders: Iterable[OurOrder], jtl: InJtl) -> dict[str, Finding]:
    """Orders TEMU wants shipped and JTL has cancelled. While the buyer asks to cancel, nothing is said."""
    return {
        order.order_id: Finding(
            f"Order {order.order_id} is cancelled in JTL ({_numbers(jtl.orders[order.order_id])}), and TEMU wants it shipped.",
            "Cancel it in TEMU's Seller Center as well, or make it an order again in JTL.",
        )
        for order in orders
        if order.status in (TemuStatus.UNSHIPPED, TemuStatus.PARTLY_SHIPPED)
        and not order.is_flagged
        and order.order_id in jtl.orders
        and not jtl.live(order.order_id)
        and not jtl.waiting.get(order.order_id)
    }


def nobodys(order_ids: Iterable[str], jtl: InJtl) -> dict[str, Finding]:
    """Orders of JTL's under numbers like TEMU's that neither our tables nor TEMU know: ``order_ids`` are those."""
    remedy = (
        "Cancel it in JTL if nobody ordered it. If its number was mistyped, correct it; if it belongs to another TEMU shop, mark the "
        "problem as handled."
    )
    found = {}
    for order_id in order_ids:
        live = jtl.live(order_id)
        where = f"JTL has it as {_numbers(live)}" if live else f"it waits in JTL's import table (row {_rows(jtl.waiting[order_id])})"
        found[order_id] = Finding(f"TEMU has no order {order_id}, and {where}.", remedy)
    return found


def unread(
    orders: Mapping[str, OurOrder], jtl: InJtl, told: Collection[str], *, confirm_within: timedelta, now: datetime
) -> dict[str, Finding]:
    """Rows of the import table that JTL leaves there, unless a person was ``told``, and orders that lie there twice."""
    found = {}
    for order_id, rows in jtl.waiting.items():
        if len(rows) > 1:
            found[order_id] = Finding(
                f"Order {order_id} waits twice in JTL's import table (rows {_rows(rows)}): JTL will make two orders of it.",
                "Delete all rows of dbo.tXMLBestellImport but one before JTL's worker takes them, or cancel all but one order there.",
            )
            continue
        order = orders.get(order_id)
        if order is None or order.exported_at is None or now - order.exported_at <= confirm_within:
            continue
        if rows and jtl.live(order_id) and order.jtl_confirmed_at is not None and now - order.jtl_confirmed_at > confirm_within:
            found[order_id] = Finding(
                f"JTL took order {order_id} as {order.jtl_order_number or 'an order'}, and it waits once more in its import table (row "
                f"{_rows(rows)}): JTL will make a second order of it.",
                "Delete that row of dbo.tXMLBestellImport before JTL's worker takes it. This program writes an order there once: "
                "find out who or what did it again.",
            )
            continue
        if order_id in told or order_id in jtl.orders or order.jtl_confirmed_at is not None:
            continue
        is_cancelled = order.status == TemuStatus.CANCELLED
        found[order_id] = Finding(
            f"JTL has not read order {order_id} from its import table{f' (row {_rows(rows)})' if rows else ''} since "
            f"{order.exported_at:%Y-%m-%d %H:%M} UTC{', and TEMU has cancelled it since' if is_cancelled else ''}.",
            "Check that the JTL-Worker runs, and its log for this order."
            + (" It must not be shipped: delete the row, or cancel the order in JTL once it is there." if is_cancelled else ""),
        )
    return found


def oldest_waiting(orders: Mapping[str, OurOrder], jtl: InJtl) -> datetime | None:
    """Since when the order waits that JTL has left longest; None when none of ours waits."""
    return min(
        (
            orders[order_id].exported_at or orders[order_id].settled_at
            for order_id in jtl.waiting
            if order_id in orders and order_id not in jtl.orders
        ),
        default=None,
    )


def oldest_open(orders: Iterable[OurOrder]) -> datetime | None:
    """When the oldest order was placed that has still to be shipped."""
    return min((order.ordered_at for order in orders if order.status in STILL_OPEN), default=None)


def _numbers(orders: Sequence[KnownOrder]) -> str:
    return ", ".join(order.number for order in orders)


def _rows(keys: Sequence[int]) -> str:
    return ", ".join(map(str, keys))
