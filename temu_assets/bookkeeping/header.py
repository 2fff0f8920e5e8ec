"""What the header of a DATEV file says, where it can be understood: fiscal year, period, length of accounts, currency, lock flag. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from temu_assets.bookkeeping.columns import H_ACCOUNT_LENGTH, H_CURRENCY, H_FISCAL_YEAR, H_FROM, H_LOCK, H_UNTIL, HEADER_FIELDS
from temu_assets.bookkeeping.extf import Row

_DAY = re.compile(r"\d{8}", re.ASCII)
_ACCOUNT = re.compile(r"\d{1,9}", re.ASCII)
_SHORT_DAY = re.compile(r"\d{4}", re.ASCII)
_SHORTEST_LENGTH, _LONGEST_LENGTH = 4, 8
_LAST_DEBTOR_DIGIT = 6


@dataclass(frozen=True, slots=True)
class Header:
    """The header; what cannot be understood is None, or 0 for the length of accounts."""

    values: tuple[str, ...]
    fiscal_year: date | None
    first_day: date | None
    last_day: date | None
    account_length: int
    currency: str
    lock_flag: str

    def value(self, position: int) -> str:
        """A field by its position; empty where the header is shorter."""
        return self.values[position - 1] if position <= len(self.values) else ""

    @property
    def named(self) -> tuple[tuple[str, str], ...]:
        """All fields with DATEV's names."""
        return tuple((name, self.value(position)) for position, name in enumerate(HEADER_FIELDS, 1))

    @property
    def year_end(self) -> date | None:
        """The last day of the fiscal year."""
        return None if self.fiscal_year is None else _a_year_after(self.fiscal_year) - timedelta(days=1)

    def document_day(self, text: str) -> date | None:
        """The day a document date (DDMM) means: the one within the fiscal year. None for what is no day in it."""
        return None if self.fiscal_year is None else _day_within(self.fiscal_year, text)

    def is_personal(self, account: str) -> bool:
        """Whether it is a debtor's or creditor's account: one digit longer than the others."""
        return bool(self.account_length) and len(account) == self.account_length + 1 and is_account(account)

    def is_debtor(self, account: str) -> bool:
        """Whether it is a debtor's account; creditors begin with 7."""
        return self.is_personal(account) and 1 <= int(account[0]) <= _LAST_DEBTOR_DIGIT


def header_of(row: Row) -> Header:
    """Understand the first line of a file."""
    values = tuple(value.strip() for value in row.values())

    def value(position: int) -> str:
        return values[position - 1] if position <= len(values) else ""

    length = value(H_ACCOUNT_LENGTH)
    known = len(length) == 1 and length.isdecimal() and _SHORTEST_LENGTH <= int(length) <= _LONGEST_LENGTH
    first_day = day_of(value(H_FROM))
    return Header(
        values=values,
        # Without a fiscal year the period says as well as anything in which year the documents lie.
        fiscal_year=day_of(value(H_FISCAL_YEAR)) or first_day,
        first_day=first_day,
        last_day=day_of(value(H_UNTIL)),
        account_length=int(length) if known else 0,
        currency=value(H_CURRENCY) or "EUR",
        lock_flag=value(H_LOCK),
    )


def day_of(text: str) -> date | None:
    """A day written YYYYMMDD, of a year books are kept for; None for anything else."""
    is_day = _DAY.fullmatch(text) is not None and "1900" <= text[:4] <= "2199"
    return _date(int(text[:4]), int(text[4:6]), int(text[6:])) if is_day else None


def full_day_of(text: str) -> date | None:
    """A day written DDMMYYYY, as bookings have it beside the document date; None for anything else."""
    return day_of(text[4:] + text[2:4] + text[:2]) if _DAY.fullmatch(text) else None


@lru_cache(maxsize=2000)
def _day_within(start: date, text: str) -> date | None:
    if not _SHORT_DAY.fullmatch(text):
        return None
    day, month = int(text[:2]), int(text[2:])
    for year in (start.year, start.year + 1):
        found = _date(year, month, day)
        if found is not None and start <= found < _a_year_after(start):
            return found
    return None


def is_account(text: str) -> bool:
    """Whether it is an account as DATEV writes it: one to nine digits, not all of them zero."""
    return _ACCOUNT.fullmatch(text) is not None and text.strip("0") != ""


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _a_year_after(day: date) -> date:
    """The day that ends a fiscal year which begins on this one."""
    return _date(day.year + 1, day.month, day.day) or date(day.year + 1, 3, 1)
