"""From disk to our tables: every snapshot that was not taken in yet, one short transaction each.

The mark "complete until" moves in the transaction that stores the orders, never before. An answer that cannot be read parks that
one order, with the field's name; the rest goes on.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import Enum, auto
from functools import partial
from pathlib import Path

from sqlalchemy import Connection

from temu_assets.errors import RecordError
from temu_assets.orders import order_clock, order_store
from temu_assets.orders.asking import Answer
from temu_assets.orders.details import LONGEST_WAIT, Known, outdated
from temu_assets.orders.from_temu import address, amount_rows, fields_of, invoice_rows, is_deliverable, item_rows, listed, order_row
from temu_assets.orders.holds import DECIDED_AT_EXPORT, hold, with_cause
from temu_assets.snapshots import (
    Content,
    DamagedFileError,
    Record,
    SnapshotFile,
    SnapshotKind,
    mark_ingested,
    not_ingested,
    read_snapshot,
    set_aside,
)
from temu_assets.sql.chunks import in_chunks
from temu_assets.temu.listing import LONGEST_WINDOW
from temu_assets.temu.order_models import OrderModel, parse_order, parse_shipping_info
from temu_assets.temu.order_status import TemuStatus
from temu_assets.temu.price_models import parse_amounts, parse_invoice_detail
from temu_assets.texts import cut
from temu_assets.time_limit import UNLIMITED, TimeLimit
from temu_assets.toci import problems, sync_state
from temu_assets.toci.database import Toci
from temu_assets.toci.fitting import require_fit
from temu_assets.toci.kinds import ORDER_DATA
from temu_assets.toci.problems import Finding
from temu_assets.toci.sync_state import Mark
from temu_assets.toci.tables import temu_order_items, temu_orders
from temu_assets.toci.writing import Row

WITHOUT_NUMBER = "(without number)"
"""Key of an order whose number cannot be read either."""
_MISFIT = (
    "Look at that field of the order in the Seller Center and enter the order in JTL by hand; it is read again when TEMU changes it, and "
    "once a day."
)


@dataclass(slots=True)
class Ingested:
    """What was taken in, in counts, and which orders it was about."""

    files: int = 0
    new: int = 0
    changed: int = 0
    details: int = 0
    failures: int = 0
    parked: int = 0
    waiting: int = 0
    """Files left to the next run, because this one's time is up."""
    touched: set[str] = field(default_factory=set)

    def add(self, other: Ingested) -> None:
        """Count another file's as well."""
        self.files += other.files
        self.new += other.new
        self.changed += other.changed
        self.details += other.details
        self.failures += other.failures
        self.parked += other.parked
        self.touched |= other.touched


def ingest(toci: Toci, data_dir: Path, *, now: datetime, limit: TimeLimit = UNLIMITED) -> Ingested:
    """Take in every snapshot of orders not yet taken in, oldest first, then say of each open order whether it is held and why.

    When the time is up, answers about single orders wait for the next run; TEMU's lists never do, because what leaves the house rests on
    them.

    A damaged file becomes a problem, and TEMU is asked again for what it held. Raises its error when there was nothing else to take in.
    """
    ingested = Ingested()
    damage: DamagedFileError | None = None
    files, complete_until = toci.read(
        lambda connection: (
            not_ingested(connection, toci.shop, SnapshotKind.ORDERS),
            sync_state.read_instant(connection, toci.shop, Mark.ORDERS_COMPLETE_UNTIL),
        )
    )
    must = 1 + max((number for number, file in enumerate(files) if file.content is Content.LISTING), default=0)
    for number, file in enumerate(files):
        if number >= must and limit.is_over():
            ingested.waiting = len(files) - number
            break
        try:
            records = list(read_snapshot(data_dir, file))
        except DamagedFileError as error:
            damage = error
            window_end = next((each.window_end for each in files[number:] if each.window_end is not None), None)
            toci.write(partial(_set_aside, shop=toci.shop, file=file, window_end=window_end, damage=error, now=now))
            continue
        whole = file if damage is None else replace(file, window_end=None)
        take = partial(_take, shop=toci.shop, file=whole, records=records, now=now, complete_until=complete_until)
        ingested.add(toci.write(take))
    still_open = toci.read(lambda connection: order_store.open_orders(connection, toci.shop))
    for some in in_chunks(sorted(ingested.touched.union(still_open))):
        toci.write(partial(judge, shop=toci.shop, order_ids=some, now=now))
    if damage is not None and not ingested.files:
        raise damage
    return ingested


def _set_aside(
    connection: Connection, *, shop: str, file: SnapshotFile, window_end: datetime | None, damage: DamagedFileError, now: datetime
) -> None:
    """``window_end``: of the list the file is a part of; None where no file says that it was read to its end."""
    set_aside(connection, shop, file, damage, now=now)
    if file.content is not Content.LISTING:
        return
    if window_end is None and sync_state.read_instant(connection, shop, Mark.ORDERS_COMPLETE_UNTIL) is not None:
        window_end = file.written_at
    # A backfill lists what lies before the mark: no later listing would reach back to it. Without a mark all is listed again anyway.
    if window_end is not None:
        _move_mark_back(connection, shop, window_end - LONGEST_WINDOW, now)


def _take(
    connection: Connection,
    *,
    shop: str,
    file: SnapshotFile,
    records: Sequence[Record],
    now: datetime,
    complete_until: datetime | None = None,
) -> Ingested:
    """``complete_until``: up to when orders were complete before this run; None: they never were."""
    taken = Ingested(files=1)
    if file.content is Content.LISTING:
        _take_listing(connection, shop, records, taken, now, complete_until)
        _move_mark(connection, shop, file, now)
    else:
        _take_details(connection, shop, records, taken, now)
    mark_ingested(connection, shop, file, now=now)
    return taken


def judge(connection: Connection, shop: str, order_ids: Sequence[str], *, now: datetime) -> None:
    """Write on each of these orders that is not exported whether it is held, as far as TEMU's word alone tells."""
    holds = {}
    for stored in order_store.not_exported(connection, shop, order_ids):
        held = hold(stored.order, import_status=stored.import_status)
        if held is None and stored.hold_reason in DECIDED_AT_EXPORT:
            # Whether it is still so shows when the export tries again.
            continue
        holds[stored.order.order_id] = held and with_cause(held, stored.details_problem)
    order_clock.keep(connection, shop, holds, now=now)
    order_store.save_holds(connection, shop, holds)


@dataclass(frozen=True, slots=True)
class ListedOrder:
    """An order of the list, and the rows it becomes."""

    order: OrderModel
    import_status: int
    row: Row
    items: Sequence[Row]


def read_listed(shop: str, item: object, import_status: int, now: datetime) -> ListedOrder:
    """An item of TEMU's list as our tables take it. Raises RecordError naming the field or column that cannot be read or stored."""
    order = parse_order(item)
    row, items = order_row(order, shop=shop, import_status=import_status, now=now), item_rows(order, shop=shop)
    require_fit(f"Order {order.order_id}", temu_orders, [row], remedy=_MISFIT)
    require_fit(f"Order {order.order_id}", temu_order_items, items, remedy=_MISFIT)
    return ListedOrder(order, import_status, row, items)


def read_record(shop: str, record: Record, now: datetime) -> ListedOrder:
    """An item of TEMU's list as ``raw_orders`` kept it. Raises RecordError as ``read_listed``."""
    data = record.data
    assert isinstance(data, dict)  # noqa: S101 — written by us
    return read_listed(shop, data["item"], data["import_status"], now)


def _take_listing(
    connection: Connection, shop: str, records: Sequence[Record], ingested: Ingested, now: datetime, complete_until: datetime | None
) -> None:
    orders: dict[str, ListedOrder] = {}
    unreadable: dict[str, Finding] = {}
    # What two passes of a list saw can stand in one file: the later sight of an order counts.
    for record in records:
        try:
            read = read_record(shop, record, now)
        except RecordError as error:
            orders.pop(record.key, None)
            unreadable[record.key or WITHOUT_NUMBER] = Finding(error.what, error.remedy)
        else:
            unreadable.pop(record.key, None)
            orders[read.order.order_id] = read
    unwanted = _cancelled_and_unknown(connection, shop, records, unreadable)
    known = order_store.known(connection, shop, list(orders))
    current = {key: read for key, read in orders.items() if key not in known or read.order.updated_at >= known[key].updated_at}
    written = order_store.save_listed(
        connection,
        [{**read.row, "ready_since": order_clock.since(read.order, complete_until)} for read in current.values()],
        [row for read in current.values() for row in read.items],
    )
    moved = [read.order for key, read in current.items() if key not in known or known[key].updated_at != read.order.updated_at]
    _forget_outdated(connection, shop, current, known)
    order_store.forget_listed_stock(
        connection, shop, [line.sku_id for order in moved if _moves_stock(known.get(order.order_id), order) for line in order.lines]
    )
    problems.report(connection, shop, ORDER_DATA, unreadable, now=now, complete=False)
    # Those nobody wants are told and closed at once, so that the sensor does not take them for news.
    problems.close(connection, shop, ORDER_DATA, sorted({*orders, *unwanted}), now=now)
    ingested.new += written.inserted
    ingested.changed += written.updated
    ingested.parked += len(unreadable) - len(unwanted)
    # Not only those that moved: TEMU counts in seconds, and two changes can share one.
    ingested.touched |= current.keys()


def _cancelled_and_unknown(connection: Connection, shop: str, records: Sequence[Record], unreadable: Mapping[str, Finding]) -> set[str]:
    """Orders that cannot be read and need not be: plainly cancelled, and none of them was ever taken in."""
    cancelled = {record.key for record in records if record.key in unreadable and _is_plainly_cancelled(record.data)}
    return cancelled - order_store.known(connection, shop, sorted(cancelled)).keys()


def _is_plainly_cancelled(data: object) -> bool:
    match data:
        case {"item": {"parentOrderMap": {"parentOrderStatus": int(status)}}}:
            return status == TemuStatus.CANCELLED
    return False


def _moves_stock(known: Known | None, order: OrderModel) -> bool:
    """Whether the order changed what TEMU itself shows as stock: it is new, or its quantities are other ones."""
    return known is None or dict(known.quantities) != {line.line_id: line.quantity for line in order.lines}


def _forget_outdated(connection: Connection, shop: str, orders: dict[str, ListedOrder], known: dict[str, Known]) -> None:
    rows_address, rows_amounts = [], []
    for key, read in orders.items():
        lost = outdated(known.get(key), listed(read.order, import_status=read.import_status))
        if lost.address:
            rows_address.append({"shop": shop, "order_id": key, "address_fetched_at": None, "details_retry_at": None})
        if lost.amounts:
            rows_amounts.append({"shop": shop, "order_id": key, "amounts_fetched_at": None, "details_retry_at": None})
    order_store.save_details(connection, rows_address, [])
    order_store.save_details(connection, rows_amounts, [])


def _move_mark(connection: Connection, shop: str, file: SnapshotFile, now: datetime) -> None:
    if file.window_end is None:
        return
    before = sync_state.read_instant(connection, shop, Mark.ORDERS_COMPLETE_UNTIL)
    if before is None or before < file.window_end or before > now:
        sync_state.remember_instant(connection, shop, Mark.ORDERS_COMPLETE_UNTIL, file.window_end, now=now)


def _move_mark_back(connection: Connection, shop: str, earliest: datetime, now: datetime) -> None:
    """Orders count as complete until ``earliest`` at most: the next run lists what came after."""
    before = sync_state.read_instant(connection, shop, Mark.ORDERS_COMPLETE_UNTIL)
    if before is None or before > earliest:
        sync_state.remember_instant(connection, shop, Mark.ORDERS_COMPLETE_UNTIL, earliest, now=now)


def _take_details(connection: Connection, shop: str, records: Sequence[Record], ingested: Ingested, now: datetime) -> None:
    found: list[dict[str, object]] = []
    missing: list[dict[str, object]] = []
    items: list[dict[str, object]] = []
    so_far = order_store.details_so_far(connection, shop, (record.key for record in records))

    def wait_until(record: Record, wait: _Wait) -> datetime | None:
        is_long = wait is _Wait.A_DAY or (wait is _Wait.ONCE_MORE_THEN_A_DAY and record.key in so_far.failed)
        return now + LONGEST_WAIT if is_long else None

    for record in records:
        if record.key in so_far.erased:
            continue
        ingested.touched.add(record.key)
        try:
            order, lines = _detail_rows(shop, record, so_far.open_lines)
            require_fit(f"Order {record.key}", temu_orders, [order], remedy=_MISFIT)
            require_fit(f"Order {record.key}", temu_order_items, lines, remedy=_MISFIT)
        except _NotUsableError as error:
            missing.append(_problem_row(shop, record.key, error.what, wait_until(record, error.wait)))
        except RecordError as error:
            missing.append(_problem_row(shop, record.key, str(error), wait_until(record, _Wait.ONCE_MORE_THEN_A_DAY)))
        else:
            found.append(order)
            items += lines
    # What is missing is written last: an order with an address and no prices is still incomplete.
    order_store.save_details(connection, _last_per_order(found), items)
    order_store.save_details(connection, _last_per_order(missing), [])
    ingested.details += len(found)
    ingested.failures += len(missing)


def _last_per_order(rows: Iterable[dict[str, object]]) -> list[dict[str, object]]:
    """One row per order and set of columns: the last."""
    return list({(row["order_id"], tuple(row)): row for row in rows}.values())


class _Wait(Enum):
    """When TEMU is asked again for what it did not tell."""

    NEXT_RUN = auto()
    ONCE_MORE_THEN_A_DAY = auto()
    """One odd answer may be a hiccup; the second is no accident."""
    A_DAY = auto()


class _NotUsableError(Exception):
    """An answer with nothing in it that can be used."""

    def __init__(self, what: str, wait: _Wait) -> None:
        super().__init__(what)
        self.what = what
        self.wait = wait


def _detail_rows(shop: str, record: Record, open_lines: Collection[str]) -> tuple[dict[str, object], list[dict[str, object]]]:
    key = record.key
    fine = {"details_problem": None, "details_retry_at": None}
    if record.kind == Answer.SHIPPING:
        info = parse_shipping_info(record.data, order_id=key)
        if not is_deliverable(info):
            raise _NotUsableError(_MASKED, _Wait.A_DAY)
        return {"shop": shop, "order_id": key, **fields_of(address(info)), "address_fetched_at": record.fetched_at, **fine}, []
    if record.kind == Answer.AMOUNTS:
        amounts = parse_amounts(record.data, order_id=key)
        if amounts.order_id not in (None, key):
            raise _NotUsableError(_OTHER_ORDER, _Wait.NEXT_RUN)
        order, lines = amount_rows(amounts, shop=shop, order_id=key, now=record.fetched_at, open_lines=open_lines)
        return order | fine, lines
    if record.kind == Answer.INVOICE:
        rows = invoice_rows(parse_invoice_detail(record.data, order_id=key), shop=shop, order_id=key, now=record.fetched_at)
        if rows is None:
            raise _NotUsableError(_NO_PRICES, _Wait.A_DAY)
        return rows[0] | fine, rows[1]
    told = record.data
    assert isinstance(told, dict)  # noqa: S101 — written by us
    wait = _Wait.NEXT_RUN if told["is_transient"] else _Wait.ONCE_MORE_THEN_A_DAY if told.get("is_refusal") else _Wait.A_DAY
    raise _NotUsableError(f"{told['what']} {told['remedy']}", wait)


def _problem_row(shop: str, order_id: str, problem: str, retry_at: datetime | None) -> dict[str, object]:
    return {"shop": shop, "order_id": order_id, "details_problem": cut(problem, 1000), "details_retry_at": retry_at}


_MASKED = (
    "TEMU gives the delivery address only in part or masked (*). It is asked for again tomorrow. Sign the data agreement in the partner "
    "platform, or enter the order in JTL by hand."
)
_OTHER_ORDER = "TEMU answered with the prices of another order. They were not taken; TEMU is asked again by the next run."
_NO_PRICES = (
    "TEMU tells no prices for this order: the amounts permission is not granted and there is no invoice data yet. It is asked for again "
    "tomorrow. Apply for bg.order.amount.query in the partner platform and authorise the app again."
)
