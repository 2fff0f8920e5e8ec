"""How long it took until the other side had something, one row for each time it got something."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection, select

from temu_assets.toci.tables import lead_times
from temu_assets.toci.writing import upsert


class Leg(StrEnum):
    """From where to where."""

    ORDER = "order"
    """An order could be shipped at TEMU -> JTL's import table has it. Key: order number."""
    PARCEL = "parcel"
    """JTL sent a parcel -> TEMU knows its number. Key: JTL's kVersand."""
    STOCK = "stock"
    """What may be sold changed -> TEMU shows it. Key: SKU id."""


def record(connection: Connection, shop: str, leg: Leg, began: Mapping[str, datetime], *, done_at: datetime) -> None:
    """Write that each key was done at ``done_at`` after its clock began, inside the transaction that writes the evidence.

    Clocks of several machines differ: what seems to have been done before it began took no time.
    """
    rows = [
        {
            "shop": shop,
            "effect": leg.value,
            "key": key,
            "done_at": done_at,
            "began_at": moment,
            "seconds": max(0, round((done_at - moment).total_seconds())),
        }
        for key, moment in began.items()
    ]
    upsert(connection, lead_times, rows)


def since(connection: Connection, shop: str, moment: datetime) -> dict[Leg, list[tuple[datetime, int]]]:
    """What was done since then: when, and how many seconds it took, oldest first; every leg is there."""
    columns = lead_times.c
    rows = connection.execute(
        select(columns.effect, columns.done_at, columns.seconds)
        .where(columns.shop == shop, columns.effect.in_([leg.value for leg in Leg]), columns.done_at >= moment)
        .order_by(columns.done_at)
    )
    found: dict[Leg, list[tuple[datetime, int]]] = {leg: [] for leg in Leg}
    for row in rows:
        found[Leg(row.effect)].append((row.done_at, row.seconds))
    return found
