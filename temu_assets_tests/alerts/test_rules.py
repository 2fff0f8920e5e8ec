"""Which facts are worth telling."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from temu_assets.alerts.facts import Activity, BadRuns, Disk, Facts, Job, OpenKind, Token, Trouble
from temu_assets.alerts.kinds import Alert, AlertKind, Condition
from temu_assets.alerts.rules import (
    ENOUGH_DISK_BYTES,
    LONGEST_WAIT,
    LOW_DISK_BYTES,
    REFUSALS,
    TOKEN_DAYS,
    conditions,
    has_passed,
    with_attempts_settled,
)
from temu_assets.errors import AuthorisationError
from temu_assets.temu.failures import TemuAuthorisation, TemuStop

NOW = datetime(2026, 11, 26, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
BAD = BadRuns(
    "temu_orders_sync", is_killed=False, error_kind="TransientError", run_id="1a2b3c4d-0", started_at=NOW - HOUR, ended_at=NOW - HOUR / 2,
    attempt=0, is_triggered=True, may_pass=True, stage="raw_orders", error="TEMU was away. What to do: nothing.", count=3,
    first_at=NOW - HOUR,
)  # fmt: skip
QUIET = Facts(NOW, timedelta(hours=3))


def alert(kind: AlertKind, key: str) -> Alert:
    return Alert(kind, key, "subject", "text", "remedy", NOW - DAY, NOW - DAY, 1)


def told(facts: Facts) -> dict[AlertKind, list[str]]:
    found: dict[AlertKind, list[str]] = {}
    for each in conditions(facts):
        found.setdefault(each.kind, []).append(each.key)
    return found


def only(facts: Facts) -> Condition:
    (found,) = conditions(facts)
    return found


def test_nothing_is_told_of_nothing() -> None:
    assert conditions(QUIET) == []


def test_a_failed_run_is_told_with_job_cause_and_remedy() -> None:
    found = only(replace(QUIET, bad_runs=(BAD,)))
    assert (found.kind, found.key, found.count) == (AlertKind.RUN_FAILED, "temu_orders_sync | TransientError", 3)
    assert "raw_orders" in found.wording.happened
    assert "TEMU was away." in found.wording.happened
    assert found.wording.remedy == "nothing."
    assert "1a2b3c4d" in found.wording.happened


def test_one_that_is_tried_again_is_not() -> None:
    assert conditions(replace(QUIET, bad_runs=(replace(BAD, is_tried_again=True),))) == []


def test_a_killed_run_is_told_as_that() -> None:
    assert told(replace(QUIET, bad_runs=(replace(BAD, is_killed=True, error_kind="RunDied"),))) == {AlertKind.RUN_KILLED: [BAD.job]}


JOB = Job(BAD.job, retries=2, retry_delay=timedelta(seconds=30))


def settled(*runs: BadRuns, is_running: bool = False) -> list[bool]:
    return [each.is_tried_again for each in with_attempts_settled(runs, JOB, is_running=is_running, now=NOW)]


def ended(minutes: float, **changes: Any) -> BadRuns:
    at = NOW - timedelta(minutes=minutes)
    return replace(BAD, **{"started_at": at, "ended_at": at, "first_at": at} | changes)


def test_an_attempt_that_was_followed_by_another_is_not_told_by_itself() -> None:
    """However long the second one took, and whatever it failed of."""
    assert settled(ended(90), ended(1, attempt=1)) == [True, True]
    assert settled(ended(90), ended(1, attempt=2)) == [True, False]
    assert settled(ended(90), ended(1, attempt=1, may_pass=False, error_kind="ConfigurationError")) == [True, False]


def test_one_that_nobody_tries_again_in_its_time_is_told() -> None:
    assert settled(ended(14)) == [True]
    assert settled(ended(16)) == [False]
    assert settled(ended(60), is_running=True) == [True]


def test_a_job_that_never_comes_to_a_last_attempt_is_told_all_the_same() -> None:
    assert settled(ended(121), ended(1)) == [False, False]
    assert settled(ended(1, count=40, first_at=NOW - 3 * HOUR), is_running=True) == [False]


@given(
    st.lists(
        st.builds(
            ended,
            st.integers(0, 200),
            attempt=st.integers(0, 3),
            is_triggered=st.booleans(),
            may_pass=st.booleans(),
            is_killed=st.booleans(),
        ),
        min_size=1,
    ),
    st.booleans(),
)
def test_only_what_can_come_again_is_waited_for(runs: list[BadRuns], is_running: bool) -> None:
    for run, waits in zip(runs, settled(*runs, is_running=is_running), strict=True):
        if waits:
            assert run.attempt < JOB.retries
            assert run.is_triggered
            assert run.may_pass
            assert not run.is_killed
            assert min(each.first_at for each in runs) > NOW - LONGEST_WAIT


def test_what_temu_refuses_is_one_thing_and_not_one_for_each_job() -> None:
    refused = replace(BAD, error_kind=TemuAuthorisation.__name__, error="TEMU says the token is not valid. What to do: renew it.")
    facts = replace(
        QUIET,
        bad_runs=(refused, replace(refused, job="temu_inventory_sync")),
        refused={"TemuAuthorisation": {"temu_orders_sync": NOW - HOUR, "temu_inventory_sync": NOW - HOUR / 2}},
    )
    found = only(facts)
    assert (found.kind, found.count) == (AlertKind.ACCESS_REFUSED, 2)
    assert "temu_inventory_sync and temu_orders_sync" in found.wording.happened
    assert found.wording.remedy == "renew it."
    # One of those jobs went well: the others will, too.
    assert conditions(replace(facts, last_success={"temu_inventory_sync": NOW})) == []
    # A job that does not talk to TEMU says nothing about it.
    assert told(replace(facts, last_success={"datev_processing": NOW})) == {AlertKind.ACCESS_REFUSED: ["token"]}


def test_the_classes_that_mean_a_refusal_are_those_that_are_raised() -> None:
    assert REFUSALS["token"] == {AuthorisationError.__name__, TemuAuthorisation.__name__}
    assert REFUSALS["app"] == {TemuStop.__name__}


def test_a_run_that_is_red_because_of_the_brake_is_told_once_as_the_brake() -> None:
    braked = replace(BAD, stage="stock_deltas", error_kind="StopError", error="60 of 100 SKUs would go to 0.")
    facts = replace(QUIET, bad_runs=(braked,), brake={"zero": ("60 of 100 SKUs would go to 0.", "look in JTL")})
    assert told(facts) == {AlertKind.STOCK_BRAKE: ["zero"]}


@given(st.floats(-5, 60))
def test_the_end_of_the_token_is_told_at_its_days_and_never_earlier(days: float) -> None:
    left = timedelta(days=days)
    found = told(replace(QUIET, token=Token(NOW, NOW + left)))
    if left <= timedelta():
        assert found == {AlertKind.TOKEN_EXPIRES: ["expired"]}
    elif left > timedelta(days=max(TOKEN_DAYS)):
        assert found == {}
    else:
        (stage,) = found[AlertKind.TOKEN_EXPIRES]
        assert left <= timedelta(days=int(stage))
        assert all(left > timedelta(days=smaller) for smaller in TOKEN_DAYS if smaller < int(stage))


def test_a_refused_token_is_told_before_any_run_meets_it() -> None:
    facts = replace(QUIET, token=Token(NOW, None, refused="TEMU refuses it. What to do: renew it."))
    assert told(facts) == {AlertKind.ACCESS_REFUSED: ["token"]}


def test_an_expired_token_is_told_once_and_not_as_a_refusal_beside() -> None:
    facts = replace(QUIET, token=Token(NOW, NOW - DAY), refused={"TemuAuthorisation": {"temu_orders_sync": NOW}})
    assert told(facts) == {AlertKind.TOKEN_EXPIRES: ["expired"]}


@given(
    hours=st.floats(0.5, 48),
    pause_hours=st.floats(0.1, 48),
    silent_hours=st.floats(0, 200),
    watched_hours=st.floats(0, 200),
)
def test_silence_is_told_when_it_was_watched_long_enough_and_something_should_have_run(
    hours: float, pause_hours: float, silent_hours: float, watched_hours: float
) -> None:
    facts = replace(
        QUIET,
        nothing_ran_after=timedelta(hours=hours),
        expected={"temu_inventory_sync": timedelta(hours=pause_hours), "reconcile": timedelta(hours=60)},
        activity=Activity(NOW - timedelta(hours=silent_hours), NOW - timedelta(hours=watched_hours)),
    )
    if told(facts):
        assert min(silent_hours, watched_hours) >= hours - 1e-6
        assert min(silent_hours, watched_hours) >= pause_hours - 1e-6
    elif min(silent_hours, watched_hours) > max(hours, 1.25 * pause_hours) + 1e-6:
        pytest.fail("nobody is told")
    assert conditions(replace(facts, expected={})) == []
    assert conditions(replace(facts, nothing_ran_after=timedelta())) == []


def test_a_fresh_installation_that_never_runs_is_told_after_the_time_as_well() -> None:
    facts = replace(QUIET, expected={"temu_inventory_sync": HOUR}, activity=Activity(None, NOW - timedelta(hours=4)))
    assert "there never was one" in only(facts).wording.happened
    assert conditions(replace(facts, activity=Activity(None, NOW - HOUR))) == []


def test_open_problems_are_told_by_kind_with_count_and_remedy() -> None:
    found = only(replace(QUIET, problems=(OpenKind("order_held", 3, "'x' is not known to JTL", 2, "create the article", NOW),)))
    assert (found.kind, found.key, found.count) == (AlertKind.PROBLEM, "order_held", 3)
    assert "2 x 'x' is not known to JTL" in found.wording.happened
    assert "create the article" in found.wording.remedy


@pytest.mark.parametrize(
    ("count", "of_the_cause", "told"),
    [
        (1, 1, "1 open problem of the kind order_held: No price."),
        (7, 7, "7 open problems of the kind order_held: 7 x No price."),
        (3, 2, "3 open problems of the kind order_held: 2 x No price. Another has another reason."),
        (8, 1, "8 open problems of the kind order_held: one of them: No price. 7 others have another reason."),
    ],
)
def test_one_cause_of_several_is_not_told_as_if_it_were_the_only_one(count: int, of_the_cause: int, told: str) -> None:
    found = only(replace(QUIET, problems=(OpenKind("order_held", count, "No price.", of_the_cause, "ask TEMU.", NOW),)))
    assert found.wording.happened == told


def test_a_disk_is_well_again_only_with_some_room_to_spare() -> None:
    between = replace(QUIET, disks=(Disk("data folder", LOW_DISK_BYTES + 1),))
    assert conditions(between) == []
    assert told(replace(between, low_before=frozenset({"data folder"}))) == {AlertKind.DISK_LOW: ["data folder"]}
    assert told(replace(QUIET, disks=(Disk("data folder", LOW_DISK_BYTES - 1),))) == {AlertKind.DISK_LOW: ["data folder"]}
    assert conditions(replace(QUIET, disks=(Disk("data folder", ENOUGH_DISK_BYTES),), low_before=frozenset({"data folder"}))) == []


def test_a_way_that_failed_for_a_moment_is_not_worth_a_word() -> None:
    trouble = Trouble("mail", NOW - timedelta(minutes=14), "The mail server is away.", "look at it")
    assert conditions(replace(QUIET, trouble=(trouble,))) == []
    assert told(replace(QUIET, trouble=(replace(trouble, since=NOW - timedelta(minutes=15)),))) == {AlertKind.WAY_FAILS: ["mail"]}


def test_a_failure_that_is_only_out_of_sight_has_not_passed() -> None:
    failed = alert(AlertKind.RUN_FAILED, "datev_batches, datev_processed | ValueError")
    assert not has_passed(failed, QUIET)
    assert has_passed(failed, replace(QUIET, last_success={"datev_batches, datev_processed": NOW}))
    silent = replace(QUIET, expected={"reconcile": DAY}, activity=Activity(NOW - 3 * DAY, NOW))
    assert not has_passed(alert(AlertKind.NOTHING_RAN, "jobs"), silent)
    assert has_passed(alert(AlertKind.NOTHING_RAN, "jobs"), replace(silent, activity=Activity(NOW, NOW)))


def test_a_way_works_again_once_it_told_something_and_not_because_nobody_tried() -> None:
    broken = alert(AlertKind.WAY_FAILS, "mail")
    assert not has_passed(broken, QUIET)
    assert not has_passed(broken, replace(QUIET, last_told={"mail": NOW - 2 * DAY, "webhook": NOW}))
    assert has_passed(broken, replace(QUIET, last_told={"mail": NOW}))


@given(
    st.lists(
        st.builds(
            replace, st.just(BAD), job=st.sampled_from(["a", "b"]), error_kind=st.sampled_from(["", "x", "y"]), is_killed=st.booleans()
        )
    )
)
def test_there_is_one_condition_for_each_thing(runs: list[BadRuns]) -> None:
    found = conditions(replace(QUIET, bad_runs=tuple(runs)))
    assert len({(each.kind, each.key) for each in found}) == len(found)
    for each in found:
        assert each.wording.subject
        assert each.wording.happened
        assert each.wording.done
        assert each.wording.remedy
