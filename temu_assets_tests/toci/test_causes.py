"""Problems are grouped by what they have in common, whoever groups them."""

from __future__ import annotations

import random
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from temu_assets.toci.causes import Group, by_cause, is_like

Told = tuple[str, str]

WORDS = st.sampled_from(
    ["order", "PO-076-1", "17", "'MUG-1'", '"DHL"', "code 15", "was", "refused", "and", "(JTL: A1)", "FLASCHE", "é", ""]
)
TEXTS = st.lists(WORDS, max_size=6).map(" ".join) | st.text(max_size=30)
FOUND = st.lists(st.tuples(st.sampled_from(["17", "PO-076-1", "FLASCHE", "", "(x"]) | st.text(max_size=5), TEXTS), max_size=12)


def group(*found: Told) -> list[Group[Told]]:
    return by_cause(found, lambda told: told)


@pytest.mark.parametrize(
    ("reasons", "cause"),
    [
        (
            {
                "17": 'The parcels of order PO-076-1 were not reported: "Spedition Maier" is no carrier. TEMU offers: 141252268 (DHL).',
                "18": 'The parcels of order PO-076-2 were not reported: "Spedition Maier" is no carrier. TEMU offers: 141252268 (DHL).',
            },
            'The parcels of order … were not reported: "Spedition Maier" is no carrier. TEMU offers: 141252268 (DHL).',
        ),
        (
            {
                "1": "TEMU refused the stock 8 of 'MUG' with code 150010003: not allowed.",
                "2": "TEMU refused the stock 0 of 'O'Neill, blue' with code 150010003: not allowed.",
            },
            "TEMU refused the stock … of … with code 150010003: not allowed.",
        ),
        (
            {
                "PO-1": "Order PO-1 (JTL: AU-7) was cancelled, and parcel 5 of it has left.",
                "PO-2": "Order PO-2 (JTL: not confirmed yet) was cancelled, and parcel 5, 6 and 7 of it has left.",
            },
            "Order … … was cancelled, and parcel … of it has left.",
        ),
        (
            {"1": "v2.get: TEMU answered code 7, busy (request eu-1).", "2": "v2.get: TEMU answered code 7, busy (no request id)."},
            "v2.get: TEMU answered code 7, busy ….",
        ),
        ({"mug": "The article mug is gone.", "cup": "The article cup is gone."}, "The article … is gone."),
        ({"PO-1": "Order PO-1 is held: unknown_article."}, "Order PO-1 is held: unknown_article."),
    ],
)
def test_what_names_the_single_thing_is_left_out_and_what_all_share_is_not(reasons: dict[str, str], cause: str) -> None:
    (only,) = group(*reasons.items())
    assert only.cause == cause
    assert only.members == tuple(sorted(reasons.items()))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ('"Spedition Maier" is no carrier of parcel 1.', '"Hermes" is no carrier of parcel 2.'),
        ("TEMU answered code 7, busy.", "TEMU answered code 8, busy."),
        ("Order PO-1 is held: missing_price.", "Order PO-2 is held: unknown_article."),
        ("parentOrderMap.status is missing.", "parentOrderMap.region is missing."),
        ("The article FLASCHE is gone.", "The article DECKEL is gone."),
    ],
)
def test_other_causes_are_other_groups(one: str, other: str) -> None:
    assert len(group(("1", one), ("2", other))) == 2
    assert not is_like("1", one, "2", other)


def test_the_largest_group_comes_first() -> None:
    found = [("1", "b"), ("2", "a"), ("3", "a"), ("4", "c"), ("5", "c"), ("6", "c")]
    assert [(each.cause, len(each.members)) for each in group(*found)] == [("c", 3), ("a", 2), ("b", 1)]


@given(FOUND)
def test_everything_is_in_exactly_one_group(found: list[Told]) -> None:
    groups = group(*found)
    assert Counter(member for each in groups for member in each.members) == Counter(found)
    assert all(each.members for each in groups)


@given(FOUND, st.randoms(use_true_random=False))
def test_the_order_does_not_matter(found: list[Told], order: random.Random) -> None:
    shuffled = found.copy()
    order.shuffle(shuffled)
    assert group(*shuffled) == group(*found)


@given(FOUND)
def test_what_is_alike_is_in_one_group_and_nothing_else_is(found: list[Told]) -> None:
    number = {member: index for index, each in enumerate(group(*found)) for member in each.members}
    for one in found:
        for other in found:
            assert is_like(*one, *other) == (number[one] == number[other])


@given(FOUND)
def test_a_cause_of_one_problem_is_its_reason(found: list[Told]) -> None:
    for each in group(*found):
        if len(set(each.members)) == 1:
            assert each.cause == each.members[0][1]
