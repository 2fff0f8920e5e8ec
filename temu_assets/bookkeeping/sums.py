"""What a DATEV file adds up to, exactly, and the proof that it adds up to the same after it was processed. Pure.

Amounts are whole cents. What is no amount as DATEV writes them (``1.234,50``, ``-5,00``, nothing) is not added up but held as the text it
is, so that before and after always compare the same thing.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal

from temu_assets.bookkeeping.columns import ACCOUNT, AMOUNT, CONTRA, SIDE
from temu_assets.bookkeeping.extf import Row
from temu_assets.bookkeeping.findings import Sums
from temu_assets.errors import InternalError

DEBIT, CREDIT = "S", "H"
_AMOUNT = re.compile(r"(\d{1,10})(?:,(\d{1,2}))?", re.ASCII)


@dataclass(slots=True)
class Tally:
    """Rows; cents by side; cents by side and account, of column 7 and of column 8; and what could not be added up, as text."""

    rows: int = 0
    sides: Counter[str] = field(default_factory=Counter)
    accounts: Counter[tuple[str, str]] = field(default_factory=Counter)
    contras: Counter[tuple[str, str]] = field(default_factory=Counter)
    odd: Counter[tuple[str, str]] = field(default_factory=Counter)

    def add(self, values: list[str]) -> None:
        """Add a booking, given as the values of its fields."""
        self.rows += 1
        side = values[SIDE - 1] if len(values) >= SIDE else ""
        amount = to_cents(values[AMOUNT - 1])
        if amount is None or side not in (DEBIT, CREDIT):
            self.odd[values[AMOUNT - 1], side] += 1
            amount = 0
        self.sides[side] += amount
        self.accounts[side, values[ACCOUNT - 1] if len(values) >= ACCOUNT else ""] += amount
        self.contras[side, values[CONTRA - 1] if len(values) >= CONTRA else ""] += amount

    @property
    def sums(self) -> Sums:
        """Rows and totals in EUR."""
        return Sums(self.rows, to_decimal(self.sides[DEBIT]), to_decimal(self.sides[CREDIT]))


def tally(rows: Iterable[Row]) -> Tally:
    """Add up the bookings among these rows."""
    result = Tally()
    for row in rows:
        if not row.is_blank:
            result.add(row.values())
    return result


def to_cents(text: str) -> int | None:
    """An amount as DATEV writes it, in cents: ``1234,5`` is 123450; None for what is no such amount."""
    match = _AMOUNT.fullmatch(text)
    if match is None:
        return None
    whole, part = match.groups()
    return int(whole) * 100 + (int(part.ljust(2, "0")) if part else 0)


def to_decimal(cents: int) -> Decimal:
    """Cents in EUR, exactly."""
    return Decimal(cents).scaleb(-2)


def require_same(before: Tally, after: Tally, *, file: str, debtors_changed: bool) -> None:
    """Raises InternalError unless both are the same; sums of column 7 by account are not compared where K7 changed debtors."""
    pairs: list[tuple[str, object, object]] = [
        ("number of bookings", before.rows, after.rows),
        ("sums of debit and credit", +before.sides, +after.sides),
        ("amounts that cannot be read", before.odd, after.odd),
        ("sums of contra accounts", +before.contras, +after.contras),
    ]
    if not debtors_changed:
        pairs.append(("sums of accounts", +before.accounts, +after.accounts))
    wrong = [what for what, one, other in pairs if one != other]
    if wrong:
        raise InternalError(
            f"{file} would not be the same bookings after it was processed; different: {', '.join(wrong)}. Nothing of it was written.",
            remedy="report this with the file's style (program that wrote it, encoding); hand on the original from the archive meanwhile.",
        )
