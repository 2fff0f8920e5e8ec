"""A target that was calculated and not told TEMU is news for the stock sensor, unless TEMU has refused it or it waits for a person."""

from __future__ import annotations

from datetime import timedelta

import pytest

from temu_assets.temu.goods import EDIT_STOCK
from temu_assets.toci.outbox import Effect, State
from temu_assets_tests.automation.outcomes import starts_a_run
from temu_assets_tests.automation.test_jtl_sensors import BOTTLE, STOCK, cursor_of, look, stocked
from temu_assets_tests.seller import Seller


def shown(seller: Seller) -> set[int]:
    return {sku.stock for sku in seller.sandbox.shop.state.skus.values() if sku.code == BOTTLE}


def test_what_is_sold_out_and_was_not_told_starts_runs_until_temu_knows(new_seller: Seller) -> None:
    stocked(new_seller)
    new_seller.sandbox.jtl.set_stock(BOTTLE, 0)
    new_seller.fault("http_status", EDIT_STOCK, status=503, times=20)
    assert not new_seller.run("temu_inventory_sync").success
    found = look(new_seller, STOCK)
    assert starts_a_run(found)
    assert not starts_a_run(look(new_seller, STOCK, cursor_of(found))), "not every 15 s"
    new_seller.later += timedelta(seconds=301)
    assert starts_a_run(look(new_seller, STOCK, cursor_of(found)))
    new_seller.sandbox.server.faults.clear()
    assert new_seller.run("temu_inventory_sync").success
    assert shown(new_seller) == {0}
    assert not starts_a_run(look(new_seller, STOCK))


def test_what_temu_refuses_starts_nothing(new_seller: Seller) -> None:
    stocked(new_seller)
    for sku in new_seller.sandbox.shop.state.skus.values():
        sku.editable = sku.code != BOTTLE
    new_seller.sandbox.jtl.set_stock(BOTTLE, 0)
    assert new_seller.run("temu_inventory_sync").success
    assert State.PARKED in {entry.state for entry in new_seller.outbox(Effect.STOCK).values()}
    assert not starts_a_run(look(new_seller, STOCK))


def test_what_the_brake_holds_starts_nothing(new_seller: Seller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STOCK_BRAKE_MIN_SKUS", "1")
    monkeypatch.setenv("STOCK_BRAKE_ZERO_SHARE", "0")
    stocked(new_seller)
    new_seller.sandbox.jtl.set_stock(BOTTLE, 0)
    assert not new_seller.run("temu_inventory_sync").success
    assert ("stock_brake", "zero") in new_seller.problems()
    assert not starts_a_run(look(new_seller, STOCK))
