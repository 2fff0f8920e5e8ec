"""The brake, and the plan of a run with it."""

from __future__ import annotations

from collections.abc import Collection

import pytest
from hypothesis import given
from hypothesis import strategies as st

from temu_assets.inventory.brake import BrakeLimits, brake
from temu_assets.inventory.deltas import SkuStock
from temu_assets.inventory.plan import plan
from temu_assets_tests.inventory.samples import sku_stock
from temu_assets_tests.inventory.test_deltas import listings

LIMITS = BrakeLimits(zero_share=0.3, raise_share=0.5, min_skus=10)


def shop(*, zeros: int = 0, raises: int = 0, decreases: int = 0, same: int = 0, first: int = 0) -> list[SkuStock]:
    """SKUs of which TEMU shows 5, going to 0, 9, 3, 5, and to a first target of 0."""
    wanted = [(0, 5)] * zeros + [(9, 5)] * raises + [(3, 5)] * decreases + [(5, 5)] * same + [(0, None)] * first
    return [sku_stock(str(number), target, 5, confirmed=confirmed) for number, (target, confirmed) in enumerate(wanted)]


def ids(rows: Collection[SkuStock]) -> set[str]:
    return {row.sku_id for row in rows}


@pytest.mark.parametrize(
    ("rows", "zeros", "raises"),
    [
        (shop(zeros=3, same=7), 0, 0),
        (shop(zeros=4, same=6), 4, 0),
        (shop(raises=5, same=5), 0, 0),
        (shop(raises=6, same=4), 0, 6),
        (shop(zeros=4, raises=6), 4, 6),
        (shop(decreases=10), 0, 0),
        (shop(zeros=8, same=1), 0, 0),
        (shop(raises=9), 0, 0),
        (shop(zeros=9), 0, 0),
        (shop(first=20, same=10), 0, 0),
        ([], 0, 0),
    ],
    ids=[
        "as many zeros as allowed",
        "one zero too many",
        "as many raises as allowed",
        "one raise too many",
        "both",
        "decreases never brake",
        "too few SKUs to judge a share of them",
        "too few SKUs to judge a share of raises",
        "all that is on offer at once in a small shop",
        "first targets do not count",
        "nothing",
    ],
)
def test_the_brake_acts_above_its_share_of_known_skus(rows: list[SkuStock], zeros: int, raises: int) -> None:
    braked = brake(rows, ids(rows), LIMITS, besides=0)
    assert (len(braked.zeros), len(braked.raises)) == (zeros, raises)
    assert set(braked.findings()) == {name for name, held in (("zero", zeros), ("raise", raises)) if held}


@pytest.mark.parametrize(("landed", "held"), [(0, 10), (3, 10), (4, 0), (9, 0)])
def test_a_raise_by_pieces_that_were_in_flight_is_no_unusual_one(landed: int, held: int) -> None:
    rows = [sku_stock(str(number), 9, 5, confirmed=5, landed=landed) for number in range(10)]
    assert len(brake(rows, ids(rows), LIMITS, besides=0).held) == held


def test_what_temu_shows_already_does_not_count() -> None:
    rows = shop(zeros=8, same=2)
    assert not brake(rows, set(), LIMITS, besides=0).held


def test_the_finding_names_twenty_skus_the_count_and_how_to_release() -> None:
    rows = shop(zeros=25)
    finding = brake(rows, ids(rows), LIMITS, besides=0).findings()["zero"]
    assert "25 of 25 SKUs would go to 0" in finding.reason
    assert "SKU-19 (5 -> 0) and 5 more" in finding.reason
    assert "SKU-20" not in finding.reason
    assert "temu-assets release-brake" in finding.remedy
    assert "release_brake: true" in finding.remedy
    assert len(finding.reason) <= 1000


def test_the_rest_is_sent_while_the_brake_holds() -> None:
    rows = shop(zeros=4, decreases=2, same=5, first=1)
    planned = plan(rows, parked=(), limits=LIMITS, besides=0)
    sent = {sku_id for change in planned.changes for sku_id in change.targets}
    assert sent == ids([*rows[4:6], rows[11]])
    assert planned.braked.held == ids(rows[:4])


def test_a_released_brake_holds_nothing() -> None:
    planned = plan(shop(zeros=20), parked=(), limits=None, besides=0)
    assert not planned.braked.held
    assert len(planned.changes[0].targets) == 20


@pytest.mark.parametrize(
    ("released", "held"),
    [
        ({}, {"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"}),
        ({"0": 0, "1": 0, "2": 0, "3": 0}, {"4", "5", "6", "7", "8", "9"}),
        ({str(number): 9 for number in range(4, 9)}, {"0", "1", "2", "3", "9"}),
        ({"0": 5, "4": 8, "5": 0, "6": 12, "77": 0}, {"0", "1", "2", "3", "4", "5", "7", "8", "9"}),
    ],
    ids=["nothing", "the zeros", "all raises but one", "other figures"],
)
def test_only_what_a_person_agreed_to_is_sent_and_no_raise_beyond_it(released: dict[str, int], held: set[str]) -> None:
    rows = shop(zeros=4, raises=6)
    planned = plan(rows, parked=(), limits=LIMITS, besides=0, released=released)
    assert planned.braked.held == held
    assert {sku_id for change in planned.changes for sku_id in change.targets} == ids(rows) - held


def test_what_temu_refused_before_is_sent_again_and_holds_nothing_back() -> None:
    """Else SKUs that TEMU never lets go to 0 would keep everything else that sells out on sale."""
    rows = shop(zeros=7, same=13)
    refused = {"0", "1", "2", "3", "4"}
    planned = plan(rows, parked=(), limits=LIMITS, besides=0, tried_again=refused)
    assert not planned.braked.held
    assert set(planned.changes[0].targets) == ids(rows[:7])
    assert plan(rows, parked=(), limits=LIMITS, besides=0).braked.held == ids(rows[:7])


def test_a_parked_sku_is_neither_sent_nor_counted() -> None:
    rows = shop(zeros=4, same=6)
    planned = plan(rows, parked={"0"}, limits=LIMITS, besides=0)
    assert not planned.braked.held
    assert set(planned.changes[0].targets) == {"1", "2", "3"}


@given(listings(), st.floats(0, 1), st.floats(0, 1))
def test_what_is_due_is_either_sent_or_held_and_a_decrease_that_leaves_something_is_always_sent(
    rows: list[SkuStock], zero_share: float, raise_share: float
) -> None:
    planned = plan(rows, parked=(), limits=BrakeLimits(zero_share, raise_share, 0), besides=0)
    sent = {sku_id for change in planned.changes for sku_id in change.targets}
    due = {row.sku_id for row in rows if row.target != row.temu_stock}
    assert sent | planned.braked.held == due
    assert not sent & planned.braked.held
    for row in rows:
        if row.sku_id in planned.braked.held:
            assert row.confirmed_target is not None
            assert row.target == 0 or row.target > row.confirmed_target


@given(listings(), st.floats(0, 1), st.floats(0, 1), st.integers(0, 8))
def test_what_is_not_sent_may_be_counted_instead_of_looked_at(
    rows: list[SkuStock], zero_share: float, raise_share: float, min_skus: int
) -> None:
    limits = BrakeLimits(zero_share, raise_share, min_skus)
    due = [row for row in rows if row.target != row.temu_stock]
    besides = sum(row.confirmed_target is not None for row in rows) - sum(row.confirmed_target is not None for row in due)
    assert plan(due, (), limits, besides=besides) == plan(rows, (), limits, besides=0)
