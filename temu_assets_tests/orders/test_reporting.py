"""From JTL's parcels to TEMU: every parcel once, with the right carrier and lines, whatever is refused, late, lost or corrected."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import dagster as dg
import pytest
from sqlalchemy import Engine

from temu_assets.orders import reporting, stages
from temu_assets.orders.reporting import Reporting
from temu_assets.sandbox.book_parcels import parcel_objections
from temu_assets.sandbox.jtl import ParcelToShip
from temu_assets.temu.exchange import Exchange
from temu_assets.toci.outbox import Effect, State
from temu_assets.toci.tables import temu_parcels
from temu_assets_tests.engines import change_ours
from temu_assets_tests.seller import COMPANIES, CONFIRM, CORRECT, SHIPMENT, Seller, failed_checks, failure, metadata_of

DHL, DPD = 141252268, 998264853
ONE, TWO, THREE = (f"0034043417700000000{number}" for number in (7, 8, 9))
TRACKING = "temu_tracking_sync"


def ready(seller: Seller, *items: tuple[str, int], number: int = 1) -> list[str]:
    """Orders JTL has and has not shipped."""
    orders = [seller.place(*items) for _ in range(number)]
    seller.run_through()
    seller.calls()
    return orders


def agrees(seller: Seller) -> bool:
    return parcel_objections(seller.sandbox.shop, seller.sandbox.jtl) == []


def states(seller: Seller) -> set[State]:
    return {entry.state for entry in seller.outbox(Effect.SHIPMENT).values()}


def test_two_parcels_of_one_delivery_note_go_in_one_call_each_with_its_pieces(new_seller: Seller) -> None:
    """Fault 12: the second parcel is reported, and a line that is split over both with its pieces in each."""
    (order,) = ready(new_seller, ("FLASCHE-750-BL", 3), ("DECKEL-SW", 1))
    bottle, lid = (line.order_sn for line in new_seller.at_temu(order).lines)
    new_seller.sandbox.jtl.ship(
        order, [ParcelToShip(tracking=ONE, contents={"FLASCHE-750-BL": 2}), ParcelToShip("DPD Paket", "09981000000002")]
    )
    assert new_seller.run(TRACKING).success
    assert new_seller.at_temu_as_sent(order) == {ONE: {bottle: 2}, "09981000000002": {bottle: 1, lid: 1}}
    (call,) = new_seller.sandbox.server.journal.entries(CONFIRM)
    assert call.params["sendType"] == 1
    assert {package.carrier_id for package in new_seller.sandbox.shop.packages_of(order)} == {DHL, DPD}
    assert agrees(new_seller)


def test_a_second_delivery_note_is_waited_for_and_both_are_reported(new_seller: Seller) -> None:
    """Fault 12."""
    (order,) = ready(new_seller, ("FLASCHE-750-BL", 1), ("DECKEL-SW", 1))
    new_seller.sandbox.jtl.ship(order, [ParcelToShip(tracking=ONE, contents={"DECKEL-SW": 1})])
    assert new_seller.run(TRACKING).success
    assert new_seller.at_temu_as_sent(order) == {}
    new_seller.sandbox.jtl.ship(order, [ParcelToShip(tracking=TWO)])
    assert new_seller.run(TRACKING).success
    assert new_seller.at_temu_as_sent(order).keys() == {ONE, TWO}
    assert agrees(new_seller)


def test_lines_go_as_they_leave_where_the_seller_wants_that(new_seller: Seller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEMU_PARTIAL_SHIPMENTS", "true")
    (order,) = ready(new_seller, ("FLASCHE-750-BL", 1), ("DECKEL-SW", 1))
    (parcel,) = new_seller.sandbox.jtl.ship(order, [ParcelToShip(tracking=ONE, contents={"DECKEL-SW": 1})])
    assert new_seller.run(TRACKING).success
    assert new_seller.at_temu_as_sent(order).keys() == {ONE}

    # A correction of the first parcel says nothing about the line that has not left yet.
    new_seller.sandbox.jtl.set_tracking(parcel, THREE)
    assert new_seller.run(TRACKING).success
    new_seller.sandbox.jtl.ship(order, [ParcelToShip(tracking=TWO)])
    assert new_seller.run(TRACKING).success
    assert new_seller.problems() == {}
    assert new_seller.at_temu_as_sent(order).keys() == {TWO, THREE}
    assert agrees(new_seller)


def test_a_parcel_that_is_packed_and_not_sent_is_not_reported(new_seller: Seller) -> None:
    (order,) = ready(new_seller)
    (parcel,) = new_seller.sandbox.jtl.ship(order, [ParcelToShip(tracking=ONE, sent=False)])
    assert new_seller.run(TRACKING).success
    assert new_seller.calls() == {}
    new_seller.sandbox.jtl.send(parcel)
    assert new_seller.run(TRACKING).success
    assert agrees(new_seller)
    assert new_seller.at_temu_as_sent(order).keys() == {ONE}


def test_a_parcel_without_a_number_waits_for_it(new_seller: Seller) -> None:
    (order,) = ready(new_seller)
    (parcel,) = new_seller.sandbox.jtl.ship(order, [ParcelToShip(tracking=None)])
    result = new_seller.run(TRACKING)
    assert metadata_of(result, "order_tracking")["without_tracking_number"] == 1
    assert metadata_of(result, "tracking_upload")["waiting"] == 1
    assert new_seller.calls() == {}
    new_seller.sandbox.jtl.set_tracking(parcel, ONE)
    assert new_seller.run(TRACKING).success
    assert agrees(new_seller)
    assert new_seller.at_temu_as_sent(order).keys() == {ONE}


def test_orders_in_one_parcel_go_as_one_call(new_seller: Seller) -> None:
    orders = ready(new_seller, number=2)
    for order in orders:
        new_seller.sandbox.jtl.ship(order, [ParcelToShip(tracking=ONE)])
    assert new_seller.run(TRACKING).success
    (call,) = new_seller.sandbox.server.journal.entries(CONFIRM)
    assert call.params["sendType"] == 2
    assert [list(new_seller.at_temu_as_sent(order)) for order in orders] == [[ONE], [ONE]]
    new_seller.calls()
    assert new_seller.run(TRACKING).success
    assert new_seller.calls() == {}


def test_a_shipping_method_without_a_carrier_parks_the_parcel_and_never_becomes_another(
    new_seller: Seller, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Fault 13."""
    strange, plain = ready(new_seller, number=2)
    new_seller.sandbox.jtl.ship(strange, [ParcelToShip("Spedition Maier", TWO)])
    new_seller.sandbox.jtl.ship(plain, [ParcelToShip(tracking=ONE)])

    result = new_seller.run(TRACKING, checks=True)

    assert result.success
    assert failed_checks(result) == {"every_shipping_method_has_a_carrier"}
    assert new_seller.at_temu_as_sent(strange) == {}
    assert new_seller.at_temu_as_sent(plain).keys() == {ONE}

    new_seller.calls()
    assert failed_checks(new_seller.run(TRACKING, checks=True)) == {"every_shipping_method_has_a_carrier"}
    assert new_seller.calls() == {}, "nothing has changed, so TEMU is not asked"
    new_seller.later += timedelta(days=1, seconds=1)
    assert failed_checks(new_seller.run(TRACKING, checks=True)) == {"every_shipping_method_has_a_carrier"}
    assert new_seller.calls()[COMPANIES] == 1

    table = tmp_path / "carriers.csv"
    table.write_text("jtl_shipping_method;temu_carrier\nspedition maier;DHL\n", encoding="cp1252")
    monkeypatch.setenv("TEMU_CARRIER_MAP", str(table))
    assert failed_checks(new_seller.run(TRACKING, checks=True)) == set()
    (package,) = new_seller.sandbox.shop.packages_of(strange)
    assert (package.tracking_number, package.carrier_id) == (TWO, DHL)


@pytest.mark.parametrize("code", [2000000, 987654321])
def test_a_refusal_that_tells_no_reason_is_tried_once_more_by_itself(new_seller: Seller, code: int) -> None:
    passing, lasting = ready(new_seller, number=2)
    new_seller.sandbox.jtl.ship(passing, [ParcelToShip(tracking=ONE)])
    new_seller.fault("business_code", CONFIRM, code=code)
    assert new_seller.run(TRACKING).success
    assert {kind for kind, _ in new_seller.problems()} == {"shipment_refused"}
    assert new_seller.run(TRACKING).success
    assert new_seller.problems() == {}
    assert new_seller.at_temu_as_sent(passing).keys() == {ONE}

    (parcel,) = new_seller.sandbox.jtl.ship(lasting, [ParcelToShip(tracking=TWO)])
    new_seller.fault("business_code", CONFIRM, code=code, times=2)
    for _ in range(2):
        assert new_seller.run(TRACKING).success
        assert new_seller.problems().keys() == {("shipment_refused", str(parcel))}
    new_seller.calls()
    assert new_seller.run(TRACKING).success
    assert new_seller.calls() == {}, "twice the same is no accident: it waits for a person"


def test_a_refused_order_does_not_stop_the_others_and_stays_parked_until_its_data_change(new_seller: Seller) -> None:
    """Fault 14: what TEMU took is remembered although something else was refused."""
    bad, good = ready(new_seller, number=2)
    (parcel,) = new_seller.sandbox.jtl.ship(bad, [ParcelToShip(tracking="12345")])
    new_seller.sandbox.jtl.ship(good, [ParcelToShip(tracking=ONE)])

    result = new_seller.run(TRACKING, checks=True)

    assert result.success
    assert failed_checks(result) == {"temu_takes_every_shipment"}
    assert new_seller.at_temu_as_sent(good).keys() == {ONE}
    assert states(new_seller) == {State.DONE, State.PARKED}
    assert "does not fit the carrier" in new_seller.problems()["shipment_refused", str(parcel)]
    assert new_seller.calls()[CONFIRM] == 2
    assert new_seller.run(TRACKING).success
    assert new_seller.calls() == {}, "what waits for a person costs no call"

    new_seller.sandbox.jtl.set_tracking(parcel, TWO)
    assert new_seller.run(TRACKING).success
    assert new_seller.problems() == {}
    assert states(new_seller) == {State.DONE}
    assert agrees(new_seller)


def test_a_corrected_number_goes_to_the_package_temu_knows(new_seller: Seller) -> None:
    (order,) = ready(new_seller, ("FLASCHE-750-BL", 1), ("DECKEL-SW", 1))
    new_seller.sandbox.jtl.ship(order, [ParcelToShip(tracking=ONE, contents={"FLASCHE-750-BL": 1})])
    (second,) = new_seller.sandbox.jtl.ship(order, [ParcelToShip(tracking=TWO)])
    assert new_seller.run(TRACKING).success
    package_ids = {package.tracking_number: package.package_sn for package in new_seller.sandbox.shop.packages_of(order)}
    new_seller.calls()

    new_seller.sandbox.jtl.set_tracking(second, THREE)
    result = new_seller.run(TRACKING)

    assert metadata_of(result, "tracking_upload")["corrected"] == 1
    (call,) = new_seller.sandbox.server.journal.entries(CORRECT)
    assert call.params["editPackageRequestList"][0]["packageSn"] == package_ids[TWO]
    assert new_seller.calls()[CONFIRM] == 0
    assert agrees(new_seller)
    assert new_seller.run(TRACKING).success
    assert new_seller.calls() == {}


@pytest.mark.parametrize("fault", ["reset", "truncate"])
def test_a_confirmation_whose_answer_is_lost_is_looked_up_and_not_sent_twice(new_seller: Seller, fault: str) -> None:
    (order,) = ready(new_seller)
    new_seller.sandbox.jtl.ship(order, [ParcelToShip(tracking=ONE)])
    new_seller.fault(fault, CONFIRM)
    assert "unknown" in failure(new_seller.run(TRACKING))
    assert states(new_seller) == {State.SENDING}
    assert new_seller.at_temu_as_sent(order).keys() == {ONE}

    result = new_seller.run(TRACKING)

    assert result.success
    assert metadata_of(result, "tracking_upload")["found_at_temu_already"] == 1
    assert new_seller.calls()[CONFIRM] == 1
    assert states(new_seller) == {State.DONE}
    assert agrees(new_seller)


def test_a_confirmation_temu_never_got_is_sent_by_the_next_run(new_seller: Seller) -> None:
    (order,) = ready(new_seller)
    new_seller.sandbox.jtl.ship(order, [ParcelToShip(tracking=ONE)])
    new_seller.fault("http_status", CONFIRM, status=502)
    assert not new_seller.run(TRACKING).success
    assert new_seller.run(TRACKING).success
    assert new_seller.calls()[CONFIRM] == 2
    assert agrees(new_seller)


def test_a_look_up_that_cannot_be_read_is_not_taken_as_not_there(new_seller: Seller) -> None:
    """Fault 9: an unclear shipment stays unclear until TEMU's answer can be read."""
    (order,) = ready(new_seller)
    (parcel,) = new_seller.sandbox.jtl.ship(order, [ParcelToShip(tracking=ONE)])
    new_seller.fault("reset", CONFIRM)
    assert not new_seller.run(TRACKING).success
    new_seller.fault("set_field", SHIPMENT, path="shipmentInfoDTO", value="none")

    result = new_seller.run(TRACKING, checks=True)

    assert failed_checks(result) == {"temu_takes_every_shipment"}
    assert "is unclear" in new_seller.problems()["shipment_refused", str(parcel)]
    assert new_seller.calls()[CONFIRM] == 1
    assert states(new_seller) == {State.SENDING}
    assert new_seller.run(TRACKING).success
    assert new_seller.calls()[CONFIRM] == 0
    assert new_seller.problems() == {}
    assert agrees(new_seller)


def test_a_run_that_dies_after_temu_has_confirmed_sends_nothing_twice(new_seller: Seller, monkeypatch: pytest.MonkeyPatch) -> None:
    orders = ready(new_seller, number=2)
    for order, number in zip(orders, (ONE, TWO), strict=True):
        new_seller.sandbox.jtl.ship(order, [ParcelToShip(tracking=number)])

    def die(*_: object) -> None:
        raise ZeroDivisionError

    with monkeypatch.context() as patched:
        patched.setattr(Reporting, "_save", die)
        assert not new_seller.run(TRACKING).success
    assert states(new_seller) == {State.SENDING}

    assert new_seller.run(TRACKING).success

    assert new_seller.calls()[CONFIRM] == 2
    assert states(new_seller) == {State.DONE}
    assert agrees(new_seller)


@pytest.mark.parametrize("deaths", [0, 1])
def test_a_number_corrected_while_it_is_unclear_what_temu_knows_is_found_and_then_corrected(
    new_seller: Seller, monkeypatch: pytest.MonkeyPatch, deaths: int
) -> None:
    """TEMU took the first number and its answer got lost; until the next run somebody corrects it in JTL."""
    (order,) = ready(new_seller)
    (parcel,) = new_seller.sandbox.jtl.ship(order, [ParcelToShip(tracking=ONE)])
    new_seller.fault("reset", CONFIRM)
    assert not new_seller.run(TRACKING).success
    assert states(new_seller) == {State.SENDING}
    new_seller.sandbox.jtl.set_tracking(parcel, TWO)

    def die(*_: object) -> None:
        raise ZeroDivisionError

    for _ in range(deaths):
        with monkeypatch.context() as patched:
            patched.setattr(Reporting, "_confirm_or_look_up", die)
            assert not new_seller.run(TRACKING).success
    new_seller.calls()
    result = new_seller.run(TRACKING)
    assert metadata_of(result, "tracking_upload")["found_at_temu_already"] == 1
    assert new_seller.calls()[CONFIRM] == 0
    assert new_seller.run(TRACKING).success
    assert new_seller.at_temu_as_sent(order).keys() == {TWO}
    assert states(new_seller) == {State.DONE}
    assert new_seller.problems() == {}
    assert agrees(new_seller)


def test_what_temu_may_know_of_a_parcel_that_was_taken_back_is_looked_up_and_never_sent(new_seller: Seller) -> None:
    """The call did not arrive, and the parcel has not left after all."""
    (order,) = ready(new_seller)
    (parcel,) = new_seller.sandbox.jtl.ship(order, [ParcelToShip(tracking=ONE)])
    new_seller.fault("unheard", CONFIRM)
    assert not new_seller.run(TRACKING).success
    with new_seller.sandbox.jtl.transaction() as jtl:
        jtl.execute("UPDATE tVersand SET dVersendet = NULL WHERE kVersand = ?", (parcel,))
    new_seller.calls()
    for _ in range(2):
        assert new_seller.run(TRACKING).success
    assert new_seller.calls()[CONFIRM] == 0
    assert new_seller.rows(temu_parcels) == []
    with new_seller.sandbox.jtl.transaction() as jtl:
        jtl.execute("UPDATE tVersand SET dVersendet = ? WHERE kVersand = ?", (f"{new_seller.now():%Y-%m-%d %H:%M:%S}", parcel))
    assert new_seller.run(TRACKING).success
    assert new_seller.at_temu_as_sent(order).keys() == {ONE}
    assert new_seller.problems() == {}


def test_a_refused_parcel_that_something_else_kept_back_for_a_while_is_told_again(new_seller: Seller) -> None:
    """Its problem was closed meanwhile; what waits for a person must stand in the inbox."""
    (order,) = ready(new_seller)
    (parcel,) = new_seller.sandbox.jtl.ship(order, [ParcelToShip(tracking="12345")])
    assert new_seller.run(TRACKING).success
    assert new_seller.problems().keys() == {("shipment_refused", str(parcel))}
    new_seller.sandbox.shop.request_cancellation(order)
    assert new_seller.run().success
    new_seller.sandbox.shop.withdraw_cancellation(order)
    assert new_seller.run().success
    assert new_seller.run(TRACKING).success
    assert new_seller.problems().keys() == {("shipment_refused", str(parcel))}


@pytest.mark.parametrize("is_listed_now", [False, True], ids=["TEMU is asked first", "TEMU's refusal is what tells"])
def test_a_number_another_tool_has_reported_is_found_and_not_reported_again(
    new_seller: Seller, monkeypatch: pytest.MonkeyPatch, is_listed_now: bool
) -> None:
    (order,) = ready(new_seller)
    new_seller.sandbox.jtl.ship(order, [ParcelToShip(tracking=ONE)])
    assert new_seller.run(TRACKING).success
    with new_seller.toci.engine.begin() as connection:
        connection.execute(temu_parcels.delete())
        connection.exec_driver_sql("DELETE FROM outbox WHERE effect = 'shipment'")
        connection.exec_driver_sql("UPDATE temu_order_items SET reported_at = NULL")
    new_seller.calls()
    monkeypatch.setattr(stages, "is_listed_by", lambda *_: is_listed_now)
    result = new_seller.run(TRACKING)
    assert metadata_of(result, "tracking_upload")["found_at_temu_already"] == 1
    assert new_seller.calls()[CONFIRM] == (1 if is_listed_now else 0)
    assert new_seller.problems() == {}
    assert agrees(new_seller)


def test_a_parcel_of_an_order_the_buyer_wants_to_cancel_waits_for_a_person(new_seller: Seller) -> None:
    (order,) = ready(new_seller)
    new_seller.sandbox.jtl.ship(order, [ParcelToShip(tracking=ONE)])
    new_seller.sandbox.shop.request_cancellation(order)
    assert new_seller.run().success
    assert new_seller.at_temu_as_sent(order) == {}
    assert new_seller.problems().keys() == {("changed_after_export", order)}
    new_seller.sandbox.shop.withdraw_cancellation(order)
    assert new_seller.run().success
    assert new_seller.problems() == {}
    assert agrees(new_seller)


def test_a_shipment_temu_still_decides_about_goes_by_itself_once_it_is_decided(new_seller: Seller) -> None:
    """The buyer asks to cancel after the last listing: TEMU says so, and that is no refusal for good."""
    (order,) = ready(new_seller)
    new_seller.sandbox.jtl.ship(order, [ParcelToShip(tracking=ONE)])
    new_seller.sandbox.shop.request_cancellation(order)
    assert new_seller.run(TRACKING).success
    assert states(new_seller) == {State.PENDING}
    assert new_seller.problems() == {}
    new_seller.sandbox.shop.withdraw_cancellation(order)
    assert new_seller.run(TRACKING).success
    assert agrees(new_seller)


def test_one_answer_that_never_comes_makes_the_run_red_and_stops_no_other_shipment(
    new_seller: Seller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reporting, "BATCH", 1)
    orders = ready(new_seller, number=3)
    for order, number in zip(orders, (ONE, TWO, THREE), strict=True):
        new_seller.sandbox.jtl.ship(order, [ParcelToShip(tracking=number)])
    new_seller.fault("http_status", CONFIRM, status=502)
    assert not new_seller.run(TRACKING).success
    assert sum(bool(new_seller.at_temu_as_sent(order)) for order in orders) == 2
    assert new_seller.run(TRACKING).success
    assert agrees(new_seller)


def test_an_outage_ends_the_calls(new_seller: Seller, monkeypatch: pytest.MonkeyPatch) -> None:
    """Fault 15: TEMU answers nobody, so it is not asked for every parcel."""
    monkeypatch.setattr(reporting, "BATCH", 2)
    numbers = [f"00340434177000000{number:03}" for number in range(10)]
    for order, number in zip(ready(new_seller, number=10), numbers, strict=True):
        new_seller.sandbox.jtl.ship(order, [ParcelToShip(tracking=number)])
    new_seller.fault("http_status", CONFIRM, status=502, times=1000)
    assert not new_seller.run(TRACKING).success
    assert new_seller.calls()[CONFIRM] == 6


def test_no_transaction_of_ours_is_open_while_temu_is_called(new_seller: Seller, monkeypatch: pytest.MonkeyPatch) -> None:
    """Fault 24: no lock is held, and no late rollback forgets what TEMU has accepted."""
    engines: list[Engine] = []
    genuine_send = Exchange.send

    def note(engine: Engine) -> Engine:
        engines.append(engine)
        return engine

    open_ones: list[int] = []

    def send(*arguments: object) -> object:
        # A lease's renewal has its own short transaction, in a thread of its own; its first is 3 s away.
        open_ones.append(sum(engine.pool.checkedout() for engine in engines))  # type: ignore[attr-defined]  # of a queue pool
        return genuine_send(*arguments)  # type: ignore[arg-type]

    change_ours(monkeypatch, note)
    monkeypatch.setattr(Exchange, "send", send)
    orders = [new_seller.place() for _ in range(3)]
    new_seller.run_through()
    for number, order in enumerate(orders):
        new_seller.sandbox.jtl.ship(order, [ParcelToShip(tracking=f"0034043417700000000{number}")])
    assert new_seller.run().success
    assert len(open_ones) >= 3 + 2 * 3 + 2 * 3
    assert set(open_ones) == {0}
    assert agrees(new_seller)


def test_two_runs_at_once_do_the_work_once(new_seller: Seller) -> None:
    """Fault 20: a schedule's tick and a button at the same moment."""
    orders = [new_seller.place() for _ in range(4)]
    results: list[bool] = []

    def run() -> None:
        with dg.DagsterInstance.ephemeral() as instance:
            results.append(replace(new_seller, instance=instance).run().success)

    for _ in range(2):
        threads = [threading.Thread(target=run) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        new_seller.sandbox.jtl.run_worker()
        if len(results) == 2:
            for number, order in enumerate(orders):
                new_seller.sandbox.jtl.ship(order, [ParcelToShip(tracking=f"0034043417700000000{number}")])
    assert results == [True] * 4
    assert [new_seller.in_jtl(order) for order in orders] == [1, 1, 1, 1]
    assert new_seller.calls()[CONFIRM] == 4
    assert agrees(new_seller)
