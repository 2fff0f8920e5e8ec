"""Listing and stock. Source: fact sheet temu-api, sections 5.1, 5.2, 5.5 and 5.6."""

from __future__ import annotations

from temu_assets.sandbox.amounts import GERMANY, rate_of, with_tax
from temu_assets.sandbox.params import JsonObject, Params, RefusalError, page_of
from temu_assets.sandbox.state import Sku
from temu_assets.sandbox.temu_shop import TemuShop

ACTIVE, INACTIVE = 2, 3
BAD_INPUT = 150010003
LARGEST_STOCK = 1_000_000
SUCCESS = 1000000


def sku_list(shop: TemuShop, params: Params) -> JsonObject:
    """bg.local.goods.sku.list.query: page by ``pageNo``; only search types 2 and 3 have rows."""
    search_type = params.integer("skuSearchType")
    if search_type is None:
        raise RefusalError(BAD_INPUT, "Invalid Request Parameters")
    if (params.integer("pageSize") or 0) > 100:
        # Seen live on the goods list: a failure that carries the success code.
        raise RefusalError(SUCCESS, "page size exceeds the limit")
    wanted = set(params.integers("skuIdList"))
    skus = [
        sku
        for sku in sorted(shop.state.skus.values(), key=lambda sku: sku.sku_id)
        if search_type == (ACTIVE if sku.active else INACTIVE) and (not wanted or sku.sku_id in wanted)
    ]
    page, size = page_of(params, "pageNo", size=10, largest=100)
    shown = skus[(page - 1) * size : page * size]
    return {"pageNo": page, "total": len(skus), "skuList": [_sku(shop, sku) for sku in shown]}


def _sku(shop: TemuShop, sku: Sku) -> JsonObject:
    gross = with_tax(sku.net_cents, rate_of(sku, GERMANY))
    stock = visible_stock(shop, sku)
    return {
        "goodsId": sku.goods_id,
        "skuId": sku.sku_id,
        "skuSn": sku.code,
        "goodsName": sku.goods_name,
        "specName": sku.spec,
        "thumbUrl": f"https://img.example.invalid/{sku.sku_id}.jpg",
        "stock": stock,
        "price": f"{sku.net_cents // 100}.{sku.net_cents % 100:02d}",
        "currency": "EUR",
        "retailPrice": {"amount": f"{gross // 100}.{gross % 100:02d}", "currency": "EUR"},
        "crtTime": sku.created_at,
        "skuStatusChangeTime": str(sku.created_at),
        "status4VO": ACTIVE if sku.active else INACTIVE,
        "subStatus4VO": 8 if stock else 1,
        "skuShowSubStatus4VO": (2001 if stock else 3003) if sku.active else 3002,
        "goodsIsOnSale": int(sku.active),
        "lowTrafficTag": 0,
        "restrictedTrafficTag": 0,
        "specList": [{"specId": 1001, "parentSpecId": 18}],
        "volumeInfo": {"length": "27.0", "width": "8.0", "height": "8.0", "unit": "cm"},
        "weightInfo": {"weight": "420.0", "unit": "g"},
    }


def visible_stock(shop: TemuShop, sku: Sku) -> int:
    """Return the stock TEMU shows: for a while after a write still the old one, if the shop lags."""
    if sku.edited_at is not None and shop.clock() - sku.edited_at < shop.state.stock_read_lag:
        return sku.previous_stock
    return sku.stock


def stock_query(shop: TemuShop, params: Params) -> JsonObject:
    """temu.local.goods.sku.stock.query, by goods, SKU ids or SKU codes; unknown ones are simply not in the answer."""
    goods_id, ids, codes = params.integer("goodsId"), params.integers("skuIdList"), params.texts("outSkuSnList")
    if goods_id is None and not ids and not codes:
        raise RefusalError(150010002, "One of goodsId, skuIdList, outSkuSnList is required")
    if ids:
        found = [shop.state.skus[sku_id] for sku_id in dict.fromkeys(ids) if sku_id in shop.state.skus]
    else:
        found = [sku for sku in shop.state.skus.values() if sku.goods_id == goods_id or sku.code in codes]
    by_goods: dict[int, list[Sku]] = {}
    for sku in found:
        by_goods.setdefault(sku.goods_id, []).append(sku)
    return {"stockList": [{"goodsId": goods, "skuStockInfoList": [_stock(shop, sku) for sku in skus]} for goods, skus in by_goods.items()]}


def _stock(shop: TemuShop, sku: Sku) -> JsonObject:
    return {
        "skuId": sku.sku_id,
        "outSkuSn": sku.code,
        "selfOrdinaryStock": {"stockType": 0, "stock": visible_stock(shop, sku)},
        "selfPreSaleStock": {
            "stockType": 1,
            "stock": 0,
            "preSaleEndTime": None,
            "skuPreSaleStockLimit": None,
            "mallPreSaleSkuNumLimit": None,
        },
        "certOrdinaryStock": {"stockType": 2, "stock": 0},
    }


def stock_edit(shop: TemuShop, params: Params) -> JsonObject:
    """bg.local.goods.stock.edit: one goods a call; a verdict per SKU, whatever the envelope says."""
    goods_id = params.integer("goodsId")
    if goods_id is None:
        raise RefusalError(BAD_INPUT, "Invalid Request Parameters")
    changes = _stock_changes(params)
    key = params.text("requestUniqueKey")
    if key is not None:
        if key in shop.state.request_keys:
            raise RefusalError(2000000, "The request has been submitted already.")
        shop.state.request_keys.append(key)
    rows = [_edit(shop, goods_id, sku_id, value, relative=relative) for sku_id, value, relative in changes]
    accepted = all(row["stockEditStatus"] for row in rows)
    return {
        "goodsId": goods_id,
        "operateResult": accepted,
        "msg": None if accepted else "partial failure",
        "skuStockEditStatusInfoList": rows,
    }


def _stock_changes(params: Params) -> list[tuple[int, int, bool]]:
    targets, differences = params.objects("skuStockTargetList"), params.objects("skuStockChangeList")
    if targets and differences:
        raise RefusalError(150013003, "Targets and changes cannot be sent together.")
    field = "stockTarget" if targets else "stockDiff"
    changes = []
    for entry in targets or differences:
        sku_id, value = entry.integer("skuId"), entry.integer(field)
        if sku_id is None or value is None:
            raise RefusalError(BAD_INPUT, "Invalid Request Parameters")
        if value > LARGEST_STOCK or (targets and value < 0):
            raise RefusalError(150013002, "The stock is out of range.")
        changes.append((sku_id, value, not targets))
    if not changes:
        raise RefusalError(BAD_INPUT, "Invalid Request Parameters")
    if len({sku_id for sku_id, _, _ in changes}) < len(changes):
        raise RefusalError(150013001, "A SKU occurs twice.")
    return changes


def _edit(shop: TemuShop, goods_id: int, sku_id: int, value: int, *, relative: bool) -> JsonObject:
    sku = shop.state.skus.get(sku_id)
    if sku is None or sku.goods_id != goods_id or not sku.editable:
        return {
            "skuId": sku_id,
            "stockEditStatus": False,
            "errorCode": BAD_INPUT,
            "errorMsg": "Invalid Request Parameters",
        }
    sku.previous_stock = visible_stock(shop, sku)
    sku.stock = max(0, sku.stock + value) if relative else value
    sku.edited_at = shop.clock()
    return {"skuId": sku_id, "stockEditStatus": True, "errorCode": None, "errorMsg": None}
