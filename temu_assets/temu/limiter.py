"""The pace of calls to TEMU: one limiter per app key for the whole process, shared by all threads.

It reserves moments and never sleeps itself, so no lock is held while somebody waits. Calls are paced evenly: a gateway
that counts calls per clock second never counts more than the rate. Source: fact sheet temu-api, section 1.6.
"""

from __future__ import annotations

import math
import threading

PACE = 0.97
"""Share of the rate that is used. The rest absorbs calls that arrive late and would fall into the next clock second."""

CATCH_UP_S = 0.01
"""How far behind its schedule a caller may be and still catch up; also the whole of the burst after a quiet time."""

LOWEST_RATE = 0.5
RECOVERY_PER_SECOND = 0.05
"""Share of the full rate that comes back each second after TEMU has asked to slow down."""


class Limiter:
    """Evenly spaced moments, ``rate`` per second. All times are seconds of one monotonic clock. Thread-safe."""

    def __init__(self, rate: float) -> None:
        self._lock = threading.Lock()
        self._ceiling = rate
        self._rate_after_cut = rate
        self._cut_at = -math.inf
        self._held_until = -math.inf
        self._next = -math.inf

    def set_rate(self, rate: float) -> None:
        """Change the full rate, as when a second connection of the same app is configured differently."""
        with self._lock:
            if rate != self._ceiling:
                self._ceiling = self._rate_after_cut = rate

    def rate(self, now: float) -> float:
        """The rate at ``now``: the full one, or what has come back of it since the last time TEMU asked to slow down."""
        with self._lock:
            return self._rate(now)

    def reserve(self, now: float, *, latest: float) -> float | None:
        """The next free moment (at or after ``now``), taken for the caller; None, and nothing taken, if after ``latest``."""
        with self._lock:
            moment = max(self._next, now - CATCH_UP_S, self._held_until)
            if moment > latest:
                return None
            self._next = moment + 1 / (self._rate(max(now, moment)) * PACE)
            return max(moment, now)

    def is_still_free(self, moment: float) -> bool:
        """Whether a call may go out at a moment reserved earlier: not if TEMU has asked everybody to wait since."""
        with self._lock:
            return moment >= self._held_until

    def slow_down(self, *, sent_at: float, now: float, hold_s: float) -> None:
        """TEMU refused a call for its frequency: nobody sends for ``hold_s`` seconds, then at half the rate.

        Calls sent before the last cut say nothing about the rate after it, so they prolong the wait but cut no further.
        """
        with self._lock:
            if sent_at >= self._cut_at:
                self._rate_after_cut = max(min(LOWEST_RATE, self._ceiling), self._rate(now) / 2)
                self._cut_at = now
            self._held_until = max(self._held_until, now + hold_s)

    def _rate(self, now: float) -> float:
        quiet_s = max(0.0, now - max(self._cut_at, self._held_until))
        if math.isinf(quiet_s):
            return self._ceiling
        return min(self._ceiling, self._rate_after_cut + quiet_s * self._ceiling * RECOVERY_PER_SECOND)


_limiters: dict[str, Limiter] = {}
_limiters_lock = threading.Lock()


def limiter_for(app_key: str, rate: float) -> Limiter:
    """The limiter of this process for ``app_key``, at ``rate`` calls per second from now on."""
    with _limiters_lock:
        limiter = _limiters.setdefault(app_key, Limiter(rate))
    limiter.set_rate(rate)
    return limiter
