"""Invented invoices of many layouts: what is read is what is printed, and what is not sure is not read."""

from __future__ import annotations

import pytest

from temu_assets.invoices.profiles import Profiles, load_profiles
from temu_assets.invoices.reading import Reading, Source
from temu_assets.invoices.text_reading import read_text
from temu_assets_tests.invoices.samples import SAMPLES, Sample, pages_of


@pytest.fixture(scope="module")
def profiles() -> Profiles:
    return load_profiles()


def told(reading: Reading, name: str) -> object:
    if name == "rates":
        return {f"{group.rate:.0f}": str(group.tax) for group in reading.tax_groups if group.rate is not None}
    if name == "rate_nets":
        return {f"{group.rate:.0f}": str(group.net) for group in reading.tax_groups if group.rate is not None}
    return getattr(reading, name)


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.name)
def test_a_document_is_read_as_a_careful_person_reads_it(sample: Sample, profiles: Profiles) -> None:
    reading = read_text(pages_of(sample.text), Source.TEXT, sample.lane, profiles)
    assert reading is not None
    assert {name: told(reading, name) for name in sample.expected} == dict(sample.expected)
