"""What is found, changed and missing in a DATEV file, as reports tell it. Lines count as an editor does: the header is line 1.

Messages are German: the tax adviser reads them.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum


class Severity(StrEnum):
    """Errors DATEV refuses or that make the books wrong; warnings somebody should look at; mere information."""

    ERROR = "Fehler"
    WARNING = "Warnung"
    INFO = "Hinweis"


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding. ``code`` as in fact sheet backoffice 4.3 (H, R, C) or a TEMU guard's (T01, T02); ``hint``: what to do.

    ``line``: 1 is the header, 2 the names of the columns, 3 the first booking; 0 the file as a whole. ``column``: DATEV's name of it.
    """

    code: str
    severity: Severity
    file: str
    line: int
    column: str
    value: str
    hint: str


@dataclass(frozen=True, slots=True)
class Change:
    """One field that was changed: by which correction, where, and from what to what."""

    code: str
    file: str
    line: int
    column: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class NotFound:
    """An order number for which JTL has no (or no single) value; the field was left as it is."""

    file: str
    line: int
    order_number: str
    reason: str


@dataclass(frozen=True, slots=True)
class Sums:
    """Rows and exact totals in EUR: of Soll and of Haben."""

    rows: int
    debit: Decimal
    credit: Decimal


@dataclass(frozen=True, slots=True)
class TotalsRow:
    """Sum of one group: by month, by debtor, by contra account with key, country and rate, by marketplace."""

    group: str
    name: str
    rows: int
    debit: Decimal
    credit: Decimal


@dataclass(frozen=True, slots=True)
class Document:
    """One document (invoice, credit note) of a file: rows with the same number, order and side, taken together."""

    number: str
    order_number: str
    side: str
    marketplace: str
    amount: Decimal
    first_line: int


@dataclass(frozen=True, slots=True)
class Output:
    """A file to write: name without folder, and content."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Processed:
    """A file after its checks and corrections. ``withheld``: why no output is written; empty: outputs are."""

    file: str
    header: tuple[tuple[str, str], ...]
    outputs: tuple[Output, ...]
    withheld: str
    findings: tuple[Finding, ...]
    changes: tuple[Change, ...]
    not_found: tuple[NotFound, ...]
    before: Sums
    after: Sums
    totals: tuple[TotalsRow, ...]
    documents: tuple[Document, ...]
    marked_rows: int
