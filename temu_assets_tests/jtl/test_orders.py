"""Orders on JTL's side."""

from __future__ import annotations

import pytest

from temu_assets.errors import ConfigurationError, RecordError
from temu_assets.jtl.database import Jtl
from temu_assets.jtl.orders import (
    ImportRows,
    KnownOrder,
    hand_over,
    known_articles,
    known_orders,
    missing_names,
    waiting_orders,
    waiting_proof,
)
from temu_assets_tests.databases import jtl_is_a_file
from temu_assets_tests.jtl.books import Books


def always() -> None:
    """Nobody else has taken over."""


def xml(order_id: str, name: str = "M&#252;ller") -> str:
    return (
        f"<tBestellungen><tBestellung><cExterneBestellNr>{order_id}</cExterneBestellNr><cName>{name}</cName></tBestellung></tBestellungen>"
    )


def test_an_order_jtl_has_is_found_and_one_it_does_not_have_is_absent(jtl: Jtl, books: Books) -> None:
    books.add("tAuftrag", kAuftrag=7, cAuftragsNr="AU-7", cExterneAuftragsnummer="PO-1")
    assert known_orders(jtl, ["PO-1", "PO-2"]) == {
        "PO-1": [KnownOrder("PO-1", 7, "AU-7", is_cancelled=False, is_finished=False)],
    }


def test_an_order_number_is_found_in_whatever_case_jtl_keeps_it(jtl: Jtl, books: Books) -> None:
    books.add("tAuftrag", cAuftragsNr="AU-7", cExterneAuftragsnummer="po-1")
    assert [order.order_id for order in known_orders(jtl, ["PO-1"])["PO-1"]] == ["PO-1"]


def test_an_order_jtl_has_twice_is_told_twice(jtl: Jtl, books: Books) -> None:
    """Fault 6: a double must be seen, not hidden."""
    for key in (7, 8):
        books.add("tAuftrag", kAuftrag=key, cAuftragsNr=f"AU-{key}", cExterneAuftragsnummer="PO-1")
    assert [order.key for order in known_orders(jtl, ["PO-1"])["PO-1"]] == [7, 8]


def test_an_order_asked_for_twice_is_no_double(jtl: Jtl, books: Books) -> None:
    books.add("tAuftrag", cAuftragsNr="AU-7", cExterneAuftragsnummer="PO-1")
    asked = ["PO-1", *(f"PO-X{number}" for number in range(1200)), "PO-1"]
    assert len(known_orders(jtl, asked)["PO-1"]) == 1


@pytest.mark.parametrize("other_type", [0, 2, 3])
def test_an_offer_or_stock_transfer_is_no_order(jtl: Jtl, books: Books, other_type: int) -> None:
    books.add("tAuftrag", cAuftragsNr="AN-7", cExterneAuftragsnummer="PO-1", nType=other_type)
    assert known_orders(jtl, ["PO-1"]) == {}


@pytest.mark.parametrize(("finished", "expected"), [(0, False), (1, True), (2, True)])
def test_an_order_tells_whether_it_is_cancelled_or_finished(jtl: Jtl, books: Books, finished: int, expected: bool) -> None:
    books.add("tAuftrag", cAuftragsNr="AU-7", cExterneAuftragsnummer="PO-1", nStorno=True, nKomplettAusgeliefert=finished)
    (order,) = known_orders(jtl, ["PO-1"])["PO-1"]
    assert (order.is_cancelled, order.is_finished) == (True, expected)


def test_orders_handed_over_get_one_row_each_in_order_with_the_text_as_it_was(jtl: Jtl, books: Books) -> None:
    texts = {f"PO-{number}": xml(f"PO-{number}") for number in range(300)}
    proofs = hand_over(jtl, texts, platform=5, may_go_on=always, seen=ImportRows())
    keys = waiting_orders(jtl).waiting
    rows = books.rows("tXMLBestellImport")
    assert rows == [(keys[order_id], text, 5, 0) for order_id, text in texts.items()]
    assert all(str(row[1]).isascii() for row in rows)
    assert proofs == {order_id: waiting_proof(key) for order_id, key in keys.items()}


@jtl_is_a_file
def test_orders_are_handed_over_all_or_none(jtl: Jtl, books: Books) -> None:
    """Fault 5: what JTL did not take is never counted as taken."""
    books.run(
        "CREATE TRIGGER refuse BEFORE INSERT ON tXMLBestellImport WHEN new.cText LIKE '%PO-2<%' BEGIN SELECT RAISE(ABORT, 'refused'); END"
    )
    with pytest.raises(RecordError, match="refused PO-1, PO-2, PO-3"):
        hand_over(jtl, {order_id: xml(order_id) for order_id in ("PO-1", "PO-2", "PO-3")}, platform=5, may_go_on=always, seen=ImportRows())
    assert books.rows("tXMLBestellImport") == []


@jtl_is_a_file
def test_a_buyer_is_not_named_when_jtl_refuses_an_order(jtl: Jtl, books: Books) -> None:
    books.run("CREATE TRIGGER refuse BEFORE INSERT ON tXMLBestellImport BEGIN SELECT RAISE(ABORT, 'refused'); END")
    with pytest.raises(RecordError) as caught:
        hand_over(jtl, {"PO-1": xml("PO-1", "Erika-Canary")}, platform=5, may_go_on=always, seen=ImportRows())
    behind: BaseException | None = caught.value
    while behind is not None:
        assert "Erika-Canary" not in f"{behind}{behind!r}"
        behind = behind.__cause__ or behind.__context__


def test_nothing_to_hand_over_does_not_ask_jtl(jtl: Jtl, books: Books) -> None:
    books.drop("tXMLBestellImport")
    assert hand_over(jtl, {}, platform=5, may_go_on=always, seen=ImportRows()) == {}


def test_rows_of_others_that_wait_are_no_orders_of_ours(jtl: Jtl, books: Books) -> None:
    books.add("tXMLBestellImport", cText=None)
    books.add("tXMLBestellImport", cText="<tBestellungen/>")
    books.add("tXMLBestellImport", cText="<cExterneBestellNr></cExterneBestellNr>")
    key = books.add("tXMLBestellImport", cText="<cExterneBestellNr>\n PO-1 </cExterneBestellNr>")
    assert {order_id: row for order_id, row in waiting_orders(jtl).waiting.items() if order_id} == {"PO-1": key}


def test_articles_are_known_in_any_case_and_deleted_ones_are_not(jtl: Jtl, books: Books) -> None:
    books.add("tArtikel", cArtNr="Mug-Blue")
    books.add("tArtikel", cArtNr="MUG-RED", nDelete=None)
    books.add("tArtikel", cArtNr="MUG-OLD", nDelete=1)
    assert known_articles(jtl, ["mug-blue", "MUG-RED", "MUG-OLD", "MUG-NONE"]) == {"mug-blue", "mug-red"}


def test_names_the_settings_refer_to_are_missed_in_words(jtl: Jtl, books: Books) -> None:
    assert missing_names(jtl, shipping_method="TEMU", payment_method="TEMU") == [
        "shipping method 'TEMU' (JTL_VERSANDART)",
        "payment method 'TEMU' (JTL_ZAHLUNGSART)",
    ]
    books.add("tversandart", cName="TEMU")
    books.add("tZahlungsart", cName="temu")
    assert missing_names(jtl, shipping_method="TEMU", payment_method="TEMU") == []


@jtl_is_a_file
def test_jtl_that_cannot_be_read_is_not_a_jtl_without_orders(jtl: Jtl, books: Books) -> None:
    """Fault 9."""
    books.close()
    books.path.unlink()
    books.path.mkdir()
    for ask in (lambda: known_orders(jtl, ["PO-1"]), lambda: waiting_orders(jtl), lambda: known_articles(jtl, ["MUG"])):
        with pytest.raises(ConfigurationError, match="cannot be opened"):
            ask()
