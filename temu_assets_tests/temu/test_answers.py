"""Only JSON as TEMU writes it is read; anything else is unreadable, never empty."""

from __future__ import annotations

import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from temu_assets.temu.answers import MAX_DEPTH, MAX_PARTS, UnreadableAnswerError, read_envelope, read_json
from temu_assets.temu.failures import TemuDataError
from temu_assets.temu.goods import parse_sku
from temu_assets.temu.order_models import parse_shipping_info


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>bad gateway</html>",
        b'{"success": true',
        b'{"success": true, "errorMsg": "M\xfcller"}',
        b"[" * 100_000,
        b"[" * 100_000 + b"]" * 100_000,
        b"[" + b"[]," * MAX_PARTS + b"1]",
    ],
)
def test_a_body_that_is_not_strict_json_is_unreadable_and_not_quoted(body: bytes) -> None:
    with pytest.raises(UnreadableAnswerError) as caught:
        read_json(body)
    assert "ller" not in str(caught.value)
    assert caught.value.__cause__ is None


@pytest.mark.parametrize(
    "body",
    [
        *(b"null", b"[]", b'"text"', b"{}", b'{"result": {}}', b'{"success": 1}', b'{"success": "true"}', b'{"success": NaN}'),
        b'{"success": true, "success": false}',
    ],
)
def test_json_without_the_verdict_is_no_envelope(body: bytes) -> None:
    with pytest.raises(UnreadableAnswerError):
        read_envelope(body)


def test_the_verdict_is_success_and_not_the_code() -> None:
    envelope = read_envelope(b'{"success": false, "errorCode": 1000000, "requestId": "eu-1"}')
    assert (envelope.success, envelope.code, envelope.request_id) == (False, 1000000, "eu-1")


def test_code_and_request_id_of_a_wrong_type_are_taken_as_absent() -> None:
    envelope = read_envelope(b'{"success": false, "errorCode": "3", "errorMsg": 5, "requestId": "a b\\nc"}')
    assert (envelope.code, envelope.text, envelope.request_id) == (None, "", None)


def test_half_an_emoji_does_not_reach_files_or_databases() -> None:
    value = read_json(b'{"name": "Flasche \\ud83d", "whole": "\\ud83d\\ude00"}')
    assert value == {"name": "Flasche \ufffd", "whole": "😀"}


@pytest.mark.parametrize("number", [b"NaN", b"Infinity", b"-Infinity", b"1e999", b"-1e999", b"9" * 5000, b"-" + b"9" * 1_000_000])
def test_what_is_no_number_costs_its_own_record_only(number: bytes) -> None:
    [bad, good] = _rows(b'[{"goodsId": 1, "skuId": 2, "stock": ' + number + b'}, {"goodsId": 1, "skuId": 3, "stock": 4}]')
    with pytest.raises(TemuDataError, match=r"SKU 2: .* stock is not a whole number"):
        parse_sku(bad)
    assert parse_sku(good).stock == 4


def test_an_object_with_a_name_twice_costs_its_own_record_only() -> None:
    [bad, good] = _rows(b'[{"goodsId": 1, "skuId": 2, "stock": 1, "stock": 2}, {"goodsId": 1, "skuId": 3, "stock": 4}]')
    with pytest.raises(TemuDataError, match="is not an object"):
        parse_sku(bad)
    assert parse_sku(good).stock == 4


def test_a_part_with_a_name_twice_is_not_taken_for_one_that_is_absent() -> None:
    """The drop point of a parcel stands in a part that may be absent."""
    info = b'{"receiptName": "Erika", "addressExtra": {"contactlessDropPoint": "1", "contactlessDropPoint": "2"}}'
    with pytest.raises(TemuDataError, match="addressExtra that is no object"):
        parse_shipping_info(read_json(info))


def _rows(text: bytes) -> list[object]:
    rows = read_json(text)
    assert isinstance(rows, list)
    return rows


@given(st.binary(max_size=200))
def test_no_bytes_make_the_reader_fail_in_another_way(body: bytes) -> None:
    with contextlib.suppress(UnreadableAnswerError):
        read_envelope(body)


def test_what_is_nested_too_deep_is_replaced_and_the_rest_is_read() -> None:
    deepest = b"[" * (MAX_DEPTH - 1) + b"]" * (MAX_DEPTH - 1)
    assert json.dumps(read_json(b"[" + deepest + b"]")) == "[" + deepest.decode() + "]"
    deeper = b"[" * MAX_DEPTH + b"]" * MAX_DEPTH
    assert json.dumps(read_json(b"[1, " + deeper + b"]")) == "[1, " + deepest.decode().replace("[]", "[[null]]") + "]"
