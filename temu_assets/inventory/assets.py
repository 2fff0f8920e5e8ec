"""The four inventory assets: TEMU's SKU lists, the products in them, what may be sold of each, and what TEMU is told.

What they do is in ``stages``, loaded when the first of them runs.
"""

from datetime import timedelta

import dagster as dg
from pydantic import Field

from temu_assets.inventory.external import JTL_STOCK, TEMU_LISTING
from temu_assets.resources import Clock, JtlResource, SettingsResource, TemuResource, TociResource
from temu_assets.stage import DRY_RUN_FIELD, told_plainly

GROUP = "inventory"
OWNERS = ["team:shop"]
LISTED_WITHIN = dg.FreshnessPolicy.time_window(fail_window=timedelta(hours=26), warn_window=timedelta(hours=25))
TOLD_WITHIN = dg.FreshnessPolicy.time_window(fail_window=timedelta(hours=2), warn_window=timedelta(hours=1))


class StockDeltasConfig(dg.Config):
    """What a person can ask of one run of stock_deltas."""

    release_brake: bool = Field(
        default=False, description="Send everything although an unusual share of the listing would go to 0 or be raised."
    )
    dry_run: bool = Field(default=False, description=DRY_RUN_FIELD)


@dg.asset(group_name=GROUP, deps=[TEMU_LISTING], kinds={"python", "json"}, owners=OWNERS, freshness_policy=LISTED_WITHIN)
def raw_skus(
    context: dg.AssetExecutionContext, settings: SettingsResource, temu: TemuResource, toci: TociResource, clock: Clock
) -> dg.MaterializeResult[None]:
    """TEMU's two SKU lists (on sale and not on sale) exactly as received, one file per run; key: SKU id.

    Source: TEMU Open API. When red: TEMU could not be read or listed nothing at all; nothing was changed, read the message and run it
    again.
    """
    with told_plainly():
        from temu_assets.inventory import stages

        return stages.read_lists(context, settings, temu, toci, clock)


@dg.asset(group_name=GROUP, deps=[raw_skus], kinds={"python", "table"}, owners=OWNERS)
def temu_products(settings: SettingsResource, toci: TociResource, clock: Clock) -> dg.MaterializeResult[None]:
    """One row per SKU that TEMU lists, with its goods and its JTL article number (the SKU code); key: shop and SKU id.

    Source: every file of raw_skus not taken in yet. A SKU whose data do not fit is set aside as a problem, the others go on. When red: a
    file is missing or damaged; the message names it.
    """
    with told_plainly():
        from temu_assets.inventory import stages

        return stages.take_in(settings, toci, clock)


@dg.asset(
    group_name=GROUP,
    deps=[temu_products, JTL_STOCK, "temu_order_items", "temu_shop_orders"],
    kinds={"python", "sqlserver"},
    owners=OWNERS,
)
def temu_inventory(
    context: dg.AssetExecutionContext,
    settings: SettingsResource,
    temu: TemuResource,
    toci: TociResource,
    jtl: JtlResource,
    clock: Clock,
) -> dg.MaterializeResult[None]:
    """What TEMU shall show of each SKU, with the sum in words ("12 available - 2 buffer - 1 in flight = 9"); key: shop and SKU id.

    Source: JTL's stock, less TEMU orders that JTL does not know yet: those in our tables, and those TEMU has listed since, for which each
    run reads one page of its order list (more after a pause). A SKU whose stock cannot be known (no code, unknown article) keeps what it
    has. When red: JTL or TEMU's order list could not be read; nothing was changed and nothing is sent.
    """
    with told_plainly():
        from temu_assets.inventory import stages

        return stages.calculate_targets(context, settings, temu, toci, jtl, clock)


@dg.asset(group_name=GROUP, deps=[temu_inventory], kinds={"python"}, owners=OWNERS, freshness_policy=TOLD_WITHIN)
def stock_deltas(
    context: dg.AssetExecutionContext,
    config: StockDeltasConfig,
    settings: SettingsResource,
    temu: TemuResource,
    toci: TociResource,
    clock: Clock,
) -> dg.MaterializeResult[None]:
    """The targets TEMU does not show yet, sent to the TEMU listing and read back until it shows them; one row per SKU sent.

    Sold-out SKUs and decreases go first. A SKU TEMU refuses is set aside, the others go on. When red: TEMU could not be reached (the next
    run continues), or the brake holds back an unusual change; the message lists the SKUs and says how to release it. In a dry run nothing
    is sent, and the asset counts as old as it is.
    """
    with told_plainly():
        from temu_assets.inventory import stages

        return stages.send_targets(context, settings, temu, toci, clock, release_brake=config.release_brake)


INVENTORY_ASSETS = (raw_skus, temu_products, temu_inventory, stock_deltas)
