"""TEMU's order and its delivery address, in this program's names (fact sheet temu-api, sections 3.1 to 3.4).

Amounts are in ``price_models.py``. Here TEMU's names end.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import AliasPath, BeforeValidator, Field, model_validator

from temu_assets.temu.fields import (
    OPTIONAL_ROWS,
    ROWS,
    ZERO_IS_NONE,
    AnswerModel,
    Id,
    Number,
    Quantity,
    Seconds,
    StrippedText,
    Text,
    fit,
    known_id,
)

_CANCELLED = 3


def _labels_set(value: object) -> frozenset[str]:
    """The names with value 1 of ``[{"name": ..., "value": 0 or 1}]``. Labels decide whether to ship: nothing is guessed."""
    names: set[str] = set()
    for row in _list(value):
        name, switch = (row.get("name"), row.get("value")) if isinstance(row, dict) else (None, None)
        if not isinstance(name, str) or type(switch) is not int or switch not in (0, 1):
            raise ValueError("has a row that is no name with value 0 or 1")
        if switch:
            names.add(name)
    return frozenset(names)


def _names(value: object) -> frozenset[str]:
    names = _list(value)
    if not all(isinstance(name, str) for name in names):
        raise ValueError("has a row that is no text")
    return frozenset(str(name) for name in names)


def _list(value: object) -> list[object]:
    if value is None:
        return []
    if isinstance(value, list):
        return value
    raise ValueError("is no list")


BY_SELLER = ("", "fulfillBySeller")
"""Values of ``fulfillmentType`` for a line the seller ships; any other is shipped by a partner of TEMU's."""


class ProductModel(AnswerModel):
    """What the seller packs for one unit of a line: ``sold_factor`` pieces of ``sku``; several rows make a bundle."""

    sku: StrippedText = Field("", validation_alias="extCode")
    sold_factor: Annotated[int, Field(ge=1, le=100_000)] = Field(1, validation_alias="soldFactor")
    product_sku_id: Id | None = Field(None, validation_alias="productSkuId")


class OrderLineModel(AnswerModel):
    """One line. ``quantity`` is what is to be shipped (original minus cancelled), 0 for a line cancelled as a whole."""

    line_id: Id = Field(validation_alias="orderSn")
    status: Number = Field(validation_alias="orderStatus")
    goods_id: Id = Field(validation_alias="goodsId")
    sku_id: Id = Field(validation_alias="skuId")
    quantity: Quantity
    original_quantity: Quantity = Field(validation_alias="originalOrderQuantity")
    cancelled_quantity: Quantity = Field(validation_alias="canceledQuantityBeforeShipment")
    name: Text = Field("", validation_alias="goodsName")
    """In the buyer's language, like ``variant``; ``original_...`` is in the seller's."""
    variant: Text = Field("", validation_alias="spec")
    original_name: Text = Field("", validation_alias="originalGoodsName")
    original_variant: Text = Field("", validation_alias="originalSpecName")
    products: Annotated[tuple[ProductModel, ...], OPTIONAL_ROWS] = Field((), validation_alias="productList")
    fulfillment_type: Text = Field("", validation_alias="fulfillmentType")
    warehouse_id: Id | None = Field(None, validation_alias="inventoryDeductionWarehouseId")

    @model_validator(mode="before")
    @classmethod
    def _complete_quantities(cls, raw: object) -> object:
        """Original and cancelled quantity may be absent: each follows from the other and ``quantity``.

        Of a cancelled line all is cancelled.
        """
        if not isinstance(raw, dict):
            return raw
        quantity, original, cancelled = (raw.get(name) for name in ("quantity", "originalOrderQuantity", "canceledQuantityBeforeShipment"))
        if type(quantity) is not int:
            return raw
        if cancelled is None:
            cancelled = original - quantity if type(original) is int else 0
        if original is None:
            original = quantity + cancelled if type(cancelled) is int else None
        if raw.get("orderStatus") == _CANCELLED and type(cancelled) is int and original == quantity + cancelled:
            quantity, cancelled = 0, original
        return {**raw, "quantity": quantity, "originalOrderQuantity": original, "canceledQuantityBeforeShipment": cancelled}

    @model_validator(mode="after")
    def _quantities_agree(self) -> OrderLineModel:
        if self.quantity != self.original_quantity - self.cancelled_quantity:
            raise ValueError("quantity is not originalOrderQuantity minus canceledQuantityBeforeShipment")
        return self


class OrderModel(AnswerModel):
    """One parent order with its lines, as in the order list. Times are aware UTC."""

    order_id: Id = Field(validation_alias=AliasPath("parentOrderMap", "parentOrderSn"))
    status: Number = Field(validation_alias=AliasPath("parentOrderMap", "parentOrderStatus"))
    ordered_at: Seconds = Field(validation_alias=AliasPath("parentOrderMap", "parentOrderTime"))
    confirmed_at: Annotated[Seconds | None, ZERO_IS_NONE] = Field(None, validation_alias=AliasPath("parentOrderMap", "parentConfirmTime"))
    ship_by: Annotated[Seconds | None, ZERO_IS_NONE] = Field(None, validation_alias=AliasPath("parentOrderMap", "expectShipLatestTime"))
    shipped_at: Annotated[Seconds | None, ZERO_IS_NONE] = Field(None, validation_alias=AliasPath("parentOrderMap", "parentShippingTime"))
    updated_at: Seconds = Field(validation_alias=AliasPath("parentOrderMap", "updateTime"))
    region_id: Number = Field(validation_alias=AliasPath("parentOrderMap", "regionId"))
    site_id: Number | None = Field(None, validation_alias=AliasPath("parentOrderMap", "siteId"))
    payment_type: str | None = Field(None, validation_alias=AliasPath("parentOrderMap", "orderPaymentType"))
    labels: Annotated[frozenset[str], BeforeValidator(_labels_set)] = Field(
        frozenset(), validation_alias=AliasPath("parentOrderMap", "parentOrderLabel")
    )
    warnings: Annotated[frozenset[str], BeforeValidator(_names)] = Field(
        frozenset(), validation_alias=AliasPath("parentOrderMap", "fulfillmentWarning")
    )
    lines: Annotated[tuple[OrderLineModel, ...], ROWS] = Field(validation_alias="orderList")

    @property
    def cancellation_requested(self) -> bool:
        """The buyer asks to cancel, and the seller has not decided."""
        return "pending_buyer_cancellation" in self.labels

    @property
    def address_change_requested(self) -> bool:
        """The buyer asks for another address, and the seller has not decided."""
        return "pending_buyer_address_change" in self.labels

    @property
    def risk_alert(self) -> bool:
        """TEMU is looking into the order; it is not to be shipped meanwhile."""
        return "pending_risk_control_alert" in self.labels

    @property
    def waits_for_a_decision(self) -> bool:
        """One of the three: nothing is to be shipped before it is settled."""
        return self.cancellation_requested or self.address_change_requested or self.risk_alert

    @model_validator(mode="after")
    def _lines_differ(self) -> OrderModel:
        if len({line.line_id for line in self.lines}) != len(self.lines):
            raise ValueError("orderList has the same orderSn twice")
        return self


class ShippingInfoModel(AnswerModel):
    """The delivery address. Buyer data: ``repr`` shows none of it. Texts are empty where TEMU sends null."""

    recipient: Text = Field("", validation_alias="receiptName")
    additional_recipient: Text = Field("", validation_alias="receiptAdditionalName")
    first_name: Text = Field("", validation_alias=AliasPath("addressExtra", "firstName"))
    last_name: Text = Field("", validation_alias=AliasPath("addressExtra", "lastName"))
    drop_point: Text = Field("", validation_alias=AliasPath("addressExtra", "contactlessDropPoint"))
    phone: Text = Field("", validation_alias="mobile")
    backup_phone: Text = Field("", validation_alias="backupMobile")
    mail: Text = ""
    country: Text = Field("", validation_alias="regionName1")
    """English name; the country code follows from the order's ``region_id``."""
    state: Text = Field("", validation_alias="regionName2")
    city: Text = Field("", validation_alias="regionName3")
    district: Text = Field("", validation_alias="regionName4")
    street: Text = Field("", validation_alias="addressLine1")
    address_line_2: Text = Field("", validation_alias="addressLine2")
    address_line_3: Text = Field("", validation_alias="addressLine3")
    whole_address: Text = Field("", validation_alias="addressLineAll")
    postcode: Text = Field("", validation_alias="postCode")
    is_restricted: bool | None = Field(None, validation_alias=AliasPath("warning", "isRestriction"))

    def __repr__(self) -> str:
        return "ShippingInfoModel(...)"

    __str__ = __repr__


def parse_order(raw: object) -> OrderModel:
    """One item of the order list. Raises TemuDataError naming the order, if it is known, and the fields."""
    order_id = known_id(raw, "parentOrderMap", "parentOrderSn")
    return fit(OrderModel, raw, f"Order {order_id}" if order_id else "An order without a readable number")


def parse_shipping_info(raw: object, *, order_id: str | None = None) -> ShippingInfoModel:
    """An address answer. ``order_id`` is for the message of the TemuDataError it may raise."""
    return fit(ShippingInfoModel, raw, f"Address of order {order_id}" if order_id else "A delivery address")


def is_masked(address: ShippingInfoModel) -> bool:
    """Whether a field needed for delivery is empty or starred out. An empty phone number is no obstacle."""
    needed = (address.recipient, address.street, address.postcode, address.city)
    return any(not text.strip() or "*" in text for text in needed) or "*" in address.phone
