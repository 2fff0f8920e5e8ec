"""What JTL's worker and JTL's people can do wrong: it is noticed and told, and no order is handed over a second time."""

from __future__ import annotations

from datetime import timedelta

import pytest

from temu_assets.sql import sqlite
from temu_assets_tests.faults.invariants import recover, require_agreement
from temu_assets_tests.seller import Seller, failed_checks, failure, metadata_of

LATE = timedelta(hours=25)


def test_a_worker_that_stands_still_for_a_day_is_told_and_nothing_is_sent_again(new_seller: Seller) -> None:
    """Fault 18."""
    new_seller.sandbox.jtl.pause_worker()
    orders = [new_seller.place() for _ in range(2)]
    assert new_seller.run().success
    new_seller.later = timedelta(hours=23)
    new_seller.sandbox.jtl.run_worker()
    assert new_seller.run().success
    assert new_seller.problems() == {}
    new_seller.later = LATE
    for checks in (True, False):
        result = new_seller.run(checks=checks)
        assert not checks or "jtl_takes_every_order" in failed_checks(result)
        assert new_seller.problems().keys() == {("not_taken_by_jtl", order) for order in orders}
        assert metadata_of(result, "jtl_order_xml")["waiting_for_jtl"] == 2
        assert new_seller.waiting_rows() == 2

    new_seller.sandbox.jtl.resume_worker()
    new_seller.sandbox.jtl.run_worker()
    recover(new_seller)
    assert new_seller.problems() == {}
    assert [new_seller.in_jtl(order) for order in orders] == [1, 1]


def test_an_order_jtl_refuses_with_a_text_nobody_can_read_is_told_alone(new_seller: Seller) -> None:
    """Fault 18: JTL keeps its reason to itself, so what is told is that it does not take the order, and where to look."""
    good, bad = new_seller.place(), new_seller.place()
    new_seller.sandbox.jtl.refuse(bad, "no such country")
    new_seller.run_through()
    new_seller.later = LATE
    for _ in range(2):
        new_seller.sandbox.jtl.run_worker()
        assert new_seller.run().success
    assert new_seller.sandbox.jtl.rejections() != {}
    assert new_seller.problems().keys() == {("not_taken_by_jtl", bad)}
    assert [new_seller.in_jtl(order) for order in (good, bad)] == [1, 0]
    assert new_seller.waiting_rows() == 1

    new_seller.sandbox.jtl.accept(bad)
    new_seller.sandbox.jtl.run_worker()
    recover(new_seller)
    assert new_seller.problems() == {}
    assert [new_seller.in_jtl(order) for order in (good, bad)] == [1, 1]


@pytest.mark.parametrize("has_been_seen", [False, True], ids=["before we saw it", "after we saw it"])
def test_an_order_somebody_deletes_in_jtl_is_never_sent_again(new_seller: Seller, has_been_seen: bool) -> None:
    """Whoever deleted it meant it, or will enter it by hand: a program that sends it again ships it twice."""
    order = new_seller.place()
    assert new_seller.run().success
    new_seller.sandbox.jtl.run_worker()
    if has_been_seen:
        assert new_seller.run().success
    new_seller.sandbox.jtl.delete(order)
    new_seller.later = LATE
    for _ in range(2):
        assert new_seller.run().success
    assert new_seller.waiting_rows() == 0
    assert new_seller.in_jtl(order) == 0
    if not has_been_seen:
        assert new_seller.problems().keys() == {("not_taken_by_jtl", order)}


def test_a_row_the_worker_makes_two_orders_of_is_told_until_one_is_cancelled(new_seller: Seller) -> None:
    order, other = new_seller.place(), new_seller.place()
    new_seller.sandbox.jtl.import_twice(order)
    new_seller.run_through()
    assert new_seller.in_jtl(order) == 2
    assert new_seller.problems().keys() == {("double_in_jtl", order)}
    new_seller.sandbox.jtl.cancel(order)
    assert new_seller.run().success
    assert new_seller.problems() == {}
    assert new_seller.in_jtl(other) == 1


def test_a_jtl_that_is_away_between_two_runs_costs_nothing(new_seller: Seller) -> None:
    """Fault 9: what JTL did not say is neither "has none" nor "is sold out"."""
    order = new_seller.place()
    assert new_seller.run().success
    assert new_seller.run("temu_inventory_full_sync").success
    shown = {sku.sku_id: sku.stock for sku in new_seller.sandbox.shop.state.skus.values()}
    later = new_seller.place()
    new_seller.sandbox.jtl.go_away()
    for job in ("temu_orders_sync", "temu_tracking_sync", "temu_inventory_sync"):
        message = failure(new_seller.run(job))
        assert "JTL_DATABASE_URL names the file" in message
        assert not new_seller.sandbox.jtl.path.exists()
    sold = {line.sku_id: line.quantity for line in new_seller.at_temu(later).lines}
    assert {sku.sku_id: sku.stock + sold.get(sku.sku_id, 0) for sku in new_seller.sandbox.shop.state.skus.values()} == shown
    new_seller.sandbox.jtl.come_back()
    recover(new_seller)
    assert [new_seller.in_jtl(each) for each in (order, later)] == [1, 1]


def test_a_jtl_somebody_holds_is_red_says_so_and_is_done_by_the_next_run(new_seller: Seller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite, "_WAIT_SECONDS", 0)
    orders = [new_seller.place() for _ in range(2)]
    new_seller.sandbox.jtl.lock()
    message = failure(new_seller.run())
    assert "JTL's database" in message
    assert "is locked by another program" in message
    assert "end what holds it" in message
    new_seller.sandbox.jtl.unlock()
    recover(new_seller)
    require_agreement(new_seller)
    assert [new_seller.in_jtl(order) for order in orders] == [1, 1]
