"""What TEMU says an order costs: amounts, and the documented substitute for them, in this program's names.

All money is integer cents in the one currency of the order; None where TEMU does not say, never 0 instead.
Source: fact sheet temu-api, sections 3.5 and 7.4.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

from pydantic import AliasPath, BeforeValidator, Field, model_validator

from temu_assets.temu.fields import (
    OPTIONAL_ROWS,
    ROWS,
    ZERO_IS_NONE,
    AnswerModel,
    Id,
    Milliseconds,
    Number,
    Quantity,
    Text,
    fit,
    known_id,
)


def _amount(value: object) -> object:
    """The cents of ``{"currency": ..., "amount": ...}``."""
    if value is None:
        return None
    if isinstance(value, dict) and type(value.get("amount")) is int and isinstance(value.get("currency"), str):
        return value["amount"]
    raise ValueError("is not an amount in cents with a currency")


def _hint(value: object) -> object:
    """A number that only helps where others leave a doubt; anything else says nothing."""
    return value if type(value) is int else None


Cents = Annotated[Number, BeforeValidator(_amount)]
OptionalCents = Annotated[Number | None, BeforeValidator(_amount)]
Currency = Annotated[str, Field(pattern=r"^[A-Z]{3}$")]


class AmountsLineModel(AnswerModel):
    """The amounts of one line; ``unit_...`` for one unit, all others for the line."""

    line_id: Id = Field(validation_alias="orderSn")
    quantity: Quantity
    base_price: Cents = Field(validation_alias="basePrice")
    unit_retail_price_net: OptionalCents = Field(None, validation_alias="unitRetailPriceVatExcl")
    unit_retail_price_gross: OptionalCents = Field(None, validation_alias="unitRetailPriceVatIncl")
    retail_total_gross: OptionalCents = Field(None, validation_alias="retailPriceTotalTaxIncl")
    product_tax: OptionalCents = Field(None, validation_alias="productTaxAmount")
    raw_tax_rate: Annotated[int | None, BeforeValidator(_hint)] = Field(None, validation_alias="productTaxRate")
    """Its scale is not documented: evidence only where the amounts are too small to tell the rate."""
    shipping_gross: OptionalCents = Field(None, validation_alias="shipAmountTotalTaxIncl")


def _by_line_id(value: object) -> object:
    if isinstance(value, list):
        # What is no id is numbered: the key stands in messages, and a text that is no id can be anything.
        keys = [known_id(row, "orderSn") or f"row {number}" for number, row in enumerate(value, start=1)]
        if len(set(keys)) != len(keys):
            raise ValueError("has the same orderSn twice")
        return dict(zip(keys, value, strict=True))
    raise ValueError("is not a list")


class AmountsModel(AnswerModel):
    """The amounts of one order, as far as they are used: a field nobody reads must not keep an order back.

    ``lines`` is keyed by line id: TEMU's order of lines means nothing.
    """

    order_id: Id | None = Field(None, validation_alias=AliasPath("parentOrderMap", "parentOrderSn"))
    currency: Currency
    base_price_total: Cents = Field(validation_alias=AliasPath("parentOrderMap", "basePriceTotal"))
    shipping_total: OptionalCents = Field(None, validation_alias=AliasPath("parentOrderMap", "shippingAmountTotal"))
    """Described as net; use ``shipping_total_gross`` for gross."""
    shipping_total_gross: OptionalCents = Field(None, validation_alias=AliasPath("parentOrderMap", "shipAmountTotalTaxIncl"))
    shipping_tax: OptionalCents = Field(None, validation_alias=AliasPath("parentOrderMap", "shipTaxAmount"))
    lines: Annotated[dict[str, AmountsLineModel], BeforeValidator(_by_line_id)] = Field(validation_alias="orderList")

    @model_validator(mode="before")
    @classmethod
    def _one_currency(cls, raw: object) -> object:
        if not isinstance(raw, dict):
            return raw
        currencies = _currencies(raw)
        if len(currencies) > 1:
            raise ValueError("has amounts in more than one currency")
        return {**raw, "currency": next(iter(currencies), None)}


def _currencies(value: object) -> set[str]:
    if isinstance(value, list):
        return set().union(*map(_currencies, value))
    if not isinstance(value, dict):
        return set()
    if "amount" in value:
        currency = value.get("currency")
        return {currency} if isinstance(currency, str) else set()
    return set().union(*map(_currencies, value.values()))


class InvoiceGoodsModel(AnswerModel):
    """One line of an expected invoice. ``vat_rate / vat_rate_base`` is the tax rate as a fraction."""

    line_id: Id = Field(validation_alias="orderSn")
    description: Text = ""
    quantity: Quantity
    unit_price_net: Number | None = Field(None, validation_alias="unitPriceExcludeVAT")
    unit_price_gross: Number | None = Field(None, validation_alias="unitPriceWithVAT")
    total: Number | None = Field(None, validation_alias="totalGoodsAmount")
    vat_rate: Quantity | None = Field(None, validation_alias="vatRate")
    vat_rate_base: Annotated[int, Field(ge=1, le=2**31 - 1)] | None = Field(None, validation_alias="vatRateBase")

    @property
    def vat_fraction(self) -> Decimal | None:
        """The tax rate, 0.19 for 19 %; None where TEMU does not say."""
        if self.vat_rate is None or self.vat_rate_base is None:
            return None
        return Decimal(self.vat_rate) / Decimal(self.vat_rate_base)


class InvoiceDocumentModel(AnswerModel):
    """One document that TEMU expects for an order; with ``refunded_at`` it is a credit note."""

    detail_type: Number = Field(validation_alias="invoiceDetailType")
    """1 to the consumer, 2 to the platform."""
    currency: Currency
    order_id: Id = Field(validation_alias=AliasPath("orderMetaInfo", "parentOrderSn"))
    ordered_at: Annotated[Milliseconds | None, ZERO_IS_NONE] = Field(None, validation_alias=AliasPath("orderMetaInfo", "orderTimeMillis"))
    refunded_at: Annotated[Milliseconds | None, ZERO_IS_NONE] = Field(None, validation_alias=AliasPath("orderMetaInfo", "refundTimeMillis"))
    goods: Annotated[tuple[InvoiceGoodsModel, ...], ROWS] = Field(validation_alias="goodsInfoList")
    shipping_net: Number | None = Field(None, validation_alias=AliasPath("shippingFee", "shippingAmountExcludeTax"))
    shipping_gross: Number | None = Field(None, validation_alias=AliasPath("shippingFee", "shippingAmountWithTax"))

    @model_validator(mode="after")
    def _lines_differ(self) -> InvoiceDocumentModel:
        if len({line.line_id for line in self.goods}) != len(self.goods):
            raise ValueError("goodsInfoList has the same orderSn twice")
        return self


class InvoiceDetailModel(AnswerModel):
    """The documents that TEMU expects for one order."""

    documents: Annotated[tuple[InvoiceDocumentModel, ...], OPTIONAL_ROWS] = Field(validation_alias="invoiceDetailInfoList")


def parse_amounts(raw: object, *, order_id: str | None = None) -> AmountsModel:
    """An amounts answer. ``order_id`` is for the message of the TemuDataError it may raise."""
    order_id = order_id or known_id(raw, "parentOrderMap", "parentOrderSn")
    return fit(AmountsModel, raw, f"Amounts of order {order_id}" if order_id else "Amounts of an order")


def parse_invoice_detail(raw: object, *, order_id: str | None = None) -> InvoiceDetailModel:
    """An invoice detail answer. ``order_id`` is for the message of the TemuDataError it may raise."""
    return fit(InvoiceDetailModel, raw, f"Invoice data of order {order_id}" if order_id else "Invoice data of an order")
