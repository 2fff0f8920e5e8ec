"""Parcels JTL has sent, with what is in them (fact sheet jtl-wawi, sections 2.9, 2.10, 3.1 and 3.3)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from temu_assets.jtl import statements
from temu_assets.jtl.database import Jtl
from temu_assets.jtl.tables import PARCEL_TABLES
from temu_assets.jtl.values import to_decimal, to_instant, to_int, to_text
from temu_assets.sql import in_chunks


@dataclass(frozen=True, slots=True)
class SentParcel:
    """A parcel handed to the carrier. ``tracking`` is empty while JTL has no number; ``contents`` is None where JTL kept none."""

    parcel_id: int
    order_id: str
    delivery_note: str
    tracking: str
    shipped_at: datetime
    shipping_method: str
    contents: tuple[tuple[str, Decimal], ...] | None
    order_finished: bool


def sent_parcels(jtl: Jtl, order_ids: Sequence[str]) -> list[SentParcel]:
    """All parcels of these orders that have left. Orders cancelled in JTL are included: what has left has left."""
    jtl.require(PARCEL_TABLES)
    spelled = {order_id.casefold(): order_id for order_id in order_ids}
    parcels: list[SentParcel] = []
    for chunk in in_chunks(list(spelled.values())):
        rows = jtl.rows(statements.parcels(chunk))
        contents = _contents(jtl, rows)
        for number, _key, _cancelled, finished, _note, note_number, parcel, tracking, shipped, method in rows:
            parcels.append(
                SentParcel(
                    parcel_id=to_int(parcel),
                    order_id=spelled.get(to_text(number).casefold(), to_text(number)),
                    delivery_note=to_text(note_number),
                    tracking=to_text(tracking),
                    shipped_at=to_instant(shipped),
                    shipping_method=to_text(method),
                    contents=contents.get(to_int(parcel)),
                    order_finished=to_int(finished) > 0,
                )
            )
    return parcels


def _contents(jtl: Jtl, rows: Sequence[Sequence[object]]) -> dict[int, tuple[tuple[str, Decimal], ...]]:
    """Contents by parcel; where a parcel has none, those of its delivery note when it is the note's only parcel."""
    note_of = {to_int(row[6]): to_int(row[4]) for row in rows}
    found = _by_key(jtl, [statements.parcel_contents(chunk) for chunk in in_chunks(sorted(note_of))])
    without = {parcel: note for parcel, note in note_of.items() if parcel not in found}
    if not without:
        return found
    notes = sorted(set(without.values()))
    counts = {to_int(note): number for chunk in in_chunks(notes) for note, number in jtl.rows(statements.parcel_counts(chunk))}
    of_note = _by_key(jtl, [statements.delivery_note_contents(chunk) for chunk in in_chunks(notes)])
    return found | {parcel: of_note[note] for parcel, note in without.items() if counts.get(note) == 1 and note in of_note}


def _by_key(jtl: Jtl, reads: Sequence[statements.Read]) -> dict[int, tuple[tuple[str, Decimal], ...]]:
    contents: dict[int, list[tuple[str, Decimal]]] = defaultdict(list)
    for statement in reads:
        for key, position, sku, head, quantity in jtl.rows(statement):
            # The parts of a bill of materials are not what was sold: only its head and plain lines count (2.8).
            if head is None or to_int(head) in (0, to_int(position)):
                contents[to_int(key)].append((to_text(sku), to_decimal(quantity)))
    return {key: tuple(lines) for key, lines in contents.items()}
