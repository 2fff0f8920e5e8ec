"""From the terms of an e-invoice to a reading. Nothing is calculated; what is malformed, contradictory or missing is a doubt."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal

from temu_assets.invoices.e_invoice_kinds import kind_of
from temu_assets.invoices.e_invoice_profiles import Profile
from temu_assets.invoices.e_invoice_terms import GroupTerms, Party, Terms
from temu_assets.invoices.e_invoice_values import TERMS, Nodes, Values
from temu_assets.invoices.e_invoice_xml import shown
from temu_assets.invoices.reading import Kind, Reading, Source, TaxGroup

_NAME_LENGTH, _NUMBER_LENGTH = 255, 100
_MOST = 50
"""So many order numbers or VAT groups; a file with more was made to do harm, or by a faulty program."""
_VAT_ID = re.compile(r"(?=.*\d)[A-Z]{2}[0-9A-Z+*]{2,16}", re.ASCII)
_IBAN = re.compile(r"[A-Z]{2}\d\d[0-9A-Z]{10,30}", re.ASCII)
_SEPARATORS = str.maketrans("", "", " .-")
_PLACEHOLDERS = {"", "NA", "N/A", "-", "."}
"""What programs write into an order number that has to be there and is not."""
_ADVERTISING = re.compile(
    r"(?<!be)(?<!er)werbung|\bwerbe|advertis|\bads\b|sponsored (?:products|brands|display)|kampagne|campaign|\banzeigen", re.IGNORECASE
)


def reading_of(terms: Terms, profile: Profile) -> Reading:
    """What the terms say. A sum told in two currencies is read in that of the invoice."""
    values = Values()
    values.currency = currency = _code(values, "currency", terms.currency, length=3)
    kind = _kind(values, terms)
    number = values.text("number", terms.number, longest=_NUMBER_LENGTH)
    issued_on = values.day("issued_on", terms.issued_on)
    issuer = _name(values, "issuer", terms.seller)
    amounts = {name: values.amount(name, nodes) for name, nodes in terms.amounts.items()}
    groups = tuple(_groups(values, terms.groups))
    period_from, period_to = _period(values, terms)
    vat_id, tax_number = _tax_ids(values, terms.seller)
    _doubt_amounts(values, kind, amounts)
    _doubt_missing(
        values,
        terms,
        {"number": number, "issued_on": issued_on, "kind": kind, "currency": currency, "issuer": issuer}
        | {name: amounts[name] for name in ("net", "gross")},
    )
    values.places["profile"] = _profile_place(profile, is_test=terms.is_test)
    return Reading(
        Source.XML,
        profile.name,
        kind=kind,
        issuer=issuer,
        issuer_vat_id=vat_id,
        tax_number=tax_number,
        buyer=_name(values, "buyer", terms.buyer),
        buyer_vat_id=_vat_id(values, "buyer_vat_id", terms.buyer.vat_ids),
        number=number,
        issued_on=issued_on,
        period_from=period_from,
        period_to=period_to,
        due_on=_due(values, terms.due_on),
        country=_code(values, "country", terms.seller.countries, length=2),
        currency=currency,
        net=amounts["net"],
        tax=amounts["tax"],
        gross=amounts["gross"],
        prepaid=amounts["prepaid"],
        payable=amounts["payable"],
        tax_groups=groups,
        lines_net=amounts["lines_net"],
        allowances=amounts["allowances"],
        charges=amounts["charges"],
        reverse_charge=any(group.category == "AE" for group in groups) if groups else None,
        iban=_iban(values, terms.accounts),
        order_refs=_order_refs(values, terms.order_refs),
        mentions_advertising=any(_ADVERTISING.search(node.text) for node in terms.texts),
        has_parties=all(_is_told(nodes) for party in (terms.seller, terms.buyer) for nodes in (party.names, party.address)),
        places=values.places,
        # Last, because reading the values above adds to them.
        doubts=tuple(values.doubts),
    )


def _kind(values: Values, terms: Terms) -> Kind | None:
    codes = [node.text for node in terms.type_codes if node.text]
    kind, doubt = kind_of(codes, terms.root)
    if doubt:
        values.doubts.append(doubt)
    if kind is not None:
        values.places["kind"] = TERMS["kind"][0] if codes else f"Wurzelelement {terms.root}"
    return kind


def _code(values: Values, name: str, nodes: Nodes, *, length: int) -> str | None:
    """A code of letters, for a currency or a country."""
    code = values.text(name, nodes, longest=_NAME_LENGTH)
    if code is None or (len(code) == length and code.isascii() and code.isalpha()):
        return code.upper() if code else None
    del values.places[name]
    values.doubt(name, f"{shown(code)} ist kein Code aus {length} Buchstaben")
    return None


def _name(values: Values, name: str, party: Party) -> str | None:
    """The first of a party's names: its legal one comes before the one it trades under."""
    found = next((node.text for node in party.names if node.text), None)
    if found is not None:
        values.places[name] = TERMS[name][0]
    return found[:_NAME_LENGTH] if found else None


def _tax_ids(values: Values, seller: Party) -> tuple[str | None, str | None]:
    """VAT id and tax number. What stands for a VAT id and has not the shape of one is the tax number, if no other is told."""
    vat_id = _vat_id(values, "issuer_vat_id", seller.vat_ids)
    told = [*seller.tax_numbers, *(node for node in seller.vat_ids if _vat_id_in(node.text) is None)]
    tax_number = next((node.text[:_NUMBER_LENGTH] for node in told if node.text), None)
    if tax_number is not None:
        values.places["tax_number"] = TERMS["tax_number"][0]
    return vat_id, tax_number


def _vat_id(values: Values, name: str, nodes: Nodes) -> str | None:
    found = next((vat_id for node in nodes if (vat_id := _vat_id_in(node.text))), None)
    if found is not None:
        values.places[name] = TERMS[name][0]
    return found


def _vat_id_in(text: str) -> str | None:
    squeezed = text.translate(_SEPARATORS).upper()
    return squeezed if _VAT_ID.fullmatch(squeezed) else None


def _iban(values: Values, nodes: Nodes) -> str | None:
    """The first IBAN; an account may have another number (BT-84 allows it)."""
    squeezed = (node.text.translate(_SEPARATORS).upper() for node in nodes)
    found = next((account for account in squeezed if _IBAN.fullmatch(account)), None)
    if found is not None:
        values.places["iban"] = TERMS["iban"][0]
    return found


def _order_refs(values: Values, nodes: Nodes) -> tuple[str, ...]:
    found = tuple(dict.fromkeys(node.text[:_NUMBER_LENGTH] for node in nodes if node.text.upper() not in _PLACEHOLDERS))
    if found:
        values.places["order_refs"] = TERMS["order_refs"][0]
    return found[:_MOST]


def _period(values: Values, terms: Terms) -> tuple[date | None, date | None]:
    """The period of the invoice, or else the day, or days, of delivery."""
    begin, end = values.day("period_from", terms.period_from), values.day("period_to", terms.period_to)
    if begin is None and end is None and not _is_told([*terms.period_from, *terms.period_to]):
        days = [day for node in terms.delivered if (day := values.day("delivered", [node]))]
        begin, end = (min(days), max(days)) if days else (None, None)
        if days:
            values.places["period_from"] = values.places["period_to"] = values.places.pop("delivered")
    return begin, end


def _due(values: Values, choices: Sequence[Nodes]) -> date | None:
    """The day the whole amount is due; none where it is due in parts, or discounts have days that are not marked as theirs."""
    for nodes in choices:
        days = {day for node in nodes if (day := values.day("due_on", [node]))}
        if len(days) > 1:
            values.places["due_on"] = "BT-9: mehrere Termine, keiner übernommen"
            return None
        if days:
            return days.pop()
    return None


def _groups(values: Values, groups: Sequence[GroupTerms]) -> Iterator[TaxGroup]:
    """The VAT groups of the invoice's currency."""
    ours = [group for group in groups if not values.is_foreign([*group.net, *group.tax])] or groups
    if len(ours) > _MOST:
        values.doubt("tax_groups", f"es sind {len(ours)}, gelesen wurde keine")
        return
    for group in ours:
        tax = next((node.text for node in group.taxes if node.text), "VAT")
        if tax.upper() != "VAT":
            values.doubt("tax_groups", f"die Steuer {shown(tax)} ist keine Umsatzsteuer")
        yield TaxGroup(
            rate=values.decimal("group_rate", group.rate, place=False),
            net=values.amount("group_net", group.net),
            tax=values.amount("group_tax", group.tax),
            category=next((node.text.upper()[:5] for node in group.category if node.text), ""),
        )
        values.places["tax_groups"] = TERMS["tax_groups"][0]
        values.places["reverse_charge"] = TERMS["reverse_charge"][0]


def _doubt_amounts(values: Values, kind: Kind | None, amounts: Mapping[str, Decimal | None]) -> None:
    gross, payable, rounding = amounts["gross"], amounts["payable"], amounts["rounding"]
    if kind is Kind.CREDIT_NOTE and gross is not None and gross < 0:
        values.doubt("gross", f"{gross} auf einer Gutschrift; ob der Betrag gutgeschrieben oder berechnet wird, ist nicht eindeutig")
    if rounding and gross is not None and payable is not None:
        values.places["payable"] = f"BT-115, mit Rundung {rounding} (BT-114)"
        if payable != gross - (amounts["prepaid"] or 0) + rounding:
            values.doubt("payable", f"{payable} ist nicht Bruttobetrag abzüglich Bezahltem mit Rundung {rounding}")


def _doubt_missing(values: Values, terms: Terms, found: Mapping[str, object]) -> None:
    """A doubt about mandatory values that are not told at all; those that are told wrongly have one of their own."""
    told = {
        "number": terms.number, "issued_on": terms.issued_on, "kind": terms.type_codes, "currency": terms.currency,
        "issuer": terms.seller.names, "net": terms.amounts["net"], "gross": terms.amounts["gross"],
    }  # fmt: skip
    missing = [" ".join(TERMS[name]) for name, value in found.items() if value is None and not _is_told(told[name])]
    if missing:
        values.doubts.append(f"Im XML fehlt: {', '.join(missing)}.")


def _profile_place(profile: Profile, *, is_test: bool) -> str:
    parts = ["BT-24"]
    if not profile.is_invoice:
        parts.append("dieses Profil ist keine vollständige E-Rechnung (§ 14 UStG)")
    if is_test:
        parts.append("als Test gekennzeichnet")
    return "; ".join(parts)


def _is_told(nodes: Nodes) -> bool:
    return any(node.text for node in nodes)
