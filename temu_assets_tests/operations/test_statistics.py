"""How jobs do, told from their runs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from temu_assets.operations.statistics import by_job, died, failing, figures, percentile, unreliable
from temu_assets.toci.job_runs import Outcome, RunStatus

START = datetime(2026, 11, 1, tzinfo=UTC)
SUCCESS, FAILURE, CANCELLED, KILLED, RUNNING = (
    RunStatus.SUCCESS, RunStatus.FAILURE, RunStatus.CANCELLED, RunStatus.KILLED, RunStatus.RUNNING,
)  # fmt: skip


def outcome(status: RunStatus, hour: int = 0, *, job: str = "job", seconds: float | None = 1.0) -> Outcome:
    return Outcome(job, status, False, START + timedelta(hours=hour), None if status is RUNNING else seconds, None)


def in_a_row(*statuses: RunStatus) -> list[Outcome]:
    return [outcome(status, hour) for hour, status in enumerate(statuses)]


seconds = st.floats(min_value=0, max_value=1e6)
outcomes = st.builds(outcome, st.sampled_from(RunStatus), st.integers(0, 500), job=st.sampled_from("abc"), seconds=seconds)


@given(st.lists(seconds, min_size=1).map(sorted), st.integers(1, 100))
def test_a_percentile_is_one_of_the_values_and_so_many_do_not_exceed_it(values: list[float], percent: int) -> None:
    told = percentile(values, percent)
    assert told in values
    assert sum(value <= told for value in values) * 100 >= len(values) * percent
    assert sum(value < told for value in values) * 100 < len(values) * percent


@given(st.lists(outcomes))
def test_every_run_is_counted_once_and_shares_stay_in_their_bounds(runs: list[Outcome]) -> None:
    told = figures(runs)
    assert told.runs == len(runs) == sum(len(each) for each in by_job(runs).values())
    assert told.success_percent is None or 0 <= told.success_percent <= 100
    assert (told.p50_seconds or 0) <= (told.p95_seconds or 0) <= (told.max_seconds or 0)


def test_what_was_cancelled_or_works_still_says_nothing_about_success() -> None:
    told = figures(in_a_row(SUCCESS, CANCELLED, RUNNING, FAILURE, KILLED))
    assert told.success_percent == pytest.approx(33.3)
    assert figures(in_a_row(CANCELLED, RUNNING)).success_percent is None


def test_how_long_a_run_that_died_took_is_not_known() -> None:
    assert figures([outcome(SUCCESS, seconds=2.0), outcome(KILLED, seconds=9999.0)]).max_seconds == 2.0


@pytest.mark.parametrize(
    ("statuses", "fails"),
    [
        ((FAILURE, FAILURE), False),
        ((FAILURE, KILLED, FAILURE), True),
        ((SUCCESS, FAILURE, FAILURE, FAILURE), True),
        ((FAILURE, FAILURE, FAILURE, SUCCESS), False),
        ((FAILURE, FAILURE, CANCELLED, FAILURE), True),
        ((FAILURE, FAILURE, FAILURE, RUNNING), True),
        ((FAILURE, SUCCESS, FAILURE, FAILURE), False),
    ],
)
def test_a_job_that_fails_again_and_again(statuses: tuple[RunStatus, ...], fails: bool) -> None:
    assert (failing(in_a_row(*statuses)).keys() == {"job"}) is fails


def test_a_job_does_not_answer_for_another() -> None:
    runs = [outcome(FAILURE, hour, job=job) for hour, job in enumerate("aab")]
    assert failing(runs) == {}


@pytest.mark.parametrize(("well", "wrong", "shown"), [(4, 1, False), (3, 1, False), (3, 2, True), (0, 5, True), (0, 4, False)])
def test_a_job_of_which_too_many_runs_go_wrong(well: int, wrong: int, shown: bool) -> None:
    runs = in_a_row(*[SUCCESS] * well, *[FAILURE] * wrong)
    assert (unreliable(runs, since=START).keys() == {"job"}) is shown
    assert unreliable(runs, since=START + timedelta(days=1)) == {}


def test_runs_that_died_are_told_for_a_while() -> None:
    runs = in_a_row(SUCCESS, KILLED)
    assert [len(each) for each in died(runs, since=START).values()] == [1]
    assert died(runs, since=START + timedelta(hours=2)) == {}
