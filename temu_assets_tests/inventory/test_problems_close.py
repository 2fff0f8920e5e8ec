"""A problem that went away closes itself: the kinds of the inventory. The brake is in ``test_release_brake.py``."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from temu_assets.sandbox.faults import Fault, FaultKind
from temu_assets.sandbox.state import Sku
from temu_assets.toci.tables import problems
from temu_assets_tests.inventory.conftest import FULL, Shop

CODE = "DECKEL-BL"
SKU_LIST = "bg.local.goods.sku.list.query"

Act = Callable[[Shop, Sku], object]


def code(value: str) -> Act:
    """The seller changes the SKU code."""
    return lambda _, sku: setattr(sku, "code", value)


def sql(statement: str) -> Act:
    """Somebody changes JTL's tables, for this article."""

    def act(shop: Shop, _: Sku) -> None:
        with shop.sandbox.jtl.transaction() as connection:
            connection.execute(statement.replace("$KEY", f"(SELECT kArtikel FROM tArtikel WHERE cArtNr = '{CODE}')"))

    return act


def refuse(shop: Shop, sku: Sku) -> None:
    sku.editable = False
    shop.sandbox.jtl.move_stock(CODE, 3)


def accept(shop: Shop, sku: Sku) -> None:
    """Another target is tried at once; the one that was refused would wait for a day."""
    sku.editable = True
    shop.sandbox.jtl.move_stock(CODE, 1)


def show_late(shop: Shop, _: Sku) -> None:
    for each in shop.sandbox.shop.state.skus.values():
        each.edited_at = None
    shop.sandbox.shop.state.stock_read_lag = 3600
    shop.sandbox.jtl.move_stock(CODE, 3)


def show_at_once(shop: Shop, _: Sku) -> None:
    shop.sandbox.shop.state.stock_read_lag = 0


CASES: dict[str, tuple[Act, Act]] = {
    "sku_without_code": (code(""), code(CODE)),
    "article_unknown": (code("NICHT-IN-JTL"), code(CODE)),
    "article_gone": (
        sql("UPDATE tArtikel SET nDelete = 1 WHERE kArtikel = $KEY"),
        sql("UPDATE tArtikel SET nDelete = 0 WHERE kArtikel = $KEY"),
    ),
    "article_is_parent": (
        sql("UPDATE tArtikel SET nIstVater = 1 WHERE kArtikel = $KEY"),
        sql("UPDATE tArtikel SET nIstVater = 0 WHERE kArtikel = $KEY"),
    ),
    "stock_unreadable": (
        sql("UPDATE tArtikel SET nPuffer = -1 WHERE kArtikel = $KEY"),
        sql("UPDATE tArtikel SET nPuffer = 0 WHERE kArtikel = $KEY"),
    ),
    "stock_refused": (refuse, accept),
    "stock_not_converged": (show_late, show_at_once),
}
"""How each kind comes to be, and how its cause is settled."""


def open_keys(shop: Shop, kind: str) -> set[str]:
    return {row.key for row in shop.rows(problems) if (row.kind, row.state) == (kind, "open")}


@pytest.fixture
def synced(shop: Shop) -> Shop:
    """A shop after its first full sync."""
    assert shop.run().success
    return shop


@pytest.mark.parametrize("is_settled", [True, False], ids=["settled", "no longer listed"])
@pytest.mark.parametrize("kind", CASES)
def test_a_problem_of_a_sku_closes_when_it_is_settled_or_the_sku_is_gone(synced: Shop, kind: str, is_settled: bool) -> None:
    sku = synced.by_code(CODE)
    come, go = CASES[kind]
    before = open_keys(synced, kind)
    if kind == "article_unknown":
        # An article JTL never had, of a SKU that is new.
        with synced.toci.engine.begin() as connection:
            connection.exec_driver_sql(f"DELETE FROM temu_inventory WHERE sku_id = '{sku.sku_id}'")
    come(synced, sku)
    assert synced.run(FULL).success
    assert open_keys(synced, kind) == {*before, str(sku.sku_id)}
    if is_settled:
        go(synced, sku)
    else:
        del synced.sandbox.shop.state.skus[sku.sku_id]
    assert synced.run(FULL).success
    assert open_keys(synced, kind) == before


@pytest.mark.parametrize("is_settled", [True, False], ids=["settled", "no longer listed"])
def test_duplicate_sku_closes_when_one_has_another_code_or_is_gone(synced: Shop, is_settled: bool) -> None:
    before = open_keys(synced, "duplicate_sku")
    sku, other = synced.by_code(CODE), synced.by_code("DECKEL-WS")
    other.code = CODE
    assert synced.run(FULL).success
    assert open_keys(synced, "duplicate_sku") == {*before, sku.code.casefold()}
    if is_settled:
        other.code = "DECKEL-WS"
    else:
        del synced.sandbox.shop.state.skus[other.sku_id]
    assert synced.run(FULL).success
    assert open_keys(synced, "duplicate_sku") == before


@pytest.mark.parametrize("is_complete", [True, False], ids=["a whole listing", "a listing that moved"])
def test_sku_data_closes_when_the_sku_can_be_read(synced: Shop, is_complete: bool) -> None:
    synced.sandbox.server.faults.order(Fault(FaultKind.REMOVE_FIELD, SKU_LIST, path="skuList.0.stock"))
    assert synced.run(FULL).success
    assert len(open_keys(synced, "sku_data")) == 1
    if not is_complete:
        synced.sandbox.server.faults.order(Fault(FaultKind.SET_FIELD, SKU_LIST, path="total", value=10_000, times=100))
    assert synced.run(FULL).success
    assert open_keys(synced, "sku_data") == set()
