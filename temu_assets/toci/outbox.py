"""The three effects that leave the house and cannot be rolled back, each a row with a state.

``pending -> sending -> done``, or ``parked`` with a reason. ``sending`` is committed before the effect and ``done`` after it, with what the
other side showed as evidence; a row found in ``sending`` later is unclear, and the other side is asked before anything is sent again.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, Connection, func, select, update

from temu_assets.sql.chunks import in_chunks
from temu_assets.texts import cut
from temu_assets.toci.tables import outbox
from temu_assets.toci.writing import upsert

MOST_EVIDENCE = 1000
"""Characters of evidence that are kept, as SQL Server counts them."""


class Effect(StrEnum):
    """What is done outside."""

    JTL_ORDER = "jtl_order"
    SHIPMENT = "shipment"
    STOCK = "stock"


class State(StrEnum):
    """How far an effect is."""

    PENDING = "pending"
    SENDING = "sending"
    DONE = "done"
    PARKED = "parked"


@dataclass(frozen=True, slots=True)
class Entry:
    """One effect: ``key`` is the order id, parcel id or SKU id. ``retry_at`` (UTC) is when a parked one is tried again by itself."""

    key: str
    state: State
    reason: str | None = None
    evidence: str | None = None
    attempts: int = 0
    retry_at: datetime | None = None


def entries(connection: Connection, shop: str, effect: Effect, states: Collection[State] = tuple(State)) -> dict[str, Entry]:
    """All effects of one kind in the given states, by key."""
    return _entries_where(connection, shop, effect, outbox.c.state.in_([state.value for state in states]))


def record(connection: Connection, shop: str, effect: Effect, changes: Sequence[Entry], *, now: datetime) -> None:
    """Write the new state of many effects, inside the caller's transaction."""
    rows = [
        {
            "shop": shop,
            "effect": effect.value,
            "key": entry.key,
            "state": entry.state.value,
            "reason": cut(entry.reason, 1000) if entry.reason else None,
            "evidence": cut(entry.evidence, MOST_EVIDENCE) if entry.evidence else None,
            "attempts": entry.attempts,
            "retry_at": entry.retry_at,
            "created_at": now,
            "changed_at": now,
        }
        for entry in changes
    ]
    upsert(connection, outbox, rows, insert_only=["created_at"])


def some(connection: Connection, shop: str, effect: Effect, keys: Sequence[str]) -> dict[str, Entry]:
    """The effects with the given keys; a key never seen is absent."""
    found: dict[str, Entry] = {}
    for chunk in in_chunks(keys):
        found |= _entries_where(connection, shop, effect, outbox.c.key.in_(chunk))
    return found


def release_parked(connection: Connection, shop: str, effect: Effect, keys: Sequence[str], *, now: datetime) -> list[str]:
    """Those of the keys that are parked are pending again, as if never tried; returns them."""
    released = {"state": State.PENDING.value, "reason": None, "evidence": None, "retry_at": None, "changed_at": now}
    return _change_parked(connection, shop, effect, keys, released)


def end_wait(connection: Connection, shop: str, effect: Effect, keys: Sequence[str], *, now: datetime) -> None:
    """Those of the keys that are parked until some time are due now."""
    _change_parked(connection, shop, effect, keys, {"retry_at": now, "changed_at": now}, outbox.c.retry_at.is_not(None))


def _change_parked(
    connection: Connection, shop: str, effect: Effect, keys: Sequence[str], values: Mapping[str, object], *which: ColumnElement[bool]
) -> list[str]:
    """Change what is parked still; returns the keys. The statement asks itself: between a look and it a run may begin."""
    changed: list[str] = []
    for chunk in in_chunks(keys):
        still_parked = update(outbox).where(
            outbox.c.shop == shop,
            outbox.c.effect == effect.value,
            outbox.c.key.in_(chunk),
            outbox.c.state == State.PARKED.value,
            *which,
        )
        changed += connection.execute(still_parked.values(dict(values)).returning(outbox.c.key)).scalars()
    return changed


def totals(connection: Connection, shop: str, effect: Effect) -> dict[State, int]:
    """How many effects of one kind are in each state; every state is there."""
    rows = connection.execute(
        select(outbox.c.state, func.count()).where(outbox.c.shop == shop, outbox.c.effect == effect.value).group_by(outbox.c.state)
    )
    return dict.fromkeys(State, 0) | {State(state): number for state, number in rows}


def _entries_where(connection: Connection, shop: str, effect: Effect, which: ColumnElement[bool]) -> dict[str, Entry]:
    columns = (outbox.c.key, outbox.c.state, outbox.c.reason, outbox.c.evidence, outbox.c.attempts, outbox.c.retry_at)
    rows = connection.execute(select(*columns).where(outbox.c.shop == shop, outbox.c.effect == effect.value, which))
    return {row.key: Entry(row.key, State(row.state), row.reason, row.evidence, row.attempts, row.retry_at) for row in rows}
