"""A cheap look whether JTL has sent parcels of TEMU orders that we do not know, or knows them differently by now."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from temu_assets.jtl.database import Jtl
from temu_assets.jtl.parcels import SentParcel, current_numbers, sent_parcels
from temu_assets.orders import order_store, parcel_store
from temu_assets.orders.holds import NEVER_LISTED
from temu_assets.orders.parcel_store import FOLLOWED_AFTER_REPORT, StoredParcel
from temu_assets.orders.reporting_plan import plan_of_order
from temu_assets.orders.shipment import ShipmentPlan
from temu_assets.toci import outbox, problems
from temu_assets.toci.database import Toci
from temu_assets.toci.kinds import PARCEL_UNCLEAR
from temu_assets.toci.outbox import Effect, State

WATCHED = 1000
"""So many of the parcels JTL made last are watched: for a number that is corrected, and for what was not told yet."""


@dataclass(frozen=True, slots=True)
class _Ours:
    """What our tables say: orders whose parcels are awaited, the parcels known of them, numbers TEMU was told, orders left untold."""

    order_ids: Sequence[str]
    parcels: Mapping[int, StoredParcel]
    told: Mapping[int, str]
    untold: Sequence[str]


def news(jtl: Jtl, toci: Toci, *, now: datetime, partial: bool) -> str | None:
    """A fingerprint of what is new or changed, or None. JTL is not touched when nothing is awaited or watched.

    New is a parcel that has left. Changed is its number, before or after TEMU was told; before that also its shipping method and whether
    JTL counts the order as delivered. What a run could have told and has not (TEMU was away, its time was up) is news as well; for that
    ``partial`` is as for the run. Raises TransientError when JTL cannot be read.
    """
    ours = toci.read(lambda connection: _ours(connection, toci.shop, now, partial=partial))
    # Without contents, which would take more statements and come with the parcel.
    sent = sent_parcels(jtl, ours.order_ids, with_contents=False) if ours.order_ids else []
    numbers = current_numbers(jtl, list(ours.told)) if ours.told else {}
    found = {f"parcel {parcel.parcel_id} {parcel.tracking}" for parcel in sent if _is_news(parcel, ours.parcels.get(parcel.parcel_id))}
    found |= {f"number {key} {number}" for key, number in numbers.items() if number != ours.told[key]}
    found |= {f"untold {order_id}" for order_id in ours.untold}
    return hashlib.sha256("\n".join(sorted(found)).encode()).hexdigest()[:16] if found else None


def _ours(connection: Connection, shop: str, now: datetime, *, partial: bool) -> _Ours:
    newest = parcel_store.newest(connection, shop, WATCHED)
    untold = {each.order_id for each in newest if each.reported_at is None}
    order_ids = sorted(untold.union(parcel_store.open_orders(connection, shop)))
    of_orders = parcel_store.of_open_orders(connection, shop)
    of_orders |= parcel_store.of_orders(connection, shop, sorted(untold - of_orders.keys()))
    parcels = {each.parcel.parcel_id: each for of_order in of_orders.values() for each in of_order}
    return _Ours(
        order_ids,
        parcels,
        told={
            each.parcel_id: each.tracking
            for each in newest
            if each.parcel_id not in parcels and each.reported_at is not None and each.reported_at > now - FOLLOWED_AFTER_REPORT
        },
        untold=_untold(connection, shop, {key: of_orders[key] for key in sorted(untold) if key in of_orders}, partial=partial),
    )


def _untold(connection: Connection, shop: str, parcels: Mapping[str, Sequence[StoredParcel]], *, partial: bool) -> list[str]:
    """Orders of whose parcels TEMU could be told by what we know. What is parked or unclear waits for something else."""
    if not parcels:
        return []
    parked = outbox.entries(connection, shop, Effect.SHIPMENT, [State.PARKED])
    waiting = {each.key for each in problems.unsettled(connection, shop, PARCEL_UNCLEAR)}
    waiting |= {order_id for order_id, of_order in parcels.items() if any(str(each.parcel.parcel_id) in parked for each in of_order)}
    orders = order_store.by_id(connection, shop, [order_id for order_id in parcels if order_id not in waiting])
    confirmed = parcel_store.reported_lines(connection, shop, list(orders))
    plans = {
        order_id: plan_of_order(stored, parcels[order_id], confirmed.get(order_id, frozenset()), partial=partial)
        for order_id, stored in orders.items()
        if stored.import_status != NEVER_LISTED
    }
    return sorted(order_id for order_id, plan in plans.items() if isinstance(plan, ShipmentPlan))


def _is_news(parcel: SentParcel, known: StoredParcel | None) -> bool:
    if known is None or known.parcel.tracking != parcel.tracking:
        return True
    is_changed = (known.parcel.shipping_method, known.order_finished) != (parcel.shipping_method, parcel.order_finished)
    return is_changed and known.reported_at is None
