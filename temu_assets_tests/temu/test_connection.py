"""A connection that would send the token unprotected cannot be made."""

from __future__ import annotations

import pytest

from temu_assets.errors import ConfigurationError
from temu_assets_tests.temu.gateway import ACCESS_TOKEN, APP_SECRET, connection


@pytest.mark.parametrize(
    "endpoint",
    [
        "https://openapi-b-eu.temu.com/openapi/router",
        "http://127.0.0.1:8080/openapi/router",
        "http://127.4.5.6/openapi/router",
        "http://localhost:1/openapi/router",
        "http://[::1]:8080/openapi/router",
    ],
)
def test_https_anywhere_and_http_on_loopback_are_accepted(endpoint: str) -> None:
    assert connection(endpoint=endpoint).endpoint == endpoint


@pytest.mark.parametrize(
    "endpoint",
    [
        "http://openapi-b-eu.temu.com/openapi/router",
        "http://127.0.0.1.example.invalid/router",
        "http://localhost.example.invalid/router",
        "http://10.0.0.1/router",
        "ftp://127.0.0.1/router",
        "openapi-b-eu.temu.com/openapi/router",
        "https://",
        "https://user:word@openapi.example.invalid/router",
        "https://openapi.example.invalid:port/router",
        "",
    ],
)
def test_any_other_endpoint_is_refused_naming_the_setting(endpoint: str) -> None:
    with pytest.raises(ConfigurationError, match="TEMU_API_ENDPOINT") as caught:
        connection(endpoint=endpoint)
    assert "user:word" not in str(caught.value)


@pytest.mark.parametrize("rate", [0.0, -1.0, float("nan"), float("inf")])
def test_a_rate_that_is_no_number_above_zero_is_refused(rate: float) -> None:
    with pytest.raises(ConfigurationError, match="TEMU_REQUESTS_PER_SECOND"):
        connection(requests_per_second=rate)


def test_printing_a_connection_shows_no_secret() -> None:
    shown = repr(connection())
    assert APP_SECRET not in shown
    assert ACCESS_TOKEN not in shown
