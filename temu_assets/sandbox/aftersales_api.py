"""Buyers' wishes to cancel: bg.aftersales.cancel.list.get. Source: fact sheet temu-api, section 7.1."""

from __future__ import annotations

from temu_assets.sandbox.params import JsonObject, Params, page_of
from temu_assets.sandbox.state import Cancellation
from temu_assets.sandbox.temu_shop import TemuShop


def cancellation_list(shop: TemuShop, params: Params) -> JsonObject:
    """Newest first, page by ``pageNo``, although the answer calls it ``pageNumber``."""
    group = params.integer("afterSalesStatusGroup")
    orders, numbers = set(params.texts("parentOrderSnList")), set(params.texts("parentAfterSalesSnList"))
    wishes = [
        wish
        for wish in reversed(shop.state.cancellations)
        if (group is None or wish.group == group)
        and (not orders or wish.parent_sn in orders)
        and (not numbers or wish.after_sales_sn in numbers)
    ]
    page, size = page_of(params, "pageNo", size=10, largest=200)
    shown = wishes[(page - 1) * size : page * size]
    return {"total": len(wishes), "pageNumber": page, "data": [_wish(shop, wish) for wish in shown]}


def _wish(shop: TemuShop, wish: Cancellation) -> JsonObject:
    suffix = wish.after_sales_sn.removeprefix(wish.parent_sn)
    rows = []
    for order_sn, pieces in wish.pieces.items():
        _, line = shop.line(wish.parent_sn, order_sn)
        products = [{"productSkuId": product.product_sku_id, "extCode": product.ext_code} for product in line.products]
        rows.append(
            {
                "afterSalesSn": order_sn + suffix,
                "parentOrderSn": wish.parent_sn,
                "orderSn": order_sn,
                "productSkuId": line.products[0].product_sku_id if line.products else None,
                "applyGoodsNumber": pieces,
                "goodsId": line.goods_id,
                "productList": products,
                "createAtMillis": wish.created_at * 1000,
            }
        )
    return {
        "parentAfterSalesSn": wish.after_sales_sn,
        "parentAfterSalesStatus": wish.group - 7,
        "afterSalesInfoList": rows,
    }
