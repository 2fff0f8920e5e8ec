"""What goes to and comes from the reading process: one line each, nothing lost."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from temu_assets.invoices.jobs import Job, answer_line, question_line, read_answer
from temu_assets.invoices.reading import Kind, Lane, Outcome, Reading, Source, TaxGroup

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
amounts = st.none() | st.decimals(allow_nan=False, allow_infinity=False)
groups = st.builds(TaxGroup, rate=amounts, net=amounts, tax=amounts, category=texts)
readings = st.builds(
    Reading,
    source=st.sampled_from(Source),
    profile=texts,
    kind=st.none() | st.sampled_from(Kind),
    number=st.none() | texts,
    issued_on=st.none() | st.dates(),
    gross=amounts,
    tax_groups=st.lists(groups, max_size=3).map(tuple),
    lane=st.none() | st.sampled_from(Lane),
    has_parties=st.none() | st.booleans(),
    places=st.dictionaries(texts, texts, max_size=3),
    doubts=st.lists(texts, max_size=3).map(tuple),
)
outcomes = st.builds(
    Outcome,
    readings=st.lists(readings, max_size=3).map(tuple),
    failure=st.none() | texts,
    pages=st.none() | st.integers(1, 9999),
    notes=st.lists(texts, max_size=3).map(tuple),
    seen=st.none() | st.frozensets(st.sampled_from(["number", "gross", "issued_on"])),
)


@given(outcomes)
def test_an_answer_is_one_line_and_says_everything_exactly(outcome: Outcome) -> None:
    line = answer_line(outcome)
    assert line.index(b"\n") == len(line) - 1
    answer = read_answer(line)
    assert answer == outcome
    # Amounts that are equal may still be written differently.
    assert repr(answer.readings) == repr(outcome.readings)


def test_amounts_keep_their_places_and_days_stay_days() -> None:
    reading = Reading(Source.TEXT, "x", issued_on=date(2026, 11, 3), gross=Decimal("1190.10"), tax=Decimal("0.00"))
    line = answer_line(Outcome((reading,)))
    assert b'"1190.10"' in line
    assert b'"2026-11-03"' in line


@given(st.text(st.characters(exclude_characters="\0"), min_size=1, max_size=30))
def test_a_question_is_one_line_whatever_the_path(name: str) -> None:
    line = question_line(Job(Path("/a") / name, name, Lane.ADVERTISING))
    assert line.index(b"\n") == len(line) - 1
    assert json.loads(line) == {"path": str(Path("/a") / name), "lane": "werbung"}


@pytest.mark.parametrize("line", [b"", b"\n", b"{}x", b'{"readings": 1}', b'{"readings": [], "pages": "viele"}'])
def test_anything_else_is_no_answer(line: bytes) -> None:
    with pytest.raises(ValueError, match="Outcome"):
        read_answer(line)
