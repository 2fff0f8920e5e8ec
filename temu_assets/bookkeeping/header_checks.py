"""H01, H02, H03, H05, H06 and H07: the name of a DATEV file and its header. H04 is with the accounts. Pure."""

from __future__ import annotations

import re

from temu_assets.bookkeeping.columns import (
    H_ACCOUNT_LENGTH,
    H_ADVISER,
    H_CHART,
    H_CLIENT,
    H_CREATED_AT,
    H_CURRENCY,
    H_FISCAL_YEAR,
    H_FROM,
    H_LOCK,
    H_TITLE,
    H_UNTIL,
    HEADER_FIELDS,
    LONGEST_TITLE,
    header_name,
)
from temu_assets.bookkeeping.finding_log import FindingLog
from temu_assets.bookkeeping.findings import Severity
from temu_assets.bookkeeping.header import Header, day_of
from temu_assets.bookkeeping.row_checks_texts import is_scientific

_FORMAT_NAME = "Buchungsstapel"
_NUMBERS = {H_ADVISER: (1001, 9_999_999), H_CLIENT: (1, 99_999), H_ACCOUNT_LENGTH: (4, 8)}
_DAYS = (H_FISCAL_YEAR, H_FROM, H_UNTIL)
_CHARTS = ("03", "04", "")
_CURRENCY = re.compile(r"[A-Z]{3}", re.ASCII)
ERROR, WARNING = Severity.ERROR, Severity.WARNING


def check_header(header: Header, name: str, log: FindingLog) -> None:
    """Check the name of the file and its header."""
    _check_name(header, name, log)
    _check_keys(header, log)
    _check_period(header, log)
    _check_lock(header, log)
    _check_rest(header, log)
    _check_excel(header, log)


def _check_name(header: Header, name: str, log: FindingLog) -> None:
    prefix = header.value(1).lstrip("\ufeff")
    if not name.upper().startswith(f"{prefix}_") or not name.casefold().endswith(".csv"):
        hint = f"Der Dateiname muss mit {prefix}_ beginnen und auf .csv enden, sonst bietet DATEV die Datei nicht zum Einlesen an."
        log.of_file("H01", ERROR, name, hint)
    if header.value(4) != _FORMAT_NAME:
        log.header("H01", WARNING, 4, header.value(4), f"DATEV erwartet als Formatname „{_FORMAT_NAME}“.")


def _check_keys(header: Header, log: FindingLog) -> None:
    """Without these fields DATEV does not know whose books and which period are meant."""
    for position, (least, most) in _NUMBERS.items():
        value = header.value(position)
        if not value:
            log.header("H02", ERROR, position, "", f"{header_name(position)} fehlt; ohne sie wird der Stapel nicht zum Einlesen angeboten.")
        elif not (value.isascii() and value.isdecimal() and len(value) < 10 and least <= int(value) <= most):
            hint = f"{header_name(position)} muss zwischen {least} und {most} liegen. Bitte die Stammdaten in JTL2DATEV prüfen."
            log.header("H02", ERROR, position, value, hint)
    for position in _DAYS:
        value = header.value(position)
        if not value:
            hint = f"{header_name(position)} fehlt; ohne diese Angabe wird der Stapel nicht zum Einlesen angeboten."
            log.header("H02", ERROR, position, "", hint)
        elif day_of(value) is None:
            log.header(
                "H02", ERROR, position, value, f"{header_name(position)} ist kein Tag in der Form JJJJMMTT. Bitte den Export prüfen."
            )
    title = header.value(H_TITLE)
    if len(title) > LONGEST_TITLE:
        log.header("H02", WARNING, H_TITLE, title, f"Die Bezeichnung hat {len(title)} Zeichen, DATEV nimmt {LONGEST_TITLE}.")


def _check_period(header: Header, log: FindingLog) -> None:
    first, last, start, end = header.first_day, header.last_day, day_of(header.value(H_FISCAL_YEAR)), header.year_end
    if first is not None and last is not None and first > last:
        log.header("H03", ERROR, H_UNTIL, header.value(H_UNTIL), "„Datum bis“ liegt vor „Datum von“. Bitte den Export prüfen.")
    if start is None or end is None:
        return
    for position, day in ((H_FROM, first), (H_UNTIL, last)):
        if day is not None and not start <= day <= end:
            hint = (
                f"Der Zeitraum liegt nicht im Wirtschaftsjahr {start:%d.%m.%Y} bis {end:%d.%m.%Y}. Eine Datei gehört zu einem; "
                "bitte je Jahr getrennt exportieren."
            )
            log.header("H03", ERROR, position, header.value(position), hint)


def _check_lock(header: Header, log: FindingLog) -> None:
    flag = header.lock_flag
    if flag == "1":
        hint = (
            "Der Stapel wird festgeschrieben eingelesen und lässt sich dann nicht mehr ändern. Ist das mit dem Steuerberater abgesprochen?"
        )
        log.header("H05", WARNING, H_LOCK, flag, hint)
    elif flag == "":
        hint = "Ohne Angabe schreibt DATEV den Stapel beim Einlesen fest. Bitte im Export 0 (nein) oder 1 (ja) wählen."
        log.header("H05", WARNING, H_LOCK, "", hint)
    elif flag != "0":
        log.header("H05", ERROR, H_LOCK, flag, "Die Festschreibung ist 0 (nein) oder 1 (ja). Bitte den Export prüfen.")


def _check_rest(header: Header, log: FindingLog) -> None:
    chart, currency = header.value(H_CHART), header.value(H_CURRENCY)
    if chart not in _CHARTS:
        log.header("H06", WARNING, H_CHART, chart, "Erwartet wird der Kontenrahmen 03 oder 04. Bitte mit dem Steuerberater klären.")
    if currency and not _CURRENCY.fullmatch(currency):
        log.header("H07", ERROR, H_CURRENCY, currency, "Das ist kein Währungskürzel (EUR). Bitte den Export prüfen.")
    elif currency != "EUR":
        hint = (
            "Die Währung des Stapels ist nicht EUR. Bitte prüfen, ob das gewollt ist."
            if currency
            else "Die Währung des Stapels fehlt (EUR)."
        )
        log.header("H07", WARNING, H_CURRENCY, currency, hint)


def _check_excel(header: Header, log: FindingLog) -> None:
    created = header.value(H_CREATED_AT)
    if is_scientific(created):
        hint = "Excel hat den Zeitpunkt in eine Zahl verwandelt. Die Datei wurde in Excel gespeichert; bitte neu exportieren."
        log.header("R19", ERROR, H_CREATED_AT, created, hint)
    if len(header.values) > len(HEADER_FIELDS) + 1:
        hint = (
            f"Die Kopfzeile hat {len(header.values)} Felder statt {len(HEADER_FIELDS)}: Die Datei wurde wohl in Excel gespeichert. "
            "Bitte Datumsangaben, lange Nummern und führende Nullen prüfen."
        )
        log.header("R19", WARNING, len(HEADER_FIELDS) + 1, "", hint)
