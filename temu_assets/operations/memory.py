"""Python's garbage collector in a process that works through many orders."""

from __future__ import annotations

import gc
from functools import cache

_OBJECTS = 20_000
"""So many more objects than before make it look for garbage among the newest. A batch of orders alone has more than its usual 700."""


@cache
def settle() -> None:
    """Once a process: what was loaded until now stays for good, so that looking for garbage does not walk through all of it each time."""
    gc.freeze()
    gc.set_threshold(_OBJECTS)
