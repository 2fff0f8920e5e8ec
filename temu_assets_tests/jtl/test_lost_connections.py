"""A connection to JTL dies: reading is done again, and an order handed over is in JTL's import table once, whenever it died."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Connection, event
from sqlalchemy.exc import OperationalError

from temu_assets.errors import TransientError
from temu_assets.jtl.database import Jtl
from temu_assets.jtl.orders import ImportRows, hand_over, known_articles, known_orders, waiting_orders
from temu_assets.jtl.parcels import sent_parcels
from temu_assets.jtl.stock import article_stock
from temu_assets_tests.jtl.books import Books
from temu_assets_tests.jtl.test_orders import always, xml
from temu_assets_tests.killing import Killer, Point, lost, without_pauses

TEXTS = {order_id: xml(order_id) for order_id in ("PO-1", "PO-2", "PO-3")}


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    without_pauses(monkeypatch)


@pytest.mark.parametrize(
    "read",
    [
        lambda jtl: known_orders(jtl, ["PO-1"]),
        waiting_orders,
        lambda jtl: known_articles(jtl, ["MUG"]),
        lambda jtl: sent_parcels(jtl, ["PO-1"]),
        lambda jtl: article_stock(jtl, ["MUG"], [1]),
    ],
    ids=["orders", "waiting", "articles", "parcels", "stock"],
)
def test_what_is_read_is_read_again(jtl: Jtl, books: Books, read: Callable[[Jtl], Any]) -> None:
    books.add("tWarenLager", kWarenLager=1)
    books.add("tArtikel", cArtNr="MUG")
    books.add("tAuftrag", cAuftragsNr="AU-1", cExterneAuftragsnummer="PO-1")
    expected = read(jtl)
    killer = Killer(Point.BEFORE_STATEMENT_1)
    killer.watch(jtl.engine)
    assert read(jtl) == expected
    assert killer.killed > 0


def test_of_many_statements_each_is_tried_as_often_as_one(jtl: Jtl, books: Books) -> None:
    """A server that is busy takes back a few in a thousand, and a large shop asks hundreds."""
    skus = [f"MUG-{number:05d}" for number in range(12_000)]
    books.add("tArtikel", kArtikel=1, cArtNr=skus[0])
    books.add("tArtikel", kArtikel=2, cArtNr=skus[-1])
    refused: set[str] = set()

    @event.listens_for(jtl.engine, "before_cursor_execute")
    def _before(connection: Connection, _cursor: object, statement: str, parameters: object, *_: object) -> None:
        asked = f"{statement} {parameters}"
        if asked not in refused:
            refused.add(asked)
            raise lost(connection.connection.dbapi_connection)

    assert known_orders(jtl, ["PO-1"]) == {}  # JTL was reached: what never was is not tried as often.
    assert article_stock(jtl, skus).keys() == {skus[0].casefold(), skus[-1].casefold()}
    assert len(refused) > 12


@pytest.mark.parametrize("point", [Point.BEFORE_STATEMENT_1, Point.BEFORE_COMMIT, Point.AFTER_COMMIT], ids=lambda point: point.name.lower())
def test_an_order_is_in_the_import_table_once_whenever_the_connection_dies(jtl: Jtl, books: Books, point: Point) -> None:
    """Fault 6: after a commit whose answer was lost JTL is asked before anything is sent again."""
    known_orders(jtl, ["PO-1"])  # The columns are looked at, and JTL was reached, before it begins.
    killer = Killer(point, most=1)
    killer.watch(jtl.engine)
    proofs = hand_over(jtl, TEXTS, platform=5, may_go_on=always, seen=ImportRows())
    assert killer.killed == 1
    assert proofs.keys() == TEXTS.keys()
    assert [row[1] for row in books.rows("tXMLBestellImport")] == list(TEXTS.values())


def test_an_order_jtl_took_in_at_once_after_a_lost_answer_is_not_sent_again(jtl: Jtl, books: Books) -> None:
    known_orders(jtl, ["PO-1"])
    killer = Killer(Point.AFTER_COMMIT)
    killer.watch(jtl.engine)

    def jtls_worker_is_fast(_: float) -> None:
        killer.is_on = False
        books.remove("tXMLBestellImport", min(int(str(row[0])) for row in books.rows("tXMLBestellImport")))
        books.add("tAuftrag", cAuftragsNr="AU-7", cExterneAuftragsnummer="PO-1")

    jtl.attempts._pause = jtls_worker_is_fast
    proofs = hand_over(jtl, TEXTS, platform=5, may_go_on=always, seen=ImportRows())
    assert proofs["PO-1"] == "order AU-7"
    assert len(books.rows("tXMLBestellImport")) == 2


def test_nothing_is_sent_again_by_a_run_that_lost_its_turn(jtl: Jtl, books: Books) -> None:
    """Fault 20: the connection is away for so long that another run has taken over."""
    known_orders(jtl, ["PO-1"])
    Killer(Point.BEFORE_COMMIT).watch(jtl.engine)
    asked: list[int] = []

    def may_go_on() -> None:
        asked.append(1)
        if len(asked) > 1:
            raise TransientError("This run lost its turn.", remedy="nothing; the other run does the work.")

    with pytest.raises(TransientError, match="lost its turn"):
        hand_over(jtl, TEXTS, platform=5, may_go_on=may_go_on, seen=ImportRows())
    assert books.rows("tXMLBestellImport") == []


@pytest.mark.parametrize("meanwhile", ["it waits in the import table", "JTL has taken it in"])
def test_what_somebody_else_handed_over_since_jtl_was_asked_is_not_handed_over_again(jtl: Jtl, books: Books, meanwhile: str) -> None:
    """Fault 6: a run that was paused between asking JTL and writing there, for as long as another run needed."""
    books.add("tXMLBestellImport", cText=xml("PO-0"), nPlattform=5, nRechnung=0)
    seen = waiting_orders(jtl)

    def another_run_is_faster() -> None:
        if meanwhile == "JTL has taken it in":
            books.add("tAuftrag", cAuftragsNr="AU-7", cExterneAuftragsnummer="po-2")
        elif len(books.rows("tXMLBestellImport")) == 1:
            books.add("tXMLBestellImport", cText=TEXTS["PO-2"], nPlattform=5, nRechnung=0)

    proofs = hand_over(jtl, TEXTS, platform=5, may_go_on=another_run_is_faster, seen=seen)
    assert proofs.keys() == TEXTS.keys()
    waiting = [str(row[1]) for row in books.rows("tXMLBestellImport")]
    ours = [TEXTS["PO-1"], TEXTS["PO-3"]]
    assert sorted(waiting) == sorted([xml("PO-0"), *ours, *([] if meanwhile == "JTL has taken it in" else [TEXTS["PO-2"]])])
    assert (proofs["PO-2"] == "order AU-7") is (meanwhile == "JTL has taken it in")


def test_a_row_of_somebody_else_is_remembered_for_the_next_batch(jtl: Jtl, books: Books) -> None:
    seen = waiting_orders(jtl)
    books.add("tXMLBestellImport", cText=TEXTS["PO-3"], nPlattform=5, nRechnung=0)
    hand_over(jtl, {"PO-1": TEXTS["PO-1"]}, platform=5, may_go_on=always, seen=seen)
    hand_over(jtl, {"PO-2": TEXTS["PO-2"], "PO-3": TEXTS["PO-3"]}, platform=5, may_go_on=always, seen=seen)
    assert [row[1] for row in books.rows("tXMLBestellImport")] == [TEXTS["PO-3"], TEXTS["PO-1"], TEXTS["PO-2"]]


def test_keys_that_are_given_out_again_hide_nothing(jtl: Jtl, books: Books) -> None:
    """JTL's worker has emptied the table since, and a file begins to count anew."""
    for number in range(5):
        books.add("tXMLBestellImport", cText=xml(f"PO-1{number}"), nPlattform=5, nRechnung=0)
    seen = waiting_orders(jtl)
    for row in books.rows("tXMLBestellImport"):
        books.remove("tXMLBestellImport", int(str(row[0])))
    books.add("tXMLBestellImport", cText=TEXTS["PO-2"], nPlattform=5, nRechnung=0)
    hand_over(jtl, TEXTS, platform=5, may_go_on=always, seen=seen)
    assert sorted(str(row[1]) for row in books.rows("tXMLBestellImport")) == sorted(TEXTS.values())


def test_jtl_that_stays_away_leaves_the_orders_unclear(jtl: Jtl, books: Books, monkeypatch: pytest.MonkeyPatch) -> None:
    """Fault 5: they are neither done nor given up; the next run asks."""
    known_orders(jtl, ["PO-1"])

    def away(*_: object) -> None:
        raise OperationalError("INSERT", None, _gone(jtl))

    monkeypatch.setattr(Jtl, "write_once", away)
    with pytest.raises(TransientError, match=r"JTL.s database .* did not answer"):
        hand_over(jtl, TEXTS, platform=5, may_go_on=always, seen=ImportRows())


def _gone(jtl: Jtl) -> Exception:
    with jtl.engine.connect() as connection:
        return lost(connection.connection.dbapi_connection)
