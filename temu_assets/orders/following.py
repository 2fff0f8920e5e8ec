"""From JTL to our tables: the parcels of every order JTL was given, with what is in them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from temu_assets.jtl.database import Jtl
from temu_assets.jtl.orders import known_orders
from temu_assets.jtl.parcels import SentParcel, sent_parcels
from temu_assets.orders import parcel_store
from temu_assets.sql.chunks import in_chunks
from temu_assets.toci.database import Toci


@dataclass(slots=True)
class Followed:
    """How many orders were asked about, and how many parcels are new or changed since."""

    orders: int
    parcels: int = 0
    new: int = 0
    changed: int = 0
    without_number: int = 0


def follow_parcels(toci: Toci, jtl: Jtl, *, now: datetime) -> Followed:
    """Read the parcels of all orders still to be followed. JTL is not touched when there are none."""
    order_ids = toci.read(lambda connection: parcel_store.orders_to_follow(connection, toci.shop, now=now))
    followed = Followed(len(order_ids))
    for some in in_chunks(order_ids):
        _follow_some(toci, jtl, some, followed, now=now)
    return followed


def _follow_some(toci: Toci, jtl: Jtl, order_ids: Sequence[str], followed: Followed, *, now: datetime) -> None:
    parcels = sent_parcels(jtl, order_ids)
    _forget_unsent(toci, jtl, order_ids, parcels, now=now)
    if not parcels:
        return
    written = toci.write(lambda connection: parcel_store.save_sent(connection, toci.shop, parcels, now=now))
    followed.parcels += len(parcels)
    followed.new += written.inserted
    followed.changed += written.updated
    followed.without_number += sum(1 for parcel in parcels if not parcel.tracking)


def _forget_unsent(toci: Toci, jtl: Jtl, order_ids: Sequence[str], parcels: Sequence[SentParcel], *, now: datetime) -> None:
    """Somebody took a parcel back in JTL before TEMU was told: it has not left. An order JTL does not have at all tells nothing."""
    missing = toci.read(lambda connection: parcel_store.no_longer_shown(connection, toci.shop, order_ids, parcels))
    if not missing:
        return
    in_jtl = known_orders(jtl, sorted(set(missing.values())))
    unsent = [parcel_id for parcel_id, order_id in missing.items() if order_id in in_jtl]
    toci.write(lambda connection: parcel_store.forget_unsent(connection, toci.shop, unsent, now=now))
