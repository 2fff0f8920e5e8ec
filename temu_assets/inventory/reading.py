"""Reading TEMU's two SKU lists so that none of them hides a SKU the other one gave away, and what that becomes in a raw snapshot.

Fact sheet temu-api, sections 5.1 and 5.2: search type 2 lists what is for sale, 3 what is not; a wrong page name silently answers page 1
for ever. How one list is read although it moves is in ``temu/listing.py``; here are the two together.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from typing import Protocol

from temu_assets.errors import InternalError
from temu_assets.snapshots import Record
from temu_assets.temu import goods, listing
from temu_assets.temu.fields import known_id
from temu_assets.temu.paging import RawPage

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
class Listing:
    """Both lists. Only if ``is_complete`` does a SKU that is not in it no longer exist."""

    items: tuple[ListedItem, ...]
    is_complete: bool
    passes: int


def read_listing(temu: ListsSkus, now: Callable[[], datetime]) -> Listing:
    """Read both lists, again when a SKU may have moved between them; one that never holds still is returned as not complete.

    Whatever the call itself raises passes through.
    """
    seen: dict[str, ListedItem] = {}
    passes = 0
    for _ in range(MOST_ROUNDS):
        active, of_active = _read(temu, SkuList.ACTIVE, now)
        inactive, of_inactive = _read(temu, SkuList.INACTIVE, now)
        passes += max(active.passes, inactive.passes)
        found = of_active | of_inactive
        seen |= found
        if not (active.is_complete and inactive.is_complete):
            break
        if _has_not_grown(temu, active):
            return Listing(tuple(found.values()), is_complete=True, passes=passes)
    return Listing(tuple(seen.values()), is_complete=False, passes=passes)


def _has_not_grown(temu: ListsSkus, active: listing.Listing) -> bool:
    """A SKU put on sale while the second list was read would be in neither."""
    return temu.sku_page(search_type=SkuList.ACTIVE, page=1, page_size=1).total == active.told_total


def _read(temu: ListsSkus, sku_list: SkuList, now: Callable[[], datetime]) -> tuple[listing.Listing, dict[str, ListedItem]]:
    # Rather too old than too new: what was read back from TEMU since then counts more.
    began = now()
    one = listing.read_listing(lambda page: temu.sku_page(search_type=sku_list, page=page), lambda item: known_id(item, "skuId"))
    unnamed = {f"{sku_list.name.lower()} list, row without id {number}": item for number, item in enumerate(one.unnamed, start=1)}
    return one, {key: ListedItem(key, sku_list, began, item) for key, item in (one.items | unnamed).items()}
