"""When a buyer's data are no longer needed, and which of TEMU's answers are about an order. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from temu_assets.snapshots import Record
from temu_assets.temu.order_status import OVER, STILL_OPEN


class Needed(StrEnum):
    """Why an order's buyer cannot be erased yet, even though they ask for it."""

    UNDER_WAY = "under_way"
    TO_BE_EXPORTED = "to_be_exported"
    WAITS_AS_FILE = "waits_as_file"


@dataclass(frozen=True, slots=True)
class OrderFacts:
    """How far an order is. ``updated_at``: TEMU's last change; ``last_report_at``: when TEMU was told its last parcel (both UTC)."""

    order_id: str
    status: int
    updated_at: datetime
    is_exported: bool
    is_confirmed: bool
    """JTL has shown the order."""
    is_under_way: bool
    """A run died while the order was handed to JTL, and no run has looked since."""
    unreported_parcels: int
    last_report_at: datetime | None


def needed_for(order: OrderFacts, *, waits_as_file: bool = False) -> Needed | None:
    """What a buyer who asks to be erased is still needed for here; None: nothing.

    Once JTL was given the order, JTL ships it from its own data, and TEMU is told of parcels without any of the buyer's. ``waits_as_file``:
    what JTL was given still lies in the folder for import by hand.
    """
    if order.is_under_way:
        return Needed.UNDER_WAY
    if order.status not in STILL_OPEN:
        return None
    if not order.is_exported:
        return Needed.TO_BE_EXPORTED
    return Needed.WAITS_AS_FILE if waits_as_file and not order.is_confirmed else None


def is_finished(order: OrderFacts) -> bool:
    """Whether nothing is left to do for the order: delivered or cancelled, or shipped and reported.

    One that JTL was given and has not shown keeps its buyer, because somebody has to look, until TEMU counts it as over: then
    nothing of it is left to ship.
    """
    if order.is_under_way or order.status in STILL_OPEN:
        return False
    if order.status in OVER:
        return True
    return (order.is_confirmed or not order.is_exported) and not order.unreported_parcels


def is_due(order: OrderFacts, *, keep: timedelta, now: datetime) -> bool:
    """Whether the order was finished ``keep`` ago."""
    if not is_finished(order):
        return False
    finished_at = max(order.updated_at, order.last_report_at or order.updated_at)
    return finished_at + keep <= now


def mentions(text: str, order_id: str) -> bool:
    """Whether a text names the order; a number that only begins or ends like it is another one."""
    return re.search(rf"(?<![\w-]){re.escape(order_id)}(?![\w-])", text) is not None


def is_about(record: Record, order_id: str) -> bool:
    """Whether one of TEMU's answers belongs to the order or names it."""
    return record.key == order_id or any(mentions(text, order_id) for text in _texts(record.data))


def without(records: Iterable[Record], order_id: str) -> Iterator[Record]:
    """The answers that are not about the order, unchanged and in the same sequence."""
    return (record for record in records if not is_about(record, order_id))


def _texts(data: object) -> Iterator[str]:
    if isinstance(data, dict):
        for name, value in data.items():
            yield str(name)
            yield from _texts(value)
    elif isinstance(data, list):
        for value in data:
            yield from _texts(value)
    else:
        yield str(data)
