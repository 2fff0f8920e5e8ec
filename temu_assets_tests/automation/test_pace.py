"""The more there is to look at, the less often it is looked at, and at least once a minute."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from temu_assets.automation.jtl_sensors import LOOK_EVERY_SECONDS
from temu_assets.automation.pace import ARTICLES_A_STEP, Pace, seconds_between

EVERY = LOOK_EVERY_SECONDS


class Moment:
    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


def test_so_many_seconds_from_look_to_look() -> None:
    assert [seconds_between(articles, every=EVERY) for articles in (0, 128, 9_999, 10_000, 20_000, 30_000, 1_000_000)] == [
        15, 15, 15, 30, 45, 60, 60,
    ]  # fmt: skip


def test_a_short_listing_is_looked_at_whenever_somebody_asks() -> None:
    pace = Pace(EVERY, clock=Moment())
    assert pace.seconds_left() == 0
    pace.looked_at(ARTICLES_A_STEP - 1)
    assert pace.seconds_left() == 0


@given(st.integers(ARTICLES_A_STEP, 10**6), st.lists(st.floats(-2, 2), min_size=8, max_size=8))
def test_a_tick_that_is_a_little_late_or_early_leaves_no_look_out(articles: int, delays: list[float]) -> None:
    moment = Moment()
    pace = Pace(EVERY, clock=moment)
    looks = []
    for number, delay in enumerate(delays):
        moment.now = 1_000 + number * EVERY + delay
        if not pace.seconds_left():
            pace.looked_at(articles)
            looks.append(number)
    step = seconds_between(articles, every=EVERY) // EVERY
    assert looks == list(range(0, len(delays), step))


def test_a_listing_that_became_short_is_looked_at_with_each_tick_again() -> None:
    moment = Moment()
    pace = Pace(EVERY, clock=moment)
    pace.looked_at(50_000)
    assert (pace.seconds_left(), pace.articles) == (60, 50_000)
    moment.now += 60
    pace.looked_at(50)
    assert pace.seconds_left() == 0
