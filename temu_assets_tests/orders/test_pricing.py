"""Prices of the JTL lines: exact to the cent, never guessed."""

from __future__ import annotations

from collections import Counter
from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from temu_assets.orders.countries import COUNTRY_BY_REGION, GERMANY
from temu_assets.orders.holds import Hold, HoldReason
from temu_assets.orders.order import LineAmounts, OrderAmounts, OrderLine
from temu_assets.orders.pricing import JtlLine, LineKind, price
from temu_assets.texts import stored_length
from temu_assets_tests.orders.samples import SECOND_AMOUNTS, SECOND_LINE, line_amounts, order_amounts, order_line

AUSTRIA = COUNTRY_BY_REGION[13]


def priced(lines: list[OrderLine], amounts: OrderAmounts) -> tuple[JtlLine, ...]:
    result = price(lines, amounts, GERMANY)
    assert not isinstance(result, Hold), result
    return result


def goods(lines: tuple[JtlLine, ...]) -> list[tuple[str, int, str]]:
    return [(line.sku, line.quantity, str(line.unit_gross)) for line in lines if line.kind is LineKind.GOODS]


def held_for(lines: list[OrderLine], amounts: OrderAmounts) -> HoldReason:
    result = price(lines, amounts, GERMANY)
    assert isinstance(result, Hold), result
    return result.reason


def test_the_order_of_the_fact_sheet_is_priced_to_the_cent() -> None:
    """3601 cents do not divide by two pieces, so the article has two lines a cent apart."""
    lines = priced([order_line(), SECOND_LINE], order_amounts())
    assert goods(lines) == [("FLASCHE-750-BL", 1, "18.00"), ("FLASCHE-750-BL", 1, "18.01"), ("DECKEL-SW", 1, "4.00")]
    assert lines[-1] == JtlLine(LineKind.SHIPPING, "", "TEMU Versand", 1, Decimal("2.99"), Decimal(19))
    assert {line.vat_rate for line in lines} == {Decimal(19)}


def test_amounts_belong_to_lines_by_number_and_not_by_position() -> None:
    """Fault 3: the predecessor joined by list index."""
    amounts = order_amounts(SECOND_AMOUNTS, line_amounts())
    assert priced([order_line(), SECOND_LINE], amounts) == priced([order_line(), SECOND_LINE], order_amounts())


def test_only_what_is_still_to_ship_is_billed_after_a_cancellation() -> None:
    """Fault 4: TEMU's total is for three pieces, one is left, so the unit price counts."""
    amounts = line_amounts(quantity=3, total_gross_cents=5401, tax_cents=862)
    assert goods(priced([order_line(quantity=1, cancelled=2)], order_amounts(amounts))) == [("FLASCHE-750-BL", 1, "18.00")]


def test_units_of_a_set_are_billed_as_jtl_counts_them() -> None:
    amounts = line_amounts(quantity=2, unit_gross_cents=1000, unit_net_cents=840, total_gross_cents=2000, tax_cents=319)
    lines = priced([order_line(quantity=2, articles=(("KERZE", 3),))], order_amounts(amounts))
    assert goods(lines) == [("KERZE", 4, "3.33"), ("KERZE", 2, "3.34")]


def test_a_bundle_is_spread_evenly_over_its_articles() -> None:
    amounts = line_amounts(quantity=1, unit_gross_cents=1000, unit_net_cents=840, total_gross_cents=1000, tax_cents=160)
    lines = priced([order_line(quantity=1, articles=(("A", 1), ("B", 2)))], order_amounts(amounts))
    assert goods(lines) == [("A", 1, "3.34"), ("B", 2, "3.33")]


@pytest.mark.parametrize(
    "amounts",
    [
        line_amounts("another line"),
        line_amounts(total_gross_cents=None, unit_gross_cents=None),
        line_amounts(total_gross_cents=0, unit_gross_cents=0, unit_net_cents=0, tax_cents=0),
        line_amounts(quantity=3, unit_gross_cents=None),
        line_amounts(total_gross_cents=-3601),
    ],
)
def test_a_price_that_temu_did_not_give_is_never_zero(amounts: LineAmounts) -> None:
    """Fault 2: the predecessor exported 0.00."""
    assert held_for([order_line()], order_amounts(amounts)) == HoldReason.MISSING_PRICE


@pytest.mark.parametrize(
    "amounts",
    [
        [line_amounts(total_gross_cents=3610)],
        [line_amounts(), line_amounts()],
        [line_amounts(total_gross_cents=1, unit_gross_cents=1, unit_net_cents=1, tax_cents=0)],
    ],
)
def test_prices_that_contradict_themselves_hold_the_order(amounts: list[LineAmounts]) -> None:
    assert held_for([order_line()], order_amounts(*amounts)) == HoldReason.PRICE_MISMATCH


@pytest.mark.parametrize("changes", [{"tax_cents": 400}, {"tax_cents": None, "unit_net_cents": None}, {"unit_net_cents": 1700}])
def test_a_rate_that_does_not_exist_holds_the_order(changes: dict[str, int | None]) -> None:
    assert held_for([order_line()], order_amounts(line_amounts(**changes))) == HoldReason.UNKNOWN_VAT


def test_the_unit_price_stands_in_for_a_missing_total() -> None:
    assert goods(priced([order_line()], order_amounts(line_amounts(total_gross_cents=None)))) == [("FLASCHE-750-BL", 2, "18.00")]


@pytest.mark.parametrize(
    ("gross", "net", "tax", "expected"),
    [
        (299, 251, 48, ("2.99", 19)),
        (299, None, 48, ("2.99", 19)),
        (299, 251, None, ("2.99", 19)),
        (321, 300, 21, ("3.21", 7)),
        (None, 251, 48, ("2.99", 19)),
        (None, 251, None, ("2.99", 19)),
        (299, None, None, ("2.99", 19)),
        (299, 299, None, ("2.99", 19)),
        (0, 0, 0, None),
        (0, None, None, None),
    ],
)
def test_shipping_has_its_own_rate_else_that_of_the_goods(
    gross: int | None, net: int | None, tax: int | None, expected: tuple[str, int] | None
) -> None:
    """Fault 17: the predecessor fixed 19 % and knew net only."""
    lines = priced([order_line()], order_amounts(line_amounts(), gross=gross, net=net, tax=tax))
    shipping = [(str(line.unit_gross), line.vat_rate) for line in lines if line.kind is LineKind.SHIPPING]
    assert shipping == ([] if expected is None else [(expected[0], Decimal(expected[1]))])


def test_shipping_follows_the_line_with_the_largest_total() -> None:
    book = line_amounts("076-2", quantity=1, unit_gross_cents=10700, unit_net_cents=10000, total_gross_cents=10700, tax_cents=700)
    amounts = order_amounts(line_amounts(), book, gross=299, net=None, tax=None)
    assert priced([order_line(), order_line("076-2", quantity=1)], amounts)[-1].vat_rate == 7


@pytest.mark.parametrize(
    ("gross", "net", "tax", "reason"),
    [
        (None, None, None, HoldReason.MISSING_PRICE),
        (None, None, 48, HoldReason.MISSING_PRICE),
        (-1, None, None, HoldReason.MISSING_PRICE),
        (299, 251, 150, HoldReason.UNKNOWN_VAT),
    ],
)
def test_a_shipping_cost_in_doubt_holds_the_order(gross: int | None, net: int | None, tax: int | None, reason: HoldReason) -> None:
    assert held_for([order_line()], order_amounts(line_amounts(), gross=gross, net=net, tax=tax)) == reason


def test_an_austrian_order_has_austrian_rates() -> None:
    amounts = order_amounts(
        line_amounts(unit_gross_cents=1200, unit_net_cents=1000, total_gross_cents=2400, tax_cents=400), gross=360, net=300, tax=60
    )
    lines = price([order_line()], amounts, AUSTRIA)
    assert not isinstance(lines, Hold)
    assert {line.vat_rate for line in lines} == {Decimal(20)}


def test_a_long_name_is_cut_at_a_word_and_keeps_the_variant() -> None:
    line = order_line(name="Wort " * 60, variant="Blau / 750 ml")
    name = priced([line], order_amounts())[0].name
    assert name.endswith("Wort..., Blau / 750 ml")
    assert 240 <= len(name) <= 255


@pytest.mark.parametrize(
    ("name", "variant", "expected"),
    [("Kerze", "", "Kerze"), ("", "Rot", "Rot"), ("", "", "FLASCHE-750-BL"), ("Kerze\nweiß", "Rot", "Kerze weiß, Rot")],
)
def test_every_line_has_a_name(name: str, variant: str, expected: str) -> None:
    assert priced([order_line(name=name, variant=variant)], order_amounts())[0].name == expected


@given(name=st.text(max_size=400), variant=st.text(max_size=400))
def test_names_always_fit_and_are_never_empty(name: str, variant: str) -> None:
    line = priced([order_line(name=name, variant=variant)], order_amounts())[0]
    assert 1 <= stored_length(line.name) <= 255


RATES = st.sampled_from([Decimal(19), Decimal(7), Decimal(0)])


@st.composite
def lines_with_amounts(draw: st.DrawFn) -> tuple[list[OrderLine], list[LineAmounts]]:
    lines, amounts = [], []
    for number in range(draw(st.integers(1, 4))):
        articles = tuple((sku, draw(st.integers(1, 4))) for sku in draw(st.lists(st.sampled_from("ABCD"), min_size=1, max_size=3)))
        quantity, rate, unit = draw(st.integers(1, 9)), draw(RATES), draw(st.integers(200, 100_000))
        total = max(1, unit * quantity + draw(st.integers(-quantity, quantity)))
        lines.append(order_line(f"076-{number}", quantity=quantity, articles=articles))
        amounts.append(
            LineAmounts(
                line_id=f"076-{number}",
                quantity=quantity,
                unit_gross_cents=unit,
                unit_net_cents=None,
                total_gross_cents=total,
                tax_cents=int((total * rate / (100 + rate)).quantize(Decimal(1), ROUND_HALF_UP)),
                raw_rate=None,
            )
        )
    return lines, amounts


@given(lines_with_amounts())
def test_sums_are_exact_and_the_sequence_of_amounts_changes_nothing(case: tuple[list[OrderLine], list[LineAmounts]]) -> None:
    lines, amounts = case
    for line, amount in zip(lines, amounts, strict=True):
        alone = priced([line], order_amounts(amount, gross=0, net=0, tax=0))
        assert sum(jtl.quantity * jtl.unit_gross for jtl in alone) * 100 == amount.total_gross_cents
        units = Counter[str]()
        for jtl in alone:
            units[jtl.sku] += jtl.quantity
        wanted = Counter[str]()
        for article in line.articles:
            wanted[article.sku] += article.units * line.quantity
        assert units == wanted
        assert len(alone) <= len(line.articles) + 1
    assert priced(lines, order_amounts(*reversed(amounts))) == priced(lines, order_amounts(*amounts))


@given(cents=st.integers(1, 10_000_000), rate=st.sampled_from(sorted({r for c in COUNTRY_BY_REGION.values() for r in c.vat_rates})))
def test_net_plus_tax_rounds_back_to_gross(cents: int, rate: Decimal) -> None:
    line = JtlLine(LineKind.GOODS, "A", "A", 1, cents * Decimal("0.01"), rate)
    assert (line.unit_net * (1 + rate / 100)).quantize(Decimal("0.01"), ROUND_HALF_UP) == line.unit_gross
    assert line.unit_net.as_tuple().exponent == -5
