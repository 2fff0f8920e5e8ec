"""What is stored of an invoice, and whether a person has to look at it: pure rules over what its sources say.

Amounts are integer cents; on a credit note they are negative. Notes are German sentences. Fact sheet backoffice, sections 5 to 7.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum

from temu_assets.invoices.e_invoice_profiles import HEADS_ONLY
from temu_assets.invoices.reading import Kind, Lane, Outcome, Reading, Source, TaxGroup
from temu_assets.invoices.text_ids import is_wrong_iban

CENT = Decimal("0.01")
SMALL_AMOUNT = Decimal(250)
"""Up to this gross amount an invoice needs less (§ 33 UStDV)."""
GERMAN_RATES = {Decimal(19), Decimal(7), Decimal(16), Decimal(5)}
CREDITS = {Kind.CREDIT_NOTE, Kind.ADVERTISING_CREDIT}
_LARGEST = Decimal(10) ** 13
_TAX_FREE = {
    "AE": "Steuerschuldnerschaft des Leistungsempfängers",
    "E": "steuerfrei",
    "G": "Ausfuhr",
    "K": "innergemeinschaftliche Lieferung",
    "O": "nicht steuerbar",
    "Z": "Nullsatz",
}


class Status(StrEnum):
    """What a person sees: all is well, somebody has to look, nothing could be read."""

    OK = "ok"
    CHECK = "prüfen"
    ERROR = "Fehler"


@dataclass(frozen=True, slots=True)
class Judged:
    """A document as it is stored. ``tax_groups``: rate in percent as text (None: not told), net and tax in cents."""

    status: Status
    notes: tuple[str, ...]
    hints: tuple[str, ...] = ()
    reading: Reading | None = None
    net_cents: int | None = None
    tax_cents: int | None = None
    gross_cents: int | None = None
    tax_groups: tuple[tuple[str | None, int | None, int | None], ...] = ()
    places: dict[str, str] = field(default_factory=dict)
    pages: int | None = None


def judge(outcome: Outcome, lane: Lane, *, own_vat_id: str, today: date) -> Judged:
    """What becomes of a document that was dropped into ``lane``; ``today`` in German time."""
    if not outcome.readings:
        why = outcome.failure or "In der Datei wurde kein Text gefunden."
        return Judged(Status.ERROR, tuple(dict.fromkeys((why, *outcome.notes))), pages=outcome.pages)
    if not any(_is_invoice(reading) for reading in outcome.readings):
        why = "Keine Rechnung erkannt: weder eine Rechnungsnummer noch ein Gesamt- oder Steuerbetrag gefunden."
        return Judged(Status.ERROR, tuple(dict.fromkeys((why, *outcome.notes))), pages=outcome.pages)
    best, others = _completed(outcome.readings[0]), outcome.readings[1:]
    notes = list(
        dict.fromkeys(
            [
                *([outcome.failure] if outcome.failure else []),
                *outcome.notes,
                *best.doubts,
                *_disagreements(best, others, outcome.seen),
                *_missing(best),
                *_incomplete(best, others),
                *_sums(best),
                *_days(best, today),
                *_parties(best, own_vat_id),
                *_lane(best, others, lane),
            ]
        )
    )
    if best.source is Source.OCR:
        notes.append("Aus einem Scan gelesen: bitte alle Werte mit dem Bild vergleichen.")
    sign = -1 if best.kind in CREDITS else 1
    return Judged(
        status=Status.CHECK if notes else Status.OK,
        notes=tuple(notes),
        hints=tuple(_hints(best)),
        reading=best,
        net_cents=_cents(best.net, sign),
        tax_cents=_cents(best.tax, sign),
        gross_cents=_cents(best.gross, sign),
        tax_groups=tuple((_rate(group.rate), _cents(group.net, sign), _cents(group.tax, sign)) for group in best.tax_groups),
        places=best.places,
        pages=outcome.pages,
    )


def _is_invoice(reading: Reading) -> bool:
    """Whether there is anything of an invoice in it; an e-invoice always is one, and so is what tells its values more than once."""
    is_told_twice = reading.kind not in {None, Kind.OTHER} and bool(reading.doubts)
    told = (reading.number, reading.net, reading.tax, reading.gross)
    return reading.source is Source.XML or is_told_twice or any(value is not None for value in told)


def issuer_key(issuer: str | None, vat_id: str | None) -> str | None:
    """Who issued it, to tell two invoices with one number apart; None when nobody is known."""
    if vat_id:
        return vat_id
    return "".join(issuer.casefold().split()) if issuer else None


def _completed(reading: Reading) -> Reading:
    """Amounts that follow from the printed ones without doubt, each with its place saying so."""
    net, tax, gross = reading.net, reading.tax, reading.gross
    rates = {group.rate for group in reading.tax_groups if group.rate is not None}
    taxes = [group.tax for group in reading.tax_groups if group.tax is not None]
    if net is not None and gross is not None and tax is None and len(taxes) == len(reading.tax_groups) > 1 and net + sum(taxes) == gross:
        return _with(reading, "tax", gross - net, "errechnet: Summe der Steuersätze")
    if net is not None and gross is not None and tax is None and net == gross and reading.reverse_charge:
        return _with(reading, "tax", Decimal("0.00"), "keine USt: Steuerschuldnerschaft des Leistungsempfängers")
    if len(rates) != 1 or gross is None:
        return reading
    (rate,) = rates
    if net is None and tax is not None and abs(_tax_in(gross, rate) - tax) <= CENT:
        return _with(reading, "net", gross - tax, f"errechnet: Brutto - USt, Satz {_rate(rate)} % bestätigt")
    if tax is None and net is not None and abs(_tax_in(gross, rate) - (gross - net)) <= CENT:
        return _with(reading, "tax", gross - net, f"errechnet: Brutto - Netto, Satz {_rate(rate)} % bestätigt")
    if net is None and tax is None and abs(gross) <= SMALL_AMOUNT and reading.currency == "EUR" and rate in GERMAN_RATES:
        inside = _tax_in(gross, rate)
        with_tax = _with(reading, "tax", inside, f"errechnet: {_rate(rate)} % in einer Kleinbetragsrechnung")
        return _with(with_tax, "net", gross - inside, f"errechnet: {_rate(rate)} % in einer Kleinbetragsrechnung")
    return reading


def _with(reading: Reading, name: str, amount: Decimal, place: str) -> Reading:
    places = {**reading.places, name: place}
    return replace(reading, net=amount, places=places) if name == "net" else replace(reading, tax=amount, places=places)


def _tax_in(gross: Decimal, rate: Decimal) -> Decimal:
    return (gross * rate / (100 + rate)).quantize(CENT, ROUND_HALF_UP)


def _disagreements(best: Reading, others: Sequence[Reading], seen: frozenset[str] | None) -> Iterator[str]:
    """Where XML and page differ. What stands on the page somewhere agrees, whatever the text reader took for it."""
    for name, words in _COMPARED.items():
        ours = getattr(best, name)
        if ours is None or (seen is not None and name in seen):
            continue
        told = next((theirs for other in others if (theirs := getattr(other, name)) is not None and _plain(theirs) != _plain(ours)), None)
        if told is not None:
            yield f"{words}: das XML sagt {_say(ours)}, auf der Seite steht {_say(told)}."
        elif seen is not None and name == "gross":
            yield f"{words} {_say(ours)} aus dem XML steht nicht auf der Seite."


_COMPARED = {"number": "Rechnungsnummer", "issued_on": "Rechnungsdatum", "gross": "Bruttobetrag"}


def _plain(value: object) -> object:
    return "".join(value.split()).casefold() if isinstance(value, str) else abs(value) if isinstance(value, Decimal) else value


def _missing(reading: Reading) -> Iterator[str]:
    """What an invoice has to contain (§ 14 Abs. 4 UStG; less up to 250 EUR, § 33 UStDV)."""
    if reading.kind is None or reading.kind is Kind.OTHER:
        yield "Art des Dokuments nicht erkannt (Rechnung oder Gutschrift?)."
    is_small = reading.gross is not None and abs(reading.gross) <= SMALL_AMOUNT and reading.source is not Source.XML
    wanted = {
        "Aussteller": reading.issuer,
        "Rechnungsnummer": reading.number,
        "Rechnungsdatum": reading.issued_on,
        "Währung": reading.currency,
        "Bruttobetrag": reading.gross,
        "Nettobetrag": reading.net,
        "Steuerbetrag": reading.tax,
    }
    if is_small:
        del wanted["Rechnungsnummer"]
    missing = [name for name, value in wanted.items() if value in (None, "")]
    if missing:
        yield f"Nicht gefunden: {', '.join(missing)}."
    if not is_small and not reading.issuer_vat_id and not reading.tax_number:
        yield "Weder USt-IdNr. noch Steuernummer des Ausstellers gefunden."


def _incomplete(best: Reading, others: Sequence[Reading]) -> Iterator[str]:
    """An XML that is only the head of an invoice counts together with the page it was made for."""
    if best.source is Source.XML and not others and best.profile.endswith(tuple(HEADS_ONLY)):
        yield f"Das XML ({best.profile}) ist keine vollständige Rechnung (§ 14 UStG): bitte mit der Rechnung vergleichen, zu der es gehört."


def _hints(reading: Reading) -> Iterator[str]:
    """What is worth knowing and is no reason to stop: what no source has to tell, or what cannot be seen in the text for sure."""
    if reading.period_from is None and reading.period_to is None and reading.kind not in CREDITS:
        yield "Kein Leistungsdatum angegeben."
    if reading.has_parties is False:
        yield "Namen oder Anschriften beider Seiten sind nicht vollständig."


def _sums(reading: Reading) -> Iterator[str]:
    net, tax, gross = reading.net, reading.tax, reading.gross
    if net is not None and tax is not None and gross is not None and net + tax != gross:
        yield f"Netto {_say(net)} + USt {_say(tax)} ergibt {_say(net + tax)}, Brutto ist {_say(gross)}."
    for amount in (net, tax, gross):
        if amount is not None and (amount != amount.quantize(CENT) if abs(amount) < _LARGEST else True):
            yield f"Betrag {amount} hat mehr als zwei Nachkommastellen oder ist zu groß."
    if net is not None and reading.lines_net is not None:
        told = reading.lines_net - (reading.allowances or 0) + (reading.charges or 0)
        if told != net:
            yield f"Summe der Positionen mit Zu- und Abschlägen ist {_say(told)}, Netto ist {_say(net)}."
    yield from _group_sums(reading)


def _group_sums(reading: Reading) -> Iterator[str]:
    groups = reading.tax_groups
    for name, total, parts in (
        ("Netto", reading.net, [group.net for group in groups]),
        ("USt", reading.tax, [group.tax for group in groups]),
    ):
        known = [part for part in parts if part is not None]
        if total is not None and known and len(known) == len(parts) and sum(known) != total:
            yield f"{name} der Steuersätze ergibt {_say(sum(known, Decimal(0)))}, {name} der Rechnung ist {_say(total)}."
    for group in groups:
        yield from _group(group)
    if not groups and reading.source is not Source.XML and reading.tax is not None and reading.net:
        if reading.tax and not _is_usual(reading.tax / reading.net):
            yield f"USt {_say(reading.tax)} auf {_say(reading.net)} passt zu keinem üblichen Steuersatz, und ein Satz ist nicht angegeben."
        if not reading.tax and not reading.reverse_charge and "tax" not in reading.places:
            yield "USt 0,00 ohne Angabe, warum."


def _group(group: TaxGroup) -> Iterator[str]:
    if group.tax and group.category in _TAX_FREE:
        meaning = _TAX_FREE[group.category]
        yield f"USt {_say(group.tax)} ist berechnet, obwohl die Steuerkategorie {group.category} ({meaning}) keine zulässt."
    if group.rate is None or group.net is None or group.tax is None:
        return
    expected = (group.net * group.rate / 100).quantize(CENT, ROUND_HALF_UP)
    # Taxes may be rounded line by line, which moves the sum by a cent or two.
    if abs(expected - group.tax) > 2 * CENT:
        yield f"{_rate(group.rate)} % von {_say(group.net)} sind {_say(expected)}, angegeben ist {_say(group.tax)}."


def _is_usual(share: Decimal) -> bool:
    """Whether tax and net fit a rate that is in use somewhere in Europe: a whole number of percent, or half of one."""
    doubled = share * 200
    return Decimal(5) <= doubled <= Decimal("54.5") and abs(doubled - doubled.to_integral_value()) <= Decimal("0.2")


def _days(reading: Reading, today: date) -> Iterator[str]:
    if reading.issued_on is not None and reading.issued_on > today + timedelta(days=1):
        yield f"Rechnungsdatum {_say(reading.issued_on)} liegt in der Zukunft."
    if reading.period_from is not None and reading.period_to is not None and reading.period_from > reading.period_to:
        yield f"Zeitraum beginnt am {_say(reading.period_from)} und endet davor, am {_say(reading.period_to)}."


def _parties(reading: Reading, own_vat_id: str) -> Iterator[str]:
    if own_vat_id and reading.buyer_vat_id and reading.buyer_vat_id != own_vat_id:
        yield f"Die Rechnung nennt als Empfänger die USt-IdNr. {reading.buyer_vat_id}, eingestellt ist {own_vat_id} (INVOICE_OWN_VAT_ID)."
    if own_vat_id and reading.issuer_vat_id == own_vat_id:
        yield "Aussteller ist das eigene Unternehmen: das ist keine Eingangsrechnung."
    if reading.iban and is_wrong_iban(reading.iban):
        yield f"IBAN {reading.iban}: die Prüfziffern stimmen nicht; vor dem Bezahlen beim Aussteller nachfragen."


def _lane(best: Reading, others: Sequence[Reading], lane: Lane) -> Iterator[str]:
    everything = (best, *others)
    told = next((reading.lane for reading in everything if reading.lane is not None), None)
    if told is not None and told is not lane:
        yield f"Falsches Dokument für diesen Ordner: es gehört nach eingang/{told}, nicht nach eingang/{lane}."
    elif told is None and lane is Lane.ADVERTISING and not any(reading.mentions_advertising for reading in everything):
        yield "Nicht als Werberechnung erkannt: gehört die Datei nach eingang/rechnungen?"


def _cents(amount: Decimal | None, sign: int) -> int | None:
    if amount is None or abs(amount) >= _LARGEST:
        return None
    return sign * int((amount * 100).quantize(Decimal(1), ROUND_HALF_UP))


def _rate(rate: Decimal | None) -> str | None:
    return None if rate is None else f"{rate.normalize():f}".replace(".", ",")


def _say(value: object) -> str:
    """A value as it is written in German."""
    if isinstance(value, Decimal):
        return f"{value:,.2f}".translate(str.maketrans(",.", ".,"))
    return f"{value:%d.%m.%Y}" if isinstance(value, date) else str(value)
