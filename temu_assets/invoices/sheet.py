"""The Excel file of a lane: one row per document. The first sixteen heads are the documents' of old, the rest is ours."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from temu_assets.invoices.reading import Lane
from temu_assets.sheets import Cell, Sheet

HEADS = (
    "Datei", "Land", "Dokumenttyp", "Rechnungsnummer", "Rechnungsdatum", "Zeitraum von", "Zeitraum bis", "Netto", "USt", "Brutto",
    "Währung", "Aussteller", "USt-IdNr", "Status", "Hinweis", "Quelle",
    "Steuersätze", "Reverse-Charge", "Fällig am", "IBAN", "Bestellnummern", "Gelesen nach", "Seiten", "Eingegangen", "Fundstellen",
    "SHA-256",
)  # fmt: skip
_WIDTHS = (36, 6, 14, 22, 14, 14, 14, 12, 12, 12, 9, 32, 16, 9, 60, 8, 28, 14, 12, 26, 28, 22, 7, 16, 40, 20)
_GERMAN_TIME = ZoneInfo("Europe/Berlin")
_FIELDS = {
    "number": "Rechnungsnummer", "issued_on": "Rechnungsdatum", "period_from": "Zeitraum von", "period_to": "Zeitraum bis", "net": "Netto",
    "tax": "USt", "gross": "Brutto", "currency": "Währung", "issuer": "Aussteller", "issuer_vat_id": "USt-IdNr", "country": "Land",
    "due_on": "Fällig am", "iban": "IBAN", "order_refs": "Bestellnummern", "kind": "Dokumenttyp", "reverse_charge": "Reverse-Charge",
    "tax_groups": "Steuersätze", "buyer_vat_id": "USt-IdNr des Empfängers", "tax_number": "Steuernummer", "profile": "Gelesen nach",
}  # fmt: skip


def sheet_of(lane: Lane, rows: Iterable[Mapping[str, Any]]) -> Sheet:
    """The sheet of a lane for rows of ``invoice_documents``; amounts in currency units, times of arrival in German time."""
    return Sheet(lane.value.capitalize(), HEADS, [_row(row) for row in rows], _WIDTHS)


def _row(row: Mapping[str, Any]) -> list[Cell]:
    taken: datetime = row["taken_at"]
    return [
        row["file_name"], row["country"], row["kind"], row["number"], row["issued_on"], row["period_from"], row["period_to"],
        _amount(row["net_cents"]), _amount(row["tax_cents"]), _amount(row["gross_cents"]),
        row["currency"], row["issuer"], row["issuer_vat_id"], row["status"], " ".join(json.loads(row["notes"] or "[]")), row["source"],
        _groups(row["tax_groups"]), {True: "ja", False: "nein"}.get(row["reverse_charge"], ""), row["due_on"], row["iban"],
        ", ".join(json.loads(row["order_refs"] or "[]")), row["profile"], row["pages"],
        f"{taken.astimezone(_GERMAN_TIME):%d.%m.%Y %H:%M}", _places(row["places"]), row["sha256"],
    ]  # fmt: skip


def _amount(cents: int | None) -> Decimal | None:
    return None if cents is None else Decimal(cents).scaleb(-2)


def _groups(groups: str | None) -> str:
    return "; ".join(f"{rate or '?'} %: {_say(net)} + {_say(tax)}" for rate, net, tax in json.loads(groups or "[]"))


def _say(cents: int | None) -> str:
    return "?" if cents is None else f"{cents / Decimal(100):.2f}".replace(".", ",")


def _places(places: str | None) -> str:
    found: dict[str, str] = json.loads(places or "{}")
    return "; ".join(f"{_FIELDS.get(name, name)}: {place}" for name, place in found.items())
