"""The pace: never above the rate in a clock second, and never much below it while there is work."""

from __future__ import annotations

import heapq
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from temu_assets.temu.limiter import Limiter, limiter_for

FOREVER = float("inf")


def moments(limiter: Limiter, *, start: float, seconds: float, latencies: list[float], threads: int = 8) -> list[float]:
    """When calls go out if ``threads`` workers call for ``seconds``, each call taking one of ``latencies`` in turn."""
    free = [start] * threads
    sent: list[float] = []
    while True:
        now = heapq.heappop(free)
        if now >= start + seconds:
            return sent
        moment = limiter.reserve(now, latest=FOREVER)
        assert moment is not None
        sent.append(moment)
        heapq.heappush(free, moment + latencies[len(sent) % len(latencies)])


@settings(max_examples=50)
@given(
    rate=st.sampled_from([1.0, 5.0, 10.0, 20.0, 37.5, 100.0, 200.0]),
    start=st.floats(0, 1000),
    latencies=st.lists(st.floats(0.001, 0.03), min_size=1, max_size=20),
    delays=st.lists(st.floats(0, 0.015), min_size=1, max_size=20),
)
def test_no_clock_second_sees_more_calls_than_the_rate(rate: float, start: float, latencies: list[float], delays: list[float]) -> None:
    """Also if calls arrive up to 15 ms late, by which some of them fall into the next second."""
    sent = moments(Limiter(rate), start=start, seconds=5, latencies=latencies)
    arrivals = Counter(int(moment + delays[i % len(delays)]) for i, moment in enumerate(sent))
    assert max(arrivals.values()) <= max(rate, 1)


@pytest.mark.parametrize("rate", [5.0, 10.0, 20.0, 100.0])
@pytest.mark.parametrize("latency", [0.001, 0.03, 0.07])
def test_eight_threads_use_at_least_95_percent_of_the_rate(rate: float, latency: float) -> None:
    sent = moments(Limiter(rate), start=100.0, seconds=60, latencies=[latency])
    assert len(sent) >= 0.95 * rate * 60


def test_a_moment_after_the_latest_is_not_taken_from_others() -> None:
    limiter = Limiter(1.0)
    assert limiter.reserve(10.0, latest=20.0) == 10.0
    assert limiter.reserve(10.0, latest=10.5) is None
    second = limiter.reserve(10.0, latest=20.0)
    assert second is not None
    assert second < 11.1


def test_a_refusal_holds_everybody_also_those_with_a_reserved_moment() -> None:
    limiter = Limiter(10.0)
    first, reserved = limiter.reserve(0.0, latest=FOREVER), limiter.reserve(0.0, latest=FOREVER)
    assert first is not None
    assert reserved is not None
    limiter.slow_down(sent_at=first, now=0.01, hold_s=5.0)
    assert not limiter.is_still_free(reserved)
    again = limiter.reserve(0.02, latest=FOREVER)
    assert again is not None
    assert again >= 5.01
    assert limiter.is_still_free(again)


def test_many_refusals_of_calls_in_flight_halve_the_rate_once() -> None:
    limiter = Limiter(20.0)
    for call in range(8):
        limiter.slow_down(sent_at=1.0 + call / 100, now=1.1 + call / 100, hold_s=1.0)
    assert limiter.rate(1.2) == 10.0
    limiter.slow_down(sent_at=3.0, now=3.0, hold_s=1.0)
    assert 5.0 <= limiter.rate(3.0) <= 6.0


def test_the_rate_never_falls_below_one_call_in_two_seconds() -> None:
    limiter = Limiter(4.0)
    for second in range(20):
        limiter.slow_down(sent_at=float(second), now=float(second), hold_s=1.0)
    assert limiter.rate(19.0) == 0.5


def test_a_rate_below_the_floor_is_not_raised_by_a_refusal() -> None:
    limiter = Limiter(0.1)
    limiter.slow_down(sent_at=1.0, now=1.0, hold_s=1.0)
    assert limiter.rate(1.0) == 0.1


def test_the_rate_comes_back_step_by_step_after_the_hold() -> None:
    limiter = Limiter(20.0)
    limiter.slow_down(sent_at=1.0, now=1.0, hold_s=2.0)
    rates = [limiter.rate(float(now)) for now in range(3, 20)]
    assert rates[0] == 10.0
    assert rates == sorted(rates)
    assert rates[5] == 15.0
    assert rates[-1] == 20.0


def test_one_app_has_one_limiter_at_the_rate_given_last() -> None:
    first = limiter_for("limiter-test-app", 5.0)
    assert limiter_for("limiter-test-app", 8.0) is first
    assert first.rate(0.0) == 8.0
    assert limiter_for("another-test-app", 5.0) is not first


def test_threads_never_share_a_moment() -> None:
    limiter = Limiter(1000.0)
    with ThreadPoolExecutor(8) as pool:
        taken = list(pool.map(lambda _: limiter.reserve(50.0, latest=FOREVER), range(800)))
    later = sorted(moment for moment in taken if moment is not None and moment > 50.0)
    assert len(later) == len(set(later))
    assert later[-1] == pytest.approx(50.0 - 0.01 + 799 / 970)
