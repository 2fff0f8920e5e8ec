"""Parcels in our own database: the SQL of ``temu_parcels``, and which orders are still to be followed."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, delete, exists, func, or_, select, update

from temu_assets.jtl.parcels import SentParcel
from temu_assets.jtl.tracking import comparable
from temu_assets.orders.parcels import Parcel, ParcelContent
from temu_assets.sql.chunks import in_chunks
from temu_assets.temu.order_status import TemuStatus
from temu_assets.texts import cut
from temu_assets.toci import outbox
from temu_assets.toci.outbox import Effect, State
from temu_assets.toci.tables import temu_order_items, temu_orders, temu_parcels
from temu_assets.toci.writing import Written, upsert

_AWAITED = (TemuStatus.UNSHIPPED.value, TemuStatus.PARTLY_SHIPPED.value, TemuStatus.PENDING.value)

FOLLOWED_AFTER_REPORT = timedelta(days=30)
"""So long after a parcel was reported JTL is still asked whether its number was corrected or another parcel followed."""

FOLLOWED_AFTER_CANCELLATION = timedelta(days=30)
"""So long JTL is asked whether a parcel of an order has left that TEMU cancelled after it went to JTL."""

TOLD_BEFORE = "the predecessor told TEMU the tracking number "
"""Evidence of a shipment whose key is the order: the predecessor kept one number an order and not JTL's key of the parcel."""


@dataclass(frozen=True, slots=True)
class StoredParcel:
    """A parcel with what TEMU was told about it. ``reported_at`` None: nothing yet."""

    parcel: Parcel
    order_finished: bool
    reported_tracking: str | None
    reported_carrier_id: int | None
    package_id: str | None
    reported_at: datetime | None
    first_seen_at: datetime
    changed_at: datetime | None
    """When JTL was first seen to tell it like this; None: before that was noted."""


def orders_to_follow(connection: Connection, shop: str, *, now: datetime) -> list[str]:
    """Orders JTL was given whose parcels may still be missing, unreported or corrected, or leave although TEMU cancelled."""
    last_report = (
        select(func.max(temu_parcels.c.reported_at))
        .where(temu_parcels.c.shop == temu_orders.c.shop, temu_parcels.c.order_id == temu_orders.c.order_id)
        .scalar_subquery()
    )
    unreported = (
        select(temu_parcels.c.parcel_id)
        .where(
            temu_parcels.c.shop == temu_orders.c.shop,
            temu_parcels.c.order_id == temu_orders.c.order_id,
            temu_parcels.c.reported_at.is_(None),
        )
        .exists()
    )
    # An order the predecessor reported has no parcel here before JTL is asked for the first time.
    line_left_lately = (
        select(temu_order_items.c.line_id)
        .where(
            temu_order_items.c.shop == temu_orders.c.shop,
            temu_order_items.c.order_id == temu_orders.c.order_id,
            temu_order_items.c.reported_at > now - FOLLOWED_AFTER_REPORT,
        )
        .exists()
    )
    is_open = temu_orders.c.status.in_(_AWAITED)
    just_cancelled = and_(
        temu_orders.c.status == TemuStatus.CANCELLED.value, temu_orders.c.temu_updated_at > now - FOLLOWED_AFTER_CANCELLATION
    )
    rows = connection.execute(
        select(temu_orders.c.order_id)
        .where(
            temu_orders.c.shop == shop,
            temu_orders.c.exported_at.is_not(None),
            or_(is_open, just_cancelled, unreported, last_report > now - FOLLOWED_AFTER_REPORT, line_left_lately),
        )
        .order_by(temu_orders.c.order_id)
    )
    return list(rows.scalars())


def open_orders(connection: Connection, shop: str) -> list[str]:
    """Orders JTL was given of which TEMU still awaits something."""
    orders = temu_orders.c
    rows = connection.execute(select(orders.order_id).where(*_are_open(shop)).order_by(orders.order_id))
    return list(rows.scalars().all())


def of_open_orders(connection: Connection, shop: str) -> dict[str, list[StoredParcel]]:
    """All parcels of ``open_orders``, in the order of their ids."""
    orders, columns = temu_orders.c, temu_parcels.c
    is_of_open = exists().where(*_are_open(shop), orders.order_id == columns.order_id)
    return _stored(connection, select(temu_parcels).where(columns.shop == shop, is_of_open))


def _are_open(shop: str) -> tuple[ColumnElement[bool], ...]:
    orders = temu_orders.c
    return orders.shop == shop, orders.status.in_(_AWAITED), orders.exported_at.is_not(None)


@dataclass(frozen=True, slots=True)
class KnownNumber:
    """A parcel's tracking number as JTL was last seen to have it."""

    parcel_id: int
    order_id: str
    tracking: str
    reported_at: datetime | None


def newest(connection: Connection, shop: str, most: int) -> list[KnownNumber]:
    """The parcels JTL made last, found by their keys alone, which is quick however many there are."""
    columns = temu_parcels.c
    rows = connection.execute(
        select(columns.parcel_id, columns.order_id, columns.tracking, columns.reported_at)
        .where(columns.shop == shop)
        .order_by(columns.parcel_id.desc())
        .limit(most)
    )
    return [KnownNumber(*row) for row in rows]


def save_sent(connection: Connection, shop: str, parcels: Sequence[SentParcel], *, now: datetime) -> Written:
    """Write what JTL has sent; what TEMU was told stays."""
    rows = [
        {
            "shop": shop,
            "parcel_id": parcel.parcel_id,
            "order_id": parcel.order_id,
            "delivery_note": cut(parcel.delivery_note, 50),
            "tracking": parcel.tracking,
            "shipping_method": parcel.shipping_method,
            "shipped_at": parcel.shipped_at,
            "contents": None if parcel.contents is None else json.dumps([[sku, str(quantity)] for sku, quantity in parcel.contents]),
            "order_finished": parcel.order_finished,
            "first_seen_at": now,
            "changed_at": now,
        }
        for parcel in parcels
    ]
    told_by_jtl = [name for name in (rows[0] if rows else ()) if name not in ("shop", "parcel_id", "first_seen_at", "changed_at")]
    written = upsert(connection, temu_parcels, rows, insert_only=["first_seen_at"], compare=told_by_jtl)
    _settle_told_before(connection, shop, parcels, now=now)
    return written


def no_longer_shown(connection: Connection, shop: str, order_ids: Sequence[str], parcels: Sequence[SentParcel]) -> dict[int, str]:
    """Parcels of these orders that JTL showed once and does not show now, with their orders; those TEMU was told are left out."""
    asked, shown = set(order_ids), {parcel.parcel_id for parcel in parcels}
    columns = temu_parcels.c
    unreported = connection.execute(select(columns.parcel_id, columns.order_id).where(columns.shop == shop, columns.reported_at.is_(None)))
    return {parcel_id: order_id for parcel_id, order_id in unreported.all() if order_id in asked and parcel_id not in shown}


TAKEN_BACK = "JTL does not show the parcel any more, and whether TEMU was told of it is not known"
"""Why a shipment under way may only be looked up, and not be sent again."""


_TOLD_OR_UNCLEAR = (State.SENDING, State.DONE)


def forget_unsent(connection: Connection, shop: str, parcel_ids: Sequence[int], *, now: datetime) -> None:
    """Parcels that have not left after all. One that JTL shows again is a new one.

    What a run was telling TEMU just then, nobody knows: it stays, to be looked up.
    """
    keys = [str(parcel_id) for parcel_id in parcel_ids]
    # A refusal does not outlive its parcel.
    outbox.release_parked(connection, shop, Effect.SHIPMENT, keys, now=now)
    told = {key: entry for key, entry in outbox.some(connection, shop, Effect.SHIPMENT, keys).items() if entry.state in _TOLD_OR_UNCLEAR}
    unclear = [replace(entry, reason=TAKEN_BACK) for entry in told.values() if entry.state is State.SENDING]
    outbox.record(connection, shop, Effect.SHIPMENT, unclear, now=now)
    for chunk in in_chunks([parcel_id for parcel_id in parcel_ids if str(parcel_id) not in told]):
        gone = (temu_parcels.c.shop == shop, temu_parcels.c.parcel_id.in_(chunk), temu_parcels.c.reported_at.is_(None))
        connection.execute(delete(temu_parcels).where(*gone))


def _settle_told_before(connection: Connection, shop: str, parcels: Sequence[SentParcel], *, now: datetime) -> None:
    """A parcel under the number that the predecessor told TEMU is not told again; any other one of its order is for a person."""
    told = outbox.some(connection, shop, Effect.SHIPMENT, sorted({parcel.order_id for parcel in parcels}))
    rows = [
        {"shop": shop, "parcel_id": parcel.parcel_id, "reported_tracking": parcel.tracking, "reported_at": now}
        for parcel in parcels
        if (before := told.get(parcel.order_id)) is not None and _is_number(before.evidence or "", parcel.tracking)
    ]
    upsert(connection, temu_parcels, rows, compare=["reported_tracking"], existing_only=True)


def _is_number(evidence: str, tracking: str) -> bool:
    told, number = comparable(evidence.removeprefix(TOLD_BEFORE)), comparable(tracking)
    return bool(number) and told == number


def orders_to_report(connection: Connection, shop: str) -> list[str]:
    """Orders with a parcel TEMU was not told about, or was told another number for."""
    rows = connection.execute(
        select(temu_parcels.c.order_id)
        .where(
            temu_parcels.c.shop == shop,
            or_(
                temu_parcels.c.reported_at.is_(None),
                and_(temu_parcels.c.reported_tracking.is_not(None), temu_parcels.c.reported_tracking != temu_parcels.c.tracking),
            ),
        )
        .distinct()
        .order_by(temu_parcels.c.order_id)
    )
    return list(rows.scalars())


def of_orders(connection: Connection, shop: str, order_ids: Sequence[str]) -> dict[str, list[StoredParcel]]:
    """All parcels of these orders, in the order of their ids."""
    found: dict[str, list[StoredParcel]] = defaultdict(list)
    for chunk in in_chunks(list(order_ids)):
        found |= _stored(connection, select(temu_parcels).where(temu_parcels.c.shop == shop, temu_parcels.c.order_id.in_(chunk)))
    return found


def _stored(connection: Connection, asked: Select[*tuple[Any, ...]]) -> dict[str, list[StoredParcel]]:
    found: dict[str, list[StoredParcel]] = defaultdict(list)
    for row in connection.execute(asked.order_by(temu_parcels.c.parcel_id)):
        contents = None if row.contents is None else tuple(ParcelContent(sku, Decimal(amount)) for sku, amount in json.loads(row.contents))
        parcel = Parcel(row.parcel_id, row.order_id, row.delivery_note, row.tracking, row.shipped_at, row.shipping_method, contents)
        found[row.order_id].append(
            StoredParcel(
                parcel,
                row.order_finished,
                row.reported_tracking,
                row.reported_carrier_id,
                row.package_id,
                row.reported_at,
                row.first_seen_at,
                row.changed_at,
            )
        )
    return found


def cut_after_leaving(connection: Connection, shop: str) -> list[str]:
    """Orders of which TEMU wants fewer pieces than JTL was given, and of which a parcel has left; whatever became of them since."""
    is_cut = (
        select(temu_order_items.c.line_id)
        .where(
            temu_order_items.c.shop == temu_orders.c.shop,
            temu_order_items.c.order_id == temu_orders.c.order_id,
            temu_order_items.c.quantity < temu_order_items.c.exported_quantity,
        )
        .exists()
    )
    has_left = (
        select(temu_parcels.c.parcel_id)
        .where(temu_parcels.c.shop == temu_orders.c.shop, temu_parcels.c.order_id == temu_orders.c.order_id)
        .exists()
    )
    rows = connection.execute(
        select(temu_orders.c.order_id)
        .where(temu_orders.c.shop == shop, temu_orders.c.exported_at.is_not(None), is_cut, has_left)
        .order_by(temu_orders.c.order_id)
    )
    return list(rows.scalars())


@dataclass(frozen=True, slots=True)
class Reported:
    """What TEMU shows of one parcel: the number as JTL has it, as TEMU was told, the carrier and the package."""

    parcel_id: int
    tracking: str
    carrier_id: int
    package_id: str | None


def mark_reported(connection: Connection, shop: str, reports: Sequence[Reported], line_ids: Sequence[str], *, now: datetime) -> None:
    """TEMU knows these parcels and these lines."""
    rows = [
        {
            "shop": shop,
            "parcel_id": report.parcel_id,
            "reported_tracking": report.tracking,
            "reported_carrier_id": report.carrier_id,
            "package_id": report.package_id,
            "reported_at": now,
        }
        for report in reports
    ]
    upsert(connection, temu_parcels, rows, existing_only=True)
    for chunk in in_chunks(list(line_ids)):
        connection.execute(
            update(temu_order_items)
            .where(temu_order_items.c.shop == shop, temu_order_items.c.line_id.in_(chunk), temu_order_items.c.reported_at.is_(None))
            .values(reported_at=now)
        )


def reported_lines(connection: Connection, shop: str, order_ids: Sequence[str]) -> dict[str, frozenset[str]]:
    """Lines TEMU was told have left, by order."""
    found: dict[str, set[str]] = defaultdict(set)
    for chunk in in_chunks(list(order_ids)):
        rows = connection.execute(
            select(temu_order_items.c.order_id, temu_order_items.c.line_id).where(
                temu_order_items.c.shop == shop, temu_order_items.c.order_id.in_(chunk), temu_order_items.c.reported_at.is_not(None)
            )
        )
        for order_id, line_id in rows:
            found[order_id].add(line_id)
    return {order_id: frozenset(lines) for order_id, lines in found.items()}


def count_parcels(connection: Connection, shop: str) -> tuple[int, int]:
    """How many parcels we know, and how many of them TEMU knows."""
    row = connection.execute(select(func.count(), func.count(temu_parcels.c.reported_at)).where(temu_parcels.c.shop == shop)).one()
    return row[0], row[1]
