"""What happened at TEMU to an order that JTL has already: told to a person, loudly, because only a person can stop a parcel."""

from __future__ import annotations

from datetime import datetime

from temu_assets.jtl.database import Jtl
from temu_assets.jtl.orders import known_orders
from temu_assets.orders import order_store
from temu_assets.orders.from_temu import address_hash
from temu_assets.orders.order import TemuStatus
from temu_assets.orders.order_store import StoredOrder
from temu_assets.toci import problems
from temu_assets.toci.database import Toci
from temu_assets.toci.problems import Finding

CHANGED_AFTER_EXPORT = "changed_after_export"


def report_changes(toci: Toci, jtl: Jtl, *, now: datetime) -> int:
    """Report cancelled, cut, flagged and re-addressed orders JTL has; returns how many are open. One JTL has cancelled too is settled."""
    with toci.read() as connection:
        changed = order_store.changed_after_export(connection, toci.shop)
    findings = {stored.order.order_id: finding for stored in changed if (finding := _finding(stored)) is not None}
    if findings:
        for order_id, in_jtl in known_orders(jtl, list(findings)).items():
            if all(order.is_cancelled for order in in_jtl):
                del findings[order_id]
    with toci.write() as connection:
        problems.report(connection, toci.shop, CHANGED_AFTER_EXPORT, findings, now=now)
    return len(findings)


def _finding(stored: StoredOrder) -> Finding | None:
    order = stored.order
    name = f"Order {order.order_id} (JTL: {stored.jtl_order_number or 'not confirmed yet'})"
    if order.status == TemuStatus.CANCELLED:
        return Finding(f"{name} was cancelled at TEMU after it went to JTL.", "Cancel it in JTL before it is shipped.")
    if order.cancellation_requested:
        return Finding(
            f"The buyer of {name} asks to cancel.",
            "Stop the parcel and accept in the Seller Center; without an answer TEMU cancels after 24 hours.",
        )
    if order.address_change_requested:
        return Finding(f"The buyer of {name} asks for another address.", "Hold the parcel in JTL and decide in the Seller Center.")
    if order.risk_alert:
        return Finding(f"TEMU warns of a risk with {name}.", "Hold the parcel in JTL until TEMU lifts the warning.")
    if stored.is_cut:
        return Finding(f"Pieces of {name} were cancelled at TEMU after it went to JTL.", "Lower the quantity in JTL before it is shipped.")
    if stored.exported_address_hash is None:
        # The order was found in JTL and TEMU has not told its address: there is nothing to compare.
        return None
    if order.address is None or stored.exported_address_hash != address_hash(order.address):
        # An address TEMU says it changed and has not told yet is a changed one.
        return Finding(
            f"The address of {name} was changed at TEMU after it went to JTL.", "Enter the new address in JTL before it is shipped."
        )
    return None
