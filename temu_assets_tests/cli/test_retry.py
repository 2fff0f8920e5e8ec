"""``problems retry``: the next run does just those again. What TEMU was asked and told is read from its own journal."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from click.testing import CliRunner
from sqlalchemy import Connection, Engine, event, update

from temu_assets.cli import main
from temu_assets.inventory import sending
from temu_assets.sandbox import shop_settings
from temu_assets.sandbox.jtl import ParcelToShip
from temu_assets.toci.outbox import Effect, State
from temu_assets.toci.tables import outbox
from temu_assets_tests.seller import ADDRESS, AMOUNTS, COMPANIES, CONFIRM, INVOICE, LIST, Seller

TRACKING = "temu_tracking_sync"
STOCK = "temu_inventory_sync"
TOLD = 'told as [[123, "1234"]]'
EDIT = "bg.local.goods.stock.edit"


def retry(*arguments: str) -> str:
    result = CliRunner().invoke(main, ["problems", "retry", *arguments])
    assert result.exit_code == 0, result.output
    return result.output


def keys(seller: Seller, kind: str) -> set[str]:
    return {key for each, key in seller.problems() if each == kind}


def shipped(seller: Seller, *parcels: ParcelToShip) -> dict[str, str]:
    """Orders JTL has sent in one parcel each: the order by parcel."""
    orders = [seller.place() for _ in parcels]
    seller.run_through()
    sent = {str(seller.sandbox.jtl.ship(order, [parcel])[0]): order for order, parcel in zip(orders, parcels, strict=True)}
    seller.calls()
    return sent


def test_order_data_is_asked_for_by_the_number_of_just_these(new_seller: Seller) -> None:
    orders = sorted(new_seller.place() for _ in range(3))
    right = {order: new_seller.at_temu(order).lines[0].goods_id for order in orders}
    for order in orders:
        new_seller.at_temu(order).lines[0].goods_id = -5  # no id
    assert new_seller.run().success
    new_seller.later = timedelta(hours=2)
    assert new_seller.run().success
    assert keys(new_seller, "order_data") == set(orders)
    for order in orders:
        new_seller.at_temu(order).lines[0].goods_id = right[order]

    retry("order_data", orders[1])
    new_seller.later = timedelta(hours=10)  # by now they have left the window of what changed
    new_seller.calls()
    assert new_seller.run().success
    asked = [entry.params.get("parentOrderSnList") for entry in new_seller.sandbox.server.journal.entries(LIST)]
    assert [each for each in asked if each] == [[orders[1]]]
    assert keys(new_seller, "order_data") == {orders[0], orders[2]}


def test_prices_that_did_not_come_are_asked_for_of_just_these_orders(new_seller: Seller) -> None:
    for endpoint in (AMOUNTS, INVOICE):
        shop_settings.revoke(new_seller.sandbox.shop, endpoint)
    orders = sorted(new_seller.place() for _ in range(3))
    assert new_seller.run().success
    assert keys(new_seller, "order_held") == set(orders)
    shop_settings.grant(new_seller.sandbox.shop, AMOUNTS)

    retry("order_held", orders[1])
    new_seller.calls()
    assert new_seller.run().success
    (call,) = new_seller.sandbox.server.journal.entries(AMOUNTS)
    assert call.params["parentOrderSn"] == orders[1]
    calls = new_seller.calls()
    assert (calls[AMOUNTS], calls[INVOICE], calls[ADDRESS]) == (1, 0, 0)
    assert keys(new_seller, "order_held") == {orders[0], orders[2]}


def test_just_the_parcels_asked_for_are_sent_again(new_seller: Seller) -> None:
    sent = shipped(new_seller, *[ParcelToShip(tracking=f"1234{number}") for number in range(3)])
    assert new_seller.run(TRACKING).success
    assert keys(new_seller, "shipment_refused") == set(sent)
    parcel = sorted(sent)[1]

    retry("shipment_refused", parcel)
    new_seller.calls()
    assert new_seller.run(TRACKING).success
    (call,) = new_seller.sandbox.server.journal.entries(CONFIRM)
    told = str(call.params["sendRequestList"])
    assert [order for order in sent.values() if order in told] == [sent[parcel]]
    assert keys(new_seller, "shipment_refused") == set(sent), "refused again, for the same reason"

    new_seller.calls()
    assert new_seller.run(TRACKING).success
    assert new_seller.calls() == {}, "once, not from now on"


def test_just_the_parcels_asked_for_look_for_a_carrier_again(new_seller: Seller) -> None:
    sent = shipped(new_seller, *[ParcelToShip("Spedition Maier", f"0034043417700000000{number}") for number in range(2)])
    assert new_seller.run(TRACKING).success
    one, other = sorted(sent)
    before = new_seller.outbox(Effect.SHIPMENT)

    assert retry("carrier_not_mapped", one) == (
        f"carrier_not_mapped {one}: the next run of {TRACKING} looks for their carrier in TEMU's list again.\n"
    )
    new_seller.later = timedelta(minutes=10)
    new_seller.calls()
    assert new_seller.run(TRACKING).success
    assert new_seller.calls() == {COMPANIES: 1}
    after = new_seller.outbox(Effect.SHIPMENT)
    waits, waited = after[one].retry_at, before[one].retry_at
    assert waits is not None
    assert waited is not None
    assert waits > waited
    assert after[other] == before[other]
    assert keys(new_seller, "carrier_not_mapped") == set(sent)


@contextmanager
def told_meanwhile(seller: Seller, parcel: str) -> Iterator[None]:
    """A run begins to tell TEMU the parcel right before anything of the outbox is changed: after whatever was looked up before."""
    begun = update(outbox).where(outbox.c.key == parcel).values(state=State.SENDING.value, evidence=TOLD, retry_at=None)
    is_begun = False

    def begin(connection: Connection, _cursor: object, statement: str, *_: object) -> None:
        nonlocal is_begun
        if statement.startswith("UPDATE outbox ") and not is_begun:
            is_begun = True
            connection.execute(begun)

    event.listen(Engine, "before_cursor_execute", begin)
    try:
        yield
    finally:
        event.remove(Engine, "before_cursor_execute", begin)
    assert is_begun
    assert (seller.outbox(Effect.SHIPMENT)[parcel].state, seller.outbox(Effect.SHIPMENT)[parcel].evidence) == (State.SENDING, TOLD)


@pytest.mark.parametrize(
    ("kind", "parcels"),
    [
        ("shipment_refused", [ParcelToShip(tracking=f"1234{number}") for number in range(2)]),
        ("carrier_not_mapped", [ParcelToShip("Spedition Maier", f"0034043417700000000{number}") for number in range(2)]),
    ],
)
def test_a_parcel_that_a_run_tells_temu_just_now_is_left_to_it(new_seller: Seller, kind: str, parcels: list[ParcelToShip]) -> None:
    """Or the next run would not know that TEMU may have been told, and tell it once more."""
    sent = shipped(new_seller, *parcels)
    assert new_seller.run(TRACKING).success
    under_way, other = sorted(sent)
    before = new_seller.outbox(Effect.SHIPMENT)
    assert {entry.state for entry in before.values()} == {State.PARKED}
    with told_meanwhile(new_seller, under_way):
        retry(kind)
    assert new_seller.outbox(Effect.SHIPMENT)[under_way].retry_at is None
    assert new_seller.outbox(Effect.SHIPMENT)[other] != before[other], "the rest is tried again"


def test_just_the_stock_asked_for_is_sent_again(new_seller: Seller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending, "READ_BACK_PAUSES", (0.0,))
    assert new_seller.run("temu_inventory_full_sync").success
    blocked = [sku for sku in new_seller.sandbox.shop.state.skus.values() if sku.code in ("DECKEL-BL", "FLASCHE-750-BL", "STIRNLAMPE-WS")]
    for sku in blocked:
        sku.editable = False
        new_seller.sandbox.jtl.move_stock(sku.code, 7)
    assert new_seller.run(STOCK).success
    assert keys(new_seller, "stock_refused") == {str(sku.sku_id) for sku in blocked}
    for sku in blocked:
        sku.editable = True

    retry("stock_refused", str(blocked[0].sku_id))
    new_seller.calls()
    assert new_seller.run(STOCK).success
    told = [target["skuId"] for entry in new_seller.sandbox.server.journal.entries(EDIT) for target in entry.params["skuStockTargetList"]]
    assert told == [blocked[0].sku_id]
    assert keys(new_seller, "stock_refused") == {str(sku.sku_id) for sku in blocked[1:]}


@pytest.mark.parametrize("kind", ["order_xml", "article_unknown", "stock_brake"])
def test_what_every_run_looks_at_needs_no_asking(new_seller: Seller, kind: str) -> None:
    assert new_seller.run().success
    result = CliRunner().invoke(main, ["problems", "retry", kind])
    assert result.exit_code == 1
    assert "There is no problem" in result.output
