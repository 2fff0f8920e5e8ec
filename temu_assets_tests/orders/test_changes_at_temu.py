"""What a buyer or TEMU changes before an order goes to JTL, which JTL then gets, and after it, which a person has to know (fault 19)."""

from __future__ import annotations

from contextlib import closing
from datetime import timedelta

import pytest
from pydantic import SecretStr

from temu_assets.jtl.database import Jtl, open_engine
from temu_assets.jtl.parcels import sent_parcels
from temu_assets.orders import parcel_store
from temu_assets.sandbox.book_orders import order_objections
from temu_assets.sandbox.jtl_shipping import ParcelToShip
from temu_assets.temu.order_status import TemuStatus
from temu_assets.toci import problems
from temu_assets.toci.problems import ProblemState
from temu_assets_tests.seller import ADDRESS, LIST, Seller, failed_checks

NUMBER = "00340434161099990001"


def agrees(seller: Seller) -> bool:
    seller.sandbox.jtl.run_worker()
    return order_objections(seller.sandbox.shop, seller.sandbox.jtl) == []


def test_a_cancellation_before_the_export_stops_the_order(new_seller: Seller) -> None:
    """Fault 19."""
    order = new_seller.place(("NICHT-IN-JTL", 1))
    assert new_seller.run().success
    new_seller.sandbox.shop.cancel_order(order)
    with new_seller.sandbox.jtl.transaction() as jtl:
        jtl.execute("INSERT INTO tArtikel (cArtNr) VALUES ('NICHT-IN-JTL')")
    assert new_seller.run().success
    assert new_seller.waiting_rows() == 0
    assert new_seller.holds() == {order: "cancelled"}


def test_a_wish_to_cancel_holds_the_order_until_it_is_decided(new_seller: Seller) -> None:
    order = new_seller.place()
    new_seller.sandbox.shop.request_cancellation(order)
    assert new_seller.run().success
    assert new_seller.holds() == {order: "cancellation_requested"}
    new_seller.sandbox.shop.withdraw_cancellation(order)
    assert new_seller.run().success
    assert agrees(new_seller)
    assert new_seller.in_jtl(order) == 1


def test_a_cancellation_after_the_export_is_a_problem_until_jtl_cancels_too(new_seller: Seller) -> None:
    """Fault 19: nobody ships a cancelled order without having been told."""
    order = new_seller.place()
    new_seller.run_through()
    new_seller.sandbox.shop.cancel_order(order)

    assert failed_checks(new_seller.run(checks=True)) == {"nothing_changed_after_export"}
    assert "was cancelled at TEMU" in new_seller.problems()["changed_after_export", order]

    new_seller.sandbox.jtl.cancel(order)
    assert failed_checks(new_seller.run(checks=True)) == set()


def test_fewer_pieces_before_the_export_are_what_jtl_gets_and_after_it_a_problem(new_seller: Seller) -> None:
    """Fault 4: cancelled pieces are neither shipped nor billed."""
    shop = new_seller.sandbox.shop
    early, late = new_seller.place(("FLASCHE-750-BL", 3)), new_seller.place(("FLASCHE-750-BL", 3))
    shop.cancel_line(early, shop.order(early).lines[0].order_sn, 2)
    new_seller.run_through()
    assert new_seller.pieces_in_jtl(early) == {"FLASCHE-750-BL": 1}
    assert new_seller.problems() == {}

    shop.cancel_line(late, shop.order(late).lines[0].order_sn, 1)
    assert new_seller.run().success
    assert new_seller.problems().keys() == {("changed_after_export", late)}
    assert agrees(new_seller)


def shipped(seller: Seller, *parcels: ParcelToShip) -> str:
    """An order of three bottles that JTL has sent, and that TEMU shows as to be shipped still."""
    order = seller.place(("FLASCHE-750-BL", 3))
    seller.run_through()
    seller.sandbox.jtl.ship(order, parcels or [ParcelToShip(tracking=NUMBER)])
    with seller.toci.engine.begin() as connection, closing(Jtl(open_engine(SecretStr(seller.sandbox.jtl.url)))) as jtl:
        parcel_store.save_sent(connection, seller.toci.shop, sent_parcels(jtl, [order]), now=seller.now())
    return order


def run_when_temu_shows_it_shipped(seller: Seller, order: str) -> None:
    """TEMU tells changes by the second, and the parcel was confirmed within the second of the last change."""
    seller.at_temu(order).updated_at += 2
    seller.later += timedelta(seconds=5)
    assert seller.run().success
    assert seller.row(order).status == TemuStatus.SHIPPED


def test_what_has_left_is_not_told_to_be_stopped_before_it_is_shipped(new_seller: Seller) -> None:
    """Fault 19: a parcel that has left needs another answer than one that has not."""
    order = shipped(new_seller)
    new_seller.sandbox.shop.cancel_order(order)
    assert new_seller.run().success
    with new_seller.toci.engine.begin() as connection:
        (problem,) = problems.of_kind(connection, new_seller.toci.shop, "changed_after_export")
    assert problem.key == order
    assert "has left" in problem.reason
    assert "Call the parcel back" in problem.remedy
    assert "before" not in problem.remedy


def test_a_parcel_that_leaves_after_the_cancellation_is_noticed(new_seller: Seller) -> None:
    """Fault 19."""
    order = new_seller.place()
    new_seller.run_through()
    new_seller.sandbox.shop.cancel_order(order)
    assert new_seller.run().success
    assert "has left" not in new_seller.problems()["changed_after_export", order]
    new_seller.sandbox.jtl.ship(order, [ParcelToShip(tracking=NUMBER)])
    for _ in range(2):
        assert new_seller.run().success
    assert "has left" in new_seller.problems()["changed_after_export", order]


def test_more_pieces_sent_than_temu_wants_stay_a_problem_until_they_are_handled(new_seller: Seller) -> None:
    """Faults 4 and 19: TEMU counts the order as shipped, and the surplus is on its way all the same."""
    shop, order = new_seller.sandbox.shop, shipped(new_seller)
    shop.cancel_line(order, shop.order(order).lines[0].order_sn, 1)
    assert new_seller.run().success
    assert "with more than TEMU wants" in new_seller.problems()["changed_after_export", order]
    run_when_temu_shows_it_shipped(new_seller, order)
    assert "with more than TEMU wants" in new_seller.problems()["changed_after_export", order]

    with new_seller.toci.engine.begin() as connection:
        problems.mark(connection, new_seller.toci.shop, "changed_after_export", [order], ProblemState.HANDLED)
    assert new_seller.run().success
    assert new_seller.problems() == {}


def test_an_order_shipped_with_the_lowered_quantity_is_no_problem(new_seller: Seller) -> None:
    shop, order = new_seller.sandbox.shop, shipped(new_seller, ParcelToShip(tracking=NUMBER, contents={"FLASCHE-750-BL": 2}))
    shop.cancel_line(order, shop.order(order).lines[0].order_sn, 1)
    assert new_seller.run().success
    assert "has left" not in new_seller.problems()["changed_after_export", order]
    run_when_temu_shows_it_shipped(new_seller, order)
    assert new_seller.problems() == {}


def test_a_new_address_before_the_export_is_what_jtl_gets_also_the_second_time(new_seller: Seller) -> None:
    """Fault 19: TEMU's sign of a changed address stays, so it cannot tell a second change."""
    order = new_seller.place(("NICHT-IN-JTL", 1))
    shop = new_seller.sandbox.shop
    for number in (1, 2):
        shop.change_address(order, street=f"Neue Straße {number}")
        shop.order(order).updated_at += number
        new_seller.later += timedelta(seconds=5)
        assert new_seller.run().success
    assert new_seller.row(order).line1 == "Neue Straße 2"
    with new_seller.sandbox.jtl.transaction() as jtl:
        jtl.execute("INSERT INTO tArtikel (cArtNr) VALUES ('NICHT-IN-JTL')")
    assert new_seller.run().success
    new_seller.sandbox.jtl.run_worker()
    (address,) = new_seller.sandbox.jtl.rows("SELECT DISTINCT cStrasse FROM tAdresse WHERE cStrasse LIKE 'Neue%'")
    assert address[0] == "Neue Straße 2"


def test_a_new_address_while_the_order_is_held_is_what_jtl_gets_also_if_all_of_it_happens_in_one_second(
    new_seller: Seller, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Fault 19. TEMU counts in seconds: that the wish is withdrawn in the second of the change looks like no change at all."""
    in_one_second = new_seller.sandbox.shop.clock()
    monkeypatch.setattr(new_seller.sandbox.shop, "clock", lambda: in_one_second)
    order = new_seller.place(("NICHT-IN-JTL", 1))
    assert new_seller.run().success
    new_seller.sandbox.shop.request_cancellation(order)
    new_seller.sandbox.shop.change_address(order, street="Neue Straße 7")
    assert new_seller.run().success
    new_seller.sandbox.shop.withdraw_cancellation(order)
    with new_seller.sandbox.jtl.transaction() as jtl:
        jtl.execute("INSERT INTO tArtikel (cArtNr) VALUES ('NICHT-IN-JTL')")
    assert new_seller.run().success
    new_seller.sandbox.jtl.run_worker()
    assert new_seller.sandbox.jtl.rows("SELECT 1 FROM tAdresse WHERE cStrasse = 'Neue Straße 7'")


def test_a_new_address_after_the_export_is_a_problem_even_while_temu_does_not_tell_it(new_seller: Seller) -> None:
    """Faults 9 and 19: "not told yet" is not "the same"."""
    order = new_seller.place()
    new_seller.run_through()
    new_seller.sandbox.shop.change_address(order, street="Neue Straße 5")
    new_seller.fault("http_status", ADDRESS, status=503, times=5)
    for _ in range(2):
        assert new_seller.run().success
        assert new_seller.problems().keys() == {("changed_after_export", order)}
    assert new_seller.row(order).line1 == "Neue Straße 5"
    assert new_seller.in_jtl(order) == 1
    assert new_seller.waiting_rows() == 0


def test_an_order_whose_newest_change_cannot_be_read_does_not_go_with_what_was_true_before(new_seller: Seller) -> None:
    """Faults 4 and 9: the change may be the cancelled piece."""
    order = new_seller.place(("FLASCHE-750-BL", 2))
    new_seller.fault("business_code", ADDRESS, code=2000000)
    assert new_seller.run().success
    (line,) = new_seller.at_temu(order).lines
    new_seller.sandbox.shop.cancel_line(order, line.order_sn, 1)
    new_seller.fault("set_field", LIST, path="pageItems.*.parentOrderMap.parentOrderStatus", value="odd")

    assert new_seller.run().success
    assert new_seller.waiting_rows() == 0
    assert new_seller.holds() == {order: "newer_unreadable"}
    assert new_seller.problems().keys() == {("order_data", order)}

    new_seller.run_through()
    assert new_seller.problems() == {}
    assert new_seller.pieces_in_jtl(order) == {"FLASCHE-750-BL": 1}
