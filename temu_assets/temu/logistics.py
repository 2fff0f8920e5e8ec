"""Carriers, warehouses and shipments (fact sheet temu-api, sections 4.1 to 4.5).

Confirming and correcting a shipment are effects: they are never repeated unless TEMU surely did not act on them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Annotated

from pydantic import ConfigDict, Field

from temu_assets.temu.failures import TemuDataError, TemuOutcomeUnknown, TemuRefused, request_label, unreadable
from temu_assets.temu.fields import OPTIONAL_ROWS, AnswerModel, Id, Number, Quantity, Text, fit
from temu_assets.temu.signing import ParamValue
from temu_assets.temu.transport import Transport
from temu_assets.temu.wire import number

COMPANIES = "bg.logistics.companies.get"
WAREHOUSES = "bg.logistics.warehouse.list.get"
CONFIRM = "bg.logistics.shipment.v2.confirm"
SHIPMENT = "bg.logistics.shipment.v2.get"
UPDATE = "bg.logistics.shipment.shippingtype.update"


class SendType(IntEnum):
    """How orders and parcels relate in one confirmation."""

    ONE_PARCEL = 0
    """One order, one parcel, everything in it."""
    SEVERAL_PARCELS = 1
    """One order in several parcels, or only some of its lines."""
    COMBINED = 2
    """Several whole orders with the same address in one parcel."""


class _NamedModel(AnswerModel):
    model_config = ConfigDict(validate_by_name=True)


class Carrier(_NamedModel):
    """A carrier that TEMU knows for a region."""

    carrier_id: Number = Field(validation_alias="logisticsServiceProviderId")
    name: Text = Field(validation_alias="logisticsServiceProviderName")
    brand: Text = Field("", validation_alias="logisticsBrandName")


class TemuWarehouse(_NamedModel):
    """A warehouse of the shop as TEMU knows it."""

    warehouse_id: Id = Field(validation_alias="warehouseId")
    name: Text = Field("", validation_alias="warehouseName")
    is_default: bool = Field(validation_alias="defaultWarehouse")


class ConfirmedPackage(_NamedModel):
    """A parcel that TEMU has on record for a line: the evidence that a shipment was confirmed."""

    package_id: Id = Field(validation_alias="packageSn")
    carrier_id: Number = Field(validation_alias="carrierId")
    carrier_name: Text = Field("", validation_alias="carrierName")
    tracking_number: Annotated[str, Field(min_length=1)] = Field(validation_alias="trackingNumber")
    sku_id: Id | None = Field(None, validation_alias="skuId")
    quantity: Quantity | None = None
    delivery_type: Number | None = Field(None, validation_alias="packageDeliveryType")
    """1 the seller's own carrier, 2 a label bought from TEMU, 3 and 4 the same for a cooperative warehouse."""


@dataclass(frozen=True, slots=True)
class LineToConfirm:
    """``quantity`` units of one line lie in the parcel."""

    order_id: str
    line_id: str
    goods_id: str
    sku_id: str
    quantity: int


@dataclass(frozen=True, slots=True)
class PackageToConfirm:
    """One parcel with everything in it."""

    carrier_id: int
    tracking_number: str
    warehouse_id: str | None
    lines: tuple[LineToConfirm, ...]


@dataclass(frozen=True, slots=True)
class ConfirmAnswer:
    """TEMU accepted the confirmation. ``warnings`` are its own words; the proof is read with ``shipment``."""

    warnings: tuple[str, ...]
    request_id: str | None


@dataclass(frozen=True, slots=True)
class ShippingEdit:
    """New carrier and tracking number for a confirmed parcel."""

    package_id: str
    tracking_number: str
    carrier_id: int
    warehouse_id: str | None


class _Carriers(AnswerModel):
    carriers: Annotated[tuple[Carrier, ...], OPTIONAL_ROWS]


class _Warehouses(AnswerModel):
    warehouses: Annotated[tuple[TemuWarehouse, ...], OPTIONAL_ROWS] = Field(validation_alias="warehouseList")


class _Shipment(AnswerModel):
    packages: Annotated[tuple[ConfirmedPackage, ...], OPTIONAL_ROWS] = Field((), validation_alias="shipmentInfoDTO")


class LogisticsApi:
    """Shipping. Every call raises the classes of ``failures.py``."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def companies(self, region_id: int) -> tuple[Carrier, ...]:
        """The carriers TEMU accepts for a region. Three shapes of the answer are known; all are read."""
        answer = self._transport.call(COMPANIES, {"regionId": region_id})
        rows = answer.result
        if isinstance(rows, dict):
            rows = next((rows[name] for name in ("logisticsCompaniesList", "items") if name in rows), None)
        if not isinstance(rows, list):
            raise unreadable(COMPANIES, "there is no list of carriers", answer.request_id)
        try:
            return fit(_Carriers, {"carriers": rows}, "Carriers").carriers
        except TemuDataError as error:
            raise unreadable(COMPANIES, error.what, answer.request_id) from None

    def warehouses(self) -> tuple[TemuWarehouse, ...]:
        """The shop's warehouses."""
        answer = self._transport.call(WAREHOUSES, {})
        try:
            return fit(_Warehouses, answer.result, "Warehouses").warehouses
        except TemuDataError as error:
            raise unreadable(WAREHOUSES, error.what, answer.request_id) from None

    def confirm_shipment(self, send_type: SendType, packages: Sequence[PackageToConfirm]) -> ConfirmAnswer:
        """Tell TEMU that parcels are on their way: an effect that cannot be taken back.

        Raises TemuOutcomeUnknown if the answer is lost: read ``shipment`` before sending again.
        """
        params: dict[str, ParamValue] = {
            "sendType": int(send_type),
            "sendRequestList": [_package(package) for package in packages],
        }
        answer = self._transport.call(CONFIRM, params, at_most_once=True)
        warnings = answer.result.get("warningMessage") if isinstance(answer.result, dict) else None
        return ConfirmAnswer(
            tuple(text for text in warnings if isinstance(text, str)) if isinstance(warnings, list) else (),
            answer.request_id,
        )

    def shipment(self, order_id: str, line_id: str) -> tuple[ConfirmedPackage, ...]:
        """The parcels on record at TEMU for one line; empty if there are none. Raises TemuDataError if unreadable."""
        answer = self._transport.call(SHIPMENT, {"parentOrderSn": order_id, "orderSn": line_id})
        return fit(_Shipment, answer.result, f"Shipment of order {order_id}, line {line_id}").packages

    def update_shipping(self, edits: Sequence[ShippingEdit]) -> None:
        """Correct carrier and tracking number of confirmed parcels: an effect, like ``confirm_shipment``."""
        rows: list[ParamValue] = [
            {
                "packageSn": edit.package_id,
                "trackingNumber": edit.tracking_number,
                "shipCompanyId": edit.carrier_id,
                **_warehouse(edit.warehouse_id),
            }
            for edit in edits
        ]
        answer = self._transport.call(UPDATE, {"editPackageRequestList": rows}, at_most_once=True)
        if answer.result is True:
            return
        failure = TemuRefused if answer.result is False else TemuOutcomeUnknown
        raise failure(
            f"{UPDATE}: TEMU did not confirm the correction of {len(edits)} parcel(s) ({request_label(answer.request_id)}).",
            remedy="Compare the parcels' tracking numbers in TEMU's Seller Center with JTL.",
            endpoint=UPDATE,
            request_id=answer.request_id,
        )


def _package(package: PackageToConfirm) -> dict[str, ParamValue]:
    lines: list[ParamValue] = [
        {
            "parentOrderSn": line.order_id,
            "orderSn": line.line_id,
            "goodsId": number("goodsId", line.goods_id),
            "skuId": number("skuId", line.sku_id),
            "quantity": line.quantity,
        }
        for line in package.lines
    ]
    return {
        "carrierId": package.carrier_id,
        "trackingNumber": package.tracking_number,
        **_warehouse(package.warehouse_id),
        "orderSendInfoList": lines,
    }


def _warehouse(warehouse_id: str | None) -> dict[str, ParamValue]:
    return {} if warehouse_id is None else {"selfShippingWarehouseId": warehouse_id}
