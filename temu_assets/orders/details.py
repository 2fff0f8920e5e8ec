"""When TEMU has to be asked for an order's address and prices: once it becomes shippable, and again only if TEMU says they changed.

Also which window of update times the next listing covers. Pure; source: fact sheet temu-api, sections 3.2, 3.4 and 8.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from temu_assets.temu.listing import OVERLAP

LONGEST_WAIT = timedelta(days=1)
"""So long TEMU is left alone with an order it did not answer for; what lasts longer was written by a clock that was wrong."""


@dataclass(frozen=True, slots=True)
class Known:
    """What we know of an order before a listing."""

    updated_at: datetime
    status: int
    address_changed: bool
    address_change_requested: bool
    has_address: bool
    has_amounts: bool
    is_exported: bool
    retry_at: datetime | None
    quantities: Mapping[str, int]
    is_erased: bool = False
    """The buyer's data were erased on purpose: whatever a listing says, TEMU is asked for nothing of this order any more."""


@dataclass(frozen=True, slots=True)
class Listed:
    """What a listing says of an order, as far as it matters here. ``quantities``: pieces still to ship by line.

    ``is_open``: it is still to be shipped; ``is_flagged``: a request, an alert or the payment stands in the way of that.
    """

    updated_at: datetime
    is_open: bool
    is_flagged: bool
    address_changed: bool
    address_change_requested: bool
    quantities: Mapping[str, int]

    @property
    def is_shippable(self) -> bool:
        """Whether it can be shipped now."""
        return self.is_open and not self.is_flagged


@dataclass(frozen=True, slots=True)
class Outdated:
    """Which of the details we have no longer hold."""

    address: bool
    amounts: bool


def outdated(known: Known | None, listed: Listed) -> Outdated:
    """What of our knowledge the listing invalidates: a changed address, or prices told for other quantities.

    TEMU's sign of a changed address stays for good, so with it every change of the order may be another one of the address. Only while
    the order is open: later TEMU tells the address no more. Flagged ones count: once the flag is gone, nothing may tell of the change
    any more, for TEMU counts in seconds.
    """
    if known is None:
        return Outdated(address=False, amounts=False)
    is_decided = known.address_change_requested and not listed.address_change_requested
    is_announced = listed.address_changed and (not known.address_changed or listed.updated_at > known.updated_at)
    return Outdated(address=listed.is_open and (is_decided or is_announced), amounts=dict(known.quantities) != dict(listed.quantities))


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to ask TEMU for."""

    address: bool
    amounts: bool

    def __bool__(self) -> bool:
        return self.address or self.amounts


def wanted(known: Known | None, listed: Listed, *, now: datetime) -> Wanted:
    """What to ask TEMU for, for one listed order. An order that is not shippable costs no call, neither does an unchanged one."""
    if not listed.is_shippable or (known is not None and known.is_erased):
        return Wanted(address=False, amounts=False)
    if known is None:
        return Wanted(address=True, amounts=True)
    lost = outdated(known, listed)
    address = lost.address or not known.has_address
    amounts = not known.is_exported and (lost.amounts or not known.has_amounts)
    is_over = known.retry_at is None or not now < known.retry_at <= now + LONGEST_WAIT
    is_due = is_over or lost.address or lost.amounts or listed.updated_at > known.updated_at
    return Wanted(address=address and is_due, amounts=amounts and is_due)


def window_start(complete_until: datetime | None, *, now: datetime, days_back: int, backfill: bool) -> datetime:
    """From when on orders are listed: shortly before what is complete already, at first (and in a backfill) ``days_back`` days ago.

    A mark in the future was left by a clock that was wrong: nobody knows when that was, so it counts as none.
    """
    back = now - timedelta(days=days_back)
    if complete_until is None or complete_until > now:
        return back
    since = complete_until - OVERLAP
    return min(since, back) if backfill else since
