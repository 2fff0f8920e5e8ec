"""What one source (the XML, the text of the pages, OCR) says about an invoice. Amounts as printed: a credit note's are positive here."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum


class Lane(StrEnum):
    """The folder a document is dropped into."""

    INVOICES = "rechnungen"
    ADVERTISING = "werbung"


class Kind(StrEnum):
    """What a document is. The value is what our database and the Excel file say."""

    INVOICE = "Rechnung"
    CREDIT_NOTE = "Gutschrift"
    ADVERTISING = "Werberechnung"
    ADVERTISING_CREDIT = "Werbegutschrift"
    OTHER = "Sonstiges"


class Source(StrEnum):
    """Where values come from."""

    XML = "XML"
    TEXT = "Text"
    OCR = "OCR"


@dataclass(frozen=True, slots=True)
class TaxGroup:
    """Net and tax of one rate (percent; None where it is not told); ``category`` is EN 16931's code (S, Z, E, AE, K, G, O) or empty."""

    rate: Decimal | None
    net: Decimal | None
    tax: Decimal | None
    category: str = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """The values one source shows; None or empty where it shows none. Nothing here is ever calculated or guessed.

    ``profile``: the standard ("Factur-X EN 16931", "ZUGFeRD 1.0", "XRechnung UBL") or the id of the issuer's profile.
    ``lane``: where such a document belongs, where the profile knows. ``doubts``: German sentences; each sends the document to a person.
    ``places``: by the name of a field below, where its value stood ("BT-112", "Seite 1: Gesamtbetrag").
    ``has_parties``: names and addresses of both sides were seen; None where the source cannot tell.
    ``tax_number``: the issuer's tax number, where it has no VAT id.
    """

    source: Source
    profile: str
    kind: Kind | None = None
    issuer: str | None = None
    issuer_vat_id: str | None = None
    tax_number: str | None = None
    buyer: str | None = None
    buyer_vat_id: str | None = None
    number: str | None = None
    issued_on: date | None = None
    period_from: date | None = None
    period_to: date | None = None
    due_on: date | None = None
    country: str | None = None
    currency: str | None = None
    net: Decimal | None = None
    tax: Decimal | None = None
    gross: Decimal | None = None
    prepaid: Decimal | None = None
    payable: Decimal | None = None
    tax_groups: tuple[TaxGroup, ...] = ()
    lines_net: Decimal | None = None
    allowances: Decimal | None = None
    charges: Decimal | None = None
    reverse_charge: bool | None = None
    iban: str | None = None
    order_refs: tuple[str, ...] = ()
    lane: Lane | None = None
    mentions_advertising: bool = False
    has_parties: bool | None = None
    places: dict[str, str] = field(default_factory=dict)
    doubts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Word:
    """A run of text on a page; in points from the left and from the top, ``height`` in points."""

    text: str
    left: float
    right: float
    top: float
    height: float


@dataclass(frozen=True, slots=True)
class Page:
    """One page: its number (from 1), its words in reading order by line, and its size in points.

    ``turns``: quarters with the clock between the page as it lies in the file and as it is read. ``is_recognised``: the text was put
    without paint behind the picture of a scan, by a scanner's own OCR.
    """

    number: int
    lines: tuple[tuple[Word, ...], ...]
    width: float
    height: float
    turns: int = 0
    is_recognised: bool = False

    @property
    def texts(self) -> list[str]:
        """The lines as text; a wide gap between two words (another column) is two blanks or more."""
        return [_joined(line) for line in self.lines]


def _joined(line: tuple[Word, ...]) -> str:
    parts = []
    for number, word in enumerate(line):
        if number:
            gap = word.left - line[number - 1].right
            parts.append("  " if gap > 1.2 * max(word.height, 6.0) else " " if gap > 0.12 * word.height else "")
        parts.append(word.text)
    return "".join(parts).strip()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What reading one file gave: its readings, the best source first, or why there is none (a German sentence for a person).

    ``seen``: which of number, issued_on and gross of the XML stand on the pages too; None where there is nothing to compare.
    """

    readings: tuple[Reading, ...] = ()
    failure: str | None = None
    pages: int | None = None
    notes: tuple[str, ...] = ()
    seen: frozenset[str] | None = None
