"""Which pieces of which TEMU line lie in which parcel: matched by article number, counted in whole pieces.

Nothing in JTL names the TEMU line, so articles decide. Article numbers compare as in JTL, without regard to case and outer
blanks. Source: fact sheet jtl-wawi, sections 2.10 and 2.11.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from temu_assets.orders.order import OrderLine

Units = Mapping[str, int]
"""Article key to units."""

Pieces = Mapping[tuple[int, str], int]
"""Whole pieces by parcel id and line id."""


@dataclass(frozen=True, slots=True)
class Allotment:
    """The result of :func:`allot`."""

    pieces: Pieces
    """Never more in sum than the line wants."""
    missing: Mapping[str, int]
    """Pieces that are in no parcel, of the lines that are not fully covered."""
    rest: Mapping[int, Counter[str]]
    """Units by parcel that make up no whole piece of a line: surplus, foreign, or parts of a torn piece."""

    def lines_in(self, parcel_id: int) -> set[str]:
        """Ids of the lines that have pieces in the parcel."""
        return {line_id for (parcel, line_id) in self.pieces if parcel == parcel_id}


def article_key(sku: str) -> str:
    """The article number as it is compared."""
    return sku.strip().casefold()


def units_per_piece(line: OrderLine) -> Counter[str]:
    """How many units of each article one piece of the line is made of."""
    units: Counter[str] = Counter()
    for article in line.articles:
        units[article_key(article.sku)] += article.units
    return units


def allot(lines: Sequence[OrderLine], contents: Mapping[int, Units]) -> Allotment:
    """Allot the ``contents`` (parcel id to units) to ``lines``.

    Parcels are taken by id. Within a parcel the lines that need most units a piece are served first, so that a set of three
    is not used up by single pieces; then the lower line id. The result does not depend on the order of the arguments.
    """
    wanted = {line.line_id: line.quantity for line in lines}
    by_need = sorted(lines, key=lambda line: (-units_per_piece(line).total(), line.line_id))
    pieces: dict[tuple[int, str], int] = {}
    rest: dict[int, Counter[str]] = {}
    for parcel_id in sorted(contents):
        available = Counter(dict(contents[parcel_id]))
        for line in by_need:
            piece = units_per_piece(line)
            count = min(wanted[line.line_id], *(available[key] // units for key, units in piece.items())) if piece else 0
            if count > 0:
                pieces[parcel_id, line.line_id] = count
                wanted[line.line_id] -= count
                available -= Counter({key: units * count for key, units in piece.items()})
        rest[parcel_id] = +available
    return Allotment(pieces, {line_id: count for line_id, count in wanted.items() if count}, rest)


def torn_lines(lines: Sequence[OrderLine], allotment: Allotment) -> list[str]:
    """Ids of the lines that are only missing because pieces of them are spread over several parcels."""
    pooled: Counter[str] = sum(allotment.rest.values(), Counter())
    torn = []
    for line in lines:
        pieces = allotment.missing.get(line.line_id, 0)
        units = units_per_piece(line)
        if pieces and units and all(pooled[key] >= count * pieces for key, count in units.items()):
            torn.append(line.line_id)
    return torn


def begun_lines(lines: Sequence[OrderLine], allotment: Allotment) -> list[str]:
    """Ids of the lines of which some units are in a parcel, but not all."""
    started = {line_id for (_, line_id) in allotment.pieces}
    lying_about = {key for rest in allotment.rest.values() for key in rest}
    return [
        line.line_id
        for line in lines
        if line.line_id in allotment.missing and (line.line_id in started or units_per_piece(line).keys() & lying_about)
    ]


def separable_lines(lines: Sequence[OrderLine], allotment: Allotment) -> set[str]:
    """Ids of the fully covered lines whose parcels hold nothing of a line that is not among them.

    These can be confirmed now, and no parcel of theirs is needed again for another line.
    """
    by_id = {line.line_id: line for line in lines}
    awaited = {key for line_id in allotment.missing for key in units_per_piece(by_id[line_id])}
    ready = by_id.keys() - allotment.missing.keys()
    while True:
        busy = {
            parcel_id for parcel_id, rest in allotment.rest.items() if awaited & rest.keys() or not allotment.lines_in(parcel_id) <= ready
        }
        held_up = {line_id for (parcel_id, line_id) in allotment.pieces if parcel_id in busy}
        if not held_up & ready:
            return ready
        ready -= held_up
