from __future__ import annotations

from typing import Any

import pytest

from temu_assets.sandbox import shop_settings
from temu_assets.sandbox.temu_shop import TemuShop
from temu_assets_tests.sandbox.conftest import Caller, Clock

LIST = "bg.local.goods.sku.list.query"
QUERY = "temu.local.goods.sku.stock.query"
EDIT = "bg.local.goods.stock.edit"
GOODS, SKU, SIBLING, STRANGER = 601_000_000_000_001, 17_590_000_000_001, 17_590_000_000_002, 17_590_000_000_009


def _target(sku_id: int, stock: int) -> dict[str, int]:
    return {"skuId": sku_id, "stockTarget": stock}


def _stocks(temu: Caller, *sku_ids: int) -> dict[int, int]:
    return {
        info["skuId"]: info["selfOrdinaryStock"]["stock"]
        for goods in temu.result(QUERY, skuIdList=list(sku_ids))["stockList"]
        for info in goods["skuStockInfoList"]
    }


def test_active_and_inactive_skus_come_from_two_lists_and_the_other_types_are_empty(temu: Caller, shop: TemuShop) -> None:
    totals = {kind: temu.result(LIST, skuSearchType=kind)["total"] for kind in (1, 2, 3, 4, 5, 6)}
    assert totals[2] + totals[3] == len(shop.state.skus)
    assert totals[3] == 2
    assert [kind for kind, total in totals.items() if total] == [2, 3]


def test_the_listing_is_paged_by_page_no_and_by_nothing_else(temu: Caller) -> None:
    def page(**params: object) -> list[int]:
        return [sku["skuId"] for sku in temu.result(LIST, skuSearchType=2, pageSize=50, **params)["skuList"]]

    pages = [page(pageNo=number) for number in (1, 2, 3, 4)]
    assert len({sku for each in pages for sku in each}) == sum(len(each) for each in pages)
    assert pages[3] == []
    assert page(pageNumber=2) == pages[0]


def test_a_failure_may_carry_the_success_code(temu: Caller) -> None:
    answer = temu.answer(LIST, skuSearchType=2, pageSize=200)
    assert (answer["success"], answer["errorCode"]) == (False, 1000000)


def test_the_search_type_is_required(temu: Caller) -> None:
    assert temu.code(LIST) == 150010003


def test_stock_is_read_by_sku_goods_or_code_and_unknown_skus_are_left_out(temu: Caller) -> None:
    assert set(_stocks(temu, SKU, 1)) == {SKU}
    by_goods = temu.result(QUERY, goodsId=GOODS)["stockList"]
    assert len(by_goods[0]["skuStockInfoList"]) == 3
    assert temu.result(QUERY, outSkuSnList=["FLASCHE-750-BL"])["stockList"][0]["goodsId"] == GOODS
    assert temu.code(QUERY) == 150010002


def test_targets_are_absolute_and_judged_per_sku_whatever_the_envelope_says(temu: Caller) -> None:
    """Fault 11: the envelope says success although one SKU was refused."""
    before = _stocks(temu, STRANGER)
    result = temu.result(EDIT, goodsId=GOODS, skuStockTargetList=[_target(SKU, 7), _target(STRANGER, 3)])
    assert result["operateResult"] is False
    verdicts = {each["skuId"]: each["stockEditStatus"] for each in result["skuStockEditStatusInfoList"]}
    assert verdicts == {SKU: True, STRANGER: False}
    assert _stocks(temu, SKU, STRANGER) == {SKU: 7, **before}


def test_changes_are_relative(temu: Caller) -> None:
    temu.result(EDIT, goodsId=GOODS, skuStockTargetList=[_target(SKU, 7)])
    temu.result(EDIT, goodsId=GOODS, skuStockChangeList=[{"skuId": SKU, "stockDiff": -3}])
    assert _stocks(temu, SKU) == {SKU: 4}


REFUSALS: dict[str, tuple[dict[str, Any], int]] = {
    "no goods": ({"skuStockTargetList": [_target(SKU, 1)]}, 150010003),
    "nothing to change": ({"goodsId": GOODS}, 150010003),
    "entry without target": ({"goodsId": GOODS, "skuStockTargetList": [{"skuId": SKU}]}, 150010003),
    "SKU twice": ({"goodsId": GOODS, "skuStockTargetList": [_target(SKU, 1), _target(SKU, 2)]}, 150013001),
    "negative": ({"goodsId": GOODS, "skuStockTargetList": [_target(SKU, -1)]}, 150013002),
    "too much": ({"goodsId": GOODS, "skuStockTargetList": [_target(SKU, 1_000_001)]}, 150013002),
    "both kinds": (
        {
            "goodsId": GOODS,
            "skuStockTargetList": [_target(SKU, 1)],
            "skuStockChangeList": [{"skuId": SKU, "stockDiff": 1}],
        },
        150013003,
    ),
    "text for a number": ({"goodsId": str(GOODS), "skuStockTargetList": [_target(SKU, 1)]}, 3000000),
}


@pytest.mark.parametrize("case", REFUSALS)
def test_a_wrong_stock_edit_is_refused_as_a_whole(case: str, temu: Caller) -> None:
    params, code = REFUSALS[case]
    before = _stocks(temu, SKU)
    assert temu.code(EDIT, **params) == code
    assert _stocks(temu, SKU) == before


def test_a_request_key_is_good_for_one_call(temu: Caller) -> None:
    call = {"goodsId": GOODS, "skuStockTargetList": [_target(SKU, 7)], "requestUniqueKey": "k-1"}
    temu.result(EDIT, **call)
    assert temu.code(EDIT, **call) == 2000000


def test_reading_back_may_give_the_old_stock_for_a_while(temu: Caller, shop: TemuShop, clock: Clock) -> None:
    shop_settings.set_stock(shop, SKU, 30)
    shop_settings.set_stock_read_lag(shop, 5)
    temu.result(EDIT, goodsId=GOODS, skuStockTargetList=[_target(SKU, 7)])
    assert _stocks(temu, SKU) == {SKU: 30}
    clock.now += 5
    assert _stocks(temu, SKU) == {SKU: 7}


def test_a_taken_down_sku_may_refuse_edits(temu: Caller, shop: TemuShop) -> None:
    shop_settings.set_editable(shop, SKU, editable=False)
    result = temu.result(EDIT, goodsId=GOODS, skuStockTargetList=[_target(SKU, 7), _target(SIBLING, 8)])
    assert [each["stockEditStatus"] for each in result["skuStockEditStatusInfoList"]] == [False, True]


def test_a_new_code_reaches_later_orders_only(temu: Caller, shop: TemuShop) -> None:
    earlier = shop.place_order([(SKU, 1)])
    shop_settings.set_code(shop, SKU, "NEUER-CODE")
    later = shop.place_order([(SKU, 1)])
    codes = [shop.order(number).lines[0].products[0].ext_code for number in (earlier, later)]
    assert codes == ["FLASCHE-750-BL", "NEUER-CODE"]
