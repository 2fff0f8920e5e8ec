"""A cheap look whether JTL has sent parcels of TEMU orders that we do not know, or knows them differently by now."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from temu_assets.jtl.database import Jtl
from temu_assets.jtl.parcels import SentParcel, current_numbers, sent_parcels
from temu_assets.orders import parcel_store
from temu_assets.orders.parcel_store import FOLLOWED_AFTER_REPORT, StoredParcel
from temu_assets.toci import outbox
from temu_assets.toci.database import Toci
from temu_assets.toci.outbox import Effect, State

WATCHED = 1000
"""So many of the parcels JTL made last are watched: for a number that is corrected, and for what was not told yet."""
_BEGUN = (State.PENDING, State.SENDING)


@dataclass(frozen=True, slots=True)
class _Ours:
    """What our tables say: orders whose parcels are awaited, the parcels known of them, numbers TEMU was told, what a run broke off."""

    order_ids: Sequence[str]
    parcels: Mapping[int, StoredParcel]
    told: Mapping[int, str]
    broken_off: Sequence[str]


def news(jtl: Jtl, toci: Toci, *, now: datetime) -> str | None:
    """A fingerprint of what is new or changed, or None. JTL is not touched when nothing is awaited or watched.

    New is a parcel that has left. Changed is its number, before or after TEMU was told; before that also its shipping method and whether
    JTL counts the order as delivered. A parcel that a run began to tell, without getting through, is news as well. Raises TransientError
    when JTL cannot be read.
    """
    ours = toci.read(lambda connection: _ours(connection, toci.shop, now))
    # Without contents, which would take more statements and come with the parcel.
    sent = sent_parcels(jtl, ours.order_ids, with_contents=False) if ours.order_ids else []
    numbers = current_numbers(jtl, list(ours.told)) if ours.told else {}
    found = {f"parcel {parcel.parcel_id} {parcel.tracking}" for parcel in sent if _is_news(parcel, ours.parcels.get(parcel.parcel_id))}
    found |= {f"number {key} {number}" for key, number in numbers.items() if number != ours.told[key]}
    found |= {f"broken off {key}" for key in ours.broken_off}
    return hashlib.sha256("\n".join(sorted(found)).encode()).hexdigest()[:16] if found else None


def _ours(connection: Connection, shop: str, now: datetime) -> _Ours:
    newest = parcel_store.newest(connection, shop, WATCHED)
    untold = {each.order_id for each in newest if each.reported_at is None}
    order_ids = sorted(untold.union(parcel_store.open_orders(connection, shop)))
    stored = [each for of_order in parcel_store.of_orders(connection, shop, order_ids).values() for each in of_order]
    parcels = {each.parcel.parcel_id: each for each in stored}
    begun = outbox.entries(connection, shop, Effect.SHIPMENT, _BEGUN)
    return _Ours(
        order_ids,
        parcels,
        told={
            each.parcel_id: each.tracking
            for each in newest
            if each.parcel_id not in parcels and each.reported_at is not None and each.reported_at > now - FOLLOWED_AFTER_REPORT
        },
        broken_off=sorted(str(key) for key, each in parcels.items() if each.reported_at is None and str(key) in begun),
    )


def _is_news(parcel: SentParcel, known: StoredParcel | None) -> bool:
    if known is None or known.parcel.tracking != parcel.tracking:
        return True
    is_changed = (known.parcel.shipping_method, known.order_finished) != (parcel.shipping_method, parcel.order_finished)
    return is_changed and known.reported_at is None
