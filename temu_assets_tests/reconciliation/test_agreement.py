"""While all is well, and while work is under way, the comparison finds nothing to say; and what it does not do."""

from __future__ import annotations

from datetime import timedelta

from temu_assets.reconciliation.kinds import Kind
from temu_assets.toci.kinds import DOUBLE
from temu_assets_tests.seller import Seller, failed_checks, metadata_of

OURS = {*Kind, DOUBLE}


def differences(seller: Seller) -> dict[tuple[str, str], str]:
    return {key: reason for key, reason in seller.problems().items() if key[0] in OURS}


def test_a_healthy_shop_gives_no_difference_from_the_first_order_to_the_last_parcel(seller: Seller) -> None:
    """With every special order, at each point of a cycle at which the comparison may come, and days later."""
    assert seller.run("temu_inventory_full_sync").success
    steps = [
        lambda: seller.run(),
        lambda: seller.sandbox.jtl.run_worker(),
        lambda: seller.run(),
        lambda: seller.sandbox.jtl.ship_all_open(seed=3),
        lambda: seller.run("temu_tracking_sync"),
        lambda: seller.run("temu_inventory_full_sync"),
    ]
    for step in steps:
        step()
        assert seller.run("reconcile").success
        assert differences(seller) == {}
    seller.later = timedelta(days=3)
    result = seller.run("reconcile", checks=True)
    assert result.success
    assert differences(seller) == {}
    assert failed_checks(result) == set()
    told = metadata_of(result, "reconciliation")
    assert told["orders_compared_with_jtl"] > 60
    assert told["parcels_in_jtl"] > 50
    assert told["orders_with_shipments_compared"] > 50
    assert told["skus_compared"] > 50
    assert told["differences"] == 0
