"""DATEV files (EXTF, Buchungsstapel) read and written by position, so that what is not changed comes back byte for byte.

A booking is kept as the text it came as and split only where it is looked at; no type is guessed, nothing is spelled anew but a field
that is changed, in the file's own style.
"""

from __future__ import annotations

import codecs
import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from temu_assets.bookkeeping.columns import COLUMNS, FEWEST_COLUMNS


class NotExtf(Exception):  # noqa: N818 — an answer about a file, not a fault of the program
    """The file is none that can be processed. ``why``: a German sentence that says what is wrong with it and what to do."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class Encoding(StrEnum):
    """How the text of a file is written. DATEV takes Windows-1252 on every route, UTF-8 with its mark on some."""

    CP1252 = "Windows-1252"
    UTF8 = "UTF-8"
    UTF8_BOM = "UTF-8 mit BOM"
    CP1252_BOM = "Windows-1252 mit BOM"
    """The mark of UTF-8 before a text that is none."""


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the file as it came. ``line``: where it begins, as an editor counts; ``end``: its line end, empty at a file's end."""

    raw: str
    end: str
    line: int

    @property
    def is_blank(self) -> bool:
        """Whether it holds nothing at all."""
        return not self.raw.strip(_NOTHING)

    @property
    def has_open_quote(self) -> bool:
        """Whether a text begins with a quote and does not end with one, so that nobody can tell for certain where the fields end."""
        return self.raw.count('"') % 2 == 1 and _open_quote(self.raw) is not None

    def fields(self) -> list[str]:
        """Its fields as they are written, with their quotes."""
        raw = self.raw
        if '"' not in raw or _SIMPLE.fullmatch(raw):
            return raw.split(";")
        return list(_scan(raw))

    def values(self) -> list[str]:
        """What its fields say; the first is position 1."""
        raw = self.raw
        if '"' not in raw:
            return raw.split(";")
        if _SIMPLE.fullmatch(raw):
            return raw.replace('"', "").split(";")
        return [_value(field) for field in _scan(raw)]

    def with_values(self, new: Mapping[int, str], *, quotes_text: bool) -> Row:
        """The row with other values at these positions, every other field as it came. A row that is too short gets separators, no more.

        Raises ValueError where stray quotes make that impossible.
        """
        fields = self.fields()
        fields += [""] * (max(new, default=0) - len(fields))
        for position, value in new.items():
            fields[position - 1] = _spell(value, fields[position - 1], quote_empty=quotes_text and position in TEXT_POSITIONS)
        row = Row(";".join(fields), self.end, self.line)
        # Where every quote of a row has its place, new fields cannot move any other.
        if not _SIMPLE.fullmatch(row.raw) and row.fields() != fields:
            raise ValueError(self.line)
        return row


@dataclass(frozen=True, slots=True)
class ExtfFile:
    """A file taken apart. ``rows``: every line after the names of the columns, blank ones among them."""

    encoding: Encoding
    header: Row
    column_names: Row
    rows: Sequence[Row]
    width: int
    """How many columns are named."""
    quotes_text: bool
    """Whether text stands in quotes in this file."""

    @property
    def bookings(self) -> Iterator[Row]:
        """The rows that are bookings."""
        return (row for row in self.rows if not row.is_blank)

    @property
    def usual_end(self) -> str:
        """The line end most lines have."""
        ends = Counter(row.end for row in (self.header, self.column_names, *self.rows) if row.end)
        return ends.most_common(1)[0][0] if ends else "\r\n"


TEXT_POSITIONS = frozenset(column.position for column in COLUMNS if column.is_text)

_BOM = codecs.BOM_UTF8
_NOTHING = ' \t\r\n;"\x1a\xa0\ufeff'
_TABLE = "".join(bytes([each]).decode("cp1252", "ignore") or chr(each) for each in range(256))
"""Windows-1252, its five undefined bytes as the control characters they are in Latin-1, so that every file survives."""
_ENCODING_MAP = codecs.charmap_build(_TABLE)

_QUOTED = re.compile(r'"[^"]*+(?:""[^"]*+)*+"(?=;|\Z)')
_FIELD = re.compile(_QUOTED.pattern + r"|[^;]*+")
_SIMPLE = re.compile(r'(?:(?:"[^";]*+"|[^";]*+);)*+(?:"[^";]*+"|[^";]*+)')
"""A row in which every semicolon separates, and every quote is the first or last character of its field."""
_BOOKING = re.compile(r'"?[-+]?\d[\d.]*(?:,\d+)?"?;"?[SH]"?;', re.IGNORECASE)
"""How a booking begins."""
_MOST_LINES = 20
"""So many lines a text with line breaks may have; a quote that is not closed by then is a lone one."""
_STYLE_ROWS = 200

_CATEGORIES = {
    "16": "Debitoren/Kreditoren", "20": "Kontenbeschriftungen", "46": "Zahlungsbedingungen", "48": "Diverse Adressen",
    "65": "Wiederkehrende Buchungen",
}  # fmt: skip
_EXPORT_AGAIN = "Bitte den Buchungsstapel aus JTL2DATEV oder JTL-Ameise neu exportieren und die Datei nicht in Excel speichern."


def parse(content: bytes) -> ExtfFile:
    """Take a file apart. Raises NotExtf for what is no Buchungsstapel, or cannot be read as one."""
    _require_text(content)
    encoding, text = _decode(content)
    lines = _lines(text)
    del text
    header = Row(*lines[0], line=1)
    _require_buchungsstapel(header)
    if len(lines) < 2:
        raise NotExtf(f"Die Datei hat nur die Kopfzeile; die Zeile mit den Spaltennamen fehlt. {_EXPORT_AGAIN}")
    names = Row(*lines[1], line=2)
    _require_columns(names)
    rows = list(_rows(lines))
    return ExtfFile(encoding, header, names, rows, _width(names), _quotes_text(rows, names))


def to_bytes(file: ExtfFile) -> bytes:
    """The file as it is written; byte for byte what ``parse`` was given, where nothing was changed."""
    pieces = [_BOM if file.encoding in (Encoding.UTF8_BOM, Encoding.CP1252_BOM) else b""]
    lines = [file.header, file.column_names, *file.rows]
    for start in range(0, len(lines), 1000):
        text = "".join([part for row in lines[start : start + 1000] for part in (row.raw, row.end)])
        if file.encoding in (Encoding.UTF8, Encoding.UTF8_BOM):
            pieces.append(text.encode())
        else:
            pieces.append(codecs.charmap_encode(text, "strict", _ENCODING_MAP)[0])
    return b"".join(pieces)


def _require_text(content: bytes) -> None:
    if not content.strip():
        raise NotExtf("Die Datei ist leer. Bitte den Export wiederholen.")
    if content.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        raise NotExtf(f"Das ist eine Excel-Datei (XLSX) oder ein ZIP mit der Endung .csv. {_EXPORT_AGAIN}")
    if content.startswith(b"\xd0\xcf\x11\xe0"):
        raise NotExtf(f"Das ist eine Excel-Datei (XLS) mit der Endung .csv. {_EXPORT_AGAIN}")
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or b"E\0X\0T\0F" in content[:20]:
        raise NotExtf(f"Die Datei ist mit Excel als Unicode (UTF-16) gespeichert, das DATEV nicht liest. {_EXPORT_AGAIN}")
    if b"\0" in content:
        raise NotExtf(f"Die Datei enthält Nullbytes: Sie ist beschädigt oder mit Excel als Unicode gespeichert. {_EXPORT_AGAIN}")


def _decode(content: bytes) -> tuple[Encoding, str]:
    has_bom = content.startswith(_BOM)
    body = content[len(_BOM) :] if has_bom else content
    if has_bom or not body.isascii():
        try:
            return (Encoding.UTF8_BOM if has_bom else Encoding.UTF8), body.decode()
        except UnicodeDecodeError:
            pass
    return (Encoding.CP1252_BOM if has_bom else Encoding.CP1252), codecs.charmap_decode(body, "strict", _TABLE)[0]


def _lines(text: str) -> list[tuple[str, str]]:
    """Lines and their ends. A carriage return counts as an end only before a line feed, or where there is no line feed at all."""
    feed = "\n" if "\n" in text else "\r"
    lines: list[Any] = text.split(feed)
    last = len(lines) - 1
    # In place, so that a large file is not in memory once more.
    for number, part in enumerate(lines):
        raw = part.rstrip("\r")
        end = part[len(raw) :] + (feed if number < last else "")
        lines[number] = (raw, sys.intern(end))
    if lines[last] == ("", ""):
        lines.pop()
    return lines


def _rows(lines: Sequence[tuple[str, str]]) -> Iterator[Row]:
    """Bookings from the third line on; lines are put together where a text in quotes runs over their ends."""
    number = 2
    while number < len(lines):
        raw, end = lines[number]
        more = _continued(lines, number) if raw.count('"') % 2 else 0
        if more:
            joined = "".join(part for line in lines[number : number + more] for part in line)
            raw, end = joined + lines[number + more][0], lines[number + more][1]
        yield Row(raw, end, number + 1)
        number += more + 1


def _continued(lines: Sequence[tuple[str, str]], number: int) -> int:
    """How many of the following lines belong to a text that begins here; 0 where the quote is a lone one."""
    text = lines[number][0]
    begins = _open_quote(text)
    if begins is None:
        return 0
    text += lines[number][1]
    for more in range(1, min(_MOST_LINES, len(lines) - number)):
        raw, end = lines[number + more]
        if _BOOKING.match(raw):
            return 0
        text += raw
        if text.count('"') % 2 == 0 and _QUOTED.match(text, begins):
            return more
        text += end
    return 0


def _open_quote(raw: str) -> int | None:
    """Where the first field is that begins with a quote and does not end with its partner."""
    return next((start for start, field in _places(raw) if field[:1] == '"' and not _QUOTED.fullmatch(field)), None)


def _places(raw: str) -> Iterator[tuple[int, str]]:
    position = 0
    while True:
        match = _FIELD.match(raw, position)
        field = match[0] if match else ""
        yield position, field
        position += len(field) + 1
        if position > len(raw):
            return


def _scan(raw: str) -> Iterable[str]:
    return (field for _, field in _places(raw))


def _value(field: str) -> str:
    if len(field) > 1 and field[0] == field[-1] == '"':
        return field[1:-1].replace('""', '"')
    return field


def _spell(value: str, before: str, *, quote_empty: bool) -> str:
    was_quoted = len(before) > 1 and before[0] == before[-1] == '"'
    if was_quoted or (not before and quote_empty) or any(each in value for each in ';"\r\n'):
        return '"' + value.replace('"', '""') + '"'
    return value


def _width(names: Row) -> int:
    return max((position for position, name in enumerate(names.values(), 1) if name.strip()), default=0)


def _quotes_text(rows: Sequence[Row], names: Row) -> bool:
    """Whether most texts stand in quotes; where there is no text, whether the names of the columns do."""
    quoted = plain = 0
    for row in rows[:_STYLE_ROWS]:
        for position, field in enumerate(row.fields(), 1):
            if position in TEXT_POSITIONS and field:
                quoted += field[0] == '"'
                plain += field[0] != '"'
    return quoted > plain if quoted or plain else names.raw.startswith('"')


def _require_buchungsstapel(header: Row) -> None:
    values = [value.strip() for value in header.values()]
    kind = values[0].lstrip("\ufeff")
    if kind not in ("EXTF", "DTVF"):
        if kind.startswith(("EXTF,", "DTVF,", "EXTF\t", "DTVF\t")):
            raise NotExtf(f"Die Felder sind nicht durch Semikolon getrennt; so liest DATEV die Datei nicht. {_EXPORT_AGAIN}")
        raise NotExtf(f"Das ist keine DATEV-Datei: Sie beginnt nicht mit EXTF oder DTVF. {_EXPORT_AGAIN}")
    version, category = [*values, "", "", ""][1:3]
    if category != "21":
        known = _CATEGORIES.get(category)
        told = f"„{known}“ (Formatkategorie {category})" if known else f"Formatkategorie „{category[:20]}“"
        raise NotExtf(f"Die Datei enthält {told}; verarbeitet werden Buchungsstapel (21). Bitte den richtigen Export wählen.")
    if version not in ("700", "510"):
        raise NotExtf(f"Die Versionsnummer „{version[:20]}“ im Kopf ist unbekannt; DATEV liest 700. {_EXPORT_AGAIN}")


def _require_columns(names: Row) -> None:
    if _BOOKING.match(names.raw):
        raise NotExtf(f"Die Zeile mit den Spaltennamen fehlt: Auf die Kopfzeile folgt gleich eine Buchung. {_EXPORT_AGAIN}")
    if names.is_blank:
        raise NotExtf(f"Die zweite Zeile ist leer; dort stehen in DATEV-Dateien die Spaltennamen. {_EXPORT_AGAIN}")
    count = len(names.fields())
    if count < FEWEST_COLUMNS:
        raise NotExtf(f"Die Datei hat nur {count} Spalten; ein Buchungsstapel hat mindestens {FEWEST_COLUMNS}. {_EXPORT_AGAIN}")
