"""The signature agrees with TEMU's published example and with an independent reading of the sent body."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from temu_assets.errors import InternalError
from temu_assets.temu.signing import Params, sign, signed_body

SECRET = SecretStr("sandbox-secret-0123456789abcdef")
COMMON: dict[str, Any] = {
    "app_key": "sandbox-app-key",
    "access_token": "sandbox-token-de",
    "timestamp": 1767225600,
    "data_type": "JSON",
    "version": "V1",
}


def test_the_example_of_the_official_documentation_gives_its_published_signature() -> None:
    """The documentation prints these values, among them its sample secret, to let a client prove itself."""
    params: Params = {
        "app_key": "f9d5cc9313893a20d5aa85c654e8f503",
        "access_token": "2nifvmpyymvypwmcms5ct4uqqudrwgpmzbcnmkt1jzjkuaf3x56iixym",
        "data_type": "JSON",
        "timestamp": 1711009072,
        "type": "bg.logistics.shipment.confirm",
        "sendType": 0,
        "sendRequestList": [
            {
                "orderSendInfoList": [
                    {
                        "quantity": 1,
                        "orderSn": "211-21905473070712792",
                        "parentOrderSn": "PO-211-21905452099192792",
                        "goodsId": 601099548666279,
                        "skuId": 17592352673534,
                    }
                ],
                "carrierId": "699272611",
                "trackingNumber": "270324232756",
            }
        ],
    }
    assert sign(params, SecretStr("c7e0a1a63542be4de3cb5488f9fba8149e8fc290")) == "4CCF219942D4180C6DDA3CE36C1B838F"


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        (
            {"type": "bg.order.list.v2.get", "pageNumber": 1, "pageSize": 100, "parentOrderStatus": 2, "regionId": 76},
            "AFE39036FC3CADF87EE8B8B95D99D132",
        ),
        (
            {
                "type": "bg.logistics.shipment.v2.confirm",
                "sendType": 0,
                "sendRequestList": [
                    {
                        "carrierId": 141252268,
                        "trackingNumber": "00340434161094012345",
                        "orderSendInfoList": [
                            {
                                "parentOrderSn": "PO-076-00000000000000001",
                                "orderSn": "076-00000000000000011",
                                "goodsId": 601000000000001,
                                "skuId": 17590000000001,
                                "quantity": 2,
                            }
                        ],
                    }
                ],
            },
            "090B9E84934C5F9CDB7864686F3F74EF",
        ),
        (
            {
                "type": "bg.local.goods.sku.list.query",
                "pageNo": 1,
                "pageSize": 50,
                "skuSearchType": 2,
                "skuStatusFilterType": 2,
                "searchText": 'Größe "L" – 5 / €',
                "flag": True,
                "skuIdList": [17590000000001, 17590000000002],
            },
            "C74768662CCCC1E7A5026480991198DC",
        ),
        (
            {
                "type": "bg.local.goods.stock.edit",
                "goodsId": 601000000000001,
                "stockType": 0,
                "skuStockTargetList": [{"skuId": 17590000000001, "stockTarget": 7}],
                "requestUniqueKey": "k-0001",
            },
            "AE568D1E897984C12BD0BD8270537480",
        ),
    ],
    ids=["V1", "V2", "V3", "V4"],
)
def test_the_vectors_of_the_fact_sheet_are_reproduced(params: dict[str, Any], expected: str) -> None:
    assert sign({**COMMON, **params}, SECRET) == expected


def test_what_has_no_value_is_neither_signed_nor_sent() -> None:
    assert sign({"a": "1", "b": None}, SECRET) == sign({"a": "1"}, SECRET)
    assert json.loads(signed_body({"a": "1", "b": None}, SECRET)).keys() == {"a", "sign"}


def test_a_decimal_number_is_refused_because_its_text_is_not_defined() -> None:
    with pytest.raises(InternalError, match="decimal"):
        sign({"price": 1.5}, SECRET)  # type: ignore[dict-item]  # the wrong type is the point


names = st.text(st.characters(codec="utf-8"), min_size=1, max_size=8).filter(lambda name: name != "sign")
texts = st.text(st.characters(codec="utf-8"), max_size=12)
values = st.recursive(
    texts | st.integers() | st.booleans(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(names, values, max_size=6))
def test_a_server_that_rereads_the_body_finds_the_same_signature(params: dict[str, Any]) -> None:
    """The server parses the body in its order, writes nested values compactly, and compares."""
    received = json.loads(signed_body(params, SECRET))
    signature = received.pop("sign")
    assert received == params
    joined = "".join(
        name + (value if isinstance(value, str) else json.dumps(value, separators=(",", ":"), ensure_ascii=False))
        for name, value in sorted(received.items(), key=lambda field: field[0].encode())
    )
    secret = SECRET.get_secret_value()
    assert signature == hashlib.md5((secret + joined + secret).encode()).hexdigest().upper()
