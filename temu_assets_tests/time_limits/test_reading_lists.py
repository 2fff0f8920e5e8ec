"""SKU lists that take longer than a run may: every run reads on, and in the end all were seen."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from temu_assets.inventory.reading import Page, SkuList, read_listing
from temu_assets.time_limit import TimeLimit
from temu_assets_tests.inventory.samples import NOW, raw_sku
from temu_assets_tests.inventory.test_reading import Lists, ids


class SlowLists(Lists):
    """Each page takes a second."""

    @property
    def now(self) -> datetime:
        return NOW + timedelta(seconds=self.calls)

    def time(self, seconds: int) -> TimeLimit:
        return TimeLimit(self.now + timedelta(seconds=seconds), lambda: self.now)


@given(st.integers(0, 60), st.integers(0, 40), st.integers(0, 12), st.integers(1, 20))
def test_every_sku_is_read_in_the_end_and_no_run_takes_longer_than_it_may(active: int, inactive: int, seconds: int, most_rows: int) -> None:
    temu = SlowLists(active, inactive, most_rows=most_rows)
    wanted = {str(row["skuId"]) for rows in temu.lists.values() for row in rows}
    seen: set[str] = set()
    place: Page | None = None
    for _ in range(active + inactive + 3):
        before = temu.calls
        listing = read_listing(temu, lambda: temu.now, temu.time(seconds), place)
        assert 1 <= temu.calls - before <= max(1, seconds)
        assert not (listing.is_complete and place)
        seen |= ids(listing.items)
        assert not listing.is_complete or ids(listing.items) == wanted
        place = listing.goes_on_at and Page.parse(str(listing.goes_on_at))
        if place is None:
            break
    assert place is None
    assert seen == wanted


def test_a_temu_that_answers_the_same_page_for_ever_holds_nobody_up() -> None:
    class Stuck(SlowLists):
        def sku_page(self, *, search_type: int, page: int, page_size: int = 100) -> object:  # type: ignore[override]  # RawPage of the base
            return super().sku_page(search_type=search_type, page=1, page_size=page_size)

    temu = Stuck(active=5, inactive=0)
    listing = read_listing(temu, lambda: temu.now, temu.time(1000), Page(SkuList.ACTIVE, 7))  # type: ignore[arg-type]  # as above
    assert len(listing.items) == 5
    assert not listing.is_complete


def test_a_list_that_moves_while_it_is_read_over_several_runs_is_never_called_complete() -> None:
    temu = SlowLists(active=30, most_rows=10)
    grow: Callable[[int], None] = lambda call: temu.lists[SkuList.ACTIVE].insert(0, raw_sku(5000 + call))  # noqa: E731 — two of its kind
    first = read_listing(temu, lambda: temu.now, temu.time(2))
    temu.before = grow
    second = read_listing(temu, lambda: temu.now, temu.time(100), first.goes_on_at)
    assert not first.is_complete
    assert not second.is_complete
    assert second.goes_on_at is None


def test_a_list_that_never_holds_still_does_not_keep_the_other_one_from_being_read() -> None:
    temu = SlowLists(active=30, inactive=20, most_rows=10)
    temu.before = lambda call: temu.lists[SkuList.ACTIVE].insert(0, raw_sku(5000 + call))
    inactive = {str(row["skuId"]) for row in temu.lists[SkuList.INACTIVE]}
    # Time for the first list, and for a second look at it because it moved.
    first = read_listing(temu, lambda: temu.now, temu.time(5))
    assert first.goes_on_at == Page(SkuList.INACTIVE, 1)
    second = read_listing(temu, lambda: temu.now, temu.time(5), first.goes_on_at)
    assert inactive <= ids(second.items)
