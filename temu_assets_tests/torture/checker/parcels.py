"""I5: every parcel JTL has sent is confirmed at TEMU, once, with its carrier and its contents."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from temu_assets_tests.torture.checker.books import Books
from temu_assets_tests.torture.checker.findings import Finding, Harm
from temu_assets_tests.torture.checker.jtl import Parcel
from temu_assets_tests.torture.checker.temu import ACCEPTED, CANCELLED, CONFIRM, Package

BRANDS = {"DHL Paket": "DHL", "DPD Paket": "DPD", "GLS": "GLS", "UPS": "UPS", "Hermes Paket": "Hermes"}
"""JTL's shipping method -> TEMU's brand."""


def each_parcel_is_confirmed_once(books: Books) -> Iterator[Finding]:
    """I5: at most once at any time, finally once, and never before it left."""
    yield from _confirmed_twice(books)
    yield from _wrongly_confirmed(books)
    yield from _not_confirmed(books)


def _confirmed_twice(books: Books) -> Iterator[Finding]:
    numbers = Counter(package.tracking for package in books.temu.packages)
    yield from (
        Finding("I5", Harm.DOUBLED, f"TEMU has {count} packages with the number {number}.")
        for number, count in numbers.items()
        if count > 1
    )
    pieces: Counter[tuple[str, str]] = Counter()
    for package in books.temu.packages:
        for number, line_number, count in package.contents:
            pieces[number, line_number] += count
    for order in books.temu.orders.values():
        for line in order.lines:
            if pieces[order.number, line.number] > line.original:
                told = pieces[order.number, line.number]
                yield Finding("I5", Harm.DOUBLED, f"Line {line.number}: TEMU was told {told} pieces, {line.original} were sold.")
    accepted: set[str] = set()
    for call in books.temu.calls:
        if call.endpoint != CONFIRM:
            continue
        is_harmless = books.temu_failed and call.verdict != ACCEPTED
        told_again = set() if is_harmless else accepted & set(tracking_numbers(call.params))
        yield from (
            Finding("I5", Harm.DOUBLED, f"TEMU was told of parcel {number} again after it had accepted it.") for number in told_again
        )
        if call.verdict == ACCEPTED:
            accepted |= set(tracking_numbers(call.params))


def tracking_numbers(params: Any) -> list[str]:
    """The numbers a confirming call names."""
    return [str(request.get("trackingNumber")) for request in params.get("sendRequestList", [])]


def _wrongly_confirmed(books: Books) -> Iterator[Finding]:
    by_number = {parcel.tracking: parcel for parcel in books.jtl.parcels if parcel.tracking}
    for package in books.temu.packages:
        parcel = by_number.get(package.tracking)
        if parcel is None:
            yield Finding("I5", Harm.WRONG, f"TEMU was told the number {package.tracking}, which no parcel of JTL has.")
            continue
        if not parcel.is_sent:
            yield Finding("I5", Harm.WRONG, f"TEMU was told of parcel {package.tracking} before it left.")
        if BRANDS.get(parcel.method) != package.carrier:
            yield Finding(
                "I5", Harm.WRONG, f"Parcel {package.tracking} went with {parcel.method}, TEMU was told carrier {package.carrier}."
            )
        yield from _wrong_contents(books, package, parcel)


def _wrong_contents(books: Books, package: Package, parcel: Parcel) -> Iterator[Finding]:
    told: Counter[str] = Counter()
    for number, line_number, count in package.contents:
        if number != parcel.external:
            yield Finding("I5", Harm.WRONG, f"Parcel {package.tracking} is of order {parcel.external}, TEMU was told {number}.")
        for line in books.temu.orders[number].lines:
            # A bundle in two parcels cannot be said right; TEMU counts whole pieces.
            if line.number == line_number and len(line.articles) == 1:
                told[line.articles[0][0]] += count * line.articles[0][1]
    for article, count in told.items():
        if parcel.pieces and parcel.pieces[article] < count:
            yield Finding(
                "I5", Harm.WRONG, f"Parcel {package.tracking} holds {parcel.pieces[article]} of {article}, TEMU was told {count}."
            )


def _not_confirmed(books: Books) -> Iterator[Finding]:
    confirmed = {package.tracking for package in books.temu.packages}
    finished = {number for number, orders in books.jtl.orders.items() if orders[0].is_finished}
    for parcel in books.jtl.parcels:
        order = books.temu.orders.get(parcel.external)
        # TEMU takes an order as a whole, so the first parcel waits for the last.
        is_due = parcel.is_sent and parcel.tracking and parcel.external in finished
        if order is None or not is_due or parcel.tracking in confirmed or books.ours.in_inbox(parcel.external, parcel.key):
            continue
        what = "and the order was cancelled at TEMU, which nobody is told" if order.status == CANCELLED else "and TEMU does not know it"
        yield Finding("I5", Harm.LOST, f"Parcel {parcel.tracking} of order {parcel.external} has left, {what}.")
