"""Since when TEMU could have been told of parcels: where the clock of their lead time starts. Pure.

It starts when JTL sent the last of the parcels that are told together. Where JTL or TEMU changed something afterwards that a run waited
for (a number that came late, a request of the buyer's that was withdrawn), it starts with that.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta

from temu_assets.jtl.values import to_local
from temu_assets.orders.order_store import StoredOrder
from temu_assets.orders.parcel_store import StoredParcel

JTL_COUNTS_SECONDS = timedelta(seconds=1)
_BEFORE_ALL = datetime.min.replace(tzinfo=UTC)


def began(parcels: Sequence[StoredParcel], orders: Sequence[StoredOrder]) -> datetime | None:
    """The moment (aware UTC) for parcels that are told in one call; None: one left before JTL was given its order, which does not count.

    A change in JTL counts from when it was first seen, because JTL does not tell when it was made.
    """
    shipped = max(_shipped(each) for each in parcels)
    first = min(_shipped(each) for each in parcels)
    if any(order.exported_at is None or first < order.exported_at - JTL_COUNTS_SECONDS for order in orders):
        return None
    changed = max(each.changed_at or each.first_seen_at for each in parcels)
    # Where a parcel came with the change, it is what was waited for.
    changed_later = changed if changed > max(each.first_seen_at for each in parcels) else _BEFORE_ALL
    return max(shipped, changed_later, *(order.updated_at for order in orders))


def _shipped(stored: StoredParcel) -> datetime:
    """A person may have typed in a date without a time of day: then the parcel counts from when it was first seen."""
    shipped = stored.parcel.shipped_at
    return stored.first_seen_at if to_local(shipped).time() == time() else shipped
