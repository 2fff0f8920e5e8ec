"""Amounts in text are read exactly or not at all, in whatever way they are written; so are dates."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from temu_assets.invoices.figures import Decimals, Style, find_amounts, parse_amount
from temu_assets.invoices.text_dates import DateOrder, find_dates, parse_date, period_at

GERMAN, ENGLISH = Style(), Style(Decimals.POINT)
FRENCH = Style(blank_thousands=True)


@pytest.mark.parametrize(
    ("text", "german", "english"),
    [
        ("1.234,56", "1234.56", "1234.56"),
        ("1,234.56", "1234.56", "1234.56"),
        ("12.345.678,90 €", "12345678.90", "12345678.90"),
        ("92.00", "92.00", "92.00"),
        ("EUR 12.34", "12.34", "12.34"),
        ("10.000 €", "10000", None),
        ("10,000 €", None, "10000"),
        ("1.234.567 €", "1234567", "1234567"),
        ("1'234.50 CHF", "1234.50", "1234.50"),
        ("1\u00a0234,56 kr", "1234.56", "1234.56"),
        ("1\u202f234,56", "1234.56", "1234.56"),
        ("12,34-", "-12.34", "-12.34"),
        ("-EUR 104.04", "-104.04", "-104.04"),
        ("EUR -104.04", "-104.04", "-104.04"),
        ("−5,00 €", "-5", "-5"),
        ("(12,34)", "-12.34", "-12.34"),
        ("500,- €", "500", "500"),
        ("500,-- EUR", "500", "500"),
        ("US$0.40", "0.40", "0.40"),
        ("119 €", "119", "119"),
        ("0,00", "0", "0"),
    ],
)
def test_an_amount_is_read_as_its_language_writes_it(text: str, german: str | None, english: str | None) -> None:
    assert parse_amount(text, GERMAN) == (german and Decimal(german))
    assert parse_amount(text, ENGLISH) == (english and Decimal(english))


@pytest.mark.parametrize(
    "text",
    [
        "1.234.56", "1,234,56", "12,345.6", "012,50", "01.02", "01.02.2026", "RE-12,50", "12,34/Stk", "19,00 %", "- 12,34", "12,34 -",
        "3 100,00", "12,345", "1234.567,89", "A12,34", "12:34,50", "1,2", "", "EUR", "1.23.45", "12,34 56,78",
    ],
)  # fmt: skip
def test_what_is_no_amount_or_can_be_read_two_ways_is_not_read(text: str) -> None:
    assert parse_amount(text, GERMAN) is None


def test_currencies_belong_to_the_amount_they_stand_beside() -> None:
    found = find_amounts("£29.75 (EUR 34.52)  12.00 EUR 13.00 GBP  5,00 kr  7,00", Style(crown="SEK"))
    assert [(str(each.value), each.currency) for each in found] == [
        ("29.75", "GBP"), ("34.52", "EUR"), ("12.00", "EUR"), ("13.00", "GBP"), ("5.00", "SEK"), ("7.00", None),
    ]  # fmt: skip
    assert find_amounts("5,00 kr", GERMAN)[0].currency is None


def test_a_rate_is_no_amount() -> None:
    found = find_amounts("19,00 % USt auf 100,00 EUR  19,00", GERMAN)
    assert [(str(each.value), each.rate) for each in found] == [("19.00", True), ("100.00", False), ("19.00", False)]


def test_a_number_without_decimals_is_an_amount_only_beside_a_currency() -> None:
    assert [str(each.value) for each in find_amounts("Menge 5  Preis 20 EUR  Nr. 4711", GERMAN)] == ["20.00"]


def test_a_blank_between_thousands_is_read_only_where_the_language_writes_it() -> None:
    assert [each.value for each in find_amounts("Total 1 234,56 €", FRENCH)] == [Decimal("1234.56")]
    assert [each.value for each in find_amounts("Menge 1 234,56 €", GERMAN)] == [None]


def test_a_letter_is_read_as_a_digit_only_in_a_scan_and_is_marked() -> None:
    found = find_amounts("1O0,0l EUR", GERMAN, ocr=True)
    assert [(str(each.value), each.repaired) for each in found] == [("100.01", True)]
    assert find_amounts("1O0,0l EUR", GERMAN) == []


MARKS = st.sampled_from(["", "€", "EUR", "£", "GBP", "PLN", "zł", "CHF", "$"])


@given(
    amount=st.decimals(Decimal("-99999999.99"), Decimal("99999999.99"), places=2),
    group=st.sampled_from(["", ".", ",", "'", "’", "\u00a0", "\u202f", " "]),
    point=st.sampled_from([",", "."]),
    mark=MARKS,
    form=st.sampled_from(["{m} {s}{n}", "{s}{m} {n}", "{s}{n} {m}", "{n}{s} {m}", "{s}{n}{m}", "{m}{s}{n}", "{m} {n}{s}"]),
    style=st.sampled_from([GERMAN, ENGLISH, FRENCH]),
)
def test_an_amount_in_any_style_is_read_back_exactly_or_not_at_all(
    amount: Decimal, group: str, point: str, mark: str, form: str, style: Style
) -> None:
    whole, cents = f"{abs(amount):,.2f}".split(".")
    # Without a currency a blank between sign and digits would be left, which may be a dash.
    text = (
        (form if mark else form.replace(" ", ""))
        .format(m=mark, s="-" if amount < 0 else "", n=f"{whole.replace(',', group)}{point}{cents}")
        .strip()
    )
    assert parse_amount(text, style) in {amount, None}
    if group not in {point, " "}:
        assert parse_amount(text, style) == amount


@given(
    amount=st.integers(1000, 99_999_999),
    group=st.sampled_from([".", ","]),
    style=st.sampled_from([GERMAN, ENGLISH]),
)
def test_three_digits_behind_one_mark_are_never_decimals(amount: int, group: str, style: Style) -> None:
    assert parse_amount(f"{amount:,} €".replace(",", group), style) in {Decimal(amount), None}


@given(text=st.text(alphabet="0123456789.,'- €EUR%()\u00a0/", max_size=40), style=st.sampled_from([GERMAN, ENGLISH, FRENCH]))
def test_amounts_found_in_anything_do_not_overlap_and_are_cents(text: str, style: Style) -> None:
    found = find_amounts(text, style, ocr=True)
    assert all(first.end <= second.start for first, second in pairwise(found))
    assert all(each.value is None or each.value == each.value.quantize(Decimal("0.01")) for each in found)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("03.04.2026", "2026-04-03"), ("3.4.2026", "2026-04-03"), ("03.04.26", "2026-04-03"), ("03. 04. 2026", "2026-04-03"),
        ("03-04-2026", "2026-04-03"), ("03/04/2026", "2026-04-03"), ("2026-04-03", "2026-04-03"), ("3. April 2026", "2026-04-03"),
        ("6. Sept. 2025", "2025-09-06"), ("1er janvier 2026", "2026-01-01"), ("3 de marzo de 2026", "2026-03-03"),
        ("3 gennaio 2026", "2026-01-03"), ("3 maart 2026", "2026-03-03"), ("5 października 2026", "2026-10-05"),
        ("3 maj 2026", "2026-05-03"),
        ("March 3, 2026", "2026-03-03"), ("20-NOV-2025", "2025-11-20"), ("21st July 2025", "2025-07-21"), ("10 août 2026", "2026-08-10"),
    ],
)  # fmt: skip
def test_a_day_is_read_in_all_languages(text: str, day: str) -> None:
    assert parse_date(text) == date.fromisoformat(day)


@pytest.mark.parametrize(
    "text", ["31.02.2026", "3.4.26", "03/04/26", "01.02.2026.3", "5 Blatt 2026", "00.01.2026", "03.13.2026", "12.2026", "1.1.1889"]
)
def test_an_impossible_day_is_none(text: str) -> None:
    assert parse_date(text) is None


def test_day_and_month_are_told_apart_by_the_profile_only() -> None:
    assert parse_date("03/04/2026", DateOrder.MONTH_FIRST) == date(2026, 3, 4)
    assert parse_date("13/04/2026", DateOrder.MONTH_FIRST) is None
    assert parse_date("13/04/2026", DateOrder.UNKNOWN) == date(2026, 4, 13)
    assert parse_date("04/13/2026", DateOrder.UNKNOWN) == date(2026, 4, 13)
    assert [each.value for each in find_dates("03/04/2026", DateOrder.UNKNOWN)] == [None]
    assert parse_date("03.04.2026", DateOrder.MONTH_FIRST) == date(2026, 4, 3)


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("01.01.2026 - 31.01.2026", "2026-01-01", "2026-01-31"), ("01.01.2026 bis zum 31.01.2026", "2026-01-01", "2026-01-31"),
        ("01.01. – 31.01.2026", "2026-01-01", "2026-01-31"), ("01.-31.01.2026", "2026-01-01", "2026-01-31"),
        ("01/01/2026 to 31/01/2026", "2026-01-01", "2026-01-31"), ("01/01/2026 au 31/01/2026", "2026-01-01", "2026-01-31"),
        ("01/01/2026 al 31/01/2026", "2026-01-01", "2026-01-31"), ("01-01-2026 t/m 31-01-2026", "2026-01-01", "2026-01-31"),
        ("2026-01-01 do 2026-01-31", "2026-01-01", "2026-01-31"), ("1. Jan. 2026 - 31. Jan. 2026", "2026-01-01", "2026-01-31"),
        ("Februar 2024", "2024-02-01", "2024-02-29"), ("02/2026", "2026-02-01", "2026-02-28"), ("2026-12", "2026-12-01", "2026-12-31"),
    ],
)  # fmt: skip
def test_a_period_is_two_days_or_a_month(text: str, first: str, last: str) -> None:
    period = period_at(text, 0)
    assert period is not None
    assert (period.first, period.last, period.end) == (date.fromisoformat(first), date.fromisoformat(last), len(text))


def test_a_period_that_ends_before_it_begins_is_none() -> None:
    assert period_at("31.01.2026 - 01.01.2026", 0) is None
    assert period_at("13/2026", 0) is None


FORMS = [
    "{d:02}.{m:02}.{y}",
    "{d}.{m}.{y}",
    "{d:02}-{m:02}-{y}",
    "{d:02}/{m:02}/{y}",
    "{y}-{m:02}-{d:02}",
    "{m:02}/{d:02}/{y}",
    "{d:02}.{m:02}.{s:02}",
]


@given(day=st.dates(date(2000, 1, 1), date(2090, 12, 31)), form=st.sampled_from(FORMS), order=st.sampled_from(list(DateOrder)))
def test_a_day_in_any_style_is_read_back_exactly_or_not_at_all(day: date, form: str, order: DateOrder) -> None:
    text = form.format(d=day.day, m=day.month, y=day.year, s=day.year % 100)
    is_month_first = form.startswith("{m")
    read = parse_date(text, order)
    if is_month_first != (order is DateOrder.MONTH_FIRST) and "/" in text and order is not DateOrder.UNKNOWN:
        assert read in {None, date(day.year, day.day, day.month) if day.day <= 12 else None}
    elif "-" in text and order is DateOrder.MONTH_FIRST and not form.startswith("{y"):
        assert read is None or (read.year, read.day, read.month) == (day.year, day.month, day.day)
    else:
        assert read in {day, None}
