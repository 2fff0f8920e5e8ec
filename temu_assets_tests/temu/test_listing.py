"""Reading a list that moves while it is read: it counts as complete only when nothing can be missing (fault 1)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from temu_assets.errors import TransientError
from temu_assets.temu import listing
from temu_assets.temu.listing import MAX_PASSES, in_windows, read_listing
from temu_assets.temu.paging import RawPage

SIZE = 3  # of a page in these tests


@pytest.fixture(autouse=True, scope="module")
def small_pages() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(listing, "PAGE_SIZE", SIZE)
        yield


def item(name: str) -> dict[str, object]:
    return {"name": name}


def name_of(raw: dict[str, object]) -> str | None:
    name = raw["name"]
    return name if isinstance(name, str) else None


class MovingList:
    """TEMU's list, newest first, to which something happens before each page is read; every reading is one step."""

    def __init__(self, rows: int, script: list[tuple[str, int]]) -> None:
        self.rows = [f"order-{number}" for number in range(rows)]
        self.script = script
        self.pages = 0

    def __call__(self, page: int) -> RawPage:
        what, where = self.script[self.pages] if self.pages < len(self.script) else ("nothing", 0)
        self.pages += 1
        if what == "leaves" and self.rows:
            # An order changes, so it is outside the closed window from now on, and all behind it move up.
            self.rows.pop(where % len(self.rows))
        shown = page - 1 if what == "repeats" and page > 1 else page
        rows = [] if what == "empty" else self.rows[(shown - 1) * SIZE : shown * SIZE]
        if what == "twice":
            rows = rows + rows
        total = len(self.rows) + (where % 3 - 1 if what == "miscounts" else 0)
        return RawPage(tuple(item(name) for name in rows), max(0, total))


faults = st.sampled_from(["nothing", "leaves", "repeats", "empty", "twice", "miscounts"])


@given(st.integers(0, 14), st.lists(st.tuples(faults, st.integers(0, 20)), max_size=12))
@settings(max_examples=300)
def test_a_listing_is_complete_only_if_nothing_is_missing(rows: int, script: list[tuple[str, int]]) -> None:
    moving = MovingList(rows, script)
    found = read_listing(moving, name_of)
    # A wrong count alone is noticed; one that agrees with another fault cannot be told from a short list.
    kinds = {what for what, _ in script[: moving.pages]} - {"nothing"}
    if found.is_complete and ("miscounts" not in kinds or kinds == {"miscounts"}):
        assert set(found.items) >= set(moving.rows)
    assert found.passes <= MAX_PASSES
    assert found.pages == moving.pages


@given(st.integers(0, 14), st.lists(st.tuples(faults, st.integers(0, 20)), max_size=5))
def test_a_list_that_comes_to_rest_is_read_completely(rows: int, script: list[tuple[str, int]]) -> None:
    """At most as many passes are spoilt as there are faults, and one of the passes is none's."""
    moving = MovingList(rows, script[: MAX_PASSES - 1])
    found = read_listing(moving, name_of)
    assert found.is_complete
    if not any(what == "miscounts" for what, _ in script):
        assert set(found.items) >= set(moving.rows)


def test_a_list_that_repeats_a_page_for_ever_ends_and_is_not_complete() -> None:
    found = read_listing(lambda _: RawPage(tuple(item(f"order-{number}") for number in range(SIZE)), 100), name_of)
    assert not found.is_complete
    assert found.pages == 2 * MAX_PASSES


def test_rows_without_a_number_are_kept_and_counted() -> None:
    found = read_listing(lambda page: RawPage(({"name": None}, item("a"), {"name": 7}) if page == 1 else (), 3), name_of)
    assert found.is_complete
    assert len(found.unnamed) == 2


def test_rows_without_a_number_that_come_for_ever_end_and_are_not_complete() -> None:
    found = read_listing(lambda _: RawPage(tuple({"name": None} for _ in range(SIZE)), SIZE), name_of)
    assert not found.is_complete
    assert found.pages == 2 * MAX_PASSES


def test_a_page_that_cannot_be_read_is_not_an_empty_one() -> None:
    """Fault 9."""

    def read(page: int) -> RawPage:
        raise TransientError("no answer.", remedy="none.")

    with pytest.raises(TransientError):
        read_listing(read, name_of)


moments = st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC))


@given(moments, moments, st.integers(1, 30))
def test_windows_cover_a_stretch_without_gap_and_none_is_too_short_for_temu(start: datetime, end: datetime, longest: int) -> None:
    windows = in_windows(start, end, timedelta(days=longest))
    if start >= end:
        assert windows == []
        return
    assert windows[0][0] == start
    assert windows[-1][1] == end
    assert all(earlier[1] == later[0] for earlier, later in pairwise(windows))
    assert all(stop - begin < timedelta(days=longest, seconds=1) for begin, stop in windows)
    assert all(stop - begin >= min(end - start, timedelta(seconds=1)) for begin, stop in windows)


def test_a_list_that_gives_fewer_rows_a_page_than_asked_for_is_read_to_its_end() -> None:
    rows = [item(f"order-{number}") for number in range(11)]
    granted = SIZE - 1
    seen = read_listing(lambda page: RawPage(tuple(rows[(page - 1) * granted : page * granted]), len(rows)), name_of)
    assert (len(seen.items), seen.is_complete, seen.passes) == (11, True, 1)
