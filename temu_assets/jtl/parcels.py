"""Parcels JTL has sent, with what is in them (fact sheet jtl-wawi, sections 2.9, 2.10, 3.1 and 3.3)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from fractions import Fraction

from temu_assets.jtl import statements
from temu_assets.jtl.database import Jtl
from temu_assets.jtl.tables import PARCEL_TABLES
from temu_assets.jtl.values import to_decimal, to_instant, to_int, to_text
from temu_assets.sql.chunks import in_chunks
from temu_assets.sql.repeated import Repeated

_PARCELS = statements.parcels(statements.NUMBERS)

Contents = tuple[tuple[str, Decimal], ...]
"""Article numbers and quantities as they were sold. Empty: what lies in it makes no whole set, so it cannot be told."""


@dataclass(frozen=True, slots=True)
class SentParcel:
    """A parcel handed to the carrier. ``tracking`` is empty while JTL has no number; ``contents`` is None where JTL kept none."""

    parcel_id: int
    order_id: str
    delivery_note: str
    tracking: str
    shipped_at: datetime
    shipping_method: str
    contents: Contents | None
    order_finished: bool


@dataclass(frozen=True, slots=True)
class _Packed:
    """A position of the order in a parcel or on a note. ``head``: the position of the set it is a part of."""

    position: int
    sku: str
    head: int | None
    quantity: Decimal


@dataclass(frozen=True, slots=True)
class SoldSet:
    """A set as it was ordered: so many of it, and so many of each part, by position."""

    sku: str
    ordered: Decimal
    parts: dict[int, Decimal]


def sent_parcels(jtl: Jtl, order_ids: Sequence[str], *, with_contents: bool = True) -> list[SentParcel]:
    """All parcels of these orders that have left. Orders cancelled in JTL are included: what has left has left.

    Without contents it is one statement per 1,000 orders.
    """
    jtl.require(PARCEL_TABLES)
    spelled = {order_id.casefold(): order_id for order_id in order_ids}
    rows = jtl.rows_of_chunks(Repeated(_PARCELS, statements.NUMBERS.key), in_chunks(list(spelled.values())))
    contents = _contents(jtl, rows) if with_contents else {}
    return [
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
        for number, _key, _cancelled, finished, _note, note_number, parcel, tracking, shipped, method in rows
    ]


def current_numbers(jtl: Jtl, parcel_ids: Sequence[int]) -> dict[int, str]:
    """The tracking numbers these parcels have by now, found by their keys; a parcel JTL does not have is absent."""
    jtl.require(PARCEL_TABLES)
    return {
        to_int(key): to_text(number) for chunk in in_chunks(list(parcel_ids)) for key, number in jtl.rows(statements.parcel_numbers(chunk))
    }


def _contents(jtl: Jtl, rows: Sequence[Sequence[object]]) -> dict[int, Contents]:
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


def _by_key(jtl: Jtl, reads: Sequence[statements.Read]) -> dict[int, Contents]:
    packed: dict[int, list[_Packed]] = defaultdict(list)
    for statement in reads:
        for key, position, sku, head, quantity in jtl.rows(statement):
            own_head = None if head is None or to_int(head) in (0, to_int(position)) else to_int(head)
            packed[to_int(key)].append(_Packed(to_int(position), to_text(sku), own_head, to_decimal(quantity)))
    sets = _sets(jtl, sorted({head for rows in packed.values() for head in _loose_parts(rows)}))
    return {key: _as_sold(rows, sets) for key, rows in packed.items()}


def _loose_parts(rows: Sequence[_Packed]) -> dict[int, dict[int, Decimal]]:
    """Parts whose set is not named beside them: by the set's position, how much of each part."""
    named = {row.position for row in rows}
    loose: dict[int, dict[int, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for row in rows:
        if row.head is not None and row.head not in named:
            loose[row.head][row.position] += row.quantity
    return loose


def _sets(jtl: Jtl, heads: Sequence[int]) -> dict[int, SoldSet]:
    found: dict[int, SoldSet] = {}
    for chunk in in_chunks(heads):
        for head, sku, ordered, part, of_part in jtl.rows(statements.set_parts(chunk)):
            sold = found.setdefault(to_int(head), SoldSet(to_text(sku), to_decimal(ordered), {}))
            sold.parts[to_int(part)] = to_decimal(of_part)
    return found


def _as_sold(rows: Sequence[_Packed], sets: Mapping[int, SoldSet]) -> Contents:
    """Sets and plain articles. Parts count only where their set is not named: as many sets as all of them make up (2.8)."""
    sold = [(row.sku, row.quantity) for row in rows if row.head is None]
    for head, quantities in _loose_parts(rows).items():
        whole = sets.get(head)
        number = None if whole is None else number_of_sets(whole, quantities)
        if whole is None or number is None:
            return ()
        sold.append((whole.sku, number))
    return tuple(sold)


def number_of_sets(whole: SoldSet, quantities: Mapping[int, Decimal]) -> Decimal | None:
    """How many sets the packed ``quantities`` (by position) make up; None when the parts do not agree on a number."""
    if not all(whole.parts.values()):
        return None
    numbers = {
        Fraction(quantities.get(part, Decimal())) * Fraction(whole.ordered) / Fraction(of_part) for part, of_part in whole.parts.items()
    }
    if len(numbers) != 1:
        return None
    number = numbers.pop()
    return Decimal(number.numerator) / Decimal(number.denominator)
