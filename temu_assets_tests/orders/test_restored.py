"""Our database is not what it was: a backup from before, or none at all, beside a TEMU and a JTL that have gone on. Nothing is doubled."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete, insert, select

from temu_assets.sandbox.book_orders import order_objections
from temu_assets.sandbox.book_parcels import parcel_objections
from temu_assets.sandbox.book_stock import stock_objections
from temu_assets.sandbox.jtl import ParcelToShip
from temu_assets.toci.outbox import Effect, State
from temu_assets.toci.tables import metadata
from temu_assets_tests.seller import CONFIRM, CORRECT, SHIPMENT, Seller

Rows = dict[str, list[dict[str, Any]]]


def backup(seller: Seller) -> Rows:
    """Everything our database holds."""
    with seller.toci.engine.begin() as connection:
        return {table.name: [dict(row) for row in connection.execute(select(table)).mappings()] for table in metadata.sorted_tables}


def restore(seller: Seller, rows: Rows) -> None:
    with seller.toci.engine.begin() as connection:
        for table in metadata.sorted_tables:
            connection.execute(delete(table))
            if rows.get(table.name):
                connection.execute(insert(table), rows[table.name])


def nothing_at_all(seller: Seller) -> None:
    restore(seller, {})
    shutil.rmtree(seller.data / "temu")


def a_day_of_work(seller: Seller) -> list[str]:
    """Five orders in five states: waiting for JTL, in JTL, sent and reported, partly reported, corrected after it was reported."""
    waiting, taken, sent, parts, corrected = (seller.place(("FLASCHE-750-BL", 1), ("DECKEL-SW", 1)) for _ in range(5))
    seller.run_through()
    jtl = seller.sandbox.jtl
    jtl.ship(sent, [ParcelToShip(tracking="00340434177000000001")])
    jtl.ship(parts, [ParcelToShip(tracking="00340434177000000002", contents={"FLASCHE-750-BL": 1})])
    (parcel,) = jtl.ship(corrected, [ParcelToShip(tracking="00340434177000000003")])
    assert seller.run().success
    jtl.set_tracking(parcel, "00340434177000000009")
    assert seller.run().success
    assert seller.run("temu_inventory_full_sync").success
    return [waiting, taken, sent, parts, corrected]


def require_agreement(seller: Seller, orders: list[str]) -> None:
    shop, jtl = seller.sandbox.shop, seller.sandbox.jtl
    assert order_objections(shop, jtl) == []
    assert parcel_objections(shop, jtl) == []
    assert [seller.in_jtl(order) for order in orders] == [1] * len(orders)
    assert {entry.state for entry in seller.outbox(Effect.JTL_ORDER).values()} == {State.DONE}


@pytest.mark.parametrize("first_run", ["temu_orders_sync", "temu_tracking_sync"])
def test_a_backup_from_before_the_day_doubles_nothing(new_seller: Seller, monkeypatch: pytest.MonkeyPatch, first_run: str) -> None:
    """Fault 6: the very first run after it may be one that does not ask TEMU for its orders."""
    monkeypatch.setenv("TEMU_PARTIAL_SHIPMENTS", "true")
    early = new_seller.place()
    new_seller.run_through()
    yesterday = backup(new_seller)
    orders = [early, *a_day_of_work(new_seller)]
    new_seller.sandbox.jtl.ship(early, [ParcelToShip(tracking="00340434177000000007")])
    assert new_seller.run("temu_tracking_sync").success
    packages = {order: new_seller.at_temu_as_sent(order) for order in orders}

    restore(new_seller, yesterday)
    new_seller.calls()
    assert new_seller.run(first_run).success
    assert new_seller.run().success
    calls = new_seller.calls()
    assert (calls[CONFIRM], calls[CORRECT]) == (0, 0)
    assert calls[SHIPMENT] > 0
    assert {order: new_seller.at_temu_as_sent(order) for order in orders} == packages
    assert new_seller.problems() == {}
    require_agreement(new_seller, orders)
    assert {entry.state for entry in new_seller.outbox(Effect.SHIPMENT).values()} == {State.DONE}


def test_a_backup_from_between_a_report_and_its_correction_corrects_nothing_twice(new_seller: Seller) -> None:
    order = new_seller.place()
    new_seller.run_through()
    (parcel,) = new_seller.sandbox.jtl.ship(order, [ParcelToShip(tracking="00340434177000000003")])
    assert new_seller.run().success
    before = backup(new_seller)
    new_seller.sandbox.jtl.set_tracking(parcel, "00340434177000000009")
    assert new_seller.run().success
    assert list(new_seller.at_temu_as_sent(order)) == ["00340434177000000009"]

    restore(new_seller, before)
    new_seller.calls()
    assert new_seller.run().success
    assert new_seller.calls()[CORRECT] == 0
    assert new_seller.problems() == {}
    assert list(new_seller.at_temu_as_sent(order)) == ["00340434177000000009"]


def test_no_database_at_all_beside_a_full_jtl_doubles_nothing(new_seller: Seller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEMU_PARTIAL_SHIPMENTS", "true")
    orders = a_day_of_work(new_seller)
    packages = {order: new_seller.at_temu_as_sent(order) for order in orders}
    nothing_at_all(new_seller)
    new_seller.calls()

    new_seller.run_through()
    assert new_seller.run("temu_inventory_full_sync").success
    calls = new_seller.calls()
    assert (calls[CONFIRM], calls[CORRECT]) == (0, 0)
    assert {order: new_seller.at_temu_as_sent(order) for order in orders} == packages
    assert new_seller.problems().keys() <= _of_the_listing(new_seller)
    require_agreement(new_seller, orders)


def _of_the_listing(seller: Seller) -> set[tuple[str, str]]:
    """What the sandbox's listing has wrong on purpose."""
    return {key for key in seller.problems() if key[0] in {"sku_without_code", "article_unknown", "article_is_parent", "duplicate_sku"}}


@pytest.mark.parametrize(
    "lose", [lambda seller, rows: restore(seller, rows), lambda seller, _: nothing_at_all(seller)], ids=["backup", "none"]
)
def test_what_was_sold_since_is_not_offered_again(new_seller: Seller, lose: Callable[[Seller, Rows], None]) -> None:
    """Fault 7: the old database believes in yesterday's figures."""
    assert new_seller.run("temu_inventory_full_sync").success
    yesterday = backup(new_seller)
    new_seller.sandbox.jtl.sell_out("FLASCHE-750-BL")
    new_seller.sandbox.jtl.move_stock("DECKEL-SW", 15)
    assert new_seller.run("temu_inventory_sync").success
    lose(new_seller, yesterday)
    assert new_seller.run("temu_inventory_full_sync").success
    assert stock_objections(new_seller.sandbox.shop, new_seller.sandbox.jtl) == []


def test_a_mark_from_the_future_loses_no_order(new_seller: Seller) -> None:
    """A clock that was wrong once has moved "complete until" into the future: the next run with the right time starts from now again."""
    assert new_seller.run().success
    new_seller.later = timedelta(days=3)
    assert new_seller.run().success
    new_seller.later = timedelta()
    order = new_seller.place()
    new_seller.run_through()
    assert new_seller.in_jtl(order) == 1
