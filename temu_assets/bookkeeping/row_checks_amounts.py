"""R01, R02, R03 and R15: what every booking needs, amounts, sides, foreign currency. Pure."""

from __future__ import annotations

import re

from temu_assets.bookkeeping.booking import Booking
from temu_assets.bookkeeping.columns import ACCOUNT, AMOUNT, BASE_AMOUNT, BASE_CURRENCY, CURRENCY, DAY, RATE, SIDE
from temu_assets.bookkeeping.finding_log import FindingLog
from temu_assets.bookkeeping.header import Header
from temu_assets.bookkeeping.sums import CREDIT, DEBIT, to_cents

_MANDATORY = (AMOUNT, SIDE, ACCOUNT, DAY)
"""The contra account is R06."""
_ONE_DECIMAL = re.compile(r"\d+,\d", re.ASCII)
_EXCHANGE_RATE = re.compile(r"\d{1,4},\d{1,6}", re.ASCII)


def check_amounts(booking: Booking, header: Header, log: FindingLog) -> None:
    """R01, R02, R03 and R15."""
    for position in _MANDATORY:
        if not booking.at(position):
            log.error("R01", booking.line, position, "", "Pflichtfeld ist leer; DATEV nimmt die Buchung nicht an. Bitte in JTL ergänzen.")
    if booking.amount:
        _check_amount(booking, log)
    if booking.side not in (DEBIT, CREDIT, ""):
        hint = "Nur S (Soll) oder H (Haben) ist möglich; ohne die Seite lässt sich nicht buchen."
        log.error("R03", booking.line, SIDE, booking.side, hint)
    if booking.at(RATE) or booking.at(BASE_AMOUNT) or booking.at(BASE_CURRENCY) or booking.at(CURRENCY):
        _check_currency(booking, header, log)


def _check_amount(booking: Booking, log: FindingLog) -> None:
    amount = booking.amount
    cents = to_cents(amount)
    if cents is None:
        log.error("R02", booking.line, AMOUNT, amount, _what_is_wrong(amount))
    elif cents == 0:
        hint = "Eine Buchung über 0,00 lehnt DATEV ab (Gutschein, Test?). Bitte die Buchung im Export weglassen."
        log.error("R02", booking.line, AMOUNT, amount, hint)
    elif _ONE_DECIMAL.fullmatch(amount):
        log.warning("R02", booking.line, AMOUNT, amount, "Nur eine Nachkommastelle; DATEV erwartet zwei (1234,50).")


def _what_is_wrong(amount: str) -> str:
    if amount.strip().startswith(("-", "+")):
        return "Beträge stehen ohne Vorzeichen; die Richtung sagt das Soll/Haben-Kennzeichen. Bitte den Export prüfen."
    if "." in amount:
        return "Der Betrag hat einen Punkt; DATEV erwartet ein Komma, keine Tausenderpunkte (1234,50). Wurde in Excel gespeichert?"
    return "Das ist kein Betrag, wie DATEV ihn liest: bis zu zehn Ziffern, Komma, zwei Nachkommastellen. Bitte den Export prüfen."


def _check_currency(booking: Booking, header: Header, log: FindingLog) -> None:
    triple = (booking.at(RATE), booking.at(BASE_AMOUNT), booking.at(BASE_CURRENCY))
    currency = booking.at(CURRENCY)
    is_foreign = currency not in ("", header.currency)
    if is_foreign and not all(triple):
        hint = "Fremdwährung ohne Kurs, Basis-Umsatz und WKZ Basis-Umsatz: Es fehlt, was in Euro zu buchen ist."
        log.error("R15", booking.line, CURRENCY, currency, hint)
    elif any(triple[:2]) and not all(triple):
        log.error("R15", booking.line, RATE, triple[0], "Kurs, Basis-Umsatz und WKZ Basis-Umsatz stehen nur zusammen.")
    elif triple[0] and (not _EXCHANGE_RATE.fullmatch(triple[0]) or not triple[0].strip("0,")):
        log.error("R15", booking.line, RATE, triple[0], "Der Kurs ist 0 oder keine Zahl, wie DATEV sie liest (1,240402).")
