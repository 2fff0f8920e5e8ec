"""One comparison of TEMU, our tables and JTL.

The sequence of reading is what keeps work under way from looking like a difference. TEMU's stock comes before its order list, the list
before our tables, those before JTL's import table, and that before JTL's orders and parcels: an order, a parcel and a change only ever
move in this direction. Nothing is written but problems, all of them at the end, so a run that could not look at everything says nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection

from temu_assets.errors import ConfigurationError
from temu_assets.jtl.database import Jtl
from temu_assets.jtl.orders import import_rows, known_orders, live_doubles, orders_since
from temu_assets.jtl.positions import order_positions
from temu_assets.reconciliation import at_temu, in_jtl, our_tables, reading_temu
from temu_assets.reconciliation.comparing_parcels import ComparingParcels, ParcelsCompared
from temu_assets.reconciliation.contents import difference
from temu_assets.reconciliation.facts import OurOrder, ShownStock
from temu_assets.reconciliation.in_jtl import InJtl
from temu_assets.reconciliation.kinds import Kind
from temu_assets.reconciliation.reading_temu import TemuOrders
from temu_assets.reconciliation.stock import comparable, differing
from temu_assets.temu import order_number
from temu_assets.temu.client import TemuClient
from temu_assets.temu.order_status import TemuStatus
from temu_assets.toci import problems, sync_state
from temu_assets.toci.database import Toci
from temu_assets.toci.kinds import DOUBLE, NOT_TAKEN, ORDER_DATA, ORDER_XML
from temu_assets.toci.problems import Finding
from temu_assets.toci.sync_state import Mark

TAKEN_LONG_ENOUGH = timedelta(hours=1)
"""JTL may still be at work on an order it took just now: what is in it is compared after that."""
TOO_MANY_TO_MISS = 5
"""So many orders JTL had, and not one of them there: that is another database, not so many deletions."""

_ORDER_KINDS = [kind for kind in Kind if kind is not Kind.LISTED_STOCK_DIFFERS]
_LISTED_KINDS = (Kind.ORDER_LOST, Kind.ORDER_OUTDATED)
"""What is concluded from TEMU's list having been read completely."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run is asked for. ``waiting_files``: the folder of orders for import by hand, where they do not go to the import table."""

    days_back: int
    confirm_within: timedelta
    partial: bool
    threads: int
    waiting_files: Path | None


@dataclass(slots=True)
class Reconciled:
    """What was compared, in counts, and what differs, by kind and key.

    ``skus``, ``contents``: the SKUs and orders whose stock and contents were compared; of others nothing is known.
    """

    complete_until: datetime
    compared: dict[str, int] = field(default_factory=dict)
    findings: dict[Kind, dict[str, Finding]] = field(default_factory=dict)
    skus: frozenset[str] = frozenset()
    contents: frozenset[str] = frozenset()
    doubles: dict[str, Finding] = field(default_factory=dict)
    oldest_open: datetime | None = None
    waiting_rows: int = 0
    oldest_waiting: datetime | None = None
    list_is_complete: bool = True
    parcels: ParcelsCompared = field(default_factory=ParcelsCompared)

    @property
    def all_differences(self) -> list[tuple[str, str, Finding]]:
        """Kind, key and finding of everything that differs."""
        by_kind = [*((kind.value, found) for kind, found in self.findings.items()), (DOUBLE, self.doubles)]
        return [(kind, key, finding) for kind, found in by_kind for key, finding in sorted(found.items())]


@dataclass(frozen=True, slots=True)
class _Begun:
    """What our tables said before anybody else was asked."""

    complete_until: datetime
    began_at: datetime | None
    stock: list[ShownStock]
    told: set[str]
    doubled: set[str]


@dataclass(frozen=True, slots=True)
class _Ours:
    """What our tables said after TEMU was read."""

    orders: dict[str, OurOrder]
    stock: list[ShownStock]
    unreadable: set[str]
    not_written: set[str]
    not_taken: set[str]


@dataclass(frozen=True, slots=True)
class Reconciling:
    """One run of ``reconciliation``. No transaction of ours is open while TEMU or JTL is asked."""

    toci: Toci
    temu: TemuClient
    jtl: Jtl
    plan: Plan
    now: Callable[[], datetime]

    def run(self) -> Reconciled:
        """Compare and report. Raises when TEMU, JTL or our database cannot be read; then nothing is reported and nothing closed."""
        started = self.now()
        since = started - timedelta(days=self.plan.days_back)
        begun = self._begin(started)
        shown = reading_temu.stock(self.temu, [row.sku_id for row in begun.stock], threads=self.plan.threads)
        listed = reading_temu.changed_orders(self.temu, since, self.now())
        listed |= reading_temu.named_orders(self.temu, (key for key in begun.told if key not in listed))
        ours = self._ours(since, begun, listed)
        current = {key: at_temu.as_listed(order, listed.readable.get(key)) for key, order in ours.orders.items()}
        jtl = self._in_jtl(since, current, begun)
        listed |= self._foreign_at_temu(current, jtl, listed)

        result = Reconciled(begun.complete_until, list_is_complete=listed.is_complete)
        self._compare_with_temu(begun, listed, ours, shown, result)
        self._compare_with_jtl(current, ours, jtl, listed, result)
        self._compare_parcels(current, jtl, listed, result)
        self._save(begun, current, jtl, result)
        return result

    def _begin(self, started: datetime) -> _Begun:
        def read(connection: Connection) -> tuple[datetime | None, datetime | None, list[ShownStock], set[str], set[str]]:
            shop = self.toci.shop
            return (
                sync_state.read_instant(connection, shop, Mark.ORDERS_COMPLETE_UNTIL),
                our_tables.began_at(connection, shop),
                our_tables.shown_stock(connection, shop),
                our_tables.told(connection, shop, *_ORDER_KINDS),
                our_tables.told(connection, shop, DOUBLE),
            )

        complete_until, began_at, stock, told, doubled = self.toci.read(read)
        if complete_until is None:
            raise ConfigurationError(
                "TEMU's orders were never read completely, so there is nothing to compare.",
                remedy="run the job temu_orders_sync once; then run this again.",
            )
        return _Begun(min(complete_until, started), began_at, stock, told, doubled)

    def _ours(self, since: datetime, begun: _Begun, listed: TemuOrders) -> _Ours:
        def read(connection: Connection) -> _Ours:
            shop = self.toci.shop
            orders = our_tables.orders_since(connection, shop, since)
            named = {*listed.readable, *begun.told, *begun.doubled} - orders.keys()
            return _Ours(
                orders | our_tables.orders_named(connection, shop, named),
                our_tables.shown_stock(connection, shop),
                our_tables.told(connection, shop, ORDER_DATA),
                our_tables.told(connection, shop, ORDER_XML),
                our_tables.told(connection, shop, NOT_TAKEN),
            )

        return self.toci.read(read)

    def _in_jtl(self, since: datetime, ours: Mapping[str, OurOrder], begun: _Begun) -> InJtl:
        folder = self.plan.waiting_files
        waiting: Mapping[str, list[int]] = import_rows(self.jtl) if folder is None else {path.stem: [] for path in folder.glob("*.xml")}
        orders = known_orders(self.jtl, sorted({*ours, *begun.told, *begun.doubled}))
        taken = [order for order in ours.values() if order.jtl_confirmed_at is not None and order.status != TemuStatus.CANCELLED]
        if len(taken) >= TOO_MANY_TO_MISS and not any(order.order_id in orders for order in taken):
            raise ConfigurationError(
                f"JTL has not one of the {len(taken)} orders it had. That is not taken for deleted; nothing was compared.",
                remedy="check that JTL_DATABASE_URL (or SQL_SERVER and SQL_DATABASE_JTL) names JTL's own database and that the login may "
                "read Verkauf.tAuftrag.",
            )
        return InJtl(orders_since(self.jtl, order_number.PREFIX, since) | orders, waiting)

    def _foreign_at_temu(self, ours: Mapping[str, OurOrder], jtl: InJtl, listed: TemuOrders) -> TemuOrders:
        """What TEMU has of the orders that are in JTL and neither in our tables nor in its list of these days."""
        return reading_temu.named_orders(self.temu, self._unknown(ours, jtl, listed))

    def _unknown(self, ours: Mapping[str, OurOrder], jtl: InJtl, listed: TemuOrders) -> list[str]:
        unknown = sorted(
            key
            for key in {*jtl.orders, *jtl.waiting}
            if order_number.is_order_number(key) and key not in ours and key not in listed and (jtl.live(key) or jtl.waiting.get(key))
        )
        known = self.toci.read(lambda connection: our_tables.known_in_any_shop(connection, unknown)) if unknown else set()
        return [key for key in unknown if key not in known]

    def _compare_with_temu(self, begun: _Begun, listed: TemuOrders, ours: _Ours, shown: Mapping[str, int], result: Reconciled) -> None:
        readable = listed.readable.values()
        # One that cannot be read, or could not be when it changed, is told already.
        told = [order for order in readable if order.order_id not in ours.unreadable]
        result.findings[Kind.ORDER_LOST] = at_temu.lost(told, ours.orders, complete_until=begun.complete_until, began_at=begun.began_at)
        result.findings[Kind.ORDER_OUTDATED] = at_temu.outdated(told, ours.orders, complete_until=begun.complete_until)
        # A row a stock run has touched meanwhile is its business.
        before = set(begun.stock)
        untouched = [row for row in ours.stock if row in before]
        settled = comparable(untouched, shown, at_temu.in_motion(readable, ours.orders), now=self.now())
        result.findings[Kind.LISTED_STOCK_DIFFERS] = differing(settled, shown)
        result.skus = frozenset(row.sku_id for row in settled)
        result.compared |= {"orders_listed_by_temu": len(listed.readable), "skus_compared": len(settled)}

    def _compare_with_jtl(self, current: Mapping[str, OurOrder], ours: _Ours, jtl: InJtl, listed: TemuOrders, result: Reconciled) -> None:
        now = self.now()
        told = ours.not_taken | ours.not_written | ours.unreadable
        to_find = [order for key, order in current.items() if key not in told]
        result.findings[Kind.ORDER_NOT_IN_JTL] = in_jtl.missing(to_find, jtl, now=now)
        result.findings[Kind.ORDER_CANCELLED_IN_JTL] = in_jtl.cancelled_there(current.values(), jtl)
        result.findings[Kind.ORDER_NOT_AT_TEMU] = in_jtl.nobodys(self._unknown(current, jtl, listed), jtl)
        result.findings[Kind.IMPORT_ROW_UNREAD] = in_jtl.unread(
            current, jtl, ours.not_taken, confirm_within=self.plan.confirm_within, now=now
        )
        result.findings[Kind.ORDER_DIFFERS] = self._differing_contents(current, jtl, result, now)
        remedy = "Cancel all but one of them in JTL before they are shipped."
        result.doubles = {
            key: Finding(text, remedy)
            for key, text in live_doubles(jtl.orders).items()
            if key in current or order_number.is_order_number(key)
        }
        result.waiting_rows = jtl.waiting_rows
        result.oldest_waiting = in_jtl.oldest_waiting(current, jtl)
        result.oldest_open = in_jtl.oldest_open(current.values())
        result.compared["orders_looked_for_in_jtl"] = len(current)

    def _differing_contents(self, current: Mapping[str, OurOrder], jtl: InJtl, result: Reconciled, now: datetime) -> dict[str, Finding]:
        settled = {
            key: live[0]
            for key, order in current.items()
            if len(live := jtl.live(key)) == 1
            and order.status != TemuStatus.CANCELLED
            and order.jtl_confirmed_at is not None
            and now - order.jtl_confirmed_at > TAKEN_LONG_ENOUGH
        }
        positions = order_positions(self.jtl, [order.key for order in settled.values()])
        result.contents = frozenset(settled)
        result.compared["orders_compared_with_jtl"] = len(settled)
        return {
            key: finding
            for key, order in settled.items()
            if (finding := difference(current[key], order.number, positions.get(order.key, ()))) is not None
        }

    def _compare_parcels(self, current: Mapping[str, OurOrder], jtl: InJtl, listed: TemuOrders, result: Reconciled) -> None:
        result.parcels = ComparingParcels(
            self.toci,
            self.jtl,
            self.temu,
            {key: order for key, order in current.items() if key in jtl.orders and order.exported_at is not None},
            {key: order.updated_at for key, order in listed.readable.items()},
            partial=self.plan.partial,
            threads=self.plan.threads,
            now=self.now(),
        ).run()
        result.findings[Kind.PARCEL_NOT_AT_TEMU] = result.parcels.not_at_temu
        result.findings[Kind.PARCEL_DIFFERS] = result.parcels.differing
        result.compared |= {
            "parcels_in_jtl": result.parcels.parcels,
            "shipments_asked_of_temu": result.parcels.questions,
            "orders_with_shipments_compared": len(result.parcels.asked),
            "orders_with_shipments_left_for_later": len(result.parcels.left_for_later),
            "orders_temu_tells_no_shipments_of": len(result.parcels.untold),
        }

    def _save(self, begun: _Begun, current: Mapping[str, OurOrder], jtl: InJtl, result: Reconciled) -> None:
        now, shop, parcels = self.now(), self.toci.shop, result.parcels
        settled = sorted(begun.doubled - result.doubles.keys())

        def not_compared(connection: Connection, kind: Kind) -> Collection[str]:
            """Keys a person was told of this kind that this run could not look at: they stay as they are."""
            told = our_tables.told(connection, shop, kind)
            match kind:
                case Kind.PARCEL_NOT_AT_TEMU | Kind.PARCEL_DIFFERS:
                    return parcels.left_for_later | parcels.untold
                case Kind.ORDER_DIFFERS:
                    # A cancelled order has no contents to compare any more.
                    return {
                        key
                        for key in told & current.keys() - result.contents
                        if jtl.live(key) and current[key].status != TemuStatus.CANCELLED
                    }
                case Kind.LISTED_STOCK_DIFFERS:
                    return our_tables.still_listed(connection, shop, told - result.skus)
            return told if kind in _LISTED_KINDS and not result.list_is_complete else ()

        def save(connection: Connection) -> None:
            for kind, found in result.findings.items():
                problems.report(connection, shop, kind, found, now=now, complete=True, kept=not_compared(connection, kind))
            problems.report(connection, shop, DOUBLE, result.doubles, now=now, complete=False)
            problems.close(connection, shop, DOUBLE, settled, now=now)
            if parcels.up_to is not None:
                sync_state.remember(connection, shop, Mark.PARCELS_COMPARED_UP_TO, parcels.up_to, now=now)

        self.toci.write(save)
