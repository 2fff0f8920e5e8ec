"""What TEMU says of single records in the whole runs: where, and what instead. Every one of them is said of a record of its own."""

from __future__ import annotations

from typing import Any

from temu_assets_tests.hostile.mutations import VALUES, Path, damaged, with_a_name_twice

TWICE = "its first name twice"
REMOVED = "removed"

Case = tuple[Path, str]
"""A place in the record, and a kind of ``VALUES``, ``TWICE``, ``REMOVED``, or any JSON."""


def text_of(value: Any, path: Path, kind: str) -> str:
    """The JSON of the record with this damage."""
    if kind == TWICE:
        twice = with_a_name_twice(value, path)
        assert twice is not None
        return twice
    return damaged(value, path, None if kind == REMOVED else VALUES.get(kind, kind))


def _ways(dotted: str, *kinds: str) -> list[Case]:
    path = tuple(int(step) if step.isdigit() else step for step in dotted.split(".") if step)
    return [(path, kind) for kind in kinds]


IN_THE_LIST = [
    *_ways("", "null", "list", "zero", "200 levels", "NaN", TWICE),
    *_ways("parentOrderMap", REMOVED, "null", "empty list", "plain text", TWICE),
    *_ways("parentOrderMap.parentOrderSn", REMOVED, "null", "6000 digits", "10,000 characters", "SQL", "markup"),
    *_ways("parentOrderMap.updateTime", "NaN", "9999999999", "negative", "number as text", "300 digits"),
    *_ways("parentOrderMap.parentOrderStatus", "64 bits", "32 bits", "true", "fraction"),
    *_ways("parentOrderMap.regionId", "32 bits", "null", "plain text"),
    *_ways("parentOrderMap.parentOrderLabel", "plain text", "list", '[{"name": "pending_buyer_cancellation", "value": "1"}]'),
    *_ways("orderList", REMOVED, "empty list", "empty object", "list of null", "6000 digits"),
    *_ways("orderList.0.quantity", "NaN", "negative", "32 bits", "fraction", "whole fraction", "number as text", "null"),
    *_ways("orderList.0.orderSn", "null", "300 digits", "half an emoji"),
    *_ways("orderList.0.skuId", "6000 digits", "300 digits", "list", "NUL"),
    *_ways("orderList.0.productList", REMOVED, "null", "empty list", "plain text", "name twice"),
    *_ways("orderList.0.productList.0.extCode", "NUL", "control characters", "SQL", "10,000 emoji", "half an emoji"),
    *_ways("orderList.0.productList.0.soldFactor", "NaN", "zero", "32 bits", "null"),
    *_ways("orderList.0.originalGoodsName", "10,000 emoji", "NUL", "half an emoji", "markup", "end of CDATA", "number as text"),
]

IN_THE_ADDRESS = [
    *_ways("", "null", "list", "NaN", "200 levels", "empty object", "plain text"),
    *_ways(
        "receiptName",
        "NUL",
        "control characters",
        "half an emoji",
        "10,000 characters",
        "object",
        "zero",
        "no character",
        "markup",
        "end of CDATA",
        "right to left",
        "zero width",
        "SQL",
        "format",
        "line breaks",
    ),
    *_ways("postCode", REMOVED, "zero", "10,000 emoji", "blank", "name twice"),
    *_ways("addressExtra", "plain text", "list", "NaN", "zero"),
    *_ways("mail", "NUL", "10,000 characters", "true"),
]

IN_THE_AMOUNTS = [
    *_ways("", "null", "empty object", "NaN", "plain text"),
    *_ways("orderList", REMOVED, "null", "empty list", "empty object", "object"),
    *_ways("orderList.0.orderSn", "6000 digits", "plain text", "null"),
    *_ways("orderList.0.unitRetailPriceVatIncl.amount", "NaN", "negative", "64 bits", "300 digits", "zero", "fraction"),
    *_ways("orderList.0.quantity", "null", "NaN", "zero", "32 bits"),
    *_ways("parentOrderMap.parentOrderSn", '"PO-076-1"', "list", "6000 digits"),
    *_ways("parentOrderMap.shipAmountTotalTaxIncl", "plain text", "negative", '{"currency": "USD", "amount": 1}', TWICE),
]

IN_THE_SKUS = [
    *_ways("", "null", "list", "NaN", "200 levels", TWICE),
    *_ways("skuId", REMOVED, "null", "6000 digits", "300 digits", "SQL"),
    *_ways("goodsId", REMOVED, "NUL", "10,000 characters"),
    *_ways("stock", "NaN", "null", "300 digits", "64 bits", "fraction", "number as text"),
    *_ways("skuSn", "NUL", "control characters", "10,000 emoji", "half an emoji", "zero", "SQL", "markup"),
    *_ways("goodsName", "10,000 emoji", "NUL", "list"),
]

IN_THE_STOCK = [
    *_ways("", "null", "list", "NaN", TWICE),
    *_ways("skuId", REMOVED, "null", "300 digits", "SQL"),
    *_ways("selfOrdinaryStock", REMOVED, "null", "list", "zero", "NaN"),
    *_ways("selfOrdinaryStock.stock", "null", "NaN", "300 digits", "64 bits", "negative", "true", "whole fraction", "number as text"),
]

IN_THE_VERDICTS = [
    *_ways("", "null", "list", "NaN", TWICE),
    *_ways("skuId", REMOVED, "null", "300 digits"),
    *_ways("stockEditStatus", REMOVED, "null", "zero", '"true"', "list", "false"),
    *_ways("errorCode", "NaN", "plain text", "300 digits"),
]

IN_THE_COMPANIES = [
    *_ways("", "null", "NaN", "empty object", "200 levels"),
    *_ways("logisticsCompaniesList.0", TWICE),
    *_ways("logisticsCompaniesList.0.logisticsServiceProviderId", "300 digits"),
]

IN_THE_CONFIRMATION = [
    *_ways("", "null", "zero", "plain text", "200 levels", "NaN"),
]

IN_THE_SHIPMENT = [
    *_ways("", "null", "list", "NaN", "empty object"),
    *_ways("shipmentInfoDTO", "empty object", "list of null", "plain text"),
    *_ways("shipmentInfoDTO.0.trackingNumber", "null", "NUL", "10,000 characters", "zero"),
    *_ways("shipmentInfoDTO.0.packageSn", "null", "SQL", "6000 digits"),
    *_ways("shipmentInfoDTO.0.carrierId", "300 digits", "plain text"),
    *_ways("shipmentInfoDTO.0.quantity", "negative", "NaN", "32 bits"),
]
