"""What the comparison asks TEMU: orders, packages, stock. Only reading calls; whatever they raise for an outage passes through."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from temu_assets.errors import RecordError, TransientError
from temu_assets.sql.chunks import in_chunks
from temu_assets.temu.client import TemuClient
from temu_assets.temu.fields import known_id
from temu_assets.temu.listing import Listing, in_windows, read_listing
from temu_assets.temu.logistics import ConfirmedPackage
from temu_assets.temu.order_models import OrderModel, parse_order

_ORDERS_BY_NUMBER = 20
_SKUS_PER_READ = 100
_TELLS_NOTHING = 5
"""So many orders, and TEMU tells the packages of none: that says something about TEMU, not about them."""

_Asked = TypeVar("_Asked")
_Answered = TypeVar("_Answered")


@dataclass(frozen=True, slots=True)
class TemuOrders:
    """Orders TEMU lists, by number. ``unreadable``: they are there, and what they say does not fit. ``is_complete``: none is missing."""

    readable: Mapping[str, OrderModel]
    unreadable: frozenset[str]
    is_complete: bool

    def __contains__(self, order_id: str) -> bool:
        return order_id in self.readable or order_id in self.unreadable

    def __or__(self, other: TemuOrders) -> TemuOrders:
        both = {**self.readable, **other.readable}
        return TemuOrders(both, (self.unreadable | other.unreadable) - both.keys(), self.is_complete and other.is_complete)


def changed_orders(temu: TemuClient, since: datetime, until: datetime) -> TemuOrders:
    """The orders changed in that time. Raises TransientError when TEMU counts orders and lists none."""
    listed = TemuOrders({}, frozenset(), is_complete=True)
    for window_from, window_to in in_windows(since, until):
        listing = _read_window(temu, window_from, window_to)
        if listing.told_total and not listing.items and not listing.unnamed:
            raise TransientError(
                f"TEMU says that {listing.told_total} orders changed, but its list came back empty {listing.passes} times; nothing was "
                "compared.",
                remedy="nothing; the next run asks again. If it stays, report it to TEMU's support.",
            )
        listed |= _sorted(listing.items.values(), is_complete=listing.is_complete)
    return listed


def named_orders(temu: TemuClient, order_ids: Iterable[str]) -> TemuOrders:
    """These orders, however old; one TEMU does not have is absent.

    Raises TransientError when the answer leaves open whether it has one: less came than it counts, or something else than was asked for.
    """
    found = TemuOrders({}, frozenset(), is_complete=True)
    for chunk in in_chunks(sorted(set(order_ids)), _ORDERS_BY_NUMBER):
        page = temu.orders.list_page(page=1, order_ids=chunk)
        named = [item for item in page.items if _order_id(item) in chunk]
        missing = set(chunk) - {_order_id(item) for item in named}
        if missing and (page.total > len(named) or len(page.items) > len(named)):
            raise TransientError(
                f"TEMU was asked for {len(chunk)} orders by number; {len(missing)} of them are not in its answer, which is not about these "
                "orders alone or not whole. Nothing was compared.",
                remedy="nothing; the next run asks again. If it stays, report it to TEMU's support.",
            )
        found |= _sorted(named, is_complete=True)
    return found


def packages(temu: TemuClient, lines: Mapping[str, Sequence[str]], *, threads: int) -> dict[str, list[ConfirmedPackage]]:
    """The packages TEMU shows for these orders, asked line by line. An order TEMU refuses to talk about, or of which its
    answer cannot be read, is absent, not without packages.

    Raises TransientError when that is all of many.
    """

    def ask(asked: tuple[str, str]) -> Sequence[ConfirmedPackage] | None:
        try:
            return temu.logistics.shipment(*asked)
        except RecordError:
            return None

    questions = [(order_id, line_id) for order_id, line_ids in lines.items() for line_id in line_ids]
    found: dict[str, list[ConfirmedPackage]] = {order_id: [] for order_id, line_ids in lines.items() if line_ids}
    untold: set[str] = set()
    for (order_id, _), answer in zip(questions, _at_once(ask, questions, threads), strict=True):
        if answer is None:
            untold.add(order_id)
        else:
            found[order_id] += answer
    if len(untold) == len(found) >= _TELLS_NOTHING:
        raise TransientError(
            f"TEMU was asked for the packages of {len(found)} orders and told those of none; nothing was compared.",
            remedy="nothing; the next run asks again. If it stays, look into temu-assets problems, and report it to TEMU's support.",
        )
    return {order_id: answers for order_id, answers in found.items() if order_id not in untold}


def stock(temu: TemuClient, sku_ids: Sequence[str], *, threads: int) -> dict[str, int]:
    """What TEMU shows for these SKUs; one it does not answer is absent. Raises TransientError when it answers for none."""
    shown: dict[str, int] = {}
    for answer in _at_once(temu.goods.stock, in_chunks(sku_ids, _SKUS_PER_READ), threads):
        shown |= answer
    if sku_ids and not shown:
        raise TransientError(
            f"TEMU was asked for the stock of {len(sku_ids)} SKUs and told none; nothing was compared.",
            remedy="nothing; the next run asks again. If it stays, report it to TEMU's support.",
        )
    return {sku_id: shown[sku_id] for sku_id in sku_ids if sku_id in shown}


def _read_window(temu: TemuClient, window_from: datetime, window_to: datetime) -> Listing:
    return read_listing(lambda page: temu.orders.list_page(page=page, updated_from=window_from, updated_to=window_to), _order_id)


def _at_once(ask: Callable[[_Asked], _Answered], questions: Sequence[_Asked], threads: int) -> list[_Answered]:
    with ThreadPoolExecutor(max_workers=threads, thread_name_prefix="reconciliation") as pool:
        return list(pool.map(ask, questions))


def _sorted(items: Iterable[dict[str, object]], *, is_complete: bool) -> TemuOrders:
    readable, unreadable = {}, set()
    for item in items:
        try:
            order = parse_order(item)
        except RecordError:
            order_id = _order_id(item)
            if order_id is not None:
                unreadable.add(order_id)
        else:
            readable[order.order_id] = order
    return TemuOrders(readable, frozenset(unreadable), is_complete)


def _order_id(item: dict[str, object]) -> str | None:
    return known_id(item, "parentOrderMap", "parentOrderSn")
