"""What TEMU is to be told of parcels: which calls, what keeps others back, what TEMU knows already. Nothing is sent or stored here."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from temu_assets.jtl.tracking import without_blanks
from temu_assets.orders import order_store, parcel_store
from temu_assets.orders.carriers import CarrierMap, Company, Unmapped, choose
from temu_assets.orders.countries import COUNTRY_BY_REGION
from temu_assets.orders.holds import NEVER_LISTED
from temu_assets.orders.order_store import StoredOrder
from temu_assets.orders.parcel_store import TAKEN_BACK, StoredParcel
from temu_assets.orders.parcels import plan_shipment
from temu_assets.orders.shipment import PlannedLine, PlannedParcel, ShipmentPlan, Unclear, Waiting, combine
from temu_assets.orders.shipment_calls import Outcome, Shipment, Verdict, look_up
from temu_assets.orders.told_numbers import told_before
from temu_assets.temu.client import TemuClient
from temu_assets.temu.failures import TemuNotPermitted
from temu_assets.temu.order_status import TemuStatus
from temu_assets.toci import outbox, problems
from temu_assets.toci.database import Toci
from temu_assets.toci.kinds import PARCEL_UNCLEAR
from temu_assets.toci.outbox import Effect, Entry, State
from temu_assets.toci.problems import Finding

UNMAPPED_AGAIN_AFTER = timedelta(days=1)
"""So long a parcel without a carrier waits for a line in the table before TEMU's list of carriers is read again."""

REFUSED_AS = "refused as "
"""How the evidence of a refused parcel begins; the fingerprint of what was refused follows."""

_ADD_CARRIER = "Add a line for the shipping method, or for it in this country, to the table TEMU_CARRIER_MAP; the next run reports them."
_SETTLE_REFUSAL = (
    "Correct number or carrier in JTL, or settle it in the Seller Center; `temu-assets problems retry shipment_refused` sends it again."
)
_SENT_THOUGH_CANCELLED = Unclear("JTL sent a parcel for it, but it was cancelled at TEMU.", "Call the parcel back if you can.")
_UNMAPPED = "no carrier as "

_TAKEN_AS_SHIPPED = frozenset({TemuStatus.SHIPPED, TemuStatus.PARTLY_SHIPPED, TemuStatus.DELIVERED, TemuStatus.PARTLY_DELIVERED})


@dataclass(slots=True)
class Work:
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
    were_unclear: frozenset[str] = frozenset()
    """Orders that waited for a person or for JTL before this run."""

    def entry(self, parcel_id: int) -> Entry:
        """How far telling TEMU of a parcel is."""
        return self.entries.get(str(parcel_id), Entry(str(parcel_id), State.PENDING))

    def is_correction(self, shipment: Shipment) -> bool:
        """Whether TEMU knew the parcels before, under another number."""
        return any(
            stored.reported_at is not None and stored.parcel.parcel_id in shipment.parcel_ids
            for plan in shipment.plans
            for stored in self.parcels[plan.order_id]
        )


@dataclass(slots=True)
class ReportingPlan:
    """The calls of one run of ``tracking_upload``; reads our tables and TEMU, changes neither.

    ``is_listed_now``: this run has read TEMU's order list itself, so what our tables say of an order is no older than the run. Else our
    database may be a backup from before TEMU was told, and TEMU is asked about each shipment first.
    """

    toci: Toci
    temu: TemuClient
    carriers: CarrierMap
    partial: bool
    warehouse_id: str | None
    is_listed_now: bool
    now: Callable[[], datetime]
    _companies: dict[int, tuple[Company, ...]] = field(default_factory=dict)
    _default_warehouse: str | None = None
    _asked_warehouse: bool = False

    def load(self) -> Work:
        """All orders with a parcel TEMU is to be told of, in one transaction."""

        def load(connection: Connection) -> Work:
            order_ids = parcel_store.orders_to_report(connection, self.toci.shop)
            parcels = parcel_store.of_orders(connection, self.toci.shop, order_ids)
            keys = [str(stored.parcel.parcel_id) for of_order in parcels.values() for stored in of_order]
            return Work(
                orders=order_store.by_id(connection, self.toci.shop, order_ids),
                parcels=parcels,
                entries=outbox.some(connection, self.toci.shop, Effect.SHIPMENT, keys),
                confirmed_lines=parcel_store.reported_lines(connection, self.toci.shop, order_ids),
                were_unclear=frozenset(each.key for each in problems.unsettled(connection, self.toci.shop, PARCEL_UNCLEAR)),
            )

        return self.toci.read(load)

    def shipments(self, work: Work) -> list[Shipment]:
        """The calls to make, several orders in one parcel as one call; what cannot be called about is noted in ``work``."""
        plans = [plan for order_id in work.parcels if (plan := self._plan(order_id, work)) is not None]
        combined = combine(plans)
        for order_id, unclear in combined.unclear:
            work.unclear[order_id] = _unclear(order_id, unclear)
        return self._ready(combined.calls, work)

    def _plan(self, order_id: str, work: Work) -> ShipmentPlan | None:
        stored = work.orders.get(order_id)
        if stored is None:
            return None
        confirmed = work.confirmed_lines.get(order_id, frozenset())
        result = plan_of_order(stored, work.parcels[order_id], confirmed, partial=self.partial)
        if isinstance(result, Unclear):
            work.unclear[order_id] = _unclear(order_id, result)
        if stored.import_status == NEVER_LISTED:
            # Taken over from the predecessor: what TEMU wants of it, and whether it still does, shows its next list.
            return None
        return result if isinstance(result, ShipmentPlan) else None

    def _ready(self, calls: Iterable[tuple[ShipmentPlan, ...]], work: Work) -> list[Shipment]:
        """The calls that are not parked and have a carrier for every parcel. What is parked costs no call to TEMU."""
        open_calls = [call for call in calls if not self._is_parked(call, work)]
        shipments = [self._with_carriers(call, work) for call in open_calls]
        return [shipment for shipment in shipments if shipment is not None]

    def _with_carriers(self, plans: tuple[ShipmentPlan, ...], work: Work) -> Shipment | None:
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

    def carrier_name(self, region_id: int, carrier_id: int) -> str:
        """TEMU's name of a carrier that was chosen for a parcel into this region."""
        return next((company.name for company in self._companies.get(region_id, ()) if company.carrier_id == carrier_id), "")

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

    def _is_parked(self, plans: tuple[ShipmentPlan, ...], work: Work) -> bool:
        """Whether TEMU refused just this, or no carrier was found for it and nothing it depends on has changed since."""
        fingerprint = self._fingerprint(plans, work)
        for parcel in (parcel for plan in plans for parcel in plan.parcels):
            entry = work.entries.get(str(parcel.parcel_id))
            if entry is None or entry.state is not State.PARKED:
                continue
            is_waiting = entry.retry_at is None or self.now() < entry.retry_at
            if entry.evidence == REFUSED_AS + fingerprint and is_waiting:
                name = ", ".join(plan.order_id for plan in plans)
                work.refused[entry.key] = Finding(f"TEMU refused the parcels of order {name}: {entry.reason}", _SETTLE_REFUSAL)
                return True
            if entry.evidence == _UNMAPPED + fingerprint and entry.retry_at is not None and self.now() < entry.retry_at:
                work.unmapped[entry.key] = Finding(entry.reason or "", _ADD_CARRIER)
                return True
        return False

    def _fingerprint(self, plans: Iterable[ShipmentPlan], work: Work) -> str:
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

    def corrections(self, work: Work) -> list[Shipment]:
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

    def look_first(self, shipment: Shipment, work: Work) -> Outcome | None:
        """What TEMU shows of a shipment it may know already; None: nothing stands against telling it."""
        if not self._may_be_at_temu(shipment, work):
            return None
        outcome = self._look_up(shipment, work)
        is_taken_back = any(work.entry(parcel_id).reason == TAKEN_BACK for parcel_id in shipment.parcel_ids)
        return outcome if outcome.verdict is not Verdict.NOT_SENT or is_taken_back else None

    def look_before_correcting(self, shipment: Shipment) -> Outcome | None:
        """As ``look_first``, for a parcel TEMU knows under another number: it may have the new one already."""
        outcome = look_up(self.temu, shipment, otherwise=Outcome(Verdict.NOT_SENT, {}))
        return outcome if outcome.verdict is not Verdict.NOT_SENT or outcome.error is not None else None

    def _look_up(self, shipment: Shipment, work: Work) -> Outcome:
        """Also under the numbers and carriers of a run that died over it: they may have been corrected in JTL since."""
        outcome = look_up(self.temu, shipment, otherwise=Outcome(Verdict.NOT_SENT, {}))
        told = {parcel_id: told_before(work.entry(parcel_id)) for parcel_id in shipment.parcel_ids}
        for earlier in shipment.earlier(told):
            if outcome.verdict is Verdict.NOT_SENT:
                outcome = replace(look_up(self.temu, earlier, otherwise=Outcome(Verdict.NOT_SENT, {})), as_told=earlier)
        return outcome

    def _may_be_at_temu(self, shipment: Shipment, work: Work) -> bool:
        """Whether TEMU may know of it: a run ended while it was sent, or TEMU counts the order as shipped, or nobody has looked."""
        were_sending = any(work.entry(parcel_id).state is State.SENDING for parcel_id in shipment.parcel_ids)
        return (
            were_sending
            or not self.is_listed_now
            or any(work.orders[plan.order_id].order.status in _TAKEN_AS_SHIPPED for plan in shipment.plans)
        )


def plan_of_order(
    stored: StoredOrder, parcels: Sequence[StoredParcel], confirmed_lines: frozenset[str], *, partial: bool
) -> ShipmentPlan | Waiting | Unclear | None:
    """What of an order is to be told by its own data; None: nothing, or TEMU waits for a decision that only a person may take."""
    open_parcels = [parcel for parcel in parcels if parcel.reported_at is None]
    order = stored.order
    if not open_parcels:
        return None
    if order.status == TemuStatus.CANCELLED:
        return _SENT_THOUGH_CANCELLED
    if order.cancellation_requested or order.address_change_requested or order.risk_alert:
        # TEMU refuses such a shipment unless the seller denies the request.
        return None
    return plan_shipment(
        order.order_id,
        order.lines,
        [parcel.parcel for parcel in open_parcels],
        finished_in_jtl=any(parcel.order_finished for parcel in open_parcels),
        already_confirmed=confirmed_lines,
        partial=partial,
    )


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
