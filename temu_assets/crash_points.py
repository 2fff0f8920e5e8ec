"""Places where the program can be made to die as in a power cut: before and after every effect that outlives the process.

Inert unless one of two environment variables is set; then each place that is passed is counted. Tests use them to kill a run everywhere
and look whether the next run still brings everything to the same truth (docs/reliability.md).

- ``TEMU_ASSETS_CRASH_AT``: where to die, as ``name#occurrence``, several separated by commas; occurrences count from 1.
- ``TEMU_ASSETS_CRASH_TRACE``: a file that gets the name of every place passed, one a line.

The places: ``temu_send:<endpoint>`` and ``temu_received:<endpoint>`` around every call; ``toci_`` and ``jtl_`` with ``statement_before``,
``statement_after``, ``commit_before``, ``commit_after`` around everything either database is told; ``file_written`` (complete, under its
temporary name), ``file_renamed``, ``file_removed``, ``folder_removed``; ``log_before`` and ``log_after`` around lines added to a log file;
``cursor_save_before`` and ``cursor_save_after`` around what a run remembers for the next ("complete until"), which is part of a commit.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections import Counter
from pathlib import Path

AT = "TEMU_ASSETS_CRASH_AT"
TRACE = "TEMU_ASSETS_CRASH_TRACE"


class _Points:
    """What was passed so far, and what shall happen where."""

    def __init__(self, at: str, trace: str) -> None:
        self.is_armed = bool(at or trace)
        self._deadly = frozenset(at.split(",")) if at else frozenset[str]()
        self._trace = Path(trace) if trace else None
        self._passed: Counter[str] = Counter()
        self._lock = threading.Lock()

    def passing(self, name: str) -> None:
        with self._lock:
            self._passed[name] += 1
            if self._trace is not None:
                with self._trace.open("a", encoding="utf-8") as file:
                    file.write(name + "\n")
            if f"{name}#{self._passed[name]}" in self._deadly:
                _die()


def _die() -> None:
    """End at once: nothing is flushed, closed or told."""
    if sys.platform == "win32":
        os.kill(os.getpid(), signal.SIGTERM)  # there this is TerminateProcess
    else:
        os.kill(os.getpid(), signal.SIGKILL)
        signal.pause()


_points = _Points(os.environ.get(AT, ""), os.environ.get(TRACE, ""))


def arm(at: str = "", trace: str = "") -> None:
    """Count anew and do as told from now on, in this process; database connections opened before are not watched."""
    global _points
    _points = _Points(at, trace)


def is_armed() -> bool:
    """Whether anything is to happen at all."""
    return _points.is_armed


def crash_point(name: str) -> None:
    """Say that a place is passed."""
    if _points.is_armed:
        _points.passing(name)
