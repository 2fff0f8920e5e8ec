"""The token's facts and the buyers' cancellations."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from temu_assets.temu.account import TokenInfo
from temu_assets.temu.aftersales import Cancellation, CancellationPage
from temu_assets.temu.failures import TemuTransient
from temu_assets_tests.temu.gateway import Gateway, client_of, success
from temu_assets_tests.temu.samples import LINE_1, ORDER_ID

TOKEN: dict[str, Any] = {
    "mallId": 634400000000001,
    "mallType": 100,
    "semiUniqueId": None,
    "regionId": 76,
    "expiredTime": 1798761600,
    "apiScopeList": ["bg.order.list.v2.get", "bg.order.detail.v2.get"],
}


def test_the_token_names_its_shop_its_end_and_its_scopes() -> None:
    with client_of(Gateway(success(TOKEN))) as client:
        assert client.account.token_info() == TokenInfo(
            mall_id="634400000000001",
            mall_type=100,
            region_id=76,
            expires_at=datetime(2027, 1, 1, tzinfo=UTC),
            scopes=frozenset({"bg.order.list.v2.get", "bg.order.detail.v2.get"}),
        )


@pytest.mark.parametrize(
    "result",
    [None, {}, {**TOKEN, "expiredTime": None}, {**TOKEN, "apiScopeList": None}, {**TOKEN, "apiScopeList": [1]}],
)
def test_an_unreadable_token_answer_concludes_nothing(result: object) -> None:
    with client_of(Gateway(success(result))) as client, pytest.raises(TemuTransient, match="accesstoken"):
        client.account.token_info()


def cancellations() -> dict[str, Any]:
    return {
        "total": 1,
        "pageNumber": 1,
        "data": [
            {
                "parentAfterSalesSn": f"{ORDER_ID}-D01",
                "parentAfterSalesStatus": 1,
                "afterSalesInfoList": [
                    {
                        "afterSalesSn": f"{LINE_1}-D01",
                        "parentOrderSn": ORDER_ID,
                        "orderSn": LINE_1,
                        "applyGoodsNumber": 1,
                        "createAtMillis": 1767210000000,
                    }
                ],
            }
        ],
    }


def test_cancellations_are_read_line_by_line() -> None:
    gateway = Gateway(success(cancellations()))
    with client_of(gateway) as client:
        page = client.after_sales.cancellation_page(page=1, status_group=8, order_ids=[ORDER_ID])
    created = datetime(2025, 12, 31, 19, 40, tzinfo=UTC)
    assert page == CancellationPage(1, (Cancellation(f"{ORDER_ID}-D01", 1, ORDER_ID, LINE_1, 1, created),))
    body = gateway.only_body
    assert (body["pageNo"], body["pageSize"], body["afterSalesStatusGroup"]) == (1, 100, 8)
    assert body["parentOrderSnList"] == [ORDER_ID]


@pytest.mark.parametrize("damage", ["page", "rows", "line"])
def test_an_unreadable_cancellation_is_never_overlooked(damage: str) -> None:
    """Fault 9: an overlooked cancellation would be shipped."""
    result = cancellations()
    if damage == "page":
        del result["total"]
    elif damage == "rows":
        result["data"] = None
    else:
        result["data"][0]["afterSalesInfoList"][0]["applyGoodsNumber"] = None
    with client_of(Gateway(success(result))) as client, pytest.raises(TemuTransient, match="cancel"):
        client.after_sales.cancellation_page(page=1)
