"""Until when a stage goes on, and how much it begins at once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from temu_assets.time_limit import TIGHT, UNLIMITED, ShareOfRun, TimeLimit, limit_of

NOW = datetime(2026, 2, 1, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize("tag", [None, "", "0", "-5", "soon", "nan", "inf", "1e300"])
def test_what_is_no_time_is_no_limit(tag: str | None) -> None:
    limit = limit_of(tag, ShareOfRun.SENDING, elapsed=timedelta(), now=lambda: NOW)
    assert limit == UNLIMITED
    assert not limit.is_over()
    assert limit.piece(50, small=8) == 50
    assert limit.earlier(timedelta(seconds=10)) == UNLIMITED


def test_what_earlier_stages_did_not_use_is_the_later_ones() -> None:
    limits = [limit_of("100", share, elapsed=timedelta(seconds=20), now=lambda: NOW) for share in ShareOfRun]
    assert [limit.until and (limit.until - NOW).total_seconds() for limit in limits] == [30, 45, 55, 70]
    assert not any(limit.is_over() for limit in limits)
    assert limit_of("100", ShareOfRun.FETCHING, elapsed=timedelta(seconds=50), now=lambda: NOW).is_over()


@given(st.timedeltas(timedelta(minutes=-1), timedelta(hours=1)), st.integers(1, 500), st.integers(1, 500))
def test_little_time_makes_small_pieces_and_never_none(left: timedelta, usual: int, small: int) -> None:
    piece = TimeLimit(NOW + left, lambda: NOW).piece(usual, small=small)
    assert piece == (min(usual, small) if left < TIGHT else usual)
    assert piece > 0
