"""What a run of ``tracking_upload`` would tell TEMU now. It asks TEMU what it knows, and tells it nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from enum import StrEnum

from temu_assets.orders.reporting_plan import ReportingPlan, Work
from temu_assets.orders.shipment_calls import Outcome, Shipment, Verdict
from temu_assets.toci.problems import Finding


class WouldBe(StrEnum):
    """What a real run would do with a parcel."""

    CONFIRMED = "confirmed at TEMU"
    CORRECTED = "corrected at TEMU"
    FOUND = "found at TEMU already"
    LEFT = "left alone"


@dataclass(frozen=True, slots=True)
class ParcelPreview:
    """One JTL parcel: under which carrier and number TEMU would be told of it, and with how many pieces of which lines."""

    order_id: str
    parcel_id: int
    would_be: WouldBe
    carrier_id: int
    carrier: str
    tracking: str
    lines: str


@dataclass(frozen=True, slots=True)
class ReportPreview:
    """``parked``: why parcels and orders are not told, by parcel or order id. ``waiting``: parcels that are not due yet."""

    parcels: tuple[ParcelPreview, ...]
    parked: dict[str, Finding]
    waiting: int

    def count(self, would_be: WouldBe) -> int:
        """How many parcels."""
        return sum(parcel.would_be is would_be for parcel in self.parcels)


def preview_report(plan: ReportingPlan, *, threads: int) -> ReportPreview:
    """Plan as a real run does, and ask TEMU where a real run asks before it tells. Raises what TEMU raises."""
    work = plan.load()
    shipments, corrections = plan.shipments(work), plan.corrections(work)
    told = _looked_up(shipments, lambda shipment: plan.look_first(shipment, work), threads)
    corrected = _looked_up(corrections, plan.look_before_correcting, threads)
    parcels = [
        *_parcels(plan, work, zip(shipments, told, strict=True), WouldBe.CONFIRMED),
        *_parcels(plan, work, zip(corrections, corrected, strict=True), WouldBe.CORRECTED),
    ]
    parked = {**work.unclear, **work.unmapped, **work.refused}
    open_ones = {
        stored.parcel.parcel_id
        for order_id, of_order in work.parcels.items()
        if order_id not in parked
        for stored in of_order
        if stored.reported_at is None and str(stored.parcel.parcel_id) not in parked
    }
    return ReportPreview(tuple(parcels), parked, len(open_ones - {parcel.parcel_id for parcel in parcels}))


def _looked_up(shipments: Sequence[Shipment], look: Callable[[Shipment], Outcome | None], threads: int) -> list[Outcome | None]:
    with ThreadPoolExecutor(max_workers=threads, thread_name_prefix="temu-shipments") as pool:
        return list(pool.map(look, shipments))


def _parcels(
    plan: ReportingPlan, work: Work, looked_up: Iterable[tuple[Shipment, Outcome | None]], otherwise: WouldBe
) -> Iterable[ParcelPreview]:
    for shipment, outcome in looked_up:
        for each in shipment.plans:
            region_id = work.orders[each.order_id].order.region_id
            for parcel in each.parcels:
                lines = ", ".join(f"{line.quantity} x {line.line_id}" for line in parcel.lines)
                for parcel_id in (parcel.parcel_id, *parcel.also):
                    carrier_id = shipment.carriers[parcel_id]
                    yield ParcelPreview(
                        each.order_id,
                        parcel_id,
                        _would_be(outcome, otherwise),
                        carrier_id,
                        plan.carrier_name(region_id, carrier_id),
                        parcel.tracking,
                        lines,
                    )


def _would_be(outcome: Outcome | None, otherwise: WouldBe) -> WouldBe:
    if outcome is None:
        return otherwise
    return WouldBe.FOUND if outcome.verdict is Verdict.FOUND else WouldBe.LEFT
