"""Listing and stock: an unreadable stock is not 0, and only a SKU's own verdict counts."""

from __future__ import annotations

from datetime import UTC, datetime

import httpx
import pytest

from temu_assets.errors import InternalError, RecordError
from temu_assets.temu.failures import TemuDataError, TemuTransient
from temu_assets.temu.goods import ACTIVE, StockVerdict, parse_sku
from temu_assets.temu.paging import RawPage
from temu_assets_tests.temu.gateway import Gateway, client_of, success
from temu_assets_tests.temu.samples import sku

GOODS, SKU_1, SKU_2 = "601000000000001", "17590000000001", "17590000000002"


def test_the_sku_list_is_paged_under_its_own_name_with_both_filters() -> None:
    gateway = Gateway(success({"pageNo": 2, "total": 1, "skuList": [sku()]}))
    with client_of(gateway) as client:
        assert client.goods.sku_page(search_type=ACTIVE, page=2) == RawPage((sku(),), 1)
    body = gateway.only_body
    assert (body["pageNo"], body["pageSize"], body["skuSearchType"], body["skuStatusFilterType"]) == (2, 100, 2, 2)


def test_a_sku_is_read_into_this_programs_names() -> None:
    parsed = parse_sku(sku())
    assert (parsed.goods_id, parsed.sku_id, parsed.sku, parsed.stock) == (GOODS, SKU_1, "FLASCHE-750-BL", 12)
    assert (parsed.price, parsed.currency) == ("15.13", "EUR")
    assert (parsed.status, parsed.sub_status, parsed.show_status) == (2, 8, 2001)


@pytest.mark.parametrize("created", [1760000000, 1760000000000, "1760000000"])
def test_the_creation_time_may_be_seconds_or_milliseconds(created: object) -> None:
    assert parse_sku({**sku(), "crtTime": created}).created_at == datetime(2025, 10, 9, 8, 53, 20, tzinfo=UTC)


@pytest.mark.parametrize("code", [None, "", "  "])
def test_a_sku_without_the_sellers_code_has_an_empty_one(code: str | None) -> None:
    assert parse_sku({**sku(), "skuSn": code}).sku == ""


@pytest.mark.parametrize(
    ("field", "value"),
    [("stock", None), ("stock", "12"), ("stock", True), ("skuId", None), ("goodsId", 1.0), ("crtTime", "soon")],
)
def test_a_sku_of_another_form_is_set_aside_by_name(field: str, value: object) -> None:
    """Fault 9: an unreadable stock is not stock 0."""
    with pytest.raises(TemuDataError, match=field):
        parse_sku({**sku(), field: value})


def stock_row(sku_id: object, stock: object) -> dict[str, object]:
    return {"skuId": sku_id, "selfOrdinaryStock": {"stockType": 0, "stock": stock}}


def test_stock_is_read_per_sku_and_what_is_not_answered_is_absent() -> None:
    """Fault 9."""
    groups = [
        {"skuStockInfoList": [stock_row(17590000000001, 12), stock_row("17590000000002", 0)]},
        {"skuStockInfoList": [stock_row(3, None), stock_row(4, "5"), stock_row(5, True), stock_row(None, 1)]},
        {"skuStockInfoList": [{"skuId": 6}, None]},
        None,
    ]
    gateway = Gateway(success({"stockList": groups}))
    with client_of(gateway) as client:
        assert client.goods.stock([SKU_1, SKU_2]) == {SKU_1: 12, SKU_2: 0}
    assert gateway.only_body["skuIdList"] == [17590000000001, 17590000000002]


@pytest.mark.parametrize("result", [None, {}, {"stockList": None}, []])
def test_an_unreadable_stock_answer_is_not_an_empty_one(result: object) -> None:
    with client_of(Gateway(success(result))) as client, pytest.raises(TemuTransient, match="stockList"):
        client.goods.stock([SKU_1])


def verdicts(*rows: object, overall: bool = True) -> dict[str, StockVerdict]:
    result = {"goodsId": 601000000000001, "operateResult": overall, "skuStockEditStatusInfoList": list(rows)}
    with client_of(Gateway(success(result))) as client:
        return dict(client.goods.edit_stock(GOODS, {SKU_1: 7, SKU_2: 0}).verdicts)


ACCEPTED = StockVerdict(accepted=True, code=None, message="")


def test_each_sku_has_its_own_verdict() -> None:
    """Fault 11."""
    found = verdicts(
        {"skuId": 17590000000001, "stockEditStatus": True},
        {"skuId": "17590000000002", "stockEditStatus": False, "errorCode": 150013002, "errorMsg": "x"},
    )
    assert found[SKU_1] == ACCEPTED
    assert found[SKU_2] == StockVerdict(accepted=False, code=150013002, message="stock outside 0 to 1,000,000")


@pytest.mark.parametrize(
    "rows",
    [
        [],
        [None],
        [{"skuId": 1, "stockEditStatus": True}],
        [{"skuId": 17590000000001}],
        [{"skuId": 17590000000001, "stockEditStatus": 1}],
        [{"skuId": 17590000000001, "stockEditStatus": True}, {"skuId": 17590000000001, "stockEditStatus": False}],
    ],
)
def test_without_an_own_verdict_a_sku_is_not_accepted_whatever_the_overall_flag_says(rows: list[object]) -> None:
    """Fault 11."""
    found = verdicts(*rows, overall=True)
    assert found.keys() == {SKU_1, SKU_2}
    assert not found[SKU_1].accepted
    assert found[SKU_1].message


@pytest.mark.parametrize("result", [None, {}, {"skuStockEditStatusInfoList": None}, True])
def test_a_success_without_verdicts_accepts_nothing(result: object) -> None:
    """Fault 11."""
    with client_of(Gateway(success(result))) as client:
        assert not client.goods.edit_stock(GOODS, {SKU_1: 7}).verdicts[SKU_1].accepted


def test_stock_is_sent_as_absolute_target_and_repeated_with_a_fresh_key() -> None:
    gateway = Gateway(httpx.ReadTimeout("late"), success({}))
    with client_of(gateway) as client:
        client.goods.edit_stock(GOODS, {SKU_1: 7, SKU_2: 0})
    first, second = gateway.bodies
    assert first["skuStockTargetList"] == [
        {"skuId": 17590000000001, "stockTarget": 7},
        {"skuId": 17590000000002, "stockTarget": 0},
    ]
    assert (first["goodsId"], first["stockType"]) == (601000000000001, 0)
    assert "skuStockChangeList" not in first
    assert first["requestUniqueKey"] != second["requestUniqueKey"]


@pytest.mark.parametrize("stock", [-1, 1_000_001])
def test_a_stock_out_of_range_is_a_bug_and_never_sent(stock: int) -> None:
    gateway = Gateway(success({}))
    with client_of(gateway) as client, pytest.raises(InternalError, match=GOODS):
        client.goods.edit_stock(GOODS, {SKU_1: stock})
    assert gateway.bodies == []


def test_a_goods_id_that_is_no_number_is_never_sent() -> None:
    gateway = Gateway(success({}))
    with client_of(gateway) as client, pytest.raises(RecordError, match="goodsId"):
        client.goods.edit_stock("G-1", {SKU_1: 1})
    assert gateway.bodies == []
