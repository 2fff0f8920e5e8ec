"""E-invoices are read as they are written, in every syntax; what is missing, malformed or said twice is a doubt and never a guess."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from temu_assets.invoices.e_invoice import NotAnInvoice, is_e_invoice, read_e_invoice
from temu_assets.invoices.judging import Status, judge
from temu_assets.invoices.reading import Kind, Lane, Outcome, Reading, Source, TaxGroup
from temu_assets_tests.invoices.e_invoices import (
    ALL_SYNTAXES,
    PEPPOL,
    XRECHNUNG,
    ZUGFERD_1,
    Group,
    Invoice,
    Party,
    Writer,
    cii,
    in_envelope,
    ubl,
    zugferd_1,
)

in_every_syntax = pytest.mark.parametrize("write", ALL_SYNTAXES.values(), ids=ALL_SYNTAXES.keys())
in_both_families = pytest.mark.parametrize("write", [cii, ubl], ids=["cii", "ubl"])


def reading(write: Writer, **values: Any) -> Reading:
    return read_e_invoice(write(replace(Invoice(), **values)))


@in_every_syntax
def test_everything_is_read(write: Writer) -> None:
    found = reading(
        write,
        seller=Party(tax_number="201/123/45678"),
        lines_net="110.50",
        allowances="15.50",
        charges="5.00",
        prepaid="19.00",
        payable="100.00",
    )
    assert found == Reading(
        Source.XML,
        found.profile,
        kind=Kind.INVOICE,
        issuer="Muster Handel GmbH",
        issuer_vat_id="DE123456789",
        tax_number="201/123/45678",
        buyer="Beispiel & Söhne KG",
        buyer_vat_id="DE987654321",
        number="RE-2026-0815",
        issued_on=date(2026, 3, 5),
        period_from=date(2026, 2, 1),
        period_to=date(2026, 2, 28),
        due_on=date(2026, 4, 4),
        country="DE",
        currency="EUR",
        net=Decimal("100.00"),
        tax=Decimal("19.00"),
        gross=Decimal("119.00"),
        prepaid=Decimal("19.00"),
        payable=Decimal("100.00"),
        tax_groups=(TaxGroup(Decimal("19.00"), Decimal("100.00"), Decimal("19.00"), "S"),),
        lines_net=Decimal("110.50"),
        allowances=Decimal("15.50"),
        charges=Decimal("5.00"),
        reverse_charge=False,
        iban="DE02120300000000202051",
        order_refs=found.order_refs,
        has_parties=True,
        places=found.places,
    )
    assert set(found.order_refs) == {"B-77", "AB-88"}
    assert found.places == {
        "profile": "BT-24", "kind": "BT-3", "issuer": "BT-27", "issuer_vat_id": "BT-31", "tax_number": "BT-32", "buyer": "BT-44",
        "buyer_vat_id": "BT-48", "number": "BT-1", "issued_on": "BT-2", "period_from": "BT-73", "period_to": "BT-74", "due_on": "BT-9",
        "country": "BT-40", "currency": "BT-5", "net": "BT-109", "tax": "BT-110", "gross": "BT-112", "prepaid": "BT-113",
        "payable": "BT-115", "tax_groups": "BG-23", "lines_net": "BT-106", "allowances": "BT-107", "charges": "BT-108",
        "reverse_charge": "BT-118", "iban": "BT-84", "order_refs": "BT-13/BT-14",
    }  # fmt: skip


@in_every_syntax
def test_a_good_invoice_needs_nobody(write: Writer) -> None:
    judged = judge(Outcome((reading(write),)), Lane.INVOICES, own_vat_id="DE987654321", today=date(2026, 3, 6))
    assert (judged.status, judged.notes) == (Status.OK, ())


amounts = st.builds(lambda digits, places: f"{Decimal(digits).scaleb(-places):f}", st.integers(-(10**12), 10**12), st.integers(0, 5))
days = st.dates(date(1970, 1, 1), date(2199, 12, 31))
numbers = st.text(st.characters(categories=["L", "N", "P", "S"]), min_size=1, max_size=100)


@given(st.sampled_from(list(ALL_SYNTAXES.values())), numbers, days, days, days, days, st.lists(amounts, min_size=8, max_size=8), amounts)
@settings(max_examples=60, deadline=None)
def test_whatever_is_written_is_read_back_exactly(
    write: Writer, number: str, issued: date, due: date, start: date, end: date, sums: list[str], rate: str
) -> None:
    net, tax, gross, payable, lines, allowances, charges, prepaid = sums
    found = reading(
        write, number=number, issued_on=issued, due_on=due, period=(start, end), net=net, tax=tax, gross=gross, payable=payable,
        lines_net=lines, allowances=allowances, charges=charges, prepaid=prepaid, groups=(Group(gross, tax, rate), Group(lines, net)),
    )  # fmt: skip
    assert (found.number, found.issued_on, found.due_on, found.period_from, found.period_to) == (number, issued, due, start, end)
    read = (found.net, found.tax, found.gross, found.payable, found.lines_net, found.allowances, found.charges, found.prepaid)
    assert [f"{value:f}" for value in read if value is not None] == [_without_minus_zero(told) for told in sums]
    assert found.tax_groups == (
        TaxGroup(Decimal(rate), Decimal(gross), Decimal(tax), "S"),
        TaxGroup(Decimal("19.00"), Decimal(lines), Decimal(net), "S"),
    )
    assert found.doubts == ()


def _without_minus_zero(told: str) -> str:
    return told if Decimal(told) else told.removeprefix("-")


@in_every_syntax
def test_the_tax_in_the_currency_of_the_invoice(write: Writer) -> None:
    """BT-111 is the same tax in the seller's currency. It may stand before or after, and in UBL in a tax total of its own."""
    found = reading(write, currency="GBP", taxes=(("EUR", "21.33"), ("SEK", "240.10")))
    assert (found.tax, found.currency, found.doubts) == (Decimal("19.00"), "GBP", ())
    assert [group.tax for group in found.tax_groups] == [Decimal("19.00")]


@in_every_syntax
def test_the_tax_in_another_currency_alone_is_not_the_tax(write: Writer) -> None:
    found = reading(write, currency="EUR", tax=None, taxes=(("GBP", "16.00"),))
    assert found.tax is None
    assert found.doubts == ("BT-110 Steuerbetrag: nur in 'GBP' angegeben, die Rechnung ist in EUR.",)


@in_every_syntax
def test_the_same_tax_said_twice_is_one_and_two_taxes_are_a_doubt(write: Writer) -> None:
    assert (reading(write, taxes=(("EUR", "19.0"),)).tax, reading(write, taxes=(("EUR", "19.0"),)).doubts) == (Decimal("19.0"), ())
    found = reading(write, taxes=(("EUR", "18.00"),))
    assert found.tax is None
    assert found.doubts == ("BT-110 Steuerbetrag: mehrere Werte ('18.00', '19.00').",)


def test_the_groups_of_a_tax_total_that_is_said_twice_count_once() -> None:
    once = ubl(Invoice())
    total = once[once.index(b"<cac:TaxTotal>") : once.index(b"</cac:TaxTotal>") + len(b"</cac:TaxTotal>")]
    found = read_e_invoice(once.replace(total, total + total))
    assert found == read_e_invoice(once)


@in_both_families
def test_groups_in_another_currency_are_left_out(write: Writer) -> None:
    found = reading(write, groups=(Group("85.00", "16.15", currency="GBP"), Group(currency="EUR")))
    assert [group.net for group in found.tax_groups] == [Decimal("100.00")]


@in_every_syntax
def test_a_credit_note_has_positive_amounts(write: Writer) -> None:
    found = reading(write, type_code="381")
    assert (found.kind, found.gross, found.due_on, found.doubts) == (Kind.CREDIT_NOTE, Decimal("119.00"), date(2026, 4, 4), ())


@in_every_syntax
def test_a_credit_note_with_negative_amounts_could_be_either(write: Writer) -> None:
    found = reading(write, type_code="381", gross="-119.00")
    assert found.gross == Decimal("-119.00")
    assert found.doubts == (
        "BT-112 Bruttobetrag: -119.00 auf einer Gutschrift; ob der Betrag gutgeschrieben oder berechnet wird, ist nicht eindeutig.",
    )


@in_every_syntax
@pytest.mark.parametrize("code", ["380", "384", "389", "326", "875", "751"])
def test_an_invoice_with_negative_amounts_stays_one(write: Writer, code: str) -> None:
    found = reading(write, type_code=code, net="-100.00", tax="-19.00", gross="-119.00", payable="-119.00", groups=())
    assert (found.kind, found.gross, found.doubts) == (Kind.INVOICE, Decimal("-119.00"), ())


@pytest.mark.parametrize("code", ["381", "261", "262", "296", "308", "396", "420", "458", "532", "83"])
def test_the_codes_of_credit_notes(code: str) -> None:
    assert reading(cii, type_code=code).kind is Kind.CREDIT_NOTE


def test_a_root_that_contradicts_the_code_is_a_doubt() -> None:
    found = read_e_invoice(ubl(Invoice(type_code="381")).replace(b"TypeCode>381<", b"TypeCode>380<"))
    assert found.kind is Kind.CREDIT_NOTE
    assert found.doubts == ("BT-3 Art des Dokuments: '380', das XML ist aber als Gutschrift (CreditNote) aufgebaut.",)


def test_ubl_may_leave_the_code_out_and_cii_may_not() -> None:
    found = reading(ubl, type_code=None)
    assert (found.kind, found.places["kind"], found.doubts) == (Kind.INVOICE, "Wurzelelement Invoice", ())
    assert reading(cii, type_code=None).kind is None
    assert reading(cii, type_code=None).doubts == ("Im XML fehlt: BT-3 Art des Dokuments.",)


def test_codes_of_no_invoice() -> None:
    assert reading(cii, type_code="325").kind is Kind.OTHER
    assert reading(cii, type_code="325").doubts == ("Das XML ist eine Proforma-Rechnung (BT-3: 325), keine Rechnung.",)
    assert reading(cii, type_code="999").kind is None
    assert reading(cii, type_code="999").doubts == ("BT-3 Art des Dokuments: '999' ist nicht bekannt oder nicht eindeutig.",)


@in_every_syntax
def test_reverse_charge(write: Writer) -> None:
    assert reading(write, groups=(Group("100.00", "0.00", "0", "AE"),)).reverse_charge is True
    assert reading(write, groups=(Group("100.00", "0.00", "0", "K"),)).reverse_charge is False
    assert reading(write, groups=()).reverse_charge is None


@in_every_syntax
def test_a_group_outside_vat_has_no_rate(write: Writer) -> None:
    assert reading(write, groups=(Group("100.00", "0.00", None, "O"),)).tax_groups == (
        TaxGroup(None, Decimal("100.00"), Decimal("0.00"), "O"),
    )


@in_every_syntax
def test_another_tax_is_not_vat(write: Writer) -> None:
    found = reading(write, groups=(Group(scheme="INS"),))
    assert found.doubts == ("BG-23 Aufschlüsselung der Umsatzsteuer: die Steuer 'INS' ist keine Umsatzsteuer.",)


@in_every_syntax
def test_a_day_of_delivery_is_a_period_where_no_period_is_told(write: Writer) -> None:
    found = reading(write, period=(None, None), delivered_on=date(2026, 2, 3))
    assert (found.period_from, found.period_to) == (date(2026, 2, 3), date(2026, 2, 3))
    assert (found.places["period_from"], found.places["period_to"]) == ("BT-72", "BT-72")
    assert reading(write, delivered_on=date(2026, 2, 3)).period_from == date(2026, 2, 1)
    assert reading(write, period=(date(2026, 2, 1), None), delivered_on=date(2026, 2, 3)).period_to is None


BAD_AMOUNTS = ["1e9", "NaN", "INF", "1,50", "1.234,50", "12.50 EUR", "0x10", "--1", "1_000", "١٢", ".", "9" * 41]


@in_every_syntax
@pytest.mark.parametrize("text", BAD_AMOUNTS)
def test_no_amount_is_guessed(write: Writer, text: str) -> None:
    found = reading(write, gross=text)
    assert found.gross is None
    assert [doubt.startswith("BT-112 Bruttobetrag: '") and doubt.endswith("ist keine Zahl.") for doubt in found.doubts] == [True]


@pytest.mark.parametrize(
    ("text", "value"),
    [(" 119.00\n", "119.00"), ("+119", "119"), ("119.", "119"), (".5", "0.5"), ("-0.00", "0.00"), ("119.123456", "119.123456")],
)
def test_every_way_to_write_a_decimal(text: str, value: str) -> None:
    found = reading(cii, gross=text)
    assert (str(found.gross), found.doubts) == (value, ())


def test_an_amount_across_a_comment_or_in_cdata_is_one_and_with_elements_inside_it_is_none() -> None:
    xml = cii(Invoice())
    for text in (b"1<!-- 7 -->19.00", b"<![CDATA[119.00]]>", b"1<?x 7?>19.00"):
        assert read_e_invoice(xml.replace(b"GrandTotalAmount>119.00", b"GrandTotalAmount>" + text)).gross == Decimal("119.00")
    assert read_e_invoice(xml.replace(b"GrandTotalAmount>119.00", b"GrandTotalAmount>1<x/>19.00")).gross is None


@in_every_syntax
@pytest.mark.parametrize("text", ["2026-13-01", "20260230", "5.3.2026", "260305", "0001-01-01", "morgen", "2026-03"])
def test_no_day_is_guessed(write: Writer, text: str) -> None:
    found = reading(write, issued_on=text)
    assert found.issued_on is None
    assert found.doubts == (f"BT-2 Rechnungsdatum: '{text}' ist kein Datum.",)


@in_every_syntax
@pytest.mark.parametrize("text", ["2026-03-05", "20260305", "2026-03-05T00:00:00", "2026-03-05+01:00", "2026-03-05Z", " 2026-03-05 "])
def test_every_way_to_write_a_day(write: Writer, text: str) -> None:
    found = reading(write, issued_on=text)
    assert (found.issued_on, found.doubts) == (date(2026, 3, 5), ())


@pytest.mark.parametrize(
    ("form", "text", "day"),
    [
        ("203", "202603051430", date(2026, 3, 5)), ("", "20260305", date(2026, 3, 5)), ("610", "202603", None), ("616", "202610", None),
        ("4", "05032026", None), ("101", "260305", None), ("610", "2026-03-05", date(2026, 3, 5)),
    ],
)  # fmt: skip
def test_formats_of_days(form: str, text: str, day: date | None) -> None:
    xml = cii(Invoice()).replace(b'format="102">20260305', f'format="{form}">{text}'.encode())
    assert read_e_invoice(xml).issued_on == day


@in_every_syntax
@pytest.mark.parametrize(
    ("field", "sentence"),
    [
        ("number", "BT-1 Rechnungsnummer"), ("issued_on", "BT-2 Rechnungsdatum"), ("currency", "BT-5 Währung"),
        ("net", "BT-109 Nettobetrag"), ("gross", "BT-112 Bruttobetrag"),
    ],
)  # fmt: skip
def test_what_is_missing_is_named(write: Writer, field: str, sentence: str) -> None:
    found = reading(write, **{field: None})
    assert getattr(found, field) is None
    assert found.doubts == (f"Im XML fehlt: {sentence}.",)


@in_every_syntax
def test_malformed_codes_and_endless_numbers(write: Writer) -> None:
    found = reading(write, currency="Euro", seller=Party(country="Deutschland"), number="9" * 101)
    assert (found.currency, found.country, found.number) == (None, None, None)
    assert found.doubts[:2] == (
        "BT-5 Währung: 'Euro' ist kein Code aus 3 Buchstaben.",
        f"BT-1 Rechnungsnummer: '{'9' * 40}…' ist länger als 100 Zeichen.",
    )
    assert "BT-40 Land des Verkäufers: 'Deutschland' ist kein Code aus 2 Buchstaben." in found.doubts
    assert {"currency", "country", "number"}.isdisjoint(found.places)


@in_every_syntax
def test_a_number_told_twice_is_a_doubt(write: Writer) -> None:
    xml = write(Invoice())
    prefix = b"cbc" if write is ubl else b"ram"
    doubled = xml.replace(b"RE-2026-0815</%s:ID>" % prefix, b"RE-2026-0815</%s:ID><%s:ID>RE-2</%s:ID>" % (prefix, prefix, prefix))
    found = read_e_invoice(doubled)
    assert found.number is None
    assert found.doubts == ("BT-1 Rechnungsnummer: mehrere Werte ('RE-2026-0815', 'RE-2').",)


@in_every_syntax
def test_rounding_of_what_is_to_be_paid(write: Writer) -> None:
    found = reading(write, prepaid="20.00", rounding="0.02", payable="99.02")
    assert (found.payable, found.gross, found.doubts) == (Decimal("99.02"), Decimal("119.00"), ())
    assert found.places["payable"] == "BT-115, mit Rundung 0.02 (BT-114)"
    assert reading(write, rounding="0.02", payable="119.50").doubts == (
        "BT-115 Zahlbetrag: 119.50 ist nicht Bruttobetrag abzüglich Bezahltem mit Rundung 0.02.",
    )


@in_every_syntax
def test_the_first_iban_and_no_other_number_of_an_account(write: Writer) -> None:
    assert reading(write, ibans=("4711", "AT61 1904 3002 3457 3201", "DE02120300000000202051")).iban == "AT611904300234573201"
    assert reading(write, ibans=()).iban is None


@in_every_syntax
def test_a_tax_number_where_a_vat_id_belongs(write: Writer) -> None:
    found = reading(write, seller=Party(vat_id="201/123/45678"))
    assert (found.issuer_vat_id, found.tax_number) == (None, "201/123/45678")
    assert reading(write, seller=Party(vat_id="de 123.456-789")).issuer_vat_id == "DE123456789"
    assert reading(write, seller=Party(vat_id=None)).issuer_vat_id is None


@in_every_syntax
def test_parties_are_complete_with_names_and_addresses(write: Writer) -> None:
    assert reading(write, seller=Party(street=None)).has_parties is True
    assert reading(write, buyer=Party(street=None, city=None)).has_parties is False
    found = reading(write, buyer=Party(name=None))
    assert (found.buyer, found.has_parties) == (None, False)


@in_every_syntax
def test_orders_that_are_none(write: Writer) -> None:
    assert reading(write, orders=("NA", "AB-88")).order_refs == ("AB-88",)
    assert reading(write, orders=None).order_refs == ()


@in_every_syntax
@pytest.mark.parametrize(
    "words", ["Online-Werbung März", "Werbekosten", "Google Ads", "Kampagne 7", "Sponsored Products", "Stellenanzeigen Anzeigen"]
)
def test_advertising_is_noticed(write: Writer, words: str) -> None:
    assert reading(write, lines=("Papier", words)).mentions_advertising
    assert reading(write, notes=(words,)).mentions_advertising


@in_every_syntax
def test_what_is_no_advertising(write: Writer) -> None:
    assert not reading(write, lines=("Bewerbungsmappe", "Pads", "Roads", "Gewerbemüll", "Bewerbung", "Erwerbung")).mentions_advertising


@pytest.mark.parametrize(
    ("write", "guideline", "name"),
    [
        (cii, "urn:cen.eu:en16931:2017", "Factur-X EN 16931"),
        (cii, "urn:factur-x.eu:1p0:minimum", "Factur-X MINIMUM"),
        (cii, "urn:factur-x.eu:1p0:basicwl", "Factur-X BASIC WL"),
        (cii, "urn:cen.eu:en16931:2017#compliant#urn:factur-x.eu:1p0:basic", "Factur-X BASIC"),
        (cii, "urn:cen.eu:en16931:2017#conformant#urn:factur-x.eu:1p0:extended", "Factur-X EXTENDED"),
        (cii, "urn:cen.eu:en16931:2017#conformant#urn:zugferd.de:2p0:extended", "ZUGFeRD 2.0 EXTENDED"),
        (cii, "urn:cen.eu:en16931:2017#compliant#urn:xoev-de:kosit:standard:xrechnung_1.2", "XRechnung 1.2 CII"),
        (cii, XRECHNUNG, "XRechnung 3.0 CII"),
        (ubl, XRECHNUNG, "XRechnung 3.0 UBL"),
        (ubl, XRECHNUNG + "#conformant#urn:xeinkauf.de:kosit:extension:xrechnung_3.0", "XRechnung 3.0 Extension UBL"),
        (ubl, PEPPOL, "Peppol BIS UBL"),
        (ubl, "urn:cen.eu:en16931:2017", "EN 16931 UBL"),
        (ubl, "1.0", "UBL"),
        (ubl, None, "UBL"),
        (cii, None, "CII"),
        (zugferd_1, ZUGFERD_1, "ZUGFeRD 1.0 COMFORT"),
        (zugferd_1, "urn:ferd:invoice:rc:comfort", "ZUGFeRD 1.0"),
    ],
)
def test_the_name_of_the_standard(write: Writer, guideline: str | None, name: str) -> None:
    found = reading(write, guideline=guideline)
    assert found.profile == name
    assert found.doubts == ()


@pytest.mark.parametrize("level", ["minimum", "basicwl"])
def test_a_profile_that_is_no_whole_invoice_is_told_and_no_doubt(level: str) -> None:
    found = reading(cii, guideline=f"urn:factur-x.eu:1p0:{level}", groups=(), lines=(), lines_net=None)
    assert found.places["profile"] == "BT-24; dieses Profil ist keine vollständige E-Rechnung (§ 14 UStG)"
    assert found.doubts == ()


def test_a_sample_is_told_as_one() -> None:
    mark = b"<rsm:SpecifiedExchangedDocumentContext>"
    test = b"<ram:TestIndicator><udt:Indicator>true</udt:Indicator></ram:TestIndicator>"
    assert read_e_invoice(zugferd_1(Invoice()).replace(mark, mark + test)).places["profile"] == "BT-24; als Test gekennzeichnet"


def test_several_days_on_which_something_is_due() -> None:
    mark = b"<ram:SpecifiedTradePaymentTerms>"
    discount = (
        b'<ram:SpecifiedTradePaymentTerms><ram:DueDateDateTime><udt:DateTimeString format="102">20260315</udt:DateTimeString>'
        b"</ram:DueDateDateTime>%s</ram:SpecifiedTradePaymentTerms>"
    )
    xml = cii(Invoice())
    rate = b"<ram:CalculationPercent>2</ram:CalculationPercent>"
    marked = discount % (b"<ram:ApplicableTradePaymentDiscountTerms>%s</ram:ApplicableTradePaymentDiscountTerms>" % rate)
    assert read_e_invoice(xml.replace(mark, marked + mark)).due_on == date(2026, 4, 4)
    found = read_e_invoice(xml.replace(mark, discount % b"" + mark))
    assert (found.due_on, found.doubts) == (None, ())
    assert found.places["due_on"] == "BT-9: mehrere Termine, keiner übernommen"


@in_every_syntax
@pytest.mark.parametrize("namespace", ["urn:x", "urn:un:unece:uncefact:data:draft:CrossIndustryInvoice:15", "http://example.invalid/ubl"])
def test_namespaces_may_be_wrong_and_prefixes_odd(write: Writer, namespace: str) -> None:
    xml = write(Invoice()).decode()
    for prefix in ("rsm", "ram", "udt", "cac", "cbc"):
        xml = xml.replace(f"{prefix}:", f"a-{prefix}.1:").replace(f"xmlns:{prefix}=", f"xmlns:a-{prefix}.1=")
    odd = xml.replace('="urn:un:', f'="{namespace}').replace('="urn:oasis:', f'="{namespace}').replace('="urn:ferd:', f'="{namespace}')
    assert namespace in odd
    assert is_e_invoice(odd.encode())
    assert read_e_invoice(odd.encode()) == read_e_invoice(write(Invoice()))


def test_an_envelope_around_it() -> None:
    enclosed = in_envelope(ubl(Invoice(type_code="381")))
    assert is_e_invoice(enclosed)
    assert read_e_invoice(enclosed) == read_e_invoice(ubl(Invoice(type_code="381")))
    inner = ubl(Invoice()).partition(b"?>")[2]
    with pytest.raises(NotAnInvoice) as caught:
        read_e_invoice(in_envelope(b"?>" + inner + inner))
    assert caught.value.why == "Das XML enthält 2 Rechnungen; bitte jede als eigene Datei ablegen."
    with pytest.raises(NotAnInvoice):
        read_e_invoice(in_envelope(b"?><Order/>"))
    assert not is_e_invoice(in_envelope(b"?><Order/>"))


def test_ubl_of_old_has_the_rate_beside_the_category() -> None:
    xml = ubl(Invoice())
    old = xml.replace(b"<cbc:Percent>19.00</cbc:Percent>", b"").replace(
        b"<cac:TaxCategory>", b"<cbc:Percent>19.00</cbc:Percent><cac:TaxCategory>"
    )
    assert old != xml
    assert read_e_invoice(old) == read_e_invoice(xml)


@pytest.mark.parametrize("element", [b"PostalAddress", b"PartyLegalEntity", b"PartyTaxScheme"])
def test_the_seller_is_nobody_else(element: bytes) -> None:
    """A tax representative, a payee and a delivery have names, addresses and ids of their own."""
    other = b"<cac:TaxRepresentativeParty><cac:%s><cbc:CompanyID>DE111111111</cbc:CompanyID></cac:%s></cac:TaxRepresentativeParty>" % (
        element,
        element,
    )
    xml = ubl(Invoice())
    assert read_e_invoice(
        xml.replace(b"<cac:Delivery", other + b"<cac:Delivery").replace(b"<cac:TaxTotal>", other + b"<cac:TaxTotal>")
    ) == read_e_invoice(xml)


@in_both_families
def test_floods_of_groups_and_orders_are_cut(write: Writer) -> None:
    found = reading(write, groups=tuple(Group(f"{net}.00") for net in range(60)))
    assert found.tax_groups == ()
    assert found.doubts == ("BG-23 Aufschlüsselung der Umsatzsteuer: es sind 60, gelesen wurde keine.",)
