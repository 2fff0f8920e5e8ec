"""A connection of ours dies in every transaction once, at each kind of point: the same run still does all of its work, once."""

from __future__ import annotations

import pytest

from temu_assets.sandbox.book_orders import order_objections
from temu_assets.sandbox.book_parcels import parcel_objections
from temu_assets.sandbox.jtl_shipping import ParcelToShip
from temu_assets.toci.outbox import Effect, State
from temu_assets_tests.engines import change_ours
from temu_assets_tests.killing import Killer, Point, without_pauses
from temu_assets_tests.seller import CONFIRM, DETAILS, Seller


@pytest.mark.parametrize("point", Point, ids=lambda point: point.name.lower())
def test_every_transaction_of_a_run_may_lose_its_connection_once(new_seller: Seller, monkeypatch: pytest.MonkeyPatch, point: Point) -> None:
    """Faults 5, 6, 15 and 23."""
    killer = Killer(point)
    change_ours(monkeypatch, killer.watch)
    without_pauses(monkeypatch)
    orders = [new_seller.place() for _ in range(3)]

    new_seller.run_through()
    for number, order in enumerate(orders):
        new_seller.sandbox.jtl.ship(order, [ParcelToShip(tracking=f"0034043417700000000{number}")])
    assert new_seller.run().success
    assert new_seller.run("temu_inventory_full_sync").success

    assert killer.killed > 0
    assert order_objections(new_seller.sandbox.shop, new_seller.sandbox.jtl) == []
    assert parcel_objections(new_seller.sandbox.shop, new_seller.sandbox.jtl) == []
    assert [new_seller.in_jtl(order) for order in orders] == [1, 1, 1]
    assert {entry.state for entry in new_seller.outbox(Effect.JTL_ORDER).values()} == {State.DONE}
    assert {entry.state for entry in new_seller.outbox(Effect.SHIPMENT).values()} == {State.DONE}
    calls = new_seller.calls()
    assert calls[CONFIRM] == 3
    assert sum(calls[name] for name in DETAILS) <= 2 * len(orders)
