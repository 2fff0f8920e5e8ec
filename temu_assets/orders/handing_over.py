"""From our tables to JTL: each shippable order exactly once, with JTL's own word as the proof.

The order of steps is the guarantee. What was under way when a run died is unclear, so JTL is asked first: its import table, then
its orders, in this sequence, because an order only ever moves from the first to the second. The same questions adopt orders JTL
has from elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Protocol

from sqlalchemy import Connection

from temu_assets.errors import ConfigurationError, RecordError
from temu_assets.jtl import orders as jtl_orders
from temu_assets.jtl.database import Jtl
from temu_assets.jtl.orders import ImportRows, KnownOrder
from temu_assets.orders import order_clock, order_store
from temu_assets.orders.files import write_orders
from temu_assets.orders.holds import needs_a_person
from temu_assets.orders.order import TemuOrder
from temu_assets.orders.preparing import Preparing
from temu_assets.orders.ready_orders import ReadyOrders, ready_orders, require_names
from temu_assets.sql.chunks import in_chunks
from temu_assets.time_limit import UNLIMITED, TimeLimit
from temu_assets.toci import lead_times, outbox, problems
from temu_assets.toci.database import Toci
from temu_assets.toci.kinds import DOUBLE, NOT_TAKEN, ORDER_HELD, ORDER_XML
from temu_assets.toci.lead_times import Leg
from temu_assets.toci.leases import Lease
from temu_assets.toci.outbox import Effect, Entry, State
from temu_assets.toci.problems import Finding

BATCH = 500
ORDERS_AT_ONCE = 1000
"""So many are decided about together, so that memory does not grow with how many there are."""

GONE_AFTER = timedelta(minutes=30)
"""An order that neither waits nor is in JTL so long after it was handed over was refused or deleted there."""


class Delivery(Protocol):
    """A way to JTL: into its import table, or as a file for a person."""

    def deliver(self, xml_by_order: Mapping[str, str], may_go_on: Callable[[], None]) -> dict[str, str]:
        """Hand orders over; returns what proves it, by order id. ``may_go_on`` raises when this run must not write any more."""

    def waiting(self, *, is_unclear: bool = False) -> dict[str, str]:
        """What was handed over and JTL has not taken yet: proof by order id. ``is_unclear``: a run may have died over it just now."""


@dataclass(slots=True)
class ImportTable:
    """``dbo.tXMLBestellImport``: JTL's worker takes it by itself. ``seen`` is what it held when it was last asked."""

    jtl: Jtl
    platform: int
    seen: ImportRows = field(default_factory=ImportRows)

    def deliver(self, xml_by_order: Mapping[str, str], may_go_on: Callable[[], None]) -> dict[str, str]:
        """One row per order, all in one transaction."""
        return jtl_orders.hand_over(self.jtl, xml_by_order, platform=self.platform, may_go_on=may_go_on, seen=self.seen)

    def waiting(self, *, is_unclear: bool = False) -> dict[str, str]:
        """The rows JTL's worker has not taken yet."""
        self.seen = jtl_orders.waiting_orders(self.jtl, is_unclear=is_unclear)
        return jtl_orders.waiting_proofs(self.seen)


@dataclass(frozen=True, slots=True)
class ImportFolder:
    """One file per order in a folder, imported by a person through JTL's menu."""

    folder: Path

    def deliver(self, xml_by_order: Mapping[str, str], may_go_on: Callable[[], None]) -> dict[str, str]:
        """Complete files or none; an existing one is the same order, written before."""
        for order_id, xml in xml_by_order.items():
            may_go_on()
            write_orders(self.folder, {order_id: xml})
        return {order_id: f"file {order_id}.xml" for order_id in xml_by_order}

    def waiting(self, *, is_unclear: bool = False) -> dict[str, str]:  # noqa: ARG002 — a file is there or not
        """The files that are still there."""
        return waiting_files(self.folder)


def waiting_files(folder: Path) -> dict[str, str]:
    """What lies in the folder for import by hand: what proves it, by order id."""
    return {path.stem: f"file {path.name}" for path in folder.glob("*.xml")}


@dataclass(slots=True)
class HandedOver:
    """What a run did, in counts."""

    exported: int = 0
    adopted: int = 0
    confirmed: int = 0
    cleared_up: int = 0
    parked: int = 0
    waiting_for_jtl: int = 0
    waiting_for_next_run: int = 0
    """Ready, and not handed over because this run's time is up."""
    is_begun: bool = False
    """Whether JTL was given anything, taken or not."""
    exported_ids: list[str] = field(default_factory=list)
    refusals: list[RecordError] = field(default_factory=list)

    @property
    def is_for_nothing(self) -> bool:
        """One order JTL refuses is that order's trouble; none it takes is JTL's, and a run that did nothing must not look well."""
        return len(self.refusals) > 1 and not self.exported

    def require_use(self) -> None:
        """Raises ConfigurationError when JTL took none of the orders. What else the run has to tell comes before."""
        if self.is_for_nothing:
            raise ConfigurationError(
                f"JTL took none of {len(self.refusals)} orders; none was lost, and no further one was tried. {self.refusals[0].what}",
                remedy=self.refusals[0].remedy,
            )


@dataclass(slots=True)
class _Told:
    """Orders of which this run has told something: that they are held, or that their XML would be wrong or is tried again."""

    as_held: set[str] = field(default_factory=set)
    as_wrong: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class HandingOver:
    """One run of ``jtl_order_xml``."""

    toci: Toci
    jtl: Jtl
    delivery: Delivery
    preparing: Preparing
    archive: Path
    confirm_within: timedelta
    lease: Lease
    now: Callable[[], datetime]
    limit: TimeLimit = UNLIMITED

    def run(self) -> HandedOver:
        """Clear up what is unclear, confirm what JTL has taken, hand over what is ready."""
        done = HandedOver()
        self._clear_up(done)
        self._confirm(done)
        self._hand_over(done)
        return done

    def _clear_up(self, done: HandedOver) -> None:
        unclear = self.toci.read(lambda connection: outbox.entries(connection, self.toci.shop, Effect.JTL_ORDER, [State.SENDING]))
        if not unclear:
            return
        proofs = self._proofs(list(unclear), self.delivery.waiting(is_unclear=True))
        entries = [
            Entry(key, State.DONE, evidence=proofs[key], attempts=entry.attempts)
            if key in proofs
            else Entry(key, State.PENDING, reason="was not found in JTL after a run ended early", attempts=entry.attempts)
            for key, entry in unclear.items()
        ]
        # What JTL was given was remembered with "sending"; the order may look different by now.
        self.toci.write(lambda connection: self._record(connection, entries, proofs))
        done.cleared_up = len(unclear)

    def _confirm(self, done: HandedOver) -> None:
        unconfirmed, told = self.toci.read(
            lambda connection: (
                order_store.unconfirmed(connection, self.toci.shop),
                problems.unsettled(connection, self.toci.shop, DOUBLE),
            )
        )
        asked_about = list({*unconfirmed, *(each.key for each in told)})
        if not asked_about:
            return
        now, gone_after = self.now(), min(self.confirm_within, GONE_AFTER)
        # JTL's import table is only looked through for those that are late. Before its orders: an order moves from the first to the second.
        waiting = self.delivery.waiting() if any(now - each.given_at > gone_after for each in unconfirmed.values()) else {}
        late: dict[str, Finding] = {}
        doubles: dict[str, Finding] = {}
        for some in in_chunks(asked_about):
            known = jtl_orders.known_orders(self.jtl, some)
            taken = {key: orders[0].number for key, orders in known.items() if key in unconfirmed}
            late |= {
                key: _not_taken(key, order.given_at, waiting.get(key))
                for key in some
                # A cancelled one must not be entered by hand.
                if (order := unconfirmed.get(key)) is not None
                and key not in known
                and not order.is_cancelled
                and now - order.given_at > (self.confirm_within if key in waiting else gone_after)
            }
            doubles |= _doubles(known)
            self.toci.write(partial(order_store.mark_confirmed, shop=self.toci.shop, jtl_numbers=taken, now=self.now()))
            done.confirmed += len(taken)

        def save(connection: Connection) -> None:
            problems.report(connection, self.toci.shop, NOT_TAKEN, late, now=self.now())
            problems.report(connection, self.toci.shop, DOUBLE, doubles, now=self.now())

        self.toci.write(save)
        done.waiting_for_jtl = len(unconfirmed) - done.confirmed

    def _hand_over(self, done: HandedOver) -> None:
        candidates = self.toci.read(lambda connection: order_store.open_orders(connection, self.toci.shop))
        told = _Told()
        waiting: Mapping[str, str] | None = None
        # The last of them may be none at all: then what was told before is over.
        for start in range(0, max(len(candidates), 1), ORDERS_AT_ONCE):
            end = start + ORDERS_AT_ONCE
            ready = ready_orders(self.toci, self.preparing, candidates[start:end])
            self._save_findings(ready, told, is_last=end >= len(candidates))
            done.parked += len(ready.prepared.bad)
            if waiting is None and ready.prepared.xml:
                # Before JTL's orders: an order only moves from the first to the second. What comes later, the transaction itself sees.
                waiting = self.delivery.waiting()
            left = self._hand_over_some(ready, waiting or {}, done)
            if done.is_for_nothing:
                return
            if left:
                later = self.toci.read(lambda connection: order_store.free_to_go(connection, self.toci.shop))
                done.waiting_for_next_run = left + len(set(candidates[end:]).intersection(later))
                return

    def _hand_over_some(self, ready: ReadyOrders, waiting: Mapping[str, str], done: HandedOver) -> int:
        """Hand over what is ready; returns how many were left because this run's time is up."""
        if not ready.candidates:
            return 0
        orders = ready.orders
        # Held ones too: what holds an order often makes a person enter it in JTL by hand.
        proofs = self._proofs(list(orders), waiting)
        if proofs:
            self._adopt(orders, proofs)
        done.adopted += len(proofs)
        open_orders = ready.unknown_to_jtl(proofs)
        if open_orders and not done.is_begun:
            require_names(self.jtl, self.preparing.xml_options)
        left = len(open_orders)
        with closing(self._archived({key: ready.prepared.xml[key] for key in open_orders})) as batches:
            for batch in batches:
                if done.is_begun and self.limit.is_over():
                    return left
                done.is_begun = True
                self._hand_over_batch(batch, orders, done)
                left -= len(batch)
                if done.is_for_nothing:
                    break
        return 0

    def _archived(self, xml: Mapping[str, str]) -> Generator[dict[str, str]]:
        """The orders in batches, of each of which a copy is on disk. While JTL is given one, the copies of the next are written."""
        batches = [{key: xml[key] for key in keys} for keys in in_chunks(list(xml), BATCH)]
        if not batches:
            return
        with ThreadPoolExecutor(1, thread_name_prefix="order-archive") as writer:

            def write(batch: Mapping[str, str]) -> Future[None]:
                return writer.submit(write_orders, self.archive / f"{self.now():%Y/%m}", batch)

            written = write(batches[0])
            for number, batch in enumerate(batches, start=1):
                written.result()
                if number < len(batches):
                    written = write(batches[number])
                yield batch

    def _adopt(self, orders: Mapping[str, TemuOrder], proofs: Mapping[str, str]) -> None:
        def adopt(connection: Connection) -> None:
            order_store.remember_given(connection, self.toci.shop, [orders[key] for key in proofs])
            self._record(connection, [Entry(key, State.DONE, evidence=f"found in JTL: {proof}") for key, proof in proofs.items()], proofs)

        self.toci.write(adopt)

    def _hand_over_batch(self, batch: Mapping[str, str], orders: Mapping[str, TemuOrder], done: HandedOver) -> None:
        def announce(connection: Connection) -> dict[str, int]:
            before = outbox.some(connection, self.toci.shop, Effect.JTL_ORDER, list(batch))
            attempts = {key: before[key].attempts + 1 if key in before else 1 for key in batch}
            sending = [Entry(key, State.SENDING, attempts=attempts[key]) for key in batch]
            outbox.record(connection, self.toci.shop, Effect.JTL_ORDER, sending, now=self.now())
            order_store.remember_given(connection, self.toci.shop, [orders[key] for key in batch])
            return attempts

        attempts = self.toci.write(announce)
        try:
            proofs = self.delivery.deliver(batch, self.lease.check)
        except RecordError as error:
            self._set_refused_aside(batch, orders, done, error)
            return
        entries = [Entry(key, State.DONE, evidence=proof, attempts=attempts[key]) for key, proof in proofs.items()]
        done_at = self.now()

        def save(connection: Connection) -> None:
            self._record(connection, entries, proofs)
            took = order_clock.of_orders(connection, self.toci.shop, list(proofs))
            lead_times.record(connection, self.toci.shop, Leg.ORDER, took, done_at=done_at)

        self.toci.write(save)
        done.exported += len(proofs)
        done.exported_ids += proofs
        done.waiting_for_jtl += len(proofs)

    def _set_refused_aside(self, batch: Mapping[str, str], orders: Mapping[str, TemuOrder], done: HandedOver, error: RecordError) -> None:
        """JTL took none of the batch because of what one order holds: find it by halves, and hand over the others."""
        if len(batch) > 1:
            for half in in_chunks(list(batch), -(-len(batch) // 2)):
                self._hand_over_batch({order_id: batch[order_id] for order_id in half}, orders, done)
            return
        (order_id,) = batch

        def park(connection: Connection) -> None:
            self._record(connection, [Entry(order_id, State.PARKED, reason=error.what)], [])
            order_clock.hold(connection, self.toci.shop, [order_id], now=self.now())
            finding = Finding(error.what, f"{error.remedy} The order is tried again with every run.")
            problems.report(connection, self.toci.shop, ORDER_XML, {order_id: finding}, now=self.now(), complete=False)

        self.toci.write(park)
        done.parked += 1
        done.refusals.append(error)

    def _save_findings(self, ready: ReadyOrders, told: _Told, *, is_last: bool) -> None:
        """``is_last``: all open orders were looked at, so what was told of an order earlier and is not among it any more is over."""
        prepared = ready.prepared
        held = {
            stored.order.order_id: Finding(f"Order {stored.order.order_id} is held and not handed to JTL: {hold.reason}.", hold.detail)
            for stored in ready.candidates
            if (hold := prepared.holds.get(stored.order.order_id)) is not None
            and needs_a_person(hold, is_asked_again=stored.details_wait_until is None)
        }
        findings = {
            key: Finding(
                f"Order {key} was not handed to JTL: the XML would be wrong ({'; '.join(findings)}).",
                "Look at the named field of the order in the TEMU Seller Center; the order is tried again with every run.",
            )
            for key, findings in prepared.bad.items()
        }
        # One that JTL refused and that is handed over again closes when JTL takes it.
        told.as_wrong.update(findings, prepared.xml)
        told.as_held.update(held)

        def save(connection: Connection) -> None:
            now, shop = self.now(), self.toci.shop
            order_clock.keep(connection, shop, prepared.holds, now=now)
            order_clock.hold(connection, shop, prepared.bad, now=now)
            order_store.save_holds(connection, shop, prepared.holds)
            problems.report(connection, shop, ORDER_HELD, held, now=now, complete=is_last, kept=told.as_held)
            problems.report(connection, shop, ORDER_XML, findings, now=now, complete=is_last, kept=told.as_wrong)

        self.toci.write(save)

    def _proofs(self, order_ids: Sequence[str], waiting: Mapping[str, str]) -> dict[str, str]:
        """What JTL shows of these orders. ``waiting`` was asked for first: an order moves from there to JTL's orders, never back."""
        known = jtl_orders.known_orders(self.jtl, order_ids)
        if doubles := _doubles(known):
            self.toci.write(lambda connection: problems.report(connection, self.toci.shop, DOUBLE, doubles, now=self.now(), complete=False))
        return jtl_orders.proofs_of(order_ids, waiting, known)

    def _record(self, connection: Connection, entries: Sequence[Entry], exported: Iterable[str]) -> None:
        order_ids = list(exported)
        outbox.record(connection, self.toci.shop, Effect.JTL_ORDER, entries, now=self.now())
        order_store.mark_exported(connection, self.toci.shop, order_ids, now=self.now())
        problems.close(connection, self.toci.shop, ORDER_XML, order_ids, now=self.now())


def _doubles(known: Mapping[str, Sequence[KnownOrder]]) -> dict[str, Finding]:
    remedy = "Cancel all but one of them in JTL before they are shipped."
    return {key: Finding(told, remedy) for key, told in jtl_orders.live_doubles(known).items()}


def _not_taken(order_id: str, since: datetime, waits_as: str | None) -> Finding:
    if waits_as is not None:
        return Finding(
            f"JTL has not taken order {order_id}, handed over at {since:%Y-%m-%d %H:%M} UTC; it still waits ({waits_as}).",
            "Check that the JTL-Worker runs (or import the file), and its log for this order.",
        )
    return Finding(
        f"Order {order_id}, handed over at {since:%Y-%m-%d %H:%M} UTC, neither waits for JTL any more nor is among JTL's orders.",
        "Look into the JTL-Worker's log. If JTL refused or somebody deleted it, enter it by hand with this external order number.",
    )
