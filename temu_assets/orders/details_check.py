"""The check that says which shippable orders still lack an address or prices, and why."""

import dagster as dg

from temu_assets.orders import order_store
from temu_assets.previews import preview
from temu_assets.resources import TociResource
from temu_assets.stage import told_plainly


@dg.asset_check(
    asset="temu_orders",
    name="every_shippable_order_has_address_and_prices",
    description="TEMU did not tell the address or the prices of an order that should be shipped. It waits, and TEMU is asked again.",
)
def details_are_there(toci: TociResource) -> dg.AssetCheckResult:
    """Red while an order waits for TEMU's word; each with the cause."""
    with told_plainly(), toci.connect() as database, database.read() as connection:
        causes = order_store.details_problems(connection, database.shop)
    first = next(iter(causes.values()), "")
    return dg.AssetCheckResult(
        passed=not causes,
        severity=dg.AssetCheckSeverity.ERROR,
        description=f"{len(causes)} wait: {first}" if causes else "None waits.",
        metadata={"count": len(causes), "orders": preview(["order", "why"], causes.items())},
    )
