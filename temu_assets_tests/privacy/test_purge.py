"""The purge on a whole seller: what is due goes, everywhere; what is needed stays; and the sync does not notice."""

from __future__ import annotations

import dataclasses
import gzip
import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from sqlalchemy import Row, text

from temu_assets.adoption.adopt import adopt
from temu_assets.adoption.report import Kind
from temu_assets.privacy import purging
from temu_assets.privacy.forgetting import LEASE
from temu_assets.privacy.proofs import Place, Proof, begin, digest
from temu_assets.sandbox.jtl import ParcelToShip
from temu_assets.snapshots import SnapshotKind, last_listing
from temu_assets.toci import leases
from temu_assets.toci.tables import erasures, raw_snapshots, temu_order_items, temu_orders
from temu_assets_tests.adoption import predecessor
from temu_assets_tests.databases import toci_is_a_file
from temu_assets_tests.privacy.traces import CANARY, everywhere, in_files, in_tables
from temu_assets_tests.seller import CONFIRM, DETAILS, LIST, WITHOUT_CHECKS, Seller, failed_checks, failure, metadata_of

LONG = timedelta(days=91)
NOT_OURS = "PO-076-00000000000000001"
"""An order that our tables do not know."""
LISTED_AND_NOT_LISTED = (timedelta(), timedelta(hours=3), timedelta(hours=3))
"""Soon after a change TEMU's list still holds the order; later it does not, and what is missing is known from our tables alone."""


def of_canary(seller: Seller) -> str:
    return seller.place(address=dataclasses.replace(CANARY))


def ship(seller: Seller, order: str, tracking: str = "00340434177000000001") -> None:
    """JTL ships it, TEMU is told, and counts it as delivered."""
    seller.sandbox.jtl.ship(order, [ParcelToShip(tracking=tracking)])
    assert seller.run().success
    seller.sandbox.shop.deliver(order)
    assert seller.run().success


def purge(seller: Seller, after: timedelta = LONG) -> dict[str, Any]:
    """A purge as of some time later, and what it says it has erased."""
    seller.later = after
    result = seller.run("purge_personal_data")
    seller.later = timedelta()
    assert result.success
    return {place: count for place, count in metadata_of(result, "personal_data").items() if place in {*Place} and count}


def proofs(seller: Seller) -> dict[str, list[Row[Any]]]:
    found: dict[str, list[Row[Any]]] = {}
    for row in seller.rows(erasures):
        found.setdefault(row.place, []).append(row)
    return found


def test_a_finished_order_loses_its_buyer_everywhere_and_leaves_a_proof(new_seller: Seller) -> None:
    order = of_canary(new_seller)
    new_seller.run_through()
    ship(new_seller, order)
    assert f"temu/export/{new_seller.now():%Y/%m}/{order}.xml" in in_files(new_seller.data)
    assert in_tables(new_seller.toci.engine) == ["temu_orders"]

    told = purge(new_seller)

    assert everywhere(new_seller) == []
    assert told == {"raw_answers": told["raw_answers"], "buyers": 1, "order_documents": 1}
    assert told["raw_answers"] > 3
    found = proofs(new_seller)
    assert {place: sum(row._mapping["count"] for row in rows) for place, rows in found.items()} == told
    assert all(row.done_at and row.order_id is None and "purge_personal_data" in row.erased_by for row in new_seller.rows(erasures))
    (proof,) = found["buyers"]
    assert proof.sha256 == digest([order])
    row = new_seller.row(order)
    assert row.buyer_erased_at
    assert row.jtl_order_number
    assert row.currency == "EUR"
    assert [line.quantity for line in new_seller.rows(temu_order_items)] == [1]


def test_the_newest_listing_stays(new_seller: Seller) -> None:
    """A check and the next run look at it."""
    of_canary(new_seller)
    new_seller.run_through()
    purge(new_seller)
    (left,) = new_seller.rows(raw_snapshots)
    newest = new_seller.toci.read(lambda connection: last_listing(connection, new_seller.toci.shop, SnapshotKind.ORDERS))
    assert newest
    assert left.path == newest.path
    assert [path.name for path in (new_seller.data / "temu" / "api_responses").rglob("*.gz")] == [Path(left.path).name]


def test_after_the_purge_the_sync_is_as_before(new_seller: Seller) -> None:
    """No address is asked for, nothing is held, reported or exported for the second time."""
    order = of_canary(new_seller)
    new_seller.run_through()
    ship(new_seller, order)
    purge(new_seller)
    new_seller.sandbox.shop.change_address(order, street="Vogelnest 100")
    new_seller.calls()

    result = new_seller.run(checks=True)

    assert result.success
    assert new_seller.calls().keys() == {LIST}
    assert failed_checks(result) == set()
    assert new_seller.problems() == {}
    assert new_seller.in_jtl(order) == 1
    assert new_seller.waiting_rows() == 0
    assert everywhere(new_seller) == []


def test_a_cancellation_that_comes_after_the_purge_is_told_as_before(new_seller: Seller) -> None:
    order = of_canary(new_seller)
    new_seller.run_through()
    ship(new_seller, order)
    purge(new_seller)
    new_seller.at_temu(order).status = 3
    new_seller.sandbox.shop.touch(new_seller.at_temu(order))
    assert new_seller.run().success
    assert "was cancelled at TEMU after it went to JTL, and parcel" in new_seller.problems()["changed_after_export", order]
    assert new_seller.row(order).status == 3


def test_an_order_that_temu_opens_again_is_held_for_a_person_and_not_asked_for(new_seller: Seller) -> None:
    """Never exported, so it could go out once more: but nobody knows any more where to."""
    order = of_canary(new_seller)
    new_seller.sandbox.shop.request_cancellation(order)
    assert new_seller.run().success
    new_seller.sandbox.shop.withdraw_cancellation(order)
    new_seller.at_temu(order).status = 3
    new_seller.sandbox.shop.touch(new_seller.at_temu(order))
    assert new_seller.run().success
    with new_seller.toci.engine.begin() as connection:
        connection.execute(temu_orders.update().values(recipient=CANARY.name))
    assert purge(new_seller)["buyers"] == 1
    new_seller.at_temu(order).status = 2
    new_seller.sandbox.shop.touch(new_seller.at_temu(order))
    new_seller.calls()
    for later in LISTED_AND_NOT_LISTED:
        new_seller.later = later
        assert new_seller.run().success
        assert not new_seller.calls().keys() & {*DETAILS}
    assert new_seller.holds() == {order: "buyer_erased"}
    assert "order_held" in {kind for kind, _ in new_seller.problems()}
    assert new_seller.waiting_rows() == 0


def test_an_order_that_is_needed_keeps_its_buyer(new_seller: Seller) -> None:
    """Open, not confirmed by JTL, or with a parcel TEMU does not know."""
    open_order, unreported = of_canary(new_seller), of_canary(new_seller)
    new_seller.run_through()
    new_seller.fault("business_code", CONFIRM, code=222222222, message="no", times=50)
    new_seller.sandbox.jtl.ship(unreported, [ParcelToShip(tracking="00340434177000000002")])
    new_seller.run()
    unconfirmed = of_canary(new_seller)
    new_seller.sandbox.jtl.pause_worker()
    assert new_seller.run().success
    for order in (open_order, unreported, unconfirmed):
        new_seller.at_temu(order).status = 2 if order == open_order else 4
        new_seller.sandbox.shop.touch(new_seller.at_temu(order))
    new_seller.run()
    before = {row.order_id: row.recipient for row in (new_seller.row(order) for order in (open_order, unreported, unconfirmed))}
    assert set(before.values()) == {CANARY.name}

    assert set(purge(new_seller)) == {"raw_answers"}

    assert {order: new_seller.row(order).recipient for order in before} == before
    assert sorted(path.stem for path in (new_seller.data / "temu" / "export").rglob("*.xml")) == sorted(before)


def test_an_order_that_is_over_and_that_jtl_never_showed_loses_its_buyer(new_seller: Seller) -> None:
    """Cancelled while it waited for JTL: nobody waits for it any more."""
    new_seller.sandbox.jtl.pause_worker()
    order = of_canary(new_seller)
    assert new_seller.run().success
    new_seller.sandbox.shop.cancel_order(order)
    assert new_seller.run().success
    row = new_seller.row(order)
    assert row.exported_at
    assert row.jtl_confirmed_at is None
    told = purge(new_seller)
    assert (told["buyers"], told["order_documents"]) == (1, 1)
    assert everywhere(new_seller) == []


def test_answers_that_were_not_taken_in_stay_however_old(new_seller: Seller) -> None:
    """What was fetched is never thrown away unread."""
    of_canary(new_seller)
    whole = WITHOUT_CHECKS.resolve_implicit_global_asset_job_def()
    assert whole.execute_in_process(instance=new_seller.instance, asset_selection=[dg.AssetKey("raw_orders")]).success
    assert purge(new_seller, timedelta(days=1000)) == {}
    assert len(new_seller.rows(raw_snapshots)) == 2
    new_seller.run_through()
    assert len(new_seller.holds()) == 1


@pytest.mark.parametrize("name", ["TEMU_KEEP_ANSWERS_DAYS", "TEMU_KEEP_ADDRESSES_DAYS"])
def test_zero_days_means_for_ever(new_seller: Seller, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    order = of_canary(new_seller)
    new_seller.run_through()
    ship(new_seller, order)
    monkeypatch.setenv(name, "0")
    kept = {"raw_answers"} if name == "TEMU_KEEP_ANSWERS_DAYS" else {"buyers", "order_documents"}
    assert set(purge(new_seller, timedelta(days=5000))) == {"raw_answers", "buyers", "order_documents"} - kept
    assert everywhere(new_seller) != []


def lay(path: Path, content: bytes, *, age: timedelta = timedelta()) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    moment = path.stat().st_mtime - age.total_seconds()
    os.utime(path, (moment, moment))
    return path


def test_what_a_crash_or_the_predecessor_left_goes_and_what_may_be_under_way_stays(new_seller: Seller) -> None:
    temu = new_seller.data / "temu"
    canary = CANARY.name.encode()
    day, month = timedelta(days=1, minutes=1), timedelta(days=31)
    gone = [
        lay(temu / "api_responses/2026/01/01/000000-a/.orders-details-0001.jsonl.gz.tmp", canary, age=day),
        lay(temu / "api_responses/2026/01/01/000000-a/orders-details-0002.jsonl.gz", gzip.compress(canary), age=month),
        lay(temu / "api_responses/api_response_shipping_all.json", canary, age=month),
        lay(temu / f"export/2026/01/.{NOT_OURS}.xml.tmp", canary, age=day),
        lay(temu / f"export/2026/01/{NOT_OURS}.xml", canary, age=LONG),
        lay(temu / f"export/temu_order_{NOT_OURS}_20260101.xml", canary, age=LONG),
        lay(temu / "xml/jtl_temu_bestellungen_20260101_093000.xml", canary, age=LONG),
    ]
    kept = [
        lay(temu / "api_responses/2026/01/01/000000-b/.orders-details-0001.jsonl.gz.tmp", canary),
        lay(temu / "api_responses/2026/01/01/000000-b/orders-details-0002.jsonl.gz", gzip.compress(canary), age=day),
        lay(temu / f"export/2026/02/{NOT_OURS}.xml", canary, age=month),
        lay(temu / f"xml/{NOT_OURS}.xml", canary, age=month),
        lay(new_seller.data / "pdf_reader/mine.pdf", canary, age=timedelta(days=900)),
    ]
    assert purge(new_seller, timedelta()) == {"leftovers": 4, "order_documents": 3}
    assert [path for path in gone if path.exists()] == []
    assert [path for path in kept if not path.exists()] == []
    assert not (temu / "api_responses/2026/01/01/000000-a").exists()
    assert (temu / "api_responses/2026/01/01/000000-b").exists()


def test_files_of_somebody_else_stay_however_old(new_seller: Seller) -> None:
    """Only what is named as this program or the predecessor names it, below the folders of orders."""
    order = of_canary(new_seller)
    new_seller.run_through()
    ship(new_seller, order)
    temu, age = new_seller.data / "temu", timedelta(days=900)
    names = (
        f"{order}.pdf", f"{order} (1).xml", f"{NOT_OURS}-copy.xml", f"{NOT_OURS}.xml.bak", "PO-1.xml", "prices.xml", "README", ".~lock.tmp",
        ".prices.xml.tmp", f"{NOT_OURS}.xml.tmp",
    )  # fmt: skip
    mine = [lay(temu / folder / name, b"mine", age=age) for folder in ("xml", "export", "export/2026/01") for name in names]
    assert purge(new_seller)["order_documents"] == 1
    assert [path for path in mine if not path.exists()] == []


def test_the_predecessors_tables_lose_their_buyers_when_their_time_is_over(new_seller: Seller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(purging, "BATCH", 1)
    with new_seller.toci.engine.begin() as connection:
        predecessor.build(connection, of_orders=[predecessor.order(1), predecessor.shipped(2, "0034")])
    adopt(new_seller.toci, now=new_seller.now())
    assert purge(new_seller, timedelta(days=89)).get("predecessor") is None
    words = ("Erika", "Musterstra", "e@example.invalid", "34117", "<x/>", "fertig")
    assert in_tables(new_seller.toci.engine, words) == [
        f"predecessor_{name}" for name in ("scheduler_logs", "temu_orders", "temu_xml_export")
    ]

    assert purge(new_seller)["predecessor"] == 4

    assert in_tables(new_seller.toci.engine, words) == []
    assert in_files(new_seller.data, words) == []
    with new_seller.toci.engine.begin() as connection:
        kept = connection.execute(text("SELECT bestell_id, trackingnummer FROM predecessor_temu_orders ORDER BY id")).all()
    assert [tuple(row) for row in kept] == [(predecessor.number(1), None), (predecessor.number(2), "0034")]
    again = adopt(new_seller.toci, now=new_seller.now())
    assert again is not None
    assert again.tallies[Kind.ORDERS].taken == 2


def test_a_request_is_not_done_while_answers_about_the_order_wait_to_be_taken_in(new_seller: Seller) -> None:
    """It broke off; the next purge erases what may go and says what is left, the one after the sync erases that."""
    order = of_canary(new_seller)
    new_seller.run_through()
    new_seller.sandbox.shop.change_address(order, street="Vogelnest 100")
    whole = WITHOUT_CHECKS.resolve_implicit_global_asset_job_def()
    assert whole.execute_in_process(instance=new_seller.instance, asset_selection=[dg.AssetKey("raw_orders")]).success
    request = Proof("1", Place.REQUEST, (), "somebody", new_seller.now(), order)
    new_seller.toci.write(lambda connection: begin(connection, new_seller.toci.shop, request))

    result = new_seller.run("purge_personal_data")
    assert result.success
    told = metadata_of(result, "personal_data")
    assert (told["request"], told["unfinished_requests"]) == (0, 1)
    assert any(f"the buyer of {order} is erased: answers" in entry.user_message for entry in new_seller.instance.all_logs(result.run_id))
    assert {row.done_at for row in new_seller.rows(erasures)} == {None}
    assert in_tables(new_seller.toci.engine) == []
    waiting = {row.path for row in new_seller.rows(raw_snapshots) if row.ingested_at is None}
    left = in_files(new_seller.data)
    assert left
    assert set(left) <= waiting

    assert new_seller.run().success
    result = new_seller.run("purge_personal_data")
    told = metadata_of(result, "personal_data")
    assert (told["request"], told["unfinished_requests"]) == (1, 0)
    assert all(row.done_at for row in new_seller.rows(erasures))
    assert everywhere(new_seller) == []


def test_a_file_that_cannot_be_removed_is_red_and_named_and_the_next_run_goes_on(
    new_seller: Seller, monkeypatch: pytest.MonkeyPatch
) -> None:
    lay(new_seller.data / f"temu/xml/{NOT_OURS}.xml", b"", age=LONG)

    def forbidden(_: Path) -> None:
        raise PermissionError(13, "Permission denied")

    with monkeypatch.context() as patched:
        patched.setattr(Path, "unlink", forbidden)
        message = failure(new_seller.run("purge_personal_data"))
    assert f"temu/xml/{NOT_OURS}.xml" in message
    assert "cannot be removed" in message
    assert [row.done_at for row in new_seller.rows(erasures)] == [None]
    assert purge(new_seller, timedelta())["order_documents"] == 1
    assert all(row.done_at for row in new_seller.rows(erasures))


def test_a_purge_with_nothing_to_do_leaves_no_proof(new_seller: Seller) -> None:
    of_canary(new_seller)
    new_seller.run_through()
    assert purge(new_seller, timedelta()) == {}
    assert new_seller.rows(erasures) == []


@toci_is_a_file
def test_what_was_replaced_long_before_is_not_in_the_databases_file_either(new_seller: Seller) -> None:
    """SQLite leaves in its file what was overwritten, until the room is used again."""
    order = of_canary(new_seller)
    new_seller.run_through()
    new_seller.sandbox.shop.change_address(order, street="Vogelnest 1", name="Kanarina Neu")
    assert new_seller.run().success
    ship(new_seller, order)
    assert purge(new_seller)["buyers"] == 1
    assert in_files(new_seller.data) == []


def test_many_orders_go_in_batches(new_seller: Seller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(purging, "BATCH", 2)
    orders = [of_canary(new_seller) for _ in range(5)]
    new_seller.run_through()
    for order in orders:
        new_seller.at_temu(order).status = 3
        new_seller.sandbox.shop.touch(new_seller.at_temu(order))
    assert new_seller.run().success
    told = purge(new_seller)
    assert told["buyers"] == told["order_documents"] == 5
    assert sorted(row._mapping["count"] for row in proofs(new_seller)["buyers"]) == [1, 2, 2]
    assert everywhere(new_seller) == []


def test_two_purges_at_once_are_one_after_the_other(new_seller: Seller, monkeypatch: pytest.MonkeyPatch) -> None:
    of_canary(new_seller)
    new_seller.run_through()
    monkeypatch.setitem(leases.hold.__wrapped__.__kwdefaults__, "wait_seconds", 0.0)  # type: ignore[attr-defined]  # functools.wraps
    with leases.hold(new_seller.toci, LEASE, "somebody else"):
        assert "somebody else" in failure(new_seller.run("purge_personal_data"))
    assert new_seller.rows(erasures) == []
