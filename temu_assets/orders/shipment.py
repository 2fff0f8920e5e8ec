"""A shipment as TEMU takes it: packages with a tracking number each, for one order or for several in one parcel.

Source: fact sheet temu-api, section 4.3 (send types, rules for numbers).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum

from temu_assets.jtl.tracking import without_blanks

_REFUSED_SYMBOLS = "-%#"


class SendType(IntEnum):
    """TEMU's word for the kind of a shipment."""

    ONE_PARCEL = 0
    SEVERAL_OR_PARTIAL = 1
    COMBINED_ORDERS = 2


@dataclass(frozen=True, slots=True)
class PlannedLine:
    """Pieces of one TEMU line in one parcel."""

    line_id: str
    goods_id: str
    sku_id: str
    quantity: int


@dataclass(frozen=True, slots=True)
class PlannedParcel:
    """One package for TEMU; ``also`` are further JTL parcels under the same number (several delivery notes in one box)."""

    parcel_id: int
    tracking: str
    shipping_method: str
    lines: tuple[PlannedLine, ...]
    also: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class ShipmentPlan:
    """What to confirm for one order, in one call. ``complete``: every open line is in it, and none was confirmed before."""

    order_id: str
    parcels: tuple[PlannedParcel, ...]
    complete: bool

    @property
    def send_type(self) -> SendType:
        """The send type when this plan goes alone."""
        return SendType.ONE_PARCEL if self.complete and len(self.parcels) == 1 else SendType.SEVERAL_OR_PARTIAL


@dataclass(frozen=True, slots=True)
class Waiting:
    """Nothing to do yet; the sentence says what is awaited."""

    reason: str


@dataclass(frozen=True, slots=True)
class Unclear:
    """A person has to look: what cannot be told, and what to do."""

    reason: str
    remedy: str


@dataclass(frozen=True, slots=True)
class CombinedPlans:
    """What :func:`combine` makes of the plans of several orders.

    ``calls``: one confirmation each; several plans in one call go as :attr:`SendType.COMBINED_ORDERS`, a single one with its
    own send type. ``unclear``: by order id, plans that share a number in a way TEMU does not take.
    """

    calls: tuple[tuple[ShipmentPlan, ...], ...]
    unclear: tuple[tuple[str, Unclear], ...]


def one_package_per_number(parcels: Sequence[PlannedParcel]) -> tuple[PlannedParcel, ...] | Waiting | Unclear:
    """The parcels with clean tracking numbers, those under one number merged into one package.

    Blanks inside a number are dropped. A parcel without a number waits; a symbol TEMU refuses is unclear, because it cannot
    be known whether it is part of the number.
    """
    by_number: dict[str, list[PlannedParcel]] = defaultdict(list)
    for parcel in parcels:
        number = without_blanks(parcel.tracking)
        if not number:
            return Waiting(f"Parcel {parcel.parcel_id} has no tracking number in JTL yet.")
        if any(symbol in number for symbol in _REFUSED_SYMBOLS):
            return Unclear(
                f"TEMU takes no tracking number with one of the symbols {' '.join(_REFUSED_SYMBOLS)}, as parcel {parcel.parcel_id} has it.",
                f"Correct the number of parcel {parcel.parcel_id} in JTL; the next run reports it.",
            )
        by_number[number].append(parcel)
    merged = []
    for number, sharing in by_number.items():
        if len({parcel.shipping_method for parcel in sharing}) > 1:
            ids = ", ".join(str(parcel.parcel_id) for parcel in sharing)
            return Unclear(
                f"Parcels {ids} have the same tracking number and different shipping methods.",
                "Correct the number or the shipping method of one of them in JTL; the next run reports them.",
            )
        merged.append(_merge(number, sharing))
    return tuple(merged)


def _merge(number: str, sharing: Sequence[PlannedParcel]) -> PlannedParcel:
    first, *others = sorted(sharing, key=lambda parcel: parcel.parcel_id)
    quantities: Counter[PlannedLine] = Counter()
    for parcel in sharing:
        for line in parcel.lines:
            quantities[PlannedLine(line.line_id, line.goods_id, line.sku_id, 0)] += line.quantity
    lines = sorted(
        (PlannedLine(line.line_id, line.goods_id, line.sku_id, count) for line, count in quantities.items()),
        key=lambda line: line.line_id,
    )
    also = tuple(parcel.parcel_id for parcel in others)
    return PlannedParcel(first.parcel_id, number, first.shipping_method, tuple(lines), also)


def combine(plans: Sequence[ShipmentPlan]) -> CombinedPlans:
    """Group plans of several orders that travel in one parcel, because TEMU takes a tracking number only once.

    Orders are combined when each is complete in one package and all name the same number and shipping method. Any other
    sharing of a number is unclear. The result does not depend on the sequence of the plans.
    """
    by_number: dict[str, list[ShipmentPlan]] = defaultdict(list)
    for plan in sorted(plans, key=lambda plan: plan.order_id):
        for parcel in plan.parcels:
            by_number[parcel.tracking].append(plan)
    shared = {number: sharing for number, sharing in by_number.items() if len(sharing) > 1}
    refused = {plan.order_id: number for number, sharing in shared.items() if not _combinable(sharing) for plan in sharing}
    calls = [tuple(sharing) for sharing in by_number.values() if len(sharing) > 1 and not _any_refused(sharing, refused)]
    together = {plan.order_id for call in calls for plan in call}
    alone = [(plan,) for plan in plans if plan.order_id not in together and plan.order_id not in refused]
    unclear = [
        (
            order_id,
            Unclear(
                f"Orders {', '.join(plan.order_id for plan in shared[number])} share one tracking number without each being "
                f"complete in that one parcel, which TEMU does not take.",
                "If they left in several parcels, correct the numbers in JTL. Otherwise confirm them in the TEMU Seller Center and "
                "mark the problem as handled.",
            ),
        )
        for order_id, number in refused.items()
    ]
    return CombinedPlans(tuple(sorted([*calls, *alone], key=lambda call: call[0].order_id)), tuple(sorted(unclear)))


def _combinable(sharing: Sequence[ShipmentPlan]) -> bool:
    methods = {parcel.shipping_method for plan in sharing for parcel in plan.parcels}
    return len(methods) == 1 and all(plan.complete and len(plan.parcels) == 1 for plan in sharing)


def _any_refused(sharing: Sequence[ShipmentPlan], refused: Mapping[str, str]) -> bool:
    return any(plan.order_id in refused for plan in sharing)
