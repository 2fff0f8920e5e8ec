"""Dates and periods in text. An impossible date is none; one whose day and month cannot be told apart is found, but has no value."""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from temu_assets.invoices.text_folding import fold


class DateOrder(StrEnum):
    """Which comes first in 03/04/2026. UNKNOWN: read only where one of the two is above 12."""

    DAY_FIRST = "dmy"
    MONTH_FIRST = "mdy"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class FoundDate:
    """A date at ``start`` to ``end`` of a text; ``value`` is None where it can be read two ways."""

    start: int
    end: int
    value: date | None


@dataclass(frozen=True, slots=True)
class FoundPeriod:
    """A period at ``start`` to ``end`` of a text, both days included."""

    start: int
    end: int
    first: date
    last: date


_MONTHS = (
    "januar january janvier gennaio enero januari stycznia styczen jan janv gen ene sty january",
    "februar february fevrier febbraio febrero februari lutego luty feb fev fevr febbr lut",
    "marz maerz march mars marzo maart marca marzec mar mrz mrt",
    "april avril aprile abril kwietnia kwiecien apr avr abr kwi",
    "mai may maggio mayo mei maja maj mag",
    "juni june juin giugno junio czerwca czerwiec jun giu cze",
    "juli july juillet luglio julio lipca lipiec jul juil lug lip",
    "august aout agosto augustus sierpnia sierpien augusti aug ago sie",
    "september septembre settembre septiembre setiembre wrzesnia wrzesien sep sept set sett wrz",
    "oktober october octobre ottobre octubre pazdziernika pazdziernik okt oct ott paz",
    "november novembre noviembre listopada listopad nov lis",
    "dezember december decembre dicembre diciembre grudnia grudzien dez dec dic gru",
)
MONTHS = {name: number for number, names in enumerate(_MONTHS, 1) for name in names.split()}
"""Folded names and abbreviations of months in all languages read here; none of them means two months."""

_LETTERS = "A-Za-zÀ-ɏ"
_NUMBERS = re.compile(r"(?<![\w./-])(\d{1,4})([./-]) ?(\d{1,2})\2 ?(\d{4}|\d{2})(?![\w]|[./-]\d)")
_DAY_MONTH = re.compile(
    rf"(?<![\w.,/-])(\d{{1,2}})(?:\.|er|st|nd|rd|th|º|°)?[ -]{{0,2}}(?:(?:de|di|of) )?"
    rf"([{_LETTERS}]{{3,12}})\.?,?[ -](?:de )?(\d{{4}})(?!\w)"
)
_MONTH_DAY = re.compile(rf"(?<![\w-])([{_LETTERS}]{{3,12}})\.? (\d{{1,2}})(?:st|nd|rd|th)?,? (\d{{4}})(?!\w)")
_MONTH_NAMED = re.compile(rf"([{_LETTERS}]{{3,12}})\.?[ -](?:de )?(\d{{4}})(?!\w|[./-]\d)")
_MONTH_NUMBERED = re.compile(r"(?<![\w./-])(?:(\d{1,2})[/.](\d{4})|(\d{4})-(\d{2}))(?![\w]|[./-]\d)")
_UNTIL = re.compile(r" ?(?:-|–|—|−|bis(?: zum)?|to|through|au|al|a|t/m|tot(?: en met)?|do|till|until|thru) ?", re.IGNORECASE)
_SHORT = re.compile(r"(?<![\w./-])(\d{1,2})\. ?(?:(\d{1,2})\. ?)?(?:-|–|—|bis) ?(?=(\d{1,2})\. ?(\d{1,2})\. ?(\d{4})(?!\w|[./-]\d))")
_BLANKS = re.compile(r"\s")
EARLIEST, LATEST = 1990, 2099


def find_dates(text: str, order: DateOrder = DateOrder.DAY_FIRST) -> list[FoundDate]:
    """All dates in one line, from left to right."""
    plain = _BLANKS.sub(" ", text)
    found: list[FoundDate] = []
    for match in _NUMBERS.finditer(plain):
        found += _numbers(match, order)
    for match in _DAY_MONTH.finditer(plain):
        found += _named(match, match[3], match[2], match[1])
    for match in _MONTH_DAY.finditer(plain):
        found += _named(match, match[3], match[1], match[2])
    found.sort(key=lambda each: (each.start, -each.end))
    return [each for number, each in enumerate(found) if not number or each.start >= found[number - 1].end]


def parse_date(text: str, order: DateOrder = DateOrder.DAY_FIRST) -> date | None:
    """The date a text is, nothing else beside it; None where it is none or can be read two ways."""
    stripped = text.strip()
    found = find_dates(stripped, order)
    return found[0].value if len(found) == 1 and (found[0].start, found[0].end) == (0, len(stripped)) else None


def period_at(text: str, start: int, order: DateOrder = DateOrder.DAY_FIRST) -> FoundPeriod | None:
    """The period that begins at ``start``: two dates, or a whole month. None also where its end comes before its beginning."""
    plain = _BLANKS.sub(" ", text)
    if short := _SHORT.match(plain, start):
        return _short(short)
    dates = [each for each in find_dates(plain, order) if each.start >= start]
    if dates and dates[0].start == start:
        until = _UNTIL.match(plain, dates[0].end)
        second = dates[1] if len(dates) > 1 and until and until.end() == dates[1].start else None
        if second is None or dates[0].value is None or second.value is None or second.value < dates[0].value:
            return None
        return FoundPeriod(start, second.end, dates[0].value, second.value)
    return _month(plain, start)


def _numbers(match: re.Match[str], order: DateOrder) -> list[FoundDate]:
    first, mark, second, third = match[1], match[2], int(match[3]), match[4]
    if len(first) == 4:
        return _found(match, int(first), second, int(third)) if len(third) == 2 else []
    if len(first) == 3 or (len(third) == 2 and (mark != "." or len(first) != 2 or len(match[3]) != 2)):
        return []
    year = int(third) + (2000 if len(third) == 2 else 0)
    one = int(first)
    if mark == "." or order is DateOrder.DAY_FIRST:
        return _found(match, year, second, one)
    if order is DateOrder.MONTH_FIRST:
        return _found(match, year, one, second)
    if one == second or one > 12:
        return _found(match, year, second, one)
    if second > 12:
        return _found(match, year, one, second)
    return [FoundDate(match.start(), match.end(), None)]


def _named(match: re.Match[str], year: str, month: str, day: str) -> list[FoundDate]:
    number = MONTHS.get(fold(month))
    return _found(match, int(year), number, int(day)) if number else []


def _found(match: re.Match[str], year: int, month: int, day: int) -> list[FoundDate]:
    value = _date(year, month, day)
    return [FoundDate(match.start(), match.end(), value)] if value else []


def _date(year: int, month: int, day: int) -> date | None:
    if not (EARLIEST <= year <= LATEST and 1 <= month <= 12 and 1 <= day <= calendar.monthrange(year, month)[1]):
        return None
    return date(year, month, day)


def _short(match: re.Match[str]) -> FoundPeriod | None:
    """01.01. - 31.01.2026 and 01. - 31.01.2026: both days are in the year, and the month, of the second."""
    year, month, day = int(match[5]), int(match[4]), int(match[3])
    first, last = _date(year, int(match[2] or month), int(match[1])), _date(year, month, day)
    if first is None or last is None or last < first:
        return None
    return FoundPeriod(match.start(), match.end(5), first, last)


def _month(text: str, start: int) -> FoundPeriod | None:
    if named := _MONTH_NAMED.match(text, start):
        year, month, end = int(named[2]), MONTHS.get(fold(named[1])), named.end()
    elif numbered := _MONTH_NUMBERED.match(text, start):
        year, month, end = int(numbered[2] or numbered[3]), int(numbered[1] or numbered[4]), numbered.end()
    else:
        return None
    first = _date(year, month or 0, 1)
    return FoundPeriod(start, end, first, first.replace(day=calendar.monthrange(year, first.month)[1])) if first else None
