"""Counting the HTTP requests a client has sent, for metadata and benchmarks."""

from __future__ import annotations

import threading
from collections import Counter


class CallLog:
    """Requests sent, by endpoint. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._by_endpoint: Counter[str] = Counter()
        self._retries = 0

    def record(self, endpoint: str, *, is_retry: bool) -> None:
        """Count one request that is about to be sent."""
        with self._lock:
            self._by_endpoint[endpoint] += 1
            self._retries += is_retry

    @property
    def total(self) -> int:
        """HTTP requests sent, retries included."""
        with self._lock:
            return self._by_endpoint.total()

    @property
    def retries(self) -> int:
        """Requests that repeated an earlier one."""
        with self._lock:
            return self._retries

    def by_endpoint(self) -> dict[str, int]:
        """HTTP requests sent per TEMU endpoint (``type``)."""
        with self._lock:
            return dict(self._by_endpoint)
