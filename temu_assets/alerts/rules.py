"""What is to be told of the facts: one condition for each thing that is wrong now. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from temu_assets.alerts import wording
from temu_assets.alerts.facts import BadRuns, Facts, Job
from temu_assets.alerts.kinds import Alert, AlertKind, Condition

TOKEN_DAYS = (30, 14, 7, 1)
"""Days before its end at which the token's end is told."""
EXPIRED = "expired"
TOKEN_REFUSED = "token"  # noqa: S105 — a key
REFUSALS = {TOKEN_REFUSED: frozenset({"AuthorisationError", "TemuAuthorisation"}), "app": frozenset({"TemuStop"})}
"""What is about the shop's access and not about one job, with the classes of errors that mean it."""
BRAKED = ("stock_deltas", "StopError")
"""Stage and error of a run that is red because of the brake, which is told by itself."""
LOW_DISK_BYTES = 1_000_000_000
ENOUGH_DISK_BYTES = 1_500_000_000
"""A disk that was low is well again from here on, so that it does not come and go with every file."""
RETRY_GRACE = timedelta(minutes=15)
LONGEST_WAIT = timedelta(hours=2)
"""A job that has not gone well for so long is told, whatever is still to be tried."""
WAY_FAILS_AFTER = timedelta(minutes=15)
"""A way that fails for less is not worth a word by the other."""
_PAUSE_MARGIN = 1.25
_WHY = " | "
"""Between a job and the error it failed with, in the key of an alert."""
_LONG_AGO = datetime.min.replace(tzinfo=UTC)


def conditions(facts: Facts) -> list[Condition]:
    """Everything that is wrong now and worth telling; at most one for each kind and key."""
    found = [
        *_runs(facts),
        *_access(facts),
        *_nothing_ran(facts),
        *_brake(facts),
        *_problems(facts),
        *_disks(facts),
        *_trouble(facts),
    ]
    return list({(each.kind, each.key): each for each in found}.values())


def with_attempts_settled(runs: Sequence[BadRuns], job: Job, *, is_running: bool, now: datetime) -> list[BadRuns]:
    """The bad runs of one job, each marked whether it is tried again, or was: then its end is not known yet, or is another run's.

    Only the newest can still be tried again. When nobody has done so in its time, or the job has not gone well for too long, it counts as
    failed for good. ``is_running``: whether a run of the job works just now.
    """
    if not runs:
        return []
    newest = max(runs, key=lambda each: each.started_at)
    is_too_long = now - min(each.first_at for each in runs) >= LONGEST_WAIT

    def waits(each: BadRuns) -> bool:
        is_last = each.is_killed or not (each.is_triggered and each.may_pass) or each.attempt >= job.retries
        if is_last or is_too_long:
            return False
        return each is not newest or is_running or now < each.ended_at + job.retry_delay + RETRY_GRACE

    return [replace(each, is_tried_again=waits(each)) for each in runs]


def has_passed(alert: Alert, facts: Facts) -> bool:
    """Whether what is no longer found is well again, and not only out of sight: for runs, a later one went well."""
    kind, key = alert.id
    if kind in (AlertKind.RUN_FAILED, AlertKind.RUN_KILLED):
        return key.partition(_WHY)[0] in facts.last_success
    if kind is AlertKind.ACCESS_REFUSED:
        return bool(facts.last_success)
    if kind is AlertKind.NOTHING_RAN:
        last = facts.activity.last_start if facts.activity else None
        return last is not None and facts.at - last <= _longest_silence(facts)
    if kind is AlertKind.WAY_FAILS:
        told = facts.last_told.get(key)
        return told is not None and told >= alert.first_seen_at
    return True


def _runs(facts: Facts) -> Iterator[Condition]:
    about_access = {name for names in REFUSALS.values() for name in names}
    for each in facts.bad_runs:
        if each.is_tried_again:
            continue
        if each.is_killed:
            yield Condition(AlertKind.RUN_KILLED, each.job, wording.run_killed(each), each.ended_at, each.count)
        elif each.error_kind not in about_access and (each.stage, each.error_kind) != BRAKED:
            key = f"{each.job}{_WHY}{each.error_kind or 'unknown'}"
            yield Condition(AlertKind.RUN_FAILED, key, wording.run_failed(each), each.ended_at, each.count)


def _access(facts: Facts) -> Iterator[Condition]:
    token = facts.token
    if token is not None and token.expires_at is not None and not token.refused:
        left = token.expires_at - facts.at
        if left <= timedelta():
            yield Condition(AlertKind.TOKEN_EXPIRES, EXPIRED, wording.token_expired(token.expires_at), facts.at)
            return
        stage = next((days for days in sorted(TOKEN_DAYS) if left <= timedelta(days=days)), None)
        if stage is not None:
            days = math.ceil(left / timedelta(days=1))
            yield Condition(AlertKind.TOKEN_EXPIRES, str(stage), wording.token_expires(token.expires_at, days), facts.at)
    for kind, names in REFUSALS.items():
        refused: dict[str, datetime] = {}
        for name in names:
            for job, at in facts.refused.get(name, {}).items():
                refused[job] = max(at, refused.get(job, at))
        last_good = max((facts.last_success.get(job, _LONG_AGO) for job in refused), default=_LONG_AGO)
        still = sorted(job for job, at in refused.items() if at > last_good)
        if still:
            why = next((each.error for each in facts.bad_runs if each.error_kind in names), "")
            yield Condition(
                AlertKind.ACCESS_REFUSED, kind, wording.access_refused(still, why), max(refused[job] for job in still), len(still)
            )
        elif kind == TOKEN_REFUSED and token is not None and token.refused and token.asked_at > last_good:
            yield Condition(AlertKind.ACCESS_REFUSED, kind, wording.access_refused([], token.refused), token.asked_at)


def _nothing_ran(facts: Facts) -> Iterator[Condition]:
    activity = facts.activity
    if activity is None or not facts.expected or not facts.nothing_ran_after:
        return
    allowed = _longest_silence(facts)
    last = max(activity.last_start or activity.watched_since, activity.watched_since)
    if facts.at - last > allowed:
        names = sorted(facts.expected)
        yield Condition(
            AlertKind.NOTHING_RAN, "jobs", wording.nothing_ran(activity.last_start, allowed, names), facts.at, len(facts.expected)
        )


def _longest_silence(facts: Facts) -> timedelta:
    """What is asked for, but never less than the most frequent job needs between two starts."""
    return max([facts.nothing_ran_after, *([min(facts.expected.values()) * _PAUSE_MARGIN] if facts.expected else [])])


def _brake(facts: Facts) -> Iterator[Condition]:
    for key, (reason, remedy) in facts.brake.items():
        yield Condition(AlertKind.STOCK_BRAKE, key, wording.stock_brake(reason, remedy), facts.at)


def _problems(facts: Facts) -> Iterator[Condition]:
    for each in facts.problems:
        yield Condition(AlertKind.PROBLEM, each.kind, wording.problem(each), each.newest_at, each.count)


def _disks(facts: Facts) -> Iterator[Condition]:
    for disk in facts.disks:
        limit = ENOUGH_DISK_BYTES if disk.name in facts.low_before else LOW_DISK_BYTES
        if disk.free < limit:
            yield Condition(AlertKind.DISK_LOW, disk.name, wording.disk_low(disk), facts.at)


def _trouble(facts: Facts) -> Iterator[Condition]:
    for each in facts.trouble:
        if facts.at - each.since >= WAY_FAILS_AFTER:
            yield Condition(AlertKind.WAY_FAILS, each.way, wording.way_fails(each), facts.at)
