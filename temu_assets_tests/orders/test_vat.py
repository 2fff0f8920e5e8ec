"""The VAT rate found from amounts."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from temu_assets.orders.countries import COUNTRY_BY_REGION, GERMANY, Country
from temu_assets.orders.vat import TaxEvidence, vat_rate

BY_CODE = {country.iso2: country for country in COUNTRY_BY_REGION.values()}


def tax_of(gross: int, rate: Decimal) -> int:
    return int((gross * rate / (100 + rate)).quantize(Decimal(1), ROUND_HALF_UP))


@pytest.mark.parametrize(
    ("country", "gross", "tax", "pieces", "rate"),
    [
        ("DE", 3601, 575, 2, "19"),
        ("DE", 400, 64, 1, "19"),
        ("DE", 10700, 700, 1, "7"),
        ("DE", 5000, 0, 3, "0"),
        ("AT", 12000, 2000, 1, "20"),
        ("AT", 11900, 1900, 1, "19"),
        ("AT", 31, 5, 1, "20"),
        ("AT", 1000, 160, 100, "19"),
        ("FR", 10550, 550, 1, "5.5"),
        ("FR", 10210, 210, 1, "2.1"),
        ("HU", 12700, 2700, 1, "27"),
        ("CH", 10000, 0, 1, "0"),
    ],
)
def test_tax_in_gross_tells_the_rate(country: str, gross: int, tax: int, pieces: int, rate: str) -> None:
    assert vat_rate([TaxEvidence(gross, tax, pieces)], BY_CODE[country]) == Decimal(rate)


@pytest.mark.parametrize(
    "evidence",
    [
        [],
        [TaxEvidence(10000, 1200, 1)],
        [TaxEvidence(0, 0, 1)],
        [TaxEvidence(-100, -16, 1)],
        [TaxEvidence(3601, -575, 2)],
        [TaxEvidence(3601, 575, 2), TaxEvidence(1800, 118, 1)],
    ],
)
def test_amounts_that_no_rate_explains_stay_unknown(evidence: list[TaxEvidence]) -> None:
    assert vat_rate(evidence, GERMANY) is None


def test_contradicting_amounts_are_not_overruled_by_temus_number() -> None:
    assert vat_rate([TaxEvidence(10000, 1200, 1)], GERMANY, raw_rate=1900000) is None


@pytest.mark.parametrize(
    ("raw_rate", "rate"),
    [(700000, 7), (7000000, 7), (70000000, 7), (1900000, 19), (19000000, 19), (190000000, 19), (0, 0), (123, 19), (None, 19)],
)
def test_temus_number_decides_only_where_the_amounts_are_too_small(raw_rate: int | None, rate: int) -> None:
    """One cent of tax in eight cents fits 19, 7 and 0 %; 19.00 in 119.00 fits one rate only."""
    assert vat_rate([TaxEvidence(8, 1, 1)], GERMANY, raw_rate=raw_rate) == rate
    assert vat_rate([TaxEvidence(11900, 1900, 1)], GERMANY, raw_rate=raw_rate) == 19


@given(country=st.sampled_from(sorted(BY_CODE.values(), key=lambda c: c.iso2)), gross=st.integers(2000, 10_000_000), data=st.data())
def test_every_existing_rate_is_found_again_from_rounded_tax(country: Country, gross: int, data: st.DataObject) -> None:
    rate = data.draw(st.sampled_from(country.vat_rates or GERMANY.vat_rates))
    assert vat_rate([TaxEvidence(gross, tax_of(gross, rate), 1)], country) == rate


@given(gross=st.integers(1, 500), rate=st.sampled_from(GERMANY.vat_rates))
def test_with_temus_number_even_the_smallest_amount_has_its_rate(gross: int, rate: Decimal) -> None:
    evidence = [TaxEvidence(gross, tax_of(gross, rate), 1)]
    assert vat_rate(evidence, GERMANY, raw_rate=int(rate * 100000)) == rate
