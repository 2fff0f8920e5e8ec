"""Parcels that TEMU does not show, shows under another number, or twice; and those that only wait."""

from __future__ import annotations

from datetime import timedelta

import pytest

from temu_assets.reconciliation import comparing_parcels
from temu_assets.reconciliation.kinds import Kind
from temu_assets.sandbox.jtl_shipping import ParcelToShip
from temu_assets.sandbox.state import Package
from temu_assets.toci.kinds import CARRIER_NOT_MAPPED
from temu_assets_tests.reconciliation.comparing import compare, in_jtl_for_days, many_sent_for_days, sent_for_days, the_difference
from temu_assets_tests.seller import SHIPMENT, Seller, failure, metadata_of


def _remove_package(seller: Seller, order: str) -> Package:
    """Somebody takes the order's package back in Seller Center."""
    (package,) = seller.sandbox.shop.packages_of(order)
    seller.sandbox.shop.packages_of(order).clear()
    del seller.sandbox.shop.state.packages[package.package_sn]
    return package


def test_a_parcel_temu_was_told_and_shows_no_more_is_named(new_seller: Seller) -> None:
    order = sent_for_days(new_seller)
    package = _remove_package(new_seller, order)

    reason = the_difference(new_seller, Kind.PARCEL_NOT_AT_TEMU, order)
    assert package.tracking_number in reason
    assert "although it was told" in reason

    new_seller.sandbox.shop.add_package(package)
    assert compare(new_seller) == {}


def test_a_parcel_temu_was_never_told_is_named_after_a_day(new_seller: Seller) -> None:
    order = in_jtl_for_days(new_seller)
    new_seller.sandbox.jtl.ship(order)
    assert compare(new_seller) == {}
    new_seller.later += timedelta(hours=25)
    assert compare(new_seller) == {}
    new_seller.later += timedelta(hours=2)

    assert "TEMU does not show it." in the_difference(new_seller, Kind.PARCEL_NOT_AT_TEMU, order)

    assert new_seller.run("temu_tracking_sync").success
    assert compare(new_seller) == {}


def test_a_parcel_without_a_number_is_named_until_jtl_has_one(new_seller: Seller) -> None:
    order = in_jtl_for_days(new_seller)
    (parcel,) = new_seller.sandbox.jtl.ship(order, [ParcelToShip()])
    new_seller.later += timedelta(days=2)
    assert new_seller.run().success
    assert "with no number" in the_difference(new_seller, Kind.PARCEL_NOT_AT_TEMU, order)
    new_seller.sandbox.jtl.set_tracking(parcel, "00340434177000000099")
    assert new_seller.run().success
    assert compare(new_seller) == {}


def test_a_parcel_that_waits_for_the_rest_of_its_order_is_named_once_the_rest_is_late(new_seller: Seller) -> None:
    order = in_jtl_for_days(new_seller, ("FLASCHE-750-BL", 1), ("BROTDOSE-SW", 1))
    new_seller.sandbox.jtl.ship(order, [ParcelToShip(tracking="00340434177000000098", contents={"BROTDOSE-SW": 1})])
    ship_by = new_seller.row(order).ship_by
    new_seller.later = ship_by - new_seller.now() + new_seller.later - timedelta(minutes=5)
    assert new_seller.run().success
    assert compare(new_seller) == {}
    new_seller.later += timedelta(days=2)
    assert "98" in the_difference(new_seller, Kind.PARCEL_NOT_AT_TEMU, order)


def test_what_a_person_was_told_of_a_parcel_is_not_told_again(new_seller: Seller) -> None:
    order = in_jtl_for_days(new_seller)
    (parcel,) = new_seller.sandbox.jtl.ship(order, [ParcelToShip(method="Spedition Maier", tracking="4711")])
    new_seller.later += timedelta(days=2)
    assert new_seller.run().success
    assert (CARRIER_NOT_MAPPED, str(parcel)) in new_seller.problems()
    assert compare(new_seller) == {}


def test_nothing_is_said_of_a_parcel_while_the_buyer_asks_to_cancel(new_seller: Seller) -> None:
    order = in_jtl_for_days(new_seller)
    new_seller.sandbox.jtl.ship(order)
    new_seller.sandbox.shop.request_cancellation(order)
    new_seller.later += timedelta(days=2)
    assert compare(new_seller) == {}


def test_a_number_jtl_does_not_have_is_named(new_seller: Seller) -> None:
    order = sent_for_days(new_seller)
    (package,) = new_seller.sandbox.shop.packages_of(order)
    right = package.tracking_number
    package.tracking_number = "00340434199999999999"

    found = compare(new_seller)
    assert found.keys() == {(Kind.PARCEL_DIFFERS, order), (Kind.PARCEL_NOT_AT_TEMU, order)}
    assert "00340434199999999999" in found[Kind.PARCEL_DIFFERS, order]
    assert right in found[Kind.PARCEL_DIFFERS, order]

    package.tracking_number = right
    assert compare(new_seller) == {}


def test_two_packages_with_one_number_are_named(new_seller: Seller) -> None:
    order = sent_for_days(new_seller)
    (package,) = new_seller.sandbox.shop.packages_of(order)
    double = Package("PK-9", package.carrier_id, package.tracking_number, None, package.confirmed_at, package.contents)
    new_seller.sandbox.shop.add_package(double)

    reason = the_difference(new_seller, Kind.PARCEL_DIFFERS, order)
    assert package.package_sn in reason
    assert "PK-9" in reason

    new_seller.sandbox.shop.packages_of(order).remove(double)
    assert compare(new_seller) == {}


def test_a_number_corrected_in_jtl_is_on_its_way(new_seller: Seller) -> None:
    """Whether our tables have seen it already or not."""
    order = sent_for_days(new_seller)
    (key,) = new_seller.sandbox.jtl.rows("SELECT kVersand FROM tVersand WHERE cIdentCode LIKE '00340434166%'")
    new_seller.sandbox.jtl.set_tracking(key[0], "00340434177000000055")
    found = compare(new_seller)
    assert (Kind.PARCEL_DIFFERS, order) not in found
    assert new_seller.run("temu_tracking_sync").success
    assert compare(new_seller) == {}


def test_a_parcel_taken_back_in_jtl_after_temu_was_told_is_named(new_seller: Seller) -> None:
    order = sent_for_days(new_seller)
    with new_seller.sandbox.jtl.transaction() as jtl:
        jtl.execute("DELETE FROM tVersandPos")
        jtl.execute("DELETE FROM tVersand")
    assert "JTL: no sent parcel" in the_difference(new_seller, Kind.PARCEL_DIFFERS, order)


def test_temu_is_asked_about_so_many_lines_a_run_and_about_the_others_in_turn(new_seller: Seller, monkeypatch: pytest.MonkeyPatch) -> None:
    """A doubtful order comes first; one that was not asked about stays as it was."""
    monkeypatch.setattr(comparing_parcels, "MOST_QUESTIONS", 2)
    orders = many_sent_for_days(new_seller, 5)
    package = _remove_package(new_seller, orders[2])
    asked, named = [], []
    for _ in range(4):
        new_seller.calls()
        told = metadata_of(new_seller.run("reconcile"), "reconciliation")
        assert told["shipments_asked_of_temu"] == 2
        assert told["orders_with_shipments_left_for_later"] == 3
        asked.append(_asked_about(new_seller))
        named.append(told["parcel_not_at_temu"])
    assert asked[0] == set(orders[:2])
    assert asked[1] == {orders[2], orders[3]}
    # Doubted from now on, the third is asked about each time, beside one of the others.
    assert asked[2] == {orders[2], orders[4]}
    assert asked[3] == {orders[2], orders[0]}
    assert named == [0, 1, 1, 1]
    new_seller.sandbox.shop.add_package(package)
    assert compare(new_seller) == {}


def test_many_doubtful_orders_do_not_keep_the_others_from_their_turn(new_seller: Seller, monkeypatch: pytest.MonkeyPatch) -> None:
    orders = many_sent_for_days(new_seller, 6)
    for order in orders[:4]:
        _remove_package(new_seller, order)
    assert len(compare(new_seller)) == 4
    monkeypatch.setattr(comparing_parcels, "MOST_QUESTIONS", 2)
    asked: list[str] = []
    for _ in range(6):
        new_seller.calls()
        assert len(compare(new_seller)) == 4
        asked += _asked_about(new_seller)
    assert set(asked) == set(orders)
    assert len(asked) == 12


def test_nothing_is_said_any_more_of_the_parcels_of_an_order_that_is_cancelled(new_seller: Seller) -> None:
    order = sent_for_days(new_seller)
    _remove_package(new_seller, order)
    assert compare(new_seller).keys() == {(Kind.PARCEL_NOT_AT_TEMU, order)}
    for line in new_seller.at_temu(order).lines:
        new_seller.sandbox.shop.cancel_line(order, line.order_sn)
    assert new_seller.run().success
    assert (Kind.PARCEL_NOT_AT_TEMU, order) not in compare(new_seller)


def test_when_temu_tells_the_packages_of_no_order_nothing_is_concluded(new_seller: Seller) -> None:
    many_sent_for_days(new_seller, 5)
    new_seller.fault("business_code", SHIPMENT, code=120012016, times=5)
    result = new_seller.run("reconcile")
    assert not result.success
    assert "told those of none" in failure(result)
    assert compare(new_seller) == {}


def _asked_about(seller: Seller) -> set[str]:
    return {str(entry.params["parentOrderSn"]) for entry in seller.sandbox.server.journal.entries() if entry.endpoint == SHIPMENT}
