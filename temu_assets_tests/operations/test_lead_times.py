"""What counts as a lead time, from when to when, and what the UI makes of it."""

from __future__ import annotations

from datetime import timedelta

import dagster as dg
import pytest

from temu_assets.definitions import defs
from temu_assets.inventory.looking import SEEN_TAG
from temu_assets.sandbox.jtl import ParcelToShip
from temu_assets.toci import lead_times
from temu_assets.toci.lead_times import Leg
from temu_assets.toci.tables import lead_times as table
from temu_assets.toci.tables import temu_orders
from temu_assets_tests.seller import CONFIRM, Seller, failed_checks, metadata_of

BOTTLE = "FLASCHE-750-BL"
MINUTE = timedelta(minutes=1)


def took(seller: Seller, leg: Leg) -> dict[str, int]:
    """Whole minutes by key, as everything here happens minutes apart."""
    return {row.key: row.seconds // 60 for row in seller.rows(table) if row.effect == leg.value}


class TestOrders:
    def test_an_order_counts_from_temus_confirmation_to_jtls_import_table(self, new_seller: Seller) -> None:
        assert new_seller.run().success
        order = new_seller.place()
        new_seller.later += 5 * MINUTE
        assert new_seller.run().success
        assert took(new_seller, Leg.ORDER) == {order: 5}
        assert new_seller.waiting_rows() == 1
        (row,) = new_seller.rows(table)
        assert row.done_at - row.began_at == pytest.approx(timedelta(seconds=row.seconds), abs=timedelta(seconds=1))

    def test_what_was_there_before_the_program_does_not_count(self, new_seller: Seller) -> None:
        new_seller.place()
        new_seller.later += 5 * MINUTE
        assert new_seller.run().success
        assert new_seller.waiting_rows() == 1
        assert took(new_seller, Leg.ORDER) == {}

    def test_what_a_backfill_brings_does_not_count(self, new_seller: Seller) -> None:
        assert new_seller.run().success
        order = new_seller.place()
        new_seller.at_temu(order).updated_at -= 10_000
        assert new_seller.run(backfill=True).success
        assert new_seller.waiting_rows() == 1
        assert took(new_seller, Leg.ORDER) == {}

    def test_a_pending_order_counts_from_when_it_was_paid(self, new_seller: Seller) -> None:
        assert new_seller.run().success
        new_seller.later -= 30 * MINUTE  # it was listed as pending half an hour ago
        order = new_seller.place(pending=True)
        new_seller.at_temu(order).updated_at -= 1800
        assert new_seller.run().success
        assert new_seller.holds() == {order: "pending"}
        new_seller.later += 33 * MINUTE
        new_seller.sandbox.shop.finish_pending(order)
        assert new_seller.run().success
        assert took(new_seller, Leg.ORDER) == {order: 3}

    def test_the_time_an_order_is_held_does_not_count(self, new_seller: Seller) -> None:
        assert new_seller.run().success
        code = next(sku for sku in new_seller.sandbox.shop.state.skus.values() if sku.code == BOTTLE)
        order = new_seller.place()
        with new_seller.sandbox.jtl.transaction() as jtl:
            jtl.execute("UPDATE tArtikel SET nDelete = 1 WHERE cArtNr = ?", (code.code,))
        assert new_seller.run().success
        assert new_seller.holds() == {order: "unknown_article"}
        new_seller.later += 60 * MINUTE
        assert new_seller.run().success
        with new_seller.sandbox.jtl.transaction() as jtl:
            jtl.execute("UPDATE tArtikel SET nDelete = 0 WHERE cArtNr = ?", (code.code,))
        new_seller.later += 2 * MINUTE
        assert new_seller.run().success
        assert took(new_seller, Leg.ORDER) == {order: 2}

    def test_an_outage_counts(self, new_seller: Seller) -> None:
        assert new_seller.run().success
        order = new_seller.place()
        new_seller.sandbox.jtl.go_away()
        assert not new_seller.run().success
        new_seller.sandbox.jtl.come_back()
        new_seller.later += 30 * MINUTE
        assert new_seller.run().success
        assert took(new_seller, Leg.ORDER) == {order: 30}

    def test_an_order_jtl_has_from_elsewhere_does_not_count(self, new_seller: Seller) -> None:
        assert new_seller.run().success
        order = new_seller.place()
        assert new_seller.run().success
        new_seller.sandbox.jtl.run_worker()
        with new_seller.toci.engine.begin() as connection:
            connection.execute(table.delete())
            connection.execute(temu_orders.update().values(exported_at=None))
        assert new_seller.run().success
        assert new_seller.row(order).exported_at is not None
        assert took(new_seller, Leg.ORDER) == {}


class TestParcels:
    def test_a_parcel_counts_from_jtls_sending_to_temus_knowing(self, new_seller: Seller) -> None:
        order = new_seller.place()
        new_seller.run_through()
        (parcel,) = new_seller.sandbox.jtl.ship(order)
        new_seller.later += 4 * MINUTE
        assert new_seller.run("temu_tracking_sync").success
        assert took(new_seller, Leg.PARCEL) == {str(parcel): 4}

    def test_parcels_that_are_told_together_count_from_the_last(self, new_seller: Seller) -> None:
        order = new_seller.place((BOTTLE, 2))
        new_seller.run_through()
        first = new_seller.sandbox.jtl.ship(order, [ParcelToShip(tracking="00340434160000000001", contents={BOTTLE: 1})])
        with new_seller.sandbox.jtl.transaction() as jtl:
            # Ten minutes ago, and still after JTL was given the order.
            jtl.execute("UPDATE tVersand SET dVersendet = datetime(dVersendet, '-10 minutes')")
        with new_seller.toci.engine.begin() as connection:
            connection.execute(temu_orders.update().values(exported_at=new_seller.now() - 20 * MINUTE))
        assert new_seller.run("temu_tracking_sync").success
        assert took(new_seller, Leg.PARCEL) == {}
        last = new_seller.sandbox.jtl.ship(order, [ParcelToShip(tracking="00340434160000000002")])
        new_seller.later += MINUTE
        assert new_seller.run("temu_tracking_sync").success
        assert took(new_seller, Leg.PARCEL) == dict.fromkeys(map(str, [*first, *last]), 1)

    def test_a_late_number_counts_from_when_it_was_seen(self, new_seller: Seller) -> None:
        order = new_seller.place()
        new_seller.run_through()
        (parcel,) = new_seller.sandbox.jtl.ship(order, [ParcelToShip(tracking=None)])
        assert new_seller.run("temu_tracking_sync").success
        new_seller.later += 60 * MINUTE
        new_seller.sandbox.jtl.set_tracking(parcel, "00340434160000000001")
        new_seller.fault("http_status", CONFIRM, status=503, times=9)
        assert not new_seller.run("temu_tracking_sync").success
        new_seller.sandbox.server.faults.clear()
        new_seller.later += 7 * MINUTE
        assert new_seller.run("temu_tracking_sync").success
        assert took(new_seller, Leg.PARCEL) == {str(parcel): 7}

    def test_what_waited_for_a_person_does_not_count_and_neither_does_a_correction(self, new_seller: Seller) -> None:
        order = new_seller.place()
        new_seller.run_through()
        (parcel,) = new_seller.sandbox.jtl.ship(order, [ParcelToShip(method="Spedition Maier", tracking="00340434160000000001")])
        assert new_seller.run("temu_tracking_sync").success
        with new_seller.sandbox.jtl.transaction() as jtl:
            jtl.execute("UPDATE tVersand SET kVersandArt = (SELECT kVersandArt FROM tversandart WHERE cName = 'DHL Paket')")
        assert new_seller.run("temu_tracking_sync").success
        assert len(new_seller.sandbox.shop.packages_of(order)) == 1
        new_seller.sandbox.jtl.set_tracking(parcel, "00340434160000000002")
        assert new_seller.run("temu_tracking_sync").success
        assert new_seller.at_temu_as_sent(order).keys() == {"00340434160000000002"}
        assert took(new_seller, Leg.PARCEL) == {}

    def test_a_parcel_that_left_before_the_program_knew_the_order_does_not_count(self, new_seller: Seller) -> None:
        order = new_seller.place()
        new_seller.run_through()
        new_seller.sandbox.jtl.ship(order)
        with new_seller.toci.engine.begin() as connection:
            connection.execute(temu_orders.update().values(exported_at=new_seller.now() + MINUTE))
        assert new_seller.run("temu_tracking_sync").success
        assert len(new_seller.sandbox.shop.packages_of(order)) == 1
        assert took(new_seller, Leg.PARCEL) == {}


def sku_id(seller: Seller) -> str:
    return next(str(sku.sku_id) for sku in seller.sandbox.shop.state.skus.values() if sku.code == BOTTLE)


def quick(seller: Seller, **tags: str) -> dg.ExecuteInProcessResult:
    job = defs.resolve_job_def("temu_inventory_sync")
    return job.execute_in_process(instance=seller.instance, raise_on_error=False, tags=tags)


class TestStock:
    @pytest.fixture
    def stocked(self, new_seller: Seller) -> Seller:
        assert new_seller.run().success
        assert new_seller.run("temu_inventory_full_sync").success
        assert took(new_seller, Leg.STOCK) == {}, "the first targets changed nothing"
        return new_seller

    def test_a_change_counts_from_when_the_sensor_saw_it_until_temu_shows_it(self, stocked: Seller) -> None:
        stocked.sandbox.jtl.move_stock(BOTTLE, -3)
        seen = stocked.now()
        stocked.later += 2 * MINUTE
        assert quick(stocked, **{SEEN_TAG: seen.isoformat()}).success
        assert took(stocked, Leg.STOCK)[sku_id(stocked)] == 2

    def test_a_run_nobody_told_counts_from_its_own_look(self, stocked: Seller) -> None:
        stocked.sandbox.jtl.move_stock(BOTTLE, -3)
        stocked.later += 5 * MINUTE
        assert quick(stocked, **{SEEN_TAG: (stocked.now() - timedelta(days=1)).isoformat()}).success, "a tag copied by re-executing a run"
        assert took(stocked, Leg.STOCK)[sku_id(stocked)] == 0

    def test_a_change_temu_was_not_reached_for_keeps_its_clock(self, stocked: Seller) -> None:
        stocked.sandbox.jtl.move_stock(BOTTLE, -3)
        stocked.fault("http_status", "bg.local.goods.stock.edit", status=503, times=20)
        assert not quick(stocked).success
        stocked.sandbox.server.faults.clear()
        stocked.later += 9 * MINUTE
        stocked.sandbox.jtl.move_stock(BOTTLE, -1)
        assert quick(stocked).success
        assert took(stocked, Leg.STOCK)[sku_id(stocked)] == 9

    def test_what_temu_refused_does_not_count(self, stocked: Seller) -> None:
        sku = stocked.sandbox.shop.state.skus[int(sku_id(stocked))]
        sku.editable = False
        stocked.sandbox.jtl.move_stock(BOTTLE, -3)
        assert quick(stocked).success
        sku.editable = True
        stocked.later += timedelta(days=2)
        assert quick(stocked).success
        assert sku.stock == sku.previous_stock - 3
        assert sku_id(stocked) not in took(stocked, Leg.STOCK)

    def test_what_the_brake_held_does_not_count(self, stocked: Seller, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("STOCK_BRAKE_MIN_SKUS", "1")
        monkeypatch.setenv("STOCK_BRAKE_ZERO_SHARE", "0")
        stocked.sandbox.jtl.sell_out(BOTTLE)
        assert not quick(stocked).success
        monkeypatch.setenv("STOCK_BRAKE_ZERO_SHARE", "1")
        assert quick(stocked).success
        assert stocked.sandbox.shop.state.skus[int(sku_id(stocked))].stock == 0
        assert sku_id(stocked) not in took(stocked, Leg.STOCK)


class TestFigures:
    def test_they_plot_and_more_than_a_minute_is_told_with_what_to_do(self, new_seller: Seller) -> None:
        assert new_seller.run().success
        with new_seller.toci.engine.begin() as connection:
            for key, seconds, days in (("a", 10, 0), ("b", 20, 0), ("c", 90, 0), ("d", 5, 3)):
                done = new_seller.now() - timedelta(days=days, minutes=1)
                began = {key: done - timedelta(seconds=seconds)}
                lead_times.record(connection, new_seller.toci.shop, Leg.PARCEL, began, done_at=done)
        result = new_seller.run("job_statistics", checks=True)
        assert result.success
        told = metadata_of(result, "lead_times")
        assert {name: told[f"parcel_{name}"] for name in ("count_24h", "p50_seconds_24h", "p95_seconds_24h", "max_seconds_24h")} == {
            "count_24h": 3, "p50_seconds_24h": 20, "p95_seconds_24h": 90, "max_seconds_24h": 90,
        }  # fmt: skip
        assert (told["parcel_count_7d"], told["parcel_p50_seconds_7d"]) == (4, 10)
        assert told["order_count_7d"] == 0
        assert "order_p50_seconds_7d" not in told
        assert "what_happens_is_passed_on_within_a_minute" in failed_checks(result)
        (check,) = [each for each in result.get_asset_check_evaluations() if each.asset_key == dg.AssetKey("lead_times")]
        assert "jtl_parcels_sensor" in (check.description or "")
        assert check.severity is dg.AssetCheckSeverity.WARN


@pytest.mark.parametrize(("seconds", "told"), [(61, 61), (0, 0), (-5, 0)])
def test_clocks_that_differ_make_no_negative_time(new_seller: Seller, seconds: int, told: int) -> None:
    assert new_seller.run().success
    now = new_seller.now()
    with new_seller.toci.engine.begin() as connection:
        began = {"key": now - timedelta(seconds=seconds)}
        lead_times.record(connection, new_seller.toci.shop, Leg.ORDER, began, done_at=now)
        lead_times.record(connection, new_seller.toci.shop, Leg.ORDER, began, done_at=now)
    assert [row.seconds for row in new_seller.rows(table)] == [told]
