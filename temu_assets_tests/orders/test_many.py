"""More orders than are listed, decided about or handed over at once: nothing depends on where one lot ends."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from sqlalchemy import Row

from temu_assets import snapshots
from temu_assets.orders import asking, fetching, handing_over, ingesting
from temu_assets.orders.handing_over import ImportTable
from temu_assets.sandbox.book_orders import order_objections
from temu_assets.sql.chunks import in_chunks
from temu_assets.time_limit import TimeLimit
from temu_assets.toci import sync_state
from temu_assets.toci.kinds import ORDER_DATA
from temu_assets.toci.outbox import Effect
from temu_assets.toci.sync_state import Mark
from temu_assets.toci.tables import raw_snapshots, temu_orders
from temu_assets_tests.seller import LIST, WITHOUT_CHECKS, Seller, failure, metadata_of, open_seller


def in_small_lots(patch: pytest.MonkeyPatch) -> None:
    """As if two orders were many."""
    patch.setattr(handing_over, "ORDERS_AT_ONCE", 7)
    patch.setattr(handing_over, "BATCH", 3)
    patch.setattr(fetching, "_ORDERS_A_FILE", 10)
    patch.setattr(asking, "_BATCH", 5)
    patch.setattr(ingesting, "in_chunks", lambda values: in_chunks(values, 11))


def told(seller: Seller) -> dict[str, object]:
    """What runs leave behind, without times and keys of rows."""
    return {
        "holds": seller.holds(),
        "exported": sorted(row.order_id for row in seller.rows(temu_orders) if row.exported_at is not None),
        "numbers": {row.order_id for row in seller.rows(temu_orders) if row.jtl_order_number is not None},
        "outbox": {key: (entry.state, entry.attempts) for key, entry in seller.outbox(Effect.JTL_ORDER).items()},
        "problems": {key: reason.split(", handed over at")[0] for key, reason in seller.problems().items()},
        "waiting": seller.waiting_rows(),
    }


def a_day(tmp_path: Path, patch: pytest.MonkeyPatch) -> list[dict[str, object]]:
    with open_seller(tmp_path, patch, orders=70) as seller:
        days = []
        for _ in range(2):
            assert seller.run().success
            days.append(told(seller))
            seller.sandbox.jtl.run_worker()
        assert order_objections(seller.sandbox.shop, seller.sandbox.jtl) == []
        return days


def test_in_many_small_lots_everything_ends_as_in_one(tmp_path: Path) -> None:
    with pytest.MonkeyPatch.context() as patch:
        at_once = a_day(tmp_path / "one", patch)
    with pytest.MonkeyPatch.context() as patch:
        in_small_lots(patch)
        assert a_day(tmp_path / "many", patch) == at_once


def test_a_list_that_breaks_off_leaves_what_was_read_and_counts_as_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Fault 1."""
    in_small_lots(monkeypatch)
    with open_seller(tmp_path, monkeypatch, orders=270) as seller:
        seller.fault("http_status", LIST, status=404, page=4)
        assert "TEMU_API_ENDPOINT" in failure(seller.run())
        files = seller.rows(raw_snapshots)
        assert 0 < sum(file.records for file in files) < len(seller.sandbox.shop.state.orders)
        assert [file.window_end for file in files] == [None] * len(files)
        assert seller.complete_until() is None

        assert seller.run().success
        assert seller.complete_until() is not None
        assert len(seller.rows(temu_orders)) == len(seller.sandbox.shop.state.orders)
        seller.sandbox.jtl.run_worker()
        assert order_objections(seller.sandbox.shop, seller.sandbox.jtl) == []


@pytest.mark.parametrize("which", [0, 1, -1], ids=["the first", "one in the middle", "the last"])
def test_a_damaged_file_of_a_list_makes_temu_be_asked_for_all_of_it_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, which: int
) -> None:
    """Fault 1: each file but the last says nothing about how far the list is complete."""
    in_small_lots(monkeypatch)
    with open_seller(tmp_path, monkeypatch, orders=270) as seller:
        raw = WITHOUT_CHECKS.resolve_implicit_global_asset_job_def()
        assert raw.execute_in_process(instance=seller.instance, asset_selection=[dg.AssetKey("raw_orders")]).success
        files = sorted((file for file in seller.rows(raw_snapshots) if file.content == "listing"), key=lambda file: file.path)
        assert [file.window_end is not None for file in files] == [False] * (len(files) - 1) + [True]
        (seller.data / files[which].path).write_bytes(b"nothing any more")

        assert seller.run().success
        assert seller.run().success
        assert len(seller.rows(temu_orders)) == len(seller.sandbox.shop.state.orders)
        seller.sandbox.jtl.run_worker()
        assert order_objections(seller.sandbox.shop, seller.sandbox.jtl) == []


def only_fetched(seller: Seller, **raw_orders: object) -> list[Row[Any]]:
    """A run that only fetches; returns the files of the list that wait, in order."""
    raw = WITHOUT_CHECKS.resolve_implicit_global_asset_job_def()
    config = {"ops": {"raw_orders": {"config": raw_orders}}}
    assert raw.execute_in_process(instance=seller.instance, asset_selection=[dg.AssetKey("raw_orders")], run_config=config).success
    waiting = [file for file in seller.rows(raw_snapshots) if file.content == "listing" and file.ingested_at is None]
    return sorted(waiting, key=lambda file: file.written_at)


@pytest.mark.parametrize("which", [0, -1], ids=["the first", "the last"])
def test_a_damaged_file_of_a_backfill_makes_temu_be_asked_for_a_week_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, which: int
) -> None:
    """What it held lies before "complete until", so the mark has to go back although the file itself would not have moved it."""
    monkeypatch.setattr(fetching, "_ORDERS_A_FILE", 10)
    with open_seller(tmp_path, monkeypatch, orders=170) as seller:
        assert seller.run("temu_tracking_sync").success
        with seller.toci.engine.begin() as connection:
            now = seller.now()
            sync_state.remember_instant(connection, seller.toci.shop, Mark.ORDERS_COMPLETE_UNTIL, now, now=now)
        files = only_fetched(seller, backfill=True)
        assert len(files) > 1
        (seller.data / files[which].path).write_bytes(b"nothing any more")

        assert seller.run().success
        assert seller.run().success
        assert len(seller.rows(temu_orders)) == len(seller.sandbox.shop.state.orders)


def test_a_file_found_damaged_before_the_list_is_read_to_its_end_counts_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody materializes temu_orders while raw_orders is still at it: the last file must not say that nothing is missing."""
    monkeypatch.setattr(fetching, "_ORDERS_A_FILE", 10)
    with open_seller(tmp_path, monkeypatch, orders=170) as seller:
        genuine = snapshots.write_snapshot
        damaged: list[str] = []

        def write_snapshot(data_dir: Path, **file: Any) -> snapshots.SnapshotFile:
            there = seller.rows(raw_snapshots)
            if len(there) == 2 and not damaged:
                damaged.append(there[1].path)
                (data_dir / there[1].path).unlink()
                ingesting.ingest(seller.toci, data_dir, now=seller.now())
            return genuine(data_dir, **file)

        monkeypatch.setattr(fetching, "write_snapshot", write_snapshot)
        assert seller.run().success
        assert damaged

        assert seller.run().success
        assert len(seller.rows(temu_orders)) == len(seller.sandbox.shop.state.orders)


@pytest.mark.parametrize("is_readable_last", [False, True])
def test_of_an_order_that_is_twice_in_one_file_the_later_sight_counts(new_seller: Seller, *, is_readable_last: bool) -> None:
    """Two passes of a list can stand in one file, and what TEMU told in the second is the order's newest state."""
    order = new_seller.place()
    (listing,) = map(snapshots.file_of, only_fetched(new_seller))
    (good,) = snapshots.read_snapshot(new_seller.data, listing)
    assert isinstance(good.data, dict)
    bad = replace(good, data={**good.data, "item": {"parentOrderMap": {"parentOrderSn": order}}})
    twice = snapshots.write_snapshot(
        new_seller.data,
        kind=listing.kind,
        content=listing.content,
        run_id="twice",
        records=[bad, good] if is_readable_last else [good, bad],
        now=new_seller.now(),
    )
    new_seller.toci.write(lambda connection: snapshots.register(connection, new_seller.toci.shop, twice))

    ingested = ingesting.ingest(new_seller.toci, new_seller.data, now=new_seller.now())

    assert ((ORDER_DATA, order) in new_seller.problems()) is not is_readable_last
    assert ingested.parked == (not is_readable_last)


def test_what_the_time_is_not_enough_for_is_counted_over_all_lots(new_seller: Seller, monkeypatch: pytest.MonkeyPatch) -> None:
    in_small_lots(monkeypatch)
    orders = [new_seller.place() for _ in range(25)]
    taken_in = [dg.AssetKey(name) for name in ("raw_orders", "temu_orders", "temu_order_items")]
    whole = WITHOUT_CHECKS.resolve_implicit_global_asset_job_def()
    assert whole.execute_in_process(instance=new_seller.instance, asset_selection=taken_in).success
    with monkeypatch.context() as patched:
        patched.setattr(TimeLimit, "is_over", lambda *_, **__: True)
        result = new_seller.run()
    assert result.success
    first = metadata_of(result, "jtl_order_xml")
    assert (first["exported"], first["waiting_for_next_run"]) == (3, len(orders) - 3)
    assert new_seller.run().success
    assert new_seller.waiting_rows() == len(orders)


def test_orders_somebody_else_gives_to_jtl_meanwhile_are_not_handed_over_again(new_seller: Seller, monkeypatch: pytest.MonkeyPatch) -> None:
    """Faults 5 and 6: JTL's import table is looked through once, before the first lot; what comes later is seen in the transaction."""
    in_small_lots(monkeypatch)
    orders = [new_seller.place() for _ in range(25)]
    assert new_seller.run("temu_tracking_sync").success
    genuine = ImportTable.deliver
    given: list[str] = []

    def deliver(self: ImportTable, xml_by_order: Mapping[str, str], may_go_on: Callable[[], None]) -> dict[str, str]:
        if not given:
            other = next(order for order in sorted(orders, reverse=True) if order not in xml_by_order)
            given.append(other)
            xml = f"<tBestellungen><tBestellung><cExterneBestellNr>{other}</cExterneBestellNr></tBestellung></tBestellungen>"
            with new_seller.sandbox.jtl.transaction() as jtl:
                jtl.execute("INSERT INTO tXMLBestellImport (cText, nPlattform, nRechnung) VALUES (?, 5, 0)", (xml,))
        return genuine(self, xml_by_order, may_go_on)

    monkeypatch.setattr(ImportTable, "deliver", deliver)
    assert new_seller.run().success
    texts = [row[0] for row in new_seller.sandbox.jtl.rows("SELECT cText FROM tXMLBestellImport")]
    assert {order: sum(order in text for text in texts) for order in orders} == dict.fromkeys(orders, 1)
