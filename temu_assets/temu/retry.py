"""When a failed attempt is repeated, and after how long. Pure rules; the loop that uses them is in ``transport.py``.

Two kinds of calls differ. A call that may be repeated (a read, or an absolute write) is repeated whenever that can help.
A call that must happen at most once (confirming a shipment) is repeated only if TEMU surely did not act on it.
"""

from __future__ import annotations

import math
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from enum import Enum, auto

MAX_ATTEMPTS = 5
FIRST_PAUSE_S = 0.5
LONGEST_PAUSE_S = 8.0
FIRST_HOLD_S = 1.0
LONGEST_HOLD_S = 30.0
"""No wait that TEMU asks for is longer than this, so that a call ends within its total time."""


class Trouble(Enum):
    """Why an attempt brought no usable answer."""

    NOT_CONNECTED = auto()
    """No connection: nothing was sent."""
    TOO_FREQUENT = auto()
    """HTTP 429 or code 4000004: refused before it was processed."""
    ANSWER_LOST = auto()
    """Sent, and then a timeout, a reset, an unreadable answer, HTTP 408 or 5xx."""
    TEMPORARY = auto()
    """TEMU says that its own system failed; whether it acted is open."""
    SERVICE_ERROR = auto()
    """Like TEMPORARY, but also TEMU's answer to some wrong requests: repeated once only."""


_SURELY_NOT_DONE = frozenset({Trouble.NOT_CONNECTED, Trouble.TOO_FREQUENT})


def should_retry(trouble: Trouble, *, attempt: int, at_most_once: bool) -> bool:
    """Whether to try again after attempt number ``attempt`` (from 1) ended in ``trouble``."""
    if at_most_once and trouble not in _SURELY_NOT_DONE:
        return False
    return attempt < (2 if trouble is Trouble.SERVICE_ERROR else MAX_ATTEMPTS)


def is_outcome_unknown(trouble: Trouble) -> bool:
    """Whether TEMU may have acted on the call although no answer says so."""
    return trouble not in _SURELY_NOT_DONE


def pause_before(attempt: int, trouble: Trouble, *, retry_after_s: float | None, draw: float) -> float:
    """Seconds to wait before attempt number ``attempt`` (2 and up). ``draw`` is a random number from 0 to 1.

    Exponential with full jitter. After TOO_FREQUENT the wait is for the whole process: at least one second, and what
    TEMU asks for up to LONGEST_HOLD_S.
    """
    doublings = attempt - 2
    if trouble is Trouble.TOO_FREQUENT:
        hold_s = FIRST_HOLD_S * 2.0**doublings * (1 + draw)
        return min(LONGEST_HOLD_S, max(retry_after_s or 0.0, hold_s))
    return min(LONGEST_HOLD_S, max(retry_after_s or 0.0, draw * min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2.0**doublings)))


def retry_after_seconds(header: str | None, now: datetime) -> float | None:
    """The header ``Retry-After`` (seconds or an HTTP date) as seconds from ``now``; None if absent or senseless."""
    if header is None:
        return None
    try:
        seconds = float(header)
    except ValueError:
        moment = http_date(header)
        return None if moment is None else max(0.0, (moment - now).total_seconds())
    return seconds if math.isfinite(seconds) and seconds >= 0 else None


def http_date(header: str | None) -> datetime | None:
    """An HTTP date header as aware UTC datetime; None if absent or malformed."""
    if header is None:
        return None
    try:
        moment = parsedate_to_datetime(header)
    except ValueError:
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
