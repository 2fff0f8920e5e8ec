"""Whatever stands in an answer of TEMU's: it is read, or refused with one of our errors that quotes nothing of it."""

from __future__ import annotations

import json
import traceback
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from temu_assets.errors import InternalError, TemuAssetsError
from temu_assets_tests.hostile.endpoints import ENDPOINTS, Endpoint
from temu_assets_tests.hostile.mutations import CANARY, DIGITS, VALUES, damaged, damages, every_damage, paths
from temu_assets_tests.temu.gateway import Gateway, client_of

ENVELOPE = {"success": True, "requestId": "eu-0001", "errorCode": 1000000, "errorMsg": ""}


_answer = b""
# One client for thousands of answers: making one takes longer than reading them.
_client = client_of(Gateway(lambda _: httpx.Response(200, content=_answer)))


def read(endpoint: Endpoint, body: str) -> object:
    """What the program makes of an answer: its own value, or its own error."""
    global _answer
    _answer = body.encode()
    return endpoint.read(_client)


def with_result(text: str) -> str:
    return json.dumps(ENVELOPE)[:-1] + f', "result": {text}}}'


def refusal(endpoint: Endpoint, body: str) -> TemuAssetsError | None:
    """The error an answer ends in, after making sure that it is one of ours, says no more than it may, and is no bug."""
    try:
        read(endpoint, body)
    except TemuAssetsError as caught:
        error = caught
    else:
        return None
    shown = "".join(traceback.format_exception(error)) + repr(error)
    assert CANARY not in shown
    assert DIGITS * 3 not in shown
    assert not isinstance(error, InternalError)
    assert error.__cause__ is None
    return error


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda endpoint: endpoint.name)
def test_a_good_answer_is_read(endpoint: Endpoint) -> None:
    assert refusal(endpoint, with_result(json.dumps(endpoint.result()))) is None


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda endpoint: endpoint.name)
def test_one_damaged_place_is_read_or_refused_in_our_words(endpoint: Endpoint) -> None:
    refused = [name for name, text in every_damage(endpoint.result()) if refusal(endpoint, with_result(text)) is not None]
    assert refused or endpoint.name in ("stock edit", "confirmation")


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda endpoint: endpoint.name)
@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow], derandomize=True)
@given(data=st.data())
def test_several_damaged_places_are_read_or_refused_in_our_words(endpoint: Endpoint, data: st.DataObject) -> None:
    refusal(endpoint, with_result(data.draw(damages(endpoint.result()))))


@pytest.mark.parametrize("text", [text for _, text in every_damage({**ENVELOPE, "result": {"pageItems": [], "totalItemNum": 0}})])
def test_a_damaged_envelope_is_read_or_refused_in_our_words(text: str) -> None:
    refusal(ENDPOINTS[0], text)


MUST_BE_REFUSED: list[tuple[str, tuple[Any, ...]]] = [
    ("orders", ("totalItemNum",)),
    ("orders", ("pageItems",)),
    ("orders", ("pageItems", 0, "parentOrderMap", "parentOrderSn")),
    ("orders", ("pageItems", 0, "parentOrderMap", "parentOrderStatus")),
    ("orders", ("pageItems", 0, "parentOrderMap", "updateTime")),
    ("orders", ("pageItems", 0, "parentOrderMap", "regionId")),
    ("orders", ("pageItems", 0, "orderList", 0, "orderSn")),
    ("orders", ("pageItems", 0, "orderList", 0, "quantity")),
    ("orders", ("pageItems", 0, "orderList", 0, "skuId")),
    ("amounts", ("orderList", 0, "quantity")),
    ("amounts", ("orderList", 0, "orderSn")),
    ("amounts", ("parentOrderMap", "basePriceTotal", "amount")),
    ("invoice", ("invoiceDetailInfoList", 0, "goodsInfoList", 0, "quantity")),
    ("skus", ("skuList", 0, "stock")),
    ("skus", ("skuList", 0, "skuId")),
    ("shipment", ("shipmentInfoDTO", 0, "packageSn")),
    ("shipment", ("shipmentInfoDTO", 0, "trackingNumber")),
    ("cancellations", ("data", 0, "afterSalesInfoList", 0, "applyGoodsNumber")),
    ("token", ("expiredTime",)),
]
NO_VALUE = [None, *(VALUES[name] for name in ("null", "NaN", "true", "empty list", "empty object", "list", "name twice", "6000 digits"))]


@pytest.mark.parametrize(
    ("name", "path"), MUST_BE_REFUSED, ids=lambda value: value if isinstance(value, str) else ".".join(map(str, value))
)
def test_what_is_needed_and_not_there_is_never_made_up(name: str, path: tuple[Any, ...]) -> None:
    (endpoint,) = [each for each in ENDPOINTS if each.name == name]
    assert path in set(paths(endpoint.result()))
    accepted = [text for text in NO_VALUE if refusal(endpoint, with_result(damaged(endpoint.result(), path, text))) is None]
    # An empty page is one: nothing changed.
    assert accepted == (["[]"] if path == ("pageItems",) else [])


@pytest.mark.parametrize("part", ["addressExtra", "warning"])
@pytest.mark.parametrize("kind", ["plain text", "list", "zero", "name twice", "NaN", "200 levels"])
def test_a_part_of_an_address_that_is_no_object_is_not_one_that_is_absent(part: str, kind: str) -> None:
    """The drop point stands in such a part: without it a parcel goes nowhere."""
    (endpoint,) = [each for each in ENDPOINTS if each.name == "address"]
    error = refusal(endpoint, with_result(damaged(endpoint.result(), (part,), VALUES[kind])))
    assert error is not None
    assert part in error.what
