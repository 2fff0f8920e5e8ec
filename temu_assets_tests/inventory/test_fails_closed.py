"""What must never reach TEMU: a stock of 0, or of anything, that nobody knows. Fault 9 over HTTP and against JTL's tables."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable

import pytest

from temu_assets.sandbox.book_stock import stock_objections
from temu_assets.toci.tables import problems, temu_products
from temu_assets.toci.tables import temu_inventory as targets
from temu_assets_tests.inventory.conftest import EDIT, FULL, QUICK, Shop
from temu_assets_tests.seller import failure

Change = Callable[[sqlite3.Connection], object]


@pytest.fixture
def synced(shop: Shop) -> Shop:
    """A shop after its first full sync, with an empty journal."""
    assert shop.run().success
    shop.sandbox.server.journal.clear()
    return shop


def change_jtl(shop: Shop, *statements: str) -> None:
    with shop.sandbox.jtl.transaction() as connection:
        for statement in statements:
            connection.execute(statement)


def shown(shop: Shop) -> dict[int, int]:
    return {sku_id: sku.stock for sku_id, sku in shop.sandbox.shop.state.skus.items()}


def reported(shop: Shop, kind: str) -> set[str]:
    """The codes of the SKUs with an open problem of a kind."""
    codes = {row.sku_id: row.sku for row in shop.rows(temu_products)}
    return {codes[row.key] for row in shop.rows(problems) if row.kind == kind and row.state == "open"}


def keep_only(shop: Shop, number: int) -> None:
    """A small shop: TEMU lists only so many SKUs with a stock."""
    on_offer = [row.sku_id for row in shop.rows(targets) if row.target and not row.is_held][:number]
    for sku_id in list(shop.sandbox.shop.state.skus):
        if str(sku_id) not in on_offer:
            del shop.sandbox.shop.state.skus[sku_id]
    assert shop.run().success
    shop.sandbox.server.journal.clear()


@pytest.mark.parametrize("number", [1, 10, 200])
def test_an_empty_stock_table_is_red_and_holds_everything_however_small_the_shop(synced: Shop, number: int) -> None:
    keep_only(synced, number)
    before = shown(synced)
    change_jtl(synced, "DELETE FROM tlagerbestand")
    assert "not one row" in failure(synced.run(QUICK))
    assert shown(synced) == before
    assert synced.edits() == {}


def test_an_empty_stock_table_zeroes_nothing_at_the_first_run_either(shop: Shop) -> None:
    before = shown(shop)
    change_jtl(shop, "DELETE FROM tlagerbestand")
    assert "not one row" in failure(shop.run())
    assert shown(shop) == before


def test_an_empty_warehouse_view_is_red_too(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JTL_STOCK_BASIS", "warehouse")
    monkeypatch.setenv("JTL_WAREHOUSES", "2")
    assert shop.run().success
    before = shown(shop)
    change_jtl(shop, "DELETE FROM tlagerbestandProLagerLagerartikel")
    assert "vLagerbestandProLager" in failure(shop.run(QUICK))
    assert shown(shop) == before


def test_a_small_shop_of_which_everything_sells_out_at_once_is_sold_out(synced: Shop) -> None:
    """JTL says 0 of each article, and ten are too few for a share to say otherwise."""
    keep_only(synced, 10)
    change_jtl(synced, "UPDATE tlagerbestand SET fVerfuegbar = 0")
    assert synced.run(QUICK).success
    assert set(shown(synced).values()) == {0}


def test_half_the_articles_gone_hold_their_last_target_and_the_others_go_on(synced: Shop) -> None:
    """A filtered view, or a database restored in part."""
    offered = {row.sku for row in synced.rows(targets) if row.target and not row.is_held}
    gone = sorted(offered - {"DECKEL-BL"})[::2]
    before = shown(synced)
    change_jtl(synced, *(f"UPDATE tArtikel SET nDelete = 1 WHERE cArtNr = '{code}'" for code in gone))
    synced.sandbox.jtl.sell_out("DECKEL-BL")
    assert synced.run(QUICK).success
    assert reported(synced, "article_gone") == set(gone)
    sold_out = synced.by_code("DECKEL-BL").sku_id
    assert synced.edits() == {sold_out: 0}
    assert {sku_id: stock for sku_id, stock in shown(synced).items() if sku_id != sold_out} == {
        sku_id: stock for sku_id, stock in before.items() if sku_id != sold_out
    }
    check = synced.check()["no_article_is_gone_from_jtl"]
    assert not check.passed

    change_jtl(synced, "UPDATE tArtikel SET nDelete = 0")
    assert synced.run(QUICK).success
    assert reported(synced, "article_gone") == set()
    assert stock_objections(synced.sandbox.shop, synced.sandbox.jtl) == []


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE tlagerbestand SET fVerfuegbar = 'viele' WHERE kArtikel = (SELECT kArtikel FROM tArtikel WHERE cArtNr = 'DECKEL-BL')",
        "UPDATE tlagerbestand SET fVerfuegbar = 9e99 WHERE kArtikel = (SELECT kArtikel FROM tArtikel WHERE cArtNr = 'DECKEL-BL')",
        "UPDATE tArtikel SET nPuffer = -7 WHERE cArtNr = 'DECKEL-BL'",
    ],
    ids=["no number", "absurd", "a buffer below 0"],
)
def test_a_stock_that_cannot_be_read_holds_this_sku_alone(synced: Shop, statement: str) -> None:
    before = synced.by_code("DECKEL-BL").stock
    change_jtl(synced, statement)
    # Not by way of the stand-in's warehouse, which would put the row right.
    change_jtl(
        synced, "UPDATE tlagerbestand SET fVerfuegbar = 0 WHERE kArtikel = (SELECT kArtikel FROM tArtikel WHERE cArtNr = 'FLASCHE-750-BL')"
    )
    assert synced.run(QUICK).success
    assert synced.by_code("DECKEL-BL").stock == before
    assert synced.edits() == {synced.by_code("FLASCHE-750-BL").sku_id: 0}
    assert reported(synced, "stock_unreadable") == {"DECKEL-BL"}


def test_an_oversold_article_is_sold_out_and_not_unreadable(synced: Shop) -> None:
    change_jtl(
        synced, "UPDATE tlagerbestand SET fVerfuegbar = -4 WHERE kArtikel = (SELECT kArtikel FROM tArtikel WHERE cArtNr = 'DECKEL-BL')"
    )
    assert synced.run(QUICK).success
    assert synced.by_code("DECKEL-BL").stock == 0


def test_a_missing_column_is_red_and_named(synced: Shop) -> None:
    change_jtl(synced, "ALTER TABLE tlagerbestand RENAME COLUMN fVerfuegbar TO fFrei")
    assert "fVerfuegbar" in failure(synced.run(QUICK))
    assert synced.sandbox.server.journal.counts().get(EDIT, 0) == 0


def test_with_a_temu_that_shows_old_stock_for_a_while_everything_converges_without_ping_pong(synced: Shop) -> None:
    """A change that TEMU does not show yet is sent once a run, named with since when, and settled by the first run that sees it."""
    sold_out, raised = synced.by_code("DECKEL-BL"), synced.by_code("FLASCHE-750-BL")
    for sku in synced.sandbox.shop.state.skus.values():
        sku.edited_at = None  # what was set before has long been shown
    synced.sandbox.shop.state.stock_read_lag = 3600
    synced.sandbox.jtl.sell_out("DECKEL-BL")
    synced.sandbox.jtl.move_stock("FLASCHE-750-BL", 5)
    wanted = {sold_out.sku_id: 0, raised.sku_id: raised.stock + 5}
    for _ in range(2):
        synced.sandbox.server.journal.clear()
        assert synced.run(QUICK).success
        assert synced.edits() == wanted
        assert len(synced.sandbox.server.journal.entries(EDIT)) == 2
        assert reported(synced, "stock_not_converged") == {"DECKEL-BL", "FLASCHE-750-BL"}
    (row,) = [row for row in synced.rows(targets) if row.sku == "DECKEL-BL"]
    (problem,) = [row for row in synced.rows(problems) if row.kind == "stock_not_converged" and row.key == str(sold_out.sku_id)]
    assert f"it differs since {row.differs_since:%Y-%m-%d %H:%M} UTC" in problem.reason
    assert problem._mapping["count"] == 2  # "count" is a method of a row

    # A listing that still shows the old figure does not undo what is on its way.
    synced.sandbox.server.journal.clear()
    assert synced.run(FULL).success
    assert synced.edits() == wanted

    synced.sandbox.shop.state.stock_read_lag = 0
    assert synced.run(QUICK).success
    assert reported(synced, "stock_not_converged") == set()
    synced.sandbox.server.journal.clear()
    assert synced.run(FULL).success
    assert synced.edits() == {}
    assert stock_objections(synced.sandbox.shop, synced.sandbox.jtl) == []
