"""R04, and R19 as far as dates go: document dates within the fiscal year and the period, service dates. Pure."""

from __future__ import annotations

from temu_assets.bookkeeping.booking import Booking
from temu_assets.bookkeeping.columns import DAY, SERVICE_DAY, TAX_PERIOD_DAY
from temu_assets.bookkeeping.finding_log import FindingLog
from temu_assets.bookkeeping.header import Header, full_day_of

_SHORT = 3


def check_dates(booking: Booking, header: Header, log: FindingLog) -> None:
    """R04, and three-digit dates as R19."""
    if booking.day_text:
        _check_document_day(booking, header, log)
    service, tax_period = booking.at(SERVICE_DAY), booking.at(TAX_PERIOD_DAY)
    if service or tax_period:
        _check_service_day(booking, service, tax_period, log)


def padded(text: str) -> str:
    """A document date with the zero Excel and some programs drop: three digits are a day below ten."""
    return "0" + text if len(text) == _SHORT and text.isascii() and text.isdecimal() else text


def _check_document_day(booking: Booking, header: Header, log: FindingLog) -> None:
    text = booking.day_text
    if header.fiscal_year is None:
        return
    if booking.day is None:
        log.error("R04", booking.line, DAY, text, _what_is_wrong(text, header))
        return
    if len(text) == _SHORT:
        hint = f"Die führende Null fehlt (gemeint ist {padded(text)}); so wird es falsch gelesen. Die Korrektur K3 ergänzt sie."
        log.warning("R19", booking.line, DAY, text, hint)
    first, last = header.first_day, header.last_day
    if (first is not None and booking.day < first) or (last is not None and booking.day > last):
        hint = (
            f"Der {booking.day:%d.%m.%Y} liegt nicht im Zeitraum der Datei{_period(header)}. DATEV bucht nur, was in offene Monate fällt."
        )
        log.warning("R04", booking.line, DAY, text, hint)


def _what_is_wrong(text: str, header: Header) -> str:
    if len(text) == 4 and text.isascii() and text.isdecimal():
        if text == "2902":
            return f"Den 29. Februar gibt es im Wirtschaftsjahr ab {header.fiscal_year:%d.%m.%Y} nicht. Bitte Datum und Kopf prüfen."
        return "Diesen Tag gibt es nicht (Form: Tag und Monat, TTMM). Bitte das Belegdatum in JTL prüfen."
    return "Das Belegdatum hat vier Ziffern ohne Jahr (TTMM); das Jahr kommt aus dem Kopf. Wurde die Datei in Excel gespeichert?"


def _period(header: Header) -> str:
    if header.first_day is None or header.last_day is None:
        return ""
    return f" ({header.first_day:%d.%m.%Y} bis {header.last_day:%d.%m.%Y})"


def _check_service_day(booking: Booking, service: str, tax_period: str, log: FindingLog) -> None:
    for position, text in ((SERVICE_DAY, service), (TAX_PERIOD_DAY, tax_period)):
        if text and full_day_of(text) is None:
            log.error("R04", booking.line, position, text, "Das ist kein Tag in der Form TTMMJJJJ. Bitte den Export prüfen.")
    if service and not tax_period:
        hint = "Mit dem Leistungsdatum verlangt DATEV auch „Datum Zuord. Steuerperiode“. Bitte beides oder keines exportieren."
        log.warning("R04", booking.line, TAX_PERIOD_DAY, "", hint)
