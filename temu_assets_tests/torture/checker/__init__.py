"""The judge: reads what TEMU, JTL and the program have, and says which of the promises I1 to I9 is broken, and by what.

It imports nothing of the program (a test holds that), only Python itself, so that it cannot make the program's mistakes. I10, that
everything comes right within three clean runs, is judged by who starts the runs.
"""

from __future__ import annotations

from pathlib import Path

from temu_assets_tests.torture.checker import books, inbox, orders, parcels, privacy, stock
from temu_assets_tests.torture.checker.findings import Finding, Harm
from temu_assets_tests.torture.checker.places import Places

__all__ = ["INVARIANTS", "Finding", "Harm", "Places", "check"]

INVARIANTS = {
    "I1": orders.each_order_is_in_jtl_once,
    "I2": orders.no_order_is_invented,
    "I3": orders.pieces_and_cents_are_equal,
    "I4": orders.no_order_is_empty,
    "I5": parcels.each_parcel_is_confirmed_once,
    "I6": stock.listed_stock_may_be_sold,
    "I7": inbox.done_has_evidence,
    "I8": inbox.what_is_not_done_is_in_the_inbox,
    "I9": privacy.nobody_is_named,
}


def check(folder: Path, *, temu_failed: bool = False) -> list[Finding]:
    """Everything that is wrong in a world that nobody is working on; empty when all is well.

    ``temu_failed``: TEMU has refused and hidden things (``Books``).
    """
    read = books.read(Places(folder), temu_failed=temu_failed)
    return [finding for invariant in INVARIANTS.values() for finding in invariant(read)]
