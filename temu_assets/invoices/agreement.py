"""Which values of an e-invoice stand on its pages as well, in whatever way they are written there."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from temu_assets.invoices.reading import Page, Reading

_MONTHS = (
    ("jan",), ("feb", "fév"), ("mär", "mar", "mrz"), ("apr", "avr"), ("mai", "may", "mag", "mei"), ("jun", "juin", "giu"),
    ("jul", "juil", "lug"), ("aug", "aoû", "ago"), ("sep", "set"), ("okt", "oct", "ott", "paź"), ("nov", "lis"),
    ("dez", "dec", "déc", "dic", "gru"),
)  # fmt: skip


def on_the_pages(reading: Reading, pages: Sequence[Page]) -> frozenset[str] | None:
    """Those of number, issued_on and gross that the pages show; None where the pages have no text."""
    text = "\n".join(line for page in pages for line in page.texts)
    if not text.strip():
        return None
    seen = set()
    if reading.number and _squeezed(reading.number) in _squeezed(text):
        seen.add("number")
    if reading.gross is not None and _shows_amount(text, reading.gross):
        seen.add("gross")
    if reading.issued_on is not None and _shows_day(text, reading.issued_on):
        seen.add("issued_on")
    return frozenset(seen)


def _squeezed(text: str) -> str:
    return re.sub(r"\s+", "", text).casefold()


def _shows_amount(text: str, amount: Decimal) -> bool:
    """With any marks for thousands and decimals; zero cents may be left out."""
    whole, cents = divmod(abs(int((amount * 100).to_integral_value())), 100)
    groups = f"{whole:,}".split(",")
    digits = r"[.,'’\s]?".join(groups)
    tail = rf"[.,]{cents:02}" if cents else r"(?:[.,](?:00|-+|–|—))?"
    return re.search(rf"(?<![\d.,]){digits}{tail}(?!\d|[.,]\d)", text) is not None


def _shows_day(text: str, day: date) -> bool:
    d, m, y, short = rf"0?{day.day}", rf"0?{day.month}", f"{day.year}", f"{day.year % 100:02}"
    names = "|".join(_MONTHS[day.month - 1])
    forms = (
        rf"{d}[./-]\s?{m}[./-]\s?(?:{y}|{short})", rf"{m}/{d}/(?:{y}|{short})", rf"{y}[-/.]?{m}[-/.]?{d}",
        rf"{d}\.?\s(?:de\s)?(?:{names})\w*\.?,?\s(?:de\s)?{y}",
        rf"(?:{names})\w*\.?\s{d}(?:st|nd|rd|th)?,?\s{y}", rf"{d}-(?:{names})\w*-{y}",
    )  # fmt: skip
    return any(re.search(rf"(?<!\d){form}(?!\d)", text, re.IGNORECASE) for form in forms)
