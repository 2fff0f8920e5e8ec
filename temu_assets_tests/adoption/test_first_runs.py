"""The first runs after the take-over: nothing the predecessor has done is done again, and what it lost is not lost twice."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from temu_assets.adoption.adopt import adopt
from temu_assets.adoption.report import Report
from temu_assets.sandbox.jtl import ParcelToShip
from temu_assets.sandbox.state import Package, PackageContent, Status
from temu_assets.toci.outbox import Effect
from temu_assets.toci.tables import temu_parcels
from temu_assets_tests.adoption import predecessor
from temu_assets_tests.databases import drop_everything
from temu_assets_tests.seller import CONFIRM, CORRECT, Seller, failed_checks

DHL = 141252268
ONE, TWO, THREE, FOUR = (f"0034043417700000000{count}" for count in (5, 6, 7, 8))
BERLIN = ZoneInfo("Europe/Berlin")

EXPORTED = {"status": "xml_erstellt", "xml_erstellt": True}


def sent(number: str) -> dict[str, object]:
    return {"status": "versendet", "xml_erstellt": True, "trackingnummer": number, "versanddatum": local()}


def reported(number: str) -> dict[str, object]:
    return {**sent(number), "temu_gemeldet": True}


def local(*, ago: timedelta = timedelta()) -> datetime:
    """Their clock: local time without a zone."""
    return (datetime.now(BERLIN) - ago).replace(tzinfo=None, microsecond=0)


def tell_temu(seller: Seller, order_id: str, number: str) -> None:
    """What the predecessor did with the first number of an order: all lines under it."""
    shop = seller.sandbox.shop
    with shop.lock:
        order = shop.order(order_id)
        contents = [PackageContent(order_id, line.order_sn, line.sku_id, line.quantity) for line in order.lines]
        shop.add_package(Package(shop.next_package_sn(), DHL, number, "", shop.now, contents))
        for line in order.lines:
            line.status = Status.SHIPPED
        order.status = Status.SHIPPED


def in_jtl(seller: Seller, *items: tuple[str, int]) -> str:
    """An order JTL has got, by whatever way; our database forgets it when the predecessor's comes."""
    order = seller.place(*items)
    seller.run_through()
    return order


def left_by_predecessor(seller: Seller, orders: Mapping[str, Mapping[str, object]]) -> None:
    """Our database is gone, the predecessor's with these orders is in its place."""
    drop_everything(seller.toci.engine.url.render_as_string(hide_password=False))
    # Their date of purchase is later than TEMU's last word here: a clock that is wrong must not hide an order.
    times = {
        "kaufdatum": local(),
        "created_at": local(ago=timedelta(hours=3)),
        "updated_at": local(ago=timedelta(hours=2)),
    }
    rows, lines = list[dict[str, object]](), list[dict[str, object]]()
    for count, (order_id, details) in enumerate(orders.items(), start=1):
        rows.append(predecessor.order(count, **{"bestell_id": order_id, **times, **details}))
        for line in seller.sandbox.shop.state.orders[order_id].lines if order_id in seller.sandbox.shop.state.orders else ():
            lines.append(
                predecessor.item(
                    len(lines) + 1,
                    order_id=count,
                    bestell_id=order_id,
                    bestellartikel_id=line.order_sn,
                    sku_id=str(line.sku_id),
                    menge=line.original_quantity,
                )
            )
    with seller.toci.engine.begin() as connection:
        predecessor.build(connection, of_orders=rows, of_items=lines)


def taken_over(seller: Seller) -> Report:
    report = adopt(seller.toci, now=seller.now())
    assert report is not None
    seller.calls()
    return report


def run_twice(seller: Seller) -> None:
    for _ in range(2):
        assert seller.run().success
        seller.sandbox.jtl.run_worker()


def confirmed(seller: Seller) -> list[str]:
    """Every number TEMU was told, or somebody tried to tell it."""
    return [
        str(request["trackingNumber"])
        for call in seller.sandbox.server.journal.entries(CONFIRM)
        for request in call.params["sendRequestList"]
    ]


def test_every_order_is_in_jtl_once_and_every_parcel_at_temu_once(new_seller: Seller) -> None:
    """Faults 5 and 6: also the order whose insert had failed, which a person is told about."""
    jtl = new_seller.sandbox.jtl
    waiting, told, not_told, crashed = (in_jtl(new_seller) for _ in range(4))
    jtl.ship(told, [ParcelToShip(tracking=ONE)])
    tell_temu(new_seller, told, ONE)
    jtl.ship(not_told, [ParcelToShip(tracking=TWO)])
    lost, fresh = new_seller.place(), new_seller.place()
    left_by_predecessor(
        new_seller,
        {waiting: EXPORTED, told: reported(ONE), not_told: sent(TWO), crashed: {}, lost: EXPORTED, fresh: {}},
    )
    taken_over(new_seller)

    run_twice(new_seller)

    assert {order: new_seller.in_jtl(order) for order in (waiting, told, not_told, crashed, lost, fresh)} == {
        waiting: 1, told: 1, not_told: 1, crashed: 1, lost: 0, fresh: 1,
    }  # fmt: skip
    assert new_seller.waiting_rows() == 0
    assert confirmed(new_seller) == [TWO]
    assert new_seller.problems().keys() == {("not_taken_by_jtl", lost)}

    jtl.ship(waiting, [ParcelToShip(tracking=THREE)])
    jtl.ship(fresh, [ParcelToShip(tracking=FOUR)])
    run_twice(new_seller)
    assert sorted(confirmed(new_seller)) == [TWO, THREE, FOUR]
    assert new_seller.in_jtl(lost) == 0
    assert new_seller.problems().keys() == {("not_taken_by_jtl", lost)}


def test_an_order_exported_a_moment_ago_that_still_waits_for_jtl_is_no_problem(new_seller: Seller) -> None:
    order = new_seller.place()
    assert new_seller.run().success
    assert new_seller.waiting_rows() == 1
    left_by_predecessor(new_seller, {order: EXPORTED | {"updated_at": local()}})
    taken_over(new_seller)
    assert new_seller.run().success
    assert new_seller.waiting_rows() == 1
    run_twice(new_seller)
    assert (new_seller.in_jtl(order), new_seller.problems()) == (1, {})


def test_the_parcel_they_reported_is_kept_as_reported_and_their_second_parcel_goes_to_a_person(new_seller: Seller) -> None:
    """Fault 12: of several parcels they reported one. TEMU takes no more for a line it counts as shipped."""
    order = in_jtl(new_seller, ("FLASCHE-750-BL", 2))
    first, second = new_seller.sandbox.jtl.ship(
        order, [ParcelToShip(tracking=f"{ONE[:8]} {ONE[8:]}", contents={"FLASCHE-750-BL": 1}), ParcelToShip(tracking=TWO)]
    )
    tell_temu(new_seller, order, ONE)
    left_by_predecessor(new_seller, {order: reported(ONE)})
    taken_over(new_seller)

    run_twice(new_seller)

    known = {row.parcel_id: row.reported_at is not None for row in new_seller.rows(temu_parcels)}
    assert known == {first: True, second: False}
    assert new_seller.problems().keys() == {("parcel_unclear", order)}
    assert f"JTL sent parcel {second}, and TEMU wants nothing of the order any more" in new_seller.problems()["parcel_unclear", order]
    assert new_seller.calls()[CONFIRM] == 0


@pytest.mark.parametrize("is_before", [True, False], ids=["corrected before the take-over", "corrected after it"])
def test_a_number_corrected_after_they_reported_it_goes_to_a_person(new_seller: Seller, is_before: bool) -> None:
    order = in_jtl(new_seller)
    (parcel,) = new_seller.sandbox.jtl.ship(order, [ParcelToShip(tracking=ONE)])
    tell_temu(new_seller, order, ONE)
    left_by_predecessor(new_seller, {order: reported(ONE)})
    taken_over(new_seller)
    if is_before:
        new_seller.sandbox.jtl.set_tracking(parcel, TWO)
    run_twice(new_seller)
    new_seller.sandbox.jtl.set_tracking(parcel, TWO)
    run_twice(new_seller)
    assert new_seller.problems().keys() == {("parcel_unclear", order)}
    calls = new_seller.calls()
    assert calls[CONFIRM] == calls[CORRECT] == 0


def test_an_order_they_reported_long_ago_costs_nothing(new_seller: Seller) -> None:
    order = in_jtl(new_seller)
    new_seller.sandbox.jtl.ship(order, [ParcelToShip(tracking=ONE), ParcelToShip(tracking=TWO, contents={})])
    tell_temu(new_seller, order, ONE)
    new_seller.at_temu(order).updated_at -= 60 * 86_400
    long_ago = local(ago=timedelta(days=60))
    left_by_predecessor(new_seller, {order: reported(ONE) | {"versanddatum": long_ago, "kaufdatum": long_ago}})
    taken_over(new_seller)
    run_twice(new_seller)
    assert new_seller.rows(temu_parcels) == []
    assert new_seller.row(order).jtl_order_number is not None
    assert new_seller.problems() == {}


def test_an_order_older_than_the_first_listing_is_asked_for_by_number(new_seller: Seller) -> None:
    """The predecessor saw the first page of seven days only (fault 1): what it had forgotten is not forgotten again."""
    shop = new_seller.sandbox.shop
    fresh, cancelled = new_seller.place(), new_seller.place()
    shop.cancel_order(cancelled)
    for order in (fresh, cancelled):
        shop.order(order).created_at -= 40 * 86_400
        shop.order(order).updated_at = shop.order(order).created_at
    long_ago = {"kaufdatum": local(ago=timedelta(days=40))}
    left_by_predecessor(new_seller, {fresh: long_ago, cancelled: long_ago})
    report = taken_over(new_seller)
    assert report.open_orders == 2

    run_twice(new_seller)

    assert (new_seller.in_jtl(fresh), new_seller.in_jtl(cancelled)) == (1, 0)
    assert new_seller.holds() == {fresh: None, cancelled: "cancelled"}
    assert new_seller.problems() == {}


def test_an_order_temu_does_not_tell_is_never_exported_and_shown_to_a_person(new_seller: Seller) -> None:
    """A test order of theirs, or one TEMU has forgotten: nobody knows whether it is still wanted."""
    strange = "PO-076-99999999999999999"
    left_by_predecessor(new_seller, {strange: {}})
    taken_over(new_seller)
    result = new_seller.run(checks=True)
    assert result.success
    run_twice(new_seller)
    assert failed_checks(result) == {"every_listed_order_can_be_read"}
    assert new_seller.problems().keys() == {("order_data", strange)}
    assert new_seller.holds() == {strange: "not_to_import"}
    assert new_seller.outbox(Effect.JTL_ORDER) == {}


def test_an_order_cancelled_at_temu_that_they_exported_is_told_to_a_person(new_seller: Seller) -> None:
    """Fault 10: they did not look at cancellations."""
    order = in_jtl(new_seller)
    new_seller.sandbox.shop.cancel_order(order)
    left_by_predecessor(new_seller, {order: EXPORTED})
    taken_over(new_seller)
    run_twice(new_seller)
    assert new_seller.problems().keys() == {("changed_after_export", order)}


def test_tracking_alone_before_the_first_order_sync_reports_nothing_it_does_not_know(new_seller: Seller) -> None:
    order = in_jtl(new_seller)
    new_seller.sandbox.jtl.ship(order, [ParcelToShip(tracking=ONE)])
    left_by_predecessor(new_seller, {order: sent(ONE)})
    taken_over(new_seller)
    assert new_seller.run("temu_tracking_sync").success
    assert confirmed(new_seller) == []
    run_twice(new_seller)
    assert confirmed(new_seller) == [ONE]
