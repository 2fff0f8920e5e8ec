"""What an answer of TEMU that is missing, late, wrong or refused does to orders: nothing is made up, nothing is lost, the rest goes on."""

from __future__ import annotations

from datetime import timedelta

import pytest

from temu_assets.orders import fetching, ingesting
from temu_assets.orders.asking import MAX_FAILURES_IN_A_ROW
from temu_assets.sandbox import shop_settings
from temu_assets.sandbox.book_orders import order_objections
from temu_assets.sandbox.state import Address
from temu_assets.toci.tables import raw_snapshots, temu_orders
from temu_assets_tests.seller import (
    ADDRESS,
    AMOUNTS,
    DECRYPTED,
    INVOICE,
    LIST,
    Seller,
    failed_checks,
    failure,
    metadata_of,
)

A_CALL_IN_ALL = 5  # attempts, after which the client gives up
WAITS = "every_shippable_order_has_address_and_prices"
HELD = "no_open_order_waits_for_a_person"
CAN_BE_READ = "every_listed_order_can_be_read"


def objections(seller: Seller) -> list[str]:
    seller.sandbox.jtl.run_worker()
    return order_objections(seller.sandbox.shop, seller.sandbox.jtl)


@pytest.mark.parametrize("endpoint", [ADDRESS, AMOUNTS])
def test_an_order_whose_details_fail_waits_and_the_others_go(new_seller: Seller, endpoint: str) -> None:
    """Faults 2 and 9: a failed call is no empty address and no price of 0.00."""
    orders = [new_seller.place() for _ in range(3)]
    new_seller.fault("http_status", endpoint, status=503, times=A_CALL_IN_ALL)

    result = new_seller.run(checks=True)

    assert result.success
    new_seller.sandbox.jtl.run_worker()
    waiting = [order for order in orders if not new_seller.in_jtl(order)]
    assert len(waiting) == 1
    assert new_seller.row(waiting[0]).hold_reason == ("missing_address" if endpoint == ADDRESS else "missing_price")
    assert endpoint in new_seller.row(waiting[0]).hold_detail
    assert failed_checks(result) == {WAITS}
    new_seller.calls()

    result = new_seller.run(checks=True)

    assert failed_checks(result) == set()
    assert objections(new_seller) == []
    # Only what was missing is asked for again.
    assert new_seller.calls() == {LIST: 1, endpoint: 1}


@pytest.mark.parametrize("endpoint", [ADDRESS, AMOUNTS])
def test_one_odd_refusal_costs_a_run_and_two_in_a_row_a_day(new_seller: Seller, endpoint: str) -> None:
    """Fault 2: the order waits, the other goes; one hiccup must not hold it back until tomorrow."""
    new_seller.place()
    new_seller.fault("business_code", endpoint, code=2000000)
    assert new_seller.run().success
    assert new_seller.waiting_rows() == 0
    assert new_seller.problems() == {}, "it is asked for again by itself"
    assert new_seller.run().success
    assert objections(new_seller) == []

    lasting = new_seller.place()
    new_seller.fault("business_code", endpoint, code=2000000, times=2)
    for _ in range(2):
        assert new_seller.run().success
    assert new_seller.problems().keys() == {("order_held", lasting)}
    new_seller.calls()
    assert new_seller.run().success
    assert new_seller.calls()[endpoint] == 0
    new_seller.later += timedelta(days=1, minutes=1)
    assert new_seller.run().success
    assert new_seller.problems() == {}
    assert objections(new_seller) == []


def test_an_outage_is_red_with_one_message_and_what_came_before_is_kept(new_seller: Seller, monkeypatch: pytest.MonkeyPatch) -> None:
    """Faults 10 and 15: the run is red, the cause is said, and not asked for again what was answered."""
    monkeypatch.setenv("TEMU_CONCURRENCY", "1")
    for _ in range(12):
        new_seller.place()
    new_seller.fault("http_status", "*", status=502, skip=11, times=1000)

    result = new_seller.run()

    assert "bg.order" in failure(result)
    assert "502" in failure(result)
    assert new_seller.holds() == {}
    failures = new_seller.calls()
    assert sum(failures.values()) <= 11 + MAX_FAILURES_IN_A_ROW * A_CALL_IN_ALL
    new_seller.sandbox.server.faults.clear()

    assert new_seller.run().success
    assert objections(new_seller) == []
    calls = new_seller.calls()
    # Of eleven good answers one was the list.
    assert calls[ADDRESS] + calls[AMOUNTS] == 2 * 12 - 10


@pytest.mark.parametrize("kind", ["reset", "truncate"])
def test_a_list_page_that_breaks_off_is_asked_for_again(new_seller: Seller, kind: str) -> None:
    new_seller.place()
    new_seller.fault(kind, LIST)
    assert new_seller.run().success
    assert objections(new_seller) == []


def test_a_list_that_cannot_be_read_is_red_and_moves_no_mark(new_seller: Seller) -> None:
    """Faults 9 and 10."""
    new_seller.place()
    new_seller.fault("http_status", LIST, status=500, times=A_CALL_IN_ALL)
    assert LIST in failure(new_seller.run())
    assert new_seller.complete_until() is None
    assert new_seller.run().success
    assert objections(new_seller) == []


def test_a_list_that_stays_incomplete_takes_in_what_it_shows_and_moves_no_mark(seller: Seller) -> None:
    """Fault 1: an order that could be missing is looked for again in the same window."""
    seller.fault("empty_page", LIST, page=2, times=100)
    result = seller.run()
    assert result.success
    assert metadata_of(result, "raw_orders")["list_is_complete"] is False
    assert len(seller.rows(temu_orders)) == 100
    assert seller.complete_until() is None
    seller.sandbox.server.faults.clear()

    result = seller.run()

    assert metadata_of(result, "raw_orders")["list_is_complete"] is True
    assert objections(seller) == []


@pytest.mark.parametrize("kind", ["repeat_page", "shuffle_page", "double_rows", "new_order_after", "empty_page"])
def test_a_list_that_moves_while_it_is_read_hides_no_order(seller: Seller, kind: str) -> None:
    """Fault 1."""
    seller.fault(kind, LIST, page=2 if kind in ("repeat_page", "empty_page") else 1)
    assert seller.run().success
    if kind == "new_order_after":
        assert seller.run().success
    assert objections(seller) == []


def test_without_the_permission_for_amounts_prices_come_from_the_invoice_data(new_seller: Seller) -> None:
    """Faults 2 and 15: one call finds out that the permission is missing, and for a day no other is spent on it."""
    shop_settings.revoke(new_seller.sandbox.shop, AMOUNTS)
    for _ in range(4):
        new_seller.place(("FLASCHE-750-BL", 2))

    assert new_seller.run().success
    assert objections(new_seller) == []
    assert new_seller.calls() == {LIST: 1, ADDRESS: 4, AMOUNTS: 1, INVOICE: 4}
    new_seller.place()
    assert new_seller.run().success
    assert new_seller.calls() == {LIST: 1, ADDRESS: 1, INVOICE: 1}

    new_seller.later = timedelta(days=1, hours=1)
    shop_settings.grant(new_seller.sandbox.shop, AMOUNTS)
    new_seller.place()
    assert new_seller.run().success
    assert new_seller.calls()[AMOUNTS] == 1
    assert objections(new_seller) == []


def test_without_any_price_an_order_is_held_and_never_costs_nothing(new_seller: Seller) -> None:
    """Fault 2: never 0.00."""
    for endpoint in (AMOUNTS, INVOICE):
        shop_settings.revoke(new_seller.sandbox.shop, endpoint)
    orders = [new_seller.place() for _ in range(2)]

    result = new_seller.run(checks=True)

    assert result.success
    assert failed_checks(result) == {WAITS, HELD}
    assert set(new_seller.holds().values()) == {"missing_price"}
    assert new_seller.waiting_rows() == 0
    new_seller.calls()
    assert new_seller.run().success
    assert new_seller.calls() == {LIST: 1}, "not asked again before tomorrow"

    new_seller.later = timedelta(days=1, hours=1)
    shop_settings.grant(new_seller.sandbox.shop, AMOUNTS)
    assert new_seller.run().success
    assert objections(new_seller) == []
    assert all(new_seller.in_jtl(order) == 1 for order in orders)


def test_prices_of_another_order_are_not_taken(new_seller: Seller) -> None:
    """Fault 3: an answer belongs to an order by its number, never by when it comes."""
    order = new_seller.place()
    new_seller.fault("set_field", AMOUNTS, path="parentOrderMap.parentOrderSn", value="PO-076-00000000000000001")
    result = new_seller.run(checks=True)
    assert result.success
    assert failed_checks(result) == {WAITS}
    assert new_seller.row(order).hold_reason == "missing_price"
    assert new_seller.run().success
    assert objections(new_seller) == []


def test_amounts_temu_still_calculates_are_asked_for_with_the_next_run_and_are_no_outage(new_seller: Seller) -> None:
    orders = [new_seller.place() for _ in range(MAX_FAILURES_IN_A_ROW + 2)]
    for _ in range(2):
        new_seller.fault("business_code", AMOUNTS, code=140020008, times=len(orders))
        result = new_seller.run(checks=True)
        assert result.success
        assert failed_checks(result) == {WAITS}
        assert set(new_seller.holds().values()) == {"missing_price"}
    assert new_seller.run().success
    assert objections(new_seller) == []


MASKED = Address(name="Erika Beispiel", street="Musterstraße 12a", postcode="34117", city="Kassel", masked=True)


def test_a_masked_address_is_asked_for_in_clear(new_seller: Seller) -> None:
    new_seller.place(address=MASKED)
    assert new_seller.run().success
    assert new_seller.calls()[DECRYPTED] == 1
    assert objections(new_seller) == []


def test_an_address_that_stays_masked_holds_the_order_until_the_agreement_is_signed(new_seller: Seller) -> None:
    order = new_seller.place(address=MASKED)
    shop_settings.revoke(new_seller.sandbox.shop, DECRYPTED)

    result = new_seller.run(checks=True)

    assert result.success
    assert new_seller.waiting_rows() == 0
    assert new_seller.row(order).hold_reason == "missing_address"
    assert "masked" in new_seller.row(order).hold_detail
    assert failed_checks(result) == {WAITS, HELD}
    new_seller.calls()
    new_seller.run()
    assert new_seller.calls() == {LIST: 1}

    new_seller.later = timedelta(days=1, hours=1)
    shop_settings.grant(new_seller.sandbox.shop, DECRYPTED)
    assert new_seller.run().success
    assert objections(new_seller) == []


@pytest.mark.parametrize("how", ["a new token", "a backfill"])
def test_what_waits_for_a_permission_is_asked_for_at_once_with_a_new_token_or_in_a_backfill(
    new_seller: Seller, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    for endpoint in (AMOUNTS, INVOICE):
        shop_settings.revoke(new_seller.sandbox.shop, endpoint)
    order = new_seller.place()
    assert new_seller.run().success
    shop_settings.grant(new_seller.sandbox.shop, AMOUNTS)
    assert new_seller.run().success
    assert ("order_held", order) in new_seller.problems(), "nobody has told us yet"

    if how == "a new token":
        token = "sandbox-token-renewed"
        shop_settings.renew_token(new_seller.sandbox.shop, token=token)
        monkeypatch.setenv("TEMU_ACCESS_TOKEN", token)
        assert new_seller.run().success
    else:
        assert new_seller.run(backfill=True).success
    assert objections(new_seller) == []
    assert new_seller.problems() == {}


@pytest.mark.parametrize("endpoint", [ADDRESS, AMOUNTS])
def test_an_endpoint_that_answers_nobody_is_an_outage_although_the_others_answer(new_seller: Seller, endpoint: str) -> None:
    """Fault 10: a run that could hand nothing over is not green."""
    for _ in range(20):
        new_seller.place()
    new_seller.fault("http_status", endpoint, status=502, times=10_000)
    assert "the work stays pending" in failure(new_seller.run())
    assert new_seller.calls()[endpoint] <= 5 * (5 + 8)
    new_seller.sandbox.server.faults.clear()
    assert new_seller.run().success
    assert objections(new_seller) == []


def test_an_expired_token_is_red_parks_nothing_and_leaves_nothing_behind_once_renewed(new_seller: Seller) -> None:
    """Fault 15: TEMU's code is told apart from an outage, and everything completes by itself."""
    orders = [new_seller.place() for _ in range(2)]
    shop_settings.expire_token(new_seller.sandbox.shop)
    result = new_seller.run()
    assert "access token expired" in failure(result)
    assert "Authorise the app again" in failure(result)
    assert "TEMU_ACCESS_TOKEN" in failure(result)
    assert sum(new_seller.calls().values()) == 1, "no storm of calls"
    assert new_seller.problems() == {}

    shop_settings.renew_token(new_seller.sandbox.shop)
    assert new_seller.run().success
    assert objections(new_seller) == []
    assert all(new_seller.in_jtl(order) == 1 for order in orders)


def test_a_token_that_expires_in_between_keeps_what_was_read(new_seller: Seller, monkeypatch: pytest.MonkeyPatch) -> None:
    """Fault 15."""
    monkeypatch.setenv("TEMU_CONCURRENCY", "1")
    for _ in range(3):
        new_seller.place()
    new_seller.fault("business_code", ADDRESS, code=3000034, skip=1, times=1000)
    assert "access token expired" in failure(new_seller.run())
    assert new_seller.problems() == {}
    new_seller.sandbox.server.faults.clear()
    new_seller.calls()

    assert new_seller.run().success
    assert new_seller.calls() == {LIST: 1, ADDRESS: 2, AMOUNTS: 2}
    assert objections(new_seller) == []


BAD_FIELDS = {
    "missing": ("remove_field", "pageItems.0.orderList.0.quantity", None, "orderList.0.quantity"),
    "null": ("set_field", "pageItems.0.parentOrderMap.parentOrderStatus", None, "parentOrderStatus"),
    "text for a number": ("set_field", "pageItems.0.parentOrderMap.updateTime", "1767204000", "updateTime"),
    "huge": ("set_field", "pageItems.0.orderList.0.quantity", 10**30, "orderList.0.quantity"),
    "another form": ("set_field", "pageItems.0.orderList", "none", "orderList"),
}


@pytest.mark.parametrize("bad", BAD_FIELDS.values(), ids=BAD_FIELDS)
def test_an_order_that_cannot_be_read_is_parked_with_the_fields_name_and_the_rest_goes_on(
    new_seller: Seller, bad: tuple[str, str, object, str]
) -> None:
    """Fault 23: a bad value never turns into another one, and says which field it is."""
    kind, path, value, field = bad
    orders = {new_seller.place() for _ in range(3)}
    new_seller.fault(kind, LIST, path=path, value=value)

    result = new_seller.run(checks=True)

    assert result.success
    assert failed_checks(result) == {CAN_BE_READ}
    ((_, parked), reason) = next(iter(new_seller.problems().items()))
    assert parked in orders
    assert field in reason
    assert set(new_seller.holds()) == orders - {parked}

    result = new_seller.run(checks=True)
    assert failed_checks(result) == set()
    assert new_seller.problems() == {}
    assert objections(new_seller) == []


def test_an_order_that_could_not_be_read_is_asked_for_again_the_next_day_although_it_did_not_change(new_seller: Seller) -> None:
    order = new_seller.place()
    for hours in (0, 2):
        new_seller.later = timedelta(hours=hours)
        new_seller.fault("remove_field", LIST, path="pageItems.0.orderList.0.skuId")
        assert new_seller.run().success
    # By now it has left the window of what changed.
    new_seller.later = timedelta(hours=20)
    new_seller.calls()
    assert new_seller.run().success
    assert new_seller.calls() == {LIST: 1}
    assert {key for _, key in new_seller.problems()} == {order}

    new_seller.later = timedelta(hours=27)
    assert new_seller.run().success

    assert new_seller.calls() == {LIST: 2, ADDRESS: 1, AMOUNTS: 1}
    assert new_seller.problems() == {}
    assert objections(new_seller) == []


def test_prices_with_the_same_line_twice_hold_that_order_alone(new_seller: Seller) -> None:
    shop_settings.revoke(new_seller.sandbox.shop, AMOUNTS)
    good, bad = new_seller.place(("NAPF-SW", 1)), new_seller.place(("FLASCHE-750-BL", 1), ("DECKEL-SW", 1))
    line = new_seller.at_temu(bad).lines[0].order_sn
    new_seller.fault("set_field", INVOICE, path="invoiceDetailInfoList.0.goodsInfoList.*.orderSn", value=line)
    result = new_seller.run()
    assert result.success
    new_seller.sandbox.jtl.run_worker()
    assert {order: new_seller.in_jtl(order) for order in (bad, good)} == {bad: 0, good: 1}
    assert new_seller.row(bad).hold_reason == "missing_price"


def test_what_was_fetched_before_a_crash_is_taken_in_without_asking_again(new_seller: Seller, monkeypatch: pytest.MonkeyPatch) -> None:
    """The mark moves with the data: a run that dies between the two stages has neither moved it nor lost an answer."""
    for _ in range(3):
        new_seller.place()
    with monkeypatch.context() as patched:
        patched.setattr("temu_assets.orders.stages.ingest", _die)
        assert not new_seller.run().success
    assert new_seller.rows(temu_orders) == []
    assert new_seller.complete_until() is None
    assert new_seller.calls() == {LIST: 1, ADDRESS: 3, AMOUNTS: 3}

    assert new_seller.run().success

    assert new_seller.calls() == {LIST: 1}
    assert objections(new_seller) == []
    assert new_seller.complete_until() is not None


def test_a_transaction_that_dies_half_way_leaves_the_snapshot_to_the_next_run(new_seller: Seller, monkeypatch: pytest.MonkeyPatch) -> None:
    new_seller.place()
    with monkeypatch.context() as patched:
        patched.setattr(ingesting, "mark_ingested", _die)
        assert not new_seller.run().success
    assert new_seller.rows(temu_orders) == []
    assert new_seller.complete_until() is None
    assert [row.ingested_at for row in new_seller.rows(raw_snapshots)] == [None, None]
    assert new_seller.run().success
    assert objections(new_seller) == []


def test_a_file_that_was_written_and_not_registered_counts_as_not_fetched(new_seller: Seller, monkeypatch: pytest.MonkeyPatch) -> None:
    new_seller.place()
    with monkeypatch.context() as patched:
        patched.setattr(fetching, "register", _die)
        assert not new_seller.run().success
    assert new_seller.run().success
    assert objections(new_seller) == []


class _DiedError(Exception):
    """The process is gone."""


def _die(*_: object, **__: object) -> None:
    raise _DiedError
