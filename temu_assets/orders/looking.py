"""A cheap look whether TEMU has orders we do not know, or know differently: one page of the list, newest first."""

from __future__ import annotations

import hashlib
from datetime import datetime

from sqlalchemy import Connection

from temu_assets.errors import RecordError
from temu_assets.orders import order_store
from temu_assets.orders.ingesting import WITHOUT_NUMBER, read_listed
from temu_assets.temu.client import TemuClient
from temu_assets.temu.fields import known_id
from temu_assets.temu.listing import OVERLAP, PAGE_SIZE
from temu_assets.temu.order_status import TemuStatus
from temu_assets.toci import problems, sync_state
from temu_assets.toci.database import Toci
from temu_assets.toci.kinds import ORDER_DATA, ORDER_XML
from temu_assets.toci.sync_state import Mark

FIRST = "first"


def news(temu: TemuClient, toci: Toci, *, now: datetime) -> str | None:
    """A fingerprint of what is new or changed, or None. ``FIRST`` when nothing was ever listed, or a wrong clock says until when.

    An order that cannot be read is news until a run has said what is wrong with it. One that could go to JTL and has not (JTL was away, the
    run's time was up) is news as well.
    """
    complete_until = toci.read(lambda connection: sync_state.read_instant(connection, toci.shop, Mark.ORDERS_COMPLETE_UNTIL))
    if complete_until is None or complete_until > now:
        return FIRST
    page = temu.orders.list_page(page=1, page_size=PAGE_SIZE, updated_from=complete_until - OVERLAP, updated_to=now)
    readable = {}
    unreadable = set()
    for item in page.items:
        try:
            order = read_listed(toci.shop, item, TemuStatus.UNSHIPPED, now).order
        except RecordError:
            unreadable.add(known_id(item, "parentOrderMap", "parentOrderSn") or WITHOUT_NUMBER)
        else:
            readable[order.order_id] = order
    known, parked, left = toci.read(
        lambda connection: (
            order_store.known(connection, toci.shop, list(readable)),
            problems.of_kind(connection, toci.shop, ORDER_DATA) if unreadable else [],
            _left(connection, toci.shop),
        )
    )
    fresh = [
        f"{key}@{order.updated_at.isoformat()}"
        for key, order in readable.items()
        if key not in known or known[key].updated_at != order.updated_at
    ]
    fresh += unreadable - {problem.key for problem in parked}
    fresh += [f"{order_id} not handed over" for order_id in left]
    return hashlib.sha256("\n".join(sorted(fresh)).encode()).hexdigest()[:16] if fresh else None


def _left(connection: Connection, shop: str) -> list[str]:
    """Orders nothing holds that JTL was not given; those whose XML is wrong, or which JTL refused, wait for something else."""
    waiting = {each.key for each in problems.unsettled(connection, shop, ORDER_XML)}
    return [order_id for order_id in order_store.free_to_go(connection, shop) if order_id not in waiting]
