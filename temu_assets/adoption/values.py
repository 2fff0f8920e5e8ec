"""The predecessor's column values in our types, whatever a driver or a careless hand has put there. Pure; nothing here raises."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from zoneinfo import ZoneInfo

Theirs = Mapping[str, object]
"""A row of the predecessor's: column in small letters -> value as the driver gave it. A column they do not have is absent."""

LOCAL = ZoneInfo("Europe/Berlin")
"""Their times carry no zone (fault 17)."""

_TRUE = frozenset({"1", "-1", "true", "t", "yes", "y", "ja", "j", "wahr"})
_LARGEST_CENTS = Decimal(10) ** 15


def text_of(row: Theirs, name: str) -> str:
    """Text without surrounding blanks and without NUL; empty where there is none."""
    value = row.get(name)
    return "" if value is None else str(value).replace("\0", "").strip()


def flag_of(row: Theirs, name: str) -> bool:
    """A BIT, or what stands for one; empty is no."""
    value = row.get(name)
    if isinstance(value, bytes):
        return any(value)
    number = _number(value)
    return bool(number) if number is not None else str(value).strip().casefold() in _TRUE


def id_of(row: Theirs, name: str) -> str:
    """An id of TEMU's, which they keep as a number or as text; empty where it is neither, or 0."""
    number = _number(row.get(name))
    if number is None or number != int(number) or number <= 0:
        return ""
    return str(int(number))


def pieces_of(row: Theirs, name: str) -> int | None:
    """A whole number of pieces above 0, or None."""
    number = _number(row.get(name))
    if number is None or number != int(number) or not 0 < number < 2**31:
        return None
    return int(number)


def cents_of(row: Theirs, name: str) -> int | None:
    """An amount in cents, or None."""
    number = _number(row.get(name))
    if number is None or abs(number) > _LARGEST_CENTS:
        return None
    return int((number * 100).quantize(Decimal(1), ROUND_HALF_UP))


def instant_of(row: Theirs, *names: str, until: datetime) -> datetime | None:
    """The first of these columns that holds an instant not after ``until``, as aware UTC; None where none does.

    In the hour that the end of daylight saving repeats, the earlier instant is taken.
    """
    for name in names:
        moment = _moment(row.get(name))
        if moment is not None and moment <= until:
            return moment
    return None


def _number(value: object) -> Decimal | None:
    if value is None or isinstance(value, bytes):
        return None
    try:
        number = Decimal(str(int(value) if isinstance(value, bool) else value).strip())
    except InvalidOperation:
        return None
    # Above 30 digits nothing of theirs is meant, and whole numbers would be written out in full.
    return number if number.is_finite() and abs(number.adjusted()) < 30 else None


def _moment(value: object) -> datetime | None:
    try:
        if isinstance(value, date):
            moment = value if isinstance(value, datetime) else datetime.combine(value, time())
        else:
            moment = datetime.fromisoformat(str(value).strip())
        return (moment if moment.tzinfo else moment.replace(tzinfo=LOCAL)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
