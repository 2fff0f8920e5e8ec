"""What TEMU's API can do wrong, in whole runs: the run repeats it or ends red, and afterwards everything is there, once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from temu_assets.inventory import sending
from temu_assets.sandbox import shop_settings
from temu_assets.sandbox.jtl_shipping import ParcelToShip
from temu_assets.temu import transport
from temu_assets.toci.tables import temu_orders
from temu_assets_tests.faults.invariants import recover, require_agreement, require_agreement_on_stock
from temu_assets_tests.seller import ADDRESS, AMOUNTS, COMPANIES, CONFIRM, LIST, SHIPMENT, Seller, failed_checks, failure, metadata_of

SKUS = "bg.local.goods.sku.list.query"
EDIT = "bg.local.goods.stock.edit"
STOCK = "temu.local.goods.sku.stock.query"
ENDPOINTS = (LIST, ADDRESS, AMOUNTS, COMPANIES, CONFIRM, SHIPMENT)
STOCK_ENDPOINTS = (SKUS, EDIT, STOCK)
EVERY_ATTEMPT = 1000
A_CALL_IN_ALL = 5  # attempts, after which the client gives up
MOST_CALLS_AT_ONCE = 4
MOST_PAGES = 40
OF_THE_LISTING = {"article_is_parent", "article_unknown", "duplicate_sku", "sku_without_code"}
"""Problems the sandbox's goods have anyway."""


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stock is read back as often as in real life, at once."""
    monkeypatch.setattr(sending, "READ_BACK_PAUSES", (0.0, 0.0))


def shipped(seller: Seller) -> str:
    """An order that JTL has sent and TEMU does not know of yet."""
    order = seller.place()
    assert seller.run().success
    seller.sandbox.jtl.run_worker()
    seller.sandbox.jtl.ship(order, [ParcelToShip(tracking="00340434177000000001")])
    seller.calls()
    return order


def runs_until_no_fault_is_left(seller: Seller, job: str) -> None:
    """What waits for a fault's end is taken up by the next run, by nobody's hand."""
    for _ in range(8):
        if seller.run(job).success:
            return
    pytest.fail(f"{job} never got through")


PASSING = {
    "too many requests": [
        {"kind": "http_status", "status": 429},
        {"kind": "http_status", "status": 429, "retry_after": "0"},
        {"kind": "business_code", "code": 4000004},
    ],
    "a broken server": [{"kind": "http_status", "status": status} for status in (500, 502, 503, 504)],
    "a service error": [{"kind": "business_code", "code": 4000000}],
    "an error although it was done": [{"kind": "http_status", "status": 502, "applied": True}],
    "a broken answer": [{"kind": "reset"}, {"kind": "truncate"}, {"kind": "bad_gzip"}, {"kind": "huge", "megabytes": 50}],
    "no answer although it was done": [{"kind": "stall"}],
    "no answer and not done": [{"kind": "unheard"}],
}


@pytest.mark.parametrize("faults", PASSING.values(), ids=PASSING)
def test_what_passes_costs_nothing_whichever_call_it_hits(new_seller: Seller, faults: list[dict[str, Any]]) -> None:
    """Every endpoint goes wrong in these ways, one after the other: what was not done is done, what was done is not done again."""
    order = shipped(new_seller)
    new_seller.place()
    for endpoint in (*ENDPOINTS, *STOCK_ENDPOINTS):
        for fault in faults:
            new_seller.fault(endpoint=endpoint, **fault)
    for job in ("temu_orders_sync", "temu_inventory_full_sync"):
        runs_until_no_fault_is_left(new_seller, job)
    recover(new_seller)

    require_agreement_on_stock(new_seller)
    assert {number: sum(pieces.values()) for number, pieces in new_seller.at_temu_as_sent(order).items()} == {"00340434177000000001": 1}
    assert {kind for kind, _ in new_seller.problems()} <= OF_THE_LISTING


STAYING: dict[str, dict[str, Any]] = {
    "503": {"kind": "http_status", "status": 503},
    "damaged gzip": {"kind": "bad_gzip"},
    "code 4000000": {"kind": "business_code"},
}


@pytest.mark.parametrize(
    ("endpoint", "staying"),
    [(LIST, "503"), (LIST, "damaged gzip"), (SKUS, "damaged gzip"), (STOCK, "503"), (STOCK, "code 4000000"), (EDIT, "503")],
)
def test_what_stays_is_red_moves_no_mark_and_is_never_an_empty_list(new_seller: Seller, endpoint: str, staying: str) -> None:
    """Fault 9."""
    new_seller.place()
    assert new_seller.run().success
    assert new_seller.run("temu_inventory_full_sync").success
    order = new_seller.place()
    new_seller.sandbox.jtl.sell_out("DECKEL-SW")
    until, problems = new_seller.complete_until(), new_seller.problems()
    new_seller.calls()
    new_seller.fault(endpoint=endpoint, times=EVERY_ATTEMPT, **STAYING[staying])

    message = failure(new_seller.run("temu_orders_sync" if endpoint == LIST else "temu_inventory_full_sync"))

    assert endpoint in message
    assert new_seller.complete_until() == until
    assert len(new_seller.rows(temu_orders)) == 1
    assert new_seller.calls()[endpoint] <= A_CALL_IN_ALL * MOST_CALLS_AT_ONCE, "a bounded number of tries"
    assert new_seller.problems() == problems
    recover(new_seller)
    assert new_seller.in_jtl(order) == 1
    assert new_seller.run("temu_inventory_full_sync").success
    require_agreement_on_stock(new_seller)


# One for each way the program reacts to TEMU's codes.
CODES = {
    "slow down": 4000004,
    "service error": 4000000,
    "not ready": 140020008,
    "token": 3000034,
    "not granted": 3000032,
    "this address is not allowed": 5000003,
    "refused": 7000000,
    "unknown": 999999999,
}


@pytest.mark.parametrize("code", CODES.values(), ids=CODES)
def test_a_failure_with_http_200_is_never_taken_for_an_empty_list(new_seller: Seller, code: int) -> None:
    """Faults 9 and 10: whatever the code, the run is red, nothing is lost, and the next good one has it all."""
    order = new_seller.place()
    new_seller.fault("business_code", LIST, code=code, times=EVERY_ATTEMPT)
    assert LIST in failure(new_seller.run())
    assert new_seller.complete_until() is None
    assert new_seller.problems() == {}
    recover(new_seller)
    assert new_seller.in_jtl(order) == 1


@pytest.mark.parametrize(
    ("code", "named"), [(3000034, "TEMU_ACCESS_TOKEN"), (5000003, "IP"), (3000011, "clock")], ids=["token", "address", "clock"]
)
def test_what_a_person_has_to_settle_is_one_red_run_without_a_storm_of_calls_and_heals_by_itself(
    new_seller: Seller, code: int, named: str
) -> None:
    """Fault 15."""
    order = shipped(new_seller)
    new_seller.place()
    new_seller.fault("business_code", "*", code=code, times=EVERY_ATTEMPT)
    message = failure(new_seller.run())
    assert named in message
    assert sum(new_seller.calls().values()) <= 2
    assert new_seller.problems() == {}
    recover(new_seller)
    assert len(new_seller.at_temu_as_sent(order)) == 1


def test_an_answer_that_drips_ends_at_its_deadline_and_is_asked_for_again(new_seller: Seller, monkeypatch: pytest.MonkeyPatch) -> None:
    """A byte at a time is never too late for the next byte; the call as a whole is."""
    monkeypatch.setattr(transport, "ATTEMPT_S", 2.0)
    new_seller.place()
    new_seller.fault("drip", LIST, seconds=0.5)
    assert new_seller.run().success
    assert new_seller.calls()[LIST] == 2
    require_agreement(new_seller)


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "first_page"},
        {"kind": "empty_page", "page": 2},
        {"kind": "set_field", "path": "totalItemNum", "value": 9_999, "page": 2},
        {"kind": "set_field", "path": "totalItemNum", "value": 101, "page": 1},
    ],
    ids=["page 1 for ever", "an empty page in the middle", "the total grows", "the total is too small"],
)
def test_a_list_that_never_comes_to_rest_ends_shows_it_and_hides_no_order(seller: Seller, fault: dict[str, Any]) -> None:
    """Fault 1."""
    seller.fault(endpoint=LIST, times=EVERY_ATTEMPT, **fault)
    result = seller.run(checks=True)
    assert result.success
    assert seller.calls()[LIST] <= MOST_PAGES
    told = metadata_of(result, "raw_orders")
    assert told["list_is_complete"] is False
    assert "the_order_list_was_read_completely" in failed_checks(result)
    assert seller.complete_until() is None
    recover(seller, runs=2)


def test_an_order_listed_late_is_found_by_the_overlap(new_seller: Seller) -> None:
    shop_settings.set_order_list_lag(new_seller.sandbox.shop, 3600)
    order = new_seller.place()
    assert new_seller.run().success
    assert new_seller.holds() == {}
    assert new_seller.complete_until() is not None
    shop_settings.set_order_list_lag(new_seller.sandbox.shop, 0)
    new_seller.later = timedelta(minutes=50)
    recover(new_seller)
    assert new_seller.in_jtl(order) == 1


@pytest.mark.parametrize("runs", [1, 2, 4])
def test_a_shipment_temu_shows_late_is_confirmed_once_and_ends_done(new_seller: Seller, runs: int) -> None:
    """Until it is shown nobody knows; then it is found, and it is one package and no problem."""
    order = shipped(new_seller)
    shop_settings.set_shipment_read_lag(new_seller.sandbox.shop, 3600)
    for _ in range(runs):
        assert new_seller.run().success
    assert len(new_seller.at_temu_as_sent(order)) == 1
    shop_settings.set_shipment_read_lag(new_seller.sandbox.shop, 0)
    if runs > 2:
        new_seller.later += timedelta(hours=1)
    recover(new_seller)
    assert new_seller.problems() == {}


def test_a_stock_temu_shows_late_is_sent_again_and_never_played_back_and_forth(new_seller: Seller) -> None:
    new_seller.place()
    assert new_seller.run().success
    new_seller.sandbox.jtl.run_worker()
    assert new_seller.run("temu_inventory_full_sync").success
    shop_settings.set_stock_read_lag(new_seller.sandbox.shop, 3600)
    new_seller.sandbox.jtl.sell_out("DECKEL-SW")
    new_seller.calls()
    for _ in range(2):
        assert new_seller.run("temu_inventory_sync").success
    told = [
        target["stockTarget"] for entry in new_seller.sandbox.server.journal.entries(EDIT) for target in entry.params["skuStockTargetList"]
    ]
    assert set(told) == {0}
    shop_settings.set_stock_read_lag(new_seller.sandbox.shop, 0)
    assert new_seller.run("temu_inventory_sync").success
    require_agreement_on_stock(new_seller)
    assert {kind for kind, _ in new_seller.problems()} <= OF_THE_LISTING


def test_one_sku_refused_inside_a_good_answer_is_parked_alone(new_seller: Seller) -> None:
    """Fault 11."""
    bad = next(sku for sku in new_seller.sandbox.shop.state.skus.values() if sku.code == "DECKEL-SW")
    shop_settings.set_editable(new_seller.sandbox.shop, bad.sku_id, editable=False)
    assert new_seller.run().success
    assert new_seller.run("temu_inventory_full_sync").success
    assert [key for kind, key in new_seller.problems() if kind == "stock_refused"] == [str(bad.sku_id)]
    require_agreement_on_stock(new_seller)
    shop_settings.set_editable(new_seller.sandbox.shop, bad.sku_id, editable=True)
    new_seller.later = timedelta(days=1, hours=1)
    assert new_seller.run().success
    assert new_seller.run("temu_inventory_full_sync").success
    require_agreement_on_stock(new_seller)
    assert {kind for kind, _ in new_seller.problems()} <= OF_THE_LISTING


ODD_FIELDS = {
    "a new field": ("set_field", LIST, "pageItems.*.newThing", {"a": 1}),
    "a new field of the address": ("set_field", ADDRESS, "newThing", "x"),
    "no postcode": ("remove_field", ADDRESS, "postCode", None),
    "null for a text": ("set_field", ADDRESS, "postCode", None),
    "a number for a text": ("set_field", ADDRESS, "postCode", 34117),
    "no amounts": ("remove_field", AMOUNTS, "orderList", None),
    "text for an amount": ("set_field", AMOUNTS, "orderList", "none"),
}


@pytest.mark.parametrize("odd", ODD_FIELDS.values(), ids=ODD_FIELDS)
def test_an_odd_field_goes_through_or_holds_that_order_alone_and_comes_right_by_itself(
    new_seller: Seller, odd: tuple[str, str, str, object]
) -> None:
    """Fault 23."""
    kind, endpoint, path, value = odd
    orders = [new_seller.place() for _ in range(3)]
    new_seller.fault(kind, endpoint, path=path, value=value)
    assert new_seller.run().success
    new_seller.sandbox.jtl.run_worker()
    assert sum(new_seller.in_jtl(order) for order in orders) >= 2
    new_seller.later = timedelta(days=1, hours=1)
    recover(new_seller)
    assert [new_seller.in_jtl(order) for order in orders] == [1, 1, 1]
