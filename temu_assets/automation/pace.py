"""How often a look is taken that takes longer the more there is to look at.

Kept in the memory of the process that looks: after a restart the first look is at once.
"""

from __future__ import annotations

import time
from collections.abc import Callable

ARTICLES_A_STEP = 10_000
"""For so many articles more, one look is left out more."""
MOST_LEFT_OUT = 3
_TOLERANCE_SECONDS = 5.0
"""Dagster's ticks come a little late or early."""


def seconds_between(articles: int, *, every: int) -> int:
    """From look to look, in seconds, where a tick comes ``every`` so many: 15, 30, 45 or 60 for ticks of 15 seconds."""
    return every * (1 + min(articles // ARTICLES_A_STEP, MOST_LEFT_OUT))


class Pace:
    """When one sensor last looked, and at how much. ``every``: seconds between two ticks."""

    def __init__(self, every: int, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._every = every
        self._clock = clock
        self._due_at: float | None = None
        self.articles = 0

    def seconds_left(self) -> int:
        """Seconds until the next look is due, 0 when it is."""
        if self._due_at is None:
            return 0
        left = self._due_at - self._clock()
        return round(left) if left > _TOLERANCE_SECONDS else 0

    def looked_at(self, articles: int) -> None:
        """Say that a look was taken just now, at so many articles."""
        self.articles = articles
        between = seconds_between(articles, every=self._every)
        # A short listing is looked at with each tick, and whenever somebody asks.
        self._due_at = self._clock() + between if between > self._every else None
