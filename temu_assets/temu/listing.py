"""Reading a list of TEMU so that nothing is skipped, although it moves while it is read (fact sheet temu-api, section 8, rows 1 to 3).

The list is newest first inside a closed window of update times. An order that changes in between leaves the window, everything
behind it moves up by one, and the next page skips a row. So a pass counts only if the total stayed the same and as many different
orders were seen as TEMU says there are; otherwise the list is read again, and what the passes saw is put together.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
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

Item = tuple[str | None, dict[str, object]]
"""A raw item with its name; None where it has none."""


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
    reading = Reading(read_page, key_of)
    items: dict[str, dict[str, object]] = {}
    unnamed: list[dict[str, object]] = []
    before = 0
    for page in reading.pages():
        if reading.passes != before:
            # Another pass tells of the same unnamed ones.
            before, unnamed = reading.passes, []
        for key, item in page:
            if key is None:
                unnamed.append(item)
            else:
                items[key] = item
    return Listing(items, tuple(unnamed), reading.is_complete, reading.passes, reading.pages_read, reading.told_total)


@dataclass(slots=True)
class Reading:
    """A list that is taken page by page, so that it need not fit into memory. After ``pages()`` the rest tells how it went.

    ``threads`` pages at once: in which order pages are read changes nothing about what makes a pass count.
    """

    read_page: ReadPage
    key_of: Callable[[dict[str, object]], str | None]
    threads: int = 1
    is_complete: bool = False
    """Whether it is certain that nothing is missing from what the passes saw together."""
    passes: int = 0
    pages_read: int = 0
    told_total: int = 0

    def pages(self) -> Iterator[list[Item]]:
        """What each page of each pass shows that the pass had not seen. Errors of the call pass through."""
        while self.passes < MAX_PASSES and not self.is_complete:
            self.passes += 1
            yield from self._one_pass()

    def _one_pass(self) -> Iterator[list[Item]]:
        one = _Pass()
        with closing(self._pages_in_order()) as pages:
            for page in pages:
                self.pages_read += 1
                fresh = one.take(page, self.key_of)
                yield fresh
                # TEMU may give fewer rows a page than asked for, so rows are counted, not pages. A full page at the end can hide that
                # TEMU counts too few; one more page tells. Without anything new, the list is at its end, repeats a page or leaves one out.
                is_last = one.seen >= one.total and len(page.items) < PAGE_SIZE
                if is_last or not fresh or one.seen >= one.total + PAGE_SIZE:
                    break
        self.told_total = one.total
        self.is_complete = one.is_stable and one.seen == one.total

    def _pages_in_order(self) -> Generator[RawPage]:
        """All pages by number, as long as somebody asks: of those there are by the first one's word up to ``threads`` are read at once."""
        with ThreadPoolExecutor(max_workers=self.threads, thread_name_prefix="temu-list") as pool:
            under_way: deque[Future[RawPage]] = deque()
            number, last = 1, 0
            try:
                while True:
                    while not under_way or (number <= last and len(under_way) < self.threads):
                        under_way.append(pool.submit(self.read_page, number))
                        number += 1
                    page = under_way.popleft().result()
                    last = last or -(-page.total // PAGE_SIZE)
                    yield page
            finally:
                for each in under_way:
                    each.cancel()


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
    names: set[str] = field(default_factory=set)
    unnamed: int = 0
    total: int = 0
    is_stable: bool = True
    _is_first: bool = True

    @property
    def seen(self) -> int:
        """How many different rows."""
        return len(self.names) + self.unnamed

    def take(self, page: RawPage, key_of: Callable[[dict[str, object]], str | None]) -> list[Item]:
        """Count a page; gives what is new on it."""
        if not self._is_first and page.total != self.total:
            self.is_stable = False
        self._is_first = False
        self.total = max(self.total, page.total)
        fresh: list[Item] = []
        for item in page.items:
            key = key_of(item)
            if key is None:
                self.unnamed += 1
            elif key in self.names:
                continue
            else:
                self.names.add(key)
            fresh.append((key, item))
        return fresh
