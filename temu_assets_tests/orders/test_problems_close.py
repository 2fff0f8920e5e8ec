"""A problem that went away closes itself, whichever way it went; while it lasts it is one problem.

The kinds of orders and parcels; ``double_in_jtl`` is in ``test_hand_over.py``.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from temu_assets.orders.looking import news
from temu_assets.resources import TemuResource
from temu_assets.sandbox import confirm_api
from temu_assets.sandbox.jtl import ParcelToShip
from temu_assets.sandbox.params import Params
from temu_assets.sandbox.shop_settings import reserve_number
from temu_assets.toci import problems
from temu_assets.toci.problems import Problem, ProblemState
from temu_assets.toci.tables import temu_parcels
from temu_assets_tests.orders.test_hand_over import refuse_in_jtl
from temu_assets_tests.seller import CONFIRM, LIST, Seller

TRACKING = "temu_tracking_sync"
ONE = "00340434177000000007"


def kinds(seller: Seller) -> list[tuple[str, str]]:
    """Kind and key of everything that is open."""
    return sorted(seller.problems())


def problem(seller: Seller, kind: str, key: str) -> Problem:
    with seller.toci.engine.begin() as connection:
        return next(each for each in problems.of_kind(connection, seller.toci.shop, kind) if each.key == key)


def shipped(seller: Seller, *parcels: ParcelToShip) -> tuple[str, str]:
    """An order JTL has sent, and its first parcel."""
    order = seller.place()
    seller.run_through()
    return order, str(seller.sandbox.jtl.ship(order, parcels or [ParcelToShip(tracking=ONE)])[0])


def take_back(seller: Seller, parcel: str) -> None:
    """Somebody found in JTL that the parcel had not left."""
    with seller.sandbox.jtl.transaction() as jtl:
        jtl.execute("UPDATE tVersand SET dVersendet = NULL WHERE kVersand = ?", (int(parcel),))


def confirm_in_seller_center(seller: Seller, order_id: str) -> None:
    """With the number JTL has, which TEMU now takes."""
    seller.sandbox.shop.state.used_numbers.remove(ONE)
    lines = [
        {"parentOrderSn": order_id, "orderSn": line.order_sn, "quantity": line.quantity} for line in seller.at_temu(order_id).open_lines
    ]
    package = {"carrierId": 141252268, "trackingNumber": ONE, "orderSendInfoList": lines}
    confirm_api.confirm(seller.sandbox.shop, Params({"sendType": 0, "sendRequestList": [package]}))


def unreadable(seller: Seller) -> None:
    """The next list of orders holds one that cannot be read."""
    seller.fault("remove_field", LIST, path="pageItems.0.orderList.0.skuId")


def test_order_data_closes_when_the_order_can_be_read(new_seller: Seller) -> None:
    order = new_seller.place()
    unreadable(new_seller)
    assert new_seller.run().success
    assert kinds(new_seller) == [("order_data", order)]
    assert new_seller.run().success
    assert kinds(new_seller) == []


def test_order_data_closes_when_an_order_nobody_took_in_is_cancelled(new_seller: Seller) -> None:
    """What cannot be read need not be read any more."""
    order = new_seller.place()
    unreadable(new_seller)
    assert new_seller.run().success
    new_seller.sandbox.shop.cancel_order(order)
    unreadable(new_seller)
    assert new_seller.run().success
    assert kinds(new_seller) == []


def test_a_cancelled_order_nobody_could_read_is_no_news_to_the_sensor(new_seller: Seller) -> None:
    assert new_seller.run().success
    order = new_seller.place()
    new_seller.sandbox.shop.cancel_order(order)
    unreadable(new_seller)
    assert new_seller.run().success
    assert kinds(new_seller) == []
    unreadable(new_seller)
    with TemuResource().connect() as client:
        assert news(client, new_seller.toci, now=new_seller.now()) is None


def test_order_data_of_an_order_jtl_has_stays_when_it_is_cancelled(new_seller: Seller) -> None:
    """Somebody has to look whether JTL ships it."""
    order = new_seller.place()
    new_seller.run_through()
    new_seller.sandbox.shop.cancel_order(order)
    unreadable(new_seller)
    assert new_seller.run().success
    assert kinds(new_seller) == [("order_data", order)]


def test_order_held_closes_when_the_order_is_cancelled(new_seller: Seller) -> None:
    order = new_seller.place(("NICHT-IN-JTL", 1))
    assert new_seller.run().success
    assert kinds(new_seller) == [("order_held", order)]
    new_seller.sandbox.shop.cancel_order(order)
    assert new_seller.run().success
    assert kinds(new_seller) == []


def test_order_xml_is_one_problem_while_jtl_refuses_and_closes_when_the_order_is_cancelled(new_seller: Seller) -> None:
    order = new_seller.place()
    refuse_in_jtl(new_seller, order)
    assert new_seller.run().success
    first = problem(new_seller, "order_xml", order)
    new_seller.later = timedelta(hours=1)
    assert new_seller.run().success
    again = problem(new_seller, "order_xml", order)
    assert (again.state, again.first_seen_at, again.count) == (ProblemState.OPEN, first.first_seen_at, 2)
    assert again.last_seen_at > first.last_seen_at

    with new_seller.toci.engine.begin() as connection:
        problems.mark(connection, new_seller.toci.shop, "order_xml", [order], ProblemState.HANDLED)
    assert new_seller.run().success
    assert problem(new_seller, "order_xml", order).state is ProblemState.HANDLED, "a person's word counts while the reason is the same"

    new_seller.sandbox.shop.cancel_order(order)
    assert new_seller.run().success
    assert problem(new_seller, "order_xml", order).state is ProblemState.CLOSED


def test_order_xml_closes_when_jtl_takes_the_order(new_seller: Seller) -> None:
    order = new_seller.place()
    refuse_in_jtl(new_seller, order)
    assert new_seller.run().success
    assert kinds(new_seller) == [("order_xml", order)]
    with new_seller.sandbox.jtl.transaction() as jtl:
        jtl.execute("DROP TRIGGER refuse")
    assert new_seller.run().success
    assert kinds(new_seller) == []


def test_not_taken_by_jtl_closes_when_temu_cancels_because_nobody_may_enter_it_by_hand(new_seller: Seller) -> None:
    order = new_seller.place()
    assert new_seller.run().success
    new_seller.later = timedelta(hours=25)
    assert new_seller.run().success
    assert kinds(new_seller) == [("not_taken_by_jtl", order)]
    new_seller.sandbox.shop.cancel_order(order)
    new_seller.at_temu(order).updated_at += 25 * 3600
    assert new_seller.run().success
    assert kinds(new_seller) == [("changed_after_export", order)], "JTL may still take it: a person has to stop it there"


@pytest.mark.parametrize("settle", ["cancel", "delete"])
def test_changed_after_export_closes_when_jtl_has_the_order_no_more(new_seller: Seller, settle: str) -> None:
    order = new_seller.place()
    new_seller.run_through()
    new_seller.sandbox.shop.cancel_order(order)
    assert new_seller.run().success
    assert kinds(new_seller) == [("changed_after_export", order)]
    getattr(new_seller.sandbox.jtl, settle)(order)
    assert new_seller.run().success
    assert kinds(new_seller) == []


def test_changed_after_export_closes_when_the_buyer_withdraws(new_seller: Seller) -> None:
    order = new_seller.place()
    new_seller.run_through()
    new_seller.sandbox.shop.request_cancellation(order)
    assert new_seller.run().success
    assert kinds(new_seller) == [("changed_after_export", order)]
    new_seller.sandbox.shop.withdraw_cancellation(order)
    assert new_seller.run().success
    assert kinds(new_seller) == []


def a_carrier_nobody_knows(seller: Seller) -> tuple[str, str]:
    return shipped(seller, ParcelToShip("Spedition Maier", ONE))


def a_number_in_use(seller: Seller) -> tuple[str, str]:
    reserve_number(seller.sandbox.shop, ONE)
    return shipped(seller)


def a_symbol_in_the_number(seller: Seller) -> tuple[str, str]:
    return shipped(seller, ParcelToShip(tracking="0034#1"))


@pytest.mark.parametrize(
    ("send", "kind"),
    [(a_carrier_nobody_knows, "carrier_not_mapped"), (a_number_in_use, "shipment_refused"), (a_symbol_in_the_number, "parcel_unclear")],
)
def test_what_keeps_a_parcel_closes_when_the_parcel_is_taken_back(
    new_seller: Seller, send: Callable[[Seller], tuple[str, str]], kind: str
) -> None:
    _, parcel = send(new_seller)
    assert new_seller.run(TRACKING).success
    assert [each for each, _ in kinds(new_seller)] == [kind]
    take_back(new_seller, parcel)
    new_seller.calls()
    assert new_seller.run(TRACKING).success
    assert kinds(new_seller) == []
    assert new_seller.rows(temu_parcels) == []
    assert new_seller.calls()[CONFIRM] == 0


def test_a_parcel_taken_back_and_sent_later_is_reported_then(new_seller: Seller) -> None:
    """A parcel is never reported before it has left."""
    order, parcel = shipped(new_seller)
    new_seller.sandbox.shop.request_cancellation(order)
    assert new_seller.run().success
    take_back(new_seller, parcel)
    new_seller.sandbox.shop.withdraw_cancellation(order)
    assert new_seller.run().success
    assert new_seller.at_temu_as_sent(order) == {}
    new_seller.sandbox.jtl.send(int(parcel))
    assert new_seller.run(TRACKING).success
    assert new_seller.at_temu_as_sent(order).keys() == {ONE}


def test_a_parcel_whose_whole_order_is_gone_from_jtl_is_not_forgotten(new_seller: Seller) -> None:
    """Not to be found is not the same as not sent."""
    order, _ = a_number_in_use(new_seller)
    assert new_seller.run(TRACKING).success
    new_seller.sandbox.jtl.delete(order)
    assert new_seller.run(TRACKING).success
    assert [each for each, _ in kinds(new_seller)] == ["shipment_refused"]
    assert len(new_seller.rows(temu_parcels)) == 1


def test_carrier_not_mapped_closes_when_the_order_is_cancelled(new_seller: Seller) -> None:
    order, _ = a_carrier_nobody_knows(new_seller)
    assert new_seller.run(TRACKING).success
    new_seller.sandbox.shop.cancel_order(order)
    assert new_seller.run().success
    assert kinds(new_seller) == [("changed_after_export", order), ("parcel_unclear", order)]


def test_shipment_refused_closes_when_the_order_is_cancelled_and_another_problem_says_so(new_seller: Seller) -> None:
    order, _ = a_number_in_use(new_seller)
    assert new_seller.run(TRACKING).success
    new_seller.sandbox.shop.cancel_order(order)
    assert new_seller.run().success
    assert kinds(new_seller) == [("changed_after_export", order), ("parcel_unclear", order)]


def test_shipment_refused_closes_when_a_person_confirmed_it_in_seller_center(new_seller: Seller) -> None:
    order, parcel = a_number_in_use(new_seller)
    assert new_seller.run(TRACKING).success
    assert kinds(new_seller) == [("shipment_refused", parcel)]
    confirm_in_seller_center(new_seller, order)
    assert new_seller.run().success
    assert kinds(new_seller) == []
    assert len(new_seller.sandbox.shop.packages_of(order)) == 1
