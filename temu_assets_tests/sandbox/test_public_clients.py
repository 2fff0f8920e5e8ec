"""The sandbox takes calls in the form public TEMU clients give them, each rebuilt here from how it signs and sends.

What they do in common: names sorted, flat body, nulls left out. In everything else they differ (fact sheet temu-api, section 1.3).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from typing import Any

import pytest

from temu_assets.sandbox.state import Access
from temu_assets_tests.sandbox.conftest import Caller

GOODS, SKU, SIBLING = 601_000_000_000_001, 17_590_000_000_001, 17_590_000_000_002
LIST, ADDRESS = "bg.order.list.v2.get", "bg.order.shippinginfo.v2.get"
SKUS, EDIT = "bg.local.goods.sku.list.query", "bg.local.goods.stock.edit"

Body = dict[str, Any]
Client = Callable[[Access, int, str, Body], bytes]


def md5(secret: str, joined: str) -> str:
    return hashlib.md5(f"{secret}{joined}{secret}".encode()).hexdigest().upper()


def compact(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def python_client(access: Access, now: int, endpoint: str, params: Body) -> bytes:
    """Signs Python's own notation of every value, without any blank and with its quotes turned; sends ASCII with blanks."""
    body: Body = {
        "type": endpoint,
        "app_key": access.app_key,
        "access_token": access.token,
        "timestamp": now,
        "data_type": "JSON",
        **params,
    }
    joined = "".join(f"{name}{body[name]}" for name in sorted(body)).replace(" ", "").replace("'", '"')
    return json.dumps({**body, "sign": md5(access.app_secret, joined)}).encode()


def java_client(access: Access, now: int, endpoint: str, params: Body) -> bytes:
    """The timestamp is a text; nested values are compact JSON in both; a list nobody filled is sent empty."""
    unfilled: Body = {"skuStockChangeList": []} if endpoint == EDIT else {}
    body: Body = {
        "app_key": access.app_key,
        "access_token": access.token,
        "data_type": "JSON",
        "timestamp": str(now),
        "type": endpoint,
        "version": "V1",
        **unfilled,
        **params,
    }
    joined = "".join(name + compact(body[name]) for name in sorted(body))
    return compact({**body, "sign": md5(access.app_secret, joined)}).encode()


def go_client(access: Access, now: int, endpoint: str, params: Body) -> bytes:
    """Sends its app secret as one more signed field, drops empty texts, and sorts the names at every level of both."""
    body: Body = {
        **params,
        "app_key": access.app_key,
        "app_secret": access.app_secret,
        "access_token": access.token,
        "data_type": "JSON",
        "version": "V1",
        "timestamp": now,
        "type": endpoint,
    }
    in_order = json.loads(json.dumps({name: value for name, value in body.items() if value != ""}, sort_keys=True))
    joined = "".join(name + compact(value) for name, value in in_order.items())
    return compact(dict(sorted({**in_order, "sign": md5(access.app_secret, joined)}.items()))).encode()


CLIENTS: dict[str, Client] = {"Python": python_client, "Java": java_client, "Go": go_client}
every_client = pytest.mark.parametrize("client", CLIENTS.values(), ids=CLIENTS.keys())


def result(temu: Caller, client: Client, endpoint: str, **params: object) -> Any:
    answer = ask(temu, client, endpoint, **params)
    assert answer["success"], answer
    return answer["result"]


def ask(temu: Caller, client: Client, endpoint: str, **params: object) -> Body:
    shop = temu.server.shop
    content = client(shop.state.access, shop.now, endpoint, params)
    answer = temu.client.post(temu.server.url, content=content, headers={"content-type": "application/json;charset=UTF-8"}).json()
    assert isinstance(answer, dict)
    return answer


@every_client
def test_orders_are_listed(client: Client, temu: Caller) -> None:
    shop = temu.server.shop
    page = result(temu, client, LIST, pageNumber=1, pageSize=100, parentOrderStatus=2, regionId=76)
    waiting = [order for order in shop.state.orders.values() if order.status == 2 and order.region_id == 76]
    assert page["totalItemNum"] == len(waiting) > 0
    window = result(
        temu, client, LIST, pageNumber=1, pageSize=10, updateAtStart=shop.now - 86_400, updateAtEnd=shop.now, sortby="updateTime"
    )
    assert len(window["pageItems"]) == 10
    wanted = [shop.named["umlauts"], shop.named["austria"]]
    some = result(temu, client, LIST, parentOrderSnList=wanted, fulfillmentTypeList=["fulfillBySeller"])
    assert {item["parentOrderMap"]["parentOrderSn"] for item in some["pageItems"]} == set(wanted)


@every_client
def test_an_address_is_told(client: Client, temu: Caller) -> None:
    order = temu.server.shop.order(temu.server.shop.named["leading_zero"])
    assert result(temu, client, ADDRESS, parentOrderSn=order.parent_sn)["postCode"] == order.address.postcode


@every_client
def test_skus_are_listed(client: Client, temu: Caller) -> None:
    found = result(temu, client, SKUS, skuSearchType=2, skuStatusFilterType=2, pageNo=1, pageSize=50, skuIdList=[SKU, SIBLING])
    assert [row["skuId"] for row in found["skuList"]] == [SKU, SIBLING]
    assert result(temu, client, SKUS, skuSearchType=2, skuStatusFilterType=2, searchText="Größe")["total"]


@every_client
def test_stock_is_set(client: Client, temu: Caller) -> None:
    targets = [{"skuId": SKU, "stockTarget": 7}, {"skuId": SIBLING, "stockTarget": 0}]
    done = result(temu, client, EDIT, goodsId=GOODS, stockType=0, skuStockTargetList=targets, requestUniqueKey="k-0001")
    assert done["operateResult"] is True
    skus = temu.server.shop.state.skus
    assert (skus[SKU].stock, skus[SIBLING].stock) == (7, 0)


@every_client
def test_no_form_of_a_call_leaves_a_secret_in_the_journal(client: Client, temu: Caller) -> None:
    result(temu, client, LIST)
    access = temu.server.shop.state.access
    told = repr(temu.server.journal.entries())
    assert not any(secret in told for secret in (access.app_key, access.app_secret, access.token))


@pytest.mark.parametrize(
    "params",
    [{"searchText": "Größe L"}, {"searchText": "Hunter's"}, {"flag": True}, {"catIdList": ["Haus und Garten"]}],
    ids=["a blank", "an apostrophe", "a boolean", "a blank inside a list"],
)
def test_what_the_python_client_signs_otherwise_than_it_sends_is_refused(params: Body, temu: Caller) -> None:
    """It is the client's fault: the signed text is not the sent one. Texts without blanks and quotes are the nearest that works."""
    answer = ask(temu, python_client, SKUS, skuSearchType=2, skuStatusFilterType=2, **params)
    assert (answer["success"], answer["errorCode"]) == (False, 3000001)
