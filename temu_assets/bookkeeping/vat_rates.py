"""VAT rates of the EU's countries by day, in percent: standard, reduced and those of parts of a country that have their own. Pure.

Northern Ireland (XI) counts as one for goods, and Greece is EL. State of the table: January 2026; sources are the countries' own laws as
the EU's database of rates lists them. Rates for a few goods and a few months (food in 2022 to 2024) are among the reduced ones.
"""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

STATE = "Januar 2026"
_ALWAYS = date(2010, 1, 1)
_LATE_INVOICE = timedelta(days=31)
_CREDIT_NOTE = timedelta(days=365)

_RATES: dict[str, tuple[tuple[date, str], ...]] = {
    "AT": ((_ALWAYS, "20 19 13 10 5"), (date(2022, 1, 1), "20 19 13 10"), (date(2026, 7, 1), "20 19 13 10 4.9")),
    "BE": ((_ALWAYS, "21 12 6"),),
    "BG": ((_ALWAYS, "20 9"),),
    "CY": ((_ALWAYS, "19 9 5"), (date(2023, 1, 1), "19 9 5 3")),
    "CZ": ((_ALWAYS, "21 15 10"), (date(2024, 1, 1), "21 12")),
    "DE": ((_ALWAYS, "19 7"), (date(2020, 7, 1), "16 5"), (date(2021, 1, 1), "19 7")),
    "DK": ((_ALWAYS, "25"),),
    "EE": (
        (_ALWAYS, "20 9 5"),
        (date(2024, 1, 1), "22 9 5"),
        (date(2025, 1, 1), "22 13 9"),
        (date(2025, 7, 1), "24 13 9"),
    ),
    "EL": ((_ALWAYS, "24 17 13 9 6 4"),),
    "ES": ((_ALWAYS, "21 10 4"), (date(2022, 7, 1), "21 10 7.5 5 4 2"), (date(2025, 1, 1), "21 10 4")),
    "FI": ((_ALWAYS, "24 14 10"), (date(2024, 9, 1), "25.5 14 10"), (date(2026, 1, 1), "25.5 13.5 10")),
    "FR": ((_ALWAYS, "20 13 10 5.5 2.1 0.9"),),
    "HR": ((_ALWAYS, "25 13 5"),),
    "HU": ((_ALWAYS, "27 18 5"),),
    "IE": ((_ALWAYS, "23 13.5 9 4.8"), (date(2020, 9, 1), "21 13.5 9 4.8"), (date(2021, 3, 1), "23 13.5 9 4.8")),
    "IT": ((_ALWAYS, "22 10 5 4"),),
    "LT": ((_ALWAYS, "21 9 5"), (date(2026, 1, 1), "21 12 5")),
    "LU": ((_ALWAYS, "17 14 8 3"), (date(2023, 1, 1), "16 13 7 3"), (date(2024, 1, 1), "17 14 8 3")),
    "LV": ((_ALWAYS, "21 12 5"),),
    "MT": ((_ALWAYS, "18 7 5"), (date(2024, 1, 1), "18 12 7 5")),
    "NL": ((_ALWAYS, "21 9"),),
    "PL": ((_ALWAYS, "23 8 7 5 4"),),
    "PT": ((_ALWAYS, "23 22 18 16 13 12 9 6 5 4"),),
    "RO": ((_ALWAYS, "19 9 5"), (date(2025, 8, 1), "21 11 9")),
    "SE": ((_ALWAYS, "25 12 6"),),
    "SI": ((_ALWAYS, "22 9.5 5"),),
    "SK": ((_ALWAYS, "20 10 5"), (date(2025, 1, 1), "23 19 5")),
    "XI": ((_ALWAYS, "20 5"),),
}

COUNTRIES = frozenset(_RATES)
"""The countries' codes as VAT ids have them."""


def rates_on(country: str, day: date) -> frozenset[Decimal]:
    """The rates in force in this country on this day, in percent; none for a country that is not in the EU."""
    found = ""
    for since, rates in _RATES.get(country, ()):
        if since <= day:
            found = rates
    return frozenset(Decimal(rate) for rate in found.split())


def is_valid(country: str, rate: Decimal, day: date, *, is_credit: bool) -> bool:
    """Whether an invoice of this day can have the rate: it may be written a month after the supply, a credit note a year after it."""
    earliest = day - (_CREDIT_NOTE if is_credit else _LATE_INVOICE)
    steps = [earliest, day, *(since for since, _ in _RATES.get(country, ()) if earliest < since < day)]
    return any(rate in rates_on(country, each) for each in steps)
