"""Runs that may not take long, of a shop that is slow: each is green, within its time, and gets on; in the end all is done."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import dagster as dg
import pytest

from temu_assets import stage
from temu_assets.inventory import sending
from temu_assets.orders import handing_over
from temu_assets.orders.handing_over import ImportTable
from temu_assets.run_origin import MAX_RUNTIME_TAG
from temu_assets.sandbox.book_orders import order_objections
from temu_assets.sandbox.book_parcels import parcel_objections
from temu_assets.sandbox.book_stock import stock_objections
from temu_assets.sandbox.jtl import ParcelToShip
from temu_assets.snapshots import SnapshotKind, not_ingested
from temu_assets.temu.exchange import Exchange
from temu_assets_tests.seller import ADDRESS, WITHOUT_CHECKS, Seller

THREADS = 4
MOST_RUNS = 30


@pytest.fixture
def slow(new_seller: Seller, monkeypatch: pytest.MonkeyPatch) -> Seller:
    """Every call to TEMU takes a second of our clock, several at once as long as one, and none of anybody's life."""
    genuine, lock = Exchange.send, threading.Lock()

    def send(*arguments: Any) -> object:
        with lock:
            new_seller.later += timedelta(seconds=1 / THREADS)
        return genuine(*arguments)

    monkeypatch.setattr(Exchange, "send", send)
    monkeypatch.setenv("TEMU_CONCURRENCY", str(THREADS))
    return new_seller


def short_run(seller: Seller, job: str = "temu_orders_sync", *, seconds: float, only: tuple[str, ...] = ()) -> dg.ExecuteInProcessResult:
    """A triggered run: green, and as long as it may take; what was begun when the time was up is brought to its end."""
    began = seller.later
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(stage, "_elapsed", lambda _: seller.later - began)
        result = _run(seller, job, seconds, only)
    assert result.success
    assert seller.later - began <= timedelta(seconds=seconds)
    return result


def _run(seller: Seller, job: str, seconds: float, only: tuple[str, ...]) -> dg.ExecuteInProcessResult:
    return WITHOUT_CHECKS.resolve_job_def(job).execute_in_process(
        instance=seller.instance,
        tags={MAX_RUNTIME_TAG: str(seconds)},
        raise_on_error=False,
        asset_selection=[dg.AssetKey(name) for name in only] or None,
    )


def said(result: dg.ExecuteInProcessResult, asset: str) -> dict[str, Any]:
    """What a stage said, also one of several assets."""
    (event,) = (event for event in result.all_events if event.is_step_materialization and event.asset_key == dg.AssetKey(asset))
    return {name: value.value for name, value in event.materialization.metadata.items()}


def until_all_is_done(run: Callable[[], int]) -> list[int]:
    """What waited after each run: less each time, and nothing in the end."""
    waited: list[int] = []
    while not waited or waited[-1]:
        waited.append(run())
        assert len(waited) == 1 or waited[-1] < waited[-2]
        assert len(waited) < MOST_RUNS
    return waited


def test_orders_are_fetched_and_handed_over_bit_by_bit(slow: Seller) -> None:
    orders = {slow.place() for _ in range(40)}

    def run() -> int:
        result = short_run(slow, seconds=16)
        # What was fetched goes on to JTL in the same run.
        fetched = {entry.params["parentOrderSn"] for entry in slow.sandbox.server.journal.entries(ADDRESS)}
        assert slow.waiting_rows() >= len(fetched) - THREADS
        return int(said(result, "raw_orders")["details_waiting"])

    assert len(until_all_is_done(run)) > 2
    short_run(slow, seconds=16)
    assert slow.waiting_rows() == len(orders)
    slow.sandbox.jtl.run_worker()
    assert order_objections(slow.sandbox.shop, slow.sandbox.jtl) == []


def test_a_first_run_after_a_long_pause_hands_over_in_batches(slow: Seller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(handing_over, "BATCH", 5)
    genuine = ImportTable.deliver

    def deliver(self: ImportTable, xml_by_order: Mapping[str, str], may_go_on: Callable[[], None]) -> dict[str, str]:
        slow.later += timedelta(seconds=10)
        return genuine(self, xml_by_order, may_go_on)

    monkeypatch.setattr(ImportTable, "deliver", deliver)
    for _ in range(30):
        slow.place()
    result = WITHOUT_CHECKS.resolve_job_def("temu_orders_sync").execute_in_process(
        instance=slow.instance,
        op_selection=None,
        asset_selection=[dg.AssetKey(name) for name in ("raw_orders", "temu_orders", "temu_order_items")],
    )
    assert result.success
    waited = until_all_is_done(lambda: int(said(short_run(slow, seconds=40), "jtl_order_xml")["waiting_for_next_run"]))
    assert waited[0] > 5
    slow.sandbox.jtl.run_worker()
    assert order_objections(slow.sandbox.shop, slow.sandbox.jtl) == []


def test_parcels_are_reported_bit_by_bit_each_once(slow: Seller) -> None:
    orders = [slow.place() for _ in range(30)]
    slow.run_through()
    for number, order in enumerate(orders):
        slow.sandbox.jtl.ship(order, [ParcelToShip(tracking=f"0034043417700000{number:04d}")])
    slow.calls()
    waited = until_all_is_done(
        lambda: int(said(short_run(slow, "temu_tracking_sync", seconds=14), "tracking_upload")["waiting_for_next_run"])
    )
    assert len(waited) > 1
    assert slow.calls()["bg.logistics.shipment.v2.confirm"] == len(orders)
    assert parcel_objections(slow.sandbox.shop, slow.sandbox.jtl) == []


def test_parcels_that_changed_have_their_turn_beside_many_new_ones(slow: Seller) -> None:
    first = slow.place()
    slow.run_through()
    (parcel,) = slow.sandbox.jtl.ship(first, [ParcelToShip(tracking="00340434177000000001")])
    assert slow.run().success
    slow.sandbox.jtl.set_tracking(parcel, "00340434177000000009")
    orders = [slow.place() for _ in range(12)]
    slow.run_through()
    for number, order in enumerate(orders):
        slow.sandbox.jtl.ship(order, [ParcelToShip(tracking=f"0034043417700010{number:04d}")])
    result = short_run(slow, "temu_tracking_sync", seconds=6.5)
    assert said(result, "tracking_upload")["waiting_for_next_run"] > 0
    assert slow.at_temu_as_sent(first).keys() == {"00340434177000000009"}


def test_stock_is_set_bit_by_bit_what_lowers_an_offer_first(slow: Seller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending, "GOODS_PER_BATCH", 5)

    def run() -> int:
        return int(said(short_run(slow, "temu_inventory_full_sync", seconds=20), "stock_deltas")["waiting_for_next_run"])

    waited = until_all_is_done(run)
    assert len(waited) > 1
    assert stock_objections(slow.sandbox.shop, slow.sandbox.jtl) == []


def test_a_listing_longer_than_a_run_is_read_on_by_the_next(slow: Seller) -> None:
    """At least a page a run; what is gone from TEMU shows only in a reading from end to end."""

    def run(seconds: int) -> tuple[dict[str, Any], int]:
        result = short_run(slow, "temu_inventory_full_sync", seconds=seconds, only=("raw_skus", "temu_products"))
        return said(result, "raw_skus"), said(result, "temu_products")["dagster/row_count"]

    first, some = run(1)
    assert first["waits_for_next_run"].startswith("the lists from page ")
    second, more = run(3)
    assert (second["is_complete"], second["waits_for_next_run"]) == (False, "")
    whole, all_of_them = run(100)
    assert whole["is_complete"]
    assert some < more == all_of_them == len(slow.sandbox.shop.state.skus)


def test_answers_wait_and_lists_do_not(slow: Seller, monkeypatch: pytest.MonkeyPatch) -> None:
    """What leaves the house rests on the lists; an order whose address waits is held, and goes with the next run."""
    monkeypatch.setattr("temu_assets.orders.asking._BATCH", 3)
    for _ in range(12):
        slow.place()
    definition = WITHOUT_CHECKS.resolve_job_def("temu_orders_sync")
    only = [dg.AssetKey("raw_orders")]
    assert definition.execute_in_process(instance=slow.instance, asset_selection=only).success
    for _ in range(2):
        files = slow.toci.read(lambda connection: not_ingested(connection, slow.toci.shop, SnapshotKind.ORDERS))
        result = short_run(slow, seconds=4)
        ingested = said(result, "temu_orders")
        assert ingested["snapshots"] >= 1
        assert ingested["waiting_for_next_run"] + ingested["snapshots"] >= len(files)
    assert not [
        file
        for file in slow.toci.read(lambda connection: not_ingested(connection, slow.toci.shop, SnapshotKind.ORDERS))
        if file.content.value == "listing"
    ]
