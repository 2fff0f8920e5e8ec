"""Python's garbage collector in processes that load much for good, and in one that works through many orders."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

_OBJECTS = 100_000
"""So many more objects than before make it look for garbage among the newest. A batch of orders alone has more than its usual 700."""


@cache
def keep_what_is_loaded() -> None:
    """Once a process, after the definitions were loaded: they and Dagster stay, so nobody looks for garbage among them, also at the end.

    That is half a million objects, and a look among them takes longer than a sensor's look at TEMU. A sensor's look at JTL makes a hundred
    thousand that are gone a moment later.
    """
    gc.freeze()
    gc.set_threshold(_OBJECTS)


@cache
def settle() -> None:
    """Once a process, when its run begins: the same for what was loaded since."""
    gc.freeze()


@contextmanager
def much_that_stays() -> Iterator[None]:
    """While much is read that is kept until the end of the block: to look for garbage among it takes long and finds nothing."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
