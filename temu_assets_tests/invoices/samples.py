"""Invented invoices in the manner of common programs and issuers, and what is printed in each."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from temu_assets.invoices.reading import Kind, Lane, Page, Word

WIDTH = 6.2
"""Points per character, so that three blanks or more are another column."""
LINE = 12.0
HEIGHT = 10.0


def page_of(text: str, number: int = 1, *, height: float = 842.0) -> Page:
    """A page set in a typewriter face: every word where its characters stand."""
    lines = []
    for row, line in enumerate(text.strip("\n").split("\n")):
        words = tuple(
            Word(match[0], match.start() * WIDTH, match.end() * WIDTH, 40 + row * LINE, HEIGHT) for match in re.finditer(r"\S+", line)
        )
        if words:
            lines.append(words)
    return Page(number, tuple(lines), 595.0, height)


def pages_of(text: str) -> tuple[Page, ...]:
    """The pages of a document; a line of equals signs parts two pages."""
    return tuple(page_of(part, number) for number, part in enumerate(re.split(r"\n={20,}\n", text.strip("\n")), 1))


@dataclass(frozen=True)
class Sample:
    """A document, the folder it is dropped into, and what a careful person reads from it."""

    name: str
    text: str
    expected: Mapping[str, object] = field(default_factory=dict)
    lane: Lane = Lane.INVOICES


def cents(text: str) -> Decimal:
    return Decimal(text)


def day(text: str) -> date:
    return date.fromisoformat(text)


def amounts(net: str | None, tax: str | None, gross: str) -> dict[str, object]:
    given = {"net": net, "tax": tax, "gross": gross}
    return {name: Decimal(value) for name, value in given.items() if value is not None} | {"currency": "EUR"}


SAMPLES: list[Sample] = []


def _add(name: str, text: str, folder: Lane = Lane.INVOICES, /, **expected: object) -> None:
    SAMPLES.append(Sample(name, text, expected, folder))


_add(
    "lexoffice",
    """
Nordlicht Papier GmbH - Hafenweg 3 - 24103 Kiel                                 Nordlicht Papier GmbH
Beispiel Handel                                                                 Hafenweg 3
Musterweg 1                                                                     24103 Kiel
12345 Musterstadt

                                                           Rechnungsnr.:        RE-2026-0417
                                                           Kundennr.:           10023
                                                           Datum:               03.04.2026
                                                           Lieferdatum:         01.04.2026

Rechnung

Pos   Bezeichnung                        Menge         Einzel       Gesamt
1     Versandkartons 300x200             500 Stk       0,40 EUR     200,00 EUR
2     Klebeband                          20 Stk        2,50 EUR     50,00 EUR

                                         Gesamtbetrag netto                     250,00 EUR
                                         zzgl. Umsatzsteuer 19%                 47,50 EUR
                                         Gesamtbetrag brutto                    297,50 EUR

Zahlbar innerhalb 14 Tagen ohne Abzug.

Nordlicht Papier GmbH          USt-IdNr.: DE123456789         Sparbank Kiel
Hafenweg 3                     HRB 1234 Kiel                  IBAN: DE89 3704 0044 0532 0130 00
""",
    number="RE-2026-0417",
    issued_on=day("2026-04-03"),
    period_from=day("2026-04-01"),
    period_to=day("2026-04-01"),
    kind=Kind.INVOICE,
    issuer="Nordlicht Papier GmbH",
    issuer_vat_id="DE123456789",
    iban="DE89370400440532013000",
    **amounts("250.00", "47.50", "297.50"),
)

_add(
    "sevDesk",
    """
Kartonwerk Süd GmbH · Lindenallee 7 · 80331 München
Beispiel Handel GmbH
Musterweg 1
12345 Musterstadt

Rechnung Nr. 20260077

Rechnungsdatum            05.05.2026
Leistungszeitraum         01.04.2026 - 30.04.2026
Ihre Kundennummer         4711
Ihr Ansprechpartner       Erika Beispiel

Pos.   Beschreibung                     Menge        Einzelpreis        Gesamtpreis
1.     Lagerplatz April                 1,00 Monat   1.200,00 EUR       1.200,00 EUR
2.     Pick und Pack                    310,00 Stk   0,85 EUR           263,50 EUR

       Gesamtbetrag netto                                               1.463,50 EUR
       zzgl. Umsatzsteuer 19%                                           278,07 EUR
       Gesamtbetrag brutto                                              1.741,57 EUR

Kartonwerk Süd GmbH         Telefon 089 123456          Amtsgericht München       Bank: Musterbank
Lindenallee 7               E-Mail info@example.invalid HRB 99999                 IBAN DE02120300000000202051
80331 München                                           USt.-ID DE987654321
""",
    number="20260077",
    issued_on=day("2026-05-05"),
    period_from=day("2026-04-01"),
    period_to=day("2026-04-30"),
    kind=Kind.INVOICE,
    issuer="Kartonwerk Süd GmbH",
    issuer_vat_id="DE987654321",
    iban="DE02120300000000202051",
    **amounts("1463.50", "278.07", "1741.57"),
)

_add(
    "JTL-Wawi",
    """
Werkzeug Nord GmbH, Am Kai 9, 20457 Hamburg

Beispiel Handel GmbH                                         Rechnungsnummer:        R-2026-10815
Musterweg 1                                                  Auftragsnummer:         AU-2026-9921
12345 Musterstadt                                            Kundennummer:           K10077
                                                             Rechnungsdatum:         12.06.2026
                                                             Lieferdatum:            11.06.2026
                                                             Ihre USt-IdNr.:         DE111222333

Rechnung R-2026-10815

Pos.  Art.-Nr.    Bezeichnung                Anzahl   MwSt.    Einzelpreis    Gesamtpreis
1     W-100       Akkuschrauber              2        19 %     84,03 €        168,07 €
2     B-7         Fachbuch Holzbau           1        7 %      28,04 €        28,04 €

                                             Gesamtbetrag netto:              196,11 €
                                             zzgl. 19,00% MwSt.:              31,93 €
                                             zzgl. 7,00% MwSt.:               1,96 €
                                             Rechnungsbetrag:                 230,00 €

Steuernummer: 12/345/67890          USt-IdNr.: DE444555666         IBAN: DE89370400440532013000
""",
    number="R-2026-10815",
    issued_on=day("2026-06-12"),
    period_from=day("2026-06-11"),
    kind=Kind.INVOICE,
    net=cents("196.11"),
    gross=cents("230.00"),
    currency="EUR",
    issuer_vat_id="DE444555666",
    buyer_vat_id="DE111222333",
    tax_number="12/345/67890",
    order_refs=("AU-2026-9921",),
    rates={"19": "31.93", "7": "1.96"},
)

_add(
    "table of rates",
    """
Feinkost Beispiel AG - Marktplatz 2 - 70173 Stuttgart

                                 Rechnung

Rechnungsnummer   Rechnungsdatum   Kundennummer   Lieferdatum
FB-88213          28.02.2026       70012          27.02.2026

Pos  Artikel                 Menge   Preis     Betrag
1    Kaffee                  10      7,00      70,00
2    Tassen                  5       10,00     50,00

Summe netto                                    120,00 EUR

Steuersatz     Nettobetrag     Steuerbetrag     Bruttobetrag
19,00 %        50,00           9,50             59,50
7,00 %         70,00           4,90             74,90

Endbetrag                                      134,40 EUR

Feinkost Beispiel AG, USt-IdNr. DE222333444
""",
    number="FB-88213",
    issued_on=day("2026-02-28"),
    period_from=day("2026-02-27"),
    kind=Kind.INVOICE,
    net=cents("120.00"),
    gross=cents("134.40"),
    currency="EUR",
    issuer_vat_id="DE222333444",
    rates={"19": "9.50", "7": "4.90"},
    rate_nets={"19": "50.00", "7": "70.00"},
)

_add(
    "DATEV",
    """
Steuerkanzlei Muster PartG mbB                                        Musterstadt, den 15.07.2026
Kanzleistraße 4
12345 Musterstadt
Beispiel Handel GmbH
Musterweg 1
12345 Musterstadt

Rechnung Nr. 2026/0331
Leistungszeitraum: 01.06.2026 bis 30.06.2026

Für die Finanzbuchführung Juni 2026 berechne ich                              350,00 €
Umsatzsteuer-Voranmeldung Juni 2026                                           25,00 €
Auslagenpauschale                                                             20,00 €

Summe netto                                                                   395,00 €
19 % Umsatzsteuer auf 395,00 €                                                75,05 €
Rechnungsbetrag                                                               470,05 €

Bitte überweisen Sie den Betrag unter Angabe der Rechnungsnummer.
Steuernummer 123/456/78901
""",
    number="2026/0331",
    issued_on=day("2026-07-15"),
    period_from=day("2026-06-01"),
    period_to=day("2026-06-30"),
    kind=Kind.INVOICE,
    tax_number="123/456/78901",
    **amounts("395.00", "75.05", "470.05"),
)

_add(
    "SAP",
    """
Industrie Beispiel SE                                                       RECHNUNG
Werkstraße 100, 45127 Essen

Beispiel Handel GmbH                     Belegnummer / Datum          9100045678 / 03.03.2026
Musterweg 1                              Rechnungsnr./-datum          9100045678 / 03.03.2026
12345 Musterstadt                        Lieferscheinnr./-datum       8000012345 / 02.03.2026
                                         Bestellnr./-datum            4500099999 / 20.02.2026

Pos.   Material       Bezeichnung            Menge      Preis       Betrag
000010 MAT-1          Regalboden             20 ST      45,00       900,00
000020 MAT-2          Montage                4 STD      75,00       300,00

Summe Positionen                                                    1.200,00
Ausgangssteuer                     19,000 %                          228,00
Endbetrag                                                  EUR      1.428,00

Industrie Beispiel SE     Sitz Essen     HRB 1     USt-IdNr. DE333444555
""",
    number="9100045678",
    issued_on=day("2026-03-03"),
    kind=Kind.INVOICE,
    gross=cents("1428.00"),
    currency="EUR",
    issuer_vat_id="DE333444555",
)

_add(
    "Telekom",
    """
Beispielnetz Deutschland GmbH, 53227 Bonn
                                                          Rechnung für März 2026
Beispiel Handel GmbH
Musterweg 1                                               Datum                 08.04.2026
12345 Musterstadt                                         Rechnungsnummer       123 456 7890
                                                          Kundennummer          5566778899
                                                          Buchungskonto         2200334455

Ihre Rechnung auf einen Blick                                                       Beträge (Euro)
Monatliche Beträge                                                                  33,57
Verbindungen                                                                        0,00
Summe der Beträge netto                                                             33,57
Umsatzsteuer 19 % von 33,57 Euro                                                    6,38
Rechnungsbetrag                                                                     39,95

Der Rechnungsbetrag wird zum 18.04.2026 von Ihrem Konto DE89370400440532013000 abgebucht.
Beispielnetz Deutschland GmbH     USt-IdNr.: DE555666777
""",
    number="123 456 7890",
    issued_on=day("2026-04-08"),
    kind=Kind.INVOICE,
    issuer_vat_id="DE555666777",
    iban=None,
    **amounts("33.57", "6.38", "39.95"),
)

_add(
    "Hetzner",
    """
Rechenzentrum Beispiel GmbH                      Rechnung
Industriestr. 25
91710 Gunzenhausen                               Rechnungsnummer: R0012345678
                                                 Rechnungsdatum: 01.05.2026
Beispiel Handel GmbH                             Kundennummer: K0100200300
Musterweg 1
12345 Musterstadt                                Leistungszeitraum: 01.04.2026 - 30.04.2026

Produkt                            Anzahl     Einzelpreis       Summe
Server CX21                        1          8,3200 €          8,3200 €
Speicher                           2          0,8400 €          1,6800 €

Summe (ohne USt.)                                               10,00 €
USt. (19 %)                                                     1,90 €
Zu zahlender Betrag                                             11,90 €

Bitte überweisen Sie bis zum 31.05.2026.
USt-IdNr. DE666777888, Amtsgericht Beispielstadt HRB 6089
""",
    number="R0012345678",
    issued_on=day("2026-05-01"),
    period_from=day("2026-04-01"),
    period_to=day("2026-04-30"),
    kind=Kind.INVOICE,
    issuer_vat_id="DE666777888",
    **amounts("10.00", "1.90", "11.90"),
)

_add(
    "DHL",
    """
Paketdienst Beispiel GmbH
Sträßchensweg 10                                   RECHNUNG
53113 Bonn
                                                   Rechnungs-Nr.:     5512345678
Beispiel Handel GmbH                               Datum:             31.03.2026
Musterweg 1                                        Kunden-Nr.:        6300112233
12345 Musterstadt                                  Leistungszeitraum: März 2026

Leistung                              Menge        Einzelpreis        Betrag EUR
Paket bis 5 kg                        120          3,95               474,00
Energiezuschlag                       120          0,20               24,00

Gesamtsumme netto                                                     498,00
19 % MwSt.                                                            94,62
Rechnungsbetrag brutto                                                592,62

Der Betrag wird per Lastschrift eingezogen. IBAN DE02120300000000202051
Paketdienst Beispiel GmbH USt-IdNr. DE777888999
""",
    number="5512345678",
    issued_on=day("2026-03-31"),
    period_from=day("2026-03-01"),
    period_to=day("2026-03-31"),
    kind=Kind.INVOICE,
    issuer_vat_id="DE777888999",
    iban=None,
    **amounts("498.00", "94.62", "592.62"),
)

_add(
    "Kleinunternehmer",
    """
Petra Muster Fotografie
Blumenweg 5
04109 Leipzig

Beispiel Handel GmbH
Musterweg 1
12345 Musterstadt

Rechnung
Rechnungsnummer: 2026-012
Rechnungsdatum: 20.03.2026
Leistungsdatum: 18.03.2026

Produktfotos, 20 Stück                                500,00 €
Gesamtbetrag                                          500,00 €

Gemäß § 19 UStG wird keine Umsatzsteuer berechnet.
Steuernummer: 231/123/45678
""",
    number="2026-012",
    issued_on=day("2026-03-20"),
    period_from=day("2026-03-18"),
    kind=Kind.INVOICE,
    tax=cents("0.00"),
    gross=cents("500.00"),
    currency="EUR",
    tax_number="231/123/45678",
    issuer=None,
)

_add(
    "reverse charge",
    """
Software Example B.V.
Keizersgracht 1, 1015 Amsterdam

Invoice

Invoice number: INV-77812                    Bill to
Invoice date: 14 May 2026                    Beispiel Handel GmbH
Due date: 28 May 2026                        Musterweg 1
                                             12345 Musterstadt
                                             VAT ID: DE111222333

Description                        Qty       Unit price       Amount
Pro plan, May 2026                 1         €49.00           €49.00

Subtotal                                                      €49.00
VAT (0%)                                                      €0.00
Total                                                         €49.00

Reverse charge: VAT to be paid by the recipient.
Software Example B.V. VAT number NL123456789B01
""",
    number="INV-77812",
    issued_on=day("2026-05-14"),
    due_on=day("2026-05-28"),
    kind=Kind.INVOICE,
    reverse_charge=True,
    issuer_vat_id="NL123456789B01",
    **amounts("49.00", "0.00", "49.00"),
)

_add(
    "EU supply",
    """
Maschinen Muster GmbH | Fabrikstr. 8 | 33602 Bielefeld

Rechnung Nr. 4401 vom 09.02.2026
Lieferdatum entspricht Rechnungsdatum

Pos.   Artikel                    Menge     Einzelpreis     Gesamt
1      Förderband                 1         2.400,00 €      2.400,00 €

Gesamtbetrag                                                2.400,00 €

Steuerfreie innergemeinschaftliche Lieferung
USt-IdNr.: DE888999111        Ihre USt-IdNr.: ATU12345678
""",
    number="4401",
    issued_on=day("2026-02-09"),
    period_from=day("2026-02-09"),
    period_to=day("2026-02-09"),
    kind=Kind.INVOICE,
    issuer="Maschinen Muster GmbH",
    tax=cents("0.00"),
    gross=cents("2400.00"),
    currency="EUR",
    issuer_vat_id="DE888999111",
    buyer_vat_id="ATU12345678",
)

_add(
    "Skonto",
    """
Baustoffe Muster KG · Ziegelweg 2 · 59065 Hamm

Rechnungsnummer: 2026-5512
Rechnungsdatum: 10.03.2026
Liefertermin: KW 10

RECHNUNG

Warenwert netto                                100,00 EUR
Versandkosten netto                            10,00 EUR
Nettobetrag                                    110,00 EUR
MwSt. 19,00 %                                  20,90 EUR
Gesamtbetrag                                   130,90 EUR

Zahlbar bis 20.03.2026 mit 2 % Skonto: Zahlbetrag nach Skonto 128,28 EUR
Zahlbar bis 09.04.2026: 130,90 EUR ohne Abzug
USt-IdNr. DE999111222
""",
    number="2026-5512",
    issued_on=day("2026-03-10"),
    kind=Kind.INVOICE,
    issuer_vat_id="DE999111222",
    **amounts("110.00", "20.90", "130.90"),
)

_add(
    "prepayment",
    """
Möbelwerk Beispiel GmbH · Holzweg 12 · 49074 Osnabrück

Schlussrechnung Nr. SR-2026-18
Rechnungsdatum: 30.04.2026

Sideboard, Eiche                               2.000,00 EUR
Summe netto                                    2.000,00 EUR
zzgl. 19 % MwSt.                               380,00 EUR
Rechnungsbetrag                                2.380,00 EUR
abzgl. Anzahlung                               -1.000,00 EUR
Restbetrag                                     1.380,00 EUR

Möbelwerk Beispiel GmbH, USt-IdNr. DE112233445
""",
    number="SR-2026-18",
    issued_on=day("2026-04-30"),
    kind=Kind.INVOICE,
    prepaid=cents("1000.00"),
    payable=cents("1380.00"),
    issuer="Möbelwerk Beispiel GmbH",
    **amounts("2000.00", "380.00", "2380.00"),
)

_add(
    "two pages with carry",
    """
Großhandel Beispiel GmbH - Lagerstr. 1 - 28195 Bremen
Rechnung                                      Rechnungsnummer   GH-2026-33001
                                              Rechnungsdatum    02.06.2026
                                              Lieferdatum       01.06.2026

Pos   Artikel                 Menge     Einzelpreis     Gesamt
1     Becher                  100       1,00            100,00
2     Teller                  200       1,50            300,00
3     Schalen                 50        2,00            100,00
Übertrag                                                500,00
Seite 1 von 2
=====================================
Rechnung GH-2026-33001 vom 02.06.2026                   Seite 2 von 2
Übertrag                                                500,00
Pos   Artikel                 Menge     Einzelpreis     Gesamt
4     Gläser                  250       2,00            500,00

Zwischensumme                                           1.000,00
Rabatt 5 %                                              -50,00
Nettobetrag                                             950,00
zzgl. 19 % USt                                          180,50
Gesamtbetrag                                            1.130,50 EUR
USt-IdNr. DE223344556
""",
    number="GH-2026-33001",
    issued_on=day("2026-06-02"),
    period_from=day("2026-06-01"),
    kind=Kind.INVOICE,
    **amounts("950.00", "180.50", "1130.50"),
)

_add(
    "receipt",
    """
        Bürobedarf Muster e.K.
           Hauptstr. 12
        12345 Musterstadt
     Steuernummer: 12/345/67890

Bon-Nr. 004711      Datum: 07.04.2026 14:03
Ordner A4           4 x 2,99      11,96 A
Stifte              1 x 4,99       4,99 A
-----------------------------------------
Summe                          EUR 16,95
Bar                            EUR 20,00
Rückgeld                       EUR  3,05

enthaltene MwSt 19 %: 2,71 EUR
Netto 14,24 EUR
    Vielen Dank für Ihren Einkauf!
""",
    number="004711",
    issued_on=day("2026-04-07"),
    tax_number="12/345/67890",
    **amounts("14.24", "2.71", "16.95"),
)

_add(
    "gross prices",
    """
Onlineshop Beispiel GmbH | Webgasse 1 | 01067 Dresden
Rechnungsnummer: 100234
Rechnungsdatum: 11. März 2026
Bestellnummer: 302-1234567-7654321

Artikel                              Menge    Preis
Lampe                                1        59,50 EUR
Versand                                       4,90 EUR

Gesamtsumme inkl. MwSt.                       64,40 EUR
inkl. 19 % MwSt.                              10,28 EUR
Nettosumme                                    54,12 EUR
USt-ID: DE334455667
""",
    number="100234",
    issued_on=day("2026-03-11"),
    order_refs=("302-1234567-7654321",),
    issuer="Onlineshop Beispiel GmbH",
    **amounts("54.12", "10.28", "64.40"),
)

_add(
    "credit note",
    """
Kartonwerk Süd GmbH · Lindenallee 7 · 80331 München

Gutschrift

Gutschriftsnummer:       GS-2026-009
Gutschriftsdatum:        06.05.2026
Zu Rechnung:             RE-2026-0100
Leistungsdatum:          02.05.2026

Nettobetrag              -100,00 EUR
zzgl. 19 % USt           -19,00 EUR
Gutschriftsbetrag        -119,00 EUR
USt-IdNr.: DE987654321
""",
    number="GS-2026-009",
    issued_on=day("2026-05-06"),
    kind=Kind.CREDIT_NOTE,
    **amounts("100.00", "19.00", "119.00"),
)

_add(
    "cancellation",
    """
Werkzeug Nord GmbH, Am Kai 9, 20457 Hamburg

Rechnungskorrektur Nr. RK-2026-77 zu Rechnung Nr. R-2026-10815

Rechnungskorrektur Nr.: RK-2026-77
Datum: 20.06.2026

Gesamtbetrag netto        168,07 €
zzgl. 19,00% MwSt.        31,93 €
Gesamtbetrag              200,00 €
USt-IdNr.: DE444555666
""",
    number="RK-2026-77",
    issued_on=day("2026-06-20"),
    kind=Kind.CREDIT_NOTE,
    **amounts("168.07", "31.93", "200.00"),
)

_add(
    "Amazon fees",
    """
Amazon EU S.à r.l., Niederlassung Deutschland              RECHNUNG
Marcel-Breuer-Str. 12
80807 München                                              Rechnungsnummer: DE-AEU-2026-1234567
USt-ID: DE814584193                                        Rechnungsdatum: 31/03/2026
                                                           Rechnungszeitraum: 01/03/2026 to 31/03/2026
Beispiel Handel GmbH
Musterweg 1                                                Amazon.de
12345 Musterstadt
USt-ID: DE111222333

Dienstleistung                      Preis (Ohne USt.)    USt.%      USt.           Gesamtsumme
Verkaufsgebühren                    EUR 137.46           19.00%     EUR 26.12      EUR 163.58
Versand durch Amazon                EUR 1,000.00         19.00%     EUR 190.00     EUR 1,190.00
Gesamtsumme                         EUR 1,137.46                    EUR 216.12     EUR 1,353.58
""",
    number="DE-AEU-2026-1234567",
    issued_on=day("2026-03-31"),
    period_from=day("2026-03-01"),
    period_to=day("2026-03-31"),
    kind=Kind.INVOICE,
    country="DE",
    issuer_vat_id="DE814584193",
    profile="amazon-de-invoice",
    lane=Lane.INVOICES,
    **amounts("1137.46", "216.12", "1353.58"),
)

_add(
    "Amazon credit note",
    """
Amazon EU S.à r.l., Niederlassung Deutschland              STEUERGUTSCHRIFT
Marcel-Breuer-Str. 12
80807 München                                              Gutschriftennummer: DE-CN-2026-777
USt-ID: DE814584193                                        Ausstellungsdatum der Gutschrift: 30/04/2026
                                                           Zeitraum der Gutschrift: 01/04/2026 to 30/04/2026
Beispiel Handel GmbH
Dienstleistung                      Preis (Ohne USt.)    USt.%      USt.           Gesamtsumme
Erstattung von Verkäufergebühren    -EUR 104.04          19.00%     -EUR 19.77     -EUR 123.81
Gesamtsumme                         -EUR 104.04                     -EUR 19.77     -EUR 123.81

Ursprüngliche Rechnungsnummer
DE-AEU-2026-1234567
""",
    number="DE-CN-2026-777",
    issued_on=day("2026-04-30"),
    kind=Kind.CREDIT_NOTE,
    country="DE",
    profile="amazon-de-credit",
    **amounts("104.04", "19.77", "123.81"),
)

_add(
    "Amazon Ads",
    """
Von                                          An
Amazon Online Germany GmbH                   Beispiel Handel GmbH
Marcel-Breuer-Str. 12                        Musterweg 1
80807 München                                12345 Musterstadt

Fälliger Gesamtbetrag              59.50 EUR
Nummer der Rechnung                ABCD12345-7
Datum der Rechnung                 02-04-2026
Rechnungszeitraum                  01-03-2026 - 31-03-2026

Kampagne                           Typ                   Klicks     Betrag
Sommer                             Sponsored Products    100        50.00 EUR

Zwischensumme (ohne Steuern)       50.00 EUR
VAT (19%) - GERMANY                9.50 EUR
""",
    Lane.ADVERTISING,
    number="ABCD12345-7",
    issued_on=day("2026-04-02"),
    period_from=day("2026-03-01"),
    period_to=day("2026-03-31"),
    kind=Kind.ADVERTISING,
    country="DE",
    lane=Lane.ADVERTISING,
    profile="amazon-ads-de",
    issuer="Amazon Online Germany GmbH",
    **amounts("50.00", "9.50", "59.50"),
)

_add(
    "Google Ads",
    """
Rechnung                                                       Google Ireland Limited
                                                               Gordon House, Barrow Street
Rechnungsempfänger                                             Dublin 4
Beispiel Handel GmbH                                           Irland
Musterweg 1                                                    Umsatzsteuer-ID: IE6388047V
12345 Musterstadt

Details                                                        Google Ads
...........................................
Rechnungsnummer            5012345678
...........................................
Rechnungsdatum             31. Jan. 2026                       Gesamtsumme in EUR           123,45 €
...........................................
Abrechnungs-ID             1234-5678-9012
                                                               Übersicht für den Zeitraum 1. Jan. 2026 - 31. Jan. 2026

                                                               Zwischensumme in EUR         123,45 €
                                                               Umsatzsteuer (0%)            0,00 €
                                                               Gesamtsumme in EUR           123,45 €

Dienste, die dem Reverse-Charge-Verfahren unterliegen - der Empfänger schuldet die Steuer.
""",
    Lane.ADVERTISING,
    number="5012345678",
    issued_on=day("2026-01-31"),
    period_from=day("2026-01-01"),
    period_to=day("2026-01-31"),
    kind=Kind.ADVERTISING,
    issuer="Google Ireland Limited",
    issuer_vat_id="IE6388047V",
    reverse_charge=True,
    profile="google-ads-de",
    **amounts("123.45", "0.00", "123.45"),
)

_add(
    "Stripe",
    """
Invoice
Invoice number   0001-0005
Date of issue    2 February 2026
Date due         16 February 2026

Tool Example Inc.                        Bill to
United States                            Beispiel Handel GmbH
EU OSS VAT EU372000000                   Musterweg 1

$23.80 USD due 16 February 2026

Description                                         Qty   Unit price   Tax    Amount
Plus subscription                                   1     $20.00       19%    $20.00
Feb 2 - Mar 2, 2026

                                                    Subtotal                  $20.00
                                                    Total excluding tax       $20.00
                                                    VAT - Germany (19% on $20.00)    $3.80
                                                    Total                     $23.80
                                                    Amount due                $23.80 USD
""",
    number="0001-0005",
    issued_on=day("2026-02-02"),
    due_on=day("2026-02-16"),
    kind=Kind.INVOICE,
    net=cents("20.00"),
    tax=cents("3.80"),
    gross=cents("23.80"),
    currency="USD",
)

_add(
    "US date",
    """
Parts Example Ltd
Invoice Number: 2211
Invoice Date: 03/04/2026
Description       Amount
Bolts             £100.00
Subtotal          £100.00
VAT 20%           £20.00
Total             £120.00
VAT Reg No: GB123456789
""",
    number="2211",
    issued_on=None,
    net=cents("100.00"),
    tax=cents("20.00"),
    gross=cents("120.00"),
    currency="GBP",
    issuer_vat_id="GB123456789",
)

_add(
    "French",
    """
Emballages Exemple SARL
12 rue du Port, 44000 Nantes

FACTURE

Numéro de facture : FA-2026-118            Client
Date de facture : 03/04/2026               Beispiel Handel GmbH
Date d'échéance : 03/05/2026               Musterweg 1, 12345 Musterstadt

Désignation               Quantité   Prix unitaire HT   Total HT
Cartons                   1000       1,234              1 234,00 €

Total HT                                                1 234,00 €
TVA 20 %                                                246,80 €
Total TTC                                               1 480,80 €

N° TVA intracommunautaire : FR40303265045
""",
    number="FA-2026-118",
    issued_on=day("2026-04-03"),
    due_on=day("2026-05-03"),
    kind=Kind.INVOICE,
    issuer_vat_id="FR40303265045",
    **amounts("1234.00", "246.80", "1480.80"),
)

_add(
    "Italian",
    """
Scatole Esempio S.r.l.
Via Roma 1, 20121 Milano
Partita IVA: IT01234567890

Fattura

Numero fattura: 118/2026
Data fattura: 03/04/2026

Descrizione          Quantità     Prezzo       Importo
Scatole              100          1,00         100,00

Imponibile           100,00 EUR
IVA 22%              22,00 EUR
Totale fattura       122,00 EUR
""",
    number="118/2026",
    issued_on=day("2026-04-03"),
    kind=Kind.INVOICE,
    issuer_vat_id="IT01234567890",
    **amounts("100.00", "22.00", "122.00"),
)

_add(
    "Spanish",
    """
Cajas Ejemplo S.L.
Calle Mayor 1, 28013 Madrid
NIF: B12345678

FACTURA
Número de factura: F2026-77
Fecha de factura: 3 de abril de 2026

Base imponible         200,00 €
IVA 21%                42,00 €
Total factura          242,00 €
""",
    number="F2026-77",
    issued_on=day("2026-04-03"),
    kind=Kind.INVOICE,
    issuer_vat_id="ESB12345678",
    **amounts("200.00", "42.00", "242.00"),
)

_add(
    "Dutch",
    """
Dozen Voorbeeld B.V.
Kade 1, 3011 Rotterdam

Factuur
Factuurnummer: 2026-0301
Factuurdatum: 03-04-2026
Vervaldatum: 17-04-2026

Omschrijving           Aantal      Prijs        Bedrag
Dozen                  100         1,00         100,00

Totaal excl. btw       € 100,00
Btw 21%                € 21,00
Totaal incl. btw       € 121,00
Btw-nummer: NL123456789B01
""",
    number="2026-0301",
    issued_on=day("2026-04-03"),
    due_on=day("2026-04-17"),
    kind=Kind.INVOICE,
    issuer_vat_id="NL123456789B01",
    **amounts("100.00", "21.00", "121.00"),
)

_add(
    "Polish",
    """
Faktura VAT nr FV/12/04/2026                      Data wystawienia: 2026-04-03
Sprzedawca: Kartony Sp. z o.o.
NIP: 774-00-01-454
Nabywca: Beispiel Handel GmbH

Lp  Nazwa towaru     Jm   Ilość   Cena netto   Wartość netto   VAT [%]   Kwota VAT   Wartość brutto
1   Karton           szt  100     10,00        1 000,00        23        230,00      1 230,00

                                  Razem:       1 000,00                  230,00      1 230,00
Do zapłaty: 1 230,00 PLN
""",
    number="FV/12/04/2026",
    issued_on=day("2026-04-03"),
    kind=Kind.INVOICE,
    net=cents("1000.00"),
    tax=cents("230.00"),
    gross=cents("1230.00"),
    currency="PLN",
    issuer_vat_id="PL7740001454",
    issuer="Kartony Sp. z o.o.",
)

_add(
    "Swedish",
    """
Kartong Exempel AB
Storgatan 1, 111 22 Stockholm

Faktura
Fakturanummer: 880012
Fakturadatum: 2026-04-03
Förfallodatum: 2026-05-03

Beskrivning            Antal     Pris        Belopp
Kartong                100       10,00       1 000,00

Summa exkl. moms       1 000,00 kr
Moms 25 %              250,00 kr
Summa inkl. moms       1 250,00 kr
Momsregistreringsnummer: SE556677889901
""",
    number="880012",
    issued_on=day("2026-04-03"),
    due_on=day("2026-05-03"),
    kind=Kind.INVOICE,
    net=cents("1000.00"),
    tax=cents("250.00"),
    gross=cents("1250.00"),
    currency="SEK",
    issuer_vat_id="SE556677889901",
)
