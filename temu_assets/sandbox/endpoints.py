"""Which operation answers which ``type``. Source: fact sheet temu-api, sections 3 to 5 and 7."""

from __future__ import annotations

from collections.abc import Callable

from temu_assets.sandbox import (
    account_api,
    addresses_api,
    aftersales_api,
    confirm_api,
    goods_api,
    logistics_api,
    orders_api,
    prices_api,
)
from temu_assets.sandbox.params import Params
from temu_assets.sandbox.temu_shop import TemuShop

ENDPOINTS: dict[str, Callable[[TemuShop, Params], object]] = {
    "bg.open.accesstoken.info.get": account_api.token_info,
    "bg.order.list.v2.get": orders_api.order_list,
    "bg.order.detail.v2.get": orders_api.order_detail,
    "bg.order.shippinginfo.v2.get": addresses_api.shipping_info,
    "bg.order.decryptshippinginfo.get": addresses_api.decrypted_shipping_info,
    "bg.order.amount.query": prices_api.amounts,
    "temu.pay.tax.invoice.detail.query": prices_api.invoice_detail,
    "bg.logistics.companies.get": logistics_api.companies,
    "bg.logistics.warehouse.list.get": logistics_api.warehouses,
    "bg.logistics.shipment.v2.confirm": confirm_api.confirm,
    "bg.logistics.shipment.v2.get": logistics_api.shipment,
    "bg.logistics.shipment.shippingtype.update": logistics_api.update_shipping,
    "bg.local.goods.sku.list.query": goods_api.sku_list,
    "temu.local.goods.sku.stock.query": goods_api.stock_query,
    "bg.local.goods.stock.edit": goods_api.stock_edit,
    "bg.aftersales.cancel.list.get": aftersales_api.cancellation_list,
}
