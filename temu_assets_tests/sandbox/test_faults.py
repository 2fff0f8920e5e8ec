from __future__ import annotations

from typing import Any

import httpx
import pytest

from temu_assets.sandbox.faults import Fault, FaultKind
from temu_assets.sandbox.temu_shop import TemuShop
from temu_assets_tests.sandbox.conftest import Caller
from temu_assets_tests.sandbox.test_shipments import CONFIRM, order, package, row

LIST = "bg.order.list.v2.get"
TOKEN = "bg.open.accesstoken.info.get"


def _plan(temu: Caller, kind: FaultKind, **fields: Any) -> None:
    temu.server.faults.order(Fault(kind, **fields))


def _numbers(result: dict[str, Any]) -> list[str]:
    return [item["parentOrderMap"]["parentOrderSn"] for item in result["pageItems"]]


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_an_http_error_takes_the_place_of_the_answer_as_often_as_ordered(status: int, temu: Caller) -> None:
    _plan(temu, FaultKind.HTTP_STATUS, endpoint=TOKEN, status=status, times=2, retry_after="7")
    responses = [temu.post(temu.body(TOKEN)) for _ in range(3)]
    assert [response.status_code for response in responses] == [status, status, 200]
    assert responses[0].headers["retry-after"] == "7"


@pytest.mark.parametrize("code", [4000000, 4000004, 3000034, 140020008, 3000032])
def test_a_business_code_takes_the_place_of_the_answer(code: int, temu: Caller) -> None:
    _plan(temu, FaultKind.BUSINESS_CODE, code=code, message="ordered")
    assert temu.code(TOKEN) == code
    assert temu.answer(TOKEN)["success"]


def test_a_fault_waits_for_its_endpoint_its_page_and_its_turn(temu: Caller) -> None:
    _plan(temu, FaultKind.HTTP_STATUS, endpoint=LIST, page=2, skip=1)
    statuses = [
        temu.post(temu.body(endpoint, **params)).status_code
        for endpoint, params in (
            (TOKEN, {}),
            (LIST, {"pageNumber": 1}),
            (LIST, {"pageNumber": 2}),
            (LIST, {"pageNumber": 2}),
            (LIST, {"pageNumber": 2}),
        )
    ]
    assert statuses == [200, 200, 200, 502, 200]


def _shipment(shop: TemuShop) -> dict[str, Any]:
    return {"sendType": 0, "sendRequestList": [package(row(order(shop, "umlauts")))]}


@pytest.mark.parametrize("kind", [FaultKind.STALL, FaultKind.RESET])
def test_a_write_is_done_although_its_answer_never_arrives(kind: FaultKind, temu: Caller, shop: TemuShop) -> None:
    _plan(temu, kind, endpoint=CONFIRM)
    with pytest.raises(httpx.TransportError):
        temu.post(temu.body(CONFIRM, **_shipment(shop)))
    assert temu.code(CONFIRM, **_shipment(shop)) == 120012004
    assert [entry.verdict for entry in temu.server.journal.entries()] == [kind.value, "120012004"]


def test_a_gateway_error_may_hide_a_success(temu: Caller, shop: TemuShop) -> None:
    _plan(temu, FaultKind.HTTP_STATUS, endpoint=CONFIRM, status=504, applied=True)
    assert temu.post(temu.body(CONFIRM, **_shipment(shop))).status_code == 504
    assert temu.code(CONFIRM, **_shipment(shop)) == 120012004


def test_a_stalled_answer_ends_when_the_client_has_waited_long_enough(temu: Caller) -> None:
    _plan(temu, FaultKind.STALL, seconds=60)
    with pytest.raises(httpx.ReadTimeout):
        temu.client.post(temu.server.url, json=temu.body(TOKEN), timeout=0.05)


def test_a_truncated_answer_is_complete_http_and_no_json(temu: Caller) -> None:
    _plan(temu, FaultKind.TRUNCATE)
    response = temu.post(temu.body(TOKEN))
    assert response.status_code == 200
    with pytest.raises(ValueError, match="line 1"):
        response.json()


def test_a_dripping_answer_arrives_byte_by_byte(temu: Caller) -> None:
    _plan(temu, FaultKind.DRIP)
    assert temu.answer(TOKEN)["success"]
    _plan(temu, FaultKind.DRIP, seconds=60)
    with pytest.raises(httpx.ReadTimeout):
        temu.client.post(temu.server.url, json=temu.body(TOKEN), timeout=0.05)


def test_pages_come_empty_repeated_shuffled_or_doubled(temu: Caller) -> None:
    first, second = (_numbers(temu.result(LIST, pageNumber=page)) for page in (1, 2))

    def spoiled(kind: FaultKind) -> list[str]:
        _plan(temu, kind, endpoint=LIST)
        result = temu.result(LIST, pageNumber=2)
        assert result["totalItemNum"] == len(temu.server.shop.state.orders)
        return _numbers(result)

    assert spoiled(FaultKind.EMPTY_PAGE) == []
    assert spoiled(FaultKind.REPEAT_PAGE) == first
    shuffled = spoiled(FaultKind.SHUFFLE_PAGE)
    assert shuffled != second
    assert sorted(shuffled) == sorted(second)
    assert spoiled(FaultKind.DOUBLE_ROWS) == second + second


def test_an_order_that_arrives_between_two_pages_shifts_them(temu: Caller) -> None:
    _plan(temu, FaultKind.NEW_ORDER_AFTER, endpoint=LIST, page=1)
    first = _numbers(temu.result(LIST, pageNumber=1))
    second = _numbers(temu.result(LIST, pageNumber=2))
    assert second[0] == first[-1]


def test_a_field_can_be_missing_null_or_of_the_wrong_type(temu: Caller) -> None:
    path = "pageItems.*.orderList.0.productList.*.extCode"
    for kind, value, expected in (
        (FaultKind.REMOVE_FIELD, None, []),
        (FaultKind.SET_FIELD, None, [None]),
        (FaultKind.SET_FIELD, "", [""]),
        (FaultKind.SET_FIELD, 17, [17]),
    ):
        _plan(temu, kind, endpoint=LIST, path=path, value=value)
        products = temu.result(LIST)["pageItems"][0]["orderList"][0]["productList"]
        assert [product["extCode"] for product in products if "extCode" in product] == expected
    assert temu.result(LIST)["pageItems"][0]["orderList"][0]["productList"][0]["extCode"]


def test_faults_can_be_taken_back(temu: Caller) -> None:
    _plan(temu, FaultKind.HTTP_STATUS, times=9)
    temu.server.faults.clear()
    assert temu.answer(TOKEN)["success"]
    assert temu.server.faults.waiting() == []


def test_a_call_that_was_never_heard_is_not_done(temu: Caller, shop: TemuShop) -> None:
    _plan(temu, FaultKind.UNHEARD, endpoint=CONFIRM)
    with pytest.raises(httpx.TransportError):
        temu.post(temu.body(CONFIRM, **_shipment(shop)))
    assert temu.answer(CONFIRM, **_shipment(shop))["success"]


def test_a_packed_answer_can_be_damaged(temu: Caller) -> None:
    _plan(temu, FaultKind.BAD_GZIP)
    with pytest.raises(httpx.DecodingError):
        temu.post(temu.body(TOKEN))


def test_an_answer_can_be_larger_than_anybody_wants(temu: Caller) -> None:
    _plan(temu, FaultKind.HUGE, megabytes=3)
    response = temu.post(temu.body(TOKEN))
    assert len(response.content) == 3 * 1024 * 1024
    assert response.json()["success"]


def test_page_one_can_come_for_every_page(temu: Caller) -> None:
    first = _numbers(temu.result(LIST, pageNumber=1))
    _plan(temu, FaultKind.FIRST_PAGE, endpoint=LIST, times=2)
    assert [_numbers(temu.result(LIST, pageNumber=page)) for page in (2, 3)] == [first, first]
