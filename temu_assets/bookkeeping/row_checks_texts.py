"""R07, R09, R17, R19 and R20: Belegfeld 1, lengths, characters, damage Excel does, pairs of information. Pure."""

from __future__ import annotations

import re

from temu_assets.bookkeeping.booking import Booking
from temu_assets.bookkeeping.columns import COLUMNS, DOCUMENT_1, DOCUMENT_NOTES, NOTES
from temu_assets.bookkeeping.extf import Encoding
from temu_assets.bookkeeping.finding_log import FindingLog
from temu_assets.bookkeeping.header import Header

LONGEST_DOCUMENT = 36
ALLOWED_IN_DOCUMENT = re.compile(r"[A-Za-z0-9_$&%*+\-/]*", re.ASCII)
"""What Belegfeld 1 may hold: no blank, no umlaut, no dot, comma, semicolon or colon."""
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f]")
_NOT_IN_CP1252 = re.compile(f"[^{re.escape(bytes(range(256)).decode('cp1252', 'ignore'))}]")
_SCIENTIFIC = re.compile(r"\d+(?:[.,]\d+)?E\+?\d+", re.ASCII)
_PARTNERS = {position: other for pair in (*NOTES, *DOCUMENT_NOTES) for position, other in (pair, pair[::-1])}
_KINDS = frozenset(kind for kind, _ in (*NOTES, *DOCUMENT_NOTES))
_UNICODE = (Encoding.UTF8, Encoding.UTF8_BOM)


def check_texts(booking: Booking, header: Header, encoding: Encoding, log: FindingLog) -> None:
    """R07, R09, R17, R19 and R20."""
    _check_document(booking, header, log)
    for position, value in booking.filled:
        if position <= len(COLUMNS):
            longest = COLUMNS[position - 1].longest
            if longest and len(value) > longest and position != DOCUMENT_1:
                hint = f"{len(value)} Zeichen, DATEV nimmt {longest} und schneidet den Rest ab."
                log.warning("R09", booking.line, position, value, hint)
            if position in _PARTNERS and not booking.at(_PARTNERS[position]):
                missing = "der Inhalt" if position in _KINDS else "die Art"
                log.warning("R20", booking.line, position, value, f"Art und Inhalt stehen nur zusammen; hier fehlt {missing}.")
        if "E+" in value and is_scientific(value):
            hint = "Excel hat eine lange Nummer in eine Zahl verwandelt; sie ist verloren. Bitte neu exportieren, nicht in Excel speichern."
            log.error("R19", booking.line, position, value, hint)
        if not value.isascii() or not value.isprintable():
            _check_characters(booking, position, value, encoding, log)


def is_scientific(value: str) -> bool:
    """Whether a number is written as Excel writes long ones: 2,0E+16."""
    return _SCIENTIFIC.fullmatch(value.strip()) is not None


def _check_document(booking: Booking, header: Header, log: FindingLog) -> None:
    document = booking.document
    if not document:
        # Only debtors and creditors have open items, which payments are matched with by it.
        if not header.account_length or header.is_personal(booking.account) or header.is_personal(booking.contra):
            hint = "Belegfeld 1 ist leer: Rechnung und Zahlung lassen sich nicht einander zuordnen (offene Posten)."
            log.warning("R07", booking.line, DOCUMENT_1, "", hint)
        else:
            log.info("R07", booking.line, DOCUMENT_1, "", "Belegfeld 1 ist leer: Die Buchung nennt keinen Beleg.")
        return
    if not ALLOWED_IN_DOCUMENT.fullmatch(document):
        forbidden = "".join(dict.fromkeys(each for each in document if not ALLOWED_IN_DOCUMENT.fullmatch(each)))
        shown = "Leerzeichen" if forbidden == " " else f"„{forbidden}“"
        hint = f"Nicht erlaubt: {shown}. Erlaubt sind Buchstaben ohne Umlaute, Ziffern und _ $ & % * + - /. Die Korrektur K5 ersetzt sie."
        log.error("R07", booking.line, DOCUMENT_1, document, hint)
    if len(document) > LONGEST_DOCUMENT:
        hint = f"{len(document)} Zeichen, DATEV nimmt {LONGEST_DOCUMENT}; gekürzt passen Rechnung und Zahlung nicht mehr zusammen."
        log.warning("R07", booking.line, DOCUMENT_1, document, hint)


def _check_characters(booking: Booking, position: int, value: str, encoding: Encoding, log: FindingLog) -> None:
    if _CONTROL.search(value):
        hint = "Steuerzeichen (Zeilenumbruch, Tabulator oder beschädigte Zeichen) sind in DATEV-Texten nicht erlaubt."
        log.warning("R17", booking.line, position, value, hint)
        return
    if encoding in _UNICODE:
        lost = "".join(dict.fromkeys(_NOT_IN_CP1252.findall(value)))
        if lost:
            hint = f"„{lost}“ gibt es im Zeichensatz von DATEV (Windows-1252) nicht; beim Einlesen geht es verloren."
            log.warning("R17", booking.line, position, value, hint)
