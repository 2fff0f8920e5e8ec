"""What a run refuses to conclude."""

from __future__ import annotations

from datetime import timedelta

import pytest

from temu_assets.errors import ConfigurationError, TransientError
from temu_assets.inventory.guards import (
    STALE_AFTER,
    on_offer,
    require_articles,
    require_fresh,
    require_listing,
    require_not_suddenly_empty,
    require_stock_rows,
)
from temu_assets.settings import StockBasis
from temu_assets_tests.inventory.samples import NOW, article


def test_a_listing_that_is_suddenly_empty_is_not_an_empty_shop() -> None:
    """Fault 9."""
    with pytest.raises(TransientError, match="listed 12 before"):
        require_not_suddenly_empty(0, listed_before=12)


@pytest.mark.parametrize(("found", "before"), [(0, 0), (1, 12), (12, 0)])
def test_an_ordinary_listing_is_taken(found: int, before: int) -> None:
    require_not_suddenly_empty(found, listed_before=before)


def test_a_run_without_any_sku_is_not_green() -> None:
    """Fault 10."""
    with pytest.raises(ConfigurationError, match="temu_inventory_full_sync"):
        require_listing(0)
    require_listing(1)


def test_a_jtl_without_any_of_the_articles_is_not_a_sold_out_one() -> None:
    """Fault 9."""
    with pytest.raises(ConfigurationError, match="none of the 1 article numbers"):
        require_articles({"FLASCHE"}, {})
    require_articles({"FLASCHE", "WEG"}, {"flasche": article()})
    require_articles(set(), {})


def test_on_offer_is_what_temu_lists_pieces_of_or_was_told_some() -> None:
    listed = [("GELISTET", 5, None), ("GESAGT", 0, 4), ("LEER", 0, 0), ("NEU", 0, None)]
    assert list(on_offer(listed)) == ["GELISTET", "GESAGT"]


EVERY_BASIS = pytest.mark.parametrize("basis", StockBasis)


@EVERY_BASIS
def test_a_stock_table_without_a_row_is_no_sell_out_however_small_the_shop(basis: StockBasis) -> None:
    """Fault 9."""
    stock = {"flasche": article(available="0", physical="0", has_total=False, has_places=False)}
    with pytest.raises(ConfigurationError, match="not one row for the 1 articles"):
        require_stock_rows(["FLASCHE"], stock, basis)


@EVERY_BASIS
def test_without_anything_on_offer_an_empty_stock_table_is_taken(basis: StockBasis) -> None:
    stock = {"flasche": article(has_total=False, has_places=False)}
    require_stock_rows([], stock, basis)
    require_stock_rows(["NICHT-IN-JTL"], stock, basis)


@EVERY_BASIS
def test_one_row_is_enough_to_believe_the_table(basis: StockBasis) -> None:
    stock = {"flasche": article(has_total=False, has_places=False), "weg": article("WEG", available="0", physical="0")}
    require_stock_rows(["FLASCHE", "WEG"], stock, basis)


@pytest.mark.parametrize(
    ("basis", "has_total", "has_places", "is_red"),
    [
        (StockBasis.JTL_AVAILABLE, True, False, False),
        (StockBasis.WAREHOUSE, False, True, False),
        (StockBasis.WAREHOUSE_MINUS_ORDERS, False, True, True),
        (StockBasis.WAREHOUSE_MINUS_ORDERS, True, False, True),
    ],
)
def test_only_the_tables_of_the_basis_count(basis: StockBasis, has_total: bool, has_places: bool, is_red: bool) -> None:
    """Without its rows the basis "warehouse_minus_orders" would take no order off, and offer too much."""
    stock = {"flasche": article(has_total=has_total, has_places=has_places)}
    if is_red:
        with pytest.raises(ConfigurationError):
            require_stock_rows(["FLASCHE"], stock, basis)
    else:
        require_stock_rows(["FLASCHE"], stock, basis)


def test_old_targets_are_not_sent() -> None:
    require_fresh(None, now=NOW)
    require_fresh(NOW - STALE_AFTER, now=NOW)
    with pytest.raises(ConfigurationError, match="2026-03-02 02:59 UTC"):
        require_fresh(NOW - STALE_AFTER - timedelta(minutes=1), now=NOW)
