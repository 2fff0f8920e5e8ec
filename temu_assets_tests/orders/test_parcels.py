"""What is confirmed to TEMU about JTL's parcels, and what waits or needs a person."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from temu_assets.orders.order import OrderLine
from temu_assets.orders.parcels import Parcel, plan_shipment
from temu_assets.orders.shipment import SendType, ShipmentPlan, Unclear, Waiting
from temu_assets_tests.orders.samples import ORDER_ID, order_line, parcel

BOTTLE = order_line("076-11", quantity=2, articles=(("FLASCHE", 1),))
LID = order_line("076-12", quantity=1, articles=(("DECKEL", 1),))
SET_OF_THREE = order_line("076-13", quantity=2, articles=(("KERZE", 3),))
BUNDLE = order_line("076-14", quantity=1, articles=(("FLASCHE", 1), ("DECKEL", 1)))


def planned(
    lines: Sequence[OrderLine], parcels: Sequence[Parcel], *, finished: bool = False, confirmed: Sequence[str] = (), partial: bool = False
) -> ShipmentPlan | Waiting | Unclear:
    return plan_shipment(ORDER_ID, lines, parcels, finished_in_jtl=finished, already_confirmed=frozenset(confirmed), partial=partial)


def shape(plan: ShipmentPlan | Waiting | Unclear) -> dict[int, dict[str, int]]:
    assert isinstance(plan, ShipmentPlan), plan
    return {package.parcel_id: {line.line_id: line.quantity for line in package.lines} for package in plan.parcels}


def test_one_parcel_with_everything_is_confirmed_as_such() -> None:
    plan = planned([BOTTLE, LID], [parcel(7, {"FLASCHE": 2, "DECKEL": 1})])
    assert shape(plan) == {7: {"076-11": 2, "076-12": 1}}
    assert isinstance(plan, ShipmentPlan)
    assert plan.complete
    assert plan.send_type == SendType.ONE_PARCEL
    assert plan.parcels[0].tracking == "00340434161094000007"
    assert (plan.parcels[0].lines[0].goods_id, plan.parcels[0].lines[0].sku_id) == (BOTTLE.goods_id, BOTTLE.sku_id)


def test_every_parcel_of_an_order_is_in_the_plan_and_a_split_line_goes_in_one_call() -> None:
    """Fault 12: the predecessor reported one parcel of a delivery note."""
    plan = planned([BOTTLE, LID], [parcel(8, {"FLASCHE": 1, "DECKEL": 1}), parcel(7, {"FLASCHE": 1})])
    assert shape(plan) == {7: {"076-11": 1}, 8: {"076-11": 1, "076-12": 1}}
    assert isinstance(plan, ShipmentPlan)
    assert plan.send_type == SendType.SEVERAL_OR_PARTIAL


@pytest.mark.parametrize("sku", ["flasche", " FLASCHE ", "Flasche"])
def test_articles_compare_as_in_jtl(sku: str) -> None:
    assert shape(planned([BOTTLE], [parcel(7, {sku: "2.0000"})])) == {7: {"076-11": 2}}


def test_two_lines_of_one_article_are_served_by_quantity() -> None:
    again = order_line("076-15", quantity=1, articles=(("FLASCHE", 1),))
    plan = planned([again, BOTTLE], [parcel(7, {"FLASCHE": 1}), parcel(8, {"FLASCHE": 2})])
    assert shape(plan) == {7: {"076-11": 1}, 8: {"076-11": 1, "076-15": 1}}


def test_units_of_a_set_become_pieces() -> None:
    assert shape(planned([SET_OF_THREE], [parcel(7, {"KERZE": 3}), parcel(8, {"KERZE": 3})])) == {7: {"076-13": 1}, 8: {"076-13": 1}}


def test_single_pieces_do_not_use_up_a_set_of_the_same_article() -> None:
    single = order_line("076-10", quantity=1, articles=(("KERZE", 1),))
    assert shape(planned([single, SET_OF_THREE], [parcel(7, {"KERZE": 6}), parcel(8, {"KERZE": 1})])) == {
        7: {"076-13": 2},
        8: {"076-10": 1},
    }


def test_a_bundle_is_shipped_when_all_its_articles_are() -> None:
    assert isinstance(planned([BUNDLE], [parcel(7, {"FLASCHE": 1})]), Waiting)
    assert shape(planned([BUNDLE], [parcel(7, {"FLASCHE": 1, "DECKEL": 1})])) == {7: {"076-14": 1}}


def test_more_pieces_than_temu_wants_are_capped_and_other_goods_in_the_parcel_do_not_matter() -> None:
    assert shape(planned([BOTTLE], [parcel(7, {"FLASCHE": 3, "BEILAGE": 1})])) == {7: {"076-11": 2}}


def test_cancelled_and_foreign_lines_need_no_parcel() -> None:
    """Fault 4: cancelled pieces are not shipped."""
    lines = [BOTTLE, order_line("076-16", quantity=0, cancelled=1), order_line("076-17", by_seller=False)]
    plan = planned(lines, [parcel(7, {"FLASCHE": 2})])
    assert isinstance(plan, ShipmentPlan)
    assert plan.complete


@pytest.mark.parametrize(
    ("parcels", "says"),
    [
        ([], "no parcel"),
        ([parcel(7, {"FLASCHE": 1, "DECKEL": 1})], "076-11"),
        ([parcel(7, {"FLASCHE": 2})], "076-12"),
        ([parcel(7, {"FLASCHE": 2, "DECKEL": 1}, tracking=" ")], "no tracking number"),
        ([parcel(7, None)], "no contents"),
    ],
)
def test_what_is_not_all_there_waits(parcels: list[Parcel], says: str) -> None:
    result = planned([BOTTLE, LID], parcels)
    assert isinstance(result, Waiting)
    assert says in result.reason


@pytest.mark.parametrize(
    ("lines", "parcels", "says"),
    [
        ([BOTTLE], [parcel(7, {"FLASCHE": 2}), parcel(8, {"TASSE": 1})], "Parcel 8 holds only article TASSE"),
        ([BOTTLE], [parcel(7, {"FLASCHE": 2}), parcel(8, {"FLASCHE": 2})], "Parcel 8 holds article FLASCHE, of which"),
        ([BOTTLE], [parcel(7, {"FLASCHE": "1.5"})], "1.5 of article FLASCHE"),
        ([BOTTLE], [parcel(7, {"FLASCHE": -1})], "-1 of article FLASCHE"),
        ([SET_OF_THREE], [parcel(7, {"KERZE": 4}), parcel(8, {"KERZE": 2})], "076-13"),
        ([BUNDLE], [parcel(7, {"FLASCHE": 1}), parcel(8, {"DECKEL": 1})], "076-14"),
        ([BOTTLE], [parcel(7, {"FLASCHE": 1}), parcel(8, None)], "no contents for parcel 8"),
        ([BOTTLE], [parcel(7, {})], "parcel 7 cannot be told: it holds parts of a set"),
        ([BOTTLE, LID], [parcel(7, {"FLASCHE": 2}), parcel(8, {})], "parcel 8 cannot be told"),
        ([BOTTLE], [parcel(7, {"FLASCHE": 2}, tracking="0034-0434")], "symbols"),
        ([BOTTLE], [parcel(7, {"FLASCHE": 2}, tracking="#1")], "symbols"),
        ([order_line("076-11", status=3)], [parcel(7, {"FLASCHE": 2})], "wants nothing"),
        (
            [BOTTLE],
            [parcel(7, {"FLASCHE": 1}, tracking="1"), parcel(8, {"FLASCHE": 1}, tracking="1", method="GLS")],
            "same tracking number",
        ),
    ],
)
def test_what_only_a_person_can_know_is_unclear(lines: list[OrderLine], parcels: list[Parcel], says: str) -> None:
    result = planned(lines, parcels)
    assert isinstance(result, Unclear)
    assert says in result.reason
    assert result.remedy.endswith(".")
    assert "Seller Center" not in result.reason


def test_parts_that_make_no_whole_set_are_not_everything_even_of_a_finished_order() -> None:
    assert isinstance(planned([BOTTLE], [parcel(7, {})], finished=True), Unclear)


def test_blanks_inside_a_number_are_dropped() -> None:
    plan = planned([LID], [parcel(7, {"DECKEL": 1}, tracking=" 0034 0434\t1610 ")])
    assert isinstance(plan, ShipmentPlan)
    assert plan.parcels[0].tracking == "003404341610"


def test_two_delivery_notes_in_one_box_are_one_package_of_both_parcels() -> None:
    plan = planned([BOTTLE, LID], [parcel(9, {"FLASCHE": 1, "DECKEL": 1}, tracking="1"), parcel(7, {"FLASCHE": 1}, tracking="1 ")])
    assert shape(plan) == {7: {"076-11": 2, "076-12": 1}}
    assert isinstance(plan, ShipmentPlan)
    assert plan.parcels[0].also == (9,)
    assert plan.send_type == SendType.ONE_PARCEL


def test_without_contents_the_only_parcel_of_a_finished_order_holds_everything() -> None:
    assert shape(planned([BOTTLE, LID], [parcel(7, None)], finished=True)) == {7: {"076-11": 2, "076-12": 1}}
    assert isinstance(planned([BOTTLE, LID], [parcel(8, None)], finished=True, confirmed=["076-11"]), Unclear)


def test_covered_lines_go_early_only_when_asked_for() -> None:
    parcels = [parcel(7, {"FLASCHE": 2})]
    assert isinstance(planned([BOTTLE, LID], parcels), Waiting)
    plan = planned([BOTTLE, LID], parcels, partial=True)
    assert shape(plan) == {7: {"076-11": 2}}
    assert isinstance(plan, ShipmentPlan)
    assert not plan.complete
    assert plan.send_type == SendType.SEVERAL_OR_PARTIAL


def test_the_rest_of_an_order_follows_with_its_own_parcel() -> None:
    plan = planned([BOTTLE, LID], [parcel(8, {"DECKEL": 1})], confirmed=["076-11"])
    assert shape(plan) == {8: {"076-12": 1}}
    assert isinstance(plan, ShipmentPlan)
    assert plan.send_type == SendType.SEVERAL_OR_PARTIAL


def test_a_line_does_not_go_early_with_a_parcel_that_another_line_still_needs() -> None:
    """TEMU takes a tracking number once, so parcel 7 cannot be named again when the second bottle follows."""
    parcels = [parcel(7, {"DECKEL": 1, "FLASCHE": 1}), parcel(8, {"KERZE": 6})]
    assert shape(planned([BOTTLE, LID, SET_OF_THREE], parcels, partial=True)) == {8: {"076-13": 2}}
    assert isinstance(planned([BOTTLE, LID], parcels[:1], partial=True), Waiting)


def test_a_finished_order_is_confirmed_as_far_as_it_went_and_the_rest_is_not_forgotten() -> None:
    assert shape(planned([BOTTLE, LID], [parcel(7, {"FLASCHE": 2})], finished=True)) == {7: {"076-11": 2}}
    rest = planned([BOTTLE, LID], [], finished=True, confirmed=["076-11"])
    assert isinstance(rest, Unclear)
    assert "076-12" in rest.reason


def test_a_finished_order_with_a_line_sent_in_part_is_unclear() -> None:
    for partial in (False, True):
        result = planned([BOTTLE], [parcel(7, {"FLASCHE": 1})], finished=True, partial=partial)
        assert isinstance(result, Unclear)
        assert "only a part of line 076-11" in result.reason


def test_a_parcel_sent_after_everything_was_confirmed_is_not_dropped() -> None:
    """Fault 12."""
    result = planned([BOTTLE], [parcel(9, {"FLASCHE": 1})], confirmed=["076-11"])
    assert isinstance(result, Unclear)
    assert "parcel 9" in result.reason


@st.composite
def shipped_orders(draw: st.DrawFn) -> tuple[list[OrderLine], list[Parcel]]:
    """Lines of one article each, some sharing it, and the pieces spread over parcels."""
    lines = [
        order_line(f"076-{number}", quantity=draw(st.integers(1, 4)), articles=((draw(st.sampled_from("ABC")), draw(st.integers(1, 3))),))
        for number in range(draw(st.integers(1, 4)))
    ]
    boxes: dict[int, Counter[str]] = {}
    for line in lines:
        for _ in range(line.quantity):
            boxes.setdefault(draw(st.integers(1, 4)), Counter())[line.articles[0].sku] += line.articles[0].units
    return lines, [parcel(number, dict(units)) for number, units in boxes.items()]


@given(case=shipped_orders(), partial=st.booleans(), finished=st.booleans(), data=st.data())
def test_every_piece_is_confirmed_once_and_every_parcel_is_named(
    case: tuple[list[OrderLine], list[Parcel]], partial: bool, finished: bool, data: st.DataObject
) -> None:
    lines, parcels = case
    plan = planned(lines, parcels, partial=partial, finished=finished)
    shuffled = planned(data.draw(st.permutations(lines)), data.draw(st.permutations(parcels)), partial=partial, finished=finished)
    assert plan == shuffled
    if isinstance(plan, ShipmentPlan):
        assert {package.parcel_id for package in plan.parcels} == {box.parcel_id for box in parcels}
        counts = Counter[str]()
        for package in plan.parcels:
            assert all(line.quantity > 0 for line in package.lines)
            for line in package.lines:
                counts[line.line_id] += line.quantity
        assert counts == {line.line_id: line.quantity for line in lines}
    else:
        assert any(line.articles[0].units > 1 for line in lines), "only pieces of several units can be torn"


@given(case=shipped_orders(), sent=st.integers(0, 3), partial=st.booleans(), finished=st.booleans())
def test_with_parcels_still_missing_lines_go_as_a_whole_or_not_at_all(
    case: tuple[list[OrderLine], list[Parcel]], sent: int, partial: bool, finished: bool
) -> None:
    lines, parcels = case
    first = planned(lines, parcels[:sent], partial=partial, finished=finished)
    if not isinstance(first, ShipmentPlan):
        return
    counts = Counter[str]()
    for package in first.parcels:
        for line in package.lines:
            counts[line.line_id] += line.quantity
    wanted = {line.line_id: line.quantity for line in lines}
    assert all(wanted[line_id] == count for line_id, count in counts.items())
    assert first.complete == (counts == wanted)
