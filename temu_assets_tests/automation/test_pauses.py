"""How long a cron expression may be silent, held against the times Dagster itself would fire at."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import islice, pairwise

import pytest
from dagster._utils.schedules import cron_string_iterator  # the one that decides, and it has no public name
from hypothesis import given, settings
from hypothesis import strategies as st

from temu_assets.automation.job_plan import DEFAULTS
from temu_assets.automation.pauses import longest_pause


def real_pauses(cron: str, ticks: int) -> list[timedelta]:
    begin = datetime(2026, 3, 1, tzinfo=UTC).timestamp()
    return [after - before for before, after in pairwise(islice(cron_string_iterator(begin, cron, "UTC"), ticks))]


@pytest.mark.parametrize(
    ("cron", "pause"),
    [
        ("*/30 * * * *", timedelta(minutes=30)),
        ("0 9 * * *", timedelta(days=1)),
        ("15 3 * * *", timedelta(days=1)),
        ("*/5 8-18 * * *", timedelta(hours=14, minutes=55)),
        ("0 */4 * * *", timedelta(hours=4)),
        ("0 6 * * 1-5", timedelta(days=3)),
        ("0 6 * * mon", timedelta(days=7)),
        ("@daily", timedelta(days=1)),
        ("@hourly", timedelta(hours=1)),
    ],
)
def test_the_pause_is_what_a_person_would_say(cron: str, pause: timedelta) -> None:
    assert longest_pause(cron) == pause


def lists(first: int, last: int) -> st.SearchStrategy[str]:
    numbers = st.sets(st.integers(first, last), min_size=1, max_size=4).map(lambda found: ",".join(map(str, sorted(found))))
    return st.one_of(st.just("*"), numbers, st.integers(1, last - first).map(lambda step: f"{first}-{last}/{step}"))


@settings(max_examples=60)
@given(lists(0, 59), lists(0, 23), lists(1, 28), lists(0, 6))
def test_it_is_never_shorter_than_the_real_one(minute: str, hour: str, day: str, weekday: str) -> None:
    cron = f"{minute} {hour} {day} * {weekday}"
    assert longest_pause(cron) >= max(real_pauses(cron, 80))


def test_every_job_of_the_plan_has_one() -> None:
    for job in DEFAULTS.jobs.values():
        if job.cron is not None:
            assert timedelta() < longest_pause(job.cron) <= timedelta(days=1)
