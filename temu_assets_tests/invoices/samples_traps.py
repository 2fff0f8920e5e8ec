"""More invented invoices, each with something that is easily mistaken; written after the reader, to try it."""

from __future__ import annotations

from temu_assets.invoices.reading import Kind, Lane
from temu_assets_tests.invoices.samples import Sample, amounts, cents, day

TRAPS: list[Sample] = []


def _add(name: str, text: str, folder: Lane = Lane.INVOICES, /, **expected: object) -> None:
    TRAPS.append(Sample(name, text, expected, folder))


_add(
    "small text letter",
    """
                                                            Malerbetrieb Farbe
                                                            Inh. Max Beispiel
                                                            Pinselweg 3, 50667 Köln
                                                            Steuer-Nr. 214/5678/0123
Firma
Beispiel Handel GmbH
Musterweg 1
12345 Musterstadt
                                                            Köln, 4. Mai 2026
Rechnung Nr. 17/2026

Sehr geehrte Damen und Herren,
für die Malerarbeiten am 29.04.2026 erlaube ich mir zu berechnen:

Streichen Büro, 32 qm                       480,00 Euro
Material                                    120,00 Euro
                                            -----------
                                            600,00 Euro
+ 19 % Mehrwertsteuer                       114,00 Euro
                                            -----------
Gesamtbetrag                                714,00 Euro

Bitte überweisen Sie den Betrag innerhalb von 10 Tagen.
""",
    number="17/2026",
    issued_on=day("2026-05-04"),
    kind=Kind.INVOICE,
    tax=cents("114.00"),
    gross=cents("714.00"),
    currency="EUR",
    tax_number="214/5678/0123",
)

_add(
    "column sums box right with terms left",
    """
Beispieldruck GmbH & Co. KG • Am Markt 1 • 97070 Würzburg
Beispiel Handel GmbH
Musterweg 1
12345 Musterstadt
                                             Kunde:            10010
                                             Rechnung:         2026001234
                                             Datum:            17.02.2026
                                             Bearbeiter:       Frau Muster
Rechnung
Artikel               Menge  Einheit   Einzelpreis   Rabatt   Gesamtpreis
Flyer A6              1.000  Stk       0,05          10 %     45,00
Plakat A1             10     Stk       5,50                   55,00

Zahlungsbedingung:                           Nettosumme             100,00
14 Tage 2 % Skonto, 30 Tage netto            Versand                  8,00
Lieferung: frei Haus                         Zwischensumme netto    108,00
                                             19 % MwSt               20,52
                                             Rechnungsbetrag EUR    128,52
USt-ID DE121212121
""",
    number="2026001234",
    issued_on=day("2026-02-17"),
    kind=Kind.INVOICE,
    tax=cents("20.52"),
    gross=cents("128.52"),
    currency="EUR",
    net=cents("108.00"),
    issuer="Beispieldruck GmbH & Co. KG",
)

_add(
    "vertical totals heads",
    """
Energie Beispiel AG                                    Rechnung
Stromweg 2, 90402 Nürnberg
                     Vertragskonto     Rechnungsnummer     Datum
                     2000123456        789456123           15.01.2026
Abrechnungszeitraum: 01.01.2025 - 31.12.2025

Nettobetrag          Umsatzsteuer 19 %         Bruttobetrag
1.000,00 EUR         190,00 EUR                1.190,00 EUR

abzüglich Abschlagszahlungen                   -1.100,00 EUR
noch zu zahlen                                    90,00 EUR
Energie Beispiel AG, USt-IdNr.: DE131313131
""",
    number="789456123",
    issued_on=day("2026-01-15"),
    period_from=day("2025-01-01"),
    period_to=day("2025-12-31"),
    gross=cents("1190.00"),
    payable=cents("90.00"),
    currency="EUR",
)

_add(
    "gesamt net then end",
    """
Textil Muster GmbH, Nadelstr. 2, 08523 Plauen
Rechnungs-Nr. T-55
Rechnungsdatum 01.03.2026
Pos Artikel Menge Preis Gesamt
1   Tuch    10    5,00  50,00
Gesamt                        50,00
19,00 % MwSt                   9,50
Endbetrag                     59,50 EUR
""",
    number="T-55",
    issued_on=day("2026-03-01"),
    net=cents("50.00"),
    tax=cents("9.50"),
    gross=cents("59.50"),
    currency="EUR",
)

_add(
    "summe then mwst then zahlbetrag no gross label",
    """
Beratung Muster UG (haftungsbeschränkt)
Rechnungsnummer 44
Datum 02.03.2026
Beratung 4 h                 400,00 €
Summe                        400,00 €
MwSt 19 %                     76,00 €
Zu zahlen                    476,00 €
""",
    number="44",
    issued_on=day("2026-03-02"),
    net=cents("400.00"),
    tax=cents("76.00"),
    gross=cents("476.00"),
    currency="EUR",
)

_add(
    "only net label mislead",
    """
Handel Muster GmbH
Rechnungsnummer 45
Rechnungsdatum 02.03.2026
Gesamtbetrag                 400,00 €
zzgl. 19 % MwSt               76,00 €
Bitte überweisen Sie 476,00 € bis zum 16.03.2026.
""",
    number="45",
    issued_on=day("2026-03-02"),
    gross=None,
    tax=cents("76.00"),
)

_add(
    "two invoices listed",
    """
Sammelbeleg Muster GmbH
Rechnungsnummer 100
Rechnungsdatum 02.03.2026
Rechnungsbetrag   10,00 €
Rechnungsnummer 101
Rechnungsdatum 03.03.2026
Rechnungsbetrag   20,00 €
""",
    number=None,
    issued_on=None,
    gross=None,
)

_add(
    "sums in other currency",
    """
Trading Example Ltd
Invoice No. X-1
Invoice date 12 March 2026
Net amount   £100.00
VAT 20%      £20.00
Total incl. VAT  £120.00 (EUR 140.00)
""",
    number="X-1",
    gross=cents("120.00"),
    currency="GBP",
    net=cents("100.00"),
    tax=cents("20.00"),
)

_add(
    "Amazon GBP with tax in EUR",
    """
Amazon EU S.à r.l.                                   INVOICE
Invoice Number: DE-AEU-2026-99                       Invoice Date: 05/04/2026
Invoice Period: 01/03/2026 to 31/03/2026
Description              Price (VAT excl.)    VAT %     VAT         Total
Selling on Amazon Fees   GBP 25.00            19.00%    GBP 4.75    GBP 29.75
Total                    GBP 25.00                      GBP 4.75    GBP 29.75
VAT in EUR
EUR 5.51
Exchange Rate: [1.160390 EUR / 1 GBP]
""",
    number="DE-AEU-2026-99",
    issued_on=day("2026-04-05"),
    period_from=day("2026-03-01"),
    net=cents("25.00"),
    tax=cents("4.75"),
    gross=cents("29.75"),
    currency="GBP",
)

_add(
    "credit with invoice number label",
    """
Kartonwerk Süd GmbH · Lindenallee 7 · 80331 München
Gutschrift
Rechnungsnummer: RE-77
Datum: 06.05.2026
Gesamtbetrag 119,00 EUR
""",
    number=None,
    kind=Kind.CREDIT_NOTE,
    gross=cents("119.00"),
)

_add(
    "gutschrift in text of invoice",
    """
Handel Muster GmbH · Weg 1 · 12345 Ort
Rechnung
Rechnungsnummer: 46
Rechnungsdatum: 06.05.2026
Ihre Gutschrift aus April wurde auf Ihrem Konto verbucht.
Ware                  100,00 EUR
Gutschrift            -10,00 EUR
Nettobetrag            90,00 EUR
19% MwSt               17,10 EUR
Bruttobetrag          107,10 EUR
""",
    number="46",
    kind=Kind.INVOICE,
    **amounts("90.00", "17.10", "107.10"),
)

_add(
    "reminder",
    """
Handel Muster GmbH · Weg 1 · 12345 Ort
Mahnung
Rechnungsnummer: 46
Datum: 06.06.2026
Rechnungsbetrag 107,10 EUR
Mahngebühr 5,00 EUR
Zu zahlen 112,10 EUR
""",
    kind=Kind.OTHER,
)

_add(
    "narrow heads",
    """
Muster Netz GmbH
Rechnungsnummer Datum Kunde
N-1 03.04.2026 77
Betrag 10,00
""",
    number=None,
)

_add(
    "table with foreign rate col and item lines",
    """
Elektro Muster GmbH | Volt 1 | 12345 Ort
Rechnung-Nr.: E-9     Rechnungsdatum: 04.04.2026     Kunden-Nr.: 5
Pos   Bezeichnung            Menge   USt     Netto      Brutto
1     Kabel                  2       19 %    10,00      11,90
2     Buch                   1       7 %     20,00      21,40
Summe                                        30,00      33,30
USt 19 %: 1,90   USt 7 %: 1,40
""",
    number="E-9",
    issued_on=day("2026-04-04"),
)

_add(
    "belgian two langs",
    """
Facture / Factuur
N° de facture / Factuurnummer: 2026-55
Date de facture / Factuurdatum: 05/04/2026
Total HTVA / Totaal excl. btw     100,00 €
TVA / btw 21 %                     21,00 €
Total TVAC / Totaal incl. btw     121,00 €
""",
    number="2026-55",
    issued_on=day("2026-04-05"),
)

_add(
    "date conflict",
    """
Muster GmbH, Weg 1, 12345 Ort
Rechnungsnummer: 5
Rechnungsdatum: 01.02.2026
Rechnungsdatum: 02.02.2026
Gesamtbetrag 10,00 €
""",
    number="5",
    issued_on=None,
)

_add(
    "page number trap",
    """
Muster GmbH, Weg 1, 12345 Ort
Rechnung 2026-77                           Seite 1 / 3
Datum 01.02.2026
Gesamtbetrag brutto     11,90 €
enth. MwSt 19 %          1,90 €
""",
    number="2026-77",
    issued_on=day("2026-02-01"),
    gross=cents("11.90"),
    tax=cents("1.90"),
)

_add(
    "ocr",
    """
Muster GmbH, Weg 1, 12345 Ort
Rechnungsnummer: 2026-78
Rechnungsdatum: 01.02.2026
Nettobetrag       1O0,00 EUR
19 % MwSt          l9,00 EUR
Bruttobetrag      119,00 EUR
""",
    number="2026-78",
)

_add(
    "small amount",
    """
Kiosk Muster, Bahnhofstr. 1, 12345 Musterstadt
St.-Nr. 12/345/67890
Quittung
Datum: 03.02.2026
Kaffee, Gebäck
Gesamtbetrag inkl. 19 % MwSt.       23,80 EUR
""",
    issued_on=day("2026-02-03"),
    gross=cents("23.80"),
    currency="EUR",
    tax_number="12/345/67890",
    net=None,
    tax=None,
)

_add(
    "buyer first because logo",
    """
Beispiel Handel GmbH
Musterweg 1
12345 Musterstadt
Rechnung
Rechnungsnummer: 9
Rechnungsdatum: 01.02.2026
Nettobetrag 100,00 €
19 % USt 19,00 €
Bruttobetrag 119,00 €
""",
    number="9",
    issuer=None,
    **amounts("100.00", "19.00", "119.00"),
)

_add(
    "buyer vat in address and issuer tax number only",
    """
Max Muster - Weg 2 - 12345 Ort
Beispiel Handel GmbH
Musterweg 1
12345 Musterstadt
DE111222333
Rechnung
Rechnungsnummer: 9
Rechnungsdatum: 01.02.2026
Gesamtbetrag 100,00 €
Kein Ausweis von Umsatzsteuer, da Kleinunternehmer gemäß § 19 UStG
Steuernummer: 12/345/67890
""",
    number="9",
    issuer=None,
    issuer_vat_id=None,
    tax=cents("0.00"),
    gross=cents("100.00"),
)

_add(
    "two column blocks under labels",
    """
Agentur Muster GmbH                     Rechnung an
Werbeweg 2                              Beispiel Handel GmbH
12345 Ort                               Musterweg 1
USt-IdNr. DE101010101                   USt-IdNr. DE111222333
Rechnungsnummer                         Rechnungsdatum
2026/77                                 03.02.2026
Fälligkeit                              Leistungszeitraum
17.02.2026                              Januar 2026
Gesamt (netto)            1.000,00 €
MwSt. (19 %)                190,00 €
Gesamt (brutto)           1.190,00 €
""",
    number="2026/77",
    issued_on=day("2026-02-03"),
    due_on=day("2026-02-17"),
    period_from=day("2026-01-01"),
    period_to=day("2026-01-31"),
    issuer_vat_id="DE101010101",
    buyer_vat_id="DE111222333",
    issuer="Agentur Muster GmbH",
    **amounts("1000.00", "190.00", "1190.00"),
)

_add(
    "reverse charge boilerplate on taxed",
    """
Muster Bau GmbH, Weg 1, 12345 Ort
Rechnungsnummer: 12
Rechnungsdatum: 03.02.2026
Nettobetrag 100,00 €
19 % USt 19,00 €
Bruttobetrag 119,00 €
Sofern § 13b UStG Anwendung findet, gilt die Steuerschuldnerschaft des Leistungsempfängers.
""",
    number="12",
    reverse_charge=None,
    **amounts("100.00", "19.00", "119.00"),
)

_add(
    "gross minus discount",
    """
Muster Shop GmbH, Weg 1, 12345 Ort
Rechnungsnummer: 13
Rechnungsdatum: 03.02.2026
Summe Artikel                     59,50 €
Gutschein                        -10,00 €
Gesamtsumme                       49,50 €
enthaltene USt. 19 %               7,90 €
""",
    number="13",
    tax=cents("7.90"),
    gross=cents("49.50"),
)

_add(
    "delivery note dates etc",
    """
Muster Shop GmbH, Weg 1, 12345 Ort
Beleg-Nr. 778899        Belegdatum 03.02.2026      Kunde 1234
Auftrag 5566 vom 28.01.2026
Lieferschein 9911 vom 02.02.2026
Nettowert       USt-Satz    USt-Betrag     Rechnungsbetrag
84,03 EUR       19,00 %     15,97 EUR      100,00 EUR
""",
    number="778899",
    issued_on=day("2026-02-03"),
    **amounts("84.03", "15.97", "100.00"),
)

_add(
    "percent heavy",
    """
Muster Shop GmbH, Weg 1, 12345 Ort
Rechnungsnummer: 14
Rechnungsdatum: 03.02.2026
Provision 15 % auf 1.000,00 €               150,00 €
Netto 150,00 €   USt 19,00 % 28,50 €   Brutto 178,50 €
""",
    number="14",
    **amounts("150.00", "28.50", "178.50"),
)

_add(
    "austrian",
    """
Muster Handels GesmbH, Ring 1, 1010 Wien
Rechnung Nr.: AR-2026-5
Datum: 3. Jänner 2026
Summe netto        € 100,00
20% USt            € 20,00
Rechnungsbetrag    € 120,00
UID: ATU12345678
""",
    number="AR-2026-5",
    issuer_vat_id="ATU12345678",
    **amounts("100.00", "20.00", "120.00"),
)

_add(
    "swiss",
    """
Muster AG, Gasse 1, 8000 Zürich
Rechnung Nr. 2026-9
Datum: 03.02.2026
Total exkl. MWST        CHF 1'000.00
MWST 8.1%               CHF 81.00
Total inkl. MWST        CHF 1'081.00
""",
    number="2026-9",
    net=cents("1000.00"),
    tax=cents("81.00"),
    gross=cents("1081.00"),
    currency="CHF",
)

_add(
    "zero tax mention only in label",
    """
Exporteur Muster GmbH, Weg 1, 12345 Ort
Rechnungsnummer 15
Rechnungsdatum 03.02.2026
Nettobetrag         100,00 USD
0,00 % USt            0,00 USD
Rechnungsbetrag     100,00 USD
Steuerfreie Ausfuhrlieferung
""",
    number="15",
    net=cents("100.00"),
    tax=cents("0.00"),
    gross=cents("100.00"),
    currency="USD",
)

_add(
    "negative invoice",
    """
Muster Shop GmbH, Weg 1, 12345 Ort
Rechnung
Rechnungsnummer 16
Rechnungsdatum 03.02.2026
Nettobetrag         -100,00 €
19 % USt             -19,00 €
Rechnungsbetrag     -119,00 €
""",
    number="16",
    kind=Kind.INVOICE,
    **amounts("-100.00", "-19.00", "-119.00"),
)

_add(
    "trailing minus credit",
    """
Muster Shop GmbH, Weg 1, 12345 Ort
GUTSCHRIFT
Gutschrift-Nr. 17
Belegdatum 03.02.2026
Nettobetrag         100,00- EUR
19 % USt             19,00- EUR
Endbetrag           119,00- EUR
""",
    number="17",
    kind=Kind.CREDIT_NOTE,
    **amounts("100.00", "19.00", "119.00"),
)

_add(
    "rates with wrong looking base",
    """
Muster Shop GmbH, Weg 1, 12345 Ort
Rechnungsnummer 18
Rechnungsdatum 03.02.2026
MwSt     Netto      Betrag     Brutto
19,0%    100,00     19,00      119,00
7,0%      50,00      3,50       53,50
Summe    150,00     22,50      172,50
""",
    number="18",
    rates={"19": "19.00", "7": "3.50"},
    net=cents("150.00"),
    tax=None,
    gross=cents("172.50"),
)

_add(
    "deposit invoice",
    """
Muster Bau GmbH, Weg 1, 12345 Ort
Abschlagsrechnung Nr. 3
Rechnungsdatum 03.02.2026
Leistungsstand netto            10.000,00 €
abzgl. bisheriger Abschläge      6.000,00 €
Nettobetrag                      4.000,00 €
19 % MwSt.                         760,00 €
Rechnungsbetrag                  4.760,00 €
""",
    number="3",
    **amounts("4000.00", "760.00", "4760.00"),
)

_add(
    "final with taxes twice",
    """
Muster Bau GmbH, Weg 1, 12345 Ort
Schlussrechnung Nr. 4
Rechnungsdatum 03.02.2026
Gesamtleistung netto            10.000,00 €
19 % MwSt.                       1.900,00 €
Gesamtbetrag                    11.900,00 €
abzgl. Abschlagsrechnung Nr. 3 netto   4.000,00 €
19 % MwSt.                         760,00 €
Restforderung                    7.140,00 €
""",
    number="4",
    tax=None,
)

_add(
    "skonto table",
    """
Muster Bau GmbH, Weg 1, 12345 Ort
Rechnungsnummer 20
Rechnungsdatum 03.02.2026
Nettobetrag   100,00
MwSt 19 %      19,00
Gesamtbetrag  119,00 EUR
Zahlungsziel       Skonto     Skontobetrag    Zahlbetrag
10.02.2026         3 %        3,57            115,43
17.02.2026         2 %        2,38            116,62
05.03.2026         0 %        0,00            119,00
""",
    number="20",
    due_on=None,
    **amounts("100.00", "19.00", "119.00"),
)

_add(
    "english vat summary",
    """
Supplies Example Ltd, 1 Road, London
Tax Invoice
Invoice No: SI-2001           Tax Point: 14/05/2026
Account No: BEI01             Order No: 7788
Net Total            £1,250.00
Total VAT              £250.00
Invoice Total        £1,500.00
VAT Reg No GB123456789   Company No 01234567
""",
    number="SI-2001",
    order_refs=("7788",),
    net=cents("1250.00"),
    tax=cents("250.00"),
    gross=cents("1500.00"),
    currency="GBP",
    issuer_vat_id="GB123456789",
)

_add(
    "numbers and days in pairs",
    """
                                                            Rechnung
Gerätehaus Probe SE | Messeplatz 4 | 04356 Leipzig
Beispiel Handel                           Kunde                     880017
                                          Rechnungsnr./-datum       2026004711 / 19.03.2026
                                          Lieferscheinnr./-datum    2026001288 / 18.03.2026
                                          Bestellnr./-datum         PX-77 / 12.03.2026
Pos   Leistung                     Menge   USt (%)   Einzelpreis   Betrag Netto
1     Handscanner                  2       19        310,00        620,00
                                          Summe Netto          620,00 EUR
                                          zzgl. 19 % USt.      117,80 EUR
                                          Gesamtbetrag         737,80 EUR
""",
    number="2026004711",
    issued_on=day("2026-03-19"),
    **amounts("620.00", "117.80", "737.80"),
)

_add(
    "a sentence about later months",
    """
Mietgeräte Probe AG
                                                   Erfurt, am: 02.02.2026
Vertrag: M-77                                      Rechnung Nr.: MG-5001
Gerätemiete Februar                                     40,00 €   netto
Einrichtung einmalig                                    60,00 €   netto
Netto-Gesamtbetrag                                     100,00 €
zzgl. 19,00 % Mwst.                                     19,00 €
Brutto-Gesamtbetrag im ersten Monat                    119,00 €
Rechnungsbetrag ab März: 40,00 € netto zzgl. 19,00 % Mwst 7,60 € = 47,60 € brutto
""",
    number="MG-5001",
    net=cents("100.00"),
    tax=cents("19.00"),
    gross=None,
)

_add(
    "labels in a run and amounts in a run",
    """
Invoice
Tool Probe, Inc.
Subtotal
Tax (19.00%)
Total
Amount due
USD 10.00
USD 1.90
USD 11.90
USD 11.90
""",
    net=None,
    gross=None,
)

_add(
    "a voucher after the tax",
    """
Order Probe Store Ltd
Invoice number 5
Invoice date 2 Feb 2026
Total before VAT:    €100.00
Estimated VAT:       €19.00
Total:               €119.00
Promotion Applied:   -€5.00
Grand Total:         €114.00
""",
    net=cents("100.00"),
    tax=cents("19.00"),
)

_add(
    "items under heads like totals",
    """
Bildwerk Probe GmbH, Weg 1, 12345 Ort              Rechnung
Rechnungsnummer BW-12
Ausstellungsdatum 7. Mai 2026
Fällig am         21. Mai 2026
                                       Preis pro Einheit             Betrag
Beschreibung                  Menge    (zzgl. Steuern)     Steuer    (zzgl. Steuern)
Produktfotos                  4        25,00 €             19 %      100,00 €
                                       Zwischensumme                 100,00 €
                                       USt. - Deutschland (19 % auf 100,00 €)    19,00 €
                                       Summe                         119,00 €
                                       Fälliger Betrag               119,00 €
""",
    number="BW-12",
    issued_on=day("2026-05-07"),
    due_on=day("2026-05-21"),
    **amounts("100.00", "19.00", "119.00"),
)

_add(
    "taxed and untaxed parts",
    """
Zollspedition Probe GmbH, Kai 1, 27568 Bremerhaven
Rechnungsnummer: 9001
Rechnungsdatum:  06.05.2026
Zoll                                            20,00       Z      20,00
Einfuhrumsatzsteuer                            100,00       Z     100,00
Abfertigung                                     50,00     9,50     59,50
Gesamt                                         170,00     9,50    179,50
A   19,0%                                       50,00     9,50
Summe MWSt.                                      9,50
Gesamtbetrag (EUR)                             179,50
""",
    number="9001",
    tax=cents("9.50"),
    gross=cents("179.50"),
)

_add(
    "commissions with a sum of the rate",
    """
Marktplatz Probe GmbH & Co. KG                          Rechnung
                                       Rechnungs Nr.: P0726-1
                                       Neckarsulm, 31.07.2026
Datum        Bezeichnung                            Netto (EUR)   MwSt (EUR)   MwSt    Brutto (EUR)
03.07.2026   Provision zu Bestell-Nr. M1            10,00         1,90         19%     11,90
05.07.2026   Provision zu Bestell-Nr. M2            20,00         3,80         19%     23,80
Summe 19%                                           30,00         5,70                 35,70
""",
    number="P0726-1",
    issued_on=day("2026-07-31"),
    **amounts("30.00", "5.70", "35.70"),
)

_add(
    "the overview an e-invoice viewer prints",
    """
Informationen zum Käufer                          Informationen zum Verkäufer
Name: Beispiel Handel GmbH                        Firmenname: Probe Lieferant GmbH
Rechnungsdaten
Rechnungsnummer: 2026-4711                        Lieferdatum: 03.02.2026
Rechnungsdatum: 05.02.2026
Währung: EUR
Summe aller Positionen                netto       200,00
Summe Nachlässe                       netto       0,00
Gesamtsumme                           netto       200,00
Summe Umsatzsteuer                                38,00
Gesamtsumme                           brutto      238,00
Fälliger Betrag                       brutto      238,00
Umsatzsteuersatz                      19%
Umsatzsteuerbetrag                                38,00
""",
    number="2026-4711",
    issued_on=day("2026-02-05"),
    period_from=day("2026-02-03"),
    **amounts("200.00", "38.00", "238.00"),
)

_add(
    "a letter with two rates",
    """
Probe Lieferant GmbH
Werkstraße 20
80333 München
                                         Rechnung Nr. 5501 vom 05.03.2026
                                         Liefer- und Leistungsdatum entspricht Rechnungsdatum
Pos.  Bezeichnung              Menge       Preis       USt.     Gesamt
1     Ordner                   10 Stk      10,00       19 %     100,00
2     Kekse                    20 Stk      5,00        7 %      100,00
Rechnungssumme ohne USt.                                        200,00
Umsatzsteuer 19% von 100,00                                     19,00
Umsatzsteuer 7% von 100,00                                      7,00
Rechnungsbetrag inkl. 26,00 EUR USt                             226,00
Zahlbar innerhalb 30 Tagen netto bis 04.04.2026, 3% Skonto innerhalb 10 Tagen bis 15.03.2026
Steuernummer: 201/113/40209     USt-ID: DE123456789
""",
    number="5501",
    issued_on=day("2026-03-05"),
    period_from=day("2026-03-05"),
    net=cents("200.00"),
    gross=cents("226.00"),
    rates={"19": "19.00", "7": "7.00"},
)
