"""Retention as Dagster shows and runs it. What it does is in ``stages``, loaded when it runs."""

from datetime import timedelta

import dagster as dg

from temu_assets.resources import Clock, SettingsResource, TociResource
from temu_assets.stage import told_plainly

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
        from temu_assets.privacy import stages

        return stages.erase(context, settings, toci, clock)


PRIVACY_ASSETS = [personal_data]
