"""The fields of a DATEV file of category 21 (Buchungsstapel): 31 of the header, 125 columns of a booking, each by its position.

Programs spell the names differently, so positions count; names are for people, and for a look whether a file is what it seems.
Source: fact sheet backoffice, sections 1.2 and 1.3.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

HEADER_FIELDS = (
    "Kennzeichen", "Versionsnummer", "Formatkategorie", "Formatname", "Formatversion", "Erzeugt am", "Importiert", "Herkunft",
    "Exportiert von", "Importiert von", "Beraternummer", "Mandantennummer", "WJ-Beginn", "Sachkontenlänge", "Datum von", "Datum bis",
    "Bezeichnung", "Diktatkürzel", "Buchungstyp", "Rechnungslegungszweck", "Festschreibung", "WKZ", "Reserviert 23", "Derivatskennzeichen",
    "Reserviert 25", "Reserviert 26", "Sachkontenrahmen", "ID der Branchenlösung", "Reserviert 29", "Reserviert 30",
    "Anwendungsinformation",
)  # fmt: skip
"""Names of the header's fields; the first is position 1."""

H_CREATED_AT, H_ADVISER, H_CLIENT, H_FISCAL_YEAR, H_ACCOUNT_LENGTH = 6, 11, 12, 13, 14
H_FROM, H_UNTIL, H_TITLE, H_LOCK, H_CURRENCY, H_CHART = 15, 16, 17, 21, 22, 27

LONGEST_TITLE = 30
LONGEST_TEXT = 60


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a booking: ``is_text`` ones stand in quotes; ``longest``: most characters of a text, 0 where that is no question."""

    position: int
    name: str
    is_text: bool = False
    longest: int = 0


def _columns() -> tuple[Column, ...]:
    named: list[tuple[str, int | None]] = [
        ("Umsatz (ohne Soll/Haben-Kz)", None), ("Soll/Haben-Kennzeichen", 1), ("WKZ Umsatz", 3), ("Kurs", None), ("Basis-Umsatz", None),
        ("WKZ Basis-Umsatz", 3), ("Konto", None), ("Gegenkonto (ohne BU-Schlüssel)", None), ("BU-Schlüssel", 4), ("Belegdatum", None),
        ("Belegfeld 1", 36), ("Belegfeld 2", 12), ("Skonto", None), ("Buchungstext", 60), ("Postensperre", None),
        ("Diverse Adressnummer", 9), ("Geschäftspartnerbank", None), ("Sachverhalt", None), ("Zinssperre", None), ("Beleglink", 210),
        *_pairs("Beleginfo - Art {}", "Beleginfo - Inhalt {}", 8),
        ("KOST1 - Kostenstelle", 36), ("KOST2 - Kostenstelle", 36), ("Kost-Menge", None), ("EU-Land u. UStID (Bestimmung)", 15),
        ("EU-Steuersatz (Bestimmung)", None), ("Abw. Versteuerungsart", 1), ("Sachverhalt L+L", None), ("Funktionsergänzung L+L", None),
        ("BU 49 Hauptfunktionstyp", None), ("BU 49 Hauptfunktionsnummer", None), ("BU 49 Funktionsergänzung", None),
        *_pairs("Zusatzinformation - Art {}", "Zusatzinformation- Inhalt {}", 20),
        ("Stück", None), ("Gewicht", None), ("Zahlweise", None), ("Forderungsart", 10), ("Veranlagungsjahr", None),
        ("Zugeordnete Fälligkeit", None), ("Skontotyp", None), ("Auftragsnummer", 30), ("Buchungstyp", 2),
        ("USt-Schlüssel (Anzahlungen)", None), ("EU-Land (Anzahlungen)", 2), ("Sachverhalt L+L (Anzahlungen)", None),
        ("EU-Steuersatz (Anzahlungen)", None), ("Erlöskonto (Anzahlungen)", None), ("Herkunft-Kz", 2), ("Buchungs GUID", 36),
        ("KOST-Datum", None), ("SEPA-Mandatsreferenz", 35), ("Skontosperre", None), ("Gesellschaftername", 76), ("Beteiligtennummer", None),
        ("Identifikationsnummer", 11), ("Zeichnernummer", 20), ("Postensperre bis", None), ("Bezeichnung SoBil-Sachverhalt", 30),
        ("Kennzeichen SoBil-Buchung", None), ("Festschreibung", None), ("Leistungsdatum", None), ("Datum Zuord. Steuerperiode", None),
        ("Fälligkeit", None), ("Generalumkehr (GU)", 1), ("Steuersatz", None), ("Land", 2), ("Abrechnungsreferenz", 50),
        ("BVV-Position", None), ("EU-Land u. UStID (Ursprung)", 15), ("EU-Steuersatz (Ursprung)", None), ("Abw. Skontokonto", None),
    ]  # fmt: skip
    return tuple(
        Column(position, name, is_text=longest is not None, longest=longest or 0) for position, (name, longest) in enumerate(named, 1)
    )


def _pairs(kind: str, content: str, count: int) -> list[tuple[str, int | None]]:
    return [each for number in range(1, count + 1) for each in ((kind.format(number), 20), (content.format(number), 210))]


COLUMNS = _columns()
"""All columns of format version 13; the first is position 1."""

AMOUNT, SIDE, CURRENCY, RATE, BASE_AMOUNT, BASE_CURRENCY, ACCOUNT, CONTRA, KEY, DAY = range(1, 11)
DOCUMENT_1, DOCUMENT_2, TEXT = 11, 12, 14
EU_COUNTRY, EU_RATE = 40, 41
ORDER, LOCK, SERVICE_DAY, TAX_PERIOD_DAY, REVERSAL = 95, 114, 115, 116, 118

FEWEST_COLUMNS = 14
COLUMNS_OF_VERSION = {7: 116, 9: 120, 11: 122, 12: 124, 13: 125}
"""How many columns each known format version (header field 5) has."""

NOTES = tuple((kind, kind + 1) for kind in range(48, 87, 2))
"""The pairs (kind, content) of additional information."""
DOCUMENT_NOTES = tuple((kind, kind + 1) for kind in range(21, 36, 2))

_TELLING = {
    AMOUNT: ("umsatz", "betrag"), SIDE: ("soll", "sh"), ACCOUNT: ("konto",), CONTRA: ("gegenkonto",), DAY: ("belegdatum", "datum"),
    DOCUMENT_1: ("belegfeld1",), TEXT: ("buchungstext",),
}  # fmt: skip


def name_of(position: int) -> str:
    """DATEV's name of a column; beyond the last one its number."""
    return COLUMNS[position - 1].name if position <= len(COLUMNS) else f"Spalte {position}"


def header_name(position: int) -> str:
    """DATEV's name of a header field; beyond the last one its number."""
    return HEADER_FIELDS[position - 1] if position <= len(HEADER_FIELDS) else f"Kopffeld {position}"


def is_plausible(position: int, name: str) -> bool:
    """Whether the column at this position can be meant by this name, however it is spelled. Asked of the columns that matter most."""
    beginnings = _TELLING.get(position)
    return beginnings is None or _plain(name).startswith(beginnings)


def _plain(name: str) -> str:
    return "".join(each for each in unicodedata.normalize("NFKD", name).casefold() if each.isascii() and each.isalnum())
