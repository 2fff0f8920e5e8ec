"""Which values of an e-invoice stand on the page: however amounts and days are written there, and no other number for them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from temu_assets.invoices.agreement import on_the_pages
from temu_assets.invoices.reading import Page, Reading, Source, Word


def page(*lines: str) -> Page:
    return Page(1, tuple((Word(line, 50, 500, 20 + 14 * number, 10),) for number, line in enumerate(lines)), 595, 842)


def seen(*lines: str, number: str = "RE 47-11", day: date = date(2026, 3, 5), gross: str = "1234.50") -> set[str]:
    reading = Reading(Source.XML, "x", number=number, issued_on=day, gross=Decimal(gross))
    found = on_the_pages(reading, [page(*lines)])
    assert found is not None
    return set(found)


def test_pages_without_text_say_nothing() -> None:
    assert on_the_pages(Reading(Source.XML, "x", number="1"), [page("  ")]) is None


@pytest.mark.parametrize("text", ["1.234,50", "1234,50 EUR", "€1,234.50", "1 234,50", "1'234.50", "Total:1234.50"])
def test_an_amount_in_every_way_to_write_it(text: str) -> None:
    assert seen(text) == {"gross"}


@pytest.mark.parametrize("text", ["11.234,50", "1.234,501", "1.234,5", "234,50", "1.234,51", "1234.505"])
def test_no_other_amount(text: str) -> None:
    assert seen(text) == set()


def test_round_amounts_may_be_without_cents() -> None:
    assert seen("Summe 1.200 EUR", gross="1200.00") == {"gross"}
    assert seen("Summe 1.200,-", gross="1200.00") == {"gross"}


@pytest.mark.parametrize(
    "text",
    ["05.03.2026", "5.3.26", "2026-03-05", "20260305", "5. März 2026", "5 mars 2026", "March 5, 2026", "5 de marzo de 2026", "03/05/2026",
     "05/03/2026", "5-Mar-2026"],
)  # fmt: skip
def test_a_day_in_every_way_to_write_it(text: str) -> None:
    assert seen(text) == {"issued_on"}


@pytest.mark.parametrize("text", ["15.03.2026", "05.03.2025", "5. April 2026", "105.03.2026"])
def test_no_other_day(text: str) -> None:
    assert seen(text) == set()


def test_a_number_with_other_blanks_and_letters() -> None:
    assert seen("Rechnung re47-11 vom") == {"number"}


@given(
    cents=st.integers(min_value=1, max_value=10**9),
    other=st.integers(min_value=1, max_value=10**9),
)
def test_an_amount_is_seen_where_it_stands_and_no_other(cents: int, other: int) -> None:
    amount = Decimal(cents) / 100
    written = f"{Decimal(other) / 100:,.2f}".translate(str.maketrans(",.", ".,"))
    assert (seen(f"Gesamt {written} EUR", gross=f"{amount:.2f}") == {"gross"}) is (cents == other)
