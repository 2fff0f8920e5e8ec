"""The sensors that look into JTL: a run only for news, one run for the same news, and an outage is not "nothing new"."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from sqlalchemy import Engine, event

from temu_assets import connections
from temu_assets.automation import jtl_sensors, pace
from temu_assets.automation.jtl_sensors import build_jtl_sensors
from temu_assets.automation.sensors import build_orders_sensor
from temu_assets.automation.triggers import ALL_ON
from temu_assets.inventory.looking import SEEN_TAG
from temu_assets.sandbox.jtl import ParcelToShip
from temu_assets_tests.automation.outcomes import starts_a_run
from temu_assets_tests.databases import toci_is_a_file
from temu_assets_tests.seller import CONFIRM, CORRECT, LIST, WITHOUT_CHECKS, Seller

PARCELS, STOCK = build_jtl_sensors(ALL_ON)
ORDERS = build_orders_sensor(ALL_ON)
BOTTLE, SET = "FLASCHE-750-BL", "LED-SET-GRUEN"


def look(seller: Seller, sensor: dg.SensorDefinition, cursor: str | None = None) -> dg.SensorResult | dg.SkipReason:
    found = sensor(dg.build_sensor_context(instance=seller.instance, cursor=cursor))
    assert isinstance(found, dg.SensorResult | dg.SkipReason)
    return found


def cursor_of(found: dg.SensorResult | dg.SkipReason) -> str | None:
    assert isinstance(found, dg.SensorResult)
    return found.cursor


def sent(seller: Seller, *parcels: ParcelToShip) -> tuple[str, list[int]]:
    """An order JTL has, of which it has just sent parcels; no tracking run has seen them."""
    order = seller.place((BOTTLE, 2))
    seller.run_through()
    assert not starts_a_run(look(seller, PARCELS))
    return order, seller.sandbox.jtl.ship(order, parcels)


def stocked(seller: Seller) -> None:
    """TEMU's listing is known and TEMU shows JTL's stock, of which JTL's own sums are up to date."""
    seller.sandbox.jtl.move_stock(BOTTLE, 0)
    assert seller.run().success
    assert seller.run("temu_inventory_full_sync").success
    assert not starts_a_run(look(seller, STOCK))


class TestParcels:
    def test_before_the_first_run_jtl_is_not_asked(self, new_seller: Seller) -> None:
        new_seller.sandbox.jtl.go_away()
        # The file is not even opened before it is needed, and then its absence is told.
        with pytest.raises(dg.Failure, match="does not exist"):
            look(new_seller, PARCELS)
        new_seller.sandbox.jtl.come_back()
        assert not starts_a_run(look(new_seller, PARCELS))

    def test_a_parcel_that_left_starts_one_run_and_that_run_tells_temu(self, new_seller: Seller) -> None:
        order, _ = sent(new_seller)
        found = look(new_seller, PARCELS)
        assert starts_a_run(found)
        assert "did not take it in" in str(look(new_seller, PARCELS, cursor_of(found)))
        assert new_seller.run("temu_tracking_sync").success
        assert len(new_seller.sandbox.shop.packages_of(order)) == 1
        assert not starts_a_run(look(new_seller, PARCELS, cursor_of(found)))

    def test_a_packed_parcel_is_no_news_until_it_leaves(self, new_seller: Seller) -> None:
        _, (parcel,) = sent(new_seller, ParcelToShip(tracking="00340434160000000001", sent=False))
        assert not starts_a_run(look(new_seller, PARCELS))
        new_seller.sandbox.jtl.send(parcel)
        assert starts_a_run(look(new_seller, PARCELS))

    def test_a_number_that_comes_late_starts_a_run(self, new_seller: Seller) -> None:
        order, (parcel,) = sent(new_seller, ParcelToShip(tracking=None))
        assert new_seller.run("temu_tracking_sync").success
        assert not starts_a_run(look(new_seller, PARCELS))
        new_seller.sandbox.jtl.set_tracking(parcel, "00340434160000000001")
        assert starts_a_run(look(new_seller, PARCELS))
        assert new_seller.run("temu_tracking_sync").success
        assert new_seller.at_temu_as_sent(order).keys() == {"00340434160000000001"}

    @pytest.mark.parametrize("is_listed_as_shipped", [False, True])
    def test_a_number_that_is_corrected_after_temu_was_told_starts_a_run(self, new_seller: Seller, is_listed_as_shipped: bool) -> None:
        order, (parcel,) = sent(new_seller)
        assert new_seller.run("temu_tracking_sync").success
        if is_listed_as_shipped:
            assert new_seller.run().success
        assert not starts_a_run(look(new_seller, PARCELS))
        new_seller.sandbox.jtl.set_tracking(parcel, "00340434160000000002")
        assert starts_a_run(look(new_seller, PARCELS))
        new_seller.calls()
        assert new_seller.run("temu_tracking_sync").success
        assert new_seller.calls()[CORRECT] == 1
        assert new_seller.at_temu_as_sent(order).keys() == {"00340434160000000002"}
        assert not starts_a_run(look(new_seller, PARCELS))

    def test_what_a_run_could_not_tell_is_tried_again_ever_more_seldom(self, new_seller: Seller) -> None:
        sent(new_seller)
        new_seller.fault("http_status", CONFIRM, status=503, times=9)
        assert not new_seller.run("temu_tracking_sync").success
        cursor = None
        for wait in (0, 300, 600, 1200, 2400, 3600, 3600):
            new_seller.later += timedelta(seconds=wait - 2)
            if cursor is not None:
                assert not starts_a_run(look(new_seller, PARCELS, cursor))
            new_seller.later += timedelta(seconds=3)
            found = look(new_seller, PARCELS, cursor)
            assert starts_a_run(found)
            cursor = cursor_of(found)

    def test_a_parcel_a_run_saw_and_did_not_get_to_is_news(self, new_seller: Seller) -> None:
        sent(new_seller)
        whole = WITHOUT_CHECKS.resolve_implicit_global_asset_job_def()
        assert whole.execute_in_process(instance=new_seller.instance, asset_selection=[dg.AssetKey("order_tracking")]).success
        assert starts_a_run(look(new_seller, PARCELS))
        assert new_seller.run("temu_tracking_sync").success
        assert not starts_a_run(look(new_seller, PARCELS))

    def test_a_parcel_that_waits_for_the_rest_of_its_order_starts_nothing(self, new_seller: Seller) -> None:
        sent(new_seller, ParcelToShip(tracking="00340434160000000001", contents={BOTTLE: 1}))
        assert new_seller.run("temu_tracking_sync").success
        assert not starts_a_run(look(new_seller, PARCELS))

    def test_a_parcel_that_waits_for_a_person_starts_nothing(self, new_seller: Seller) -> None:
        sent(new_seller, ParcelToShip(method="Spedition Maier", tracking="1"))
        assert new_seller.run("temu_tracking_sync").success
        assert {kind for kind, _ in new_seller.problems()} == {"carrier_not_mapped"}
        assert not starts_a_run(look(new_seller, PARCELS))

    @pytest.mark.parametrize("job", ["temu_tracking_sync", "temu_orders_sync"])
    def test_while_a_run_that_reads_parcels_is_under_way_jtl_is_not_asked(self, new_seller: Seller, job: str) -> None:
        sent(new_seller)
        new_seller.sandbox.jtl.go_away()
        new_seller.instance.add_run(dg.DagsterRun(job_name=job, status=dg.DagsterRunStatus.STARTED))
        assert "under way" in str(look(new_seller, PARCELS))

    def test_an_outage_is_a_failed_look_and_not_nothing_new(self, new_seller: Seller) -> None:
        sent(new_seller)
        with new_seller.sandbox.jtl.transaction() as jtl:
            jtl.execute("ALTER TABLE tVersand RENAME TO tVersandWeg")
        with pytest.raises(dg.Failure, match=r"JTL's database .* does not have what was asked for"):
            look(new_seller, PARCELS)


class TestStock:
    def test_before_the_listing_was_read_there_is_nothing_to_look_for(self, new_seller: Seller) -> None:
        assert not starts_a_run(look(new_seller, STOCK))
        assert new_seller.calls() == {}

    def test_a_changed_stock_starts_one_run_that_knows_when_it_was_seen(self, new_seller: Seller) -> None:
        stocked(new_seller)
        new_seller.calls()
        new_seller.sandbox.jtl.move_stock(BOTTLE, -3)
        before = new_seller.now()
        found = look(new_seller, STOCK)
        assert isinstance(found, dg.SensorResult)
        assert starts_a_run(found)
        (request,) = found.run_requests or ()
        assert before <= datetime.fromisoformat(request.tags[SEEN_TAG]) <= new_seller.now()
        assert not starts_a_run(look(new_seller, STOCK, found.cursor))
        assert new_seller.calls() == {}, "a look asks TEMU nothing"
        assert new_seller.run("temu_inventory_sync").success
        assert not starts_a_run(look(new_seller, STOCK, found.cursor))

    def test_a_long_listing_is_looked_at_less_often(self, new_seller: Seller, monkeypatch: pytest.MonkeyPatch) -> None:
        """A look at 50,000 articles takes too long to be taken four times a minute."""
        stocked(new_seller)
        moment = [0.0]
        monkeypatch.setattr(pace, "ARTICLES_A_STEP", 1)
        monkeypatch.setattr(jtl_sensors, "Pace", partial(pace.Pace, clock=lambda: moment[0]))
        _, sensor = build_jtl_sensors(ALL_ON)
        assert not starts_a_run(look(new_seller, sensor))
        new_seller.sandbox.jtl.move_stock(BOTTLE, -3)
        moment[0] = 30
        found = look(new_seller, sensor)
        assert isinstance(found, dg.SkipReason)
        assert "articles is in about 30 s" in str(found.skip_message)
        moment[0] = 60
        assert starts_a_run(look(new_seller, sensor))

    def test_a_part_of_a_set_changes_the_set(self, new_seller: Seller) -> None:
        stocked(new_seller)
        jtl = new_seller.sandbox.jtl
        sets = jtl.rows(
            "SELECT h.cArtNr, k.cArtNr FROM tArtikel AS h JOIN tStueckliste AS s ON s.kStueckliste = h.kStueckliste"
            " JOIN tArtikel AS k ON k.kArtikel = s.kArtikel"
        )
        listed = {sku.code for sku in new_seller.sandbox.shop.state.skus.values()}
        part = next(part for head, part in sets if head in listed)
        jtl.set_stock(part, 1)
        assert starts_a_run(look(new_seller, STOCK))

    def test_an_order_of_another_channel_reserves_pieces(self, new_seller: Seller) -> None:
        stocked(new_seller)
        jtl = new_seller.sandbox.jtl
        with jtl.transaction() as connection:
            connection.execute("UPDATE tlagerbestand SET fInAuftraegen = fInAuftraegen + 2, fVerfuegbar = fVerfuegbar - 2 WHERE kArtikel ="
                               " (SELECT kArtikel FROM tArtikel WHERE cArtNr = ?)", (BOTTLE,))  # fmt: skip
        assert starts_a_run(look(new_seller, STOCK))

    def test_a_temu_order_on_its_way_into_jtl_is_no_change(self, new_seller: Seller) -> None:
        """What JTL reserves for it was subtracted before."""
        stocked(new_seller)
        new_seller.place((BOTTLE, 2))
        assert new_seller.run().success
        assert new_seller.run("temu_inventory_sync").success
        assert not starts_a_run(look(new_seller, STOCK))
        new_seller.sandbox.jtl.run_worker()
        assert not starts_a_run(look(new_seller, STOCK))

    def test_stock_of_an_article_temu_does_not_list_is_nobodys_business(self, new_seller: Seller) -> None:
        stocked(new_seller)
        jtl = new_seller.sandbox.jtl
        with jtl.transaction() as connection:
            connection.execute("INSERT INTO tArtikel (kArtikel, cArtNr) VALUES (99001, 'NUR-IM-LADEN')")
            connection.execute("INSERT INTO tlagerbestand (kArtikel, fVerfuegbar) VALUES (99001, 5)")
        assert not starts_a_run(look(new_seller, STOCK))

    def test_the_same_change_again_after_it_was_taken_in_is_news(self, new_seller: Seller) -> None:
        stocked(new_seller)
        new_seller.sandbox.jtl.move_stock(BOTTLE, -3)
        cursor = cursor_of(look(new_seller, STOCK))
        assert new_seller.run("temu_inventory_sync").success
        cursor = cursor_of(look(new_seller, STOCK, cursor))
        new_seller.sandbox.jtl.move_stock(BOTTLE, 3)
        assert new_seller.run("temu_inventory_sync").success
        new_seller.sandbox.jtl.move_stock(BOTTLE, -3)
        assert starts_a_run(look(new_seller, STOCK, cursor))

    @pytest.mark.parametrize("job", ["temu_inventory_sync", "temu_inventory_full_sync"])
    def test_while_a_stock_run_is_under_way_jtl_is_not_asked(self, new_seller: Seller, job: str) -> None:
        stocked(new_seller)
        new_seller.sandbox.jtl.go_away()
        new_seller.instance.add_run(dg.DagsterRun(job_name=job, status=dg.DagsterRunStatus.STARTED))
        assert "under way" in str(look(new_seller, STOCK))

    def test_an_outage_is_a_failed_look_and_an_empty_stock_table_no_sell_out(self, new_seller: Seller) -> None:
        stocked(new_seller)
        new_seller.sandbox.jtl.go_away()
        with pytest.raises(dg.Failure, match="does not exist"):
            look(new_seller, STOCK)
        new_seller.sandbox.jtl.come_back()
        with new_seller.sandbox.jtl.transaction() as jtl:
            jtl.execute("DELETE FROM tlagerbestand")
        with pytest.raises(dg.Failure, match="not taken for 'sold out'"):
            look(new_seller, STOCK)


def test_a_look_whose_time_is_up_is_broken_off_before_dagster_gives_it_up(new_seller: Seller, monkeypatch: pytest.MonkeyPatch) -> None:
    stocked(new_seller)
    monkeypatch.setattr(connections, "LOOK_SECONDS", -1.0)
    for sensor in (ORDERS, PARCELS, STOCK):
        with pytest.raises(dg.Failure, match="look was broken off"):
            look(new_seller, sensor)


def test_neither_look_asks_temu(new_seller: Seller) -> None:
    stocked(new_seller)
    new_seller.calls()
    look(new_seller, PARCELS)
    look(new_seller, STOCK)
    assert new_seller.calls()[LIST] == 0


def statements(seller: Seller, sensor: dg.SensorDefinition) -> tuple[int, int]:
    """How many a look sends to JTL and to our database, after the first look of the process."""
    look(seller, sensor)
    sent: Counter[str] = Counter()

    def note(connection: Any, _cursor: object, statement: str, *_: object) -> None:
        if not statement.startswith(("BEGIN", "PRAGMA")):
            sent["jtl" if "jtl.db" in str(connection.engine.url) else "toci"] += 1

    event.listen(Engine, "before_cursor_execute", note)
    look(seller, sensor)
    event.remove(Engine, "before_cursor_execute", note)
    return sent["jtl"], sent["toci"]


@toci_is_a_file  # what is sent is the same everywhere, but for what each server is told beside it
def test_looks_cost_what_the_page_says(new_seller: Seller) -> None:
    stocked(new_seller)
    assert statements(new_seller, PARCELS)[0] == 0
    assert statements(new_seller, STOCK)[0] == 1
    sent(new_seller)
    assert new_seller.run().success
    assert new_seller.run().success
    new_seller.place()
    new_seller.run_through()
    (parcels_jtl, parcels_ours), (stock_jtl, stock_ours) = statements(new_seller, PARCELS), statements(new_seller, STOCK)
    page = (Path(__file__).parents[2] / "docs" / "triggers.md").read_text(encoding="utf-8")
    assert f"| `jtl_parcels_sensor` | {parcels_jtl} | {parcels_ours} | none |" in page
    assert f"| `jtl_stock_sensor` | {stock_jtl} | {stock_ours} | none |" in page
    orders_jtl, orders_ours = statements(new_seller, ORDERS)
    assert orders_jtl == 0
    assert f"| `temu_orders_sensor` | none | {orders_ours} | 1 |" in page
    new_seller.place()
    assert new_seller.run().success
    assert statements(new_seller, STOCK)[0] == stock_jtl + 1, "an order on its way into JTL is looked for there"
