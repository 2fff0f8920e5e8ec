"""When TEMU is asked for an order's address and prices, and which window of changes is listed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from temu_assets.orders.details import LONGEST_WAIT, Known, Listed, Outdated, Wanted, outdated, wanted, window_start
from temu_assets.temu.listing import OVERLAP

NOW = datetime(2026, 2, 2, 12, tzinfo=UTC)
moments = st.datetimes(datetime(2026, 1, 1), datetime(2026, 3, 1), timezones=st.just(UTC))
quantities = st.dictionaries(st.sampled_from(["a", "b"]), st.integers(0, 3), min_size=1)
knowns = st.builds(
    Known,
    updated_at=moments,
    status=st.sampled_from([1, 2, 3, 4]),
    address_changed=st.booleans(),
    address_change_requested=st.booleans(),
    has_address=st.booleans(),
    has_amounts=st.booleans(),
    is_exported=st.booleans(),
    retry_at=st.none() | moments,
    quantities=quantities,
)
listeds = st.builds(
    Listed,
    updated_at=moments,
    is_open=st.booleans(),
    is_flagged=st.booleans(),
    address_changed=st.booleans(),
    address_change_requested=st.booleans(),
    quantities=quantities,
)


def unchanged(known: Known) -> Listed:
    return Listed(known.updated_at, True, False, known.address_changed, known.address_change_requested, known.quantities)


@given(knowns | st.none(), listeds)
def test_an_order_that_is_not_shippable_costs_no_call(known: Known | None, listed: Listed) -> None:
    if not listed.is_shippable:
        assert not wanted(known, listed, now=NOW)


@given(listeds)
def test_a_new_shippable_order_needs_both(listed: Listed) -> None:
    assert wanted(None, listed, now=NOW) == Wanted(address=listed.is_shippable, amounts=listed.is_shippable)


@given(knowns)
def test_an_unchanged_order_with_both_costs_no_call(known: Known) -> None:
    assert outdated(known, unchanged(known)) == Outdated(address=False, amounts=False)
    if known.has_address and known.has_amounts:
        assert not wanted(known, unchanged(known), now=NOW)


@given(knowns)
def test_what_temu_did_not_tell_is_asked_for_again_when_it_is_due_and_not_before(known: Known) -> None:
    is_due = known.retry_at is None or not NOW < known.retry_at <= NOW + LONGEST_WAIT
    question = wanted(known, unchanged(known), now=NOW)
    assert question.address == (is_due and not known.has_address)
    assert question.amounts == (is_due and not known.has_amounts and not known.is_exported)


@given(knowns, listeds)
def test_what_is_outdated_is_always_asked_for_and_prices_never_after_the_export(known: Known, listed: Listed) -> None:
    lost, question = outdated(known, listed), wanted(known, listed, now=NOW)
    if listed.is_shippable:
        assert question.address >= lost.address
        assert question.amounts >= (lost.amounts and not known.is_exported)
    assert not (question.amounts and known.is_exported)
    assert lost.amounts == (dict(known.quantities) != dict(listed.quantities))


@given(knowns, listeds)
def test_every_change_of_an_order_with_a_changed_address_can_be_another_one(known: Known, listed: Listed) -> None:
    """Fault 19. Also one that is flagged: when the flag goes in the second of the change, nothing tells of it any more."""
    if listed.is_open and listed.address_changed and listed.updated_at > known.updated_at:
        assert outdated(known, listed).address


@given(st.none() | moments, moments, st.integers(1, 365), st.booleans())
def test_a_window_starts_before_what_is_complete_and_never_in_the_future(
    mark: datetime | None, now: datetime, days_back: int, backfill: bool
) -> None:
    start = window_start(mark, now=now, days_back=days_back, backfill=backfill)
    assert start < now
    if mark is None or mark > now:
        assert start == now - timedelta(days=days_back)
    else:
        assert start <= mark - OVERLAP
        assert backfill or start == mark - OVERLAP
    if backfill:
        assert start <= now - timedelta(days=days_back)
