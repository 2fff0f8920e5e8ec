"""TEMU orders in our own database: the SQL of ``temu_orders`` and ``temu_order_items``, and rows as the objects the rules know.

The outside world is not touched here; every function works inside the caller's short transaction.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, RowMapping, and_, case, false, func, or_, select, true, update

from temu_assets.orders.details import LONGEST_WAIT, Known
from temu_assets.orders.from_temu import address_hash
from temu_assets.orders.holds import Hold
from temu_assets.orders.order import Article, BuyerAddress, LineAmounts, OrderAmounts, OrderLine, PriceSource, TemuOrder
from temu_assets.sql.chunks import in_chunks
from temu_assets.temu.order_status import STILL_OPEN, TemuStatus
from temu_assets.texts import cut
from temu_assets.toci.line_articles import line_articles
from temu_assets.toci.tables import temu_inventory, temu_order_items, temu_orders, temu_products
from temu_assets.toci.writing import Row, Written, upsert

_ADDRESS_FIELDS = tuple(field.name for field in fields(BuyerAddress))
_NOT_TOLD_BY_TEMU = ("shop", "order_id", "first_seen_at", "changed_at", "ready_since")


@dataclass(frozen=True, slots=True)
class StoredOrder:
    """An order with what we remember beside what TEMU told."""

    order: TemuOrder
    import_status: int
    details_problem: str | None
    details_wait_until: datetime | None
    """Until when TEMU is not asked again for address or prices; None: it is asked with the next run."""
    hold_reason: str | None
    exported_at: datetime | None
    jtl_order_number: str | None
    exported_address_hash: str | None
    is_cut: bool
    """Whether TEMU wants fewer pieces than JTL was given."""
    updated_at: datetime
    """When TEMU last changed it."""


def save_listed(connection: Connection, orders: Sequence[Row], items: Sequence[Row]) -> Written:
    """Write listed orders and their lines; what is known of address, prices and export stays."""
    written = upsert(
        connection,
        temu_orders,
        orders,
        insert_only=["first_seen_at", "ready_since"],
        compare=[name for name in (orders[0] if orders else ()) if name not in _NOT_TOLD_BY_TEMU],
    )
    upsert(connection, temu_order_items, items)
    return written


def save_details(connection: Connection, orders: Sequence[Row], items: Sequence[Row]) -> None:
    """Write address and prices of orders that are already there. Every row carries the same columns as its neighbours."""
    for table, rows in ((temu_orders, orders), (temu_order_items, items)):
        by_columns: dict[tuple[str, ...], list[Row]] = defaultdict(list)
        for row in rows:
            by_columns[tuple(row)].append(row)
        for group in by_columns.values():
            upsert(connection, table, group, existing_only=True)


def known(connection: Connection, shop: str, order_ids: Sequence[str]) -> dict[str, Known]:
    """What we know of these orders, for deciding whether TEMU has to be asked for more; an unknown one is absent."""
    found: dict[str, Known] = {}
    for chunk in in_chunks(list(order_ids)):
        quantities: dict[str, dict[str, int]] = defaultdict(dict)
        lines = select(temu_order_items.c.order_id, temu_order_items.c.line_id, temu_order_items.c.quantity).where(
            temu_order_items.c.shop == shop, temu_order_items.c.order_id.in_(chunk)
        )
        for order_id, line_id, quantity in connection.execute(lines):
            quantities[order_id][line_id] = quantity
        rows = connection.execute(select(temu_orders).where(temu_orders.c.shop == shop, temu_orders.c.order_id.in_(chunk)))
        for row in rows:
            found[row.order_id] = Known(
                updated_at=row.temu_updated_at,
                status=row.status,
                address_changed=row.address_changed,
                address_change_requested=row.address_change_requested,
                has_address=row.address_fetched_at is not None,
                has_amounts=row.amounts_fetched_at is not None,
                is_exported=row.exported_at is not None,
                retry_at=row.details_retry_at,
                quantities=quantities[row.order_id],
                is_erased=row.buyer_erased_at is not None,
            )
    return found


def lacking_details(connection: Connection, shop: str, *, now: datetime) -> list[tuple[str, bool, bool]]:
    """Shippable orders whose address or prices TEMU has still to be asked for: order id, address wanted, amounts wanted."""
    rows = connection.execute(
        select(temu_orders.c.order_id, temu_orders.c.address_fetched_at, temu_orders.c.amounts_fetched_at, temu_orders.c.exported_at).where(
            temu_orders.c.shop == shop,
            temu_orders.c.status == temu_orders.c.import_status,
            ~temu_orders.c.cancellation_requested,
            ~temu_orders.c.address_change_requested,
            ~temu_orders.c.risk_alert,
            ~temu_orders.c.cash_on_delivery,
            temu_orders.c.buyer_erased_at.is_(None),
            or_(
                temu_orders.c.details_retry_at.is_(None),
                temu_orders.c.details_retry_at <= now,
                temu_orders.c.details_retry_at > now + LONGEST_WAIT,
            ),
            or_(
                temu_orders.c.address_fetched_at.is_(None),
                and_(temu_orders.c.amounts_fetched_at.is_(None), temu_orders.c.exported_at.is_(None)),
            ),
            select(temu_order_items.c.line_id)
            .where(
                temu_order_items.c.shop == temu_orders.c.shop,
                temu_order_items.c.order_id == temu_orders.c.order_id,
                temu_order_items.c.quantity > 0,
                temu_order_items.c.by_seller,
            )
            .exists(),
        )
    )
    return [(row.order_id, row.address_fetched_at is None, row.amounts_fetched_at is None and row.exported_at is None) for row in rows]


@dataclass(frozen=True, slots=True)
class DetailsSoFar:
    """Of some orders: whose buyer's data were erased, and of which TEMU, when last asked, did not tell address or prices; by order id.

    ``open_lines``: the ids of all lines that are still to be sent by the seller, which need a price.
    """

    erased: frozenset[str]
    failed: frozenset[str]
    open_lines: frozenset[str]


def details_so_far(connection: Connection, shop: str, order_ids: Iterable[str]) -> DetailsSoFar:
    """What is known of these orders before further answers about them are taken in."""
    erased: set[str] = set()
    failed: set[str] = set()
    open_lines: set[str] = set()
    orders, lines = temu_orders.c, temu_order_items.c
    for chunk in in_chunks(sorted(set(order_ids))):
        for order_id, erased_at, problem in connection.execute(
            select(orders.order_id, orders.buyer_erased_at, orders.details_problem).where(
                orders.shop == shop,
                orders.order_id.in_(chunk),
                or_(orders.buyer_erased_at.is_not(None), orders.details_problem.is_not(None)),
            )
        ):
            if erased_at is not None:
                erased.add(order_id)
            if problem is not None:
                failed.add(order_id)
        open_lines |= set(
            connection.scalars(
                select(lines.line_id).where(lines.shop == shop, lines.order_id.in_(chunk), lines.quantity > 0, lines.by_seller)
            )
        )
    return DetailsSoFar(frozenset(erased), frozenset(failed), frozenset(open_lines))


def free_to_go(connection: Connection, shop: str) -> list[str]:
    """Orders to be imported that nothing holds and JTL was not given."""
    orders = temu_orders.c
    rows = connection.execute(
        select(orders.order_id)
        .where(
            orders.shop == shop,
            orders.status == orders.import_status,
            orders.status.in_(sorted(STILL_OPEN)),
            orders.exported_at.is_(None),
            orders.hold_reason.is_(None),
        )
        .order_by(orders.order_id)
    )
    return list(rows.scalars())


def open_orders(connection: Connection, shop: str) -> list[str]:
    """Orders that may still go to JTL, oldest first."""
    orders = temu_orders.c
    rows = connection.execute(
        select(orders.order_id)
        .where(orders.shop == shop, orders.exported_at.is_(None), orders.status.in_(sorted(STILL_OPEN)))
        .order_by(orders.ordered_at, orders.order_id)
    )
    return list(rows.scalars())


def not_exported(connection: Connection, shop: str, order_ids: Sequence[str]) -> list[StoredOrder]:
    """Those of the orders that JTL was not given yet."""
    not_given = temu_orders.c.exported_at.is_(None)
    return [stored for chunk in in_chunks(order_ids) for stored in load(connection, shop, and_(_named(chunk), not_given))]


def load(connection: Connection, shop: str, condition: ColumnElement[bool]) -> list[StoredOrder]:
    """Orders with their lines, as the rules know them."""
    wanted = and_(temu_orders.c.shop == shop, condition)
    lines = _lines(connection, shop, wanted)
    codes = sku_codes(connection, shop, (line["sku_id"] for of_order in lines.values() for line in of_order if not line["sku"]))
    rows = connection.execute(select(temu_orders).where(wanted).order_by(temu_orders.c.ordered_at, temu_orders.c.order_id)).mappings()
    return [_stored(row, lines.get(row["order_id"], []), codes) for row in rows]


def by_id(connection: Connection, shop: str, order_ids: Sequence[str]) -> dict[str, StoredOrder]:
    """The named orders, by id."""
    return {stored.order.order_id: stored for chunk in in_chunks(list(order_ids)) for stored in load(connection, shop, _named(chunk))}


def save_holds(connection: Connection, shop: str, holds: Mapping[str, Hold | None]) -> None:
    """Write why each order is held, or that it is not. Most are held for what they were held for before, and are not written."""
    orders = temu_orders.c
    rows = []
    for chunk in in_chunks(list(holds)):
        written = select(orders.order_id, orders.hold_reason, orders.hold_detail).where(orders.shop == shop, _named(chunk))
        for order_id, *hold_before in connection.execute(written).all():
            held = holds[order_id]
            hold = [held.reason.value, cut(held.detail, 1000)] if held else [None, None]
            if hold != hold_before:
                rows.append({"shop": shop, "order_id": order_id, "hold_reason": hold[0], "hold_detail": hold[1]})
    upsert(connection, temu_orders, rows, existing_only=True)


def remember_given(connection: Connection, shop: str, orders: Iterable[TemuOrder]) -> None:
    """With which address and quantities JTL is given these orders, or has them, so that a later change is noticed.

    As they were read: the rows may be newer by now, and then it is a change.
    """
    given = list(orders)
    hashes = [
        {"shop": shop, "order_id": order.order_id, "exported_address_hash": None if order.address is None else address_hash(order.address)}
        for order in given
    ]
    quantities = [{"shop": shop, "line_id": line.line_id, "exported_quantity": line.quantity} for order in given for line in order.lines]
    upsert(connection, temu_orders, hashes, existing_only=True)
    upsert(connection, temu_order_items, quantities, existing_only=True)


def mark_exported(connection: Connection, shop: str, order_ids: Iterable[str], *, now: datetime) -> None:
    """JTL was given these orders, or has them already."""
    rows = [{"shop": shop, "order_id": order_id, "exported_at": now, "hold_reason": None, "hold_detail": None} for order_id in order_ids]
    upsert(connection, temu_orders, rows, existing_only=True)


def mark_confirmed(connection: Connection, shop: str, jtl_numbers: Mapping[str, str], *, now: datetime) -> None:
    """JTL shows these orders under its own numbers."""
    rows = [
        {"shop": shop, "order_id": order_id, "jtl_order_number": cut(number, 50), "jtl_confirmed_at": now}
        for order_id, number in jtl_numbers.items()
    ]
    upsert(connection, temu_orders, rows, compare=["jtl_order_number"], existing_only=True)


@dataclass(frozen=True, slots=True)
class Unconfirmed:
    """An order JTL was given and has not shown yet: when (UTC), and whether TEMU has cancelled it since."""

    given_at: datetime
    is_cancelled: bool


def unconfirmed(connection: Connection, shop: str) -> dict[str, Unconfirmed]:
    """Orders JTL was given and has not shown yet."""
    rows = connection.execute(
        select(temu_orders.c.order_id, temu_orders.c.exported_at, temu_orders.c.status).where(
            temu_orders.c.shop == shop, temu_orders.c.exported_at.is_not(None), temu_orders.c.jtl_confirmed_at.is_(None)
        )
    )
    return {row.order_id: Unconfirmed(row.exported_at, row.status == TemuStatus.CANCELLED) for row in rows}


def changed_after_export(connection: Connection, shop: str) -> list[StoredOrder]:
    """Orders JTL has that TEMU has since cancelled, cut, or flagged, and that are not closed."""
    line = temu_order_items.alias("line")
    cut = (
        select(line.c.line_id)
        .where(line.c.shop == temu_orders.c.shop, line.c.order_id == temu_orders.c.order_id, line.c.quantity < line.c.exported_quantity)
        .correlate(temu_orders)
        .exists()
    )
    return load(
        connection,
        shop,
        and_(
            temu_orders.c.exported_at.is_not(None),
            temu_orders.c.status.in_(sorted({*STILL_OPEN, TemuStatus.CANCELLED.value})),
            or_(
                temu_orders.c.status == TemuStatus.CANCELLED.value,
                cut,
                temu_orders.c.cancellation_requested,
                temu_orders.c.address_change_requested,
                temu_orders.c.risk_alert,
                temu_orders.c.address_changed,
            ),
        ),
    )


def forget_listed_stock(connection: Connection, shop: str, sku_ids: Iterable[str]) -> None:
    """An order changed what TEMU itself shows for these SKUs, so what we believe to be shown there is unknown from now on."""
    for chunk in in_chunks(sorted(set(sku_ids))):
        connection.execute(
            update(temu_inventory)
            .where(temu_inventory.c.shop == shop, temu_inventory.c.sku_id.in_(chunk))
            .values(temu_stock=None, needs_sync=case((temu_inventory.c.target.is_not(None), true()), else_=false()))
        )


def sku_codes(connection: Connection, shop: str, sku_ids: Iterable[str]) -> dict[str, str]:
    """The seller's article number of each SKU, from the SKU list; SKUs without one are absent."""
    found: dict[str, str] = {}
    for chunk in in_chunks(sorted(set(sku_ids))):
        rows = connection.execute(
            select(temu_products.c.sku_id, temu_products.c.sku).where(
                temu_products.c.shop == shop, temu_products.c.sku_id.in_(chunk), temu_products.c.sku != ""
            )
        )
        found |= {row.sku_id: row.sku for row in rows}
    return found


def counts_by_hold(connection: Connection, shop: str) -> dict[str, int]:
    """How many open orders are held, by reason."""
    rows = connection.execute(
        select(temu_orders.c.hold_reason, func.count())
        .where(
            temu_orders.c.shop == shop,
            temu_orders.c.exported_at.is_(None),
            temu_orders.c.hold_reason.is_not(None),
            temu_orders.c.status.in_(sorted(STILL_OPEN)),
        )
        .group_by(temu_orders.c.hold_reason)
        .order_by(temu_orders.c.hold_reason)
    )
    return {row[0]: row[1] for row in rows}


def details_problems(connection: Connection, shop: str) -> dict[str, str]:
    """Open orders whose address or prices TEMU did not tell, with why."""
    rows = connection.execute(
        select(temu_orders.c.order_id, temu_orders.c.details_problem)
        .where(
            temu_orders.c.shop == shop,
            temu_orders.c.exported_at.is_(None),
            temu_orders.c.details_problem.is_not(None),
            temu_orders.c.status == temu_orders.c.import_status,
        )
        .order_by(temu_orders.c.order_id)
    )
    return {row.order_id: row.details_problem for row in rows}


def count_orders(connection: Connection, shop: str) -> int:
    """How many orders we know."""
    return connection.execute(select(func.count()).select_from(temu_orders).where(temu_orders.c.shop == shop)).scalar_one()


def count_confirmed(connection: Connection, shop: str) -> int:
    """How many orders JTL has shown to have."""
    return connection.execute(select(func.count(temu_orders.c.jtl_confirmed_at)).where(temu_orders.c.shop == shop)).scalar_one()


def count_lines(connection: Connection, shop: str) -> int:
    """How many order lines we know."""
    return connection.execute(select(func.count()).select_from(temu_order_items).where(temu_order_items.c.shop == shop)).scalar_one()


def _named(order_ids: Sequence[str]) -> ColumnElement[bool]:
    return temu_orders.c.order_id.in_(order_ids)


def _lines(connection: Connection, shop: str, wanted: ColumnElement[bool]) -> dict[str, list[RowMapping]]:
    joined = temu_order_items.join(
        temu_orders, and_(temu_orders.c.shop == temu_order_items.c.shop, temu_orders.c.order_id == temu_order_items.c.order_id)
    )
    rows = connection.execute(
        select(temu_order_items)
        .select_from(joined)
        .where(temu_order_items.c.shop == shop, wanted)
        .order_by(temu_order_items.c.order_id, temu_order_items.c.position)
    )
    lines: dict[str, list[RowMapping]] = defaultdict(list)
    for row in rows.mappings():
        lines[row["order_id"]].append(row)
    return lines


def _stored(row: RowMapping, lines: Sequence[RowMapping], codes: Mapping[str, str]) -> StoredOrder:
    order = TemuOrder(
        order_id=row["order_id"],
        status=row["status"],
        region_id=row["region_id"],
        ordered_at=row["ordered_at"],
        paid_at=row["paid_at"],
        ship_by=row["ship_by"],
        cancellation_requested=row["cancellation_requested"],
        address_change_requested=row["address_change_requested"],
        risk_alert=row["risk_alert"],
        cash_on_delivery=row["cash_on_delivery"],
        lines=tuple(_line(line, codes) for line in lines),
        address=BuyerAddress(**{name: row[name] for name in _ADDRESS_FIELDS}) if row["address_fetched_at"] else None,
        amounts=_amounts(row, lines) if row["amounts_fetched_at"] else None,
        is_erased=row["buyer_erased_at"] is not None,
    )
    return StoredOrder(
        order=order,
        import_status=row["import_status"],
        details_problem=row["details_problem"],
        details_wait_until=row["details_retry_at"],
        hold_reason=row["hold_reason"],
        exported_at=row["exported_at"],
        jtl_order_number=row["jtl_order_number"],
        exported_address_hash=row["exported_address_hash"],
        is_cut=any(line["exported_quantity"] is not None and line["quantity"] < line["exported_quantity"] for line in lines),
        updated_at=row["temu_updated_at"],
    )


def _line(row: RowMapping, codes: Mapping[str, str]) -> OrderLine:
    return OrderLine(
        line_id=row["line_id"],
        status=row["status"],
        quantity=row["quantity"],
        original_quantity=row["original_quantity"],
        cancelled_quantity=row["cancelled_quantity"],
        goods_id=row["goods_id"],
        sku_id=row["sku_id"],
        articles=tuple(Article(*each) for each in line_articles(row["articles"], codes.get(row["sku_id"]))),
        name=row["name"],
        variant=row["variant"],
        by_seller=row["by_seller"],
    )


def _amounts(row: RowMapping, lines: Sequence[RowMapping]) -> OrderAmounts:
    return OrderAmounts(
        currency=row["currency"] or "",
        source=PriceSource(row["price_source"]),
        lines=tuple(
            LineAmounts(
                line_id=line["line_id"],
                quantity=line["amount_quantity"],
                unit_gross_cents=line["unit_gross_cents"],
                unit_net_cents=line["unit_net_cents"],
                total_gross_cents=line["total_gross_cents"],
                tax_cents=line["tax_cents"],
                raw_rate=line["raw_tax_rate"],
            )
            for line in lines
            if line["amount_quantity"] is not None
        ),
        shipping_gross_cents=row["shipping_gross_cents"],
        shipping_net_cents=row["shipping_net_cents"],
        shipping_tax_cents=row["shipping_tax_cents"],
    )
