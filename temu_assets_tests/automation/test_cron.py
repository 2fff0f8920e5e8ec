"""Cron expressions: what is taken fires in Dagster as it is meant, and what is refused is told in words."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from dagster._utils.schedules import is_valid_cron_schedule, schedule_execution_time_iterator
from hypothesis import given
from hypothesis import strategies as st

from temu_assets.automation.cron import ALIASES, what_is_wrong

BOUNDS = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 7))
GOOD = ("0 9 * * *", "*/30 * * * *", "0,30 6-20/2 * * mon-fri", "5 4 1 JAN,jul *", "0 0 29 2 *", "59 23 31 12 7", "0 0 1-31/2 * *")


def fields(first: int, last: int) -> st.SearchStrategy[str]:
    """A field as people write it, sometimes out of bounds or backwards."""
    number = st.one_of(st.integers(first, last), st.integers(first - 1, last + 2)).map(str)
    part = st.one_of(
        st.just("*"),
        number,
        st.builds("{}-{}".format, number, number),
        st.builds("*/{}".format, number),
        st.builds("{}-{}/{}".format, number, number, number),
        st.builds("{}/{}".format, number, number),
    )
    return st.lists(part, min_size=1, max_size=2).map(",".join)


crons = st.tuples(*(fields(first, last) for first, last in BOUNDS)).map(" ".join)


@given(
    st.one_of(
        crons, st.sampled_from(GOOD), st.sampled_from(sorted(ALIASES)), st.text(alphabet="0159*/-, @LW#?amonj", max_size=20), st.text()
    )
)
def test_what_is_taken_dagster_takes_too_and_it_fires(cron: str) -> None:
    if what_is_wrong(cron) is None:
        assert is_valid_cron_schedule(cron)
        start = datetime(2026, 11, 26, tzinfo=UTC)
        times = schedule_execution_time_iterator(start.timestamp(), cron, "Europe/Berlin", ascending=True)
        assert (next(times) - start).days <= 8 * 366


@pytest.mark.parametrize("cron", GOOD)
def test_what_people_write_is_taken(cron: str) -> None:
    assert what_is_wrong(cron) is None


@pytest.mark.parametrize(
    ("cron", "part_of_the_answer"),
    [
        ("", "0 fields, not five"),
        ("0 9 * *", "4 fields, not five"),
        ("0 0 9 * * *", "6 fields, not five"),
        ("0  9 * * *", "one space between"),
        ("@reboot", "1 fields"),
        ("61 9 * * *", "the minute 61 is not within 0 to 59"),
        ("0 24 * * *", "the hour 24 is not within 0 to 23"),
        ("0 9 0 * *", "the day of the month 0 is not within 1 to 31"),
        ("0 9 * 13 *", "the month 13 is not within 1 to 12"),
        ("0 9 * * 8", "the weekday 8 is not within 0 to 7"),
        ("0 9 * * mo", "the weekday 'mo' is no number"),
        ("0 9 * * -1", "the weekday '' is no number"),
        ("9:00 * * * *", "the minute '9:00' is no number"),
        ("٣ 9 * * *", "is no number"),
        ("*/90 * * * *", "the minute step '90' is not within 1 to 59"),
        ("*/0 * * * *", "the minute step '0' is not within"),
        ("5/15 * * * *", "write 5-59/15"),
        ("0 20-6 * * *", "the hour range 20-6 runs backwards"),
        ("0 9 31 2 *", "no such day"),
        ("0 9 30,31 feb *", "no such day"),
        ("0 9 31 2,4,6 mon", "no such day"),
    ],
)
def test_what_is_wrong_is_told_in_words(cron: str, part_of_the_answer: str) -> None:
    assert part_of_the_answer in (what_is_wrong(cron) or "")
