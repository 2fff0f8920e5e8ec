"""DATEV files as programs write them: invented bookings in every style of quoting, encoding, line end and width."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum

from temu_assets.bookkeeping.columns import COLUMNS

NAME = "EXTF_Buchungsstapel_Belege_202601.csv"
TEXT = frozenset(column.position for column in COLUMNS if column.is_text)
TEXT_HEADER = frozenset({1, 4, 8, 9, 10, 17, 18, 22, 24, 27, 30, 31})

AMAZON, AMAZON_2 = "028-1234567-7654321", "302-0000001-0000002"
TEMU, TEMU_2 = "PO-076-00000000000000001", "PO-076-00000000000000002"
EBAY = "12-34567-89012"

HEADER = {
    1: "EXTF", 2: "700", 3: "21", 4: "Buchungsstapel", 5: "13", 6: "20260203101112345", 8: "JE", 9: "JERA2DATEV", 11: "29098", 12: "55003",
    13: "20260101", 14: "7", 15: "20260101", 16: "20260131", 17: "Belege 2026/01", 19: "1", 20: "0", 21: "0", 22: "EUR", 27: "04",
}  # fmt: skip


class Quoting(Enum):
    """Quotes as DATEV wants them (around texts, also empty ones), nowhere, everywhere, or as it comes."""

    SPEC = "spec"
    NONE = "none"
    ALL = "all"
    MIXED = "mixed"


@dataclass(frozen=True)
class Style:
    """How a program writes. ``padding``: empty fields Excel leaves behind the header; ``closed``: the last line has a line end."""

    encoding: str = "cp1252"
    end: str = "\r\n"
    quoting: Quoting = Quoting.SPEC
    columns: int = 125
    padding: int = 0
    closed: bool = True


SPEC = Style()
"""As DATEV wants it."""
JERA = Style(quoting=Quoting.NONE, columns=124)
"""As JTL2DATEV writes."""


@dataclass(frozen=True)
class Booking:
    """One booking: what every booking has, and ``more`` by position."""

    amount: str = "119,00"
    side: str = "S"
    account: str = "10000000"
    contra: str = "4400000"
    key: str = ""
    day: str = "0201"
    document: str = AMAZON
    text: str = "RE-2026-0001 Mustermann"
    lock: str = "0"
    more: Mapping[int, str] = field(default_factory=dict)

    def values(self, columns: int) -> list[str]:
        """Its fields, as many as there are columns."""
        given = {
            1: self.amount, 2: self.side, 3: "EUR", 7: self.account, 8: self.contra, 9: self.key, 10: self.day, 11: self.document,
            14: self.text, 114: self.lock, **self.more,
        }  # fmt: skip
        return [given.get(position, "") for position in range(1, columns + 1)]


def extf(bookings: Sequence[Booking | str] = (Booking(),), style: Style = SPEC, header: Mapping[int, str] | None = None) -> bytes:
    """The file. A booking given as text is a line as it is, without its end; ``header``: fields that are other than usual."""
    head = {**HEADER, 5: _VERSIONS.get(style.columns, "13"), **(header or {})}
    lines = [
        line([head.get(position, "") for position in range(1, 32)], style, TEXT_HEADER) + ";" * style.padding,
        line([column.name for column in COLUMNS[: style.columns]], style, frozenset()),
        *(each if isinstance(each, str) else line(each.values(style.columns), style, TEXT) for each in bookings),
    ]
    text = style.end.join(lines) + (style.end if style.closed else "")
    return text.encode(style.encoding)


def line(values: Sequence[str], style: Style, text: frozenset[int]) -> str:
    """One line, without its end."""
    return ";".join(_spelled(value, position, style.quoting, position in text) for position, value in enumerate(values, 1))


_VERSIONS = {116: "7", 120: "9", 122: "11", 124: "12", 125: "13"}


def _spelled(value: str, position: int, quoting: Quoting, is_text: bool) -> str:
    wants = {
        Quoting.SPEC: is_text,
        Quoting.NONE: False,
        Quoting.ALL: True,
        Quoting.MIXED: is_text and bool(value) and position % 3 != 0,
    }[quoting]
    return '"' + value.replace('"', '""') + '"' if wants or '"' in value or ";" in value else value
