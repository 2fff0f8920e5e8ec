"""What is remembered, what a way has to tell, and when: held against a plain model over any sequence of looks and failures."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from temu_assets.alerts import plan
from temu_assets.alerts.kinds import Alert, AlertKind, Condition, Way, Wording
from temu_assets.alerts.plan import Owed

NOW = datetime(2026, 11, 26, 12, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)
WORDS = Wording("subject", "happened", "done", "remedy")


def condition(kind: AlertKind = AlertKind.PROBLEM, key: str = "order_held", at: datetime = NOW) -> Condition:
    return Condition(kind, key, WORDS, at)


def settle(known: list[Alert], found: list[Condition], now: datetime, *, passed: bool = True) -> list[Alert]:
    changed = plan.settle(known, found, lambda alert: passed, now=now)
    return list({alert.id: alert for alert in [*known, *changed]}.values())


def tell(alerts: list[Alert], way: Way, now: datetime) -> tuple[list[Alert], Owed]:
    owed = plan.owed(alerts, way, now=now)
    ids = {alert.id for alert in [*owed.new, *owed.going_on, *owed.well_again]}
    return [plan.told(alert, way, now=now) if alert.id in ids else alert for alert in alerts], owed


def test_what_is_new_is_told_once_and_its_end_once() -> None:
    alerts = settle([], [condition()], NOW)
    alerts, owed = tell(alerts, Way.MAIL, NOW)
    assert [alert.key for alert in owed.new] == ["order_held"]
    alerts = settle(alerts, [condition()], NOW + MINUTE)
    alerts, owed = tell(alerts, Way.MAIL, NOW + MINUTE)
    assert not owed
    alerts = settle(alerts, [], NOW + 2 * MINUTE)
    alerts, owed = tell(alerts, Way.MAIL, NOW + 2 * MINUTE)
    assert [alert.key for alert in owed.well_again] == ["order_held"]
    assert not tell(alerts, Way.MAIL, NOW + 3 * MINUTE)[1]
    alerts = settle(alerts, [condition()], NOW + 4 * MINUTE)
    assert tell(alerts, Way.MAIL, NOW + 4 * MINUTE)[1].new


def test_a_way_that_failed_tells_later_and_the_other_one_not_twice() -> None:
    alerts, owed = tell(settle([], [condition()], NOW), Way.WEBHOOK, NOW)
    assert owed.new
    alerts = settle(alerts, [condition()], NOW + MINUTE)
    assert not plan.owed(alerts, Way.WEBHOOK, now=NOW + MINUTE)
    assert plan.owed(alerts, Way.MAIL, now=NOW + MINUTE).new


def test_what_passed_before_it_could_be_told_is_not_told_any_more() -> None:
    alerts = settle(settle([], [condition()], NOW), [], NOW + MINUTE)
    assert not plan.owed(alerts, Way.MAIL, now=NOW + MINUTE)


def test_what_came_back_before_its_end_was_told_is_old_news_to_that_way() -> None:
    alerts, _ = tell(settle([], [condition()], NOW), Way.MAIL, NOW)
    alerts = settle(settle(alerts, [], NOW + MINUTE), [condition()], NOW + 2 * MINUTE)
    assert not plan.owed(alerts, Way.MAIL, now=NOW + 2 * MINUTE)
    assert plan.owed(alerts, Way.WEBHOOK, now=NOW + 2 * MINUTE).new


def test_a_later_stage_of_the_same_is_new_and_the_earlier_one_no_good_news() -> None:
    alerts, _ = tell(settle([], [condition(AlertKind.TOKEN_EXPIRES, "14")], NOW), Way.MAIL, NOW)
    alerts = settle(alerts, [condition(AlertKind.TOKEN_EXPIRES, "7")], NOW + DAY)
    alerts, owed = tell(alerts, Way.MAIL, NOW + DAY)
    assert ([alert.key for alert in owed.new], owed.well_again) == (["7"], ())
    alerts = settle(alerts, [], NOW + 2 * DAY)
    owed = tell(alerts, Way.MAIL, NOW + 2 * DAY)[1]
    assert [alert.key for alert in owed.well_again] == ["7"]


def test_what_is_only_out_of_sight_ends_without_a_word() -> None:
    alerts, _ = tell(settle([], [condition(AlertKind.RUN_FAILED)], NOW), Way.MAIL, NOW)
    alerts = settle(alerts, [], NOW + DAY, passed=False)
    assert not plan.owed(alerts, Way.MAIL, now=NOW + DAY)
    assert [alert.resolved_at for alert in alerts] == [NOW + DAY]


def test_what_goes_on_is_told_again_after_a_day_and_all_of_it_at_once() -> None:
    alerts, _ = tell(settle([], [condition(AlertKind.RUN_FAILED, "a")], NOW), Way.MAIL, NOW)
    both = [condition(AlertKind.RUN_FAILED, "a", NOW + DAY), condition(AlertKind.DISK_LOW, "b", NOW + DAY)]
    alerts, _ = tell(settle(alerts, both, NOW + DAY / 3), Way.MAIL, NOW + DAY / 3)
    assert not plan.owed(settle(alerts, both, NOW + DAY - MINUTE), Way.MAIL, now=NOW + DAY - MINUTE)
    alerts, owed = tell(settle(alerts, both, NOW + DAY), Way.MAIL, NOW + DAY)
    assert ([alert.key for alert in owed.going_on], owed.new) == (["a", "b"], ())
    assert not plan.owed(settle(alerts, both, NOW + DAY + MINUTE), Way.MAIL, now=NOW + DAY + MINUTE)


def test_a_failure_that_did_not_happen_again_and_open_problems_are_not_reminded_of() -> None:
    alerts, _ = tell(settle([], [condition(AlertKind.RUN_FAILED), condition()], NOW), Way.MAIL, NOW)
    assert not plan.owed(settle(alerts, [condition(AlertKind.RUN_FAILED), condition()], NOW + 9 * DAY), Way.MAIL, now=NOW + 9 * DAY)


def test_a_way_does_not_tell_of_itself() -> None:
    alerts = settle([], [condition(AlertKind.WAY_FAILS, "mail")], NOW)
    assert not plan.owed(alerts, Way.MAIL, now=NOW)
    assert plan.owed(alerts, Way.WEBHOOK, now=NOW).new


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 10_000)), max_size=60))
def test_no_way_ever_floods_and_none_waits_longer_than_an_hour(wishes: list[tuple[bool, int]]) -> None:
    """However often something comes and goes."""
    now, messages = NOW, list[datetime]()
    sent: list[datetime] = []
    for wants, seconds in wishes:
        now += timedelta(seconds=seconds)
        until = plan.waits_until(sent, now=now)
        assert until is None or now < until <= now + plan.LONGEST_PAUSE
        if wants and until is None:
            sent = plan.remembered(sent, now=now)
            messages.append(now)
    for first in messages:
        assert sum(first <= each < first + DAY for each in messages) <= 6 + 6 + 12 + 24 + 1


def test_something_that_comes_and_goes_all_day_makes_few_messages() -> None:
    sent: list[datetime] = []
    count = 0
    for minute in range(24 * 60):
        now = NOW + minute * MINUTE
        if plan.waits_until(sent, now=now) is None:
            sent, count = plan.remembered(sent, now=now), count + 1
    assert count < 45


def test_times_in_the_future_of_a_clock_that_was_set_back_block_nothing() -> None:
    assert plan.waits_until([NOW + DAY] * 30, now=NOW) is None


KEYS = [
    (AlertKind.RUN_FAILED, "a"),
    (AlertKind.PROBLEM, "b"),
    (AlertKind.TOKEN_EXPIRES, "7"),
    (AlertKind.TOKEN_EXPIRES, "1"),
    (AlertKind.DISK_LOW, "c"),
]
LOOKS = st.lists(st.tuples(st.sets(st.sampled_from(KEYS)), st.sets(st.sampled_from(list(Way))), st.integers(1, 2000)), max_size=25)


@given(LOOKS)
def test_in_any_sequence_a_way_says_new_and_well_again_by_turns(looks: list[tuple[set[tuple[AlertKind, str]], set[Way], int]]) -> None:
    """Whichever ways work at which look: nothing is told twice, no all clear comes of what was not told, and what is so was told."""
    now, alerts = NOW, list[Alert]()
    open_to: dict[Way, set[tuple[AlertKind, str]]] = {way: set() for way in Way}
    for there, working, minutes in looks:
        now += timedelta(minutes=minutes)
        alerts = settle(alerts, [condition(kind, key, now) for kind, key in sorted(there)], now)
        # What became another stage of the same ended silently.
        silent = {alert.id for alert in alerts if alert.resolved_at == now and not alert.told}
        open_to = {way: ids - silent for way, ids in open_to.items()}
        for way in sorted(working):
            alerts, owed = tell(alerts, way, now)
            new, well, on = ({alert.id for alert in each} for each in (owed.new, owed.well_again, owed.going_on))
            assert not new & open_to[way]
            assert well <= open_to[way]
            assert on <= open_to[way]
            open_to[way] = (open_to[way] | new) - well
            assert open_to[way] == there


def test_the_words_are_always_the_newest() -> None:
    alerts = settle([], [condition()], NOW)
    newer = replace(condition(), wording=replace(WORDS, subject="9 open\nproblems"), count=9)
    (alert,) = settle(alerts, [newer], NOW + MINUTE)
    assert (alert.subject, alert.count, alert.first_seen_at) == ("9 open problems", 9, NOW)
