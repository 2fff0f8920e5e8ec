"""One booking as the checks look at it. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from temu_assets.bookkeeping.columns import ACCOUNT, AMOUNT, COLUMNS, CONTRA, DAY, DOCUMENT_1, KEY, LOCK, SIDE, TEXT
from temu_assets.bookkeeping.origin import Origin

_COUNT = len(COLUMNS)


@dataclass(slots=True)
class Booking:
    """A booking: where it stands, the values of all columns (at least 125; empty where the row is shorter), and what it is about.

    ``filled``: positions that are not empty, with their values; ``day``: the document date, None where it is none.
    """

    line: int
    values: Sequence[str]
    filled: Sequence[tuple[int, str]]
    day: date | None
    origin: Origin

    def at(self, position: int) -> str:
        """The value of a column."""
        return self.values[position - 1]

    @property
    def amount(self) -> str:
        """Umsatz."""
        return self.values[AMOUNT - 1]

    @property
    def side(self) -> str:
        """Soll/Haben-Kennzeichen."""
        return self.values[SIDE - 1]

    @property
    def account(self) -> str:
        """Konto."""
        return self.values[ACCOUNT - 1]

    @property
    def contra(self) -> str:
        """Gegenkonto."""
        return self.values[CONTRA - 1]

    @property
    def key(self) -> str:
        """BU-Schlüssel, without zeros in front."""
        return self.values[KEY - 1].lstrip("0")

    @property
    def day_text(self) -> str:
        """Belegdatum as it is written."""
        return self.values[DAY - 1]

    @property
    def document(self) -> str:
        """Belegfeld 1."""
        return self.values[DOCUMENT_1 - 1]

    @property
    def text(self) -> str:
        """Buchungstext."""
        return self.values[TEXT - 1]

    @property
    def lock(self) -> str:
        """Festschreibung."""
        return self.values[LOCK - 1]


def booking(line: int, values: list[str], day: date | None, origin: Origin) -> Booking:
    """A booking from the values of a row."""
    if len(values) < _COUNT:
        values = values + [""] * (_COUNT - len(values))
    return Booking(line, values, [(position, value) for position, value in enumerate(values, 1) if value], day, origin)
