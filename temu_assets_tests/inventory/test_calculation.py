"""From products and stock to targets and to what a person is told."""

from __future__ import annotations

from temu_assets.inventory.calculation import calculate, duplicate_findings, held_findings
from temu_assets.inventory.stock import HeldKind, StockRules, Target
from temu_assets.settings import StockBasis
from temu_assets_tests.inventory.samples import article, product

RULES = StockRules(StockBasis.JTL_AVAILABLE, 10)


def test_codes_and_article_numbers_meet_without_regard_to_case() -> None:
    (result,) = calculate([product("Größe-M")], {"grösse-m": article("GRÖSSE-M")}, {"grösse-m": 2}, {}, RULES, may_raise=True)
    assert result.target == 10
    assert result.article_id == 7


def test_a_held_sku_keeps_its_last_target() -> None:
    known, new = calculate([product("WEG", sku_id="1"), product("WEG", sku_id="2")], {}, {}, {"1": 4}, RULES, may_raise=True)
    assert (known.target, known.is_changed) == (4, False)
    assert (new.target, new.is_changed) == (None, False)
    findings = held_findings([known, new])
    assert (set(findings[HeldKind.ARTICLE_GONE]), set(findings[HeldKind.ARTICLE_UNKNOWN])) == ({"1"}, {"2"})


def test_every_kind_of_hold_is_reported_even_when_none_is_found() -> None:
    assert held_findings([]) == {kind: {} for kind in HeldKind}


def test_two_skus_with_one_code_get_the_same_target_and_one_problem_naming_both() -> None:
    products = [product("NAPF-XL", sku_id="1"), product("napf-xl", sku_id="2"), product("", sku_id="3"), product("", sku_id="4")]
    results = calculate(products, {"napf-xl": article("NAPF-XL", available="6")}, {}, {}, RULES, may_raise=True)
    assert [result.target for result in results] == [6, 6, None, None]
    assert held_findings(results)[HeldKind.SKU_WITHOUT_CODE].keys() == {"3", "4"}
    (finding,) = duplicate_findings(products).values()
    assert "NAPF-XL" in finding.reason
    assert "1, 2" in finding.reason


def test_while_pieces_in_flight_may_be_missing_targets_fall_and_never_rise() -> None:
    products = [product("TASSE", sku_id="1"), product("TASSE", sku_id="2"), product("TASSE", sku_id="3")]
    before: dict[str, int | None] = {"1": 4, "2": 20, "3": None}
    results = calculate(products, {"tasse": article("TASSE")}, {}, before, RULES, may_raise=False)
    assert [result.target for result in results] == [4, 12, 12]
    assert isinstance(results[0].result, Target)
    assert results[0].result.reason == "12 available = 12; 4 until TEMU's order list holds still"
