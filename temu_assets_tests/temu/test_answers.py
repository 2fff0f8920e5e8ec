"""Only JSON as TEMU writes it is read; anything else is unreadable, never empty."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from temu_assets.temu.answers import MAX_DEPTH, UnreadableAnswerError, read_envelope, read_json


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>bad gateway</html>",
        b'{"success": true',
        b'{"success": true, "success": false}',
        b'{"success": true, "result": {"a": 1, "a": 2}}',
        b'{"success": true, "result": NaN}',
        b'{"success": true, "result": -Infinity}',
        b'{"success": true, "result": 1e999}',
        b'{"success": true, "errorMsg": "M\xfcller"}',
        b'{"success": true, "result": ' + b"9" * 5000 + b"}",
        b"[" * 100_000,
        b"[" * (MAX_DEPTH + 1) + b"]" * (MAX_DEPTH + 1),
    ],
)
def test_a_body_that_is_not_strict_json_is_unreadable_and_not_quoted(body: bytes) -> None:
    with pytest.raises(UnreadableAnswerError) as caught:
        read_json(body)
    assert "ller" not in str(caught.value)
    assert caught.value.__cause__ is None


@pytest.mark.parametrize(
    "body",
    [b"null", b"[]", b'"text"', b"{}", b'{"result": {}}', b'{"success": 1}', b'{"success": "true"}'],
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
    assert value == {"name": "Flasche ?", "whole": "😀"}


@given(st.binary(max_size=200))
def test_no_bytes_make_the_reader_fail_in_another_way(body: bytes) -> None:
    with contextlib.suppress(UnreadableAnswerError):
        read_envelope(body)


def test_the_deepest_accepted_nesting_is_read() -> None:
    assert read_json(b"[" * MAX_DEPTH + b"]" * MAX_DEPTH) is not None
