"""K1, K4 and K5: what Belegfeld 1 shall hold. Pure; JTL is asked once a file, through the function that is given.

K5 writes umlauts as two letters (ä: ae, ß: ss), takes accents off, and puts one hyphen where anything else stands that is not allowed,
none at the ends. A number that another document would share then, or that gets too long, is left as it is: payments are matched by it.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from temu_assets.bookkeeping.columns import DOCUMENT_1, TEXT
from temu_assets.bookkeeping.extf import Row
from temu_assets.bookkeeping.finding_log import FindingLog
from temu_assets.bookkeeping.findings import NotFound
from temu_assets.bookkeeping.marketplaces import OrderNumber, displayed
from temu_assets.bookkeeping.origin import Origin, Recognition
from temu_assets.bookkeeping.row_checks_texts import ALLOWED_IN_DOCUMENT, LONGEST_DOCUMENT
from temu_assets.bookkeeping.rules import Rules
from temu_assets.office_settings import Correction, DocumentField

LookUp = Callable[[Sequence[str]], Mapping[str, frozenset[str]]]
"""Customer numbers by order number; one that JTL does not have is absent. Its errors pass through: they never mean "not found"."""

Step = tuple[Correction, int, str]
"""A correction, the position of its field, and what it makes of it."""

_LETTERS = str.maketrans(
    {
        "ä": "ae", "ö": "oe", "ü": "ue", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue", "ß": "ss", "ẞ": "SS", "ø": "o", "Ø": "O", "ł": "l", "Ł": "L",
        "æ": "ae", "Æ": "Ae", "œ": "oe", "Œ": "Oe", "đ": "d", "Đ": "D",
    }
)  # fmt: skip
_FORBIDDEN = re.compile(r"[^A-Za-z0-9_$&%*+\-/]+", re.ASCII)
_THESE = frozenset({Correction.DOCUMENT_FIELD, Correction.PART_SHIPMENT, Correction.FORBIDDEN_CHARACTERS})


@dataclass(slots=True)
class DocumentFields:
    """What becomes of Belegfeld 1 in the bookings of one file."""

    rules: Rules
    recognition: Recognition
    log: FindingLog
    not_found: list[NotFound] = field(default_factory=list)
    _customers: Mapping[str, frozenset[str]] = field(default_factory=dict)
    _steps: dict[int, list[Step]] = field(default_factory=dict)

    def prepare(self, rows: Sequence[tuple[Row, Origin]], look_up: LookUp) -> None:
        """Work out all bookings. Asks the look-up at most once, and only where there is something to ask; its errors pass through."""
        if self.rules.corrections.isdisjoint(_THESE):
            return
        asked = sorted({origin.order_number for _, origin in rows if origin.is_in_document_field}) if self.rules.needs_jtl else []
        if asked:
            self._customers = look_up(asked)
        wants_order_only = Correction.PART_SHIPMENT in self.rules.corrections
        now: dict[int, str] = {}
        for row, origin in rows:
            values = row.values()
            document = _at(values, DOCUMENT_1)
            correction, value = Correction.DOCUMENT_FIELD, self._target(row.line, document, values, origin)
            if value == document and wants_order_only and origin.is_in_document_field:
                correction, value = Correction.PART_SHIPMENT, self.recognition.shapes.without_suffix(document)
            if value != document:
                self._steps[row.line] = [(correction, DOCUMENT_1, value)]
            if value:
                now[row.line] = value
        if Correction.FORBIDDEN_CHARACTERS in self.rules.corrections:
            self._replace_characters(now)

    def steps(self, line: int) -> list[Step]:
        """What is done to Belegfeld 1 of the booking in this line, in order."""
        return list(self._steps.get(line, ()))

    def _target(self, line: int, document: str, values: Sequence[str], origin: Origin) -> str:
        """K1: what the field shall hold; what it holds already, where that stays."""
        if Correction.DOCUMENT_FIELD not in self.rules.corrections:
            return document
        if self.rules.document_field is DocumentField.ORDER_NUMBER:
            wanted = "" if origin.is_in_document_field else self._order_elsewhere(line, values)
        elif not origin.is_in_document_field or origin.order is None:
            return document
        elif self.recognition.is_contradicted(origin.order, values):
            hint = "Die Buchung nennt Bestellungen verschiedener Marktplätze; Belegfeld 1 bleibt, wie es ist. Bitte prüfen."
            self.log.warning("K1", line, DOCUMENT_1, document, hint)
            return document
        elif self.rules.document_field is DocumentField.INVOICE_NUMBER:
            wanted = self._invoice_number(line, document, values)
        else:
            wanted = self._customer_number(line, document, origin.order)
        if len(wanted) > LONGEST_DOCUMENT or not ALLOWED_IN_DOCUMENT.fullmatch(wanted):
            hint = f"„{wanted}“ passt nicht in Belegfeld 1 (höchstens {LONGEST_DOCUMENT} erlaubte Zeichen); das Feld bleibt, wie es ist."
            self.log.warning("K1", line, DOCUMENT_1, document, hint)
            return document
        return wanted or document

    def _customer_number(self, line: int, document: str, order: OrderNumber) -> str:
        numbers = self._customers.get(order.number)
        if numbers is not None and len(numbers) == 1:
            return next(iter(numbers))
        if numbers is None and not order.is_certain:
            hint = f"Sieht aus wie eine Bestellnummer von {displayed(order.marketplace)}, JTL kennt sie aber nicht; das Feld bleibt."
            self.log.info("R08", line, DOCUMENT_1, document, hint)
            return ""
        if numbers is None:
            reason = "fehlt in JTL"
        elif not numbers:
            reason = "in JTL ohne Kundennummer"
        else:
            reason = f"mehrdeutig: {len(numbers)} Kundennummern"
        self.not_found.append(NotFound(self.log.file, line, order.number, reason))
        hint = f"Keine Kundennummer zur Bestellung ({reason}); das Feld bleibt, wie es ist. Bitte den Auftrag in JTL suchen."
        self.log.warning("R08", line, DOCUMENT_1, document, hint)
        return ""

    def _order_elsewhere(self, line: int, values: Sequence[str]) -> str:
        found = list(dict.fromkeys(order.number for order in self.recognition.elsewhere(values)))
        if len(found) > 1:
            hint = f"Die Buchung nennt {len(found)} Bestellnummern ({', '.join(found[:3])}); Belegfeld 1 bleibt, wie es ist."
            self.log.info("K1", line, DOCUMENT_1, _at(values, DOCUMENT_1), hint)
        return found[0] if len(found) == 1 else ""

    def _invoice_number(self, line: int, document: str, values: Sequence[str]) -> str:
        number = self.recognition.number_in(_at(values, TEXT))
        if not number:
            hint = "Der Buchungstext beginnt mit keiner Belegnummer; Belegfeld 1 bleibt, wie es ist."
            self.log.warning("K1", line, DOCUMENT_1, document, hint)
        return number

    def _replace_characters(self, now: Mapping[int, str]) -> None:
        """K5, for all bookings at once: no two different numbers may become the same."""
        there = {value.strip() for value in now.values()}
        becomes = {value: replaced(value) for value in set(now.values()) if not ALLOWED_IN_DOCUMENT.fullmatch(value)}
        came_from: defaultdict[str, set[str]] = defaultdict(set)
        for value, new in becomes.items():
            came_from[new].add(value.strip())
        for line, value in now.items():
            new = becomes.get(value, "")
            if not new or len(new) > LONGEST_DOCUMENT:
                continue
            if len(came_from[new] | ({new} & there)) > 1:
                hint = f"Ohne die verbotenen Zeichen würde daraus {new}, wie auch ein anderer Beleg heißt; das Feld bleibt, wie es ist."
                self.log.warning("K5", line, DOCUMENT_1, value, hint)
                continue
            self._steps.setdefault(line, []).append((Correction.FORBIDDEN_CHARACTERS, DOCUMENT_1, new))


def replaced(value: str) -> str:
    """K5: the value with nothing in it that Belegfeld 1 does not take; empty where nothing is left."""
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFC", value.strip()).translate(_LETTERS))
    without_accents = "".join(each for each in plain if not unicodedata.combining(each))
    return _FORBIDDEN.sub("-", without_accents).strip("-") if _FORBIDDEN.search(without_accents) else without_accents


def _at(values: Sequence[str], position: int) -> str:
    return values[position - 1] if position <= len(values) else ""
