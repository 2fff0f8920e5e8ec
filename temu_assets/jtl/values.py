"""JTL's column values in our types: exact numbers, aware UTC instants, trimmed text. The only translation at this border."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from zoneinfo import ZoneInfo

from temu_assets.errors import RecordError

LOCAL = ZoneInfo("Europe/Berlin")


def to_decimal(value: object) -> Decimal:
    """A quantity, exact. SQLite returns float, int or text, SQL Server returns Decimal. None raises RecordError: it is not 0."""
    if value is None:
        raise RecordError("JTL returned no value where a quantity was expected.", remedy="look at the article or parcel in JTL.")
    return Decimal(str(value))


MOST_PIECES = Decimal(10**9)
"""Beyond this JTL's figure is no stock but a mistake."""


UNREADABLE = Decimal("NaN")
"""Stands for a figure that cannot be read: no sum with it is a number, so it never passes for 0."""


def to_figure(value: object) -> Decimal:
    """A stock figure, exact; ``UNREADABLE`` where JTL's value is none: missing, no number, not finite, or beyond ``MOST_PIECES``."""
    try:
        figure = to_decimal(value)
    except (RecordError, InvalidOperation):
        return UNREADABLE
    return figure if figure.is_finite() and abs(figure) <= MOST_PIECES else UNREADABLE


def to_text(value: object) -> str:
    """Text without surrounding blanks; None is empty."""
    return "" if value is None else str(value).strip()


def to_int(value: object) -> int:
    """A key or flag. ``True``/``False`` of a BIT column count as 1/0."""
    return int(value) if isinstance(value, int) else int(to_decimal(value))


def to_instant(value: object) -> datetime:
    """JTL stores local time without a zone; SQLite stores it as text. Returns aware UTC.

    In the hour that the end of daylight saving repeats, the earlier instant is taken.
    """
    moment = value if isinstance(value, datetime) else datetime.fromisoformat(str(value).strip())
    return (moment if moment.tzinfo else moment.replace(tzinfo=LOCAL)).astimezone(UTC)


def to_local(moment: datetime) -> datetime:
    """An aware instant as JTL stores it: local time without a zone."""
    return moment.astimezone(LOCAL).replace(tzinfo=None)
