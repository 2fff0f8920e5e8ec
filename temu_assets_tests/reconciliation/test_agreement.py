"""While all is well, and while work is under way, the comparison finds nothing to say; what it never does; and when it is red."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest

from temu_assets.jtl.database import Jtl
from temu_assets.reconciliation.kinds import Kind
from temu_assets.sandbox.jtl_shipping import ParcelToShip
from temu_assets.temu.transport import Transport
from temu_assets.toci.database import Toci
from temu_assets.toci.tables import metadata, temu_orders
from temu_assets_tests.reconciliation.comparing import change_jtl, compare, differences, in_jtl_for_days, lose_ours, sent_for_days
from temu_assets_tests.seller import LIST, SHIPMENT, Seller, failed_checks, failure, metadata_of

STOCK = "temu.local.goods.sku.stock.query"
WRITTEN = {"problems", "sync_state", "leases"}


def test_a_healthy_shop_gives_no_difference_from_the_first_order_to_the_last_parcel(seller: Seller) -> None:
    """With every special order, at each point of a cycle at which the comparison may come, and days later."""
    assert seller.run("temu_inventory_full_sync").success
    steps: list[Callable[[], object]] = [
        seller.run,
        seller.sandbox.jtl.run_worker,
        seller.run,
        lambda: seller.sandbox.jtl.ship_all_open(seed=3),
        lambda: seller.run("temu_tracking_sync"),
        lambda: seller.run("temu_inventory_full_sync"),
    ]
    for step in steps:
        step()
        assert compare(seller) == {}
    seller.later = timedelta(days=3)
    result = seller.run("reconcile", checks=True)
    assert result.success
    assert differences(seller) == {}
    assert failed_checks(result) == set()
    told = metadata_of(result, "reconciliation")
    assert told["orders_compared_with_jtl"] > 60
    assert told["parcels_in_jtl"] > 50
    assert told["orders_with_shipments_compared"] > 50
    assert told["skus_compared"] > 30
    assert told["differences"] == 0
    assert told["complete_until"] == pytest.approx(_complete_until(seller))
    assert told["oldest_open_order_hours"] >= 72
    assert told["import_rows_waiting"] == 0
    assert told["oldest_import_row_minutes"] == 0.0


def _complete_until(seller: Seller) -> float:
    moment = seller.complete_until()
    assert moment is not None
    return moment.timestamp()


def test_a_difference_is_a_failed_check_on_a_green_run_and_stands_in_the_metadata(new_seller: Seller) -> None:
    order = in_jtl_for_days(new_seller, ("FLASCHE-750-BL", 2))
    new_seller.sandbox.jtl.delete(order)
    result = new_seller.run("reconcile", checks=True)
    assert result.success
    assert failed_checks(result) == {"every_order_is_in_jtl"}
    told = metadata_of(result, "reconciliation")
    assert told["differences"] == told["order_not_in_jtl"] == 1
    assert order in str(told["different"])
    assert differences(new_seller)[Kind.ORDER_NOT_IN_JTL, order] in str(told["different"])


# What happens between two readings of the comparison is work under way.


@contextmanager
def when_temu_is_asked(monkeypatch: pytest.MonkeyPatch, endpoint: str, happens: Callable[[], object]) -> Iterator[None]:
    """Once, right after TEMU has answered a call of this endpoint."""
    genuine = Transport.call
    left = [happens]
    lock = threading.Lock()

    def call(self: Transport, asked: str, *arguments: Any, **more: Any) -> Any:
        answer = genuine(self, asked, *arguments, **more)
        with lock:
            now = left.pop() if asked == endpoint and left else None
        if now is not None:
            now()
        return answer

    with monkeypatch.context() as patched:
        patched.setattr(Transport, "call", call)
        yield
    assert not left, "that was never asked"


@pytest.mark.parametrize("endpoint", [STOCK, LIST, SHIPMENT])
@pytest.mark.parametrize("deed", ["order", "sync", "export", "cancel", "ship", "correct"])
def test_what_happens_while_it_reads_is_no_difference(
    new_seller: Seller, monkeypatch: pytest.MonkeyPatch, endpoint: str, deed: str
) -> None:
    waiting, sent = in_jtl_for_days(new_seller, ("FLASCHE-750-BL", 2)), sent_for_days(new_seller)
    assert new_seller.run("temu_inventory_full_sync").success
    new_seller.later += timedelta(hours=1)
    jtl = new_seller.sandbox.jtl

    def sync() -> None:
        assert new_seller.run().success

    def export() -> None:
        new_seller.place(("FLASCHE-750-BL", 1))
        sync()
        jtl.run_worker()
        sync()

    def cancel() -> None:
        new_seller.sandbox.shop.cancel_order(waiting)
        jtl.cancel(waiting)
        sync()

    def ship() -> None:
        jtl.ship(waiting)
        sync()

    def correct() -> None:
        (parcel,) = jtl.rows("SELECT MIN(kVersand) FROM tVersand")
        jtl.set_tracking(parcel[0], "00340434177000000055")
        sync()

    deeds: dict[str, Callable[[], object]] = {
        "order": lambda: new_seller.place(("FLASCHE-750-BL", 1)), "sync": sync, "export": export, "cancel": cancel, "ship": ship,
        "correct": correct,
    }  # fmt: skip
    with when_temu_is_asked(monkeypatch, endpoint, deeds[deed]):
        assert compare(new_seller) == {}
    assert new_seller.sandbox.shop.packages_of(sent)
    assert compare(new_seller) == {}


# What it never does.


def test_it_changes_nothing_but_problems_at_no_side(seller: Seller) -> None:
    seller.run_through()
    seller.sandbox.jtl.ship_all_open(seed=3, limit=20)
    seller.later = timedelta(days=2)
    assert seller.run().success
    change_jtl(seller, "UPDATE tAuftragPosition SET fAnzahl = fAnzahl + 1 WHERE kAuftragPosition % 3 = 0")
    ours, theirs = _ours(seller), _jtls(seller)
    seller.calls()

    assert len(compare(seller)) > 5

    assert _ours(seller) == ours
    assert _jtls(seller) == theirs
    assert seller.calls().keys() <= {STOCK, LIST, SHIPMENT}


def _ours(seller: Seller) -> dict[str, object]:
    return {name: seller.rows(table) for name, table in metadata.tables.items() if name not in WRITTEN}


def _jtls(seller: Seller) -> dict[str, list[tuple[object, ...]]]:
    names = [row[0] for row in seller.sandbox.jtl.rows("SELECT name FROM sqlite_master WHERE type = 'table'")]
    return {name: [tuple(row) for row in seller.sandbox.jtl.rows(f"SELECT * FROM {name}")] for name in names}


def test_no_transaction_of_ours_is_open_while_anybody_else_is_asked(seller: Seller, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the stock told, parcels sent and differences found, so that every question is asked."""
    assert seller.run("temu_inventory_full_sync").success
    seller.run_through()
    seller.sandbox.jtl.ship_all_open(seed=3, limit=20)
    assert seller.run().success
    seller.later = timedelta(days=2)
    seller.sandbox.shop.state.packages.clear()
    seller.sandbox.shop._packages_of.clear()
    asked = {"TEMU": 0, "JTL": 0}
    open_now: set[int] = set()

    def around(genuine: Callable[..., Any]) -> Callable[..., Any]:
        def work(self: Toci, *arguments: Any) -> Any:
            # A lease is renewed by a thread of its own.
            is_work = not threading.current_thread().name.startswith("lease-")
            open_now.update({threading.get_ident()} if is_work else ())
            try:
                return genuine(self, *arguments)
            finally:
                open_now.discard(threading.get_ident())

        return work

    def asks(whom: str, genuine: Callable[..., Any]) -> Callable[..., Any]:
        def ask(*arguments: Any, **more: Any) -> Any:
            assert not open_now, f"{whom} is asked inside a transaction"
            asked[whom] += 1
            return genuine(*arguments, **more)

        return ask

    monkeypatch.setattr(Toci, "read", around(Toci.read))
    monkeypatch.setattr(Toci, "write", around(Toci.write))
    monkeypatch.setattr(Transport, "call", asks("TEMU", Transport.call))
    monkeypatch.setattr(Jtl, "read", asks("JTL", Jtl.read))
    assert Kind.PARCEL_NOT_AT_TEMU in {kind for kind, _ in compare(seller)}
    assert asked["TEMU"] > 20
    assert asked["JTL"] > 5


def test_nothing_of_a_buyer_is_in_what_it_tells(seller: Seller) -> None:
    seller.run_through()
    seller.later = timedelta(days=2)
    assert seller.run().success
    change_jtl(seller, "UPDATE tAuftragPosition SET fAnzahl = fAnzahl + 1")
    result = seller.run("reconcile", checks=True)
    assert len(differences(seller)) > 50
    told = repr([event.event_specific_data for event in result.all_events]) + repr(seller.rows(metadata.tables["problems"]))
    for order in seller.sandbox.shop.state.orders.values():
        address = order.address
        assert not [text for text in (address.name, address.street, address.mail, address.mobile) if text in told]


# When it is red.


@pytest.mark.parametrize("endpoint", [LIST, STOCK, SHIPMENT])
def test_an_outage_of_temu_is_red_and_nothing_is_closed_or_told(new_seller: Seller, endpoint: str) -> None:
    assert new_seller.run().success
    assert new_seller.run("temu_inventory_full_sync").success
    sent_for_days(new_seller)
    deleted = in_jtl_for_days(new_seller)
    new_seller.sandbox.jtl.delete(deleted)
    assert compare(new_seller).keys() == {(Kind.ORDER_NOT_IN_JTL, deleted)}
    before = differences(new_seller)
    change_jtl(new_seller, "UPDATE tAuftragPosition SET fAnzahl = fAnzahl + 1")
    new_seller.fault("http_status", endpoint, status=503, times=50)
    assert "503" in failure(new_seller.run("reconcile"))
    assert differences(new_seller) == before


def test_a_jtl_that_is_away_is_red_and_nothing_is_closed_or_told(new_seller: Seller) -> None:
    deleted = in_jtl_for_days(new_seller)
    new_seller.sandbox.jtl.delete(deleted)
    before = compare(new_seller)
    assert before
    new_seller.sandbox.jtl.go_away()
    assert "JTL" in failure(new_seller.run("reconcile"))
    new_seller.sandbox.jtl.come_back()
    assert differences(new_seller) == before


def test_a_jtl_without_a_single_order_it_had_is_taken_for_another_database(new_seller: Seller) -> None:
    for _ in range(5):
        new_seller.place()
    in_jtl_for_days(new_seller)
    change_jtl(new_seller, "DELETE FROM tAuftragPosition")
    change_jtl(new_seller, "DELETE FROM tAuftrag")
    assert "not one of the 6 orders it had" in failure(new_seller.run("reconcile"))
    assert new_seller.problems() == {}


def test_a_shop_whose_orders_were_never_read_is_red(new_seller: Seller) -> None:
    new_seller.place()
    assert "temu_orders_sync" in failure(new_seller.run("reconcile"))


def test_a_list_that_came_back_empty_though_temu_counts_orders_is_red(new_seller: Seller) -> None:
    in_jtl_for_days(new_seller)
    new_seller.fault("empty_page", LIST, times=50)
    assert "came back empty" in failure(new_seller.run("reconcile"))


def test_a_list_that_does_not_hold_still_closes_nothing_that_was_lost(new_seller: Seller) -> None:
    in_jtl_for_days(new_seller)
    order = in_jtl_for_days(new_seller)
    for table in (metadata.tables["temu_order_items"], temu_orders):
        lose_ours(new_seller, table, order)
    assert compare(new_seller).keys() == {(Kind.ORDER_LOST, order)}
    new_seller.fault("set_field", LIST, times=50, path="totalItemNum", value=4)
    told = metadata_of(new_seller.run("reconcile"), "reconciliation")
    assert told["list_is_complete"] is False
    assert differences(new_seller).keys() == {(Kind.ORDER_LOST, order)}


def test_an_order_temu_will_not_talk_about_is_left_out_and_the_others_are_compared(new_seller: Seller) -> None:
    first, second = sent_for_days(new_seller), sent_for_days(new_seller)
    for order in (first, second):
        new_seller.sandbox.shop.packages_of(order).clear()
    new_seller.fault("business_code", SHIPMENT, code=120012016)
    assert len(compare(new_seller)) == 1
    assert len(compare(new_seller)) == 2


def test_orders_delivered_as_files_wait_as_files(new_seller: Seller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JTL_ORDER_DELIVERY", "file")
    order = new_seller.place()
    assert new_seller.run().success
    new_seller.later = timedelta(hours=3)
    assert compare(new_seller) == {}
    assert metadata_of(new_seller.run("reconcile"), "reconciliation")["import_rows_waiting"] == 1
    new_seller.later = timedelta(hours=25)
    assert compare(new_seller).keys() == {(Kind.IMPORT_ROW_UNREAD, order)}
    (new_seller.data / "temu" / "xml" / f"{order}.xml").unlink()
    assert compare(new_seller).keys() == {(Kind.ORDER_NOT_IN_JTL, order)}


def test_partial_shipments_are_due_at_once(new_seller: Seller, monkeypatch: pytest.MonkeyPatch) -> None:
    order = new_seller.place(("FLASCHE-750-BL", 1), ("BROTDOSE-SW", 1))
    new_seller.run_through()
    new_seller.sandbox.jtl.ship(order, [ParcelToShip(tracking="00340434177000000098", contents={"BROTDOSE-SW": 1})])
    new_seller.later = timedelta(hours=27)
    assert new_seller.row(order).ship_by > new_seller.now()
    assert compare(new_seller) == {}
    monkeypatch.setenv("TEMU_PARTIAL_SHIPMENTS", "true")
    assert compare(new_seller).keys() == {(Kind.PARCEL_NOT_AT_TEMU, order)}
