"""What is wrong with a cron expression, in words. Stricter than Dagster, which takes some that fire never or at other times than meant."""

from __future__ import annotations

from dataclasses import dataclass

ALIASES = frozenset({"@hourly", "@daily", "@midnight", "@weekly", "@monthly", "@yearly", "@annually"})

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_WEEKDAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_DAYS_OF = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


@dataclass(frozen=True, slots=True)
class _Field:
    name: str
    first: int
    last: int
    words: tuple[str, ...] = ()

    def value(self, text: str) -> int:
        """A number or a name (``mon``, ``jan``) of this field."""
        if text.casefold() in self.words:
            return self.words.index(text.casefold()) + self.first
        if not (text.isascii() and text.isdigit() and len(text) <= 4):
            raise ValueError(f"the {self.name} {text!r} is no number")
        if not self.first <= int(text) <= self.last:
            raise ValueError(f"the {self.name} {text} is not within {self.first} to {self.last}")
        return int(text)

    def values(self, text: str) -> set[int]:
        """Everything a field like ``0,30``, ``1-5`` or ``*/15`` means."""
        return {value for part in text.split(",") for value in self._part(part)}

    def _part(self, text: str) -> range:
        where, slash, step = text.partition("/")
        start, dash, end = where.partition("-")
        if where == "*":
            first, last = self.first, self.last
        else:
            first = self.value(start)
            last = self.value(end) if dash else first
        if first > last:
            raise ValueError(f"the {self.name} range {where} runs backwards")
        if not slash:
            return range(first, last + 1)
        if where != "*" and not dash:
            raise ValueError(f"the {self.name} {text} has a step without a range; write {first}-{self.last}/{step}")
        if not (step.isascii() and step.isdigit() and len(step) <= 4 and 1 <= int(step) <= last - first):
            raise ValueError(f"the {self.name} step {step!r} is not within 1 to {last - first}")
        return range(first, last + 1, int(step))


_FIELDS = (
    _Field("minute", 0, 59),
    _Field("hour", 0, 23),
    _Field("day of the month", 1, 31),
    _Field("month", 1, 12, _MONTHS),
    _Field("weekday", 0, 7, _WEEKDAYS),
)


def what_is_wrong(cron: str) -> str | None:
    """None for five fields (minute, hour, day of the month, month, weekday) that mean times that come; else what is wrong with them."""
    if cron in ALIASES:
        return None
    parts = cron.split()
    if len(parts) != len(_FIELDS) or cron != " ".join(parts):
        return f"it has {len(parts)} fields, not five with one space between: minute, hour, day of the month, month, weekday"
    try:
        _, _, days, months, _ = (field.values(part) for field, part in zip(_FIELDS, parts, strict=True))
    except ValueError as error:
        return str(error)
    if all(day > _DAYS_OF[month - 1] for day in days for month in months):
        return "no such day exists in these months"
    return None
