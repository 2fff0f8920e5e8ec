"""The outside world of orders, so that the lineage shows where data comes from and goes. Nothing here is executed."""

from __future__ import annotations

import dagster as dg

GROUP = "outside"

temu_orders_outside = dg.AssetSpec(
    "temu_shop_orders", group_name=GROUP, kinds={"api"}, description="Orders buyers placed on TEMU, with addresses and prices."
)
jtl_orders_outside = dg.AssetSpec(
    "jtl_orders",
    deps=["jtl_order_xml"],
    group_name=GROUP,
    kinds={"sqlserver"},
    description="Orders in JTL-Wawi (Verkauf.tAuftrag). They get there through dbo.tXMLBestellImport, the only table this program writes.",
)
jtl_parcels_outside = dg.AssetSpec(
    "jtl_parcels",
    deps=["jtl_orders"],
    group_name=GROUP,
    kinds={"sqlserver"},
    description="Parcels the warehouse packed and sent (dbo.tVersand), with carrier and tracking number.",
)
temu_shipments_outside = dg.AssetSpec(
    "temu_shop_shipments",
    deps=["tracking_upload"],
    group_name=GROUP,
    kinds={"api"},
    description="What TEMU and the buyer know of the parcels.",
)

EXTERNAL_ASSETS = [temu_orders_outside, jtl_orders_outside, jtl_parcels_outside, temu_shipments_outside]
