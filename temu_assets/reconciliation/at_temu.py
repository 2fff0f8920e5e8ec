"""TEMU's order list against our tables: what was never taken in, and what changed there and not here. Pure.

Nothing is said of what TEMU changed after our tables were last complete, or within the time in which its list may show a change late:
the next orders run takes that in.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from temu_assets.reconciliation.facts import OurOrder
from temu_assets.temu.listing import OVERLAP
from temu_assets.temu.order_models import OrderModel
from temu_assets.temu.order_status import STILL_OPEN, TemuStatus, status_name
from temu_assets.toci.problems import Finding

HOW_TO_LIST_AGAIN = (
    "Run the job temu_orders_sync with days_back as far as that and backfill (run configuration of raw_orders); it lists these days again."
)


def lost(listed: Iterable[OrderModel], ours: Collection[str], *, complete_until: datetime, began_at: datetime | None) -> dict[str, Finding]:
    """Orders TEMU lists that are not in our tables, by number.

    ``began_at`` is when our tables got their first order: one that was shipped before that is not missed. A cancelled one never is.
    """
    return {
        order.order_id: Finding(
            f"TEMU lists order {order.order_id} ({status_name(order.status)}, changed {order.updated_at:%Y-%m-%d %H:%M} UTC), and it is "
            f"not in our tables, which are complete until later than that.",
            HOW_TO_LIST_AGAIN,
        )
        for order in listed
        if order.order_id not in ours
        and order.updated_at < complete_until - OVERLAP
        and order.status != TemuStatus.CANCELLED
        and (order.status in STILL_OPEN or (began_at is not None and order.updated_at > began_at))
    }


def outdated(listed: Iterable[OrderModel], ours: Mapping[str, OurOrder], *, complete_until: datetime) -> dict[str, Finding]:
    """Orders that differ from TEMU's list although our tables should have the change, by number."""
    found = {}
    for order in listed:
        our = ours.get(order.order_id)
        if our is None or order.updated_at >= complete_until - OVERLAP or our.temu_updated_at > order.updated_at:
            continue
        differences = _differences(order, our)
        if differences:
            found[order.order_id] = Finding(
                f"Order {order.order_id} is not here as TEMU lists it: {'; '.join(differences)}.",
                f"{HOW_TO_LIST_AGAIN} If JTL has the order, compare it there.",
            )
    return found


def as_listed(our: OurOrder, listed: OrderModel | None) -> OurOrder:
    """Our order with what TEMU's list says by now of its state: it may have been cancelled, or asked about, a minute ago."""
    if listed is None or listed.updated_at < our.temu_updated_at:
        return our
    return replace(our, status=listed.status, is_flagged=listed.waits_for_a_decision)


def in_motion(listed: Iterable[OrderModel], ours: Mapping[str, OurOrder]) -> set[str]:
    """SKUs of orders that are not in our tables as TEMU lists them: TEMU's own figure of stock has just moved with them."""
    return {
        line.sku_id
        for order in listed
        if (our := ours.get(order.order_id)) is None or our.temu_updated_at != order.updated_at
        for line in order.lines
    }


def _differences(order: OrderModel, our: OurOrder) -> list[str]:
    differences = []
    if order.status != our.status:
        differences.append(f"{status_name(order.status)} at TEMU, {status_name(our.status)} here")
    theirs = {line.line_id: line.quantity for line in order.lines}
    differences += [
        f"line {line_id} has {_pieces(theirs.get(line_id))} at TEMU, {_pieces(our.quantities.get(line_id))} here"
        for line_id in sorted({*theirs, *our.quantities})
        if theirs.get(line_id) != our.quantities.get(line_id)
    ]
    return differences


def _pieces(number: int | None) -> str:
    return "no such line" if number is None else f"{number} pieces"
