"""Telling TEMU about parcels and asking it what it knows: the calls, and what each outcome means for the parcels in it.

Nothing is stored here. A confirmed shipment counts only with the package TEMU shows when it is read back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import NamedTuple

from temu_assets.errors import RecordError, TemuAssetsError
from temu_assets.orders.shipment import PlannedParcel, SendType, ShipmentPlan
from temu_assets.temu import logistics
from temu_assets.temu.client import TemuClient
from temu_assets.temu.codes import tells_a_reason
from temu_assets.temu.failures import TemuOutcomeUnknown, TemuRefused
from temu_assets.temu.logistics import ConfirmedPackage, LineToConfirm, PackageToConfirm, ShippingEdit

_MAYBE_DONE_BEFORE = frozenset({120012004, 120014003, 120014004})
"""Already shipped, number twice, number already used: perhaps by us, with an answer that got lost (fact sheet temu-api, 4.3)."""


_TO_BE_DECIDED = frozenset({120012023, 120012030, 120012031, 120017007})
"""Address change, cancellation or risk alert pending: nothing is refused for good, the same shipment goes once it is decided."""


class Verdict(StrEnum):
    """What became of a call."""

    CONFIRMED = "confirmed"
    FOUND = "found"
    UNCLEAR = "unclear"
    REFUSED = "refused"
    NOT_SENT = "not_sent"


class Told(NamedTuple):
    """Under which carrier and number TEMU is told of a parcel."""

    carrier_id: int
    tracking: str


@dataclass(frozen=True, slots=True)
class Shipment:
    """One call to be made: plans of one order, or of several in one parcel, with the carrier of each JTL parcel.

    ``fingerprint`` is of all that a refusal can depend on and that is known without asking TEMU.
    """

    plans: tuple[ShipmentPlan, ...]
    carriers: Mapping[int, int]
    warehouse_id: str | None
    fingerprint: str

    @property
    def parcels(self) -> list[PlannedParcel]:
        """All packages of the call."""
        return [parcel for plan in self.plans for parcel in plan.parcels]

    @property
    def parcel_ids(self) -> list[int]:
        """All JTL parcels the call is about."""
        return [parcel_id for parcel in self.parcels for parcel_id in (parcel.parcel_id, *parcel.also)]

    @property
    def line_ids(self) -> list[str]:
        """All TEMU lines the call is about."""
        return [line.line_id for parcel in self.parcels for line in parcel.lines]

    @property
    def name(self) -> str:
        """The orders, for a message."""
        return ", ".join(plan.order_id for plan in self.plans)

    def told(self, parcel_id: int) -> Told:
        """Under which number and carrier TEMU is told of a JTL parcel."""
        parcel = next(parcel for parcel in self.parcels if parcel_id in (parcel.parcel_id, *parcel.also))
        return Told(self.carriers[parcel_id], parcel.tracking)

    def earlier(self, told: Mapping[int, Sequence[Told]]) -> Iterator[Shipment]:
        """The same parcels in the forms in which TEMU may have been told of them before, by JTL parcel; the newest first."""
        for back in range(1, max((len(forms) for forms in told.values()), default=0) + 1):
            forms = {
                parcel.parcel_id: told[parcel.parcel_id][-back] for parcel in self.parcels if len(told.get(parcel.parcel_id, ())) >= back
            }
            if any(form != self.told(parcel_id) for parcel_id, form in forms.items()):
                yield self._with(forms)

    def _with(self, forms: Mapping[int, Told]) -> Shipment:
        carriers = dict(self.carriers)
        for parcel in self.parcels:
            if parcel.parcel_id in forms:
                carriers |= dict.fromkeys((parcel.parcel_id, *parcel.also), forms[parcel.parcel_id].carrier_id)
        plans = tuple(
            replace(
                plan,
                parcels=tuple(
                    replace(parcel, tracking=forms[parcel.parcel_id].tracking) if parcel.parcel_id in forms else parcel
                    for parcel in plan.parcels
                ),
            )
            for plan in self.plans
        )
        return replace(self, plans=plans, carriers=carriers)


@dataclass(frozen=True, slots=True)
class Outcome:
    """``packages``: TEMU's package by JTL parcel. ``error``: why not. ``as_told``: what was found is an earlier form of the shipment."""

    verdict: Verdict
    packages: Mapping[int, str]
    error: TemuAssetsError | None = None
    as_told: Shipment | None = None

    @property
    def is_unexplained(self) -> bool:
        """Whether TEMU refused with a code that tells nothing."""
        return isinstance(self.error, TemuRefused) and not tells_a_reason(self.error.code)

    @property
    def is_done_before(self) -> bool:
        """Whether TEMU refused because it has such a shipment already."""
        return isinstance(self.error, TemuRefused) and self.error.code in _MAYBE_DONE_BEFORE


def confirm(temu: TemuClient, shipment: Shipment, check: Callable[[], None]) -> Outcome:
    """Confirm a shipment and read it back. ``check`` is asked right before the call; it raises when this run may no longer act."""
    check()
    try:
        temu.logistics.confirm_shipment(*_words(shipment))
    except TemuOutcomeUnknown as error:
        return Outcome(Verdict.UNCLEAR, {}, error)
    except TemuRefused as error:
        if error.code in _MAYBE_DONE_BEFORE:
            return look_up(temu, shipment, otherwise=Outcome(Verdict.REFUSED, {}, error))
        if error.code in _TO_BE_DECIDED:
            return Outcome(Verdict.NOT_SENT, {})
        return Outcome(Verdict.REFUSED, {}, error)
    except TemuAssetsError as error:
        return Outcome(Verdict.NOT_SENT, {}, error)
    return _as_confirmed(look_up(temu, shipment, otherwise=Outcome(Verdict.UNCLEAR, {}, None)))


def look_up(temu: TemuClient, shipment: Shipment, *, otherwise: Outcome) -> Outcome:
    """Ask TEMU which packages it has for the lines of a shipment; ``otherwise`` when they are not (all) there."""
    packages: dict[int, str] = {}
    try:
        for plan in shipment.plans:
            for parcel in plan.parcels:
                carrier_id = shipment.carriers[parcel.parcel_id]
                asked = (temu.logistics.shipment(plan.order_id, line.line_id) for line in parcel.lines)
                package = next((found for known in asked if (found := _same(known, parcel, carrier_id))), None)
                if package is None:
                    return otherwise
                packages |= dict.fromkeys((parcel.parcel_id, *parcel.also), package.package_id)
    except TemuRefused as error:
        return Outcome(otherwise.verdict, {}, otherwise.error or error)
    except TemuAssetsError as error:
        return Outcome(Verdict.UNCLEAR, {}, error)
    return Outcome(Verdict.FOUND, packages)


def correct(temu: TemuClient, shipment: Shipment, package_id: str, check: Callable[[], None]) -> Outcome:
    """Give TEMU another number or carrier for a package it knows, and read it back."""
    (parcel,) = shipment.parcels
    check()
    try:
        temu.logistics.update_shipping(
            [ShippingEdit(package_id, parcel.tracking, shipment.carriers[parcel.parcel_id], shipment.warehouse_id)]
        )
    except TemuOutcomeUnknown as error:
        return Outcome(Verdict.UNCLEAR, {}, error)
    except RecordError as error:
        return Outcome(Verdict.REFUSED, {}, error)
    except TemuAssetsError as error:
        return Outcome(Verdict.NOT_SENT, {}, error)
    return _as_confirmed(look_up(temu, shipment, otherwise=Outcome(Verdict.UNCLEAR, {}, None)))


def _as_confirmed(outcome: Outcome) -> Outcome:
    return Outcome(Verdict.CONFIRMED, outcome.packages) if outcome.verdict is Verdict.FOUND else outcome


def _same(known: Sequence[ConfirmedPackage], parcel: PlannedParcel, carrier_id: int) -> ConfirmedPackage | None:
    for package in known:
        if package.tracking_number == parcel.tracking and package.carrier_id == carrier_id:
            return package
    return None


def _words(shipment: Shipment) -> tuple[logistics.SendType, list[PackageToConfirm]]:
    """The call in the words of the API. Several orders in one parcel are one package with the lines of all."""
    if len(shipment.plans) > 1:
        first = shipment.parcels[0]
        return logistics.SendType(SendType.COMBINED_ORDERS), [_package(shipment, first, _all_lines(shipment.plans))]
    (plan,) = shipment.plans
    packages = [_package(shipment, parcel, _lines(plan.order_id, parcel)) for parcel in plan.parcels]
    return logistics.SendType(plan.send_type), packages


def _package(shipment: Shipment, parcel: PlannedParcel, lines: tuple[LineToConfirm, ...]) -> PackageToConfirm:
    return PackageToConfirm(shipment.carriers[parcel.parcel_id], parcel.tracking, shipment.warehouse_id, lines)


def _all_lines(plans: Sequence[ShipmentPlan]) -> tuple[LineToConfirm, ...]:
    return tuple(line for plan in plans for parcel in plan.parcels for line in _lines(plan.order_id, parcel))


def _lines(order_id: str, parcel: PlannedParcel) -> tuple[LineToConfirm, ...]:
    return tuple(LineToConfirm(order_id, line.line_id, line.goods_id, line.sku_id, line.quantity) for line in parcel.lines)
