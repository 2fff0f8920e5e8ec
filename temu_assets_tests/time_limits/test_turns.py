"""Stock that TEMU takes and never shows is sent by every run; where runs have little time, the others have their turn all the same."""

from __future__ import annotations

import dagster as dg
import pytest

from temu_assets.inventory import sending
from temu_assets.run_origin import MAX_RUNTIME_TAG
from temu_assets.toci.outbox import Effect, State
from temu_assets.toci.tables import temu_inventory
from temu_assets_tests.seller import WITHOUT_CHECKS, Seller

AT_ONCE = 4


def hasty_run(seller: Seller) -> None:
    """Its time is up as soon as it has begun: it sends the first few and ends."""
    result = WITHOUT_CHECKS.resolve_job_def("temu_inventory_sync").execute_in_process(
        instance=seller.instance, tags={MAX_RUNTIME_TAG: "1"}, raise_on_error=False, asset_selection=[dg.AssetKey("stock_deltas")]
    )
    assert result.success


def sent(seller: Seller) -> dict[str, int]:
    """How often each SKU was sent without being shown."""
    return {key: entry.attempts for key, entry in seller.outbox(Effect.STOCK).items() if entry.state is State.SENDING}


def test_what_is_never_shown_does_not_keep_the_rest_from_being_sent(new_seller: Seller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEMU_CONCURRENCY", str(AT_ONCE))
    monkeypatch.setattr(sending, "READ_BACK_PAUSES", ())
    whole = WITHOUT_CHECKS.resolve_job_def("temu_inventory_full_sync")
    stages = [dg.AssetKey(name) for name in ("raw_skus", "temu_products", "temu_inventory")]
    assert whole.execute_in_process(instance=new_seller.instance, asset_selection=stages).success
    shop = new_seller.sandbox.shop
    # From now on TEMU shows for an hour what it shows now.
    shop.state.stock_read_lag = 3600
    due = {row.sku_id for row in new_seller.rows(temu_inventory) if row.needs_sync}
    hasty_run(new_seller)
    assert 0 < len(sent(new_seller)) < len(due)
    runs = 1
    while (before := sent(new_seller)).keys() != due:
        hasty_run(new_seller)
        runs += 1
        assert before.keys() < sent(new_seller).keys(), "the same ones again"
    assert runs > 2
