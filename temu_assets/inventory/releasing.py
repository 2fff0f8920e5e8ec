"""A person's word that what the brake holds is right: remembered SKU by SKU, for the next run and no other.

The pieces agreed to stand with the SKU's entry in the outbox, marked with the moment of the release; ``BRAKE_RELEASED_AT`` remembers the
moment itself. When the mark is gone, or another one, what stands in the outbox means nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from temu_assets.inventory.deltas import SkuStock
from temu_assets.toci import outbox, sync_state
from temu_assets.toci.outbox import Effect, Entry, State
from temu_assets.toci.sync_state import Mark

GOOD_FOR = timedelta(hours=24)
"""A release no run has used by then is forgotten: nobody remembers what was looked at."""

_AGREED = "a person agreed at {moment} to "


@dataclass(frozen=True, slots=True)
class Release:
    """``pieces`` by SKU id, agreed to at ``at`` (aware UTC; None: there is no release)."""

    at: datetime | None = None
    pieces: dict[str, int] = field(default_factory=dict)


def agree(connection: Connection, shop: str, rows: Sequence[SkuStock], *, now: datetime) -> None:
    """Remember that these targets are right. An earlier release that was not used is replaced."""
    before = outbox.some(connection, shop, Effect.STOCK, [row.sku_id for row in rows])
    entries = []
    for row in rows:
        entry = before.get(row.sku_id, Entry(row.sku_id, State.PENDING))
        # One that is on its way stays so: nobody knows what TEMU shows of it.
        state = State.SENDING if entry.state is State.SENDING else State.PENDING
        entries.append(replace(entry, state=state, reason=None, evidence=f"{_prefix(now)}{row.target}", retry_at=None))
    outbox.record(connection, shop, Effect.STOCK, entries, now=now)
    sync_state.remember_instant(connection, shop, Mark.BRAKE_RELEASED_AT, now, now=now)


def released(connection: Connection, shop: str, *, now: datetime) -> Release:
    """What the next run may send although the brake holds it."""
    at = sync_state.read_instant(connection, shop, Mark.BRAKE_RELEASED_AT)
    if at is None or not now - GOOD_FOR <= at <= now:
        return Release(at)
    entries = outbox.entries(connection, shop, Effect.STOCK, [State.PENDING, State.SENDING])
    return Release(
        at,
        {
            key: int(entry.evidence.removeprefix(_prefix(at)))
            for key, entry in entries.items()
            if entry.evidence and entry.evidence.startswith(_prefix(at))
        },
    )


def use_up(connection: Connection, shop: str, release: Release) -> None:
    """A run has had this release; one that was given meanwhile is the next run's."""
    if release.at is not None and sync_state.read_instant(connection, shop, Mark.BRAKE_RELEASED_AT) == release.at:
        sync_state.forget(connection, shop, Mark.BRAKE_RELEASED_AT)


def _prefix(moment: datetime) -> str:
    return _AGREED.format(moment=moment.isoformat())
