"""Retention as Dagster shows and runs it. What it does is in the modules beside this one."""

import time
from datetime import timedelta

import dagster as dg

from temu_assets.privacy.forgetting import LEASE
from temu_assets.privacy.proofs import Place, unfinished_requests
from temu_assets.privacy.purging import Purging
from temu_assets.resources import Clock, SettingsResource, TociResource
from temu_assets.stage import holder, told_plainly
from temu_assets.toci import leases

LOOKED_AT_WITHIN = dg.FreshnessPolicy.time_window(fail_window=timedelta(hours=74), warn_window=timedelta(hours=26))


@dg.asset(
    group_name="privacy",
    owners=["team:shop"],
    kinds={"python", "sql"},
    deps=["raw_orders", "temu_orders", "jtl_order_xml"],
    freshness_policy=LOOKED_AT_WITHIN,
    metadata={"dagster/table_name": "erasures"},
)
def personal_data(
    context: dg.AssetExecutionContext, settings: SettingsResource, toci: TociResource, clock: Clock
) -> dg.MaterializeResult[None]:
    """Buyers' data whose time is over, erased: TEMU's answers, addresses, copies of orders, what a crash or the predecessor left.

    **Settings:** TEMU_KEEP_ANSWERS_DAYS, TEMU_KEEP_ADDRESSES_DAYS. **Proof:** a row in erasures for each batch, with the number of things
    and a digest of their names. **When red:** the message names the cause; what was erased stays erased, the next run does the rest.
    """
    with told_plainly():
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


PRIVACY_ASSETS = [personal_data]
