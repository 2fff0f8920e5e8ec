"""Parcels JTL has sent against the packages TEMU shows, order by order. Pure.

Nothing is said of what was sent, or changed at TEMU, less than ``REPORTED_WITHIN`` ago, nor of a parcel that waits for the rest of its
order or for the decision about a request: that is work under way.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from temu_assets.jtl.parcels import SentParcel
from temu_assets.jtl.tracking import comparable
from temu_assets.reconciliation.facts import OurOrder, OurParcel
from temu_assets.temu.logistics import ConfirmedPackage
from temu_assets.temu.order_status import TemuStatus
from temu_assets.toci.problems import Finding

REPORTED_WITHIN = timedelta(hours=26)
"""Parcels are reported with every orders run, and that comes once a day."""


@dataclass(frozen=True, slots=True)
class Shipped:
    """One order with all that is known of its parcels. ``told``: numbers of parcels a person was told about already."""

    order: OurOrder
    in_jtl: Sequence[SentParcel]
    ours: Sequence[OurParcel]
    told: Collection[int]
    is_told: bool
    """Whether a person was told already that the order's parcels are not clear."""


def wants_a_look(shipped: Shipped, *, partial: bool, now: datetime) -> bool:
    """Whether our own tables alone make one doubt that TEMU knows all parcels of the order; such orders are asked about first."""
    reported = {parcel.parcel_id for parcel in shipped.ours if parcel.reported_at is not None}
    return any(parcel.parcel_id not in reported for parcel in _should_be_shown(shipped, partial=partial, now=now))


def not_at_temu(shipped: Shipped, packages: Iterable[ConfirmedPackage], *, partial: bool, now: datetime) -> Finding | None:
    """Parcels JTL sent long ago that TEMU does not show; None when there is none, or a person was told why."""
    shown = {comparable(package.tracking_number) for package in packages}
    unknown = [parcel for parcel in _should_be_shown(shipped, partial=partial, now=now) if comparable(parcel.tracking) not in shown]
    if not unknown:
        return None
    return _not_at_temu(shipped.order, unknown, {parcel.parcel_id: parcel for parcel in shipped.ours})


def _should_be_shown(shipped: Shipped, *, partial: bool, now: datetime) -> list[SentParcel]:
    """The order's parcels that TEMU has to show by now, and of which no person was told why it may not."""
    order = shipped.order
    if shipped.is_told or order.is_flagged or order.status == TemuStatus.CANCELLED or not _is_due(shipped, partial=partial, now=now):
        return []
    return [parcel for parcel in shipped.in_jtl if now - parcel.shipped_at > REPORTED_WITHIN and parcel.parcel_id not in shipped.told]


def _is_due(shipped: Shipped, *, partial: bool, now: datetime) -> bool:
    """TEMU is told once all of the order has left, unless parts are told at once; at the latest when TEMU wants it to have left."""
    ship_by = shipped.order.ship_by
    return partial or any(parcel.order_finished for parcel in shipped.in_jtl) or (ship_by is not None and ship_by < now)


def _not_at_temu(order: OurOrder, unknown: Sequence[SentParcel], ours: Mapping[int, OurParcel]) -> Finding:
    told = [our for parcel in unknown if (our := ours.get(parcel.parcel_id)) is not None and our.reported_at is not None]
    # TEMU was told the number we know; that JTL has another one by now is a correction on its way.
    listed = "; ".join(f"parcel {parcel.parcel_id} with {_tracking(parcel.tracking)}" for parcel in unknown)
    since = min(parcel.shipped_at for parcel in unknown)
    reason = f"JTL sent {listed} of order {order.order_id} (first {since:%Y-%m-%d %H:%M} UTC), and TEMU does not show it"
    if told:
        return Finding(
            f"{reason}, although it was told.",
            "Look at the order's packages in TEMU's Seller Center: somebody may have removed one. Confirm it there with JTL's number.",
        )
    if not all(parcel.tracking for parcel in unknown):
        return Finding(f"{reason}.", "Enter the tracking number in JTL; the next run of temu_orders_sync reports the parcel.")
    return Finding(
        f"{reason}.",
        "Run temu_tracking_sync and look at its checks. If the rest of the order does not leave, say so in TEMU's Seller Center, or set "
        "TEMU_PARTIAL_SHIPMENTS=true.",
    )


def at_temu_only(shipped: Shipped, packages: Sequence[ConfirmedPackage], *, changed_at: datetime | None, now: datetime) -> Finding | None:
    """Packages TEMU shows and JTL did not send, or two with one number. ``changed_at``: when TEMU last changed the order, if it told."""
    if changed_at is not None and now - changed_at < REPORTED_WITHIN:
        return None
    by_number: defaultdict[str, set[str]] = defaultdict(set)
    spelled: dict[str, str] = {}
    for package in packages:
        by_number[comparable(package.tracking_number)].add(package.package_id)
        spelled.setdefault(comparable(package.tracking_number), package.tracking_number)
    in_jtl = {parcel.parcel_id: comparable(parcel.tracking) for parcel in shipped.in_jtl}
    # Told as JTL had it then, and corrected in JTL since: the correction follows by itself.
    on_their_way = {comparable(our.reported_tracking or "") for our in shipped.ours if our.parcel_id in in_jtl}
    strangers = sorted(spelled[key] for key in by_number if key not in {*in_jtl.values(), *on_their_way})
    twice = sorted(f"{spelled[key]} ({', '.join(sorted(found))})" for key, found in by_number.items() if len(found) > 1)
    parts = []
    if strangers:
        known = ", ".join(_tracking(parcel.tracking) for parcel in shipped.in_jtl) or "no sent parcel"
        parts.append(f"TEMU shows {_tracking(', '.join(strangers))}, which JTL did not send (JTL: {known})")
    if twice:
        parts.append(f"TEMU shows {_tracking(', '.join(twice))} for more than one package")
    if not parts:
        return None
    return Finding(
        f"Order {shipped.order.order_id}: {'; '.join(parts)}.",
        "Compare the packages in TEMU's Seller Center with the parcels in JTL and correct the wrong side; if the parcel left without JTL, "
        "mark the problem as handled.",
    )


def _tracking(text: str) -> str:
    return f"number {text}" if text else "no number"
