"""Reads the fields of an invoice from the text of its pages. What is not sure is left out, with a German sentence why."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from temu_assets.invoices.profiles import IssuerProfile, Labelled, Profiles, Statement
from temu_assets.invoices.reading import Kind, Lane, Page, Reading, Source, TaxGroup
from temu_assets.invoices.text_amounts import Amounts, resolve
from temu_assets.invoices.text_document import Document, Phrases, document_of
from temu_assets.invoices.text_folding import fold
from temu_assets.invoices.text_kind import NO_TAX, kind_of, mentions_advertising, statements
from temu_assets.invoices.text_labels import Rank
from temu_assets.invoices.text_layout import lines_of
from temu_assets.invoices.text_money import Money, sums
from temu_assets.invoices.text_parties import Parties, parties
from temu_assets.invoices.text_recognition import language_of, recognise
from temu_assets.invoices.text_tax import taxes
from temu_assets.invoices.text_values import (
    Candidate,
    best,
    dates,
    dates_behind_numbers,
    dates_behind_towns,
    number_in,
    numbers,
    numbers_with_dates,
    periods,
)

CREDITS = {Kind.CREDIT_NOTE, Kind.ADVERTISING_CREDIT}
_MOST_ORDERS = 50
_ORDERS = re.compile(r"(?<![\w-])(?:\d{3}-\d{7}-\d{7}|PO-\d{3}-\d{6,30})(?![\w-])")
_CODES = {
    "eur": "EUR",
    "euro": "EUR",
    "€": "EUR",
    "gbp": "GBP",
    "£": "GBP",
    "usd": "USD",
    "$": "USD",
    "sek": "SEK",
    "pln": "PLN",
    "chf": "CHF",
}
_CATEGORIES = {Statement.REVERSE_CHARGE: "AE", Statement.SMALL_BUSINESS: "E", Statement.INTRA_EU: "K", Statement.EXPORT: "G"}


def read_text(pages: Sequence[Page], source: Source, lane: Lane, profiles: Profiles) -> Reading | None:
    """What the pages say; None only when they have no text. ``lane``: the folder the document was dropped into."""
    lines = lines_of(pages)
    if not lines:
        return None
    phrases = Phrases(lines)
    profile, doubt = recognise(phrases, profiles)
    language = profiles.languages[profile.language] if profile else language_of(lines, phrases, profiles)
    document = document_of(lines, profiles, profile, language, ocr=source is Source.OCR)
    told = dict(statements(document, phrases))
    kind, kind_doubt = (profile.kind, None) if profile and profile.kind else kind_of(document, profile.lane if profile else lane)
    sides = parties(document, phrases, profile, {page.number: page.height for page in pages})
    amounts = _amounts(document, profile, told)
    if kind in CREDITS:
        amounts = _positive(amounts)
    reading = Reading(
        source=source,
        profile=profile.id if profile else language.id,
        kind=kind,
        lane=profile.lane if profile else None,
        country=(profile.country if profile else None) or sides.issuer_country,
        mentions_advertising=mentions_advertising(document, phrases) or bool(profile and profile.lane is Lane.ADVERTISING),
        order_refs=_orders(document),
    )
    reading = _with_parties(reading, sides)
    reading = _with_dates(_with_number(reading, document), document, told)
    reading = _with_amounts(reading, amounts, told)
    doubts = [doubt, kind_doubt, *sides.doubts, *amounts.doubts]
    return replace(reading, doubts=(*(each for each in doubts if each), *reading.doubts))


def _amounts(document: Document, profile: IssuerProfile | None, told: dict[Statement, str]) -> Amounts:
    found: dict[Labelled, list[Money]] = {}
    for means, money in sums(document):
        found.setdefault(means, []).append(money)
    tax = taxes(document)
    sentence = next((told[statement] for statement in NO_TAX if statement in told), None)
    no_tax = f"keine USt: {sentence}" if sentence and not tax.seen and not tax.unread else None
    named, doubt = best(_currencies(document), "Währung")
    default = profile.currency if profile else None
    amounts = resolve(found, tax, currency=named.value if named else default or _only_mark(document), no_tax=no_tax)
    amounts.doubts += [doubt] if doubt else []
    amounts.groups = tuple(_with_category(group, told) for group in amounts.groups)
    return amounts


def _with_category(group: TaxGroup, told: dict[Statement, str]) -> TaxGroup:
    category = next((_CATEGORIES[statement] for statement in NO_TAX if statement in told), group.category)
    return replace(group, category=category) if group.rate == 0 else group


def _currencies(document: Document) -> list[Candidate[str]]:
    found = []
    for hit in document.all_hits(Labelled.CURRENCY):
        for start, end in document.pieces(hit)[:2]:
            code = _CODES.get(fold(hit.line.text[start:end].strip(" :.()")))
            if code is not None:
                found.append(Candidate(code, hit.rank, hit.place, code))
    return found


def _only_mark(document: Document) -> str | None:
    """The only currency that stands beside any amount or as a word; None if there are two."""
    marks = {each.currency for amounts in document.amounts for each in amounts if each.currency}
    words = {token.folded for line in document.lines for token in line.tokens}
    marks |= {code for word, code in _CODES.items() if word in words}
    if not marks and any("€" in line.text for line in document.lines):
        return "EUR"
    return next(iter(marks)) if len(marks) == 1 else None


def _positive(amounts: Amounts) -> Amounts:
    """A credit note holds what it credits: amounts without their minus."""
    for name in ("net", "tax", "gross", "payable"):
        value = getattr(amounts, name)
        setattr(amounts, name, None if value is None else abs(value))
    amounts.groups = tuple(
        replace(group, net=None if group.net is None else abs(group.net), tax=None if group.tax is None else abs(group.tax))
        for group in amounts.groups
    )
    return amounts


def _with_parties(reading: Reading, sides: Parties) -> Reading:
    return replace(
        reading,
        issuer=sides.issuer,
        issuer_vat_id=sides.issuer_vat_id,
        buyer_vat_id=sides.buyer_vat_id,
        tax_number=sides.tax_number,
        iban=sides.iban,
        places={**reading.places, **sides.places},
    )


def _with_number(reading: Reading, document: Document) -> Reading:
    """The document's own number; on a credit note the number of an invoice is that of another document."""
    pairs = [number for number, _ in numbers_with_dates(document)]
    own = [*numbers(document, Labelled.NUMBER), *pairs]
    credit = list(numbers(document, Labelled.CREDIT_NUMBER))
    if reading.kind in CREDITS:
        told = credit or [each for each in own if each.rank is Rank.PROFILE]
        if not told and own:
            text = ", ".join(dict.fromkeys(each.text for each in own[:3]))
            doubt = f"Gutschrift ohne eigene Nummer: {text} kann die der ursprünglichen Rechnung sein."
            return replace(reading, doubts=(*reading.doubts, doubt))
    else:
        told = own
    chosen, unsure = best(told, "Rechnungsnummer")
    if chosen is None:
        return replace(reading, doubts=(*reading.doubts, unsure)) if unsure else reading
    return replace(reading, number=chosen.value, places={**reading.places, "number": chosen.place})


def _with_dates(reading: Reading, document: Document, told: dict[Statement, str]) -> Reading:
    places, doubts = dict(reading.places), list(reading.doubts)
    labelled = [
        *dates(document, Labelled.ISSUED_ON),
        *(day for _, day in numbers_with_dates(document)),
        *dates_behind_numbers(document, Labelled.NUMBER, Labelled.CREDIT_NUMBER),
    ]
    issued, doubt = best(labelled or list(dates_behind_towns(document)), "Rechnungsdatum")
    due, due_doubt = best(dates(document, Labelled.DUE_ON), "Fälligkeit")
    doubts += [each for each in (doubt,) if each]
    first, last, place = _period(document)
    if first is None and issued is not None and Statement.SERVICE_ON_INVOICE_DATE in told:
        first = last = issued.value
        place = told[Statement.SERVICE_ON_INVOICE_DATE]
    found = {"issued_on": issued and issued.place, "due_on": due and due.place, "period": place}
    places |= {name: where for name, where in found.items() if where}
    if due_doubt and due is None:
        places["due_on"] = due_doubt
    return replace(
        reading,
        issued_on=issued.value if issued else None,
        due_on=due.value if due else None,
        period_from=first,
        period_to=last,
        places=places,
        doubts=tuple(doubts),
    )


def _period(document: Document) -> tuple[date | None, date | None, str | None]:
    """The time of the service: what stands above the items before what stands among them, and a labelled period before a labelled day.

    Different ones, as of several deliveries, are none.
    """
    ways = ((among, meaning) for among in (False, True) for meaning in (Labelled.PERIOD, Labelled.SERVICE_DATE))
    for among, meaning in ways:
        found = list(periods(document, meaning, among_items=among))
        if found:
            chosen, doubt = best(found, "Leistungszeitraum")
            if chosen is None or chosen.value is None:
                return None, None, doubt
            return *chosen.value, chosen.place
    return None, None, None


def _with_amounts(reading: Reading, amounts: Amounts, told: dict[Statement, str]) -> Reading:
    has_tax = bool(amounts.tax) or any(group.tax for group in amounts.groups)
    reverse_charge = Statement.REVERSE_CHARGE in told
    doubts = reading.doubts
    if reverse_charge and has_tax:
        doubts = (*doubts, f"'{told[Statement.REVERSE_CHARGE]}' steht auf der Rechnung, die trotzdem USt ausweist.")
    places = {**reading.places, **amounts.places}
    if reverse_charge and not has_tax:
        places["reverse_charge"] = told[Statement.REVERSE_CHARGE]
    return replace(
        reading,
        currency=amounts.currency,
        net=amounts.net,
        tax=amounts.tax,
        gross=amounts.gross,
        prepaid=amounts.prepaid,
        payable=amounts.payable,
        tax_groups=amounts.groups,
        reverse_charge=True if reverse_charge and not has_tax else None,
        places=places,
        doubts=doubts,
    )


def _orders(document: Document) -> tuple[str, ...]:
    """Order numbers: behind their labels, and those of marketplaces by their shape."""
    found = [each.value for each in numbers(document, Labelled.ORDER) if each.value is not None]
    found += [match[0] for line in document.lines for match in _ORDERS.finditer(line.text)]
    return tuple(dict.fromkeys(each for each in found if number_in(each) is not None))[:_MOST_ORDERS]
