"""Amounts and rates in text. What could be read two ways is not read: its value is None."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum


class Decimals(StrEnum):
    """How a language writes "1 thousand 234": decides about three digits after one separator."""

    COMMA = "comma"
    POINT = "point"


@dataclass(frozen=True, slots=True)
class Style:
    """How amounts are written. ``blank_thousands``: 1 234,56 with a plain blank is one amount. ``crown``: what "kr" means."""

    decimals: Decimals = Decimals.COMMA
    blank_thousands: bool = False
    crown: str | None = None


@dataclass(frozen=True, slots=True)
class Amount:
    """An amount at ``start`` to ``end`` of a text, its sign and currency in it; ``value`` is None where it can be read two ways.

    ``whole``: printed without decimals. ``repaired``: a letter was read as the digit it looks like. ``rate``: a percentage, not an amount.
    """

    start: int
    end: int
    value: Decimal | None
    currency: str | None = None
    whole: bool = False
    repaired: bool = False
    rate: bool = False


_CURRENCIES = {
    "eur": "EUR", "euro": "EUR", "€": "EUR", "gbp": "GBP", "£": "GBP", "sek": "SEK", "pln": "PLN", "zł": "PLN", "zl": "PLN",
    "chf": "CHF", "sfr": "CHF", "usd": "USD", "us$": "USD", "$": "USD", "dkk": "DKK", "nok": "NOK", "czk": "CZK", "kč": "CZK",
}  # fmt: skip
CURRENCY_WORDS = frozenset({"eur", "euro", "gbp", "sek", "pln", "zl", "chf", "sfr", "usd", "us", "dkk", "nok", "czk", "kc", "kr"})
"""Currencies as folded words."""

_MARK = r"(?:EUR|Euro|€|GBP|£|SEK|PLN|zł|zl|CHF|SFr\.?|USD|US\$|\$|DKK|NOK|CZK|Kč|kr\.?)"
_GAP = "[ \u00a0\u202f\u2009]"
_BEFORE = re.compile(rf"(?<![^\W\d_])({_MARK}){_GAP}?$", re.IGNORECASE)
_AFTER = re.compile(rf"{_GAP}?({_MARK})(?![^\W\d_])", re.IGNORECASE)
_PERCENT = re.compile(rf"{_GAP}?%")
_THIN = "'’\u00a0\u202f\u2009"
_RUN = re.compile(rf"(?<![\d.,])\d{{1,3}}(?: \d{{3}})+(?:[.,]\d\d)?(?![\d.,]|[{_THIN}]\d)|\d[\d.,{_THIN}]*")
_RUN_OCR = re.compile(rf"(?<![^\W_])[\dOolI|][\dOolI|.,{_THIN}]*[.,][\dOolI|]{{2}}(?![^\W_])")
_LOOKS_LIKE = str.maketrans({"O": "0", "o": "0", "l": "1", "I": "1", "|": "1"})
_GROUPED = re.compile(rf"(\d{{1,3}}(?:(?P<group>[.,{_THIN} ])\d{{3}})(?:(?P=group)\d{{3}})*|\d{{1,12}})(?:(?P<point>[.,])(\d\d))?")
_DASHES = frozenset("-−–—")
_JOINS = frozenset("/\\_#+@")
_LONGEST = 24
"""No amount is written with more characters; longer runs of digits are something else."""


def find_amounts(text: str, style: Style, *, ocr: bool = False, bare: bool = False) -> list[Amount]:
    """All amounts and rates in one line, from left to right. A number without decimals is one only beside a currency, or if ``bare``.

    ``ocr``: a letter that looks like a digit is taken for one, and the amount marked as repaired.
    """
    found: list[Amount] = []
    taken = 0
    for run in _RUN.finditer(text):
        amount = _amount(text, run.start(), run.end(), style, taken)
        if amount is not None and (bare or amount.rate or not amount.whole or amount.currency or _AFTER.match(text, amount.end)):
            found.append(amount)
            taken = amount.end
    if ocr:
        found += [amount for amount in _repaired(text, style) if not any(_overlap(amount, other) for other in found if not other.rate)]
        found.sort(key=lambda amount: amount.start)
    return found


def parse_amount(text: str, style: Style | None = None) -> Decimal | None:
    """The amount a text is, nothing else beside it; None where it is none or can be read two ways. Brackets mean minus."""
    stripped = text.strip()
    bracketed = stripped.startswith("(") and stripped.endswith(")")
    inner = stripped[1:-1].strip() if bracketed else stripped
    found = find_amounts(inner, style or Style(blank_thousands=True), bare=True)
    if len(found) != 1 or found[0].rate or found[0].value is None or inner[: found[0].start] + inner[found[0].end :]:
        return None
    return -abs(found[0].value) if bracketed else found[0].value


def _amount(text: str, start: int, end: int, style: Style, taken: int) -> Amount | None:
    run = text[start:end].rstrip(f".,{_THIN}")
    end = start + len(run)
    is_even = _at(text, end) == "," and _at(text, end + 1) in _DASHES
    if len(run) > _LONGEST or _is_in_word(text, start, end):
        return None
    if percent := _PERCENT.match(text, end):
        return Amount(start, percent.end(), _rate(run), rate=True)
    if is_even:
        end += 3 if _at(text, end + 2) in _DASHES else 2
    value, whole, readable = _value(run, style)
    if not readable:
        return None
    minus = start - 1 if start - 1 >= taken and _at(text, start - 1) in _DASHES else start
    before = _BEFORE.search(text, max(taken, start - 6), minus)
    is_behind = not is_even and _at(text, end) in _DASHES and _at(text, end + 1) not in _DASHES
    after = None if before else _AFTER.match(text, end + 1 if is_behind else end)
    mark = before or after
    first, last = (before.start() if before else minus), (after.end() if after else end)
    if _is_in_name(text, start, minus, first):
        return None
    sign, first, last = _sign(text, minus < start or (is_behind and after is not None), start, first, last, taken)
    read = None if value is None or sign == 0 else value * sign
    return Amount(first, last, read, _currency(mark[1], style) if mark else None, whole=whole and not is_even)


def _at(text: str, index: int) -> str:
    return text[index] if 0 <= index < len(text) else ""


def _is_in_word(text: str, start: int, end: int) -> bool:
    """Whether the digits belong to a longer word, a path or a date."""
    before, after = _at(text, start - 1), _at(text, end)
    if after in _JOINS or (after in _DASHES and _at(text, end + 1).isalnum()):
        return True
    if before in _JOINS or before == "." or (before.isalpha() and not _BEFORE.search(text, max(0, start - 6), start)):
        return True
    if before == ":" and _at(text, start - 2).isdigit():
        return True
    return after.isalpha() and not _AFTER.match(text, end)


def _is_in_name(text: str, start: int, minus: int, first: int) -> bool:
    """Whether what looks like a minus joins the digits to a word: RE-12,50."""
    dash = minus if minus < start else first - 1
    return _at(text, dash) in _DASHES and _at(text, dash - 1).isalnum() and first >= dash


def _sign(text: str, signed: bool, start: int, first: int, last: int, taken: int) -> tuple[int, int, int]:  # noqa: FBT001
    """1, -1, or 0 where a dash may be a minus or not; and where the amount begins and ends with it."""
    if signed:
        return -1, first, last
    if first - 1 >= taken and _at(text, first - 1) in _DASHES:
        return -1, first - 1, last
    if _at(text, last) in _DASHES:
        return -1, first, last + 1
    apart = _at(text, first - 1) == " " and _at(text, first - 2) in _DASHES and first - 2 >= taken
    is_lone = apart and _at(text, first - 3) not in _DASHES
    is_inside = _at(text, start - 1) == " " and _at(text, start - 2) in _DASHES and start - 2 > first
    is_behind = _at(text, last) == " " and _at(text, last + 1) in _DASHES and _at(text, last + 2) in {"", " "}
    return (0 if is_lone or is_inside or is_behind else 1), first, last


def _value(run: str, style: Style) -> tuple[Decimal | None, bool, bool]:
    """The value (None: two ways to read it), whether it has no decimals, and whether it is an amount at all."""
    match = _GROUPED.fullmatch(run)
    if match is None:
        return None, False, False
    whole, group, point, cents = match[1], match["group"], match["point"], match[4]
    if group is not None and group == point:
        return None, False, False
    digits = re.sub(r"\D", "", whole)
    if len(digits) > 1 and digits.startswith("0"):
        return None, False, False
    if group == " " and not style.blank_thousands:
        return None, False, True
    if point is not None:
        return Decimal(f"{digits}.{cents}"), False, True
    if group in {".", ","} and whole.count(group) == 1 and (group == ".") != (style.decimals is Decimals.COMMA):
        return None, True, True
    return Decimal(f"{digits}.00"), True, True


def _rate(run: str) -> Decimal | None:
    return Decimal(run.replace(",", ".")) if re.fullmatch(r"\d{1,2}(?:[.,]\d{1,2})?", run) else None


def _currency(mark: str, style: Style) -> str | None:
    spelled = mark.casefold().rstrip(".")
    return style.crown if spelled == "kr" else _CURRENCIES.get(spelled)


def _repaired(text: str, style: Style) -> list[Amount]:
    found = []
    for run in _RUN_OCR.finditer(text):
        plain = run[0].translate(_LOOKS_LIKE)
        if plain != run[0] and len(plain) <= _LONGEST:
            value, _, readable = _value(plain, style)
            if readable and value is not None:
                after = _AFTER.match(text, run.end())
                currency = _currency(after[1], style) if after else None
                found.append(Amount(run.start(), after.end() if after else run.end(), value, currency, repaired=True))
    return found


def _overlap(one: Amount, other: Amount) -> bool:
    return one.start < other.end and other.start < one.end
