"""The XML JTL reads: the complete example, characters, and our own check of it."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from dataclasses import fields, replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from temu_assets.orders.address import JtlAddress
from temu_assets.orders.holds import Hold, HoldReason
from temu_assets.orders.jtl_format import clean
from temu_assets.orders.jtl_order import ExportOptions, JtlOrder, to_jtl_order
from temu_assets.orders.jtl_xml import DateFormat, XmlOptions, render
from temu_assets.orders.jtl_xml_check import check
from temu_assets.orders.order import BuyerAddress
from temu_assets.orders.pricing import JtlLine, LineKind
from temu_assets_tests.orders.samples import ORDER_ID, example_order, line_amounts, order_amounts, order_line, temu_order

EXAMPLE = """<?xml version="1.0" encoding="ISO-8859-1"?>
<tBestellungen>
  <tBestellung kFirma="1" kBenutzer="1">
    <cSprache>ger</cSprache>
    <cWaehrung>EUR</cWaehrung>
    <cBestellNr/>
    <cExterneBestellNr>PO-076-00000000000000001</cExterneBestellNr>
    <cVersandartName>TEMU</cVersandartName>
    <cVersandInfo/>
    <dVersandDatum/>
    <cTracking/>
    <dLieferDatum/>
    <cKommentar>TEMU PO-076-00000000000000001</cKommentar>
    <cBemerkung/>
    <dErstellt>2026-02-01</dErstellt>
    <cZahlungsartName>TEMU</cZahlungsartName>
    <dBezahltDatum>2026-02-01</dBezahltDatum>
    <twarenkorbpos>
      <cName>LED-Kerzen 4er-Set wei&#223;, 5 x 7 cm</cName>
      <cArtNr>LED-4-WEISS</cArtNr>
      <cBarcode/>
      <cSeriennummer/>
      <cEinheit/>
      <fPreisEinzelNetto>16.79832</fPreisEinzelNetto>
      <fPreis>19.99</fPreis>
      <fMwSt>19.00</fMwSt>
      <fAnzahl>2.00</fAnzahl>
      <cPosTyp>standard</cPosTyp>
      <fRabatt>0.00</fRabatt>
    </twarenkorbpos>
    <twarenkorbpos>
      <cName>TEMU Versand</cName>
      <cArtNr/>
      <cBarcode/>
      <cSeriennummer/>
      <cEinheit/>
      <fPreisEinzelNetto>2.51261</fPreisEinzelNetto>
      <fPreis>2.99</fPreis>
      <fMwSt>19.00</fMwSt>
      <fAnzahl>1.00</fAnzahl>
      <cPosTyp>versandkosten</cPosTyp>
      <fRabatt>0.00</fRabatt>
    </twarenkorbpos>
    <tkunde>
      <cKundenNr/>
      <cAnrede/>
      <cTitel/>
      <cVorname>Erika</cVorname>
      <cNachname>Beispiel</cNachname>
      <cFirma/>
      <cStrasse>Musterstra&#223;e 12a</cStrasse>
      <cAdressZusatz>Hinterhaus</cAdressZusatz>
      <cPLZ>01067</cPLZ>
      <cOrt>Dresden</cOrt>
      <cBundesland>Sachsen</cBundesland>
      <cLand>DE</cLand>
      <cTel>+49 351 0000000</cTel>
      <cMobil/>
      <cFax/>
      <cMail>erika.beispiel@example.invalid</cMail>
      <cUSTID/>
      <cWWW/>
      <cHerkunft>TEMU</cHerkunft>
      <dErstellt>2026-02-01</dErstellt>
    </tkunde>
    <tlieferadresse>
      <cAnrede/>
      <cVorname>Erika</cVorname>
      <cNachname>Beispiel</cNachname>
      <cTitel/>
      <cFirma/>
      <cStrasse>Musterstra&#223;e 12a</cStrasse>
      <cAdressZusatz>Hinterhaus</cAdressZusatz>
      <cPLZ>01067</cPLZ>
      <cOrt>Dresden</cOrt>
      <cBundesland>Sachsen</cBundesland>
      <cLand>DE</cLand>
      <cTel>+49 351 0000000</cTel>
      <cMobil/>
      <cFax/>
      <cMail>erika.beispiel@example.invalid</cMail>
    </tlieferadresse>
    <tzahlungsinfo>
      <cBankName/>
      <cBLZ/>
      <cKontoNr/>
      <cKartenNr/>
      <dGueltigkeit/>
      <cCVV/>
      <cKartenTyp/>
      <cInhaber/>
      <cIBAN/>
      <cBIC/>
    </tzahlungsinfo>
  </tBestellung>
</tBestellungen>
"""


def test_the_complete_example_comes_out_byte_for_byte() -> None:
    assert render(example_order(), XmlOptions()) == EXAMPLE
    assert check(EXAMPLE, order_id=ORDER_ID) == ()


def test_characters_beyond_ascii_are_one_reference_each_and_markup_is_escaped() -> None:
    order = example_order()
    customer = replace(order.customer, street="Łódź & <Söhne> \N{HOUSE BUILDING}/>", city="Bad\x00 Homburg")
    xml = render(replace(order, customer=customer), XmlOptions())
    assert xml.isascii()
    assert "&#321;&#243;d&#378; &amp; &lt;S&#246;hne&gt; &#127968;/&gt;" in xml
    assert "Bad&#65533; Homburg" in xml
    assert check(xml, order_id=ORDER_ID) == ()


def test_a_text_that_looks_like_an_empty_element_survives() -> None:
    order = example_order()
    xml = render(replace(order, customer=replace(order.customer, street='Weg 1 /> "2" />')), XmlOptions())
    assert ET.fromstring(xml).findtext(".//tkunde/cStrasse") == 'Weg 1 /> "2" />'


def test_options_reach_their_elements() -> None:
    options = XmlOptions(
        firma=3,
        benutzer=7,
        language="eng",
        currency="CHF",
        shipping_method="Paket",
        payment_method="Marktplatz",
        date_format=DateFormat.GERMAN,
    )
    order = replace(example_order(), paid_on=None, customer_number="10001")
    xml = render(order, options)
    body = ET.fromstring(xml)[0]
    assert body.attrib == {"kFirma": "3", "kBenutzer": "7"}
    assert [
        body.findtext(name) for name in ("cSprache", "cWaehrung", "cVersandartName", "cZahlungsartName", "dErstellt", "dBezahltDatum")
    ] == [
        *("eng", "CHF", "Paket", "Marktplatz", "01.02.2026", ""),
    ]
    assert body.findtext("tkunde/cKundenNr") == "10001"
    assert check(xml, order_id=ORDER_ID) == ()


PLACED = ("street", "postcode", "city", "country")


def texts(limit: int, *, needed: bool = False) -> st.SearchStrategy[str]:
    """Any text that fits; with ``needed`` one that is not empty for JTL."""
    return st.text(max_size=limit - 1).map(lambda text: "Ä" + text) if needed else st.text(max_size=limit)


addresses = st.builds(
    JtlAddress,
    **{
        field.name: texts(12, needed=field.name in {*PLACED, "last_name"})  # 12 emoji still fit into cPLZ
        for field in fields(JtlAddress)
    },
)
goods = st.builds(
    JtlLine,
    kind=st.just(LineKind.GOODS),
    sku=texts(20, needed=True),
    name=texts(60, needed=True),
    quantity=st.integers(1, 500),
    unit_gross=st.integers(1, 1_000_000).map(lambda cents: cents * Decimal("0.01")),
    vat_rate=st.sampled_from([Decimal(rate) for rate in ("19", "7", "0", "5.5", "2.1", "27")]),
)
orders = st.builds(
    JtlOrder,
    order_id=st.integers(0, 10**17 - 1).map("PO-076-{:017}".format),
    ordered_on=st.dates(date(2020, 1, 1), date(2099, 12, 31)),
    paid_on=st.none() | st.dates(date(2020, 1, 1), date(2099, 12, 31)),
    latest_shipping=st.none(),
    lines=st.lists(goods, min_size=1, max_size=4).map(tuple),
    customer=addresses,
    customer_number=st.just(""),
)


@given(orders, st.sampled_from(DateFormat))
def test_what_is_written_is_found_good_and_reads_back_the_same(order: JtlOrder, date_format: DateFormat) -> None:
    xml = render(order, XmlOptions(date_format=date_format))
    assert check(xml, order_id=order.order_id) == ()
    body = ET.fromstring(xml)[0]
    assert body.findtext("tkunde/cStrasse") == body.findtext("tlieferadresse/cStrasse") == clean(order.customer.street)
    assert body.findtext("tkunde/cNachname") == clean(order.customer.last_name)
    read = [
        tuple(line.findtext(name) for name in ("cArtNr", "cName", "fPreis", "fAnzahl", "fMwSt")) for line in body.findall("twarenkorbpos")
    ]
    assert read == [
        (clean(line.sku), clean(line.name), f"{line.unit_gross:.2f}", f"{line.quantity}.00", f"{line.vat_rate:.2f}") for line in order.lines
    ]


NEEDED = {"recipient", "line1", "city", "postcode"}


@given(
    st.builds(BuyerAddress, **{field.name: texts(12, needed=field.name in NEEDED) for field in fields(BuyerAddress)}),
    texts(80),
    st.integers(1, 99),
)
def test_whatever_is_not_held_passes_our_own_check(address: BuyerAddress, name: str, quantity: int) -> None:
    line = order_line(quantity=quantity, name=name, articles=(("A", 2), ("B", 1)))
    amounts = line_amounts(quantity=1, total_gross_cents=1800, tax_cents=287)
    order = to_jtl_order(temu_order(address=address, lines=(line,), amounts=order_amounts(amounts)), ExportOptions())
    if isinstance(order, Hold):
        assert order.reason in (HoldReason.MASKED_ADDRESS, HoldReason.DAMAGED_ADDRESS)
    else:
        assert check(render(order, XmlOptions()), order_id=ORDER_ID) == ()


@pytest.mark.parametrize(
    ("old", "new", "finding"),
    [
        ('encoding="ISO-8859-1"', 'encoding="UTF-8"', "does not start with"),
        ("&#223;", "ß", "beyond ASCII"),
        ("<tBestellungen>", "<!DOCTYPE x><tBestellungen>", "document type"),
        ("</cSprache>", "", "not well-formed"),
        ("tBestellungen>", "orders>", "not one tBestellung"),
        ("</tBestellung>", "</tBestellung><tBestellung/>", "not one tBestellung"),
        ('kFirma="1"', 'kFirma="one"', "kFirma"),
        ('kBenutzer="1"', "", "kBenutzer"),
        ("<cSprache>ger</cSprache>", "", "not exactly"),
        (
            "    <cSprache>ger</cSprache>\n    <cWaehrung>EUR</cWaehrung>\n",
            "<cWaehrung>EUR</cWaehrung><cSprache>ger</cSprache>",
            "not exactly",
        ),
        ("<cSprache>ger</cSprache>", "<cSprache>de</cSprache>", "cSprache does not look like"),
        ("EUR", "Euro", "cWaehrung does not look like"),
        ("<cExterneBestellNr>PO-076", "<cExterneBestellNr>PO-077", "cExterneBestellNr is not"),
        ("<cExterneBestellNr>PO", f"<cExterneBestellNr>PO{'1' * 50}", "cExterneBestellNr has 74"),
        ("<cVersandartName>TEMU</cVersandartName>", "<cVersandartName/>", "cVersandartName is empty"),
        ("<dErstellt>2026-02-01", "<dErstellt>2026-13-01", "dErstellt does not look like date"),
        ("<dBezahltDatum>2026-02-01", "<dBezahltDatum>01.02.26", "dBezahltDatum does not look like date"),
        ("<fPreis>19.99", "<fPreis>19,99", "fPreis does not look like"),
        ("<fPreisEinzelNetto>16.79832", "<fPreisEinzelNetto>16.80", "fPreisEinzelNetto does not look like"),
        ("<fPreisEinzelNetto>16.79832", "<fPreisEinzelNetto>16.80832", "plus fMwSt is not fPreis"),
        ("<fMwSt>19.00", "<fMwSt>7.00", "plus fMwSt is not fPreis"),
        ("<fAnzahl>2.00", "<fAnzahl>0.00", "fAnzahl is not above zero"),
        ("<cPosTyp>standard", "<cPosTyp>Artikel", "cPosTyp does not look like"),
        ("<cPosTyp>standard", "<cPosTyp>versandkosten", "without goods"),
        ("<cArtNr>LED-4-WEISS</cArtNr>", "<cArtNr/>", "cArtNr of goods is empty"),
        ("<cArtNr>LED-4-WEISS", f"<cArtNr>{'L' * 101}", "cArtNr has 101"),
        ("<cName>LED", f"<cName>{'L' * 256}", "cName has"),
        ("<cNachname>Beispiel</cNachname>", "<cNachname/>", "neither cNachname nor cFirma"),
        ("<cStrasse>Musterstra&#223;e 12a</cStrasse>", "<cStrasse> </cStrasse>", "cStrasse is empty"),
        ("<cPLZ>01067", f"<cPLZ>{'0' * 25}", "cPLZ has 25"),
        ("<cLand>DE</cLand>", "<cLand/>", "cLand is empty"),
        ("<cOrt>Dresden</cOrt>", "<cOrt><b/></cOrt>", "cOrt holds more than text"),
        ("<cTitel/>", "", "tkunde: the elements are not exactly"),
        ("<cBIC/>", "<cSwift/>", "tzahlungsinfo: the elements are not exactly"),
    ],
)
def test_a_planted_error_is_found(old: str, new: str, finding: str) -> None:
    broken = EXAMPLE.replace(old, new)
    assert broken != EXAMPLE
    findings = check(broken, order_id=ORDER_ID)
    assert any(finding in sentence for sentence in findings), findings
    assert not any(word in sentence for sentence in findings for word in ("Musterstra", "Dresden", "Erika"))


def test_an_order_without_any_line_is_refused() -> None:
    """Fault 22: twelve orders went out with no lines."""
    empty = replace(example_order(), lines=())
    assert any("twarenkorbpos (once or more)" in sentence for sentence in check(render(empty, XmlOptions()), order_id=ORDER_ID))


def test_goods_for_nothing_are_refused() -> None:
    """Fault 2: price 0.00."""
    free = JtlLine(LineKind.GOODS, "A", "A", 1, Decimal("0.00"), Decimal(19))
    findings = check(render(replace(example_order(), lines=(free,)), XmlOptions()), order_id=ORDER_ID)
    assert findings == ("twarenkorbpos 1: fPreis of goods is not above zero.",)
