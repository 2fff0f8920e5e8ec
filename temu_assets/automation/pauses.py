"""The longest time between two ticks of a cron expression: how long silence is to be expected. Pure."""

from __future__ import annotations

from datetime import timedelta

_ALIASES = {
    "@hourly": "0 * * * *",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *",
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
}
_ANY = "*"
_WEEKDAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")


def longest_pause(cron: str) -> timedelta:
    """At least the real pause; a year where months are named. ``cron`` is one that ``cron.py`` finds nothing wrong with."""
    minute, hour, day, month, weekday = _ALIASES.get(cron, cron).split()
    days = _days(day, month, weekday)
    hours = _values(hour, 0, 23)
    minutes = _values(minute, 0, 59)
    between_minutes = timedelta(minutes=_widest_gap(minutes, 60))
    if days is None and len(hours) == 24:
        return between_minutes
    within_an_hour = timedelta(minutes=max(minutes) - min(minutes))
    if days is None:
        return timedelta(hours=_widest_gap(hours, 24)) + within_an_hour
    return days + timedelta(hours=max(hours) - min(hours)) + within_an_hour


def _days(day: str, month: str, weekday: str) -> timedelta | None:
    """The longest pause between two days; None where it is every day. A day of the month or a weekday: whichever comes first."""
    if month != _ANY:
        return timedelta(days=366)
    pauses = []
    if weekday != _ANY:
        pauses.append(_widest_gap({value % 7 for value in _values(weekday, 0, 7)}, 7))
    if day != _ANY:
        # The 31st is missing in a month, the next one has it: 62 days at most.
        pauses.append(min(_widest_gap(_values(day, 1, 31), 31) * (2 if min(_values(day, 1, 31)) > 28 else 1), 62))
    widest = min(pauses, default=1)
    return timedelta(days=widest) if widest > 1 else None


def _values(text: str, first: int, last: int) -> set[int]:
    found: set[int] = set()
    for part in text.split(","):
        where, _, step = part.partition("/")
        start, dash, end = where.partition("-")
        low = first if where == _ANY else _value(start)
        high = last if where == _ANY else _value(end if dash else start)
        found |= set(range(low, high + 1, int(step or 1)))
    return found


def _value(text: str) -> int:
    return _WEEKDAYS.index(text.casefold()) if text.casefold() in _WEEKDAYS else int(text)


def _widest_gap(values: set[int], around: int) -> int:
    """The widest gap between two neighbours on a circle; all around where there is one alone."""
    ordered = sorted(values)
    following = [*ordered[1:], ordered[0] + around]
    return max(after - before for before, after in zip(ordered, following, strict=True))
