"""From our tables to TEMU: every parcel JTL has sent, confirmed once and read back.

What was under way when a run died is looked up at TEMU first. A refusal parks the parcels of that call with TEMU's reason until
their data change or a person decides; everything else goes on. A call that could not be made leaves its parcels pending.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from temu_assets.errors import RecordError, TemuAssetsError, TransientError
from temu_assets.jtl.tracking import without_blanks
from temu_assets.orders import order_store, parcel_store
from temu_assets.orders.carriers import CarrierMap, Company, Unmapped, choose
from temu_assets.orders.countries import COUNTRY_BY_REGION
from temu_assets.orders.holds import NEVER_LISTED
from temu_assets.orders.order_store import StoredOrder
from temu_assets.orders.parcel_store import TAKEN_BACK, Reported, StoredParcel
from temu_assets.orders.parcels import plan_shipment
from temu_assets.orders.shipment import PlannedLine, PlannedParcel, ShipmentPlan, Unclear, Waiting, combine
from temu_assets.orders.shipment_calls import Outcome, Shipment, Told, Verdict, confirm, correct, look_up
from temu_assets.temu.client import TemuClient
from temu_assets.temu.failures import TemuNotPermitted
from temu_assets.temu.order_status import TemuStatus
from temu_assets.texts import stored_length
from temu_assets.toci import outbox, problems
from temu_assets.toci.database import Toci
from temu_assets.toci.kinds import CARRIER_NOT_MAPPED, PARCEL_UNCLEAR, SHIPMENT_REFUSED
from temu_assets.toci.leases import Lease
from temu_assets.toci.outbox import Effect, Entry, State
from temu_assets.toci.problems import Finding

BATCH = 50
OUTAGE = 5
"""So many calls without an answer, and none with one, are an outage."""

UNMAPPED_AGAIN_AFTER = timedelta(days=1)
"""So long a parcel without a carrier waits for a line in the table before TEMU's list of carriers is read again."""

SHOWN_LATE_AGAIN_AFTER = timedelta(hours=1)
"""So long a parcel waits that TEMU says it knows already and does not show, before TEMU is asked for it again."""

_ADD_CARRIER = "Add a line for the shipping method, or for it in this country, to the table TEMU_CARRIER_MAP; the next run reports them."
_SETTLE_REFUSAL = (
    "Correct number or carrier in JTL, or settle it in the Seller Center; `temu-assets problems retry shipment_refused` sends it again."
)
_SENT_THOUGH_CANCELLED = Unclear("JTL sent a parcel for it, but it was cancelled at TEMU.", "Call the parcel back if you can.")
_REFUSED = "refused as "
_REFUSED_ONCE = "refused once without a reason as "
_UNMAPPED = "no carrier as "
_TOLD = "told as "
MOST_FORMS = 5
"""So many numbers of one parcel are kept while it is unclear which of them TEMU knows."""

_TAKEN_AS_SHIPPED = frozenset({TemuStatus.SHIPPED, TemuStatus.PARTLY_SHIPPED, TemuStatus.DELIVERED, TemuStatus.PARTLY_DELIVERED})


@dataclass(slots=True)
class Done:
    """What a run did, in counts. ``outage``: why a call got no answer; the run ends red, but one such call does not stop the others."""

    confirmed: int = 0
    found: int = 0
    corrected: int = 0
    parked: int = 0
    outage: TemuAssetsError | None = None
    unanswered: int = 0

    @property
    def is_hopeless(self) -> bool:
        """Whether going on makes no sense: TEMU answers nobody, or has told what stands in the way of every call."""
        if self.outage is None:
            return False
        return not isinstance(self.outage, TransientError) or (self.unanswered >= OUTAGE and not self.confirmed + self.found)


@dataclass(slots=True)
class _Work:
    """What is to be done, sorted by what it needs."""

    orders: dict[str, StoredOrder]
    parcels: dict[str, list[StoredParcel]]
    entries: dict[str, Entry]
    confirmed_lines: dict[str, frozenset[str]]
    unclear: dict[str, Finding] = field(default_factory=dict)
    unmapped: dict[str, Finding] = field(default_factory=dict)
    parked: list[Entry] = field(default_factory=list)
    refused: dict[str, Finding] = field(default_factory=dict)
    """Refused before and not tried now, by parcel."""


@dataclass(slots=True)
class Reporting:
    """One run of ``tracking_upload``.

    ``is_listed_now``: this run has read TEMU's order list itself, so what our tables say of an order is no older than the run. Else our
    database may be a backup from before TEMU was told, and TEMU is asked about each shipment first.
    """

    toci: Toci
    temu: TemuClient
    carriers: CarrierMap
    partial: bool
    warehouse_id: str | None
    threads: int
    is_listed_now: bool
    lease: Lease
    now: Callable[[], datetime]
    _companies: dict[int, tuple[Company, ...]] = field(default_factory=dict)
    _default_warehouse: str | None = None
    _asked_warehouse: bool = False

    def run(self) -> Done:
        """Report what can be reported. TEMU is not called when there is nothing to report."""
        done = Done()
        work = self._load()
        if not work.parcels:
            self._save_findings(work)
            return done
        shipments = self._shipments(work)
        corrections = self._corrections(work)
        self._save_findings(work)
        done.parked = len(work.unclear) + len(work.unmapped)
        for start in range(0, len(shipments), BATCH):
            self._make_calls(shipments[start : start + BATCH], work, done, self._confirm_or_look_up)
        self._make_calls(corrections, work, done, self._correct)
        return done

    def _load(self) -> _Work:
        def load(connection: Connection) -> _Work:
            order_ids = parcel_store.orders_to_report(connection, self.toci.shop)
            parcels = parcel_store.of_orders(connection, self.toci.shop, order_ids)
            keys = [str(stored.parcel.parcel_id) for of_order in parcels.values() for stored in of_order]
            return _Work(
                orders=order_store.by_id(connection, self.toci.shop, order_ids),
                parcels=parcels,
                entries=outbox.some(connection, self.toci.shop, Effect.SHIPMENT, keys),
                confirmed_lines=parcel_store.reported_lines(connection, self.toci.shop, order_ids),
            )

        return self.toci.read(load)

    def _shipments(self, work: _Work) -> list[Shipment]:
        """The calls to make, several orders in one parcel as one call; what cannot be called about is noted in ``work``."""
        plans = [plan for order_id in work.parcels if (plan := self._plan(order_id, work)) is not None]
        combined = combine(plans)
        for order_id, unclear in combined.unclear:
            work.unclear[order_id] = _unclear(order_id, unclear)
        return self._ready(combined.calls, work)

    def _plan(self, order_id: str, work: _Work) -> ShipmentPlan | None:
        stored = work.orders.get(order_id)
        open_parcels = [parcel for parcel in work.parcels[order_id] if parcel.reported_at is None]
        if stored is None or not open_parcels:
            return None
        order = stored.order
        if order.status == TemuStatus.CANCELLED:
            work.unclear[order_id] = _unclear(order_id, _SENT_THOUGH_CANCELLED)
            return None
        if order.cancellation_requested or order.address_change_requested or order.risk_alert:
            # TEMU refuses such a shipment unless the seller denies the request, which only a person may do.
            return None
        result = plan_shipment(
            order_id,
            order.lines,
            [parcel.parcel for parcel in open_parcels],
            finished_in_jtl=any(parcel.order_finished for parcel in open_parcels),
            already_confirmed=work.confirmed_lines.get(order_id, frozenset()),
            partial=self.partial,
        )
        if isinstance(result, Unclear):
            work.unclear[order_id] = _unclear(order_id, result)
        if stored.import_status == NEVER_LISTED:
            # Taken over from the predecessor: what TEMU wants of it, and whether it still does, shows its next list.
            return None
        return None if isinstance(result, Unclear | Waiting) else result

    def _ready(self, calls: Iterable[tuple[ShipmentPlan, ...]], work: _Work) -> list[Shipment]:
        """The calls that are not parked and have a carrier for every parcel. What is parked costs no call to TEMU."""
        open_calls = [call for call in calls if not self._is_parked(call, work)]
        shipments = [self._with_carriers(call, work) for call in open_calls]
        return [shipment for shipment in shipments if shipment is not None]

    def _with_carriers(self, plans: tuple[ShipmentPlan, ...], work: _Work) -> Shipment | None:
        fingerprint = self._fingerprint(plans, work)
        carriers: dict[int, int] = {}
        for plan in plans:
            for parcel in plan.parcels:
                carrier = self._carrier(work.orders[plan.order_id].order.region_id, parcel.shipping_method)
                if isinstance(carrier, Unmapped):
                    reason = f"The parcels of order {plan.order_id} were not reported to TEMU: {carrier.reason}"
                    work.unmapped[str(parcel.parcel_id)] = Finding(reason, carrier.remedy)
                    work.parked.append(
                        Entry(
                            str(parcel.parcel_id),
                            State.PARKED,
                            reason=reason,
                            evidence=_UNMAPPED + fingerprint,
                            retry_at=self.now() + UNMAPPED_AGAIN_AFTER,
                        )
                    )
                    return None
                carriers |= dict.fromkeys((parcel.parcel_id, *parcel.also), carrier)
        return Shipment(plans, carriers, self._warehouse(), fingerprint)

    def _carrier(self, region_id: int, method: str) -> int | Unmapped:
        if region_id not in self._companies:
            companies = self.temu.logistics.companies(region_id)
            self._companies[region_id] = tuple(Company(company.carrier_id, company.name, company.brand) for company in companies)
        return choose(method, self._companies[region_id], self.carriers, _iso2(region_id))

    def _warehouse(self) -> str | None:
        """The warehouse the seller named, else the shop's default one, asked for once a run."""
        if self.warehouse_id is None and not self._asked_warehouse:
            self._asked_warehouse = True
            try:
                defaults = [warehouse for warehouse in self.temu.logistics.warehouses() if warehouse.is_default]
            except TemuNotPermitted:
                return None
            self._default_warehouse = defaults[0].warehouse_id if len(defaults) == 1 else None
        return self.warehouse_id or self._default_warehouse

    def _is_parked(self, plans: tuple[ShipmentPlan, ...], work: _Work) -> bool:
        """Whether TEMU refused just this, or no carrier was found for it and nothing it depends on has changed since."""
        fingerprint = self._fingerprint(plans, work)
        for parcel in (parcel for plan in plans for parcel in plan.parcels):
            entry = work.entries.get(str(parcel.parcel_id))
            if entry is None or entry.state is not State.PARKED:
                continue
            is_waiting = entry.retry_at is None or self.now() < entry.retry_at
            if entry.evidence == _REFUSED + fingerprint and is_waiting:
                name = ", ".join(plan.order_id for plan in plans)
                work.refused[entry.key] = Finding(f"TEMU refused the parcels of order {name}: {entry.reason}", _SETTLE_REFUSAL)
                return True
            if entry.evidence == _UNMAPPED + fingerprint and entry.retry_at is not None and self.now() < entry.retry_at:
                work.unmapped[entry.key] = Finding(entry.reason or "", _ADD_CARRIER)
                return True
        return False

    def _fingerprint(self, plans: Iterable[ShipmentPlan], work: _Work) -> str:
        """Of everything a refusal can depend on and that is known without asking TEMU: once any of it changes, it is tried again."""
        content = [
            [
                plan.order_id,
                # Refused here and confirmed in Seller Center since, it is looked up there.
                work.orders[plan.order_id].order.status,
                parcel.tracking,
                parcel.shipping_method,
                self.carriers.entry(parcel.shipping_method, _iso2(work.orders[plan.order_id].order.region_id)),
                self.warehouse_id,
                [(line.line_id, line.quantity) for line in parcel.lines],
            ]
            for plan in plans
            for parcel in plan.parcels
        ]
        return hashlib.sha256(json.dumps(content).encode()).hexdigest()[:16]

    def _corrections(self, work: _Work) -> list[Shipment]:
        """Parcels whose number was corrected in JTL after TEMU was told."""
        plans = []
        for order_id, parcels in work.parcels.items():
            for stored in parcels:
                parcel = stored.parcel
                number = without_blanks(parcel.tracking)
                if stored.package_id is None and number and number != without_blanks(stored.reported_tracking or number):
                    work.unclear[order_id] = _unclear(order_id, _changed_after_predecessor(stored))
                if stored.package_id is None or stored.reported_tracking == parcel.tracking or not number or order_id not in work.orders:
                    continue
                lines = tuple(
                    PlannedLine(line.line_id, line.goods_id, line.sku_id, line.quantity) for line in work.orders[order_id].order.open_lines
                )
                plan = ShipmentPlan(order_id, (PlannedParcel(parcel.parcel_id, number, parcel.shipping_method, lines),), complete=False)
                plans.append((plan,))
        return self._ready(plans, work)

    def _make_calls(self, shipments: Sequence[Shipment], work: _Work, done: Done, call: Callable[[Shipment, _Work], Outcome]) -> None:
        if not shipments or done.is_hopeless:
            return
        self._mark_sending(shipments, work)
        with ThreadPoolExecutor(max_workers=self.threads, thread_name_prefix="temu-shipments") as pool:
            outcomes = list(pool.map(lambda shipment: call(shipment, work), shipments))
        self._save(list(zip(shipments, outcomes, strict=True)), work, done)

    def _confirm_or_look_up(self, shipment: Shipment, work: _Work) -> Outcome:
        if self._may_be_at_temu(shipment, work):
            outcome = self._look_up(shipment, work)
            is_taken_back = any(work.entries[str(parcel_id)].reason == TAKEN_BACK for parcel_id in shipment.parcel_ids)
            if outcome.verdict is not Verdict.NOT_SENT or is_taken_back:
                return outcome
        return confirm(self.temu, shipment, self.lease.check)

    def _look_up(self, shipment: Shipment, work: _Work) -> Outcome:
        """Also under the numbers and carriers of a run that died over it: they may have been corrected in JTL since."""
        outcome = look_up(self.temu, shipment, otherwise=Outcome(Verdict.NOT_SENT, {}))
        told = {parcel_id: _told_before(work.entries[str(parcel_id)]) for parcel_id in shipment.parcel_ids}
        for earlier in shipment.earlier(told):
            if outcome.verdict is Verdict.NOT_SENT:
                outcome = replace(look_up(self.temu, earlier, otherwise=Outcome(Verdict.NOT_SENT, {})), as_told=earlier)
        return outcome

    def _correct(self, shipment: Shipment, work: _Work) -> Outcome:
        (plan,) = shipment.plans
        package_ids = {stored.parcel.parcel_id: stored.package_id for stored in work.parcels[plan.order_id]}
        package_id = package_ids[plan.parcels[0].parcel_id]
        assert package_id is not None  # noqa: S101 — only such parcels are corrected
        outcome = look_up(self.temu, shipment, otherwise=Outcome(Verdict.NOT_SENT, {}))
        if outcome.verdict is not Verdict.NOT_SENT or outcome.error is not None:
            return outcome
        return correct(self.temu, shipment, package_id, self.lease.check)

    def _may_be_at_temu(self, shipment: Shipment, work: _Work) -> bool:
        """Whether TEMU may know of it: a run ended while it was sent, or TEMU counts the order as shipped, or nobody has looked."""
        were_sending = any(
            (entry := work.entries.get(str(parcel_id))) is not None and entry.state is State.SENDING for parcel_id in shipment.parcel_ids
        )
        return (
            were_sending
            or not self.is_listed_now
            or any(work.orders[plan.order_id].order.status in _TAKEN_AS_SHIPPED for plan in shipment.plans)
        )

    def _save(self, results: Sequence[tuple[Shipment, Outcome]], work: _Work, done: Done) -> None:
        raw_numbers = {stored.parcel.parcel_id: stored.parcel.tracking for of_order in work.parcels.values() for stored in of_order}
        reports, lines, refused, entries = [], list[str](), dict[str, Finding](), list[Entry]()
        for shipment, outcome in results:
            entries += [self._entry(parcel_id, shipment, outcome, work) for parcel_id in shipment.parcel_ids]
            if outcome.packages:
                # A correction names all lines of the order, of which some may not have left yet.
                lines += [] if _is_correction(shipment, work) else shipment.line_ids
                reports += [
                    _reported(parcel_id, package, shipment, outcome, raw_numbers) for parcel_id, package in outcome.packages.items()
                ]
            if isinstance(outcome.error, RecordError):
                refused |= dict.fromkeys(map(str, shipment.parcel_ids), _refused(shipment, outcome))
            self._count(shipment, outcome, work, done)
        settled = [str(report.parcel_id) for report in reports]

        def save(connection: Connection) -> None:
            parcel_store.mark_reported(connection, self.toci.shop, reports, lines, now=self.now())
            outbox.record(connection, self.toci.shop, Effect.SHIPMENT, entries, now=self.now())
            problems.report(connection, self.toci.shop, SHIPMENT_REFUSED, refused, now=self.now(), complete=False)
            problems.close(connection, self.toci.shop, SHIPMENT_REFUSED, settled, now=self.now())

        self.toci.write(save)

    def _entry(self, parcel_id: int, shipment: Shipment, outcome: Outcome, work: _Work) -> Entry:
        key = str(parcel_id)
        attempts = work.entries[key].attempts
        reason = None if outcome.error is None else outcome.error.what
        match outcome.verdict:
            case Verdict.CONFIRMED | Verdict.FOUND:
                return Entry(key, State.DONE, evidence=f"TEMU package {outcome.packages[parcel_id]}", attempts=attempts)
            case Verdict.REFUSED:
                once = _REFUSED_ONCE + shipment.fingerprint
                # Without a reason, or because TEMU has such a shipment but does not show it yet, it may be over with the next run.
                finally_refused = _REFUSED + shipment.fingerprint
                was_refused = work.entries[key].evidence in (once, finally_refused)
                is_tried_again = (outcome.is_unexplained or outcome.is_done_before) and not was_refused
                evidence = once if is_tried_again else finally_refused
                retry_at = self.now() + SHOWN_LATE_AGAIN_AFTER if outcome.is_done_before and not is_tried_again else None
                return Entry(key, State.PARKED, reason=reason, evidence=evidence, attempts=attempts, retry_at=retry_at)
            case Verdict.UNCLEAR:
                return Entry(key, State.SENDING, reason=reason, evidence=_with_told(work.entries[key], shipment), attempts=attempts)
            case Verdict.NOT_SENT:
                return Entry(key, State.PENDING, reason=reason, attempts=attempts)

    @staticmethod
    def _count(shipment: Shipment, outcome: Outcome, work: _Work, done: Done) -> None:
        parcels = len(shipment.parcel_ids)
        if outcome.verdict is Verdict.CONFIRMED and _is_correction(shipment, work):
            done.corrected += parcels
        elif outcome.verdict is Verdict.CONFIRMED:
            done.confirmed += parcels
        elif outcome.verdict is Verdict.FOUND:
            done.found += parcels
        elif outcome.verdict is Verdict.REFUSED or isinstance(outcome.error, RecordError):
            done.parked += parcels
        elif outcome.error is not None:
            done.unanswered += 1
            if done.outage is None or isinstance(done.outage, TransientError):
                done.outage = outcome.error

    def _mark_sending(self, shipments: Iterable[Shipment], work: _Work) -> None:
        entries = []
        for shipment in shipments:
            for key in map(str, shipment.parcel_ids):
                before = work.entries.get(key, Entry(key, State.PENDING))
                # What it was before this run decides whether TEMU has to be asked first, so that state is kept here.
                work.entries[key] = replace(before, attempts=before.attempts + 1)
                entries.append(Entry(key, State.SENDING, evidence=_with_told(before, shipment), attempts=before.attempts + 1))
        self.toci.write(lambda connection: outbox.record(connection, self.toci.shop, Effect.SHIPMENT, entries, now=self.now()))

    def _save_findings(self, work: _Work) -> None:
        def save(connection: Connection) -> None:
            problems.report(connection, self.toci.shop, PARCEL_UNCLEAR, work.unclear, now=self.now())
            problems.report(connection, self.toci.shop, CARRIER_NOT_MAPPED, work.unmapped, now=self.now())
            self._settle_refusals(connection, work)
            outbox.record(connection, self.toci.shop, Effect.SHIPMENT, work.parked, now=self.now())

        self.toci.write(save)

    def _settle_refusals(self, connection: Connection, work: _Work) -> None:
        """Nothing is refused any more of a parcel that is gone or known to TEMU, or that something else keeps from being sent.

        What is refused and left alone stays told, with the words of the refusal where it still is.
        """
        still = {
            str(stored.parcel.parcel_id)
            for order_id, parcels in work.parcels.items()
            if order_id not in work.unclear
            for stored in parcels
            if stored.reported_at is None or stored.reported_tracking != stored.parcel.tracking
        } - work.unmapped.keys()
        told = {each.key for each in problems.unsettled(connection, self.toci.shop, SHIPMENT_REFUSED)}
        untold = {key: finding for key, finding in work.refused.items() if key not in told}
        problems.report(connection, self.toci.shop, SHIPMENT_REFUSED, untold, now=self.now(), kept=still)


def _told_before(entry: Entry) -> list[Told]:
    """In which forms TEMU may have been told of a parcel by runs whose outcome nobody knows, the newest last."""
    if entry.state is not State.SENDING or entry.evidence is None or not entry.evidence.startswith(_TOLD):
        return []
    return [Told(carrier_id, tracking) for carrier_id, tracking in json.loads(entry.evidence.removeprefix(_TOLD))]


def _with_told(before: Entry, shipment: Shipment) -> str:
    """What the outbox keeps of a parcel while it is told: this form of it, and those that are unclear still, as many as it has room for."""
    now = shipment.told(int(before.key))
    forms = [*(form for form in _told_before(before) if form != now), now][-MOST_FORMS:]
    while forms and stored_length(kept := _TOLD + json.dumps(forms, ensure_ascii=False)) > outbox.MOST_EVIDENCE:
        del forms[0]
    return kept if forms else _TOLD + "[]"


def _reported(parcel_id: int, package: str, shipment: Shipment, outcome: Outcome, raw_numbers: Mapping[int, str]) -> Reported:
    if outcome.as_told is None:
        return Reported(parcel_id, raw_numbers[parcel_id], shipment.carriers[parcel_id], package)
    # What TEMU has is older than JTL's number: the next run corrects it.
    told = outcome.as_told.told(parcel_id)
    return Reported(parcel_id, told.tracking, told.carrier_id, package)


def _unclear(order_id: str, unclear: Unclear) -> Finding:
    return Finding(f"Order {order_id} was not reported to TEMU: {unclear.reason}", unclear.remedy)


def _changed_after_predecessor(stored: StoredParcel) -> Unclear:
    return Unclear(
        f"parcel {stored.parcel.parcel_id} has another number in JTL than the predecessor told TEMU, and TEMU's package is not known.",
        "Correct the number in the TEMU Seller Center and mark the problem as handled.",
    )


def _iso2(region_id: int) -> str:
    """The country of a region for the shop owner's table; empty for a region we do not know."""
    country = COUNTRY_BY_REGION.get(region_id)
    return country.iso2 if country else ""


def _is_correction(shipment: Shipment, work: _Work) -> bool:
    """Whether TEMU knew the parcels before, under another number."""
    return any(
        stored.reported_at is not None and stored.parcel.parcel_id in shipment.parcel_ids
        for plan in shipment.plans
        for stored in work.parcels[plan.order_id]
    )


def _refused(shipment: Shipment, outcome: Outcome) -> Finding:
    assert outcome.error is not None  # noqa: S101 — asked by the caller
    if outcome.verdict is Verdict.UNCLEAR:
        return Finding(f"Whether TEMU knows the parcels of order {shipment.name} is unclear: {outcome.error.what}", outcome.error.remedy)
    return Finding(f"TEMU refused the parcels of order {shipment.name}: {outcome.error.what}", outcome.error.remedy)
