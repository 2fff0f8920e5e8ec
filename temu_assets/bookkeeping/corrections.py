"""K1 to K8: what may be changed in a booking, each only where the rules ask for it, each change logged. Pure.

No correction touches a field other than its own; what is not certain is left as it is and told. Order within a booking: K1, K4 and K5
(all Belegfeld 1), K3, K6, K7, K8, and at last K2, the mark on bookings that another correction changed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from temu_assets.bookkeeping.columns import ACCOUNT, CONTRA, DAY, LOCK, LONGEST_TEXT, NOTES, TEXT, name_of
from temu_assets.bookkeeping.document_field import DocumentFields, LookUp, Step
from temu_assets.bookkeeping.extf import ExtfFile, Row
from temu_assets.bookkeeping.finding_log import FindingLog
from temu_assets.bookkeeping.findings import Change, NotFound
from temu_assets.bookkeeping.header import Header
from temu_assets.bookkeeping.marketplaces import displayed
from temu_assets.bookkeeping.origin import Origin, Recognition
from temu_assets.bookkeeping.row_checks_dates import padded
from temu_assets.bookkeeping.rules import Rules
from temu_assets.office_settings import Correction

MARK = "Prüfung"
_ABOUT_ORDERS = frozenset({Correction.DOCUMENT_FIELD, Correction.PART_SHIPMENT})


@dataclass(slots=True)
class Corrected:
    """The rows after the corrections, in their order, and what was done; ``marked_rows``: how many carry a new mark of K2."""

    rows: list[Row]
    changes: list[Change] = field(default_factory=list)
    not_found: Sequence[NotFound] = ()
    marked_rows: int = 0


@dataclass(slots=True)
class Corrections:
    """The corrections of one file. ``left``: lines that are not corrected, because nobody can tell where their fields are."""

    file: ExtfFile
    header: Header
    rules: Rules
    recognition: Recognition
    left: frozenset[int]
    log: FindingLog
    _result: Corrected = field(init=False)
    _notes: dict[tuple[str, frozenset[Correction]], str] = field(default_factory=dict)

    def run(self, origins: Sequence[Origin | None], look_up: LookUp) -> Corrected:
        """Correct the file. ``origins``: of each row, None for a blank one. Raises what the look-up raises."""
        self._result = Corrected(list(self.file.rows))
        if not self.rules.corrections:
            return self._result
        documents = DocumentFields(self.rules, self.recognition, self.log)
        places = [
            (index, row, origin)
            for index, (row, origin) in enumerate(zip(self.file.rows, origins, strict=True))
            if origin is not None and row.line not in self.left
        ]
        documents.prepare([(row, origin) for _, row, origin in places], look_up)
        for index, row, origin in places:
            self._result.rows[index] = self._corrected(row, origin, documents)
        self._result.not_found = documents.not_found
        if self._marks and self.file.width < NOTES[0][1]:
            hint = f"Die Datei hat nur {self.file.width} Spalten, keine für Zusatzinformationen: Ein Prüfvermerk ist nicht möglich."
            self.log.info("K2", 2, 0, "", hint)
        return self._result

    @property
    def _marks(self) -> bool:
        return Correction.CHECK_MARK in self.rules.corrections

    def _corrected(self, row: Row, origin: Origin, documents: DocumentFields) -> Row:
        values = row.values()
        steps = documents.steps(row.line) + self._others(row.line, values, origin)
        if not steps:
            return row
        marks = self._mark(row.line, values, origin, frozenset(correction for correction, _, _ in steps)) if self._marks else []
        steps += marks
        changed = self._spelled(row, steps)
        if changed is None:
            hint = "Anführungszeichen stehen falsch; die Zeile wird nicht korrigiert. Bitte neu exportieren."
            self.log.error("R21", row.line, 0, "", hint)
            return row
        now = {position: _at(values, position) for _, position, _ in steps}
        for correction, position, value in steps:
            self._result.changes.append(Change(correction.value, self.log.file, row.line, name_of(position), now[position], value))
            now[position] = value
        self._result.marked_rows += bool(marks)
        return changed

    def _spelled(self, row: Row, steps: Sequence[Step]) -> Row | None:
        try:
            return row.with_values({position: value for _, position, value in steps}, quotes_text=self.file.quotes_text)
        except ValueError:
            return None

    def _others(self, line: int, values: Sequence[str], origin: Origin) -> list[Step]:
        """K3, K6, K7 and K8."""
        wanted = self.rules.corrections
        steps = [
            (Correction.DATE, DAY, self._day(_at(values, DAY)) if Correction.DATE in wanted else ""),
            (
                Correction.LONG_TEXT,
                TEXT,
                self.recognition.shapes.shortened(_at(values, TEXT), LONGEST_TEXT) if Correction.LONG_TEXT in wanted else "",
            ),
            (Correction.DEBTOR, ACCOUNT, self._debtor(line, values, origin) if Correction.DEBTOR in wanted else ""),
            (Correction.LOCK_FLAG, LOCK, self._lock_flag(values) if Correction.LOCK_FLAG in wanted else ""),
        ]
        return [(correction, position, value) for correction, position, value in steps if value and value != _at(values, position)]

    def _day(self, text: str) -> str:
        """K3: only what is a day once the zero is there."""
        longer = padded(text)
        return longer if self.header.document_day(longer) is not None else text

    def _debtor(self, line: int, values: Sequence[str], origin: Origin) -> str:
        """K7: the debtor of the order's marketplace, where another debtor stands in column 7 and none in column 8."""
        account = _at(values, ACCOUNT)
        order = origin.order
        if order is None or not order.is_certain:
            return ""
        debtors = [debtor for marketplace, debtor in self.rules.debtors if marketplace == order.marketplace]
        if not debtors or account in debtors or self.recognition.is_contradicted(order, values):
            return ""
        if not self.header.is_debtor(account) or self.header.is_personal(_at(values, CONTRA)):
            return ""
        if not self.header.is_debtor(debtors[0]):
            hint = (
                f"Der Debitor {debtors[0]} von {displayed(order.marketplace)} (DATEV_DEBTORS) ist kein Debitor bei Sachkontenlänge "
                f"{self.header.account_length}; er wird nicht eingesetzt."
            )
            self.log.error("K7", line, ACCOUNT, account, hint)
            return ""
        return debtors[0]

    def _lock_flag(self, values: Sequence[str]) -> str:
        """K8: never where the file has no such column."""
        if self.file.width < LOCK or _at(values, LOCK):
            return ""
        flag = self.rules.lock_flag or self.header.lock_flag
        return flag if flag in ("0", "1") else ""

    def _mark(self, line: int, values: Sequence[str], origin: Origin, corrections: frozenset[Correction]) -> list[Step]:
        """K2: kind and content in the first pair of which both fields are empty."""
        if self.file.width < NOTES[0][1]:
            return []
        for kind, content in NOTES:
            if content <= self.file.width and not _at(values, kind) and not _at(values, content):
                key = (origin.order.marketplace if origin.order else "", corrections)
                note = self._notes.setdefault(key, self._note(*key))
                return [(Correction.CHECK_MARK, kind, MARK), (Correction.CHECK_MARK, content, note)]
        self.log.info("K2", line, NOTES[0][0], "", "Alle Zusatzinformationen sind belegt; der Prüfvermerk entfällt.")
        return []

    def _note(self, marketplace: str, corrections: frozenset[Correction]) -> str:
        codes = ", ".join(sorted(correction.value for correction in corrections))
        day = self.rules.marked_on.isoformat()
        if _ABOUT_ORDERS.isdisjoint(corrections):
            return f"Buchung geprüft {day} ({codes})"
        name = f"{displayed(marketplace)}-Bestellnummer" if marketplace else "Bestellnummer"
        return f"{name} geprüft {day} ({codes})"


def _at(values: Sequence[str], position: int) -> str:
    return values[position - 1] if position <= len(values) else ""
