"""Carriers, warehouses and shipments: what is sent, and what counts as accepted."""

from __future__ import annotations

import pytest

from temu_assets.errors import RecordError
from temu_assets.temu.failures import TemuOutcomeUnknown, TemuRefused, TemuTransient
from temu_assets.temu.logistics import (
    Carrier,
    ConfirmedPackage,
    LineToConfirm,
    PackageToConfirm,
    SendType,
    ShippingEdit,
    TemuWarehouse,
)
from temu_assets_tests.temu.gateway import Gateway, client_of, success
from temu_assets_tests.temu.samples import LINE_1, ORDER_ID

CARRIER_ROW = {
    "logisticsServiceProviderId": 141252268,
    "logisticsServiceProviderName": "DHL",
    "logisticsBrandName": "DHL",
}
LINE = LineToConfirm(ORDER_ID, LINE_1, goods_id="601000000000001", sku_id="17590000000001", quantity=2)


@pytest.mark.parametrize(
    "result",
    [[CARRIER_ROW], {"logisticsCompaniesList": [CARRIER_ROW]}, {"items": [CARRIER_ROW]}],
)
def test_carriers_are_read_from_each_of_the_known_shapes(result: object) -> None:
    gateway = Gateway(success(result))
    with client_of(gateway) as client:
        assert client.logistics.companies(76) == (Carrier(carrier_id=141252268, name="DHL", brand="DHL"),)
    assert gateway.only_body["regionId"] == 76


@pytest.mark.parametrize("result", [None, {}, {"items": None}, [None], [{**CARRIER_ROW, "logisticsServiceProviderId": "1"}]])
def test_unreadable_carriers_are_not_no_carriers(result: object) -> None:
    """Fault 9."""
    with client_of(Gateway(success(result))) as client, pytest.raises(TemuTransient, match="companies"):
        client.logistics.companies(76)


def test_warehouses_are_read_with_the_default_marked() -> None:
    result = {
        "warehouseList": [
            {"warehouseId": "WH-1", "warehouseName": "Lager Kassel", "defaultWarehouse": True},
            {"warehouseId": "WH-2", "warehouseName": None, "defaultWarehouse": False},
        ]
    }
    with client_of(Gateway(success(result))) as client:
        assert client.logistics.warehouses() == (
            TemuWarehouse(warehouse_id="WH-1", name="Lager Kassel", is_default=True),
            TemuWarehouse(warehouse_id="WH-2", name="", is_default=False),
        )


@pytest.mark.parametrize("result", [None, {}, {"warehouseList": [{"warehouseId": "WH-1"}]}])
def test_unreadable_warehouses_are_not_no_warehouses(result: object) -> None:
    with client_of(Gateway(success(result))) as client, pytest.raises(TemuTransient, match="warehouse"):
        client.logistics.warehouses()


def test_a_confirmation_is_sent_in_the_documented_form() -> None:
    gateway = Gateway(success({"assistantAgreementText": None, "warningMessage": ["late", 5]}))
    with client_of(gateway) as client:
        answer = client.logistics.confirm_shipment(
            SendType.SEVERAL_PARCELS,
            [
                PackageToConfirm(141252268, "00340434161094012345", "WH-1", (LINE,)),
                PackageToConfirm(998264853, "09980000000001", None, (LINE,)),
            ],
        )
    assert answer.warnings == ("late",)
    body = gateway.only_body
    line = {
        "parentOrderSn": ORDER_ID,
        "orderSn": LINE_1,
        "goodsId": 601000000000001,
        "skuId": 17590000000001,
        "quantity": 2,
    }
    assert body["type"] == "bg.logistics.shipment.v2.confirm"
    assert body["sendType"] == 1
    assert body["sendRequestList"] == [
        {
            "carrierId": 141252268,
            "trackingNumber": "00340434161094012345",
            "selfShippingWarehouseId": "WH-1",
            "orderSendInfoList": [line],
        },
        {"carrierId": 998264853, "trackingNumber": "09980000000001", "orderSendInfoList": [line]},
    ]


@pytest.mark.parametrize("result", [None, {}, {"warningMessage": None}])
def test_a_confirmation_that_succeeded_is_accepted_whatever_else_it_says(result: object) -> None:
    with client_of(Gateway(success(result))) as client:
        package = PackageToConfirm(1, "1", None, (LINE,))
        assert client.logistics.confirm_shipment(SendType.ONE_PARCEL, [package]).warnings == ()


def test_an_id_that_is_no_number_is_never_sent() -> None:
    gateway = Gateway(success({}))
    line = LineToConfirm(ORDER_ID, LINE_1, goods_id="G-1", sku_id="1", quantity=1)
    with client_of(gateway) as client, pytest.raises(RecordError, match="goodsId"):
        client.logistics.confirm_shipment(SendType.ONE_PARCEL, [PackageToConfirm(1, "1", None, (line,))])
    assert gateway.bodies == []


PACKAGE_ROW = {
    "packageSn": "PK-1",
    "packageDeliveryType": 1,
    "carrierId": 141252268,
    "carrierName": "DHL",
    "trackingNumber": "00340434161094012345",
    "skuId": 17590000000001,
    "quantity": 2,
}


def test_a_shipment_lists_every_parcel_on_record() -> None:
    """Fault 12: not only the first one."""
    second = {**PACKAGE_ROW, "packageSn": "PK-2", "skuId": None, "quantity": None, "packageDeliveryType": None}
    gateway = Gateway(success({"shipmentInfoDTO": [PACKAGE_ROW, second]}))
    with client_of(gateway) as client:
        packages = client.logistics.shipment(ORDER_ID, LINE_1)
    assert packages[0] == ConfirmedPackage(
        package_id="PK-1",
        carrier_id=141252268,
        carrier_name="DHL",
        tracking_number="00340434161094012345",
        sku_id="17590000000001",
        quantity=2,
        delivery_type=1,
    )
    assert [package.package_id for package in packages] == ["PK-1", "PK-2"]
    assert (gateway.only_body["parentOrderSn"], gateway.only_body["orderSn"]) == (ORDER_ID, LINE_1)


@pytest.mark.parametrize("result", [{}, {"shipmentInfoDTO": None}, {"shipmentInfoDTO": []}])
def test_a_line_without_parcels_has_none(result: object) -> None:
    with client_of(Gateway(success(result))) as client:
        assert client.logistics.shipment(ORDER_ID, LINE_1) == ()


@pytest.mark.parametrize(
    "result",
    [None, [], {"shipmentInfoDTO": {}}, {"shipmentInfoDTO": [{**PACKAGE_ROW, "trackingNumber": None}]}],
)
def test_an_unreadable_shipment_is_not_no_shipment(result: object) -> None:
    """Fault 9: read as "none", it would be confirmed a second time."""
    with client_of(Gateway(success(result))) as client, pytest.raises(RecordError, match=ORDER_ID):
        client.logistics.shipment(ORDER_ID, LINE_1)


def test_a_correction_names_the_carrier_as_this_call_wants_it() -> None:
    gateway = Gateway(success(result=True))
    with client_of(gateway) as client:
        client.logistics.update_shipping([ShippingEdit("PK-1", "123", 141252268, None)])
    assert gateway.only_body["editPackageRequestList"] == [{"packageSn": "PK-1", "trackingNumber": "123", "shipCompanyId": 141252268}]


@pytest.mark.parametrize(("result", "kind"), [(False, TemuRefused), (None, TemuOutcomeUnknown), ({}, TemuOutcomeUnknown)])
def test_a_correction_is_done_only_if_temu_says_so(result: object, kind: type[Exception]) -> None:
    with client_of(Gateway(success(result))) as client, pytest.raises(kind):
        client.logistics.update_shipping([ShippingEdit("PK-1", "123", 141252268, None)])
