"""What an order costs: amounts, and the invoice detail as their substitute.

Source: fact sheet temu-api, sections 3.5 and 7.4.
"""

from __future__ import annotations

from temu_assets.sandbox.amounts import counted_quantity, line_gross, line_net, main_rate, shipping_gross, with_tax
from temu_assets.sandbox.orders_api import NOT_FOUND, find_order
from temu_assets.sandbox.params import JsonObject, Params, RefusalError
from temu_assets.sandbox.state import Order, OrderLine, Status
from temu_assets.sandbox.temu_shop import TemuShop

CALCULATING = 140020008


def _priced_order(shop: TemuShop, params: Params) -> Order:
    order = find_order(shop, params, NOT_FOUND)
    if order.status == Status.PENDING:
        raise RefusalError(CALCULATING, "The order amount is being calculated, please try again later")
    return order


def _money(cents: int) -> JsonObject:
    return {"currency": "EUR", "amount": cents}


def amounts(shop: TemuShop, params: Params) -> JsonObject:
    """bg.order.amount.query (V1); lines in another order than in the list, so that only orderSn can join them."""
    order = _priced_order(shop, params)
    net = sum(line_net(order, line) for line in order.lines)
    gross = sum(line_gross(order, line) for line in order.lines)
    ship_net, ship_gross = order.shipping_net_cents, shipping_gross(order)
    values = {
        "basePriceTotal": net,
        "shippingAmountTotal": ship_net,
        "shipAmountTotalTaxIncl": ship_gross,
        "taxTotal": gross - net + ship_gross - ship_net,
        "taxTotalAfterDiscount": gross - net + ship_gross - ship_net,
        "productTaxAmount": gross - net,
        "shipTaxAmount": ship_gross - ship_net,
        "temuTaxTotal": 0,
        "retailPriceTotal": net,
        "retailPriceTotalTaxExcl": net,
        "retailPriceTotalTaxIncl": gross,
        "discountFromSeller": 0,
        "discountFromTEMU": 0,
        "totalDiscount": 0,
        "refundsTotal": 0,
        "estimatedRevenueDeduction": 0,
        "estimatedRevenue": net + ship_net,
        "customerPaid": gross + ship_gross,
    }
    return {
        "parentOrderMap": {
            "parentOrderSn": order.parent_sn,
            **{name: _money(cents) for name, cents in values.items()},
        },
        "orderList": [_line_amounts(order, line) for line in reversed(order.lines)],
        "warning": [],
    }


def _line_amounts(order: Order, line: OrderLine) -> JsonObject:
    first = line is order.lines[0]
    net, gross = line_net(order, line), line_gross(order, line)
    ship_net = order.shipping_net_cents if first else 0
    ship_gross = shipping_gross(order) if first else 0
    cents = {
        "basePrice": net,
        "unitBasePrice": line.unit_net_cents,
        "unitRetailPrice": line.unit_net_cents,
        "unitRetailPriceVatExcl": line.unit_net_cents,
        "unitRetailPriceVatIncl": with_tax(line.unit_net_cents, line.rate),
        "retailPriceTotalTaxIncl": gross,
        "productTaxAmount": gross - net,
        "shipTaxAmount": ship_gross - ship_net,
        "shipAmountTotalTaxIncl": ship_gross,
        "discountFromSeller": 0,
        "discountFromTEMU": 0,
    }
    return {
        "orderSn": line.order_sn,
        "quantity": counted_quantity(order, line),
        **{name: _money(value) for name, value in cents.items()},
        "productTaxRate": line.rate * 1000,
        "shipTaxRate": main_rate(order) * 1000,
    }


def invoice_detail(shop: TemuShop, params: Params) -> JsonObject:
    """temu.pay.tax.invoice.detail.query: prices with VAT, the documented substitute for the amounts."""
    order = _priced_order(shop, params)
    return {
        "invoiceDetailInfoList": [
            {
                "invoiceDetailType": 1,
                "invoiceType": 1,
                "currency": "EUR",
                "orderMetaInfo": {
                    "parentOrderSn": order.parent_sn,
                    "orderTimeMillis": order.created_at * 1000,
                    "parentShippingTimeMillis": order.shipped_at * 1000 if order.shipped_at else None,
                    "refundTimeMillis": None,
                    "originParentOrderSn": None,
                    "originParentOrderTimeMillis": None,
                    "financeParentOrderSn": None,
                    "tradeTransactionSn": None,
                    "parentAppealOrderSn": None,
                    "isCustomerServiceChargeOrder": False,
                },
                "platformInfo": {
                    "platformName": "Example Platform Ltd",
                    "platformAddress": "1 Sample Street, D02 XX00 Dublin, Ireland",
                },
                "goodsInfoList": [_invoice_line(order, line) for line in order.lines if counted_quantity(order, line)],
                "shippingInfoList": [],
                "shippingFee": {
                    "shippingAmountExcludeTax": order.shipping_net_cents,
                    "shippingAmountWithTax": shipping_gross(order),
                },
                "promotionInfo": {"promotionAmountExcludeTax": 0, "promotionAmountWithTax": 0},
                "addOrderInfoList": [],
            }
        ]
    }


def _invoice_line(order: Order, line: OrderLine) -> JsonObject:
    return {
        "orderSn": line.order_sn,
        "description": line.goods_name,
        "skuSpec": line.spec,
        "quantity": counted_quantity(order, line),
        "unitPriceExcludeVAT": line.unit_net_cents,
        "unitPriceWithVAT": with_tax(line.unit_net_cents, line.rate),
        "totalGoodsAmount": line_gross(order, line),
        "vatRate": line.rate,
        "vatRateBase": 10000,
    }
