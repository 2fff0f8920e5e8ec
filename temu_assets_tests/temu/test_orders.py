"""What the order calls send, and that no answer without content passes as an empty one (faults 2 and 9)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone

import pytest

from temu_assets.errors import InternalError, RecordError
from temu_assets.temu.client import TemuClient
from temu_assets.temu.failures import TemuTransient
from temu_assets.temu.paging import RawPage
from temu_assets_tests.temu.gateway import Gateway, client_of, success
from temu_assets_tests.temu.samples import ORDER_ID, order

EMPTY_PAGE = success({"totalItemNum": 0, "pageItems": []})


def list_page(result: object) -> RawPage:
    with client_of(Gateway(success(result))) as client:
        return client.orders.list_page(page=1)


def test_a_window_is_sent_as_utc_seconds_under_the_names_of_the_order_list() -> None:
    gateway = Gateway(EMPTY_PAGE)
    with client_of(gateway) as client:
        client.orders.list_page(
            page=3,
            page_size=50,
            updated_from=datetime(2026, 1, 1, 1, tzinfo=timezone(timedelta(hours=1))),
            updated_to=datetime(2026, 1, 2, tzinfo=UTC),
            status=2,
            order_ids=[ORDER_ID],
        )
    body = gateway.only_body
    assert body["type"] == "bg.order.list.v2.get"
    assert (body["pageNumber"], body["pageSize"]) == (3, 50)
    assert (body["updateAtStart"], body["updateAtEnd"]) == (1767225600, 1767312000)
    assert (body["parentOrderStatus"], body["sortby"], body["parentOrderSnList"]) == (2, "updateTime", [ORDER_ID])


def test_what_was_not_asked_for_is_not_sent() -> None:
    gateway = Gateway(EMPTY_PAGE)
    with client_of(gateway) as client:
        client.orders.list_page(page=1)
    assert not gateway.only_body.keys() & {"updateAtStart", "updateAtEnd", "parentOrderStatus", "parentOrderSnList"}


def test_half_a_window_and_a_time_without_zone_are_bugs_and_never_sent() -> None:
    gateway = Gateway(EMPTY_PAGE)
    now = datetime(2026, 1, 1, tzinfo=UTC)
    with client_of(gateway) as client:
        with pytest.raises(InternalError, match="one end"):
            client.orders.list_page(page=1, updated_from=now)
        with pytest.raises(InternalError, match="time zone"):
            client.orders.list_page(page=1, updated_from=now.replace(tzinfo=None), updated_to=now)
    assert gateway.bodies == []


def test_items_stay_raw_and_a_broken_one_is_kept_for_setting_aside() -> None:
    page = list_page({"totalItemNum": 2, "pageItems": [order(), None]})
    assert page == RawPage(items=(order(), {"unreadable": None}), total=2)


def test_an_empty_page_is_one_that_says_so() -> None:
    assert list_page({"totalItemNum": 0, "pageItems": None}) == RawPage((), 0)
    assert list_page({"totalItemNum": 5, "pageItems": []}) == RawPage((), 5)


@pytest.mark.parametrize(
    "result",
    [
        None,
        [],
        {},
        {"pageItems": []},
        {"totalItemNum": 1},
        {"totalItemNum": 1, "pageItems": None},
        {"totalItemNum": "1", "pageItems": []},
        {"totalItemNum": True, "pageItems": []},
        {"totalItemNum": -1, "pageItems": []},
        {"totalItemNum": 1, "pageItems": {}},
    ],
)
def test_an_unreadable_page_is_not_an_empty_page(result: object) -> None:
    """Fault 9."""
    with pytest.raises(TemuTransient, match=r"bg\.order\.list\.v2\.get"):
        list_page(result)


CALLS: dict[str, Callable[[TemuClient], dict[str, object]]] = {
    "bg.order.detail.v2.get": lambda client: client.orders.detail(ORDER_ID),
    "bg.order.shippinginfo.v2.get": lambda client: client.orders.shipping_info(ORDER_ID),
    "bg.order.decryptshippinginfo.get": lambda client: client.orders.decrypted_shipping_info(ORDER_ID),
    "bg.order.amount.query": lambda client: client.orders.amounts(ORDER_ID),
    "temu.pay.tax.invoice.detail.query": lambda client: client.orders.invoice_detail(ORDER_ID),
}


@pytest.mark.parametrize("endpoint", CALLS)
def test_a_call_for_one_order_returns_the_raw_result(endpoint: str) -> None:
    gateway = Gateway(success({"raw": [1]}))
    with client_of(gateway) as client:
        assert CALLS[endpoint](client) == {"raw": [1]}
    assert gateway.only_body["type"] == endpoint
    assert gateway.only_body["parentOrderSn"] == ORDER_ID


@pytest.mark.parametrize("endpoint", CALLS)
@pytest.mark.parametrize("result", [None, [], True, "text"])
def test_success_without_a_result_sets_the_order_aside(endpoint: str, result: object) -> None:
    """Fault 2."""
    with client_of(Gateway(success(result))) as client, pytest.raises(RecordError, match=ORDER_ID):
        CALLS[endpoint](client)
