"""When an attempt is repeated, and after how long (fault 15: the predecessor knew neither)."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from temu_assets.temu.retry import (
    LONGEST_HOLD_S,
    MAX_ATTEMPTS,
    Trouble,
    http_date,
    is_outcome_unknown,
    pause_before,
    retry_after_seconds,
    should_retry,
)

NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize("trouble", Trouble)
def test_an_effect_is_repeated_exactly_when_its_outcome_is_known(trouble: Trouble) -> None:
    assert should_retry(trouble, attempt=1, at_most_once=True) is not is_outcome_unknown(trouble)


@pytest.mark.parametrize("trouble", Trouble)
def test_a_repeatable_call_is_tried_again_but_not_for_ever(trouble: Trouble) -> None:
    assert should_retry(trouble, attempt=1, at_most_once=False)
    assert not should_retry(trouble, attempt=MAX_ATTEMPTS, at_most_once=False)


def test_a_service_error_is_tried_again_once_only() -> None:
    assert not should_retry(Trouble.SERVICE_ERROR, attempt=2, at_most_once=False)


@given(
    attempt=st.integers(2, MAX_ATTEMPTS),
    trouble=st.sampled_from(Trouble),
    retry_after_s=st.none() | st.floats(0, 1e9),
    draw=st.floats(0, 1),
)
def test_every_pause_is_bounded(attempt: int, trouble: Trouble, retry_after_s: float | None, draw: float) -> None:
    pause = pause_before(attempt, trouble, retry_after_s=retry_after_s, draw=draw)
    assert 0 <= pause <= LONGEST_HOLD_S
    assert pause >= min(retry_after_s or 0, LONGEST_HOLD_S)
    if trouble is Trouble.TOO_FREQUENT:
        assert pause >= 1.0


def test_pauses_grow_and_spread_over_the_whole_range() -> None:
    longest = [pause_before(n, Trouble.ANSWER_LOST, retry_after_s=None, draw=1.0) for n in range(2, 8)]
    assert longest == [0.5, 1.0, 2.0, 4.0, 8.0, 8.0]
    assert pause_before(5, Trouble.ANSWER_LOST, retry_after_s=None, draw=0.0) == 0.0


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        (None, None),
        ("7", 7.0),
        ("0.5", 0.5),
        ("Thu, 01 Jan 2026 00:00:30 GMT", 30.0),
        ("Wed, 31 Dec 2025 23:59:00 GMT", 0.0),
        ("-3", None),
        ("nan", None),
        ("inf", None),
        ("soon", None),
        ("", None),
    ],
)
def test_retry_after_is_read_as_seconds_or_date(header: str | None, seconds: float | None) -> None:
    assert retry_after_seconds(header, NOW) == seconds


@pytest.mark.parametrize("header", [None, "", "yesterday", "Thu, 99 Jan 2026 00:00:30 GMT"])
def test_a_senseless_date_is_no_date(header: str | None) -> None:
    assert http_date(header) is None
