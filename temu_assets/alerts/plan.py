"""What changes in what is remembered, what a way still has to tell, and when it may. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from temu_assets.alerts.kinds import ONE_STATE, REMINDED, Alert, AlertKind, Condition, Way
from temu_assets.texts import cut

REMIND_AFTER = timedelta(hours=24)
JOINS_AFTER = timedelta(hours=12)
"""What was told so long ago joins a reminder that is due, so that there is one a day and not one for each."""
_PAUSES = ((6, timedelta()), (12, timedelta(minutes=10)), (24, timedelta(minutes=30)))
"""After so many messages within a day, how long the next one waits for others to join it; after more than that, an hour."""
LONGEST_PAUSE = timedelta(hours=1)
MOST_REMEMBERED = 25
"""How many times of messages are needed for that."""


@dataclass(frozen=True, slots=True)
class Owed:
    """What one way has to tell, in one message: what is new, what goes on since a day, what is well again."""

    new: tuple[Alert, ...] = ()
    going_on: tuple[Alert, ...] = ()
    well_again: tuple[Alert, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.new or self.going_on or self.well_again)


def settle(known: Sequence[Alert], found: Sequence[Condition], has_passed: Callable[[Alert], bool], *, now: datetime) -> list[Alert]:
    """What is to be remembered from now on: every alert that changed, and new ones.

    ``has_passed`` says whether something that is not found any more is well again; else it ends without a word.
    """
    by_id = {alert.id: alert for alert in known}
    there = {(each.kind, each.key) for each in found}
    after = [_seen(by_id.get((each.kind, each.key)), each, now=now) for each in found]
    for alert in known:
        if alert.id in there or alert.resolved_at is not None:
            continue
        is_other_stage = any(alert.kind in family and any(kind in family for kind, _ in there) for family in ONE_STATE)
        ended = replace(alert, resolved_at=now)
        is_silent = is_other_stage or not has_passed(alert)
        after.append(replace(ended, told={}) if is_silent else ended)
    return [alert for alert in after if alert != by_id.get(alert.id)]


def _seen(before: Alert | None, found: Condition, *, now: datetime) -> Alert:
    happened = f"{found.wording.happened}\nWhat the program did: {found.wording.done}"
    if before is not None and before.resolved_at is None:
        return replace(
            before,
            subject=_subject(found),
            text=cut(happened, 2000),
            remedy=cut(found.wording.remedy, 1000),
            last_seen_at=max(before.last_seen_at, found.at),
            count=found.count,
        )
    # A way that has not told yet that it was well in between has nothing new to tell.
    told = before.told if before is not None else {}
    return Alert(
        found.kind,
        found.key,
        _subject(found),
        cut(happened, 2000),
        cut(found.wording.remedy, 1000),
        first_seen_at=now,
        last_seen_at=found.at,
        count=found.count,
        told=told,
        sent_at=min(told.values(), default=None),
    )


def _subject(found: Condition) -> str:
    return cut(" ".join(found.wording.subject.split()), 300)


def owed(alerts: Sequence[Alert], way: Way, *, now: datetime) -> Owed:
    """What a way has to tell. What came and passed before it could be told is not told any more."""
    alerts = sorted(alerts, key=lambda alert: (alert.first_seen_at, alert.kind, alert.key))
    # That a way is broken is told by the other one; once it works again it has nothing to say of itself either.
    others = [alert for alert in alerts if alert.id != (AlertKind.WAY_FAILS, way.value)]
    is_due = any(_goes_on(alert, way, now - REMIND_AFTER) for alert in others)
    return Owed(
        tuple(alert for alert in others if alert.resolved_at is None and way not in alert.told),
        tuple(alert for alert in others if is_due and _goes_on(alert, way, now - JOINS_AFTER)),
        tuple(alert for alert in others if alert.resolved_at is not None and way in alert.told),
    )


def _goes_on(alert: Alert, way: Way, told_before: datetime) -> bool:
    """Whether the alert is of those that are reminded of, was last told before that moment, and has been seen since."""
    at = alert.told.get(way)
    return alert.resolved_at is None and alert.kind in REMINDED and at is not None and at <= told_before and alert.last_seen_at > at


def told(alert: Alert, way: Way, *, now: datetime) -> Alert:
    """The alert once a way has told of it, whatever it had to tell."""
    if alert.resolved_at is not None:
        left = {other: at for other, at in alert.told.items() if other is not way}
        return replace(alert, told=left, cleared=alert.cleared | {way})
    return replace(alert, told={**alert.told, way: now}, sent_at=alert.sent_at or now, cleared=alert.cleared - {way})


def waits_until(sent: Sequence[datetime], *, now: datetime) -> datetime | None:
    """When a way may tell again, None for now. ``sent``: when it told lately; the more that is, the longer more is gathered first."""
    today = [at for at in sent if now - timedelta(days=1) < at <= now]
    if not today:
        return None
    pause = next((pause for most, pause in _PAUSES if len(today) < most), LONGEST_PAUSE)
    until = max(today) + pause
    return until if until > now else None


def remembered(sent: Sequence[datetime], *, now: datetime) -> list[datetime]:
    """The times of messages that still count, this one added."""
    return [*sorted(at for at in sent if now - timedelta(days=1) < at < now), now][-MOST_REMEMBERED:]
