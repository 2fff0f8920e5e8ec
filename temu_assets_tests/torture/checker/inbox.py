"""I7 and I8: what the program calls done is done, and whatever it could not do stands in the inbox."""

from __future__ import annotations

import re
from collections.abc import Iterator

from temu_assets_tests.torture.checker.books import Books
from temu_assets_tests.torture.checker.findings import Finding, Harm
from temu_assets_tests.torture.checker.orders import has_to_be_in_jtl
from temu_assets_tests.torture.checker.temu import CANCELLED, PARTLY_SHIPPED, PENDING, UNSHIPPED


def done_has_evidence(books: Books) -> Iterator[Finding]:
    """I7: behind every "done" the other side shows it."""
    yield from _orders_called_done(books)
    yield from _shipments_called_done(books)
    yield from _stocks_called_done(books)


def _orders_called_done(books: Books) -> Iterator[Finding]:
    done = {row["key"] for row in books.ours.outbox("jtl_order", "done")}
    exported = {row["order_id"] for row in books.ours.rows("temu_orders") if row["exported_at"] is not None}
    for number in sorted(done | exported):
        if not books.jtl.has(number):
            yield Finding("I7", Harm.LOST, f"Order {number} is called handed over, and JTL does not have it.")
    for row in books.ours.rows("temu_orders"):
        numbers = [order.number for order in books.jtl.orders.get(row["order_id"], ())]
        if row["jtl_order_number"] is not None and row["jtl_order_number"] not in numbers:
            yield Finding("I7", Harm.WRONG, f"Order {row['order_id']} is said to be JTL's {row['jtl_order_number']}, which it is not.")


def _shipments_called_done(books: Books) -> Iterator[Finding]:
    numbers = {package.number: package.tracking for package in books.temu.packages}
    for row in books.ours.outbox("shipment", "done"):
        told = re.search(r"PK-\d+", row["evidence"] or "")
        if told is None or told.group() not in numbers:
            yield Finding("I7", Harm.LOST, f"Parcel {row['key']} is called confirmed, and TEMU has no such package ({row['evidence']}).")
    for row in books.ours.rows("temu_parcels"):
        if row["reported_at"] is None:
            continue
        reported = "".join((row["reported_tracking"] or "").split())
        if numbers.get(row["package_id"]) != reported:
            yield Finding(
                "I7", Harm.WRONG, f"Parcel {row['parcel_id']} is called reported as {reported}, TEMU has {numbers.get(row['package_id'])}."
            )


def _stocks_called_done(books: Books) -> Iterator[Finding]:
    shown = {sku.sku_id: sku.stock for sku in books.temu.skus}
    for row in books.ours.rows("temu_inventory"):
        is_called_done = row["target"] is not None and not row["needs_sync"] and not row["is_held"]
        if is_called_done and shown.get(row["sku_id"]) != row["target"]:
            yield Finding("I7", Harm.WRONG, f"SKU {row['sku_id']} is called set to {row['target']}, TEMU shows {shown.get(row['sku_id'])}.")


def what_is_not_done_is_in_the_inbox(books: Books) -> Iterator[Finding]:
    """I8: everything parked, unfinished or changed behind our back is told to a person."""
    due = {row["sku_id"] for row in books.ours.rows("temu_inventory") if row["needs_sync"]}
    for row in books.ours.rows("outbox"):
        # A stock can come right by itself, when buyers take what is too much; then nothing is left to be sent.
        is_over = row["effect"] == "stock" and row["key"] not in due
        if (
            row["state"] != "done"
            and not is_over
            and not books.ours.in_inbox(row["key"], *_order_of_parcel(books, row["effect"], row["key"]))
        ):
            yield Finding("I8", Harm.WRONG, f"{row['effect']} {row['key']} is {row['state']} and not in the inbox.")
    for row in books.ours.rows("raw_snapshots"):
        if row["ingested_at"] is None:
            yield Finding("I8", Harm.WRONG, f"The answers in {row['path']} were never taken in.")
    yield from _orders_nobody_is_told_of(books)


def _order_of_parcel(books: Books, effect: str, key: str) -> list[str]:
    return [parcel.external for parcel in books.jtl.parcels if effect == "shipment" and parcel.key == key]


def _orders_nobody_is_told_of(books: Books) -> Iterator[Finding]:
    for order in books.temu.orders.values():
        if books.ours.in_inbox(order.number):
            continue
        if not books.jtl.has(order.number):
            is_waiting = order.status in (UNSHIPPED, PARTLY_SHIPPED) and order.open_lines and order.was_ready
            if is_waiting and not has_to_be_in_jtl(books, order):
                yield Finding("I8", Harm.LOST, f"Order {order.number} is held, and nobody is told.")
            continue
        in_jtl = books.jtl.orders.get(order.number, [])
        if in_jtl and all(found.is_cancelled for found in in_jtl):
            continue
        has_changed = order.status == CANCELLED or (order.status in (PENDING, UNSHIPPED, PARTLY_SHIPPED) and order.is_flagged)
        has_more = any(found.pieces != order.pieces() for found in in_jtl) and order.status in (UNSHIPPED, PARTLY_SHIPPED)
        if has_changed or has_more:
            yield Finding("I8", Harm.LOST, f"Order {order.number} has changed at TEMU since JTL has it, and nobody is told.")
