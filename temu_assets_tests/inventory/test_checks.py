"""The asset checks, and how the inventory looks to Dagster."""

from __future__ import annotations

import dagster as dg

from temu_assets.inventory.assets import INVENTORY_ASSETS
from temu_assets.inventory.checks import INVENTORY_CHECKS
from temu_assets.inventory.external import EXTERNAL_ASSETS
from temu_assets.toci import problems
from temu_assets.toci.problems import Finding
from temu_assets_tests.inventory.conftest import Shop
from temu_assets_tests.inventory.samples import NOW


def test_checks_show_what_is_wrong_after_a_full_sync(shop: Shop) -> None:
    assert shop.run().success
    checks = shop.check()
    assert len(checks) == sum(len(list(checks_of_one.check_specs)) for checks_of_one in INVENTORY_CHECKS)
    assert {name for name, check in checks.items() if not check.passed} == {
        "every_sku_has_a_code",
        "every_sku_has_a_jtl_article",
        "no_sku_is_a_variation_parent",
        "no_code_is_used_twice",
    }
    assert checks["every_sku_has_a_code"].metadata["count"].value == 1
    assert checks["every_sku_has_a_code"].severity is dg.AssetCheckSeverity.WARN
    assert "What to do" in (checks["no_code_is_used_twice"].description or "")
    assert checks["no_code_is_used_twice"].severity is dg.AssetCheckSeverity.ERROR
    assert checks["every_sku_is_readable"].description == "None open."


def test_a_check_counts_all_shows_twenty_and_leaves_out_what_a_person_settled(shop: Shop) -> None:
    with shop.toci.engine.begin() as connection:
        findings = {str(number): Finding("not shown.", "wait.") for number in range(30)}
        problems.report(connection, shop.toci.shop, "stock_not_converged", findings, now=NOW)
        problems.close(connection, shop.toci.shop, "stock_not_converged", ["29"], now=NOW)
    check = shop.check()["temu_shows_what_was_sent"]
    assert not check.passed
    assert check.metadata["count"].value == 29
    table = check.metadata["problems"]
    assert isinstance(table, dg.TableMetadataValue)
    assert len(table.records) == 20


def test_without_a_reading_the_listing_is_not_called_complete(shop: Shop) -> None:
    assert not shop.check()["listing_is_complete"].passed


def test_the_lineage_runs_from_the_world_outside_to_the_listing() -> None:
    specs = [*EXTERNAL_ASSETS, *(spec for asset in INVENTORY_ASSETS for spec in asset.specs)]
    parents = {spec.key.to_user_string(): {dep.asset_key.to_user_string() for dep in spec.deps} for spec in specs}
    assert parents == {
        "temu_shop_listing": set(),
        "jtl_stock": set(),
        "raw_skus": {"temu_shop_listing"},
        "temu_products": {"raw_skus"},
        "temu_inventory": {"temu_products", "jtl_stock", "temu_order_items", "temu_shop_orders"},
        "stock_deltas": {"temu_inventory"},
    }
    assert {spec.group_name for asset in INVENTORY_ASSETS for spec in asset.specs} == {"inventory"}
    assert all("When red" in (spec.description or "") for asset in INVENTORY_ASSETS for spec in asset.specs)
