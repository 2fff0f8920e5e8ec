from __future__ import annotations

from collections.abc import Callable

import pytest

from temu_assets.sandbox.jtl import JtlStandIn
from temu_assets.sandbox.temu_shop import TemuShop
from temu_assets_tests.sandbox.mini_sync import HEADER, order_xml


@pytest.fixture
def xml(shop: TemuShop) -> str:
    return order_xml(shop.order(shop.named["umlauts"]))


def test_an_order_arrives_with_customer_positions_and_numbers(shop: TemuShop, jtl: JtlStandIn, xml: str) -> None:
    jtl.hand_over(xml)
    assert jtl.run_worker() == {"imported": 1, "rejected": 0}
    order = jtl.rows("SELECT * FROM tAuftrag WHERE cExterneAuftragsnummer = ?", (shop.named["umlauts"],))[0]
    assert (order["nType"], order["kPlattform"], order["cWaehrung"], order["nStorno"]) == (1, 5, "EUR", 0)
    assert order["dErstellt"] == "2026-01-01 01:00:00"
    positions = jtl.rows(
        "SELECT cArtNr, nType, SUM(fAnzahl) FROM tAuftragPosition WHERE kAuftrag = ? GROUP BY 1, 2 ORDER BY 2",
        (order["kAuftrag"],),
    )
    assert [tuple(row) for row in positions] == [("FLASCHE-750-BL", 1, 2), (None, 2, 1)]
    address = jtl.rows("SELECT * FROM tAdresse WHERE kKunde = ? AND nTyp = 0", (order["kKunde"],))[0]
    assert (address["cStrasse"], address["cISO"]) == ("Beispielstraße 12a", "DE")
    assert jtl.rows("SELECT * FROM tXMLBestellImport") == []


def test_the_worker_reserves_the_goods(jtl: JtlStandIn, xml: str) -> None:
    def stock() -> tuple[float, float, float]:
        row = jtl.rows("SELECT * FROM tlagerbestand NATURAL JOIN tArtikel WHERE cArtNr = 'FLASCHE-750-BL'")[0]
        return row["fLagerbestand"], row["fInAuftraegen"], row["fVerfuegbar"]

    physical, reserved, available = stock()
    jtl.hand_over(xml)
    jtl.run_worker()
    assert stock() == (physical, reserved + 2, available - 2)


def test_there_is_no_guard_against_duplicates(jtl: JtlStandIn, xml: str) -> None:
    """Fault 6: only the sender can keep an order from arriving twice."""
    jtl.hand_over(xml)
    jtl.hand_over(xml)
    assert jtl.run_worker()["imported"] == 2


def test_a_limit_leaves_the_rest_waiting(jtl: JtlStandIn, xml: str) -> None:
    for _ in range(3):
        jtl.hand_over(xml)
    assert jtl.run_worker(limit=2)["imported"] == 2
    assert len(jtl.rows("SELECT 1 FROM tXMLBestellImport")) == 1


def test_a_set_brings_its_parts_with_it(shop: TemuShop, jtl: JtlStandIn) -> None:
    jtl.hand_over(order_xml(shop.order(shop.named["bill_of_materials"])))
    jtl.run_worker()
    rows = jtl.rows(
        "SELECT cArtNr, fAnzahl, fVkNetto, kAuftragStueckliste = kAuftragPosition AS kopf FROM tAuftragPosition"
        " WHERE kAuftragStueckliste IS NOT NULL ORDER BY kAuftragPosition"
    )
    assert sum(row["fAnzahl"] for row in rows if row["kopf"]) == 2
    parts = {sku: sum(row["fAnzahl"] for row in rows if row["cArtNr"] == sku) for sku in ("MESSER-20-SW", "SIEB-18-WS")}
    assert parts == {"MESSER-20-SW": 2, "SIEB-18-WS": 4}
    assert {row["fVkNetto"] for row in rows if not row["kopf"]} == {0}


def _swap(first: str, second: str) -> Callable[[str], str]:
    def change(xml: str) -> str:
        return xml.replace(first, "@").replace(second, first).replace("@", second)

    return change


def _put(old: str, new: str) -> Callable[[str], str]:
    def change(xml: str) -> str:
        assert old in xml
        return xml.replace(old, new)

    return change


def _customer_first(xml: str) -> str:
    start, end = xml.index("<tkunde>"), xml.index("<tlieferadresse>")
    customer = xml[start:end]
    return xml.replace(customer, "").replace("<twarenkorbpos>", customer + "<twarenkorbpos>", 1)


REJECTED: dict[str, tuple[Callable[[str], str], str]] = {
    "no header": (_put(HEADER, ""), "does not start with"),
    "UTF-8 header": (_put("ISO-8859-1", "UTF-8"), "does not start with"),
    "character outside Latin-1": (_put("<cKommentar/>", "<cKommentar>Łódź</cKommentar>"), "outside ISO-8859-1"),
    "not well-formed": (_put("</tBestellung>", ""), "not well-formed"),
    "document type": (_put("<tBestellungen>", "<!DOCTYPE x><tBestellungen>"), "document type"),
    "another root": (_put("tBestellungen", "bestellungen"), "root must be"),
    "unknown attribute": (_put("kFirma", "kFirmen"), "attributes"),
    "customer before positions": (_customer_first, "After the positions come tkunde"),
    "fields swapped": (_swap("cSprache", "cWaehrung"), "where cSprache is expected"),
    "field missing": (_put("<cTracking/>", ""), "where cTracking is expected"),
    "field unknown": (_put("<cKommentar/>", "<cKommentar/><cNotiz/>"), "cNotiz"),
    "positions missing": (lambda xml: xml[: xml.index("<twaren")] + xml[xml.index("<tkunde>") :], "at least one"),
    "decimal comma": (_put("<fAnzahl>1.00", "<fAnzahl>1,00"), "fAnzahl is not of the shape"),
    "net with two digits": (_put("<fRabatt>0.00", "<fRabatt>0.000"), "fRabatt is not of the shape"),
    "date with slashes": (_put("<dErstellt>2026-01-01", "<dErstellt>2026/01/01"), "dErstellt is not of the shape"),
    "postcode too long": (_put("<cPLZ>34117", "<cPLZ>" + "3" * 25), "cPLZ has 25 characters"),
    "name too long": (_put("<cName>FLASCHE", "<cName>" + "F" * 300), "cName has"),
    "article unknown": (_put("<cArtNr>FLASCHE-750-BL", "<cArtNr>FLASCHE-999"), "tArtikel has no"),
    "article deleted": (_put("<cArtNr>FLASCHE-750-BL", "<cArtNr>LAMPE-ALT"), "tArtikel has no"),
    "shipping method unknown": (_put("<cVersandartName>TEMU", "<cVersandartName>Rakete"), "tversandart has no"),
    "payment method unknown": (_put("<cZahlungsartName>TEMU", "<cZahlungsartName>Gold"), "tZahlungsart has no"),
    "position type unknown": (_put("versandkosten", "fracht"), "cPosTyp"),
    "text where a block is": (_put("<cSprache>ger", "<cSprache><b/>ger"), "text only"),
}


@pytest.mark.parametrize("case", REJECTED)
def test_what_is_not_the_documented_format_stays_in_the_table_with_a_reason(case: str, jtl: JtlStandIn, xml: str) -> None:
    """Fault 18: JTL's refusals can be seen."""
    change, reason = REJECTED[case]
    before = len(jtl.rows("SELECT 1 FROM tkunde")), len(jtl.rows("SELECT 1 FROM tAuftrag"))
    jtl.hand_over(change(xml))
    assert jtl.run_worker() == {"imported": 0, "rejected": 1}
    assert reason in next(iter(jtl.rejections().values()))
    assert len(jtl.rows("SELECT 1 FROM tXMLBestellImport")) == 1
    assert (len(jtl.rows("SELECT 1 FROM tkunde")), len(jtl.rows("SELECT 1 FROM tAuftrag"))) == before


def test_a_rejected_order_does_not_block_the_next_one_and_may_succeed_later(jtl: JtlStandIn, xml: str) -> None:
    jtl.hand_over(xml.replace("<cArtNr>FLASCHE-750-BL", "<cArtNr>NEU"))
    jtl.hand_over(xml)
    assert jtl.run_worker() == {"imported": 1, "rejected": 1}
    with jtl.transaction() as connection:
        connection.execute("UPDATE tArtikel SET cArtNr = 'neu' WHERE cArtNr = 'LAMPE-ALT'")
        connection.execute("UPDATE tArtikel SET nDelete = 0 WHERE cArtNr = 'NEU'")
    assert jtl.run_worker() == {"imported": 1, "rejected": 0}
    assert jtl.rejections() == {}


@pytest.mark.parametrize("optional", ["<fGuthaben>0.00</fGuthaben>", "<fGesamtsumme>1.00</fGesamtsumme>"])
def test_optional_elements_are_taken_at_their_place(optional: str, jtl: JtlStandIn, xml: str) -> None:
    jtl.hand_over(xml.replace("<cBestellNr/>", optional + "<cBestellNr/>"))
    assert jtl.run_worker()["imported"] == 1


def test_german_dates_and_country_names_are_taken_too(jtl: JtlStandIn, xml: str) -> None:
    german = xml.replace("2026-01-01", "01.01.2026").replace("<cLand>DE", "<cLand>&#214;sterreich")
    jtl.hand_over(german)
    jtl.run_worker()
    assert jtl.rows("SELECT dExternesErstelldatum FROM tAuftrag ORDER BY kAuftrag DESC")[0][0] == "2026-01-01 00:00:00"
    assert jtl.rows("SELECT DISTINCT cISO FROM tAdresse")[0][0] == "AT"


def test_an_existing_customer_number_is_used_again(jtl: JtlStandIn, xml: str) -> None:
    numbered = xml.replace("<cKundenNr/>", "<cKundenNr>SAMMEL</cKundenNr>")
    for _ in range(2):
        jtl.hand_over(numbered)
    jtl.run_worker()
    assert len(jtl.rows("SELECT 1 FROM tkunde WHERE cKundenNr = 'SAMMEL'")) == 1
