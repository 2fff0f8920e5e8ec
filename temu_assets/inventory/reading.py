"""Reading TEMU's two SKU lists so that none of them hides a SKU the other one gave away, and what that becomes in a raw snapshot.

Fact sheet temu-api, sections 5.1 and 5.2: search type 2 lists what is for sale, 3 what is not; a wrong page name silently answers page 1
for ever. How one list is read although it moves is in ``temu/listing.py``; here are the two together.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum
from typing import Protocol

from temu_assets.errors import InternalError
from temu_assets.snapshots import Record
from temu_assets.temu import goods, listing
from temu_assets.temu.fields import known_id
from temu_assets.temu.listing import PAGE_SIZE
from temu_assets.temu.paging import RawPage
from temu_assets.time_limit import UNLIMITED, TimeLimit

MOST_ROUNDS = 3


class SkuList(IntEnum):
    """TEMU's two lists that have rows."""

    ACTIVE = goods.ACTIVE
    INACTIVE = goods.INACTIVE


class ListsSkus(Protocol):
    """The one call this module needs of TEMU."""

    def sku_page(self, *, search_type: int, page: int, page_size: int = ...) -> RawPage:
        """One page of a list."""
        ...


@dataclass(frozen=True, slots=True)
class ListedItem:
    """One row of a list as TEMU sent it. ``key`` is the SKU id, or list and number of the row where TEMU gave none."""

    key: str
    sku_list: SkuList
    fetched_at: datetime
    item: dict[str, object]

    def to_record(self) -> Record:
        """As it is kept in a snapshot."""
        return Record("sku", self.key, self.fetched_at, {"list": int(self.sku_list), "item": self.item})

    @classmethod
    def from_record(cls, record: Record) -> ListedItem:
        """Back from a snapshot; raises InternalError for what ``to_record`` did not write."""
        match record:
            case Record(kind="sku", data={"list": int(number), "item": dict(item)}):
                return cls(record.key, SkuList(number), record.fetched_at, item)
        raise InternalError(
            f"A raw answer of kind '{record.kind}' is not a SKU.", remedy="report this; restore the snapshot from a backup."
        )


@dataclass(frozen=True, slots=True)
class Page:
    """A page of one of the lists, counted from 1; as text ``list:page``, to be remembered."""

    sku_list: SkuList
    number: int

    def __str__(self) -> str:
        return f"{int(self.sku_list)}:{self.number}"

    @classmethod
    def parse(cls, text: str) -> Page:
        """Back from what was remembered."""
        sku_list, number = text.split(":")
        return cls(SkuList(int(sku_list)), int(number))


@dataclass(frozen=True, slots=True)
class Listing:
    """Both lists. Only if ``is_complete`` does a SKU that is not in it no longer exist."""

    items: tuple[ListedItem, ...]
    is_complete: bool
    passes: int
    goes_on_at: Page | None = None
    """The first page this reading had no time for."""


def read_listing(
    temu: ListsSkus, now: Callable[[], datetime], limit: TimeLimit = UNLIMITED, start: Page | None = None, *, threads: int = 1
) -> Listing:
    """Read both lists, again when a SKU may have moved between them; one that never holds still is returned as not complete.

    So is what was read when the time is up, and what is read from ``start`` on, where the reading before had no time. ``threads`` pages of
    a list are read at once, and one list after the other. Whatever the call itself raises passes through.
    """
    if limit.until is None:
        return _read_whole(temu, now, threads)
    hurried = InTime(temu, now, limit)
    try:
        if start is not None:
            return _go_on(hurried, start)
        return _read_whole(hurried, now, threads)
    except OutOfTimeError as over:
        return Listing(tuple(hurried.seen.values()), is_complete=False, passes=1, goes_on_at=over.page)


def _go_on(hurried: InTime, start: Page) -> Listing:
    """The pages from ``start`` to the end of the last list, each once."""
    for sku_list in list(SkuList)[list(SkuList).index(start.sku_list) :]:
        page = start.number if sku_list is start.sku_list else 1
        known = -1
        # A page that brings nothing new is behind the end, or the page before it once more.
        while known < len(hurried.seen):
            known = len(hurried.seen)
            hurried.sku_page(search_type=sku_list, page=page)
            page += 1
    return Listing(tuple(hurried.seen.values()), is_complete=False, passes=1)


def _read_whole(temu: ListsSkus, now: Callable[[], datetime], threads: int) -> Listing:
    seen: dict[str, ListedItem] = {}
    passes = 0
    for _ in range(MOST_ROUNDS):
        active, of_active = _read(temu, SkuList.ACTIVE, now, threads)
        inactive, of_inactive = _read(temu, SkuList.INACTIVE, now, threads)
        passes += max(active.passes, inactive.passes)
        found = of_active | of_inactive
        seen |= found
        if not (active.is_complete and inactive.is_complete):
            break
        if _has_not_grown(temu, active):
            return Listing(tuple(found.values()), is_complete=True, passes=passes)
    return Listing(tuple(seen.values()), is_complete=False, passes=passes)


class OutOfTimeError(Exception):
    """The time is up before this page; None: all pages were seen once."""

    def __init__(self, page: Page | None) -> None:
        super().__init__()
        self.page = page


@dataclass(slots=True)
class InTime:
    """TEMU's lists, as far as there is time: one page in any case. ``seen`` is what came, by SKU id."""

    temu: ListsSkus
    now: Callable[[], datetime]
    limit: TimeLimit
    seen: dict[str, ListedItem] = field(default_factory=dict)
    _read: set[Page] = field(default_factory=set)

    def sku_page(self, *, search_type: int, page: int, page_size: int = PAGE_SIZE) -> RawPage:
        """One page of a list; raises OutOfTimeError instead once the time is up."""
        asked = Page(SkuList(search_type), page)
        if self._read and self.limit.is_over():
            raise OutOfTimeError(self._first_unread() if asked in self._read else asked)
        began = self.now()
        answer = self.temu.sku_page(search_type=search_type, page=page, page_size=page_size)
        self._read.add(asked)
        for number, item in enumerate(answer.items, start=1):
            key = known_id(item, "skuId") or f"{asked.sku_list.name.lower()} list, page {page}, row without id {number}"
            self.seen[key] = ListedItem(key, asked.sku_list, began, item)
        return answer

    def _first_unread(self) -> Page | None:
        """A list that never holds still is read again and again, and must not keep the other one from being read at all."""
        return next((first for sku_list in SkuList if (first := Page(sku_list, 1)) not in self._read), None)


def _has_not_grown(temu: ListsSkus, active: listing.Reading) -> bool:
    """A SKU put on sale while the second list was read would be in neither."""
    return temu.sku_page(search_type=SkuList.ACTIVE, page=1, page_size=1).total == active.told_total


def _read(temu: ListsSkus, sku_list: SkuList, now: Callable[[], datetime], threads: int) -> tuple[listing.Reading, dict[str, ListedItem]]:
    # Rather too old than too new: what was read back from TEMU since then counts more.
    began = now()
    reading = listing.Reading(
        lambda page: temu.sku_page(search_type=sku_list, page=page), lambda item: known_id(item, "skuId"), threads=threads
    )
    named: dict[str, ListedItem] = {}
    unnamed: dict[str, ListedItem] = {}
    before = 0
    for page in reading.pages():
        if reading.passes != before:
            # Another pass tells of the same unnamed ones.
            before, unnamed = reading.passes, {}
        for sku_id, item in page:
            if sku_id is None:
                key = f"{sku_list.name.lower()} list, row without id {len(unnamed) + 1}"
                unnamed[key] = ListedItem(key, sku_list, began, item)
            else:
                named[sku_id] = ListedItem(sku_id, sku_list, began, item)
    return reading, named | unnamed
