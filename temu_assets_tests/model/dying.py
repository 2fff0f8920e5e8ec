"""A run that dies at a crash point, within this process: from then on no effect of it happens any more, as after SIGKILL.

What has died still unwinds here, so every place with an effect raises again: a lease is not given back, nothing is written, nothing sent.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest

from temu_assets import crash_points
from temu_assets.toci import leases

FAMILIES = (
    "temu_send:bg.order",
    "temu_received:bg.order",
    "temu_send:bg.logistics.shipment.v2.confirm",
    "temu_received:bg.logistics.shipment.v2.confirm",
    "temu_received:bg.logistics.shipment.shippingtype.update",
    "temu_send:bg.local.goods.stock.edit",
    "temu_received:bg.local.goods.stock.edit",
    "toci_statement_before",
    "toci_commit_before",
    "toci_commit_after",
    "jtl_statement_after",
    "jtl_commit_before",
    "jtl_commit_after",
    "file_written",
    "file_renamed",
)
"""How the names of places begin at which a run may die."""


class Killed(BaseException):
    """Nothing in the program catches this."""


class Mortal:
    """Stands in for the counting of crash points: dies at one of them, and stays dead."""

    is_armed = True

    def __init__(self, family: str, occurrence: int) -> None:
        self.passed: Counter[str] = Counter()
        self.died_at: str | None = None
        self._family = family
        self._occurrence = occurrence
        self._lock = threading.Lock()

    def passing(self, name: str) -> None:
        """Raises Killed at the place meant, and everywhere after it."""
        with self._lock:
            self.passed[name] += 1
            passed = sum(count for each, count in self.passed.items() if each.startswith(self._family))
            if self.died_at is None and name.startswith(self._family) and passed == self._occurrence:
                self.died_at = name
            if self.died_at is not None:
                raise Killed(self.died_at)


@contextmanager
def death(family: str, occurrence: int) -> Iterator[Mortal]:
    """Whatever runs in the block dies when a place of this family is passed for the so-manieth time, if it gets so far."""
    mortal = Mortal(family, occurrence)
    renew = leases._renew_until

    def renew_until_death(*arguments: object) -> None:
        with suppress(Killed):
            renew(*arguments)  # type: ignore[arg-type]  # what it was called with

    with pytest.MonkeyPatch.context() as patch, suppress(Killed):
        patch.setattr(crash_points, "_points", mortal)
        patch.setattr(leases, "_renew_until", renew_until_death)
        yield mortal
