"""What the stage of the retention does with what Dagster gives it. How it does it is in the modules beside this one."""

from __future__ import annotations

import time
from datetime import timedelta

import dagster as dg

from temu_assets.privacy.forgetting import LEASE
from temu_assets.privacy.proofs import Place, unfinished_requests
from temu_assets.privacy.purging import Purging
from temu_assets.resources import Clock, SettingsResource, TociResource
from temu_assets.stage import holder
from temu_assets.toci import leases


def erase(context: dg.AssetExecutionContext, settings: SettingsResource, toci: TociResource, clock: Clock) -> dg.MaterializeResult[None]:
    """Buyers' data whose time is over, erased."""
    given = settings.load()
    started = time.monotonic()
    with toci.connect() as database, leases.hold(database, LEASE, holder(context)) as lease:
        erased = Purging(
            toci=lease.fenced(database),
            data_dir=given.temu_data_dir,
            keep_answers=_days(given.temu_keep_answers_days),
            keep_buyers=_days(given.temu_keep_addresses_days),
            by=holder(context),
            lease=lease,
            now=clock.now,
        ).run()
        unfinished = database.read(lambda connection: unfinished_requests(connection, database.shop))
    counts = {place.value: erased[place] for place in Place}
    context.log.info("erased: %s", counts)
    if unfinished:
        context.log.warning(
            "not everything of the buyer of %s is erased: answers about the order wait to be taken into our tables. Materialize "
            "temu_orders and temu_order_items (or run temu_orders_sync); the next purge erases the rest.",
            ", ".join(unfinished),
        )
    return dg.MaterializeResult(
        metadata={**counts, "unfinished_requests": len(unfinished), "seconds": round(time.monotonic() - started, 2)}
    )


def _days(days: int) -> timedelta | None:
    """How long something is kept; None: for ever."""
    return timedelta(days=days) if days else None
