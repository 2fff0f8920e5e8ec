"""What a DATEV file adds up to by month, debtor, revenue account and marketplace, and the documents it holds. Pure."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

from temu_assets.bookkeeping.booking import Booking
from temu_assets.bookkeeping.columns import EU_COUNTRY, EU_RATE
from temu_assets.bookkeeping.findings import Document, TotalsRow
from temu_assets.bookkeeping.header import Header
from temu_assets.bookkeeping.marketplaces import displayed
from temu_assets.bookkeeping.sums import CREDIT, DEBIT, to_cents, to_decimal

MONTH, DEBTOR, REVENUE, MARKETPLACE = "Monat", "Debitor", "Gegenkonto / Schlüssel / Land / Satz", "Marktplatz"
_GROUPS = (MONTH, DEBTOR, REVENUE, MARKETPLACE)


@dataclass(slots=True)
class Totals:
    """Sums of the bookings as they are handed on. An amount that is none counts as a booking of 0."""

    header: Header
    _sums: dict[tuple[str, str], list[int]] = field(default_factory=lambda: defaultdict(lambda: [0, 0, 0]))

    def add(self, booking: Booking) -> None:
        """Add one booking to each group."""
        cents = to_cents(booking.amount) or 0
        debit, credit = (cents if booking.side == side else 0 for side in (DEBIT, CREDIT))
        for group, name in self._names(booking):
            sums = self._sums[group, name]
            sums[0] += 1
            sums[1] += debit
            sums[2] += credit

    def rows(self) -> tuple[TotalsRow, ...]:
        """The sums, group by group."""
        return tuple(
            TotalsRow(group, name, rows, to_decimal(debit), to_decimal(credit))
            for (group, name), (rows, debit, credit) in sorted(self._sums.items(), key=lambda each: (_GROUPS.index(each[0][0]), each[0][1]))
        )

    def _names(self, booking: Booking) -> tuple[tuple[str, str], ...]:
        revenue = f"{booking.contra} / {booking.key or '-'} / {booking.at(EU_COUNTRY)[:2] or '-'} / {booking.at(EU_RATE) or '-'}"
        debtor = next((each for each in (booking.account, booking.contra) if self.header.is_debtor(each)), "ohne Debitor")
        month = "ohne gültiges Datum" if booking.day is None else f"{booking.day:%Y-%m}"
        return (MONTH, month), (DEBTOR, debtor), (REVENUE, revenue), (MARKETPLACE, displayed(booking.origin.marketplace) or "ohne")


@dataclass(slots=True)
class Documents:
    """The invoices and credit notes of a file: rows with the same number, order and side are one. Payments are none."""

    _found: dict[tuple[str, str, str], list[int]] = field(default_factory=dict)
    _marketplaces: dict[tuple[str, str, str], str] = field(default_factory=dict)

    def add(self, booking: Booking) -> None:
        """Add the booking to its document, if it is of one that has a number or an order."""
        origin = booking.origin
        if origin.is_payment or not origin.side or not (origin.number or origin.order):
            return
        key = (origin.number, origin.order_number, origin.side)
        cents = to_cents(booking.amount) or 0
        if key in self._found:
            self._found[key][0] += cents
        else:
            self._found[key] = [cents, booking.line]
            self._marketplaces[key] = origin.marketplace

    def documents(self) -> tuple[Document, ...]:
        """The documents, in the order they stand in the file."""
        return tuple(
            Document(number, order, side, self._marketplaces[number, order, side], to_decimal(cents), line)
            for (number, order, side), (cents, line) in self._found.items()
        )
