"""The world outside as the inventory assets see it, so that the lineage shows where stock figures come from."""

from __future__ import annotations

import dagster as dg

TEMU_LISTING = dg.AssetKey("temu_shop_listing")
JTL_STOCK = dg.AssetKey("jtl_stock")

EXTERNAL_ASSETS = (
    dg.AssetSpec(
        TEMU_LISTING,
        group_name="outside",
        kinds={"api"},
        description="The shop's SKUs at TEMU with their stock, on sale or not. Read by raw_skus; stock_deltas sets its stock.",
    ),
    dg.AssetSpec(
        JTL_STOCK,
        group_name="outside",
        kinds={"sqlserver"},
        description="Articles and their stock in JTL-Wawi (tArtikel, tlagerbestand, vLagerbestandProLager). Only read, by temu_inventory.",
    ),
)
