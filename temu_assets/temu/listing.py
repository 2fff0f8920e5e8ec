"""Reading a list of TEMU so that nothing is skipped, although it moves while it is read (fact sheet temu-api, section 8, rows 1 to 3).

The list is newest first inside a closed window of update times. An order that changes in between leaves the window, everything
behind it moves up by one, and the next page skips a row. So a pass counts only if the total stayed the same and as many different
orders were seen as TEMU says there are; otherwise the list is read again, and what the passes saw is put together.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from temu_assets.temu.paging import RawPage

PAGE_SIZE = 100
MAX_PASSES = 5
OVERLAP = timedelta(hours=1)
"""How far a listing by update time reaches back behind the last complete one: TEMU's list may show a change late."""

LONGEST_WINDOW = timedelta(days=7)
"""How long a window TEMU allows is not documented; a longer stretch is listed in several."""

ReadPage = Callable[[int], RawPage]
"""Reads one page by its number, counted from 1."""


@dataclass(frozen=True, slots=True)
class Listing:
    """What was seen: one raw item per order (the newest sight of it), and whether it is certain that none is missing."""

    items: dict[str, dict[str, object]]
    unnamed: tuple[dict[str, object], ...]
    """Items without an order number: they cannot be told apart, so they are kept as they came."""
    is_complete: bool
    passes: int
    pages: int
    told_total: int


def read_listing(read_page: ReadPage, key_of: Callable[[dict[str, object]], str | None]) -> Listing:
    """Read all pages, again if need be. ``key_of`` names an item, or answers None where it has no name.

    Errors of the call pass through: a page that could not be read is never an empty page.
    """
    items: dict[str, dict[str, object]] = {}
    unnamed: list[dict[str, object]] = []
    pages = passes = 0
    while passes < MAX_PASSES:
        passes += 1
        one = _read_pass(read_page, key_of)
        pages += one.pages
        items |= one.items
        unnamed = one.unnamed
        if one.is_stable:
            break
    return Listing(items, tuple(unnamed), one.is_stable, passes, pages, one.total)


def in_windows(start: datetime, end: datetime, longest: timedelta = LONGEST_WINDOW) -> list[tuple[datetime, datetime]]:
    """Split a long stretch into closed windows, oldest first."""
    windows = []
    while start < end:
        stop = start + longest
        if end - stop < timedelta(seconds=1):
            # TEMU counts whole seconds and refuses a window of none.
            stop = end
        windows.append((start, stop))
        start = stop
    return windows


@dataclass(slots=True)
class _Pass:
    items: dict[str, dict[str, object]]
    unnamed: list[dict[str, object]]
    pages: int
    total: int
    is_stable: bool

    @property
    def seen(self) -> int:
        """How many different rows."""
        return len(self.items) + len(self.unnamed)


def _read_pass(read_page: ReadPage, key_of: Callable[[dict[str, object]], str | None]) -> _Pass:
    one = _Pass({}, [], 0, 0, is_stable=True)
    while True:
        page = read_page(one.pages + 1)
        one.pages += 1
        if one.pages > 1 and page.total != one.total:
            one.is_stable = False
        one.total = max(one.total, page.total)
        fresh = _take(one, page, key_of)
        # TEMU may give fewer rows a page than asked for, so rows are counted, not pages. A full page at the end can hide that TEMU
        # counts too few: one more page tells. Without anything new, the list is at its end, repeats a page or leaves one out.
        is_last = one.seen >= one.total and len(page.items) < PAGE_SIZE
        if is_last or not fresh or one.seen >= one.total + PAGE_SIZE:
            one.is_stable = one.is_stable and one.seen == one.total
            return one


def _take(one: _Pass, page: RawPage, key_of: Callable[[dict[str, object]], str | None]) -> bool:
    before = one.seen
    for item in page.items:
        key = key_of(item)
        if key is None:
            one.unnamed.append(item)
        else:
            one.items.setdefault(key, item)
    return one.seen > before
