"""R11 and R12: keys of distance sales, countries, VAT rates. Pure."""

from __future__ import annotations

import re
from decimal import Decimal

from temu_assets.bookkeeping.booking import Booking
from temu_assets.bookkeeping.columns import EU_COUNTRY, EU_RATE, KEY, SERVICE_DAY
from temu_assets.bookkeeping.finding_log import FindingLog
from temu_assets.bookkeeping.header import full_day_of
from temu_assets.bookkeeping.row_checks_accounts import AccountChecks
from temu_assets.bookkeeping.sums import CREDIT
from temu_assets.bookkeeping.vat_rates import COUNTRIES, STATE, is_valid, rates_on

_TO_OTHER_COUNTRIES = frozenset({"240", "241"})
_DISTANCE_SALES = _TO_OTHER_COUNTRIES | {"285", "286"}
"""Keys of OSS: from Germany, from a warehouse abroad, from there to Germany."""
_GERMANY = "DE"
_RATE = re.compile(r"\d{1,2}(?:,\d{1,2})?", re.ASCII)


def check_tax(booking: Booking, accounts: AccountChecks, log: FindingLog) -> None:
    """R11 and R12."""
    country_field, rate, key = booking.at(EU_COUNTRY), booking.at(EU_RATE), booking.key
    country = country_field[:2].upper()
    if key in _DISTANCE_SALES:
        _check_distance_sale(booking, key, country_field, rate, log)
    elif rate and not country_field:
        log.warning("R11", booking.line, EU_COUNTRY, "", "Ein EU-Steuersatz ohne EU-Land: Das Land fehlt. Bitte den Export prüfen.")
    elif len(country_field) == 2 and country != _GERMANY:
        for account in (booking.account, booking.contra):
            if accounts.is_automatic(account):
                hint = f"Das Konto {account} ist für Erlöse im Inland, das Land ist aber {country}. Bitte Erlöskonto und Schlüssel prüfen."
                log.warning("R11", booking.line, EU_COUNTRY, country_field, hint)
    if country_field and country not in COUNTRIES:
        log.warning("R12", booking.line, EU_COUNTRY, country_field, _unknown_country(country))
    elif country_field and rate:
        _check_rate(booking, country, rate, key in _DISTANCE_SALES, log)


def _check_distance_sale(booking: Booking, key: str, country: str, rate: str, log: FindingLog) -> None:
    if not country or not rate:
        position, what = (EU_COUNTRY, "das Land") if not country else (EU_RATE, "der Steuersatz")
        hint = (
            f"Zum OSS-Schlüssel {key} fehlt {what} (EU-Land und EU-Steuersatz der Bestimmung). Bitte die Zuordnung in JTL2DATEV ergänzen."
        )
        log.error("R11", booking.line, position, "", hint)
        return
    if country[:2].upper() == _GERMANY and key in _TO_OTHER_COUNTRIES:
        hint = f"Der Schlüssel {key} ist für Lieferungen in andere EU-Länder, das Land ist aber DE. Bitte Schlüssel oder Land berichtigen."
        log.error("R11", booking.line, KEY, booking.at(KEY), hint)
    if len(country) > 2:
        hint = "Eine USt-IdNr. an einer OSS-Buchung: OSS gilt für Privatkunden. Bitte prüfen, ob es eine Lieferung an ein Unternehmen ist."
        log.warning("R11", booking.line, EU_COUNTRY, country, hint)


def _unknown_country(country: str) -> str:
    if country == "GR":
        return "Griechenland ist bei der Umsatzsteuer EL, nicht GR."
    if country == "GB":
        return "Das Vereinigte Königreich ist nicht in der EU (Nordirland: XI). Bitte als Ausfuhr buchen."
    return "Das ist kein EU-Land. Bitte Land und Erlöskonto prüfen."


def _check_rate(booking: Booking, country: str, rate: str, is_distance_sale: bool, log: FindingLog) -> None:  # noqa: FBT001 — told apart by key
    if not _RATE.fullmatch(rate):
        log.warning("R12", booking.line, EU_RATE, rate, "Das ist kein Steuersatz, wie DATEV ihn liest (20,00).")
        return
    percent = Decimal(rate.replace(",", "."))
    day = full_day_of(booking.at(SERVICE_DAY)) or booking.day
    if day is None or (not percent and not is_distance_sale):
        return
    if not is_valid(country, percent, day, is_credit=booking.side == CREDIT):
        known = ", ".join(f"{each}".replace(".", ",") for each in sorted(rates_on(country, day), reverse=True))
        hint = f"{country} hat am {day:%d.%m.%Y} diesen Satz nicht; bekannt sind {known} (Stand {STATE}). Bitte Satz und Land prüfen."
        log.warning("R12", booking.line, EU_RATE, rate, hint)
