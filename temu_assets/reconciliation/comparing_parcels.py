"""Parcels in JTL, in our tables and at TEMU, put together order by order.

TEMU tells packages line by line only, so a run asks about a bounded number of lines: first of the orders that look wrong from here, then
of the others, each run going on where the last one ended.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection

from temu_assets.jtl.database import Jtl
from temu_assets.jtl.parcels import SentParcel, sent_parcels
from temu_assets.reconciliation import our_tables, reading_temu
from temu_assets.reconciliation.facts import OurOrder, OurParcel
from temu_assets.reconciliation.kinds import Kind
from temu_assets.reconciliation.parcels import Shipped, at_temu_only, not_at_temu, wants_a_look
from temu_assets.temu.client import TemuClient
from temu_assets.temu.logistics import ConfirmedPackage
from temu_assets.toci import sync_state
from temu_assets.toci.database import Toci
from temu_assets.toci.kinds import CARRIER_NOT_MAPPED, PARCEL_UNCLEAR, SHIPMENT_REFUSED
from temu_assets.toci.problems import Finding
from temu_assets.toci.sync_state import Mark

MOST_QUESTIONS = 500
"""Lines asked about in one run: about a minute at ten calls a second."""


@dataclass(slots=True)
class ParcelsCompared:
    """What came of it. ``asked``: orders TEMU told the packages of; only of these anything was concluded.

    ``untold``: orders it refused to tell them of, or not readably. ``left_for_later``: those it was not asked about, with something to
    compare. ``up_to``: where it ended.
    """

    parcels: int = 0
    questions: int = 0
    left_for_later: frozenset[str] = frozenset()
    untold: frozenset[str] = frozenset()
    asked: frozenset[str] = frozenset()
    up_to: str | None = None
    not_at_temu: dict[str, Finding] = field(default_factory=dict)
    differing: dict[str, Finding] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ComparingParcels:
    """``orders`` are those JTL has; ``changed_at``: when TEMU's list says they were last changed, where it was read."""

    toci: Toci
    jtl: Jtl
    temu: TemuClient
    orders: Mapping[str, OurOrder]
    changed_at: Mapping[str, datetime]
    partial: bool
    threads: int
    now: datetime

    def run(self) -> ParcelsCompared:
        """Compare; the parcels of JTL are read before TEMU's packages, and once more where something differs."""
        shipped = self._shipped(sorted(self.orders))
        wanted = {key: [line.line_id for line in each.order.lines if line.is_wanted] for key, each in shipped.items()}
        lines = {key: line_ids for key, line_ids in wanted.items() if line_ids}
        chosen, up_to = self._choose(shipped, lines)
        packages = reading_temu.packages(self.temu, {key: lines[key] for key in chosen}, threads=self.threads)
        compared = ParcelsCompared(
            parcels=sum(len(each.in_jtl) for each in shipped.values()),
            questions=sum(len(lines[key]) for key in chosen),
            left_for_later=frozenset(lines.keys() - set(chosen)),
            untold=frozenset(set(chosen) - packages.keys()),
            asked=frozenset(packages),
            up_to=up_to,
        )
        self._judge(shipped, packages, compared)
        doubtful = sorted({*compared.not_at_temu, *compared.differing})
        if doubtful:
            # What a sync did while TEMU was asked is no difference.
            compared.not_at_temu, compared.differing = {}, {}
            again = {key: each for key, each in self._shipped(doubtful).items() if not _was_reported_since(each, self.now)}
            self._judge(again, packages, compared)
        return compared

    def _shipped(self, order_ids: Sequence[str]) -> dict[str, Shipped]:
        """Orders with a parcel JTL has sent, or one we or TEMU know of."""

        def read(connection: Connection) -> tuple[dict[str, list[OurParcel]], set[str], set[str]]:
            shop = self.toci.shop
            return (
                our_tables.parcels_of(connection, shop, order_ids),
                our_tables.told(connection, shop, CARRIER_NOT_MAPPED, SHIPMENT_REFUSED),
                our_tables.told(connection, shop, PARCEL_UNCLEAR),
            )

        ours, told_parcels, told_orders = self.toci.read(read)
        in_jtl: defaultdict[str, list[SentParcel]] = defaultdict(list)
        for parcel in sent_parcels(self.jtl, order_ids):
            in_jtl[parcel.order_id].append(parcel)
        told = {int(key) for key in told_parcels if key.isdecimal()}
        return {
            key: Shipped(self.orders[key], in_jtl.get(key, ()), ours.get(key, ()), told, is_told=key in told_orders)
            for key in order_ids
            if key in in_jtl or key in ours or self.orders[key].has_left_at_temu
        }

    def _choose(self, shipped: Mapping[str, Shipped], lines: Mapping[str, Sequence[str]]) -> tuple[list[str], str | None]:
        """Which orders TEMU is asked about now, and after which of those in turn the next run goes on; None: where this one began."""
        before, doubted = self.toci.read(
            lambda connection: (
                sync_state.read(connection, self.toci.shop, Mark.PARCELS_COMPARED_UP_TO) or "",
                our_tables.told(connection, self.toci.shop, Kind.PARCEL_NOT_AT_TEMU, Kind.PARCEL_DIFFERS),
            )
        )
        doubtful = {key for key in lines if key in doubted or wants_a_look(shipped[key], partial=self.partial, now=self.now)}
        in_turn = sorted(lines, key=lambda key: (key <= before, key))
        # However many are doubtful, the others have their turn too.
        first = _as_many([key for key in in_turn if key in doubtful], lines, MOST_QUESTIONS // 2)
        left = MOST_QUESTIONS - sum(len(lines[key]) for key in first)
        then = _as_many([key for key in in_turn if key not in first], lines, left)
        return [*first, *then], then[-1] if then else None

    def _judge(self, shipped: Mapping[str, Shipped], packages: Mapping[str, Sequence[ConfirmedPackage]], into: ParcelsCompared) -> None:
        for key, each in shipped.items():
            if key not in packages:
                continue
            missing = not_at_temu(each, packages[key], partial=self.partial, now=self.now)
            if missing is not None:
                into.not_at_temu[key] = missing
            changed_at = self.changed_at.get(key, each.order.temu_updated_at)
            strange = at_temu_only(each, packages[key], changed_at=changed_at, now=self.now)
            if strange is not None:
                into.differing[key] = strange


def _as_many(keys: Sequence[str], lines: Mapping[str, Sequence[str]], questions: int) -> list[str]:
    """The first of the orders whose lines are no more than that together; one order at least, however many lines it has."""
    chosen: list[str] = []
    for key in keys:
        questions -= len(lines[key])
        if chosen and questions < 0:
            break
        chosen.append(key)
    return chosen


def _was_reported_since(shipped: Shipped, moment: datetime) -> bool:
    return any(parcel.reported_at is not None and parcel.reported_at >= moment for parcel in shipped.ours)
