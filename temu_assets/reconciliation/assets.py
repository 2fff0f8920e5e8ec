"""The comparison as Dagster shows and runs it. What it does is in ``stages``, loaded when it runs."""

from datetime import timedelta

import dagster as dg
from pydantic import Field

from temu_assets.resources import Clock, JtlResource, SettingsResource, TemuResource, TociResource
from temu_assets.stage import told_plainly

LOOKED_AT_WITHIN = dg.FreshnessPolicy.time_window(fail_window=timedelta(hours=74), warn_window=timedelta(hours=26))


class ReconciliationConfig(dg.Config):
    """What a run compares."""

    days_back: int = Field(
        default=7, ge=1, le=365, description="How many days back orders are compared, beside those still open and those that differed."
    )


@dg.asset(
    group_name="reconciliation",
    owners=["team:shop"],
    kinds={"python", "api", "sqlserver"},
    deps=[
        "temu_shop_orders", "temu_shop_shipments", "temu_shop_listing", "jtl_orders", "jtl_parcels",
        "temu_orders", "jtl_order_xml", "tracking_upload", "stock_deltas",
    ],
    freshness_policy=LOOKED_AT_WITHIN,
)  # fmt: skip
def reconciliation(
    context: dg.AssetExecutionContext,
    config: ReconciliationConfig,
    settings: SettingsResource,
    temu: TemuResource,
    toci: TociResource,
    jtl: JtlResource,
    clock: Clock,
) -> dg.MaterializeResult[None]:
    """TEMU, our tables and JTL held against each other: orders, pieces, cents, parcels, listed stock, and what JTL leaves unread.

    **Grain:** the orders of the last days, all open ones, and every SKU whose stock TEMU is believed to show. It reads; a difference
    becomes a problem and a failed check, and closes itself once it is gone. What a sync has still under way is no difference.
    **When red:** TEMU, JTL or our database could not be read; then nothing was reported and nothing closed.
    """
    with told_plainly():
        from temu_assets.reconciliation import stages

        return stages.compare(context, settings, temu, toci, jtl, clock, days_back=config.days_back)


RECONCILIATION_ASSETS = [reconciliation]
