"""A day of a shop, each step looked at in a dry run first: nothing moves, and the real run then does exactly what was shown."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest

from temu_assets.inventory.sending import Channel
from temu_assets.orders.handing_over import HandingOver, ImportFolder, ImportTable
from temu_assets.orders.reporting import Reporting
from temu_assets.sandbox.jtl import ParcelToShip
from temu_assets.temu.goods import EDIT_STOCK
from temu_assets.toci.outbox import Effect
from temu_assets_tests.dry_run.looking import dry_run, shown_by, table
from temu_assets_tests.orders.test_hand_over import _before_done
from temu_assets_tests.orders.test_restored import backup, restore
from temu_assets_tests.seller import WITHOUT_CHECKS, Seller, failure, metadata_of

TRACKING = "temu_tracking_sync"
QUICK, FULL = "temu_inventory_sync", "temu_inventory_full_sync"


def packages(seller: Seller) -> set[tuple[str, int, str]]:
    """What TEMU knows of parcels: order, carrier, number."""
    with seller.sandbox.shop.lock:
        return {
            (content.parent_sn, package.carrier_id, package.tracking_number)
            for package in seller.sandbox.shop.state.packages.values()
            for content in package.contents
        }


def would_be(shown: dict[str, Any], what: str) -> set[tuple[str, int, str]]:
    return {
        (row["order"], row["carrier id"], row["tracking number"])
        for row in table(shown["tracking_upload"], "parcels")
        if row["would be"] == what
    }


def edits(seller: Seller) -> dict[str, int]:
    """What TEMU was told of stock since the journal was cleared, by SKU id; each SKU once."""
    found: dict[str, int] = {}
    for entry in seller.sandbox.server.journal.entries(EDIT_STOCK):
        for target in entry.params["skuStockTargetList"]:
            assert str(target["skuId"]) not in found
            found[str(target["skuId"])] = target["stockTarget"]
    return found


def would_be_set(shown: dict[str, Any], *, brake: str = "") -> dict[str, int]:
    return {row["SKU id"]: row["target"] for row in table(shown["stock_deltas"], "skus") if row["brake"] == brake}


def test_orders_go_as_shown(seller: Seller) -> None:
    """The whole seeded shop with every special order: held, found in JTL, without prices, in other countries."""
    shown = dry_run(seller)["jtl_order_xml"]
    previewed = {row["order"] for row in table(shown, "orders")}
    files = {path.stem: path.read_text() for path in Path(shown["xml_folder"]).glob("*.xml")}
    assert files.keys() == previewed
    assert len(previewed) == shown["would_be_handed_over"] > 50
    assert next(iter(shown)) == "dry_run"
    assert shown["dry_run"] is True

    result = seller.run()
    assert result.success
    rows = seller.sandbox.jtl.rows("SELECT cText FROM tXMLBestellImport ORDER BY kXMLBestellImport")
    assert sorted(row[0] for row in rows) == sorted(files.values())
    done = metadata_of(result, "jtl_order_xml")
    for mine, real in {"would_be_handed_over": "exported", "found_in_jtl_already": "found_in_jtl_already", "wrong": "parked"}.items():
        assert shown[mine] == done[real], mine
    assert shown["held_by_reason"] == done["held_by_reason"]
    assert {row["order"] for row in table(shown, "in_jtl")} == seller.outbox(Effect.JTL_ORDER).keys() - previewed

    # Once handed over, they are shown as that: nothing is left to go.
    again = dry_run(seller)["jtl_order_xml"]
    assert (again["would_be_handed_over"], again["found_in_jtl_already"]) == (0, 0)


def test_what_the_order_is_worth_is_shown_and_its_buyer_is_not(new_seller: Seller) -> None:
    order = new_seller.place(("FLASCHE-750-BL", 2), ("DECKEL-SW", 1))
    shown = dry_run(new_seller)["jtl_order_xml"]
    (row,) = table(shown, "orders")
    assert new_seller.run().success
    new_seller.sandbox.jtl.run_worker()
    ((total,),) = new_seller.sandbox.jtl.rows(
        "SELECT ROUND(SUM(p.fAnzahl * p.fVkNetto * (1 + p.fMwSt / 100.0)), 2) FROM tAuftragPosition AS p"
        " JOIN tAuftrag AS a USING (kAuftrag) WHERE a.cExterneAuftragsnummer = ?",
        (order,),
    )
    assert row["order"] == order
    assert float(row["total"]) == pytest.approx(total, abs=0.02)
    assert "<cArtNr>FLASCHE-750-BL</cArtNr>" in shown["xml"]
    address = new_seller.at_temu(order).address
    assert address.street.split()[0] not in shown["xml"]
    assert address.name.split()[-1] not in shown["xml"]


def test_files_for_import_by_hand_go_as_shown(new_seller: Seller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JTL_ORDER_DELIVERY", "file")
    first = new_seller.place()
    assert new_seller.run().success
    second = new_seller.place()
    shown = dry_run(new_seller)["jtl_order_xml"]
    assert {row["order"] for row in table(shown, "orders")} == {second}
    previewed = {path.name: path.read_bytes() for path in Path(shown["xml_folder"]).iterdir()}
    assert new_seller.run().success
    written = {path.name: path.read_bytes() for path in (new_seller.data / "temu/xml").iterdir()}
    assert written == previewed | {f"{first}.xml": written[f"{first}.xml"]}


@pytest.mark.parametrize("partial", ["false", "true"])
def test_parcels_are_told_as_shown(new_seller: Seller, monkeypatch: pytest.MonkeyPatch, partial: str) -> None:
    monkeypatch.setenv("TEMU_PARTIAL_SHIPMENTS", partial)
    orders = [new_seller.place(("FLASCHE-750-BL", 2), ("DECKEL-SW", 1)) for _ in range(7)]
    new_seller.run_through()
    ship = new_seller.sandbox.jtl.ship
    one, split, half, together, also_together, unmapped, without = orders
    (parcel,) = ship(one, [ParcelToShip(tracking="00340434177000000001")])
    ship(
        split, [ParcelToShip(tracking="00340434177000000002", contents={"FLASCHE-750-BL": 1}), ParcelToShip("DPD Paket", "09981000000003")]
    )
    ship(half, [ParcelToShip(tracking="00340434177000000004", contents={"DECKEL-SW": 1})])
    for order in (together, also_together):
        ship(order, [ParcelToShip(tracking="00340434177000000005")])
    (method,) = [
        row[0] for row in new_seller.sandbox.jtl.rows("SELECT cName FROM tversandart WHERE cName LIKE 'Spedition%' OR cName LIKE 'Abhol%'")
    ][:1]
    ship(unmapped, [ParcelToShip(method, "4711000")])
    ship(without, [ParcelToShip(tracking=None)])

    shown = dry_run(new_seller, TRACKING)
    before = packages(new_seller)
    result = new_seller.run(TRACKING)
    assert result.success
    told = would_be(shown, "confirmed at TEMU")
    assert packages(new_seller) - before == told
    assert {order for order, _, _ in told} == {one, split, together, also_together} | ({half} if partial == "true" else set())
    (parked,) = table(shown["tracking_upload"], "parked_because")
    assert parked["reason"] == new_seller.problems()["carrier_not_mapped", parked["parcel or order"]]
    assert shown["tracking_upload"]["parked"] == metadata_of(result, "tracking_upload")["parked"] == 1
    assert shown["tracking_upload"]["waiting"] == metadata_of(result, "tracking_upload")["waiting"] - 1

    new_seller.sandbox.jtl.set_tracking(parcel, "00340434177000000009")
    shown = dry_run(new_seller, TRACKING)
    assert {(order, number) for order, _, number in would_be(shown, "corrected at TEMU")} == {(one, "00340434177000000009")}
    assert would_be(shown, "confirmed at TEMU") == set()
    before = packages(new_seller)
    assert new_seller.run(TRACKING).success
    assert packages(new_seller) - before == would_be(shown, "corrected at TEMU")
    assert dry_run(new_seller, TRACKING)["tracking_upload"]["would_be_corrected"] == 0


def test_what_temu_knows_already_is_shown_as_that(new_seller: Seller) -> None:
    """A restored backup from before TEMU was told: the real run finds the shipment, and so does the dry one."""
    order = new_seller.place()
    new_seller.run_through()
    new_seller.sandbox.jtl.ship(order, [ParcelToShip(tracking="00340434177000000001")])
    before = backup(new_seller)
    assert new_seller.run(TRACKING).success
    restore(new_seller, before)
    shown = dry_run(new_seller, TRACKING)
    assert {(order, number) for order, _, number in would_be(shown, "found at TEMU already")} == {(order, "00340434177000000001")}
    assert shown["tracking_upload"]["would_be_confirmed"] == 0
    result = new_seller.run(TRACKING)
    assert metadata_of(result, "tracking_upload")["found_at_temu_already"] == 1


def test_stock_is_set_as_shown_and_the_brake_holds_what_was_shown(seller: Seller) -> None:
    assert seller.run().success
    shown = dry_run(seller, FULL)
    seller.sandbox.server.journal.clear()
    assert seller.run(QUICK).success
    assert edits(seller) == would_be_set(shown)
    assert len(edits(seller)) > 50

    # A wrong warehouse: a third of the shop is empty, some of the rest has moved.
    rng = random.Random(5)
    codes = sorted(
        {row["SKU"] for row in table(shown["stock_deltas"], "skus") if row["target"] and row["SKU"] not in ("SET-KUECHE", "AUFKLEBER")}
    )
    emptied = codes[: len(codes) * 2 // 3]
    for code in emptied:
        seller.sandbox.jtl.sell_out(code)
    for code in codes[len(emptied) :]:
        seller.sandbox.jtl.move_stock(code, rng.choice((-1, 2)))
    shown = dry_run(seller, QUICK)
    held = would_be_set(shown, brake="held back")
    assert shown["stock_deltas"]["held_by_brake"] == len(held) > 30
    assert set(held.values()) == {0}
    seller.sandbox.server.journal.clear()
    assert "held back" in failure(seller.run(QUICK))
    assert edits(seller) == would_be_set(shown)

    # A person releases it, in a dry run first.
    shown = dry_run(seller, QUICK, ops={"stock_deltas": {"dry_run": True, "release_brake": True}})
    seller.sandbox.server.journal.clear()
    config = {"ops": {"stock_deltas": {"config": {"release_brake": True}}}}
    assert WITHOUT_CHECKS.resolve_job_def(QUICK).execute_in_process(instance=seller.instance, run_config=config).success
    assert edits(seller) == would_be_set(shown) == held


def test_each_figure_is_shown_with_what_temu_shows_now_and_its_sum(seller: Seller) -> None:
    assert seller.run(FULL).success
    seller.sandbox.jtl.sell_out("DECKEL-BL")
    seller.sandbox.jtl.move_stock("FLASCHE-750-BL", 5)
    at_temu = {sku.code: sku.stock for sku in seller.sandbox.shop.state.skus.values()}
    shown = dry_run(seller, QUICK)["stock_deltas"]
    rows = {row["SKU"]: row for row in table(shown, "skus")}
    assert [(code, row["change"]) for code, row in rows.items()] == [("DECKEL-BL", "zero"), ("FLASCHE-750-BL", "increase")]
    assert all(row["TEMU shows"] == at_temu[code] for code, row in rows.items())
    assert rows["FLASCHE-750-BL"]["reason"].endswith(f"= {rows['FLASCHE-750-BL']['target']}")
    assert shown["by_change"] == {"zero": 1, "increase": 1}


def test_with_the_setting_every_run_is_dry_and_its_assets_stay_as_old_as_they_are(
    new_seller: Seller, monkeypatch: pytest.MonkeyPatch
) -> None:
    new_seller.place()
    monkeypatch.setenv("TEMU_DRY_RUN", "1")
    result = new_seller.run(checks=True)
    assert result.success
    materialized = {event.asset_key.to_user_string() for event in result.all_events if event.is_step_materialization and event.asset_key}
    assert materialized == {"raw_orders", "temu_orders", "temu_order_items", "order_tracking"}
    assert shown_by(result).keys() == {"jtl_order_xml", "tracking_upload"}
    assert not [event for event in result.all_events if event.is_step_skipped]
    assert new_seller.waiting_rows() == 0
    monkeypatch.delenv("TEMU_DRY_RUN")
    assert metadata_of(new_seller.run(), "jtl_order_xml")["exported"] == 1


def test_what_could_send_is_not_even_built(seller: Seller, monkeypatch: pytest.MonkeyPatch) -> None:
    """Beside the refusals below it: a dry run never comes so far as to be refused."""

    def built(*_: object, **__: object) -> None:
        pytest.fail("a dry run has built what sends")

    with monkeypatch.context() as patched:
        for kind in (HandingOver, ImportTable, ImportFolder, Reporting, Channel):
            patched.setattr(kind, "__init__", built)
        dry_run(seller)
        dry_run(seller, FULL)
    assert seller.run().success


def test_what_a_real_run_refuses_before_it_sends_is_refused_in_a_dry_run_as_well(
    new_seller: Seller, monkeypatch: pytest.MonkeyPatch
) -> None:
    new_seller.place()
    monkeypatch.setenv("TEMU_DRY_RUN", "1")
    monkeypatch.setenv("JTL_VERSANDART", "gibt es nicht")
    assert "JTL has no shipping method 'gibt es nicht'" in failure(new_seller.run())


def test_a_run_that_died_while_handing_over_is_seen_through(new_seller: Seller, monkeypatch: pytest.MonkeyPatch) -> None:
    """JTL has the one, and not the other; the outbox says "sending" of both."""
    orders = [new_seller.place() for _ in range(2)]

    with monkeypatch.context() as patched:
        _before_done(patched)
        assert not new_seller.run().success
    with new_seller.sandbox.jtl.transaction() as jtl:
        jtl.execute("DELETE FROM tXMLBestellImport WHERE cText LIKE ?", (f"%{orders[1]}%",))
    shown = dry_run(new_seller)["jtl_order_xml"]
    assert {row["order"] for row in table(shown, "in_jtl")} == {orders[0]}
    assert {row["order"] for row in table(shown, "orders")} == {orders[1]}
    assert metadata_of(new_seller.run(), "jtl_order_xml")["exported"] == 1
