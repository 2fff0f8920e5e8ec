"""Reading TEMU's SKU lists so that nothing is skipped while pages shift, and what that becomes in a raw snapshot.

Fact sheet temu-api, sections 5.1 and 5.2: search type 2 lists what is for sale, 3 what is not; a wrong page name silently answers page 1
for ever.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from typing import Protocol

from temu_assets.errors import InternalError, TransientError
from temu_assets.snapshots import Record
from temu_assets.temu import goods
from temu_assets.temu.paging import RawPage

PAGE_SIZE = 100
MOST_PAGES = 5_000
MOST_PASSES = 3
MOST_STALE_PAGES = 3


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
    """One row of a list as TEMU sent it. ``key`` is the SKU id, or the place in the list where TEMU gave none."""

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
class Listing:
    """Both lists. Only if ``is_complete`` does a SKU that is not in it no longer exist."""

    items: tuple[ListedItem, ...]
    is_complete: bool
    passes: int


@dataclass(frozen=True, slots=True)
class _Walk:
    items: dict[str, ListedItem]
    total: int
    is_whole: bool


def read_listing(temu: ListsSkus, now: Callable[[], datetime]) -> Listing:
    """Read both lists, up to three times when they move meanwhile; then what was seen is returned as not complete.

    Raises TransientError when TEMU repeats one page again and again, and whatever the call itself raises.
    """
    seen: dict[str, ListedItem] = {}
    for number in range(1, MOST_PASSES + 1):
        active = _walk(temu, SkuList.ACTIVE, now)
        inactive = _walk(temu, SkuList.INACTIVE, now)
        found = active.items | inactive.items
        if active.is_whole and inactive.is_whole and _has_not_grown(temu, active):
            return Listing(tuple(found.values()), is_complete=True, passes=number)
        seen |= found
    return Listing(tuple(seen.values()), is_complete=False, passes=MOST_PASSES)


def _has_not_grown(temu: ListsSkus, active: _Walk) -> bool:
    """A SKU put on sale while the second list was read would be in neither."""
    return temu.sku_page(search_type=SkuList.ACTIVE, page=1, page_size=1).total == active.total


def _walk(temu: ListsSkus, sku_list: SkuList, now: Callable[[], datetime]) -> _Walk:
    found: dict[str, ListedItem] = {}
    totals: set[int] = set()
    stale_pages = 0
    for page in range(1, MOST_PAGES + 1):
        asked_at = now()
        answer = temu.sku_page(search_type=sku_list, page=page, page_size=PAGE_SIZE)
        totals.add(answer.total)
        rows = {
            key: ListedItem(key, sku_list, asked_at, item)
            for row, item in enumerate(answer.items, start=1)
            for key in [_key(item, sku_list, page, row)]
        }
        stale_pages = 0 if rows.keys() - found.keys() else stale_pages + 1
        found |= rows
        if len(answer.items) < PAGE_SIZE or page * PAGE_SIZE >= answer.total:
            return _Walk(found, answer.total, is_whole=totals == {len(found)})
        if stale_pages == MOST_STALE_PAGES:
            raise TransientError(
                f"TEMU's SKU list {sku_list.name.lower()} repeats itself: pages {page - stale_pages + 1} to {page} brought nothing new.",
                remedy="nothing; nothing was changed, the next run reads the list again. If it stays, report it.",
            )
    raise TransientError(
        f"TEMU's SKU list {sku_list.name.lower()} did not end after {MOST_PAGES} pages.",
        remedy="nothing; nothing was changed, the next run reads the list again. If it stays, report it.",
    )


def _key(item: dict[str, object], sku_list: SkuList, page: int, row: int) -> str:
    sku_id = item.get("skuId")
    return str(sku_id) if isinstance(sku_id, int | str) and sku_id else f"{sku_list.name.lower()} list, page {page}, row {row}"
