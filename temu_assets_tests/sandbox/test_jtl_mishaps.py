"""What can go wrong in the stand-in for JTL beside an order that is no order."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest

from temu_assets.sandbox.jtl import JtlStandIn, StandInError
from temu_assets.sandbox.temu_shop import TemuShop
from temu_assets_tests.sandbox.mini_sync import order_xml


@pytest.fixture
def order_id(shop: TemuShop, jtl: JtlStandIn) -> str:
    """An order that waits for the worker."""
    order_id = shop.named["umlauts"]
    jtl.hand_over(order_xml(shop.order(order_id)))
    return order_id


def _in_jtl(jtl: JtlStandIn, order_id: str) -> int:
    return len(jtl.rows("SELECT 1 FROM tAuftrag WHERE cExterneAuftragsnummer = ?", (order_id,)))


def test_a_worker_that_stands_still_leaves_its_rows(jtl: JtlStandIn, order_id: str) -> None:
    jtl.pause_worker()
    assert jtl.run_worker() == {"imported": 0, "rejected": 0}
    jtl.resume_worker()
    assert jtl.run_worker() == {"imported": 1, "rejected": 0}
    assert _in_jtl(jtl, order_id) == 1


def test_an_order_can_be_refused_with_a_text_and_taken_after_all(jtl: JtlStandIn, order_id: str) -> None:
    jtl.refuse(order_id, "no such country")
    assert jtl.run_worker() == {"imported": 0, "rejected": 1}
    assert list(jtl.rejections().values()) == ["no such country"]
    jtl.accept(order_id)
    assert jtl.run_worker() == {"imported": 1, "rejected": 0}


def test_a_row_can_become_two_orders_once(jtl: JtlStandIn, shop: TemuShop, order_id: str) -> None:
    jtl.import_twice(order_id)
    jtl.run_worker()
    assert _in_jtl(jtl, order_id) == 2
    jtl.hand_over(order_xml(shop.order(order_id)))
    jtl.run_worker()
    assert _in_jtl(jtl, order_id) == 3


def test_a_deleted_order_gives_its_goods_back(jtl: JtlStandIn, order_id: str) -> None:
    def available() -> list[float]:
        return [row[0] for row in jtl.rows("SELECT fVerfuegbar FROM tlagerbestand ORDER BY kArtikel")]

    before = available()
    jtl.run_worker()
    assert available() != before
    jtl.delete(order_id)
    assert _in_jtl(jtl, order_id) == 0
    assert available() == before


def test_while_somebody_holds_the_database_it_can_be_read_and_not_written(jtl: JtlStandIn, order_id: str) -> None:
    jtl.lock()
    assert _in_jtl(jtl, order_id) == 0
    with closing(sqlite3.connect(jtl.path, timeout=0)) as other, pytest.raises(sqlite3.OperationalError, match="locked"):
        other.execute("DELETE FROM tXMLBestellImport")
    jtl.unlock()
    assert jtl.run_worker()["imported"] == 1


def test_a_database_that_is_away_comes_back_as_it_was(jtl: JtlStandIn, order_id: str) -> None:
    jtl.go_away()
    assert not jtl.path.exists()
    with pytest.raises(StandInError, match="away"):
        jtl.run_worker()
    jtl.come_back()
    assert jtl.run_worker()["imported"] == 1
    assert _in_jtl(jtl, order_id) == 1
