"""Plans of several orders that travel under one tracking number."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from temu_assets.orders.shipment import PlannedLine, PlannedParcel, ShipmentPlan, combine


def plan(order: str, *numbers: str, complete: bool = True, method: str = "DHL Paket") -> ShipmentPlan:
    packages = tuple(
        PlannedParcel(at, number, method, (PlannedLine(f"{order}-{at}", "1", "2", 1),)) for at, number in enumerate(numbers, start=1)
    )
    return ShipmentPlan(order, packages, complete)


def test_orders_with_their_own_numbers_go_alone() -> None:
    one, two = plan("PO-1", "A"), plan("PO-2", "B", "C")
    assert combine([two, one]).calls == ((one,), (two,))


def test_complete_orders_in_one_parcel_go_together() -> None:
    one, two, three = plan("PO-1", "A"), plan("PO-2", "A"), plan("PO-3", "B")
    combined = combine([three, two, one])
    assert combined.calls == ((one, two), (three,))
    assert combined.unclear == ()


def test_a_number_shared_in_any_other_way_is_unclear_for_all_who_share_it() -> None:
    whole = plan("PO-1", "A")
    for other in (plan("PO-2", "A", "B"), plan("PO-2", "A", complete=False), plan("PO-2", "A", method="GLS")):
        combined = combine([whole, other, plan("PO-3", "C")])
        assert [order_id for order_id, _ in combined.unclear] == ["PO-1", "PO-2"]
        assert [[member.order_id for member in call] for call in combined.calls] == [["PO-3"]]
        assert all("PO-1, PO-2" in unclear.reason for _, unclear in combined.unclear)


def test_a_plan_refused_for_one_number_takes_its_partners_for_another_along() -> None:
    middle = plan("PO-2", "A", "B")
    combined = combine([plan("PO-1", "A"), middle, plan("PO-3", "B")])
    assert combined.calls == ()
    assert [order_id for order_id, _ in combined.unclear] == ["PO-1", "PO-2", "PO-3"]


@given(
    st.lists(st.tuples(st.lists(st.sampled_from("ABCDE"), min_size=1, max_size=2, unique=True), st.booleans()), max_size=6),
    st.data(),
)
def test_every_plan_comes_out_once_and_no_number_is_called_twice(shapes: list[tuple[list[str], bool]], data: st.DataObject) -> None:
    plans = [replace(plan(f"PO-{at}", *numbers), complete=complete) for at, (numbers, complete) in enumerate(shapes)]
    combined = combine(plans)
    assert combined == combine(data.draw(st.permutations(plans)))
    called = [member.order_id for call in combined.calls for member in call]
    assert sorted(called + [order_id for order_id, _ in combined.unclear]) == sorted(plan.order_id for plan in plans)
    numbers = [number for call in combined.calls for number in {package.tracking for member in call for package in member.parcels}]
    assert len(numbers) == len(set(numbers))
