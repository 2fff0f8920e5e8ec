"""From products and stock to targets and to what a person is told."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from temu_assets.inventory import stock
from temu_assets.inventory.calculation import (
    Calculated,
    Product,
    calculate,
    changed_targets,
    duplicate_findings,
    held_findings,
)
from temu_assets.inventory.kinds import HeldKind
from temu_assets.inventory.stock import StockRules, Target
from temu_assets.jtl.stock import ArticleStock
from temu_assets.settings import StockBasis
from temu_assets_tests.inventory.samples import article, product

RULES = StockRules(StockBasis.JTL_AVAILABLE, 10)

SKUS = ("FLASCHE", "deckel", "Größe-M", "")
figures = st.sampled_from(["0", "-0", "3", "3.0", "3.5", "12", "NaN"])
articles = st.builds(
    article,
    st.sampled_from(SKUS[:3]),
    available=figures,
    buffer=st.integers(0, 2),
    in_orders=figures,
    physical=figures,
    is_tracked=st.sampled_from([True, True, False]),
    is_parent=st.sampled_from([False, False, True]),
)
stocks = st.lists(articles).map(lambda found: {each.sku.casefold(): each for each in found})
promised = st.dictionaries(st.sampled_from([sku.casefold() for sku in SKUS[:3]]), st.integers(0, 2))
rules = st.sampled_from([StockRules(basis, 10) for basis in StockBasis])


def written_down(each: Calculated) -> Product:
    """A SKU as it is read after what came out was written."""
    return each.product._replace(
        is_as_before=not each.is_held,
        target_before=each.target,
        reason_before=each.result.reason,
        in_flight_before=each.in_flight,
        article_before=each.article_id,
    )


def test_codes_and_article_numbers_meet_without_regard_to_case() -> None:
    (result,) = calculate([product("Größe-M")], {"grösse-m": article("GRÖSSE-M")}, {"grösse-m": 2}, RULES, may_raise=True)
    assert result.target == 10
    assert result.article_id == 7


def test_a_held_sku_keeps_its_last_target() -> None:
    known, new = calculate([product("WEG", sku_id="1", before=4), product("WEG", sku_id="2")], {}, {}, RULES, may_raise=True)
    assert (known.target, known.is_changed) == (4, False)
    assert (new.target, new.is_changed) == (None, False)
    findings = held_findings([known, new])
    assert (set(findings[HeldKind.ARTICLE_GONE]), set(findings[HeldKind.ARTICLE_UNKNOWN])) == ({"1"}, {"2"})


def test_every_kind_of_hold_is_reported_even_when_none_is_found() -> None:
    assert held_findings([]) == {kind: {} for kind in HeldKind}


def test_two_skus_with_one_code_get_the_same_target_and_one_problem_naming_both() -> None:
    products = [product("NAPF-XL", sku_id="1"), product("napf-xl", sku_id="2"), product("", sku_id="3"), product("", sku_id="4")]
    results = calculate(products, {"napf-xl": article("NAPF-XL", available="6")}, {}, RULES, may_raise=True)
    assert [result.target for result in results] == [6, 6, None, None]
    assert held_findings(results)[HeldKind.SKU_WITHOUT_CODE].keys() == {"3", "4"}
    (finding,) = duplicate_findings(products).values()
    assert "NAPF-XL" in finding.reason
    assert "1, 2" in finding.reason


def test_while_pieces_in_flight_may_be_missing_targets_fall_and_never_rise() -> None:
    products = [product("TASSE", before=4), product("TASSE", before=20), product("TASSE")]
    results = calculate(products, {"tasse": article("TASSE")}, {}, RULES, may_raise=False)
    assert [result.target for result in results] == [4, 12, 12]
    assert isinstance(results[0].result, Target)
    assert results[0].result.reason == "12 available = 12; 4 until TEMU's order list holds still"


@given(stocks, stocks, promised, promised, rules, rules, st.booleans())
def test_what_is_not_returned_is_what_is_written_down_already(
    stock_then: dict[str, ArticleStock],
    stock_now: dict[str, ArticleStock],
    in_flight: dict[str, int],
    in_flight_now: dict[str, int],
    by: StockRules,
    by_now: StockRules,
    may_raise: bool,
) -> None:
    """However little has changed, the tables are as if everything had been calculated and written anew."""
    new = [product(sku, sku_id=str(number)) for number, sku in enumerate((*SKUS, *SKUS))]
    known = [written_down(each) for each in calculate(new, stock_then, in_flight, by, may_raise=True)]
    different = calculate(known, stock_now, in_flight_now, by_now, may_raise=may_raise)
    written = {each.product.sku_id: written_down(each) for each in different}
    unknown = [each._replace(is_as_before=False) for each in known]
    everything = [written_down(each) for each in calculate(unknown, stock_now, in_flight_now, by_now, may_raise=may_raise)]
    assert [written.get(each.sku_id, each) for each in known] == everything


@given(stocks, stocks, promised, promised, rules)
def test_a_look_finds_the_targets_a_run_would_change_and_no_others(
    stock_then: dict[str, ArticleStock],
    stock_now: dict[str, ArticleStock],
    in_flight: dict[str, int],
    in_flight_now: dict[str, int],
    by: StockRules,
) -> None:
    new = [product(sku, sku_id=str(number)) for number, sku in enumerate((*SKUS, *SKUS))]
    known = [written_down(each) for each in calculate(new[:4], stock_then, in_flight, by, may_raise=True)] + new[4:]
    would_change = {
        (each.product.sku, each.target) for each in calculate(known, stock_now, in_flight_now, by, may_raise=True) if each.is_changed
    }
    targets = [(each.sku, each.target_before) for each in known if each.sku]
    assert set(changed_targets(targets, stock_now, in_flight_now, by)) == would_change


@given(stocks, promised, rules)
def test_where_nothing_changed_only_what_is_held_is_returned(
    stock_now: dict[str, ArticleStock], in_flight: dict[str, int], by: StockRules
) -> None:
    new = [product(sku, sku_id=str(number)) for number, sku in enumerate(SKUS)]
    known = [written_down(each) for each in calculate(new, stock_now, in_flight, by, may_raise=True)]
    assert [each for each in calculate(known, stock_now, in_flight, by, may_raise=True) if not each.is_held] == []


def test_a_sku_that_is_another_one_now_is_returned_though_its_sum_is_the_same() -> None:
    found = {"tasse": article("TASSE")}
    (before,) = calculate([product("TASSE")], found, {}, RULES, may_raise=True)
    known = written_down(before)
    assert calculate([known], found, {}, RULES, may_raise=True) == []
    assert len(calculate([known._replace(is_as_before=False)], found, {}, RULES, may_raise=True)) == 1
    assert len(calculate([known], {"tasse": found["tasse"]._replace(article_id=8)}, {}, RULES, may_raise=True)) == 1


@pytest.mark.parametrize(
    ("figure", "told"), [("0", "0"), ("-0", "0"), ("0.00", "0"), ("5", "5"), ("5.0", "5"), ("5E+1", "50"), ("5.50", "5.5")]
)
def test_equal_figures_are_told_in_equal_words(figure: str, told: str) -> None:
    """Else which article was calculated first would show in the sum of the next."""
    stock._sum.cache_clear()
    (each,) = calculate([product("TASSE")], {"tasse": article("TASSE", available=figure)}, {}, RULES, may_raise=True)
    assert each.result.reason.startswith(f"{told} available = {told}")
