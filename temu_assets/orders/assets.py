"""The five order stages as Dagster shows and runs them. What they do is in ``stages``, loaded when the first of them runs."""

from collections.abc import Iterator
from datetime import timedelta

import dagster as dg
from pydantic import Field

from temu_assets.resources import Clock, JtlResource, SettingsResource, TemuResource, TociResource
from temu_assets.stage import DRY_RUN_FIELD, told_plainly

GROUP = "orders"
OWNERS = ["team:shop"]
LISTED_WITHIN = dg.FreshnessPolicy.time_window(fail_window=timedelta(hours=26), warn_window=timedelta(hours=25))


class RawOrdersConfig(dg.Config):
    """What a run asks TEMU for."""

    parent_order_status: int = Field(
        default=2,
        description="Status at TEMU that is imported as new (2: to be shipped). Other changes of known orders are always followed.",
    )
    days_back: int = Field(default=7, ge=1, le=365, description="How many days back the first run looks, and a backfill.")
    backfill: bool = Field(default=False, description="List the last days_back days again, although they were listed already.")


@dg.asset(
    group_name=GROUP,
    owners=OWNERS,
    kinds={"python", "json"},
    deps=["temu_shop_orders"],
    freshness_policy=LISTED_WITHIN,
    metadata={"folder": "temu/api_responses in the data folder"},
)
def raw_orders(
    context: dg.AssetExecutionContext,
    config: RawOrdersConfig,
    settings: SettingsResource,
    temu: TemuResource,
    toci: TociResource,
    clock: Clock,
) -> dg.MaterializeResult[None]:
    """TEMU's answers as they came: what changed since the last listing, with address and prices of what became shippable.

    **Grain:** one file of pages, then files of details, in one folder per run; never changed afterwards. **Source:** TEMU Open API.
    **When red:** the message names the cause. Nothing is lost: the next run lists from the last complete point again.
    """
    with told_plainly():
        from temu_assets.orders import stages

        return stages.fetch(
            context,
            settings,
            temu,
            toci,
            clock,
            import_status=config.parent_order_status,
            days_back=config.days_back,
            backfill=config.backfill,
        )


@dg.multi_asset(
    name="orders_in_our_database",
    can_subset=True,
    specs=[
        dg.AssetSpec(
            "temu_orders",
            deps=["raw_orders"],
            group_name=GROUP,
            owners=OWNERS,
            kinds={"python", "sql"},
            metadata={"dagster/table_name": "temu_orders"},
            description="Every TEMU order, one row each, with address, prices and whether it is held and why.\n\n"
            "**Key:** shop and order number (TEMU's parent order). **Source:** every snapshot of raw_orders not yet taken in. "
            "**When red:** nothing was half written; materialize it again. A single order that cannot be read does not make it red: "
            "it is parked with the field's name, see the checks.",
        ),
        dg.AssetSpec(
            "temu_order_items",
            deps=["raw_orders"],
            group_name=GROUP,
            owners=OWNERS,
            kinds={"python", "sql"},
            metadata={"dagster/table_name": "temu_order_items"},
            description="Every line of every TEMU order, with the quantity still to be sent (after cancellations), article numbers and "
            "price.\n\n**Key:** shop and line number (TEMU's order number). Written in one transaction with temu_orders.",
        ),
    ],
)
def orders_in_our_database(
    context: dg.AssetExecutionContext, settings: SettingsResource, toci: TociResource, clock: Clock
) -> Iterator[dg.MaterializeResult[None]]:
    """JSON to tables, both in one transaction."""
    with told_plainly():
        from temu_assets.orders import stages

        results = stages.take_in(context, settings, toci, clock)
    yield from results


class HandOverConfig(dg.Config):
    """What a person can ask of one run of jtl_order_xml."""

    dry_run: bool = Field(default=False, description=DRY_RUN_FIELD)


@dg.asset(group_name=GROUP, owners=OWNERS, kinds={"python", "xml", "sqlserver"}, deps=["temu_orders", "temu_order_items"])
def jtl_order_xml(
    context: dg.AssetExecutionContext,
    config: HandOverConfig,  # noqa: ARG001 — one field makes the whole run dry: the settings resource answers for all stages
    settings: SettingsResource,
    toci: TociResource,
    jtl: JtlResource,
    clock: Clock,
) -> dg.MaterializeResult[None]:
    """Each shippable order as JTL's XML, handed to JTL exactly once; a copy lies in temu/export in the data folder.

    **Grain:** one document per order. **To:** JTL's import table, or files in temu/xml (setting JTL_ORDER_DELIVERY).
    **Proof:** the order as JTL shows it (Verkauf.tAuftrag); until then it counts as waiting for JTL. In a dry run nothing is handed over.
    **When red:** the message names the cause; orders under way are looked up in JTL before anything is sent again.
    """
    with told_plainly():
        from temu_assets.orders import stages

        return stages.hand_over(context, settings, toci, jtl, clock)


@dg.asset(
    group_name=GROUP,
    owners=OWNERS,
    kinds={"python", "sqlserver", "sql"},
    deps=["jtl_order_xml", "jtl_parcels"],
    metadata={"dagster/table_name": "temu_parcels"},
)
def order_tracking(context: dg.AssetExecutionContext, toci: TociResource, jtl: JtlResource, clock: Clock) -> dg.MaterializeResult[None]:
    """Every parcel JTL has sent for a TEMU order, with its tracking number, shipping method and contents.

    **Key:** JTL's parcel (kVersand). **Source:** JTL's delivery notes and parcels that have a shipping date.
    **When red:** JTL could not be read; nothing was changed.
    """
    with told_plainly():
        from temu_assets.orders import stages

        return stages.follow(context, toci, jtl, clock)


class ReportingConfig(dg.Config):
    """What a person can ask of one run of tracking_upload."""

    dry_run: bool = Field(default=False, description=DRY_RUN_FIELD)


@dg.asset(group_name=GROUP, owners=OWNERS, kinds={"python", "api"}, deps=["order_tracking"])
def tracking_upload(
    context: dg.AssetExecutionContext,
    config: ReportingConfig,  # noqa: ARG001 — as in jtl_order_xml
    settings: SettingsResource,
    temu: TemuResource,
    toci: TociResource,
    clock: Clock,
) -> dg.MaterializeResult[None]:
    """Every sent parcel confirmed at TEMU, once, with the right carrier and contents, and read back from there.

    **Grain:** one call per order when all of it has left (setting TEMU_PARTIAL_SHIPMENTS: line by line).
    **Proof:** the package number TEMU shows. **When red:** calls whose outcome is unclear are looked up at TEMU before anything
    is sent again. In a dry run TEMU is told nothing.
    """
    with told_plainly():
        from temu_assets.orders import stages

        return stages.report(context, settings, temu, toci, clock)


ORDER_ASSETS = [raw_orders, orders_in_our_database, jtl_order_xml, order_tracking, tracking_upload]
