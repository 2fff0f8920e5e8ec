"""F01 to F04: a DATEV file as a whole: its encoding, its version and columns, how many bookings it has, its line ends. Pure.

These codes are ours; fact sheet backoffice 4.2 says what to warn about and gives it none.
"""

from __future__ import annotations

import re

from temu_assets.bookkeeping.columns import COLUMNS_OF_VERSION, is_plausible, name_of
from temu_assets.bookkeeping.extf import Encoding, ExtfFile
from temu_assets.bookkeeping.finding_log import FindingLog
from temu_assets.bookkeeping.findings import Severity
from temu_assets.bookkeeping.header import Header

MOST_BOOKINGS = 99_999
_ENCODED_TWICE = re.compile("Ã[\x80-\xbf€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]|â‚¬")
_OLD_VERSION = "510"
ERROR, WARNING, INFO = Severity.ERROR, Severity.WARNING, Severity.INFO


def check_file(file: ExtfFile, header: Header, log: FindingLog) -> None:
    """Check the file as a whole."""
    _check_encoding(file, log)
    _check_version(file, header, log)
    _check_names(file, log)
    _check_rows(file, log)
    _check_line_ends(file, log)


def _check_encoding(file: ExtfFile, log: FindingLog) -> None:
    if file.encoding is Encoding.UTF8:
        hint = "Die Datei ist in UTF-8 ohne Kennung geschrieben; DATEV liest sie als Windows-1252, und die Umlaute werden falsch."
        log.of_file("F01", WARNING, file.encoding.value, f"{hint} Bitte im Export Windows-1252 (ANSI) wählen.")
    elif file.encoding is Encoding.UTF8_BOM:
        hint = "UTF-8 mit Kennung liest DATEV nur von Hand oder online ein, nicht beim unbeaufsichtigten Einlesen. Besser: Windows-1252."
        log.of_file("F01", INFO, file.encoding.value, hint)
    elif file.encoding is Encoding.CP1252_BOM:
        hint = "Die Datei trägt die Kennung von UTF-8, ist aber keines: Umlaute gehen beim Einlesen verloren. Bitte neu exportieren."
        log.of_file("F01", ERROR, file.encoding.value, hint)
    twice = [(row.line, match[0]) for row in file.bookings if not row.raw.isascii() and (match := _ENCODED_TWICE.search(row.raw))]
    if twice:
        hint = f"In {len(twice)} Zeilen sind Umlaute zerstört („{twice[0][1]}“): Der Text wurde zweimal umgewandelt. Bitte neu exportieren."
        log.warning("F01", twice[0][0], 0, twice[0][1], hint)


def _check_version(file: ExtfFile, header: Header, log: FindingLog) -> None:
    if header.value(2) == _OLD_VERSION:
        log.header(
            "F02", WARNING, 2, _OLD_VERSION, "Die Version 510 ist veraltet; aktuell ist 700. Bitte das Exportprogramm aktualisieren."
        )
    version, width = header.value(5), file.width
    expected = COLUMNS_OF_VERSION.get(int(version)) if version.isascii() and version.isdecimal() and len(version) < 4 else None
    if expected is None:
        log.header("F02", INFO, 5, version, "Diese Formatversion ist nicht bekannt; geprüft wird nach der Lage der Spalten von Version 13.")
    elif width != expected:
        severity = INFO if width in COLUMNS_OF_VERSION.values() else WARNING
        hint = f"Formatversion {version} hat {expected} Spalten, die Datei {width}. Bitte beim Einlesen auf Hinweise von DATEV achten."
        log.header("F02", severity, 5, version, hint)


def _check_names(file: ExtfFile, log: FindingLog) -> None:
    for position, name in enumerate(file.column_names.values(), 1):
        if not is_plausible(position, name):
            hint = f"In Spalte {position} erwartet DATEV „{name_of(position)}“; gelesen wird nach der Lage, nicht nach dem Namen."
            log.error("F02", 2, position, name, hint)


def _check_rows(file: ExtfFile, log: FindingLog) -> None:
    count = sum(1 for _ in file.bookings)
    if count == 0:
        log.of_file("F03", WARNING, "0", "Die Datei enthält keine Buchung.")
    elif count > MOST_BOOKINGS:
        hint = f"DATEV nimmt höchstens {MOST_BOOKINGS} Buchungen je Datei. Bitte kürzere Zeiträume exportieren oder DATEV_SPLIT nutzen."
        log.of_file("F03", ERROR, str(count), hint)


def _check_line_ends(file: ExtfFile, log: FindingLog) -> None:
    others = [row for row in (file.header, file.column_names, *file.rows) if row.end != "\r\n"]
    last = file.rows[-1] if file.rows else file.column_names
    others = [row for row in others if row is not last or row.end]
    if others:
        hint = f"{len(others)} Zeilen enden nicht mit CR LF, wie DATEV es verlangt. Wurde die Datei mit einem anderen Programm gespeichert?"
        log.of_file("F04", INFO, "", hint)
    blank = [row.line for row in file.rows[:-1] if row.is_blank]
    if blank:
        log.info("F04", blank[0], 0, "", f"{len(blank)} leere Zeilen zwischen den Buchungen; sie bleiben stehen und zählen nicht mit.")
