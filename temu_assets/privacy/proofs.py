"""The proof of what was erased: how many things, a digest of their names, when, and by whom. Never what they said.

A row is written before the work begins and marked done after it. One that is not done belongs to work that broke off: the next purge
finishes it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, Connection, and_, select, update

from temu_assets.texts import cut
from temu_assets.toci.tables import erasures
from temu_assets.toci.writing import put


class Place(StrEnum):
    """What kind of thing was erased, and from where."""

    ANSWERS = "raw_answers"
    LEFTOVERS = "leftovers"
    BUYERS = "buyers"
    DOCUMENTS = "order_documents"
    PREDECESSOR = "predecessor"
    REQUEST = "request"
    """Everything of one order, because a person asked for it."""


@dataclass(frozen=True, slots=True)
class Proof:
    """One piece of erasing. ``names``: paths, order numbers, tables; ``order_id`` where a person asked to forget an order."""

    erasure_id: str
    place: Place
    names: tuple[str, ...]
    erased_by: str
    begun_at: datetime
    order_id: str | None = None


def begin(connection: Connection, shop: str, proof: Proof) -> None:
    """Write down what is about to be erased."""
    put(
        connection,
        erasures,
        {
            "shop": shop,
            "erasure_id": proof.erasure_id,
            "place": proof.place.value,
            "order_id": proof.order_id,
            "count": len(proof.names),
            "sha256": digest(proof.names),
            "erased_by": cut(proof.erased_by, 200),
            "begun_at": proof.begun_at,
            "done_at": None,
        },
    )


def finish(connection: Connection, shop: str, place: Place, *, now: datetime, order_id: str | None = None) -> None:
    """Everything begun at this place is done, also what an earlier run began and this one has found gone or taken up again."""
    connection.execute(update(erasures).where(_unfinished(shop, place, order_id)).values(done_at=now))


def is_unfinished(connection: Connection, shop: str, place: Place) -> bool:
    """Whether something begun at this place, because its time was over, is not known to be done."""
    return connection.execute(select(erasures.c.erasure_id).where(_unfinished(shop, place, None))).first() is not None


def unfinished_requests(connection: Connection, shop: str) -> list[str]:
    """Orders a person asked to forget, of which something may be left."""
    rows = connection.execute(
        select(erasures.c.order_id)
        .where(erasures.c.shop == shop, erasures.c.place == Place.REQUEST.value, erasures.c.done_at.is_(None))
        .distinct()
        .order_by(erasures.c.order_id)
    )
    return [order_id for order_id in rows.scalars() if order_id is not None]


def digest(names: Iterable[str]) -> str:
    """SHA-256 of the names, sorted, one a line."""
    return hashlib.sha256("\n".join(sorted(names)).encode()).hexdigest()


def _unfinished(shop: str, place: Place, order_id: str | None) -> ColumnElement[bool]:
    whose = erasures.c.order_id.is_(None) if order_id is None else erasures.c.order_id == order_id
    return and_(erasures.c.shop == shop, erasures.c.place == place.value, whose, erasures.c.done_at.is_(None))
