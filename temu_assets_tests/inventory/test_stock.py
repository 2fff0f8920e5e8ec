"""How many pieces may be offered."""

from __future__ import annotations

import math
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from temu_assets.errors import InternalError
from temu_assets.inventory.kinds import HeldKind
from temu_assets.inventory.stock import Held, StockRules, Target, target, without_code
from temu_assets.jtl.stock import ArticleStock
from temu_assets.settings import StockBasis
from temu_assets_tests.inventory.samples import article

AVAILABLE = StockRules(StockBasis.JTL_AVAILABLE, 10)
WAREHOUSE = StockRules(StockBasis.WAREHOUSE, 10)
WAREHOUSE_MINUS_ORDERS = StockRules(StockBasis.WAREHOUSE_MINUS_ORDERS, 10)

amounts = st.decimals(min_value=-50, max_value=2_000_000, places=3)
pieces = st.integers(0, 100)
rules = st.sampled_from([AVAILABLE, WAREHOUSE, WAREHOUSE_MINUS_ORDERS])


def offered(stock: ArticleStock, in_flight: int, by: StockRules) -> int:
    result = target(stock.sku, stock, in_flight, by)
    assert isinstance(result, Target)
    return result.pieces


@pytest.mark.parametrize(
    ("stock", "in_flight", "by", "expected", "sum_in_words"),
    [
        (article(available="12", buffer=2), 1, AVAILABLE, 9, "12 available - 2 buffer - 1 in flight = 9"),
        (article(available="12.9"), 0, AVAILABLE, 12, "12.9 available = 12.9, offered: 12"),
        (article(available="3", buffer=5), 0, AVAILABLE, 0, "3 available - 5 buffer = -2, offered: 0"),
        (article(available="-4"), 0, AVAILABLE, 0, "-4 available = -4, offered: 0"),
        (article(available="0"), 0, AVAILABLE, 0, "0 available = 0"),
        (article(available="12.50", buffer=2), 0, AVAILABLE, 10, "12.5 available - 2 buffer = 10.5, offered: 10"),
        (article(available="9000000"), 0, AVAILABLE, 1_000_000, "9000000 available = 9000000, offered: 1000000"),
        (article(available="1", physical="8", buffer=2), 0, WAREHOUSE, 6, "8 in the warehouse - 2 buffer = 6"),
        (
            article(available="1", physical="8", in_orders="3", buffer=2),
            1,
            WAREHOUSE_MINUS_ORDERS,
            2,
            "8 in the warehouse - 3 in open orders - 2 buffer - 1 in flight = 2",
        ),
        (
            article(available="0", is_tracked=False),
            1,
            AVAILABLE,
            10,
            "10 because JTL does not track this article's stock",
        ),
    ],
)
def test_a_target_is_a_sum_told_in_words(stock: ArticleStock, in_flight: int, by: StockRules, expected: int, sum_in_words: str) -> None:
    subtracted = in_flight if stock.is_tracked else 0
    assert target(stock.sku, stock, in_flight, by) == Target(expected, sum_in_words, subtracted)


@pytest.mark.parametrize(
    ("sku", "stock", "kind"),
    [
        ("FLASCHE", None, HeldKind.ARTICLE_UNKNOWN),
        ("PULLOVER", article("PULLOVER", is_parent=True), HeldKind.ARTICLE_IS_PARENT),
    ],
)
def test_what_cannot_be_known_is_held_and_never_zero(sku: str, stock: ArticleStock | None, kind: HeldKind) -> None:
    """Fault 9."""
    held = target(sku, stock, 0, AVAILABLE)
    assert isinstance(held, Held)
    assert held.kind is kind
    assert held.remedy
    assert sku in held.reason


NAN = Decimal("NaN")


@pytest.mark.parametrize(
    ("stock", "by", "named"),
    [
        (article(available=NAN), AVAILABLE, "available"),
        (article()._replace(buffer=NAN), AVAILABLE, "buffer"),
        (article()._replace(buffer=Decimal(-5)), AVAILABLE, "buffer"),
        (article(physical=NAN), WAREHOUSE, "in the warehouse"),
        (article(physical="5", in_orders=NAN), WAREHOUSE_MINUS_ORDERS, "in open orders"),
        (article(physical="5", in_orders="-3"), WAREHOUSE_MINUS_ORDERS, "in open orders"),
    ],
)
def test_a_figure_that_is_no_number_of_pieces_holds_the_sku(stock: ArticleStock, by: StockRules, named: str) -> None:
    """Fault 9: a buffer or orders below 0 would be offered on top."""
    held = target("FLASCHE", stock, 0, by)
    assert isinstance(held, Held)
    assert held.kind is HeldKind.STOCK_UNREADABLE
    assert f"({named})" in held.reason


def test_a_figure_the_basis_does_not_use_does_not_matter() -> None:
    assert offered(article(available="7", in_orders=NAN), 0, AVAILABLE) == 7
    assert offered(article(available=NAN, physical="7"), 0, WAREHOUSE) == 7
    assert offered(article(is_tracked=False, available=NAN)._replace(buffer=NAN), 0, AVAILABLE) == 10


@pytest.mark.parametrize("before", [12, 0, None])
def test_a_single_article_without_a_stock_row_has_no_stock_as_in_jtl(before: int | None) -> None:
    """Fact sheet jtl-wawi, 2.4. A table without any row is another thing."""
    result = target("FLASCHE", article(available="0", has_total=False), 0, AVAILABLE, before)
    assert isinstance(result, Target)
    assert result.pieces == 0


def test_an_article_that_is_gone_is_told_from_one_that_never_was() -> None:
    held = target("FLASCHE", None, 0, AVAILABLE, 12)
    assert isinstance(held, Held)
    assert held.kind is HeldKind.ARTICLE_GONE
    assert "stays at 12" in held.reason


def test_a_sku_without_a_code_is_held_and_named_by_what_is_sold() -> None:
    """Fault 9."""
    held = without_code("Trinkflasche (Blau)")
    assert held.kind is HeldKind.SKU_WITHOUT_CODE
    assert "'Trinkflasche (Blau)'" in held.reason


def test_a_warehouse_basis_without_warehouse_figures_is_refused_and_never_zero() -> None:
    with pytest.raises(InternalError, match="FLASCHE"):
        target("FLASCHE", article(physical=None), 0, WAREHOUSE)


@given(amounts, pieces, pieces)
def test_never_more_is_offered_than_what_is_available_less_buffer_and_open_temu_orders(
    available: Decimal, buffer: int, in_flight: int
) -> None:
    """Fault 16."""
    result = offered(article(available=available, buffer=buffer), in_flight, AVAILABLE)
    assert result == min(max(0, math.floor(available) - buffer - in_flight), 1_000_000)


@given(amounts, amounts, pieces, pieces, rules)
def test_more_stock_never_offers_less_and_more_orders_never_offer_more(
    one: Decimal, other: Decimal, buffer: int, in_flight: int, by: StockRules
) -> None:
    low, high = sorted([one, other])
    less = article(available=low, physical=low, buffer=buffer)
    more = article(available=high, physical=high, buffer=buffer)
    assert offered(less, in_flight, by) <= offered(more, in_flight, by)
    assert offered(more, in_flight + 1, by) <= offered(more, in_flight, by)


@given(amounts, st.decimals(min_value=0, max_value=1000, places=2), pieces)
def test_subtracting_open_orders_never_offers_more_than_the_shelf_alone(physical: Decimal, in_orders: Decimal, buffer: int) -> None:
    stock = article(physical=physical, in_orders=in_orders, buffer=buffer)
    assert offered(stock, 0, WAREHOUSE_MINUS_ORDERS) <= offered(stock, 0, WAREHOUSE)
