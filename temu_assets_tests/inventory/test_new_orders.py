"""Orders TEMU has listed since ours were last complete (fault 16)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any

import pytest

from temu_assets.errors import TransientError
from temu_assets.inventory.in_flight import NewOrderLine
from temu_assets.inventory.new_orders import open_lines, read_new_orders
from temu_assets.temu.paging import RawPage
from temu_assets_tests.inventory.samples import NOW
from temu_assets_tests.temu.samples import ORDER_ID, order

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
FLASCHE = NewOrderLine(ORDER_ID, "17590000000001", "FLASCHE-750-BL", 6)
DECKEL = NewOrderLine(ORDER_ID, "17590000000002", "DECKEL-SW", 3)


def numbered(number: int) -> dict[str, Any]:
    item = order()
    item["parentOrderMap"]["parentOrderSn"] = f"PO-076-{number}"
    return item


class Orders:
    """TEMU's order list: the same orders in every window, ``told_more`` of which are counted and not listed."""

    def __init__(self, items: int, *, told_more: int = 0) -> None:
        self.items = [numbered(number) for number in range(items)]
        self.told_more = told_more
        self.windows: list[tuple[datetime | None, datetime | None]] = []

    def list_page(self, *, page: int, updated_from: datetime | None = None, updated_to: datetime | None = None) -> RawPage:
        self.windows.append((updated_from, updated_to))
        return RawPage(tuple(self.items[(page - 1) * 100 : page * 100]), len(self.items) + self.told_more)


def nothing(_: Collection[str]) -> Collection[str]:
    """Our tables are empty."""
    return ()


def changed(path: str, value: object) -> dict[str, Any]:
    """An order with one field, or line, replaced."""
    item = order()
    *way, last = path.split(".")
    place: Any = item
    for name in way:
        place = place[int(name) if name.isdigit() else name]
    place[last] = value
    return item


@pytest.mark.parametrize(
    ("complete_until", "windows"),
    [
        (NOW - HOUR, [(NOW - 2 * HOUR, NOW)]),
        (NOW + DAY, [(NOW - 7 * DAY, NOW)]),
        (None, [(NOW - 7 * DAY, NOW)]),
        (NOW - 10 * DAY, [(NOW - 10 * DAY - HOUR, NOW - 3 * DAY - HOUR), (NOW - 3 * DAY - HOUR, NOW)]),
    ],
    ids=["since the last reading", "a mark in the future", "never read", "after a long pause"],
)
def test_the_list_is_read_from_an_hour_before_ours_were_complete(
    complete_until: datetime | None, windows: list[tuple[datetime, datetime]]
) -> None:
    temu = Orders(1)
    found = read_new_orders(temu, complete_until, now=NOW, threads=1, known=nothing)
    assert temu.windows == windows
    assert found.is_complete
    assert len(found.lines) == 2 * len(windows)


def test_every_page_is_read() -> None:
    """Fault 1."""
    found = read_new_orders(Orders(230), NOW, now=NOW, threads=4, known=nothing)
    assert (found.is_complete, len(found.lines)) == (True, 460)


def test_an_order_our_tables_have_counts_from_there() -> None:
    def known(order_ids: Collection[str]) -> Collection[str]:
        return [order_id for order_id in order_ids if order_id != "PO-076-199"]

    found = read_new_orders(Orders(230), NOW, now=NOW, threads=4, known=known)
    assert found.is_complete
    assert {line.order_id for line in found.lines} == {"PO-076-199"}


def test_a_list_that_counts_more_than_it_lists_is_not_complete() -> None:
    found = read_new_orders(Orders(3, told_more=1), NOW, now=NOW, threads=1, known=nothing)
    assert (found.is_complete, len(found.lines)) == (False, 6)


def test_a_list_that_counts_orders_and_lists_none_is_not_an_empty_one() -> None:
    """Fault 9."""
    with pytest.raises(TransientError, match="says that 3 orders changed"):
        read_new_orders(Orders(0, told_more=3), NOW, now=NOW, threads=1, known=nothing)


def test_open_lines_count_with_the_pieces_the_seller_packs() -> None:
    assert open_lines(order()) == [FLASCHE, DECKEL]


@pytest.mark.parametrize("status", [1, 2, 41])
def test_pending_and_partly_shipped_orders_are_open_as_well(status: int) -> None:
    assert open_lines(changed("parentOrderMap.parentOrderStatus", status)) == [FLASCHE, DECKEL]


@pytest.mark.parametrize("status", [3, 4, 5])
@pytest.mark.parametrize("is_readable", [True, False])
def test_a_cancelled_or_shipped_order_promises_nothing(status: int, *, is_readable: bool) -> None:
    item = changed("parentOrderMap.parentOrderStatus", status)
    if not is_readable:
        item["parentOrderMap"]["regionId"] = "?"
    assert open_lines(item) == []


@pytest.mark.parametrize("change", [{"orderStatus": 3}, {"fulfillmentType": "fulfillByCooperativeWarehouse"}], ids=str)
@pytest.mark.parametrize("is_readable", [True, False])
def test_a_line_that_is_closed_or_not_the_sellers_promises_nothing(change: Mapping[str, object], *, is_readable: bool) -> None:
    item = order()
    item["orderList"][0] |= change
    if not is_readable:
        item["parentOrderMap"]["regionId"] = "?"
    assert [line.sku_id for line in open_lines(item)] == [DECKEL.sku_id]


def test_a_line_without_products_counts_by_its_sku() -> None:
    assert open_lines(changed("orderList.0.productList", None)) == [NewOrderLine(ORDER_ID, FLASCHE.sku_id, "", 2), DECKEL]


@pytest.mark.parametrize(
    ("path", "order_id"),
    [
        ("parentOrderMap.updateTime", ORDER_ID),
        ("parentOrderMap.parentOrderStatus", ORDER_ID),
        ("parentOrderMap.parentOrderSn", ""),
        ("parentOrderMap", ""),
    ],
)
def test_an_order_that_cannot_be_read_counts_with_what_its_lines_tell(path: str, order_id: str) -> None:
    """Fault 9: a piece whose order is unclear is not a piece that is free."""
    assert open_lines(changed(path, "?")) == [
        NewOrderLine(order_id, FLASCHE.sku_id, "", 2),
        NewOrderLine(order_id, DECKEL.sku_id, "", 1),
    ]


@pytest.mark.parametrize("rows", [None, "?", [], ["?"], [{"skuId": 1}], [{"quantity": 1}], [{"skuId": 1, "quantity": True}]])
def test_what_tells_nothing_at_all_is_left_to_the_order_side(rows: object) -> None:
    assert open_lines({"orderList": rows}) == []
