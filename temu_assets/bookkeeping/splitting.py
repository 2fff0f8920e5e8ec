"""One DATEV file split into several, by month or by marketplace: every booking in exactly one part, spelled as it was. Pure."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from temu_assets.bookkeeping.columns import H_FROM, H_TITLE, H_UNTIL, LONGEST_TITLE
from temu_assets.bookkeeping.extf import ExtfFile, Row
from temu_assets.bookkeeping.finding_log import FindingLog
from temu_assets.bookkeeping.findings import Severity
from temu_assets.bookkeeping.header import Header
from temu_assets.bookkeeping.marketplaces import displayed
from temu_assets.office_settings import Split

NO_DAY, NO_MARKETPLACE = "ohne_datum", "sonstige"
_LAST = (NO_DAY, NO_MARKETPLACE)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a booking belongs: its document date, None where it is none, and its marketplace, empty where it has none."""

    day: date | None
    marketplace: str


def split(
    file: ExtfFile, header: Header, name: str, places: Sequence[Place | None], by: Split, log: FindingLog
) -> list[tuple[str, ExtfFile]]:
    """The parts with their names; one part only is the file as it is. ``places``: of each row, None for a blank one."""
    if by is Split.NONE:
        return [(name, file)]
    parts: dict[str, list[Row]] = {}
    for row, place in zip(file.rows, places, strict=True):
        if place is not None:
            parts.setdefault(_part(place, by), []).append(row)
    if len(parts) < 2:
        return [(name, file)]
    lone = next((row.line for row in file.rows if row.has_open_quote), 0)
    if lone:
        # Which lines belong together hangs on their order then.
        hint = "Ein Anführungszeichen ohne Partner: Die Datei wird nicht geteilt. Bitte neu exportieren."
        log.warning("R21", lone, 0, "", hint)
        return [(name, file)]
    if NO_DAY in parts and by is Split.MONTH:
        count = len(parts[NO_DAY])
        bookings = "Eine Buchung ohne gültiges Belegdatum steht" if count == 1 else f"{count} Buchungen ohne gültiges Belegdatum stehen"
        hint = f"{bookings} in einem eigenen Teil ({NO_DAY})."
        log.of_file("R04", Severity.WARNING, str(count), hint)
    end = file.usual_end
    return [
        (_named(name, part), replace(file, header=_header(file, header, part, by), rows=[_ended(row, end) for row in parts[part]]))
        for part in sorted(parts, key=lambda part: (part in _LAST, part))
    ]


def _part(place: Place, by: Split) -> str:
    if by is Split.MONTH:
        return f"{place.day:%Y%m}" if place.day is not None else NO_DAY
    return place.marketplace or NO_MARKETPLACE


def _named(name: str, part: str) -> str:
    stem, dot, ending = name.rpartition(".")
    return f"{stem}_{part}.{ending}" if dot and ending.casefold() == "csv" else f"{name}_{part}.csv"


def _ended(row: Row, end: str) -> Row:
    return row if row.end else replace(row, end=end)


def _header(file: ExtfFile, header: Header, part: str, by: Split) -> Row:
    """The header of a part: a title of its own, so that the parts can be told apart, and for a month its period."""
    suffix = f" {displayed(part) if by is Split.MARKETPLACE else part.replace('_', ' ')}"
    new = {H_TITLE: f"{header.value(H_TITLE)[: LONGEST_TITLE - len(suffix)].rstrip()}{suffix}".strip()}
    if by is Split.MONTH and part != NO_DAY:
        first = date(int(part[:4]), int(part[4:]), 1)
        last = first.replace(day=monthrange(first.year, first.month)[1])
        if header.first_day is not None and header.last_day is not None and header.first_day <= last and first <= header.last_day:
            first, last = max(first, header.first_day), min(last, header.last_day)
        new |= {H_FROM: f"{first:%Y%m%d}", H_UNTIL: f"{last:%Y%m%d}"}
    return file.header.with_values(new, quotes_text=file.quotes_text)
