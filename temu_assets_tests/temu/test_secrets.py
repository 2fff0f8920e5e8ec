"""No secret and no buyer data in any exception, log or printed object, whatever TEMU answers."""

from __future__ import annotations

import logging
import traceback

import httpx
import pytest

from temu_assets.errors import TemuAssetsError
from temu_assets.redaction import LONGEST_QUOTE, harmless_words
from temu_assets.temu.codes import CODES
from temu_assets.temu.order_models import parse_order, parse_shipping_info
from temu_assets_tests.temu.gateway import ACCESS_TOKEN, APP_SECRET, BUYER, Gateway, Step, client_of, failure, success
from temu_assets_tests.temu.samples import ORDER_ID, address, order

LEAK = f"token {ACCESS_TOKEN} secret {APP_SECRET} of {BUYER}, Beispielstraße 12a, 01067 Dresden, x1@mail.example.invalid"
CANARIES = (ACCESS_TOKEN, APP_SECRET, "Jörg", "Müller", "Beispielstraße", "Dresden", "01067", "12a", "mail.example")


def echo(request: httpx.Request) -> httpx.Response:
    return httpx.Response(200, content=b'{"success": true, "success": ' + request.content)


STEPS: list[Step] = [
    httpx.ConnectError(LEAK),
    httpx.ConnectError(f"CERTIFICATE_VERIFY_FAILED {LEAK}"),
    httpx.ReadTimeout(LEAK),
    httpx.RemoteProtocolError(LEAK),
    httpx.Response(500, text=LEAK),
    httpx.Response(404, text=LEAK),
    httpx.Response(429, text=LEAK, headers={"Retry-After": LEAK.encode("ascii", "replace").decode()}),
    httpx.Response(302, headers={"Location": f"https://example.invalid/?token={ACCESS_TOKEN}"}),
    httpx.Response(200, text=LEAK),
    httpx.Response(200, json={"success": False, "errorCode": LEAK, "errorMsg": LEAK, "requestId": LEAK}),
    httpx.Response(200, json={"success": "yes", "result": LEAK}),
    success(LEAK),
    success([LEAK]),
    echo,
    failure(None, LEAK),
    failure(987654321, LEAK),
    failure(3000012, LEAK, date=0),
    *(failure(code, LEAK) for code in CODES),
]


@pytest.mark.parametrize("step", STEPS)
def test_no_failure_shows_a_secret_or_the_buyer(step: Step, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with client_of(Gateway(step)) as client:
        for call in (lambda: client.orders.detail(ORDER_ID), lambda: client.goods.sku_page(search_type=2, page=1)):
            with pytest.raises(TemuAssetsError) as caught:
                call()
            shown = "".join(traceback.format_exception(caught.value)) + repr(caught.value) + caplog.text
            for canary in CANARIES:
                assert canary not in shown
            assert caught.value.__cause__ is None


def test_a_damaged_answer_is_described_without_its_values() -> None:
    raw_order, raw_address = order(), address()
    raw_order["parentOrderMap"]["siteId"] = BUYER
    raw_order["orderList"][0]["quantity"] = BUYER
    raw_address["postCode"] = 1067
    raw_address["regionName3"] = [BUYER]
    for parse, raw in ((parse_order, raw_order), (parse_shipping_info, raw_address)):
        with pytest.raises(TemuAssetsError) as caught:
            parse(raw)
        shown = "".join(traceback.format_exception(caught.value)) + repr(caught.value)
        assert BUYER not in shown
        assert "1067" not in shown
        assert caught.value.__context__ is None


def test_printing_an_address_shows_nothing_of_it() -> None:
    parsed = parse_shipping_info(address())
    assert repr(parsed) == str(parsed) == "ShippingInfoModel(...)"


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("The tracking number is invalid", "… tracking number is invalid"),
        ("field trackingNumber is missing", "field trackingNumber is missing"),
        ("Receiver Anna Schmidt, 34117 Kassel", ""),
        ("order PO-076-1 of anna@example.invalid refused", "order … of … refused"),
        ("", ""),
    ],
)
def test_of_an_unknown_text_only_plain_words_are_kept(text: str, kept: str) -> None:
    assert harmless_words(text) == kept


def test_a_long_text_is_cut() -> None:
    assert len(harmless_words("word " * 1000)) <= LONGEST_QUOTE
