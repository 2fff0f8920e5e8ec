"""R16: a booking that stands in a file twice. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from temu_assets.bookkeeping.columns import ACCOUNT, AMOUNT, CONTRA, DAY, DOCUMENT_1, SIDE, TEXT
from temu_assets.bookkeeping.extf import Row
from temu_assets.bookkeeping.finding_log import FindingLog

_KEY = tuple(position - 1 for position in (AMOUNT, SIDE, ACCOUNT, CONTRA, DAY, DOCUMENT_1, TEXT))


@dataclass(slots=True)
class Duplicates:
    """Bookings seen so far, by the hash of what they say: the texts themselves would take as much memory as the file."""

    log: FindingLog
    _seen: dict[int, Row] = field(default_factory=dict)

    def check(self, row: Row, values: Sequence[str]) -> None:
        """Tell of a booking with the amount, side, accounts, date, Belegfeld 1 and text of an earlier one."""
        if len(values) <= _KEY[-1]:
            return
        key = tuple(values[index] for index in _KEY)
        first = self._seen.setdefault(hash(key), row)
        if first is row:
            return
        others = first.values()
        if tuple(others[index] for index in _KEY) == key:
            hint = (
                f"Dieselbe Buchung steht schon in Zeile {first.line} (Betrag, Konten, Datum, Belegfeld 1, Text). Bitte nur einmal buchen."
            )
            self.log.warning("R16", row.line, DOCUMENT_1, key[5], hint)
