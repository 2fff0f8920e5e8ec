from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from temu_assets.sandbox import shop_settings
from temu_assets.sandbox.gateway import signature
from temu_assets.sandbox.server import SandboxServer
from temu_assets.sandbox.temu_shop import TemuShop
from temu_assets_tests.sandbox.conftest import NOW, Caller, Clock

SECRET = "sandbox-secret-0123456789abcdef"
COMMON = {
    "app_key": "sandbox-app-key",
    "access_token": "sandbox-token-de",
    "timestamp": 1767225600,
    "data_type": "JSON",
    "version": "V1",
}
ORDER_LINE = {
    "parentOrderSn": "PO-076-00000000000000001",
    "orderSn": "076-00000000000000011",
    "goodsId": 601000000000001,
    "skuId": 17590000000001,
    "quantity": 2,
}
PACKAGE = {"carrierId": 141252268, "trackingNumber": "00340434161094012345", "orderSendInfoList": [ORDER_LINE]}
VECTORS = {
    "V1": (
        {"type": "bg.order.list.v2.get", "pageNumber": 1, "pageSize": 100, "parentOrderStatus": 2, "regionId": 76},
        "AFE39036FC3CADF87EE8B8B95D99D132",
    ),
    "V2": (
        {"type": "bg.logistics.shipment.v2.confirm", "sendType": 0, "sendRequestList": [PACKAGE]},
        "090B9E84934C5F9CDB7864686F3F74EF",
    ),
    "V3": (
        {
            "type": "bg.local.goods.sku.list.query",
            "pageNo": 1,
            "pageSize": 50,
            "skuSearchType": 2,
            "skuStatusFilterType": 2,
            "searchText": 'Größe "L" – 5 / €',
            "flag": True,
            "skuIdList": [17590000000001, 17590000000002],
        },
        "C74768662CCCC1E7A5026480991198DC",
    ),
    "V4": (
        {
            "type": "bg.local.goods.stock.edit",
            "goodsId": 601000000000001,
            "stockType": 0,
            "skuStockTargetList": [{"skuId": 17590000000001, "stockTarget": 7}],
            "requestUniqueKey": "k-0001",
        },
        "AE568D1E897984C12BD0BD8270537480",
    ),
}


@pytest.mark.parametrize("name", VECTORS)
def test_the_signature_of_every_vector_of_the_fact_sheet_comes_out(name: str) -> None:
    params, expected = VECTORS[name]
    assert signature({**COMMON, **params}, SECRET) == expected


@pytest.mark.parametrize("name", VECTORS)
def test_a_vector_with_its_signature_passes_the_gateway_over_http(name: str, temu: Caller) -> None:
    params, sign = VECTORS[name]
    answer = temu.post({**COMMON, **params, "sign": sign}).json()
    assert answer["errorCode"] not in (3000001, 3000040)


def _without(name: str) -> Callable[[dict[str, Any]], None]:
    return lambda body: body.pop(name)


def _with(**values: object) -> Callable[[dict[str, Any]], None]:
    return lambda body: body.update(values)


REFUSALS = {
    "type missing": (_without("type"), 3000002),
    "app key missing": (_without("app_key"), 3000025),
    "app key unknown": (_with(app_key="another"), 4000000),
    "timestamp missing": (_without("timestamp"), 3000010),
    "timestamp in milliseconds": (_with(timestamp=NOW * 1000), 3000010),
    "timestamp too far ahead": (_with(timestamp=NOW + 301), 3000011),
    "timestamp too old": (_with(timestamp=str(NOW - 301)), 3000012),
    "data type missing": (_without("data_type"), 3000013),
    "data type not JSON": (_with(data_type="XML"), 3000014),
    "token missing": (_without("access_token"), 3000030),
    "token unknown": (_with(access_token="another"), 3000031),
    "type unknown": (_with(type="bg.order.nonsense"), 3000003),
}


@pytest.mark.parametrize("case", REFUSALS)
def test_a_signed_call_is_refused_for_what_is_wrong_with_it(case: str, temu: Caller) -> None:
    spoil, code = REFUSALS[case]
    body = temu.body("bg.order.list.v2.get")
    spoil(body)
    body["sign"] = signature(body, SECRET)
    assert temu.post(body).json()["errorCode"] == code


@pytest.mark.parametrize("drift", [-300, 0, 300])
def test_a_clock_within_300_seconds_is_accepted(drift: int, temu: Caller) -> None:
    assert temu.answer("bg.order.list.v2.get", timestamp=NOW + drift)["success"]


def test_a_missing_and_a_wrong_signature_are_refused_before_anything_else_about_the_call(temu: Caller) -> None:
    body = temu.body("bg.order.list.v2.get", timestamp=1, access_token="")
    assert temu.post({**body, "sign": ""}).json()["errorCode"] == 3000040
    assert temu.post({**body, "sign": "0" * 32}).json()["errorCode"] == 3000001


def test_nested_values_must_be_signed_in_the_order_they_are_sent(temu: Caller) -> None:
    body = temu.body("bg.logistics.shipment.v2.confirm", sendType=0, sendRequestList=[PACKAGE])
    turned = {**body, "sendRequestList": [dict(reversed(PACKAGE.items()))]}
    assert temu.post(turned).json()["errorCode"] == 3000001


def test_what_is_no_json_object_is_refused(temu: Caller) -> None:
    assert temu.post([1, 2]).json()["errorCode"] == 3000000
    assert temu.client.post(temu.server.url, content=b"{").json()["errorCode"] == 3000000


def test_a_wrong_path_or_method_gets_no_envelope(temu: Caller) -> None:
    for response in (
        temu.client.get(temu.server.url),
        temu.client.post(temu.server.url.replace("router", "other"), json={}),
    ):
        assert (response.status_code, response.json()) == (404, {"error_code": 40003})


def test_an_expired_and_a_replaced_token_are_refused_with_the_same_code(temu: Caller, shop: TemuShop) -> None:
    old = temu.body("bg.open.accesstoken.info.get")
    shop_settings.expire_token(shop)
    assert temu.post(old).json()["errorCode"] == 3000034
    shop_settings.renew_token(shop, token="sandbox-token-new")
    assert temu.post(old).json()["errorCode"] == 3000034
    assert temu.result("bg.open.accesstoken.info.get")["expiredTime"] == NOW + 365 * 86_400


def test_an_api_outside_the_tokens_scope_is_refused(temu: Caller, shop: TemuShop) -> None:
    shop_settings.revoke(shop, "bg.order.amount.query")
    assert temu.code("bg.order.amount.query", parentOrderSn=shop.named["umlauts"]) == 3000032
    shop_settings.grant(shop, "bg.order.amount.query")
    assert temu.result("bg.order.amount.query", parentOrderSn=shop.named["umlauts"])


@pytest.fixture
def slow_temu(shop: TemuShop, http: httpx.Client) -> Iterator[Caller]:
    with SandboxServer(shop, requests_per_second=3) as server:
        yield Caller(server, http)


def test_more_calls_in_one_second_than_allowed_are_refused_until_the_next_second(slow_temu: Caller, clock: Clock) -> None:
    codes = [slow_temu.answer("bg.open.accesstoken.info.get")["errorCode"] for _ in range(5)]
    assert codes == [1000000] * 3 + [4000004] * 2
    clock.now += 1
    assert slow_temu.answer("bg.open.accesstoken.info.get")["success"]


def test_the_journal_keeps_calls_and_verdicts_but_no_secret(temu: Caller) -> None:
    temu.answer("bg.order.list.v2.get", pageNumber=2)
    temu.code("bg.order.detail.v2.get", parentOrderSn="PO-none")
    journal = temu.server.journal
    assert journal.counts() == {"bg.order.list.v2.get": 1, "bg.order.detail.v2.get": 1}
    assert [(entry.params, entry.verdict) for entry in journal.entries()] == [
        ({"pageNumber": 2}, "1000000"),
        ({"parentOrderSn": "PO-none"}, "140020002"),
    ]
    assert SECRET not in repr(journal.entries())
    assert journal.busiest_second() == 2
