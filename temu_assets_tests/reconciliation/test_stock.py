"""The stock TEMU shows against the one it was last seen to show."""

from __future__ import annotations

from datetime import timedelta

from temu_assets.reconciliation.kinds import Kind
from temu_assets.sandbox.state import Sku
from temu_assets_tests.reconciliation.comparing import compare, the_difference
from temu_assets_tests.seller import Seller, metadata_of


def _listed(seller: Seller) -> Sku:
    """All stock was told an hour ago; one of the SKUs."""
    assert seller.run().success
    assert seller.run("temu_inventory_full_sync").success
    seller.later = timedelta(hours=1)
    return next(sku for sku in seller.sandbox.shop.state.skus.values() if sku.code == "FLASCHE-750-BL")


def test_a_stock_somebody_else_has_set_is_named_and_the_full_run_sets_it_right(new_seller: Seller) -> None:
    """The quick run does not notice: it believes that TEMU shows what it was told."""
    sku = _listed(new_seller)
    right, sku.stock = sku.stock, sku.stock + 40

    reason = the_difference(new_seller, Kind.LISTED_STOCK_DIFFERS, str(sku.sku_id))
    assert f"a stock of {right + 40} for 'FLASCHE-750-BL'" in reason
    assert f"last seen to show {right}" in reason

    assert new_seller.run("temu_inventory_sync").success
    assert sku.stock == right + 40
    assert new_seller.run("temu_inventory_full_sync").success
    assert sku.stock == right
    assert compare(new_seller) == {}


def test_a_stock_that_moved_with_an_order_we_have_not_taken_in_is_no_difference(new_seller: Seller) -> None:
    """Nor with a cancellation; nor once the order is taken in and the stock not told yet."""
    sku = _listed(new_seller)
    order = new_seller.place((sku.code, 3))
    assert compare(new_seller) == {}
    assert new_seller.run().success
    assert compare(new_seller) == {}
    new_seller.sandbox.shop.cancel_order(order)
    assert compare(new_seller) == {}


def test_within_minutes_of_a_change_another_figure_says_nothing(new_seller: Seller) -> None:
    sku = _listed(new_seller)
    new_seller.sandbox.jtl.move_stock(sku.code, -1)
    assert new_seller.run("temu_inventory_sync").success
    told = sku.stock
    sku.stock += 1
    assert compare(new_seller) == {}
    new_seller.later += timedelta(minutes=11)
    assert f"shows a stock of {told + 1} " in the_difference(new_seller, Kind.LISTED_STOCK_DIFFERS, str(sku.sku_id))


def test_a_sku_temu_tells_nothing_of_is_not_compared(new_seller: Seller) -> None:
    sku = _listed(new_seller)
    before = metadata_of(new_seller.run("reconcile"), "reconciliation")["skus_compared"]
    del new_seller.sandbox.shop.state.skus[sku.sku_id]
    assert compare(new_seller) == {}
    assert metadata_of(new_seller.run("reconcile"), "reconciliation")["skus_compared"] == before - 1


def test_a_difference_stays_while_it_cannot_be_looked_at_and_goes_with_the_sku(new_seller: Seller) -> None:
    sku = _listed(new_seller)
    sku.stock += 40
    key = (Kind.LISTED_STOCK_DIFFERS, str(sku.sku_id))
    assert compare(new_seller).keys() == {key}
    # TEMU does not tell its figure.
    del new_seller.sandbox.shop.state.skus[sku.sku_id]
    assert compare(new_seller).keys() == {key}
    # It lists it no more.
    assert new_seller.run("temu_inventory_full_sync").success
    assert compare(new_seller).keys() == set()
