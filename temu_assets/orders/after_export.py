"""What happened at TEMU to an order that JTL has already: told to a person, loudly, because only a person can stop a parcel.

Once a parcel of the order has left, what can still be done about it is another thing.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from sqlalchemy import Connection

from temu_assets.jtl.database import Jtl
from temu_assets.jtl.orders import known_orders
from temu_assets.orders import order_store, parcel_store
from temu_assets.orders.allotment import article_key, units_per_piece
from temu_assets.orders.from_temu import address_hash
from temu_assets.orders.order import TemuOrder
from temu_assets.orders.order_store import StoredOrder
from temu_assets.orders.parcel_store import StoredParcel
from temu_assets.orders.parcels import Parcel
from temu_assets.temu.order_status import STILL_OPEN, TemuStatus
from temu_assets.toci import problems
from temu_assets.toci.database import Toci
from temu_assets.toci.kinds import CHANGED_AFTER_EXPORT
from temu_assets.toci.problems import Finding


def report_changes(toci: Toci, jtl: Jtl, *, now: datetime) -> int:
    """Report cancelled, cut, flagged and re-addressed orders JTL has; returns how many are open.

    One JTL has cancelled too is settled, and so is one JTL had and has no more, of which no parcel has left.

    An order of which more has left than TEMU wants stays reported, also when TEMU counts it as shipped.
    """
    changed, parcels = toci.read(lambda connection: _changed(connection, toci.shop))
    findings = {}
    for order_id, stored in changed.items():
        finding = _finding(stored, [each.parcel for each in parcels.get(order_id, ())])
        if finding is not None:
            findings[order_id] = finding
    if findings:
        in_jtl = known_orders(jtl, list(findings))
        for order_id in list(findings):
            was_deleted = order_id not in in_jtl and changed[order_id].jtl_order_number is not None and not parcels.get(order_id)
            if was_deleted or (order_id in in_jtl and all(order.is_cancelled for order in in_jtl[order_id])):
                del findings[order_id]
    toci.write(lambda connection: problems.report(connection, toci.shop, CHANGED_AFTER_EXPORT, findings, now=now))
    return len(findings)


def _changed(connection: Connection, shop: str) -> tuple[dict[str, StoredOrder], dict[str, list[StoredParcel]]]:
    """Orders that are not as JTL was given them, and their parcels."""
    changed = {stored.order.order_id: stored for stored in order_store.changed_after_export(connection, shop)}
    changed |= order_store.by_id(connection, shop, parcel_store.cut_after_leaving(connection, shop))
    return changed, parcel_store.of_orders(connection, shop, list(changed))


def _finding(stored: StoredOrder, left: Sequence[Parcel]) -> Finding | None:
    # A reason that stays the same keeps a problem handled, so it speaks of a parcel only where that is news.
    order = stored.order
    name = f"Order {order.order_id} (JTL: {stored.jtl_order_number or 'not confirmed yet'})"
    is_open = order.status in STILL_OPEN
    if order.status == TemuStatus.CANCELLED:
        return _cancelled(name, left)
    if is_open and (order.cancellation_requested or order.address_change_requested or order.risk_alert):
        return _flagged(order, name, left)
    if stored.is_cut:
        return _cut(order, name, left, is_open=is_open)
    if is_open and _has_another_address(stored):
        return Finding(
            f"The address of {name} was changed at TEMU after it went to JTL.",
            f"Parcel {_ids(left)} has left. If it went to the old address, ask the carrier to redirect it, or call it back."
            if left
            else "Enter the new address in JTL before it is shipped.",
        )
    return None


def _cancelled(name: str, left: Sequence[Parcel]) -> Finding:
    if not left:
        return Finding(f"{name} was cancelled at TEMU after it went to JTL.", "Cancel it in JTL before it is shipped.")
    return Finding(
        f"{name} was cancelled at TEMU after it went to JTL, and parcel {_ids(left)} of it has left.",
        "Call the parcel back if you can, and credit the order in JTL; then mark the problem as handled.",
    )


def _flagged(order: TemuOrder, name: str, left: Sequence[Parcel]) -> Finding:
    gone = f"Parcel {_ids(left)} has left."
    if order.cancellation_requested:
        now = f"{gone} Call it back if you can, and decide" if left else "Stop the parcel and accept"
        return Finding(
            f"The buyer of {name} asks to cancel.", f"{now} in the Seller Center; without an answer TEMU cancels after 24 hours."
        )
    if order.address_change_requested:
        now = f"{gone} Ask the carrier to redirect it if you can, and decide" if left else "Hold the parcel in JTL and decide"
        return Finding(f"The buyer of {name} asks for another address.", f"{now} in the Seller Center.")
    return Finding(
        f"TEMU warns of a risk with {name}.",
        f"{gone} Call it back if you can, and look in the Seller Center."
        if left
        else "Hold the parcel in JTL until TEMU lifts the warning.",
    )


def _cut(order: TemuOrder, name: str, left: Sequence[Parcel], *, is_open: bool) -> Finding | None:
    if left and _may_be_too_much(order, left):
        return Finding(
            f"Pieces of {name} were cancelled at TEMU after it went to JTL, and parcel {_ids(left)} has left with more than TEMU wants, "
            f"or with what cannot be told.",
            "Compare the order with what has left. Call the parcel back or ask for the surplus, and credit it in JTL; then mark the "
            "problem as handled.",
        )
    if not is_open:
        return None
    return Finding(
        f"Pieces of {name} were cancelled at TEMU after it went to JTL.",
        f"Parcel {_ids(left)} has left with no more than TEMU wants: lower the quantity of the rest in JTL."
        if left
        else "Lower the quantity in JTL before it is shipped.",
    )


def _has_another_address(stored: StoredOrder) -> bool:
    if stored.exported_address_hash is None:
        # The order was found in JTL and TEMU has not told its address: there is nothing to compare.
        return False
    # An address TEMU says it changed and has not told yet is a changed one.
    return stored.order.address is None or stored.exported_address_hash != address_hash(stored.order.address)


def _ids(left: Sequence[Parcel]) -> str:
    return ", ".join(str(parcel.parcel_id) for parcel in left)


def _may_be_too_much(order: TemuOrder, left: Sequence[Parcel]) -> bool:
    """Whether the parcels hold more of an article than TEMU wants, or something that is not known."""
    wanted: Counter[str] = Counter()
    for line in order.open_lines:
        wanted += Counter({key: units * line.quantity for key, units in units_per_piece(line).items()})
    sent: dict[str, Decimal] = defaultdict(Decimal)
    for parcel in left:
        if not parcel.contents:
            return True
        for content in parcel.contents:
            sent[article_key(content.sku)] += content.quantity
    return any(quantity > wanted[key] for key, quantity in sent.items())
