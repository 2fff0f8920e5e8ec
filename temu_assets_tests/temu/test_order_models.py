"""TEMU's order and address become typed values, or are set aside naming the field; nothing is guessed."""

from __future__ import annotations

import copy
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from temu_assets.temu.failures import TemuDataError
from temu_assets.temu.order_models import is_masked, parse_order, parse_shipping_info
from temu_assets_tests.temu.samples import LINE_2, ORDER_ID, address, order


def test_an_order_is_read_into_this_programs_names() -> None:
    parsed = parse_order(order())
    assert parsed.order_id == ORDER_ID
    assert (parsed.status, parsed.region_id, parsed.site_id, parsed.payment_type) == (2, 76, 105, "PPD")
    assert parsed.ordered_at == datetime(2025, 12, 31, 16, 53, 20, tzinfo=UTC)
    assert parsed.updated_at == datetime(2025, 12, 31, 18, tzinfo=UTC)
    assert parsed.confirmed_at == datetime(2025, 12, 31, 17, 53, 20, tzinfo=UTC)
    assert parsed.shipped_at is None
    assert parsed.labels == {"pending_buyer_cancellation"}
    assert parsed.warnings == {"CONFIRMED_CHANGED_ADDRESS"}


def test_a_line_counts_what_is_left_to_ship() -> None:
    """Fault 4: not the original quantity."""
    line = parse_order(order()).lines[1]
    assert (line.line_id, line.quantity, line.original_quantity, line.cancelled_quantity) == (LINE_2, 1, 3, 2)
    assert (line.goods_id, line.sku_id, line.warehouse_id) == (
        "601000000000002",
        "17590000000002",
        "WH-00000000000000001",
    )
    [product] = line.products
    assert (product.sku, product.sold_factor, product.product_sku_id) == ("DECKEL-SW", 3, "41000000001")


def test_ids_may_be_numbers_or_texts() -> None:
    raw = order()
    raw["orderList"][0]["goodsId"] = "601000000000001"
    raw["orderList"][0]["skuId"] = 2**63 - 1
    line = parse_order(raw).lines[0]
    assert (line.goods_id, line.sku_id) == ("601000000000001", "9223372036854775807")


@pytest.mark.parametrize("absent", [None, "key"])
def test_optional_fields_may_be_null_or_absent(absent: str | None) -> None:
    raw = order()
    parent = raw["parentOrderMap"]
    line = raw["orderList"][0]
    for fields, names in (
        (
            parent,
            ("parentConfirmTime", "expectShipLatestTime", "siteId", "orderPaymentType", "parentOrderLabel"),
        ),
        (parent, ("fulfillmentWarning", "parentShippingTime")),
        (line, ("originalOrderQuantity", "canceledQuantityBeforeShipment", "productList", "spec", "goodsName")),
        (line, ("originalGoodsName", "originalSpecName", "fulfillmentType", "inventoryDeductionWarehouseId")),
    ):
        for name in names:
            if absent is None:
                fields[name] = None
            else:
                del fields[name]
    parsed = parse_order(raw)
    assert (parsed.confirmed_at, parsed.labels, parsed.warnings) == (None, frozenset(), frozenset())
    assert (parsed.lines[0].original_quantity, parsed.lines[0].cancelled_quantity) == (2, 0)
    assert (parsed.lines[0].products, parsed.lines[0].name, parsed.lines[0].warehouse_id) == ((), "", None)


@pytest.mark.parametrize(
    ("given_quantities", "expected"),
    [
        ({"quantity": 2}, (2, 2, 0)),
        ({"quantity": 2, "originalOrderQuantity": 5}, (2, 5, 3)),
        ({"quantity": 2, "canceledQuantityBeforeShipment": 1}, (2, 3, 1)),
        ({"quantity": 0, "originalOrderQuantity": 3, "canceledQuantityBeforeShipment": 3}, (0, 3, 3)),
    ],
)
def test_missing_quantities_follow_from_the_others(given_quantities: dict[str, int], expected: tuple[int, int, int]) -> None:
    raw = order()
    line = raw["orderList"][0]
    for name in ("quantity", "originalOrderQuantity", "canceledQuantityBeforeShipment"):
        line.pop(name)
    line.update(given_quantities)
    parsed = parse_order(raw).lines[0]
    assert (parsed.quantity, parsed.original_quantity, parsed.cancelled_quantity) == expected


def test_of_a_cancelled_line_nothing_is_to_be_shipped_whatever_quantity_is_told() -> None:
    raw = order()
    raw["orderList"][0] |= {"orderStatus": 3, "quantity": 2, "originalOrderQuantity": 3, "canceledQuantityBeforeShipment": 1}
    (line, *_) = parse_order(raw).lines
    assert (line.quantity, line.original_quantity, line.cancelled_quantity) == (0, 3, 3)
    raw["orderList"][0]["quantity"] = 3
    with pytest.raises(TemuDataError):
        parse_order(raw)


def test_an_order_whose_lines_are_all_gone_is_still_an_order() -> None:
    raw = order()
    raw["orderList"] = []
    assert parse_order(raw).lines == ()


PARENT, LINE = ("parentOrderMap",), ("orderList", 0)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ((*PARENT, "parentOrderStatus"), None),
        ((*PARENT, "parentOrderStatus"), "2"),
        ((*PARENT, "parentOrderStatus"), True),
        ((*PARENT, "parentOrderTime"), None),
        ((*PARENT, "parentOrderTime"), "1767200000"),
        ((*PARENT, "parentOrderTime"), 1767200000000),
        ((*PARENT, "parentOrderTime"), 1767200000.5),
        ((*PARENT, "updateTime"), None),
        ((*PARENT, "updateTime"), 0),
        ((*PARENT, "regionId"), "76"),
        ((*PARENT, "siteId"), 2**63),
        ((*PARENT, "parentConfirmTime"), True),
        ((*PARENT, "parentOrderLabel"), {}),
        ((*PARENT, "parentOrderLabel"), ["past_due"]),
        ((*PARENT, "parentOrderLabel"), [{"name": "past_due", "value": "1"}]),
        ((*PARENT, "parentOrderLabel"), [{"name": "past_due", "value": True}]),
        ((*PARENT, "parentOrderLabel"), [{"name": None, "value": 1}]),
        ((*PARENT, "fulfillmentWarning"), "CONFIRMED_CHANGED_ADDRESS"),
        ((*PARENT, "fulfillmentWarning"), [1]),
        (("orderList",), None),
        (("orderList",), {}),
        (("orderList", 0), None),
        ((*LINE, "orderSn"), None),
        ((*LINE, "orderSn"), LINE_2),
        ((*LINE, "orderStatus"), None),
        ((*LINE, "goodsId"), None),
        ((*LINE, "skuId"), True),
        ((*LINE, "skuId"), 1.5),
        ((*LINE, "skuId"), -1),
        ((*LINE, "quantity"), None),
        ((*LINE, "quantity"), "2"),
        ((*LINE, "quantity"), 2.0),
        ((*LINE, "quantity"), True),
        ((*LINE, "quantity"), -1),
        ((*LINE, "quantity"), 3),
        ((*LINE, "quantity"), 10**30),
        ((*LINE, "originalOrderQuantity"), 1),
        ((*LINE, "canceledQuantityBeforeShipment"), -1),
        ((*LINE, "canceledQuantityBeforeShipment"), "0"),
        ((*LINE, "goodsName"), 5),
        ((*LINE, "productList"), "FLASCHE"),
        ((*LINE, "productList"), [None]),
        ((*LINE, "productList", 0, "soldFactor"), 0),
        ((*LINE, "productList", 0, "soldFactor"), "3"),
        ((*LINE, "productList", 0, "extCode"), 750),
    ],
)
def test_a_field_of_another_form_sets_the_order_aside_by_name(path: tuple[str | int, ...], value: object) -> None:
    raw = order()
    target: Any = raw
    for part in path[:-1]:
        target = target[part]
    target[path[-1]] = value
    with pytest.raises(TemuDataError, match=f"^Order {ORDER_ID}") as caught:
        parse_order(raw)
    assert str(next(part for part in path if isinstance(part, str))) in caught.value.what


@pytest.mark.parametrize("name", ["parentOrderStatus", "parentOrderTime", "updateTime", "regionId"])
def test_a_missing_field_is_called_missing(name: str) -> None:
    raw = order()
    del raw["parentOrderMap"][name]
    with pytest.raises(TemuDataError, match=rf"parentOrderMap\.{name} is missing"):
        parse_order(raw)


@pytest.mark.parametrize("order_id", [None, "", "../../etc/passwd", "PO 1", "Ä", "x" * 65, ["PO-1"], 1.5])
def test_a_number_that_is_no_order_number_is_not_repeated(order_id: object) -> None:
    """Order numbers become file names and keys."""
    raw = order()
    raw["parentOrderMap"]["parentOrderSn"] = order_id
    with pytest.raises(TemuDataError, match=r"^An order without a readable number.*parentOrderMap\.parentOrderSn") as c:
        parse_order(raw)
    assert "passwd" not in str(c.value)


def paths(value: object, prefix: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    children: Any = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path for key, child in children for path in ((*prefix, key), *paths(child, (*prefix, key)))]


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5), inner, max_size=2),
    max_leaves=4,
)


@given(path=st.sampled_from(paths(order())), value=json_values)
def test_whatever_one_field_holds_an_order_is_read_or_set_aside(path: tuple[str | int, ...], value: object) -> None:
    raw = copy.deepcopy(order())
    target: Any = raw
    for part in path[:-1]:
        target = target[part]
    target[path[-1]] = value
    try:
        parsed = parse_order(raw)
    except TemuDataError:
        return
    assert all(line.quantity == line.original_quantity - line.cancelled_quantity >= 0 for line in parsed.lines)


@given(json_values)
def test_whatever_stands_for_an_order_or_an_address_ends_in_no_other_error(value: object) -> None:
    for parse in (parse_order, parse_shipping_info):
        try:
            parse(value)
        except TemuDataError:
            continue


def test_an_address_keeps_every_part_as_sent() -> None:
    parsed = parse_shipping_info(address())
    assert (parsed.recipient, parsed.first_name, parsed.last_name) == ("Jörg Müller-Groß", "Jörg", "Müller-Groß")
    assert (parsed.street, parsed.address_line_2, parsed.postcode, parsed.city) == (
        "Beispielstraße 12a",
        "Hinterhaus",
        "01067",
        "Dresden",
    )
    assert (parsed.country, parsed.state, parsed.district, parsed.additional_recipient) == ("Germany", "Sachsen", "", "")
    assert (parsed.phone, parsed.backup_phone, parsed.is_restricted) == ("+49 15550000001", "", False)


def test_an_address_without_the_optional_objects_is_read() -> None:
    raw = address()
    raw["addressExtra"] = raw["warning"] = None
    parsed = parse_shipping_info(raw)
    assert (parsed.first_name, parsed.drop_point, parsed.is_restricted) == ("", "", None)


def test_a_postcode_sent_as_number_is_set_aside_because_its_zero_is_lost() -> None:
    raw = {**address(), "postCode": 1067}
    with pytest.raises(TemuDataError, match=f"Address of order {ORDER_ID}.*postCode"):
        parse_shipping_info(raw, order_id=ORDER_ID)


@pytest.mark.parametrize(
    ("change", "masked"),
    [
        ({}, False),
        ({"mobile": None}, False),
        ({"mobile": "+49 155*****01"}, True),
        ({"receiptName": "J***"}, True),
        ({"receiptName": None}, True),
        ({"addressLine1": ""}, True),
        ({"addressLine1": "  "}, True),
        ({"postCode": "0****"}, True),
        ({"regionName3": None}, True),
        ({"addressLine2": "*"}, False),
        ({"mail": "*"}, False),
    ],
)
def test_a_needed_part_that_is_empty_or_starred_out_makes_an_address_masked(change: dict[str, Any], masked: bool) -> None:
    assert is_masked(parse_shipping_info({**address(), **change})) is masked


def test_the_samples_are_json() -> None:
    assert json.loads(json.dumps(order())) == order()
