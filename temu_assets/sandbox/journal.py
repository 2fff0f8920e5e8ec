"""A record of every call the sandbox got, for tests and people: what was asked, when, and the verdict.

Keys, tokens and signatures are left out.
"""

from __future__ import annotations

import threading
from collections import Counter, deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

# Some public clients send their app secret along, as one more field.
_SECRET = frozenset({"app_key", "app_secret", "access_token", "sign", "timestamp", "data_type", "version", "type"})
KEPT_ENTRIES = 50_000


@dataclass(frozen=True, slots=True)
class Entry:
    """One call. ``verdict`` is TEMU's code (1000000 = success) or the name of a fault that took the answer."""

    at: float
    endpoint: str
    params: Mapping[str, Any]
    verdict: str


class Journal:
    """The newest calls, and counters over all of them. Safe to read while the server runs."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._entries: deque[Entry] = deque(maxlen=KEPT_ENTRIES)
        self._counts: Counter[str] = Counter()

    def record(self, at: float, endpoint: str, body: Mapping[str, object], verdict: str) -> None:
        """Add one call."""
        params = {name: value for name, value in body.items() if name not in _SECRET}
        with self._lock:
            self._entries.append(Entry(at, endpoint, params, verdict))
            self._counts[endpoint] += 1

    def entries(self, endpoint: str | None = None) -> list[Entry]:
        """Return the kept calls, oldest first, of one endpoint or of all."""
        with self._lock:
            return [entry for entry in self._entries if endpoint is None or entry.endpoint == endpoint]

    def counts(self) -> dict[str, int]:
        """Return the number of calls per endpoint."""
        with self._lock:
            return dict(self._counts)

    def count(self, endpoint: str) -> int:
        """Return the number of calls of one endpoint."""
        with self._lock:
            return self._counts[endpoint]

    def busiest_second(self) -> int:
        """Return the largest number of kept calls within one second of the clock."""
        with self._lock:
            seconds = Counter(int(entry.at) for entry in self._entries)
        return max(seconds.values(), default=0)

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._entries.clear()
            self._counts.clear()
