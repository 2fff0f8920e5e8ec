"""The outbox of stock targets: on their way, confirmed by TEMU's own figures, or refused."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import Connection, exists, select, update

from temu_assets.inventory.kinds import BRAKED, NOT_CONVERGED, REFUSED
from temu_assets.inventory.target_rows import settle
from temu_assets.sql.chunks import in_chunks
from temu_assets.toci import lead_times, outbox, problems
from temu_assets.toci.lead_times import Leg
from temu_assets.toci.outbox import Effect, Entry, State
from temu_assets.toci.problems import Finding, ProblemState
from temu_assets.toci.tables import outbox as outbox_table
from temu_assets.toci.tables import problems as problems_table
from temu_assets.toci.tables import temu_inventory
from temu_assets.toci.writing import upsert

TRY_AGAIN_AFTER = timedelta(days=1)


def parked_skus(connection: Connection, shop: str, *, now: datetime) -> frozenset[str]:
    """SKUs not to be tried now: refused less than a day ago, unless a person asked to try again. A refused 0 is not among them."""
    asked_for = {problem.key for problem in problems.unsettled(connection, shop, REFUSED) if problem.state is ProblemState.RETRY}
    return frozenset(
        key
        for key, entry in outbox.entries(connection, shop, Effect.STOCK, [State.PARKED]).items()
        if key not in asked_for and (entry.retry_at is None or entry.retry_at > now)
    )


def tried_again(connection: Connection, shop: str, *, now: datetime) -> frozenset[str]:
    """SKUs of which TEMU refused the very target that is sent again now."""
    refused = outbox.entries(connection, shop, Effect.STOCK, [State.PARKED]).keys()
    return frozenset(refused) - parked_skus(connection, shop, now=now)


def left_unsent(connection: Connection, shop: str) -> list[str]:
    """SKUs whose target TEMU was not told and could be: none of those it refused, and none at all while the brake waits for a person."""
    columns = temu_inventory.c
    is_refused = exists().where(
        outbox_table.c.shop == shop,
        outbox_table.c.effect == Effect.STOCK.value,
        outbox_table.c.key == columns.sku_id,
        outbox_table.c.state == State.PARKED.value,
    )
    is_braked = exists().where(
        problems_table.c.shop == shop, problems_table.c.kind == BRAKED, problems_table.c.state != ProblemState.CLOSED.value
    )
    rows = connection.execute(
        select(columns.sku_id).where(columns.shop == shop, columns.needs_sync, ~is_refused, ~is_braked).order_by(columns.sku_id)
    )
    return list(rows.scalars())


def sent_and_not_shown(connection: Connection, shop: str) -> dict[str, datetime]:
    """SKUs TEMU was told of and was not seen to show since, or a run died over, with when that was."""
    columns = outbox_table.c
    rows = connection.execute(
        select(columns.key, columns.changed_at).where(
            columns.shop == shop, columns.effect == Effect.STOCK.value, columns.state == State.SENDING.value
        )
    )
    return {row.key: row.changed_at for row in rows}


def mark_sending(connection: Connection, shop: str, sku_ids: list[str], *, now: datetime) -> None:
    """The last thing before the call: from here on nobody knows what TEMU shows until it is read back."""
    before = _entries(connection, shop, sku_ids)
    sending = [replace(entry, state=State.SENDING, reason=None, retry_at=None, attempts=entry.attempts + 1) for entry in before]
    outbox.record(connection, shop, Effect.STOCK, sending, now=now)
    _forget(connection, shop, sku_ids)


def forget_shown(connection: Connection, shop: str, sku_ids: list[str], *, now: datetime) -> None:
    """Nobody knows what TEMU shows of these SKUs: they are sent again."""
    _forget(connection, shop, sku_ids)
    settle(connection, shop, now=now, sku_ids=sku_ids)


def confirm(connection: Connection, shop: str, shown: Mapping[str, int], *, now: datetime) -> None:
    """TEMU shows these targets. How long that took is written for those that had changed."""
    lead_times.record(connection, shop, Leg.STOCK, _clocks(connection, shop, list(shown)), done_at=now)
    done = [
        replace(entry, state=State.DONE, reason=None, evidence=f"TEMU shows {shown[entry.key]}", retry_at=None)
        for entry in _entries(connection, shop, list(shown))
    ]
    outbox.record(connection, shop, Effect.STOCK, done, now=now)
    rows = [
        {"shop": shop, "sku_id": sku_id, "temu_stock": pieces, "confirmed_target": pieces, "synced_at": now}
        for sku_id, pieces in shown.items()
    ]
    upsert(connection, temu_inventory, rows, existing_only=True)
    settle(connection, shop, now=now, sku_ids=list(shown))


def park(connection: Connection, shop: str, refused: Mapping[str, Finding], targets: Mapping[str, int], *, now: datetime) -> None:
    """TEMU refused these targets; the other SKUs of the same goods are not touched by that.

    What is sold out and still on sale is tried again by each run, anything else after a day. Where another run has calculated another
    target meanwhile, that one was not refused: it is sent by the next run.
    """
    wanted = _targets(connection, shop, list(refused))
    parked = [
        replace(
            entry,
            state=State.PARKED,
            reason=refused[entry.key].reason,
            retry_at=now if targets[entry.key] == 0 else now + TRY_AGAIN_AFTER,
        )
        if wanted.get(entry.key, targets[entry.key]) == targets[entry.key]
        else replace(entry, state=State.PENDING, reason=refused[entry.key].reason, retry_at=None)
        for entry in _entries(connection, shop, list(refused))
    ]
    outbox.record(connection, shop, Effect.STOCK, parked, now=now)
    _stop_clocks(connection, shop, list(refused))
    problems.report(connection, shop, REFUSED, refused, now=now, complete=False)


def report(
    connection: Connection,
    shop: str,
    *,
    offered: Collection[str],
    not_shown: Mapping[str, Finding],
    braked: Mapping[str, Finding],
    is_whole: bool,
    now: datetime,
) -> None:
    """Bring the inbox up to date at the end of a run.

    ``offered`` are the SKUs that have a target; a refusal of any other is settled. ``is_whole``: nothing stopped the run, so what is not
    among ``not_shown`` is shown.
    """
    _settle_without_sending(connection, shop, now=now)
    if braked:
        _stop_clocks_of_unsent(connection, shop)
    problems.report(connection, shop, NOT_CONVERGED, not_shown, now=now, complete=is_whole)
    problems.report(connection, shop, BRAKED, braked, now=now)
    parked = outbox.entries(connection, shop, Effect.STOCK, [State.PARKED])
    settled = [
        problem.key for problem in problems.unsettled(connection, shop, REFUSED) if not (problem.key in parked and problem.key in offered)
    ]
    problems.close(connection, shop, REFUSED, settled, now=now)


def _settle_without_sending(connection: Connection, shop: str, *, now: datetime) -> None:
    """What TEMU shows as wanted without having been told (an order lowered it, a run died after the call) is done as well."""
    columns = temu_inventory.c
    open_ones = outbox.entries(connection, shop, Effect.STOCK, [State.PENDING, State.SENDING])
    shown: dict[str, int] = {}
    for chunk in in_chunks(list(open_ones)):
        is_shown = (columns.shop == shop, columns.sku_id.in_(chunk), columns.temu_stock == columns.target)
        shown |= {row.sku_id: row.target for row in connection.execute(select(columns.sku_id, columns.target).where(*is_shown))}
    done = [
        replace(open_ones[sku_id], state=State.DONE, reason=None, evidence=f"TEMU shows {pieces}", retry_at=None)
        for sku_id, pieces in shown.items()
    ]
    outbox.record(connection, shop, Effect.STOCK, done, now=now)


def _targets(connection: Connection, shop: str, sku_ids: list[str]) -> dict[str, int | None]:
    """What TEMU shall show of these SKUs by now."""
    columns = temu_inventory.c
    found: dict[str, int | None] = {}
    for chunk in in_chunks(sku_ids):
        rows = connection.execute(select(columns.sku_id, columns.target).where(columns.shop == shop, columns.sku_id.in_(chunk)))
        found |= {row.sku_id: row.target for row in rows}
    return found


def _clocks(connection: Connection, shop: str, sku_ids: list[str]) -> dict[str, datetime]:
    """When the change was first seen that TEMU shows now, by SKU id."""
    columns = temu_inventory.c
    found: dict[str, datetime] = {}
    for chunk in in_chunks(sku_ids):
        changed = (columns.shop == shop, columns.sku_id.in_(chunk), columns.changed_at.is_not(None))
        found |= {row.sku_id: row.changed_at for row in connection.execute(select(columns.sku_id, columns.changed_at).where(*changed))}
    return found


def _stop_clocks(connection: Connection, shop: str, sku_ids: list[str]) -> None:
    """How long TEMU or a person takes to agree is no lead time of ours."""
    for chunk in in_chunks(sku_ids):
        connection.execute(
            update(temu_inventory).where(temu_inventory.c.shop == shop, temu_inventory.c.sku_id.in_(chunk)).values(changed_at=None)
        )


def _stop_clocks_of_unsent(connection: Connection, shop: str) -> None:
    """What the brake holds waits for a person. What was sent is on its way, whether TEMU shows it yet or not."""
    is_on_its_way = exists().where(
        outbox_table.c.shop == shop,
        outbox_table.c.effect == Effect.STOCK.value,
        outbox_table.c.key == temu_inventory.c.sku_id,
        outbox_table.c.state == State.SENDING.value,
    )
    connection.execute(update(temu_inventory).where(temu_inventory.c.shop == shop, ~is_on_its_way).values(changed_at=None))


def _forget(connection: Connection, shop: str, sku_ids: list[str]) -> None:
    for chunk in in_chunks(sku_ids):
        connection.execute(
            update(temu_inventory).where(temu_inventory.c.shop == shop, temu_inventory.c.sku_id.in_(chunk)).values(temu_stock=None)
        )


def _entries(connection: Connection, shop: str, sku_ids: list[str]) -> list[Entry]:
    known = outbox.some(connection, shop, Effect.STOCK, sku_ids)
    return [known.get(sku_id, Entry(sku_id, State.PENDING)) for sku_id in sku_ids]
