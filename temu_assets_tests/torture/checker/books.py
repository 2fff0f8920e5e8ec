"""All sides of one world, held against each other by the invariants."""

from __future__ import annotations

from dataclasses import dataclass

from temu_assets_tests.torture.checker import jtl, ours, temu
from temu_assets_tests.torture.checker.places import Places


@dataclass(frozen=True, slots=True)
class Books:
    """What TEMU, JTL and the program itself say.

    ``temu_failed``: TEMU has refused and hidden things, so an order or SKU may stand in the inbox although nothing is in its way any more,
    and a shipment TEMU did not show may have been sent again and refused.
    """

    places: Places
    temu: temu.Temu
    jtl: jtl.Jtl
    ours: ours.Ours
    temu_failed: bool


def read(places: Places, *, temu_failed: bool) -> Books:
    """Read everything there is. Nothing may be running on it."""
    return Books(places, temu.read(places), jtl.read(places), ours.read(places), temu_failed)
