"""Reading TEMU's SKU lists while they move."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from temu_assets.errors import InternalError
from temu_assets.inventory.reading import ListedItem, SkuList, read_listing
from temu_assets.snapshots import Record
from temu_assets.temu.paging import RawPage
from temu_assets_tests.inventory.samples import NOW, raw_sku


class Lists:
    """TEMU's two lists. ``before`` runs before each call with its number and may move SKUs about; ``most_rows`` is what a page holds."""

    def __init__(self, active: int, inactive: int = 0, *, most_rows: int = 100) -> None:
        self.most_rows = most_rows
        self.lists = {
            SkuList.ACTIVE: [raw_sku(1000 + number) for number in range(active)],
            SkuList.INACTIVE: [raw_sku(900_000 + number) for number in range(inactive)],
        }
        self.calls = 0
        self.before: Callable[[int], None] = lambda _: None

    def sku_page(self, *, search_type: int, page: int, page_size: int = 100) -> RawPage:
        self.calls += 1
        self.before(self.calls)
        rows = self.lists[SkuList(search_type)]
        size = min(page_size, self.most_rows)
        return RawPage(tuple(rows[(page - 1) * size : page * size]), len(rows))


def ids(items: tuple[ListedItem, ...]) -> set[str]:
    return {item.key for item in items}


@pytest.mark.parametrize(("active", "inactive", "calls"), [(0, 0, 3), (1, 0, 3), (99, 99, 3), (101, 5, 4), (350, 250, 8)])
@pytest.mark.parametrize("threads", [1, 8])
def test_both_lists_are_read_to_their_end(active: int, inactive: int, calls: int, threads: int) -> None:
    """Fault 1, for SKUs."""
    temu = Lists(active, inactive)
    listing = read_listing(temu, lambda: NOW, threads=threads)
    assert listing.is_complete
    assert len(listing.items) == active + inactive
    assert temu.calls == calls
    assert sum(item.sku_list is SkuList.INACTIVE for item in listing.items) == inactive


@pytest.mark.parametrize("threads", [1, 8])
@pytest.mark.parametrize("most_rows", [1, 7, 37, 99, 100])
def test_a_temu_that_gives_fewer_rows_a_page_than_asked_for_hides_no_sku(most_rows: int, threads: int) -> None:
    """Fault 1, for SKUs."""
    listing = read_listing(Lists(128, 41, most_rows=most_rows), lambda: NOW, threads=threads)
    assert listing.is_complete
    assert len(ids(listing.items)) == 128 + 41


def test_a_sku_that_arrives_while_pages_are_read_makes_a_second_pass() -> None:
    temu = Lists(250)

    def arrive(call: int) -> None:
        if call == 2:
            temu.lists[SkuList.ACTIVE].insert(0, raw_sku(5))

    temu.before = arrive
    listing = read_listing(temu, lambda: NOW)
    assert (listing.is_complete, listing.passes, len(listing.items)) == (True, 2, 251)


def test_a_sku_that_leaves_while_pages_are_read_hides_no_other() -> None:
    temu = Lists(250)

    def leave(call: int) -> None:
        if call == 2:
            del temu.lists[SkuList.ACTIVE][0]

    temu.before = leave
    listing = read_listing(temu, lambda: NOW)
    # The one that left was still seen; the next reading misses it.
    assert (listing.is_complete, listing.passes, len(listing.items)) == (True, 2, 250)


def test_a_sku_put_on_sale_between_the_two_lists_is_not_lost() -> None:
    temu = Lists(3, 3)

    def move(call: int) -> None:
        if call == 2:
            temu.lists[SkuList.ACTIVE].append(temu.lists[SkuList.INACTIVE].pop())

    temu.before = move
    listing = read_listing(temu, lambda: NOW)
    assert (listing.is_complete, listing.passes, len(listing.items)) == (True, 2, 6)


def test_a_list_that_never_holds_still_is_not_called_complete_but_nothing_seen_is_dropped() -> None:
    temu = Lists(150)
    first = str(temu.lists[SkuList.ACTIVE][0]["skuId"])

    def swap(call: int) -> None:
        del temu.lists[SkuList.ACTIVE][0]
        temu.lists[SkuList.ACTIVE] += [raw_sku(7000 + call), raw_sku(8000 + call)]

    temu.before = lambda call: swap(call) if call > 1 else None
    listing = read_listing(temu, lambda: NOW)
    assert not listing.is_complete
    assert first in ids(listing.items)


def test_an_empty_page_in_the_middle_is_not_the_end() -> None:
    """Fault 9."""
    temu = Lists(250)
    whole = temu.lists[SkuList.ACTIVE]

    class Hiccup(Lists):
        def sku_page(self, *, search_type: int, page: int, page_size: int = 100) -> RawPage:
            answer = super().sku_page(search_type=search_type, page=page, page_size=page_size)
            return RawPage((), answer.total) if self.calls == 2 else answer

    hiccup = Hiccup(0)
    hiccup.lists[SkuList.ACTIVE] = whole
    listing = read_listing(hiccup, lambda: NOW)
    assert (listing.is_complete, listing.passes, len(listing.items)) == (True, 2, 250)


def test_a_page_that_repeats_for_ever_is_no_complete_list_and_no_endless_loop() -> None:
    class Stuck(Lists):
        def sku_page(self, *, search_type: int, page: int, page_size: int = 100) -> RawPage:
            return super().sku_page(search_type=search_type, page=1, page_size=page_size)

    temu = Stuck(5000)
    listing = read_listing(temu, lambda: NOW)
    assert not listing.is_complete
    assert temu.calls < 20


def test_lists_between_which_skus_move_for_ever_are_given_up_as_not_complete() -> None:
    temu = Lists(3, 3)
    temu.before = lambda call: temu.lists[SkuList.ACTIVE].append(raw_sku(5000 + call)) if call % 3 == 0 else None
    listing = read_listing(temu, lambda: NOW)
    assert not listing.is_complete
    assert len(listing.items) == 3 + 3 + 2
    assert temu.calls == 9


def test_a_row_without_a_readable_id_is_kept_for_a_person_to_see() -> None:
    temu = Lists(2)
    temu.lists[SkuList.ACTIVE].append({"unreadable": "?"})
    listing = read_listing(temu, lambda: NOW)
    assert listing.is_complete
    assert "active list, row without id 1" in ids(listing.items)


@given(st.integers(0, 220), st.integers(0, 120), st.lists(st.tuples(st.integers(1, 8), st.integers(0, 219)), max_size=3))
def test_a_complete_listing_misses_no_sku_that_was_there_all_the_time(active: int, inactive: int, leaving: list[tuple[int, int]]) -> None:
    temu = Lists(active, inactive)
    everything = {str(row["skuId"]) for rows in temu.lists.values() for row in rows}

    def leave(call: int) -> None:
        for when, place in leaving:
            if when == call and place < len(temu.lists[SkuList.ACTIVE]):
                del temu.lists[SkuList.ACTIVE][place]

    temu.before = leave
    listing = read_listing(temu, lambda: NOW)
    stayed = {str(row["skuId"]) for rows in temu.lists.values() for row in rows}
    if listing.is_complete:
        assert stayed <= ids(listing.items) <= everything


def test_a_snapshot_gives_back_what_was_read() -> None:
    item = ListedItem("1", SkuList.INACTIVE, NOW, raw_sku(1))
    assert ListedItem.from_record(item.to_record()) == item


@pytest.mark.parametrize("data", [None, [], {"list": 2}, {"list": "2", "item": {}}, {"list": 2, "item": []}])
def test_a_record_that_is_no_sku_is_refused(data: object) -> None:
    with pytest.raises(InternalError, match="not a SKU"):
        ListedItem.from_record(Record("sku", "1", NOW, data))
