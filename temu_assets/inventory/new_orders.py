"""Orders TEMU has listed since our own tables were last complete: what they promise is missing from JTL's stock as well.

Fact sheet temu-api, sections 2 (states), 3.2 and 8 (the list moves while it is read).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain
from typing import Protocol

from temu_assets.errors import RecordError, TransientError
from temu_assets.inventory.in_flight import NewOrderLine
from temu_assets.temu.fields import known_id
from temu_assets.temu.listing import OVERLAP, Reading, in_windows
from temu_assets.temu.order_models import BY_SELLER, OrderLineModel, parse_order
from temu_assets.temu.order_status import LINE_STILL_HERE, STILL_OPEN
from temu_assets.temu.paging import RawPage

WITHOUT_MARK = timedelta(days=7)
"""How far back when orders were never read completely."""


class ListsOrders(Protocol):
    """The one call this module needs of TEMU."""

    def list_page(self, *, page: int, updated_from: datetime | None = ..., updated_to: datetime | None = ...) -> RawPage:
        """One page of the orders changed in a closed window."""
        ...


@dataclass(frozen=True, slots=True)
class NewOrders:
    """The open lines of the orders listed that our tables did not have. Only if ``is_complete`` is it certain that no order is missing."""

    lines: tuple[NewOrderLine, ...]
    is_complete: bool


def read_new_orders(
    temu: ListsOrders, complete_until: datetime | None, *, now: datetime, threads: int, known: Callable[[Collection[str]], Collection[str]]
) -> NewOrders:
    """What was listed since ``complete_until`` (aware UTC; None: never), one page as a rule, and ``threads`` at once of more.

    ``known`` tells which of these orders our tables have: they count from there, and are not looked into. Raises TransientError when TEMU
    counts orders and lists none, and whatever the call itself raises.
    """
    # A mark in the future was left by a wrong clock: it says nothing.
    start = now - WITHOUT_MARK if complete_until is None or complete_until > now else complete_until - OVERLAP
    windows = [_read_window(temu, window, threads, known) for window in in_windows(start, now)]
    return NewOrders(tuple(line for window in windows for line in window.lines), all(window.is_complete for window in windows))


def _read_window(
    temu: ListsOrders, window: tuple[datetime, datetime], threads: int, known: Callable[[Collection[str]], Collection[str]]
) -> NewOrders:
    reading = Reading(lambda page: temu.list_page(page=page, updated_from=window[0], updated_to=window[1]), _order_id, threads=threads)
    lines: dict[str, list[NewOrderLine]] = {}
    unnamed: list[NewOrderLine] = []
    has_items, before = False, 0
    for page in reading.pages():
        if reading.passes != before:
            # Another pass tells of the same unnamed ones.
            before, unnamed = reading.passes, []
        has_items = has_items or bool(page)
        ours = known([order_id for order_id, _ in page if order_id is not None])
        for order_id, item in page:
            if order_id is None:
                unnamed += open_lines(item)
            elif order_id not in ours:
                lines[order_id] = open_lines(item)
    if reading.told_total and not has_items:
        raise TransientError(
            f"TEMU says that {reading.told_total} orders changed, but its list came back empty {reading.passes} times; what they "
            "promise cannot be known, so no stock was calculated.",
            remedy="nothing; the next run asks again. If it stays, report it to TEMU's support.",
        )
    return NewOrders((*chain.from_iterable(lines.values()), *unnamed), reading.is_complete)


def open_lines(item: dict[str, object]) -> list[NewOrderLine]:
    """What one item of the order list still promises from the seller's shelf.

    An order that cannot be read as a whole counts with what its lines tell; the order side reports it.
    """
    try:
        order = parse_order(item)
    except RecordError:
        return list(_lines_of_unreadable(item))
    if order.status not in STILL_OPEN:
        return []
    return [new for line in order.lines if _is_open(line) for new in _pieces(order.order_id, line)]


def _is_open(line: OrderLineModel) -> bool:
    return line.fulfillment_type in BY_SELLER and line.status in LINE_STILL_HERE and line.quantity > 0


def _pieces(order_id: str, line: OrderLineModel) -> list[NewOrderLine]:
    if not line.products:
        return [NewOrderLine(order_id, line.sku_id, "", line.quantity)]
    return [NewOrderLine(order_id, line.sku_id, product.sku, line.quantity * product.sold_factor) for product in line.products]


def _lines_of_unreadable(item: dict[str, object]) -> Iterator[NewOrderLine]:
    """Only what is plainly not open is left out: a piece too many subtracted is an offer less, one too few is sold twice."""
    parent, rows = item.get("parentOrderMap"), item.get("orderList")
    status = parent.get("parentOrderStatus") if isinstance(parent, dict) else None
    if not isinstance(rows, list) or (type(status) is int and status not in STILL_OPEN):
        return
    for row in rows:
        sku_id, quantity = known_id(row, "skuId"), row.get("quantity") if isinstance(row, dict) else None
        if sku_id is None or type(quantity) is not int or quantity <= 0:
            continue
        state, by = row.get("orderStatus"), row.get("fulfillmentType")
        if (type(state) is int and state not in LINE_STILL_HERE) or (isinstance(by, str) and by not in BY_SELLER):
            continue
        yield NewOrderLine(_order_id(item) or "", sku_id, "", quantity)


def _order_id(item: dict[str, object]) -> str | None:
    return known_id(item, "parentOrderMap", "parentOrderSn")
