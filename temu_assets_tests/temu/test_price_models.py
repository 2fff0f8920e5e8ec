"""Amounts are cents of one currency, joined by line id; what TEMU does not say is None and never 0."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from temu_assets.temu.failures import TemuDataError
from temu_assets.temu.price_models import parse_amounts, parse_invoice_detail
from temu_assets_tests.temu.samples import LINE_1, LINE_2, ORDER_ID, amounts, invoice_detail


def put(raw: Any, path: tuple[str | int, ...], value: object) -> None:
    for part in path[:-1]:
        raw = raw[part]
    raw[path[-1]] = value


def test_amounts_belong_to_lines_by_id_and_not_by_position() -> None:
    """Fault 3."""
    parsed = parse_amounts(amounts())
    assert parsed.lines[LINE_1].base_price == 3026
    assert parsed.lines[LINE_2].base_price == 336
    assert parsed.lines[LINE_1].unit_retail_price_gross == 1800


def test_totals_are_cents_and_what_is_not_said_is_none() -> None:
    """Fault 2: a missing price is not 0."""
    parsed = parse_amounts(amounts())
    assert (parsed.order_id, parsed.currency, parsed.base_price_total) == (ORDER_ID, "EUR", 3362)
    assert (parsed.shipping_total, parsed.shipping_total_gross) == (251, 299)
    assert parsed.shipping_tax is None
    assert parsed.lines[LINE_2].retail_total_gross is None


@pytest.mark.parametrize(
    ("path", "value", "named"),
    [
        (("parentOrderMap", "basePriceTotal"), None, "basePriceTotal"),
        (("parentOrderMap", "basePriceTotal"), 3362, "basePriceTotal"),
        (("parentOrderMap", "basePriceTotal"), {"currency": "EUR", "amount": "3362"}, "basePriceTotal"),
        (("parentOrderMap", "basePriceTotal"), {"currency": "EUR", "amount": 33.62}, "basePriceTotal"),
        (("parentOrderMap", "basePriceTotal"), {"currency": "EUR", "amount": True}, "basePriceTotal"),
        (("parentOrderMap", "shippingAmountTotal"), {"amount": 251}, "shippingAmountTotal"),
        (("parentOrderMap", "shippingAmountTotal"), {"currency": "EUR", "amount": None}, "shippingAmountTotal"),
        (("parentOrderMap", "customerPaid"), {"currency": "PLN", "amount": 4300}, "more than one currency"),
        (("parentOrderMap", "basePriceTotal", "amount"), 2**63, "basePriceTotal"),
        (("orderList", 0, "basePrice"), None, "basePrice"),
        (("orderList", 0, "quantity"), None, "quantity"),
        (("orderList", 0, "orderSn"), None, "orderSn"),
        (("orderList", 0, "orderSn"), LINE_1, "same orderSn"),
        (("orderList",), None, "orderList"),
        (("orderList", 0), 5, "orderList"),
    ],
)
def test_amounts_of_another_form_set_the_order_aside_by_name(path: tuple[str | int, ...], value: object, named: str) -> None:
    raw = amounts()
    put(raw, path, value)
    with pytest.raises(TemuDataError, match=f"Amounts of order {ORDER_ID}.*{named}"):
        parse_amounts(raw)


@pytest.mark.parametrize("raw", [None, [], {}, {"parentOrderMap": {}, "orderList": []}, "text"])
def test_an_answer_without_amounts_is_never_a_price(raw: object) -> None:
    with pytest.raises(TemuDataError):
        parse_amounts(raw)


def test_a_currency_that_is_no_code_is_refused() -> None:
    raw = amounts()
    for money in (raw["parentOrderMap"][name] for name in list(raw["parentOrderMap"]) if name != "parentOrderSn"):
        money["currency"] = "€"
    for line in raw["orderList"]:
        for money in (value for value in line.values() if isinstance(value, dict)):
            money["currency"] = "€"
    with pytest.raises(TemuDataError, match="currency"):
        parse_amounts(raw)


@pytest.mark.parametrize(
    ("path", "value"), [(("parentOrderMap", "customerPaid"), "43.00"), (("orderList", 0, "productTaxRate"), "19 %"), (("warning",), 7)]
)
def test_a_field_nobody_needs_keeps_no_order_back(path: tuple[str | int, ...], value: object) -> None:
    raw = amounts()
    put(raw, path, value)
    assert parse_amounts(raw).lines[LINE_1].unit_retail_price_gross == 1800


def test_invoice_data_carry_prices_with_their_tax_rate() -> None:
    [document] = parse_invoice_detail(invoice_detail()).documents
    assert (document.detail_type, document.currency, document.order_id) == (1, "EUR", ORDER_ID)
    assert document.refunded_at is None
    assert (document.shipping_net, document.shipping_gross) == (251, 299)
    [goods] = document.goods
    assert (goods.line_id, goods.quantity, goods.unit_price_net, goods.unit_price_gross, goods.total) == (
        LINE_1,
        2,
        1513,
        1800,
        3601,
    )
    assert goods.vat_fraction == Decimal("0.19")


def test_a_tax_rate_is_never_half_known() -> None:
    raw = invoice_detail()
    raw["invoiceDetailInfoList"][0]["goodsInfoList"][0]["vatRateBase"] = None
    assert parse_invoice_detail(raw).documents[0].goods[0].vat_fraction is None


@pytest.mark.parametrize("value", [0, -1, "10000", True])
def test_a_senseless_tax_base_is_refused(value: object) -> None:
    raw = invoice_detail()
    raw["invoiceDetailInfoList"][0]["goodsInfoList"][0]["vatRateBase"] = value
    with pytest.raises(TemuDataError, match=f"Invoice data of order {ORDER_ID}.*vatRateBase"):
        parse_invoice_detail(raw, order_id=ORDER_ID)


def test_an_order_without_expected_documents_has_none() -> None:
    assert parse_invoice_detail({"invoiceDetailInfoList": None}).documents == ()
    with pytest.raises(TemuDataError):
        parse_invoice_detail({})
