"""How long a stage goes on in a run that has a time limit, so that the run ends by itself and the stages after it get their turn.

A stage that reaches its time closes what it has begun and leaves the rest to the next run, which takes what was left undone anyway. It
never ends before it has done one piece of its work: however small the limit, every run gets on.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

TIGHT = timedelta(minutes=4)
"""What a hundred calls can take that go to a slow TEMU."""


class ShareOfRun(float, Enum):
    """By which part of the run's time a stage is to be done. What the stages before it did not use is the later ones'."""

    FETCHING = 0.5
    TAKING_IN = 0.65
    HANDING_OVER = 0.75
    SENDING = 0.9


def _not_asked() -> datetime:
    raise AssertionError("who has no limit asks for no time")


@dataclass(frozen=True, slots=True)
class TimeLimit:
    """Until when (aware) a stage begins new pieces of work; None: until all is done."""

    until: datetime | None = None
    now: Callable[[], datetime] = _not_asked

    def is_over(self, *, next_takes: timedelta = timedelta()) -> bool:
        """Whether no further piece of work is to be begun, which is expected to take so long."""
        return self.until is not None and self.now() + next_takes >= self.until

    def piece(self, usual: int, *, small: int) -> int:
        """How many things are begun together: few where little time is left, lest they take longer than that."""
        is_tight = self.until is not None and self.until - self.now() < TIGHT
        return min(usual, small) if is_tight else usual

    def earlier(self, by: timedelta) -> TimeLimit:
        """With time left at the end for what has to follow in any case."""
        return TimeLimit(None if self.until is None else self.until - by, self.now)


UNLIMITED = TimeLimit()
"""For runs without a limit: everything is done."""


def limit_of(tag: str | None, share: ShareOfRun, *, elapsed: timedelta, now: Callable[[], datetime]) -> TimeLimit:
    """A stage's limit. ``tag``: the run's limit in seconds as Dagster keeps it; ``elapsed``: how long the run has gone on.

    What is no number of seconds above 0 is no limit: Dagster takes it for none as well.
    """
    try:
        seconds = float(tag or 0)
        until = now() + timedelta(seconds=seconds * share.value) - elapsed
    except (ValueError, OverflowError):
        return UNLIMITED
    return TimeLimit(until, now) if seconds > 0 else UNLIMITED
