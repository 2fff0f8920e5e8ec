"""When a buyer is no longer needed, and which answers are about an order."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from temu_assets.privacy.rules import Needed, OrderFacts, is_about, is_due, is_finished, mentions, needed_for, without
from temu_assets.snapshots import Record
from temu_assets.temu.order_status import OVER, STILL_OPEN, TemuStatus

NOW = datetime(2026, 6, 1, 4, 30, tzinfo=UTC)
DELIVERED = OrderFacts("PO-1", 5, NOW - timedelta(days=100), True, True, False, 0, NOW - timedelta(days=110))
KEEP = timedelta(days=90)

moments = st.datetimes(datetime(2025, 1, 1), datetime(2026, 12, 31), timezones=st.just(UTC))
orders = st.builds(
    OrderFacts,
    order_id=st.just("PO-1"),
    status=st.sampled_from([*TemuStatus, 6, 99]).map(int),
    updated_at=moments,
    is_exported=st.booleans(),
    is_confirmed=st.booleans(),
    is_under_way=st.booleans(),
    unreported_parcels=st.integers(0, 2),
    last_report_at=st.none() | moments,
)
keeps = st.timedeltas(timedelta(days=1), timedelta(days=400))


@pytest.mark.parametrize(
    ("changes", "needed"),
    [
        ({}, None),
        ({"status": 3}, None),
        ({"status": 4}, None),
        ({"status": 51}, None),
        ({"status": 1, "is_exported": False}, Needed.TO_BE_EXPORTED),
        ({"status": 2, "is_exported": False}, Needed.TO_BE_EXPORTED),
        ({"status": 2}, None),
        ({"status": 2, "is_confirmed": False}, None),
        ({"status": 41}, None),
        ({"status": 4, "unreported_parcels": 1}, None),
        ({"status": 4, "is_confirmed": False}, None),
        ({"status": 4, "is_confirmed": False, "is_exported": False}, None),
        ({"status": 3, "is_confirmed": False}, None),
        ({"status": 3, "is_under_way": True}, Needed.UNDER_WAY),
    ],
)
def test_what_a_buyer_is_needed_for(changes: dict[str, object], needed: Needed | None) -> None:
    assert needed_for(replace(DELIVERED, **changes)) == needed  # type: ignore[arg-type]  # the table above is typed by its reader


def test_what_waits_for_import_by_hand_needs_its_file() -> None:
    waiting = replace(DELIVERED, status=2, is_confirmed=False)
    assert needed_for(waiting, waits_as_file=True) is Needed.WAITS_AS_FILE
    assert needed_for(replace(waiting, is_confirmed=True), waits_as_file=True) is None
    assert needed_for(replace(waiting, status=3), waits_as_file=True) is None


@pytest.mark.parametrize(("days", "due"), [(90, True), (89, False)])
def test_the_time_runs_from_the_last_thing_that_happened(days: int, due: bool) -> None:
    long_ago, then = NOW - timedelta(days=300), NOW - timedelta(days=days)
    for order in (
        replace(DELIVERED, updated_at=then, last_report_at=long_ago),
        replace(DELIVERED, updated_at=long_ago, last_report_at=then),
        replace(DELIVERED, updated_at=then, last_report_at=None),
    ):
        assert is_due(order, keep=KEEP, now=NOW) is due


@given(orders, keeps)
def test_who_is_needed_is_never_due(order: OrderFacts, keep: timedelta) -> None:
    is_to_be_looked_for = order.is_exported and not order.is_confirmed and order.status not in OVER
    if order.status in STILL_OPEN or order.is_under_way or is_to_be_looked_for:
        assert not is_due(order, keep=keep, now=NOW)
    if needed_for(order) is not None:
        assert not is_due(order, keep=keep, now=NOW)


@given(orders.filter(lambda order: not order.is_under_way), st.sampled_from(sorted(OVER)))
def test_what_is_over_at_temu_is_finished_whatever_jtl_shows(order: OrderFacts, status: int) -> None:
    assert is_finished(replace(order, status=status))


@given(orders, keeps)
def test_nobody_is_erased_early_and_what_is_due_stays_due(order: OrderFacts, keep: timedelta) -> None:
    if is_due(order, keep=keep, now=NOW):
        assert order.updated_at + keep <= NOW
        assert order.last_report_at is None or order.last_report_at + keep <= NOW
        assert is_due(order, keep=keep, now=NOW + timedelta(days=1))


@given(orders, keeps)
def test_every_finished_order_is_due_at_last(order: OrderFacts, keep: timedelta) -> None:
    if is_finished(order):
        assert is_due(order, keep=keep, now=max(order.updated_at, order.last_report_at or order.updated_at) + keep)


IDS = [f"PO-076-{number:05d}" for number in range(1, 4)]
texts = st.text(max_size=5)
data = st.recursive(
    st.none() | st.booleans() | st.integers() | texts, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3)
)
records = st.builds(
    Record,
    kind=st.sampled_from(["order", "shipping", "amounts", "invoice", "failure"]),
    key=st.sampled_from([*IDS, ""]),
    fetched_at=moments,
    data=data
    | st.builds(lambda inner, order: {"item": {"parentOrderMap": {"parentOrderSn": order}, "more": inner}}, data, st.sampled_from(IDS)),
)


@given(st.lists(records, max_size=8), st.sampled_from(IDS))
def test_nothing_of_an_order_is_left_and_nothing_of_another_is_lost(told: list[Record], order_id: str) -> None:
    left = list(without(told, order_id))
    assert order_id not in repr(left)
    assert [record for record in told if record not in left] == [record for record in told if order_id in repr(record)]
    assert [record for record in told if order_id not in repr(record)] == left


def test_an_order_is_found_wherever_its_number_stands() -> None:
    for told in ({"a": [{"b": "PO-1"}]}, {"PO-1": None}, [["for PO-1, please"]], "PO-1"):
        assert is_about(Record("order", "", NOW, told), "PO-1")
        assert not is_about(Record("order", "", NOW, told), "PO-2")


@pytest.mark.parametrize("text", ["PO-12", "PO-1-2", "XPO-1", "0-PO-1", "PO-1_a", ""])
def test_a_number_that_only_begins_or_ends_like_it_is_another_order(text: str) -> None:
    assert not mentions(text, "PO-1")


@pytest.mark.parametrize("text", ["PO-1", "<a>PO-1</a>", "'PO-1'", "order PO-1.", "PO-1\nPO-2"])
def test_a_number_is_found_among_other_text(text: str) -> None:
    assert mentions(text, "PO-1")
