"""Documents of marketplaces and advertising networks, country by country: by which profile they are read, and what is read."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from temu_assets.invoices.profiles import Profiles, load_profiles
from temu_assets.invoices.reading import Kind, Lane, Reading, Source
from temu_assets.invoices.text_reading import read_text
from temu_assets_tests.invoices.samples import page_of


@pytest.fixture(scope="module")
def profiles() -> Profiles:
    return load_profiles()


def read(text: str, profiles: Profiles, lane: Lane = Lane.INVOICES) -> Reading:
    reading = read_text((page_of(text),), Source.TEXT, lane, profiles)
    assert reading is not None
    return reading


FEES = """
Amazon EU S.à r.l., {branch}                    {title}
38 avenue John F. Kennedy, L-1855 Luxembourg
LU20260743                                      {number}: XX-AEU-2026-0001
                                                {issued}: 05/04/2026
                                                {period}: 01/03/2026 - 31/03/2026
Beispiel Handel GmbH                            {domain}
Musterweg 1, 12345 Musterstadt

{service}            {net}            {rate}         {tax}            {gross}
FBA                  {c} 1,200.00     {percent}%     {c} {t1}         {c} {g1}
Extra                {c} 34.50        {percent}%     {c} {t2}         {c} {g2}
{total}              {c} 1,234.50                    {c} {t}          {c} {g}
"""

COUNTRIES = {
    "de": ("DE", "EUR", "Amazon.de", 19, "RECHNUNG", "Rechnungsnummer", "Rechnungsdatum", "Rechnungszeitraum", "Gesamtsumme"),
    "fr": ("FR", "EUR", "Amazon.fr", 20, "FACTURE POUR LA TVA", "Facture n°", "Date de la facture", "Période de facturation", "Total"),
    "it": ("IT", "EUR", "Amazon.it", 22, "FATTURA", "Numero fattura", "Data fattura", "Periodo della fattura", "Totale"),
    "es": (
        "ES",
        "EUR",
        "Amazon.es",
        21,
        "FACTURA FISCAL",
        "Número de la factura",
        "Fecha de la factura",
        "Periodo de facturación",
        "Total",
    ),
    "nl": ("NL", "EUR", "Amazon.nl", 21, "FACTUUR", "Factuurnummer", "Factuurdatum", "Factuurperiode", "Totaal"),
    "be": ("BE", "EUR", "Amazon.com.be", 21, "FACTUUR", "Factuurnummer", "Factuurdatum", "Factuurperiode", "Totaal"),
    "pl": ("PL", "PLN", "Amazon.pl", 23, "FAKTURA", "Numer faktury", "Data wystawienia faktury", "Okres fakturowania", "Łączna"),
    "se": ("SE", "SEK", "Amazon.se", 25, "FAKTURA", "Fakturanummer", "Fakturadatum", "Fakturaperiod", "Total"),
    "uk": ("GB", "GBP", "Amazon.co.uk", 20, "INVOICE", "Invoice Number", "Invoice Date", "Invoice Period", "Total"),
    "ie": ("IE", "EUR", "Amazon.ie", 23, "INVOICE", "Invoice Number", "Invoice Date", "Invoice Period", "Total"),
}
CREDITS = {
    "de": ("STEUERGUTSCHRIFT", "Gutschriftennummer", "Ausstellungsdatum der Gutschrift"),
    "fr": ("NOTE DE CRÉDIT D'IMPÔT", "Numéro de note de crédit", "Date d'émission de la note de crédit"),
    "it": ("NOTA DI CREDITO D'IMPOSTA", "Numero nota di credito", "Data emissione nota di credito"),
    "es": ("NOTA DE CRÉDITO DE IMPUESTOS", "Número de nota de crédito", "Fecha de emisión de la nota de crédito"),
    "nl": ("CREDITNOTA", "Nummer creditnota", "Creditnotadatum"),
    "be": ("CREDITNOTA", "Nummer creditnota", "Creditnotadatum"),
    "pl": ("Faktura korygująca", "Nr faktury korygującej", "Data faktury korygującej"),
    "se": ("KREDITFAKTURA", "Kreditnota-nummer", "Kreditfakturadatum"),
    "uk": ("TAX CREDIT NOTE", "Credit Note Number", "Credit Note Issue Date"),
    "ie": ("TAX CREDIT NOTE", "Credit Note Number", "Credit Note Issue Date"),
}
HEADS = {
    "de": ("Dienstleistung", "Preis (Ohne USt.)", "USt.%", "USt.", "Gesamtsumme"),
    "fr": ("Service", "Prix hors TVA", "Taux TVA", "TVA", "Total"),
    "it": ("Servizio", "Prezzo (IVA esclusa)", "IVA %", "IVA", "Totale"),
    "es": ("Servicio", "Precio (sin IVA)", "IVA %", "IVA", "Total"),
    "nl": ("Dienst", "Prijs (excl. btw)", "Btw %", "Btw", "Totaal"),
    "be": ("Dienst", "Prijs (excl. btw)", "Btw %", "Btw", "Totaal"),
    "pl": ("Usługa", "Wartość netto", "Stawka VAT", "VAT", "Łączna"),
    "se": ("Tjänst", "Pris (exkl. moms)", "Moms %", "Moms", "Total"),
    "uk": ("Service", "Price (VAT excl.)", "VAT %", "VAT", "Total"),
    "ie": ("Service", "Price (VAT excl.)", "VAT %", "VAT", "Total"),
}


def fees(code: str, *, credit: bool = False) -> str:
    _, currency, domain, percent, title, number, issued, period, total = COUNTRIES[code]
    if credit:
        title, number, issued = CREDITS[code]
    service, net, rate, tax, gross = HEADS[code]
    taxes = [(amount * percent / 100).quantize(Decimal("0.01")) for amount in (Decimal("1200.00"), Decimal("34.50"))]
    whole = sum(taxes, Decimal(0))
    return FEES.format(
        branch="Branch", title=title, number=number, issued=issued, period=period, domain=domain, service=service, net=net, rate=rate,
        tax=tax, gross=gross, total=total, c=f"-{currency}" if credit else currency, percent=percent, t1=taxes[0],
        g1=f"{Decimal(1200) + taxes[0]:,.2f}", t2=taxes[1], g2=Decimal("34.50") + taxes[1], t=whole, g=f"{Decimal('1234.50') + whole:,.2f}",
    )  # fmt: skip


@pytest.mark.parametrize("credit", [False, True], ids=["invoice", "credit note"])
@pytest.mark.parametrize("code", COUNTRIES)
def test_fee_invoices_and_credit_notes_of_every_country(code: str, credit: bool, profiles: Profiles) -> None:
    country, currency, _, percent, *_ = COUNTRIES[code]
    reading = read(fees(code, credit=credit), profiles)
    tax = (Decimal("1200.00") * percent / 100).quantize(Decimal("0.01")) + (Decimal("34.50") * percent / 100).quantize(Decimal("0.01"))
    assert reading.profile == f"amazon-{code}-{'credit' if credit else 'invoice'}"
    assert (reading.country, reading.currency, reading.kind) == (country, currency, Kind.CREDIT_NOTE if credit else Kind.INVOICE)
    assert (reading.number, reading.issued_on) == ("XX-AEU-2026-0001", date(2026, 4, 5))
    assert (reading.net, reading.tax, reading.gross) == (Decimal("1234.50"), tax, Decimal("1234.50") + tax)
    assert (reading.issuer_vat_id, reading.lane, reading.doubts) == ("LU20260743", Lane.INVOICES, ())
    if not credit:
        assert (reading.period_from, reading.period_to) == (date(2026, 3, 1), date(2026, 3, 31))


def test_a_label_whose_polish_letters_were_lost_is_known_all_the_same(profiles: Profiles) -> None:
    text = fees("pl", credit=True)
    dropped, plain = text.replace("ą", "").replace("Ł", ""), text.replace("ą", "a").replace("Ł", "L")
    for variant in (dropped, plain):
        reading = read(variant, profiles)
        assert (reading.profile, reading.number, reading.issued_on) == ("amazon-pl-credit", "XX-AEU-2026-0001", date(2026, 4, 5))


ADS = """
Amazon Online {name}                            Beispiel Handel GmbH
Some Street 1                                   Musterweg 1, 12345 Musterstadt

{gross}            59.50 {c}
{number}           ABCD12345-7
{issued}           02-04-2026
{period}           01-03-2026 - 31-03-2026

Sponsored Products      Summer      100      50.00 {c}
{net}              50.00 {c}
VAT (19%) - {land}      9.50 {c}
"""
ADS_LABELS = {
    "de": ("DE", "EUR", "Germany GmbH", "GERMANY", "Fälliger Gesamtbetrag", "Nummer der Rechnung", "Datum der Rechnung",
           "Rechnungszeitraum", "Zwischensumme (ohne Steuern)"),
    "fr": ("FR", "EUR", "France SAS", "FRANCE", "Montant de la facture dû", "Numéro de facture", "Date de facturation",
           "Période de facturation", "Sous-total (hors taxes)"),
    "it": ("IT", "EUR", "Italy S.r.l.", "ITALY", "Importo Totale Dovuto", "Numero Di Fattura", "Data Della Fattura",
           "Periodo Della Fattura", "Totale Parziale (Tasse Escluse)"),
    "es": ("ES", "EUR", "Spain, S.L.U.", "SPAIN", "Importe de factura adeudado", "Número de factura", "Fecha de la factura",
           "Periodo de facturación", "Subtotal (impuestos excluidos)"),
    "uk": ("GB", "GBP", "UK Limited", "UNITED KINGDOM", "Total Amount Due", "Invoice Number", "Invoice Date", "Invoice Period",
           "Subtotal (excluding tax)"),
    "se": ("SE", "SEK", "Sweden AB", "SWEDEN", "Totalt belopp (inkl. moms)", "Fakturanummer", "Fakturadatum", "Fakturaperiod",
           "Delsumma (exkl. moms)"),
    "nl": ("NL", "EUR", "Netherlands B.V.", "NETHERLANDS", "Totaal verschuldigd bedrag", "Factuurnummer", "Factuurdatum", "Factuurperiode",
           "Totaal excl. btw"),
    "be": ("BE", "EUR", "Belgium SRL", "BELGIUM", "Totaal verschuldigd bedrag", "Factuurnummer", "Factuurdatum", "Factuurperiode",
           "Totaal excl. btw"),
    "pl": ("PL", "PLN", "Poland sp. z o.o.", "POLAND", "Całkowita kwota należna", "Numer faktury", "Data faktury", "Okres fakturowania",
           "Razem netto"),
    "ie": ("IE", "EUR", "Ireland Limited", "IRELAND", "Total Amount Due", "Invoice Number", "Invoice Date", "Invoice Period",
           "Subtotal (excluding tax)"),
}  # fmt: skip


@pytest.mark.parametrize("code", ADS_LABELS)
def test_advertising_invoices_of_every_country(code: str, profiles: Profiles) -> None:
    country, currency, name, land, gross, number, issued, period, net = ADS_LABELS[code]
    text = ADS.format(name=name, land=land, gross=gross, number=number, issued=issued, period=period, net=net, c=currency)
    reading = read(text, profiles, Lane.ADVERTISING)
    assert reading.profile == f"amazon-ads-{code}"
    assert (reading.country, reading.currency, reading.kind) == (country, currency, Kind.ADVERTISING)
    assert reading.lane is Lane.ADVERTISING
    assert (reading.number, reading.issued_on) == ("ABCD12345-7", date(2026, 4, 2))
    assert (reading.period_from, reading.period_to) == (date(2026, 3, 1), date(2026, 3, 31))
    assert (reading.net, reading.tax, reading.gross) == (Decimal("50.00"), Decimal("9.50"), Decimal("59.50"))
    assert reading.issuer is not None
    assert reading.issuer.startswith("Amazon Online")


def test_an_advertising_invoice_among_the_invoices_says_where_it_belongs(profiles: Profiles) -> None:
    text = ADS.format(name="Germany GmbH", land="GERMANY", gross="Fälliger Gesamtbetrag", number="Nummer der Rechnung",
                      issued="Datum der Rechnung", period="Rechnungszeitraum", net="Zwischensumme (ohne Steuern)", c="EUR")  # fmt: skip
    assert read(text, profiles, Lane.INVOICES).lane is Lane.ADVERTISING


WHALECO = """
Whaleco Technology Limited                     Invoice
First Floor, 25 St Stephens Green              Invoice number: TM-2026-991
Dublin 2, Ireland                              Invoice date: 30 April 2026
VAT No: IE1234567T                             Billing period: 1 April 2026 - 30 April 2026

Bill to
Beispiel Handel GmbH
VAT ID: DE111222333

Description                 Amount
{service}                   EUR 80.00
Subtotal                    EUR 80.00
VAT 0%                      EUR 0.00
Total                       EUR 80.00
Reverse charge
"""


@pytest.mark.parametrize(
    ("service", "profile", "lane", "kind"),
    [
        ("Commission", "temu-fees-en", Lane.INVOICES, Kind.INVOICE),
        ("Advertising services", "temu-ads-en", Lane.ADVERTISING, Kind.ADVERTISING),
    ],
)
def test_fees_and_advertising_of_temu(service: str, profile: str, lane: Lane, kind: Kind, profiles: Profiles) -> None:
    reading = read(WHALECO.format(service=service), profiles, lane)
    assert (reading.profile, reading.lane, reading.kind) == (profile, lane, kind)
    assert (reading.issuer, reading.issuer_vat_id, reading.buyer_vat_id) == ("Whaleco Technology Limited", "IE1234567T", "DE111222333")
    assert (reading.number, reading.issued_on, reading.period_to) == ("TM-2026-991", date(2026, 4, 30), date(2026, 4, 30))
    assert (reading.net, reading.tax, reading.gross, reading.reverse_charge) == (Decimal("80.00"), Decimal("0.00"), Decimal("80.00"), True)


def test_two_profiles_that_fit_as_well_are_a_doubt_and_neither_is_taken() -> None:
    own = "id: own-{}\nlane: {}\nlanguage: en\nall_of: [Whaleco Technology Limited, Commission, Invoice]"
    extra = (("one.yaml", own.format("one", "rechnungen")), ("two.yaml", own.format("two", "werbung")))
    reading = read(WHALECO.format(service="Commission"), load_profiles(extra))
    assert (reading.profile, reading.lane, reading.number) == ("language-en", None, "TM-2026-991")
    assert "Mehrere Aussteller-Profile passen gleich gut: own-one, own-two, temu-fees-en." in reading.doubts


META = """
Meta Platforms Ireland Limited                 Invoice
Merrion Road, Dublin 4                         Invoice number: FBADS-108-100200300
VAT Reg. No. IE9692928F                        Invoice date: 31 March 2026
                                               Billing period: 1 March 2026 - 31 March 2026
Bill to
Beispiel Handel GmbH
Campaign Summer                                €210.00
Subtotal                                       €210.00
VAT (0%)                                       €0.00
Total                                          €210.00
VAT reverse charge: customer to account for VAT
"""


def test_an_invoice_of_meta(profiles: Profiles) -> None:
    reading = read(META, profiles, Lane.ADVERTISING)
    assert (reading.profile, reading.issuer, reading.issuer_vat_id) == ("meta-ads-en", "Meta Platforms Ireland Limited", "IE9692928F")
    assert (reading.number, reading.issued_on, reading.kind) == ("FBADS-108-100200300", date(2026, 3, 31), Kind.ADVERTISING)
    assert (reading.net, reading.tax, reading.gross) == (Decimal("210.00"), Decimal("0.00"), Decimal("210.00"))


def test_a_supplier_who_only_mentions_a_marketplace_is_not_taken_for_it(profiles: Profiles) -> None:
    text = """
Kartonwerk Süd GmbH, Lindenallee 7, 80331 München
Rechnung
Rechnungsnummer: 5
Rechnungsdatum: 01.02.2026
Kartons für Ihren Versand über Amazon.de und Amazon EU S.à r.l.     100,00 EUR
Nettobetrag                                                         100,00 EUR
19 % USt                                                             19,00 EUR
Bruttobetrag                                                        119,00 EUR
"""
    assert read(text, profiles).profile == "language-de"
