"""Buyers in ``temu_orders``: whose time is over, and erasing them. Number, lines and prices of an order stay: they are records of trade."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, RowMapping, Select, and_, func, or_, select, update

from temu_assets.orders.order import BuyerAddress
from temu_assets.privacy.rules import OrderFacts
from temu_assets.sql.chunks import in_chunks
from temu_assets.temu.order_status import STILL_OPEN
from temu_assets.toci.outbox import Effect, State
from temu_assets.toci.tables import outbox, temu_orders, temu_parcels

_OF_THE_BUYER = tuple(temu_orders.c[field.name] for field in fields(BuyerAddress))
_HOLDS_A_BUYER = or_(
    temu_orders.c.address_fetched_at.is_not(None),
    temu_orders.c.exported_address_hash.is_not(None),  # a digest of an address is as good as the address to who can guess
    *(column != "" for column in _OF_THE_BUYER),
)


def finished_with_buyer(connection: Connection, shop: str, *, before: datetime, after: str, limit: int) -> list[OrderFacts]:
    """Orders with a buyer that are not open and that TEMU has not changed since ``before``, by number, from the one behind ``after``."""
    which = and_(
        temu_orders.c.status.not_in(sorted(STILL_OPEN)),
        temu_orders.c.temu_updated_at <= before,
        temu_orders.c.order_id > after,
        _HOLDS_A_BUYER,
    )
    return [_facts(row) for row in connection.execute(_select(shop, which).limit(limit)).mappings()]


def facts_of(connection: Connection, shop: str, order_id: str) -> OrderFacts | None:
    """How far one order is; None for one we do not know."""
    row = connection.execute(_select(shop, temu_orders.c.order_id == order_id)).mappings().one_or_none()
    return None if row is None else _facts(row)


def other_shops(connection: Connection, shop: str, order_id: str) -> list[str]:
    """The other shops of this database that know the order, by name."""
    which = select(temu_orders.c.shop).where(temu_orders.c.order_id == order_id, temu_orders.c.shop != shop)
    return list(connection.execute(which.order_by(temu_orders.c.shop)).scalars())


def holds_buyer(connection: Connection, shop: str, order_id: str) -> bool:
    """Whether anything of the order's buyer is in its row."""
    which = select(temu_orders.c.order_id).where(temu_orders.c.shop == shop, temu_orders.c.order_id == order_id, _HOLDS_A_BUYER)
    return connection.execute(which).one_or_none() is not None


def erase(connection: Connection, shop: str, order_ids: Sequence[str], *, now: datetime) -> None:
    """Empty everything about the buyers of these orders, and remember that it was on purpose."""
    for chunk in in_chunks(list(order_ids)):
        connection.execute(
            update(temu_orders)
            .where(temu_orders.c.shop == shop, temu_orders.c.order_id.in_(chunk))
            .values(
                {column.name: "" for column in _OF_THE_BUYER}
                | {
                    "address_fetched_at": None,
                    "exported_address_hash": None,
                    "details_problem": None,
                    "details_retry_at": None,
                    "buyer_erased_at": now,
                }
            )
        )


def erased_by_number(connection: Connection, order_ids: Sequence[str]) -> dict[str, bool]:
    """Which of these orders any shop of this database knows, and whether their buyer was erased."""
    found: dict[str, bool] = {}
    for chunk in in_chunks(list(order_ids)):
        rows = connection.execute(select(temu_orders.c.order_id, temu_orders.c.buyer_erased_at).where(temu_orders.c.order_id.in_(chunk)))
        for row in rows:
            found[row.order_id] = row.buyer_erased_at is not None and found.get(row.order_id, True)
    return found


def _select(shop: str, which: ColumnElement[bool]) -> Select[tuple[object, ...]]:
    of_order = and_(temu_parcels.c.shop == temu_orders.c.shop, temu_parcels.c.order_id == temu_orders.c.order_id)
    unreported = select(func.count()).select_from(temu_parcels).where(of_order, temu_parcels.c.reported_at.is_(None)).scalar_subquery()
    last_report = select(func.max(temu_parcels.c.reported_at)).where(of_order).scalar_subquery()
    under_way = (
        select(func.count())
        .select_from(outbox)
        .where(
            outbox.c.shop == temu_orders.c.shop,
            outbox.c.effect == Effect.JTL_ORDER.value,
            outbox.c.key == temu_orders.c.order_id,
            outbox.c.state == State.SENDING.value,
        )
        .scalar_subquery()
    )
    return (
        select(
            temu_orders.c.order_id,
            temu_orders.c.status,
            temu_orders.c.temu_updated_at,
            temu_orders.c.exported_at,
            temu_orders.c.jtl_confirmed_at,
            under_way.label("under_way"),
            unreported.label("unreported"),
            last_report.label("last_report"),
        )
        .where(temu_orders.c.shop == shop, which)
        .order_by(temu_orders.c.order_id)
    )


def _facts(row: RowMapping) -> OrderFacts:
    return OrderFacts(
        order_id=row["order_id"],
        status=row["status"],
        updated_at=row["temu_updated_at"],
        is_exported=row["exported_at"] is not None,
        is_confirmed=row["jtl_confirmed_at"] is not None,
        is_under_way=row["under_way"] > 0,
        unreported_parcels=row["unreported"],
        last_report_at=row["last_report"],
    )
