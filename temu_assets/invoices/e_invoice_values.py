"""Values of an e-invoice as they are told: what is no date, no amount or told twice is left out, and a doubt says so."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import TypeVar

from temu_assets.invoices.e_invoice_xml import Node, shown

Nodes = Sequence[Node]

TERMS = {
    "number": ("BT-1", "Rechnungsnummer"),
    "issued_on": ("BT-2", "Rechnungsdatum"),
    "kind": ("BT-3", "Art des Dokuments"),
    "currency": ("BT-5", "Währung"),
    "due_on": ("BT-9", "Fälligkeit"),
    "order_refs": ("BT-13/BT-14", "Bestellnummer"),
    "issuer": ("BT-27", "Name des Verkäufers"),
    "issuer_vat_id": ("BT-31", "USt-IdNr. des Verkäufers"),
    "tax_number": ("BT-32", "Steuernummer des Verkäufers"),
    "country": ("BT-40", "Land des Verkäufers"),
    "buyer": ("BT-44", "Name des Käufers"),
    "buyer_vat_id": ("BT-48", "USt-IdNr. des Käufers"),
    "delivered": ("BT-72", "Lieferdatum"),
    "period_from": ("BT-73", "Beginn des Zeitraums"),
    "period_to": ("BT-74", "Ende des Zeitraums"),
    "iban": ("BT-84", "Konto"),
    "lines_net": ("BT-106", "Summe der Positionen"),
    "allowances": ("BT-107", "Summe der Abschläge"),
    "charges": ("BT-108", "Summe der Zuschläge"),
    "net": ("BT-109", "Nettobetrag"),
    "tax": ("BT-110", "Steuerbetrag"),
    "gross": ("BT-112", "Bruttobetrag"),
    "prepaid": ("BT-113", "bereits bezahlt"),
    "rounding": ("BT-114", "Rundung"),
    "payable": ("BT-115", "Zahlbetrag"),
    "group_net": ("BT-116", "Nettobetrag je Steuersatz"),
    "group_tax": ("BT-117", "Steuerbetrag je Steuersatz"),
    "reverse_charge": ("BT-118", "Steuerkategorie"),
    "group_rate": ("BT-119", "Steuersatz"),
    "tax_groups": ("BG-23", "Aufschlüsselung der Umsatzsteuer"),
}
"""EN 16931's number and our words for each value."""

_DECIMAL = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)", re.ASCII)
_LONGEST_NUMBER = 40
_COMPACT = re.compile(r"(\d{4})(\d\d)(\d\d)(?:\d{4}|\d{6})?", re.ASCII)
_ISO = re.compile(r"(\d{4})-(\d\d)-(\d\d)(?:[T ][\d:.]+)?(?:Z|[+-]\d\d:?\d\d)?", re.ASCII)
_FIRST_YEAR = 1970
"""Programs write a day of the year 1 where there is none."""
_YEAR_FIRST = {"", "102", "203", "204"}
"""Formats (UN/EDIFACT 2379) of eight digits that begin with the year. Others begin with the day, or have no day."""
_Value = TypeVar("_Value", str, date, Decimal)


@dataclass(slots=True)
class Values:
    """Takes values from elements, for amounts those in ``currency``. Collects doubts, and where each value stood."""

    currency: str | None = None
    places: dict[str, str] = field(default_factory=dict)
    doubts: list[str] = field(default_factory=list)

    def text(self, name: str, nodes: Nodes, *, longest: int) -> str | None:
        """The one text of these elements."""
        texts = [node.text for node in nodes if node.text]
        endless = next((text for text in texts if len(text) > longest), None)
        if endless is not None:
            self.doubt(name, f"{shown(endless)} ist länger als {longest} Zeichen")
            return None
        return self._only(name, texts, place=True)

    def day(self, name: str, nodes: Nodes) -> date | None:
        """The one day of these elements."""
        days: list[date] = []
        for node in nodes:
            if not node.text:
                continue
            day = day_of(node)
            if day is None:
                self.doubt(name, f"{shown(node.text)} ist kein Datum")
                return None
            days.append(day)
        return self._only(name, days, place=True)

    def amount(self, name: str, nodes: Nodes) -> Decimal | None:
        """The one amount of these elements in the currency of the invoice. A sum in another currency (BT-111) is none of them."""
        told = [node for node in nodes if node.text]
        ours = self._in_currency(told)
        if told and not ours:
            self.doubt(name, f"nur in {shown(told[0].attribute('currencyID'))} angegeben, die Rechnung ist in {self.currency}")
            return None
        return self.decimal(name, ours, place=name in _OWN_FIELDS)

    def decimal(self, name: str, nodes: Nodes, *, place: bool) -> Decimal | None:
        """The one number of these elements."""
        numbers: list[Decimal] = []
        for node in nodes:
            if not node.text:
                continue
            number = number_of(node.text)
            if number is None:
                self.doubt(name, f"{shown(node.text)} ist keine Zahl")
                return None
            numbers.append(number)
        return self._only(name, numbers, place=place)

    def is_foreign(self, nodes: Iterable[Node]) -> bool:
        """Whether these amounts are told, and all in another currency."""
        told = [node for node in nodes if node.text]
        return bool(told) and not self._in_currency(told)

    def doubt(self, name: str, what: str) -> None:
        """Adds a sentence that names the term."""
        term, words = TERMS[name]
        sentence = f"{term} {words}: {what}."
        if sentence not in self.doubts:
            self.doubts.append(sentence)

    def _in_currency(self, told: list[Node]) -> list[Node]:
        if self.currency is None:
            return told
        exact = [node for node in told if node.attribute("currencyID").upper() == self.currency]
        return exact or [node for node in told if not node.attribute("currencyID")]

    def _only(self, name: str, values: list[_Value], *, place: bool) -> _Value | None:
        different = list(dict.fromkeys(values))
        if len(different) > 1:
            self.doubt(name, f"mehrere Werte ({', '.join(shown(str(value)) for value in different[:4])})")
            return None
        if different and place:
            self.places[name] = TERMS[name][0]
        return different[0] if different else None


_OWN_FIELDS = {"lines_net", "allowances", "charges", "net", "tax", "gross", "prepaid", "payable"}


def number_of(text: str) -> Decimal | None:
    """An xs:decimal, exactly as many digits as told."""
    if len(text) > _LONGEST_NUMBER or not _DECIMAL.fullmatch(text):
        return None
    number = Decimal(text)
    return number or number.copy_abs()


def day_of(node: Node) -> date | None:
    """The day of an element: 2026-01-31 or 20260131, with a time after it or not."""
    found = _ISO.fullmatch(node.text)
    if found is None and node.attribute("format") in _YEAR_FIRST:
        found = _COMPACT.fullmatch(node.text)
    if found is None:
        return None
    year, month, day = (int(part) for part in found.groups())
    try:
        return date(year, month, day) if year >= _FIRST_YEAR else None
    except ValueError:
        return None
