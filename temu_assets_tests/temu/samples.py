"""Answers in the documented form, with invented data. Every call returns a fresh one that a test may damage."""

from __future__ import annotations

from typing import Any

ORDER_ID = "PO-076-00000000000000001"
LINE_1, LINE_2 = "076-00000000000000011", "076-00000000000000012"


def order() -> dict[str, Any]:
    """Two lines, two of three pieces of the second one cancelled."""
    return {
        "parentOrderMap": {
            "parentOrderSn": ORDER_ID,
            "parentOrderStatus": 2,
            "parentOrderTime": 1767200000,
            "parentConfirmTime": 1767203600,
            "expectShipLatestTime": 1767375000,
            "parentShippingTime": None,
            "updateTime": 1767204000,
            "siteId": 105,
            "regionId": 76,
            "orderPaymentType": "PPD",
            "parentOrderLabel": [
                {"name": "past_due", "value": 0},
                {"name": "pending_buyer_cancellation", "value": 1},
            ],
            "fulfillmentWarning": ["CONFIRMED_CHANGED_ADDRESS"],
        },
        "orderList": [
            _line(LINE_1, 601000000000001, 17590000000001, quantity=2, original=2, cancelled=0, sku="FLASCHE-750-BL"),
            _line(LINE_2, 601000000000002, 17590000000002, quantity=1, original=3, cancelled=2, sku=" DECKEL-SW "),
        ],
    }


def _line(line_id: str, goods_id: int, sku_id: int, *, quantity: int, original: int, cancelled: int, sku: str) -> dict[str, Any]:
    return {
        "orderSn": line_id,
        "orderStatus": 2,
        "goodsId": goods_id,
        "skuId": sku_id,
        "quantity": quantity,
        "originalOrderQuantity": original,
        "canceledQuantityBeforeShipment": cancelled,
        "goodsName": "Trinkflasche 750 ml",
        "originalGoodsName": "Trinkflasche Edelstahl 750 ml",
        "spec": "Blau",
        "originalSpecName": "Blau / 750 ml",
        "productList": [{"productId": 5200000001, "productSkuId": 41000000001, "soldFactor": 3, "extCode": sku}],
        "fulfillmentType": "fulfillBySeller",
        "inventoryDeductionWarehouseId": "WH-00000000000000001",
    }


def address() -> dict[str, Any]:
    return {
        "receiptName": "Jörg Müller-Groß",
        "receiptAdditionalName": None,
        "mobile": "+49 15550000001",
        "backupMobile": None,
        "mail": "x0000000001@g.example.invalid",
        "regionName1": "Germany",
        "regionName2": "Sachsen",
        "regionName3": "Dresden",
        "regionName4": None,
        "addressLine1": "Beispielstraße 12a",
        "addressLine2": "Hinterhaus",
        "addressLine3": None,
        "addressLineAll": "Beispielstraße 12a Hinterhaus",
        "postCode": "01067",
        "addressExtra": {"firstName": "Jörg", "lastName": "Müller-Groß", "contactlessDropPoint": None},
        "warning": {"isRestriction": False, "reason": None},
    }


def _eur(cents: int) -> dict[str, Any]:
    return {"currency": "EUR", "amount": cents}


def amounts() -> dict[str, Any]:
    """The lines stand in another order than in the order list, as they may."""
    return {
        "parentOrderMap": {
            "parentOrderSn": ORDER_ID,
            "basePriceTotal": _eur(3362),
            "shippingAmountTotal": _eur(251),
            "shipAmountTotalTaxIncl": _eur(299),
            "retailPriceTotalTaxIncl": _eur(4001),
            "customerPaid": _eur(4300),
        },
        "orderList": [
            {
                "orderSn": LINE_2,
                "quantity": 1,
                "basePrice": _eur(336),
                "unitRetailPriceVatIncl": _eur(400),
                "productTaxRate": 1900000,
            },
            {
                "orderSn": LINE_1,
                "quantity": 2,
                "basePrice": _eur(3026),
                "unitRetailPriceVatIncl": _eur(1800),
                "retailPriceTotalTaxIncl": _eur(3601),
            },
        ],
        "warning": [],
    }


def invoice_detail() -> dict[str, Any]:
    return {
        "invoiceDetailInfoList": [
            {
                "invoiceDetailType": 1,
                "currency": "EUR",
                "orderMetaInfo": {
                    "parentOrderSn": ORDER_ID,
                    "orderTimeMillis": 1767200000000,
                    "refundTimeMillis": None,
                },
                "goodsInfoList": [
                    {
                        "orderSn": LINE_1,
                        "description": "Trinkflasche Edelstahl 750 ml",
                        "quantity": 2,
                        "unitPriceExcludeVAT": 1513,
                        "unitPriceWithVAT": 1800,
                        "totalGoodsAmount": 3601,
                        "vatRate": 1900,
                        "vatRateBase": 10000,
                    }
                ],
                "shippingFee": {"shippingAmountExcludeTax": 251, "shippingAmountWithTax": 299},
                "promotionInfo": None,
            }
        ]
    }


def sku() -> dict[str, Any]:
    return {
        "goodsId": 601000000000001,
        "skuId": 17590000000001,
        "skuSn": " FLASCHE-750-BL ",
        "goodsName": "Trinkflasche Edelstahl 750 ml",
        "specName": "Blau / 750 ml",
        "stock": 12,
        "price": "15.13",
        "currency": "EUR",
        "crtTime": 1760000000,
        "status4VO": 2,
        "subStatus4VO": 8,
        "skuShowSubStatus4VO": 2001,
    }
