"""What is told to TEMU about the parcels JTL has sent: which lines, which pieces, under which tracking number.

TEMU takes the whole quantity of a line in one call, and a tracking number once. So a line goes when all its pieces are in
sent parcels, together with every other line in those parcels, and no parcel is ever left out silently (fault 12). Which
pieces a parcel holds is worked out in ``allotment``, the shape of the result is in ``shipment``. Source: fact sheets
temu-api, section 4.3, and jtl-wawi, sections 2.9 and 2.10.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from temu_assets.orders.allotment import (
    Allotment,
    Pieces,
    allot,
    article_key,
    begun_lines,
    separable_lines,
    torn_lines,
    units_per_piece,
)
from temu_assets.orders.order import OrderLine
from temu_assets.orders.shipment import (
    PlannedLine,
    PlannedParcel,
    ShipmentPlan,
    Unclear,
    Waiting,
    one_package_per_number,
)

_BY_HAND = "Confirm the order in the TEMU Seller Center and mark the problem as handled."


@dataclass(frozen=True, slots=True)
class ParcelContent:
    """So many units of one article in a parcel."""

    sku: str
    quantity: Decimal


@dataclass(frozen=True, slots=True)
class Parcel:
    """One parcel that JTL has handed to the carrier. ``shipped_at`` is aware UTC."""

    parcel_id: int
    order_id: str
    delivery_note: str
    tracking: str
    shipped_at: datetime
    shipping_method: str
    contents: tuple[ParcelContent, ...] | None
    """``None`` where JTL kept no contents; empty where it kept parts of a set that make no whole set."""


def plan_shipment(
    order_id: str,
    lines: Sequence[OrderLine],
    parcels: Sequence[Parcel],
    *,
    finished_in_jtl: bool,
    already_confirmed: frozenset[str],
    partial: bool,
) -> ShipmentPlan | Waiting | Unclear:
    """What to confirm at TEMU now for the order ``order_id``.

    ``lines`` are all lines of the order; those that are not open, or whose id is in ``already_confirmed``, are left out.
    ``parcels`` are the sent parcels of the order that have **not been confirmed to TEMU yet**. Without ``partial`` the plan
    waits until all open lines are covered or JTL has finished the order; with it, covered lines go now. The sequence of
    lines and parcels does not matter.
    """
    open_lines = sorted((line for line in lines if line.is_open), key=lambda line: line.line_id)
    left = [line for line in open_lines if line.line_id not in already_confirmed]
    parcels = sorted(parcels, key=lambda parcel: parcel.parcel_id)
    untouched = len(left) == len(open_lines)
    if not parcels:
        return _without_parcels(left, finished_in_jtl=finished_in_jtl, untouched=untouched)
    if not left:
        return Unclear(
            f"JTL sent parcel {_ids(parcels)}, and TEMU wants nothing of the order any more.",
            "If the parcel belongs to it, add the number in the TEMU Seller Center; then mark the problem as handled.",
        )
    torn_sets = [parcel for parcel in parcels if parcel.contents == ()]
    if torn_sets:
        return Unclear(
            f"What is in parcel {_ids(torn_sets)} cannot be told: it holds parts of a set, and they make no whole set.", _BY_HAND
        )
    if all(parcel.contents for parcel in parcels):
        pieces = _pieces_from_contents(left, parcels, finished_in_jtl=finished_in_jtl, partial=partial)
    else:
        pieces = _pieces_without_contents(left, parcels, finished_in_jtl=finished_in_jtl, untouched=untouched)
    if isinstance(pieces, Waiting | Unclear):
        return pieces
    packages = one_package_per_number(_planned_parcels(left, parcels, pieces))
    if isinstance(packages, Waiting | Unclear):
        return packages
    planned = {line_id for (_, line_id) in pieces}
    return ShipmentPlan(order_id, packages, complete=untouched and len(planned) == len(left))


def _without_parcels(left: Sequence[OrderLine], *, finished_in_jtl: bool, untouched: bool) -> Waiting | Unclear:
    if left and finished_in_jtl and not untouched:
        return Unclear(
            f"JTL has finished the order, and line {_joined(line.line_id for line in left)} was in no parcel.",
            "Ship it, or say in the TEMU Seller Center that it cannot be delivered; then mark the problem as handled.",
        )
    return Waiting("JTL has sent no parcel of the order that TEMU does not know.")


def _pieces_without_contents(
    left: Sequence[OrderLine], parcels: Sequence[Parcel], *, finished_in_jtl: bool, untouched: bool
) -> Pieces | Waiting | Unclear:
    """All pieces in the one parcel, where it is certain that there is no other."""
    if len(parcels) > 1 or not untouched:
        blind = _ids(parcel for parcel in parcels if not parcel.contents)
        return Unclear(f"The order has several parcels, and JTL kept no contents for parcel {blind}.", _BY_HAND)
    if not finished_in_jtl:
        return Waiting(f"JTL kept no contents for parcel {_ids(parcels)} and has not finished the order: another parcel may follow.")
    return {(parcels[0].parcel_id, line.line_id): line.quantity for line in left}


def _pieces_from_contents(
    left: Sequence[OrderLine], parcels: Sequence[Parcel], *, finished_in_jtl: bool, partial: bool
) -> Pieces | Waiting | Unclear:
    contents: dict[int, Counter[str]] = {}
    for parcel in parcels:
        units = _units(parcel)
        if isinstance(units, Unclear):
            return units
        contents[parcel.parcel_id] = units
    allotment = allot(left, contents)
    problem = _stray_parcel(left, parcels, allotment) or _torn_piece(left, allotment)
    if problem is not None:
        return problem
    ready = separable_lines(left, allotment)
    begun = begun_lines(left, allotment)
    if finished_in_jtl and begun and not (partial and ready):
        return Unclear(
            f"JTL has finished the order, but its parcels hold only a part of line {_joined(begun)}. TEMU takes a line as a whole.",
            "Ship the rest, or confirm the order in the TEMU Seller Center and mark the problem as handled.",
        )
    if not ready or (allotment.missing and not (finished_in_jtl or partial)):
        return Waiting(f"No sent parcel holds all of line {_joined(allotment.missing)} yet.")
    return {key: count for key, count in allotment.pieces.items() if key[1] in ready}


def _units(parcel: Parcel) -> Counter[str] | Unclear:
    units: Counter[str] = Counter()
    for content in parcel.contents or ():
        if content.quantity < 0 or content.quantity != int(content.quantity):
            return Unclear(
                f"Parcel {parcel.parcel_id} holds {content.quantity} of article {content.sku}, which is no number of pieces.", _BY_HAND
            )
        units[article_key(content.sku)] += int(content.quantity)
    return units


def _stray_parcel(left: Sequence[OrderLine], parcels: Sequence[Parcel], allotment: Allotment) -> Unclear | None:
    """A parcel that serves no line: it must not vanish, and nobody but a person knows what it is."""
    ordered = {key for line in left for key in units_per_piece(line)}
    awaited = {key for line in left if line.line_id in allotment.missing for key in units_per_piece(line)}
    for parcel in parcels:
        held = {article_key(content.sku) for content in parcel.contents or ()}
        if allotment.lines_in(parcel.parcel_id) or held & awaited:
            continue
        skus = _joined(content.sku for content in parcel.contents or ())
        if held & ordered:
            problem = f"holds article {skus}, of which TEMU wants no more than the other parcels hold"
        else:
            problem = f"holds only article {skus}, which no open line of the TEMU order has"
        return Unclear(f"Parcel {parcel.parcel_id} {problem}.", _BY_HAND)
    return None


def _torn_piece(left: Sequence[OrderLine], allotment: Allotment) -> Unclear | None:
    torn = torn_lines(left, allotment)
    if not torn:
        return None
    return Unclear(
        f"A piece of line {_joined(torn)} (several units or articles) lies in more than one parcel, which TEMU cannot be told as "
        f"pieces per parcel.",
        _BY_HAND,
    )


def _planned_parcels(left: Sequence[OrderLine], parcels: Sequence[Parcel], pieces: Pieces) -> list[PlannedParcel]:
    return [
        PlannedParcel(
            parcel.parcel_id,
            parcel.tracking,
            parcel.shipping_method,
            tuple(
                PlannedLine(line.line_id, line.goods_id, line.sku_id, pieces[parcel.parcel_id, line.line_id])
                for line in left
                if (parcel.parcel_id, line.line_id) in pieces
            ),
        )
        for parcel in parcels
        if any(parcel_id == parcel.parcel_id for (parcel_id, _) in pieces)
    ]


def _ids(parcels: Iterable[Parcel]) -> str:
    return _joined(str(parcel.parcel_id) for parcel in parcels)


def _joined(words: Iterable[str]) -> str:
    return ", ".join(words)
