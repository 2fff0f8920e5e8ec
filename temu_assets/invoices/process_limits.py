"""What a process may use, and that it ends with the one that started it, as far as the system offers it.

Linux offers all of it, macOS no end with the parent and no firm memory limit, Windows nothing of it: there the wall clock of whoever
waits for the process, and the sizes and pages that are read, are the only limits.
"""

from __future__ import annotations

import ctypes
import math
import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

if sys.platform != "win32":
    import resource

LARGEST_WRITTEN = 10_000_000
"""Bytes of a file such a process may write."""
GRACE_SECONDS = 5
"""So much later than whoever waits for it a process ends by itself."""
_PR_SET_PDEATHSIG = 1


def limit_this_process(memory_mb: int) -> None:
    """Memory, size of written files, no core dumps; handed down to every program it starts. Cannot be undone."""
    if sys.platform != "win32":
        # macOS refuses some of them.
        for kind, most in ((resource.RLIMIT_AS, memory_mb << 20), (resource.RLIMIT_FSIZE, LARGEST_WRITTEN), (resource.RLIMIT_CORE, 0)):
            with suppress(ValueError, OSError):
                resource.setrlimit(kind, (most, most))


@contextmanager
def at_most(seconds: int) -> Iterator[None]:
    """Inside: so much time of the processor, and a little more on the clock; then the system ends this process."""
    if sys.platform == "win32":
        yield
        return
    used = resource.getrusage(resource.RUSAGE_SELF)
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (math.ceil(used.ru_utime + used.ru_stime) + seconds, hard))
    signal.alarm(seconds + GRACE_SECONDS)
    try:
        yield
    finally:
        signal.alarm(0)


def end_with(parent: int) -> None:
    """End as soon as the process that started this one ends; at once when it has ended already. ``parent``: its id, 0 for whichever."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if sys.platform != "win32" and parent not in (0, os.getppid()):
        sys.exit(1)


def as_helper(seconds: float) -> Callable[[], None] | None:
    """What a program does before it starts, so that it outlives neither its time nor this process; for ``subprocess``."""
    if sys.platform == "win32":
        return None
    parent, prctl = os.getpid(), ctypes.CDLL(None).prctl if sys.platform == "linux" else None

    def prepare() -> None:
        if prctl is not None:
            prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        signal.alarm(math.ceil(seconds) + GRACE_SECONDS)
        if os.getppid() != parent:
            os._exit(1)

    return prepare
