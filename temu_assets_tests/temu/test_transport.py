"""Sending, judging and repeating a call (faults 2, 9 and 15: no failure becomes an empty answer, none is thrown away)."""

from __future__ import annotations

import httpx
import pytest

from temu_assets.errors import AuthorisationError, ConfigurationError, InternalError, RecordError, StopError
from temu_assets.temu.exchange import MAX_BODY_BYTES
from temu_assets.temu.failures import (
    TemuAuthorisation,
    TemuBug,
    TemuConfiguration,
    TemuFailure,
    TemuNotPermitted,
    TemuNotReady,
    TemuOutcomeUnknown,
    TemuRefused,
    TemuStop,
    TemuTransient,
)
from temu_assets.temu.logistics import ConfirmAnswer, LineToConfirm, PackageToConfirm, SendType
from temu_assets.temu.transport import CALL_S
from temu_assets_tests.temu.gateway import NOW, FakeTime, Gateway, Step, client_of, failure, success
from temu_assets_tests.temu.samples import LINE_1, ORDER_ID

FOUND = success({"found": True})


def detail(gateway: Gateway, time: FakeTime | None = None) -> dict[str, object]:
    with client_of(gateway, time) as client:
        return client.orders.detail(ORDER_ID)


def confirm(gateway: Gateway, time: FakeTime | None = None) -> ConfirmAnswer:
    package = PackageToConfirm(141252268, "00340434161094012345", None, (LineToConfirm(ORDER_ID, LINE_1, "6", "7", 1),))
    with client_of(gateway, time) as client:
        return client.logistics.confirm_shipment(SendType.ONE_PARCEL, [package])


NEVER_SENT = [httpx.ConnectError("refused"), httpx.ConnectTimeout("late"), httpx.PoolTimeout("full")]
REFUSED_AS_TOO_FREQUENT = [httpx.Response(429), failure(4000004)]
OUTCOME_UNKNOWN = [
    httpx.ReadTimeout("late"),
    httpx.WriteTimeout("late"),
    httpx.ReadError("reset"),
    httpx.WriteError("reset"),
    httpx.RemoteProtocolError("cut off"),
    httpx.DecodingError("damaged gzip"),
    httpx.Response(408),
    httpx.Response(500),
    httpx.Response(502, text="<html>Bad Gateway</html>"),
    httpx.Response(503),
    httpx.Response(504),
    httpx.Response(204),
    httpx.Response(200, text="<html>maintenance</html>"),
    httpx.Response(200, json={"error_code": 40003}),
    httpx.Response(200, content=b'{"success": true, "result": {"a": 1, "a": 2}}'),
    failure(4000000, "SYSTEM_EXCEPTION"),
    failure(6000001),
    failure(7000000),
]


@pytest.mark.parametrize("step", [*NEVER_SENT, *REFUSED_AS_TOO_FREQUENT, *OUTCOME_UNKNOWN], ids=repr)
def test_a_read_is_repeated_after_every_passing_trouble(step: Step) -> None:
    """Fault 15."""
    gateway = Gateway(step, FOUND)
    assert detail(gateway) == {"found": True}
    assert len(gateway.bodies) == 2


@pytest.mark.parametrize("step", [*NEVER_SENT, *REFUSED_AS_TOO_FREQUENT, *OUTCOME_UNKNOWN], ids=repr)
def test_a_trouble_that_stays_ends_as_transient_within_the_time_of_a_call(step: Step) -> None:
    """Faults 2 and 9: the caller gets an exception, not an empty answer."""
    time = FakeTime()
    with pytest.raises(TemuTransient) as caught:
        detail(Gateway(step), time)
    assert caught.value.endpoint == "bg.order.detail.v2.get"
    assert time.now - NOW <= CALL_S


@pytest.mark.parametrize("step", [*NEVER_SENT, *REFUSED_AS_TOO_FREQUENT], ids=repr)
def test_an_effect_is_repeated_if_it_surely_did_not_happen(step: Step) -> None:
    gateway = Gateway(step, success({"warningMessage": []}))
    assert confirm(gateway).request_id == "eu-0001"
    assert len(gateway.bodies) == 2


@pytest.mark.parametrize("step", OUTCOME_UNKNOWN, ids=repr)
def test_an_effect_whose_answer_is_lost_is_never_sent_twice(step: Step) -> None:
    gateway = Gateway(step, success({"warningMessage": []}))
    with pytest.raises(TemuOutcomeUnknown, match="unknown"):
        confirm(gateway)
    assert len(gateway.bodies) == 1


@pytest.mark.parametrize("code", [6000001, 7000000])
def test_a_service_error_is_repeated_once(code: int) -> None:
    gateway = Gateway(failure(code))
    with pytest.raises(TemuTransient) as caught:
        detail(gateway)
    assert caught.value.code == code
    assert len(gateway.bodies) == 2


@pytest.mark.parametrize("code", [140020008, 140020009])
def test_what_temu_still_calculates_is_not_waited_for(code: int) -> None:
    time, gateway = FakeTime(), Gateway(failure(code))
    with pytest.raises(TemuNotReady):
        detail(gateway, time)
    assert len(gateway.bodies) == 1
    assert time.pauses == []


@pytest.mark.parametrize(
    ("code", "kind", "family"),
    [
        (3000000, TemuBug, InternalError),
        (3000001, TemuConfiguration, ConfigurationError),
        (3000002, TemuBug, InternalError),
        (3000026, TemuConfiguration, ConfigurationError),
        (3000027, TemuNotPermitted, ConfigurationError),
        (3000028, TemuStop, StopError),
        (3000031, TemuAuthorisation, AuthorisationError),
        (3000032, TemuNotPermitted, ConfigurationError),
        (3000033, TemuConfiguration, ConfigurationError),
        (3000034, TemuAuthorisation, AuthorisationError),
        (5000003, TemuConfiguration, ConfigurationError),
        (120012004, TemuRefused, RecordError),
        (120012034, TemuStop, StopError),
        (140020002, TemuRefused, RecordError),
        (987654321, TemuRefused, RecordError),
        (1000000, TemuRefused, RecordError),
        (None, TemuRefused, RecordError),
    ],
)
def test_each_verdict_has_its_class_and_is_not_repeated(code: int | None, kind: type[TemuFailure], family: type[Exception]) -> None:
    """Fault 15: the code decides who has to act, so it is never thrown away."""
    gateway = Gateway(failure(code))
    with pytest.raises(family) as caught:
        detail(gateway)
    assert type(caught.value) is kind
    assert caught.value.code == code
    assert caught.value.request_id == "eu-0002"
    assert "bg.order.detail.v2.get" in str(caught.value)
    assert "eu-0002" in str(caught.value)
    assert len(gateway.bodies) == 1


def test_a_temporary_failure_with_the_text_of_an_unknown_app_is_a_matter_of_configuration() -> None:
    gateway = Gateway(failure(4000000, "The application information query is abnormal"))
    with pytest.raises(TemuConfiguration, match="TEMU_APP_KEY"):
        detail(gateway)
    assert len(gateway.bodies) == 1


@pytest.mark.parametrize("status", [301, 302, 307, 308, 400, 401, 403, 404, 405])
def test_a_server_that_is_not_the_router_is_named_as_wrong_endpoint(status: int) -> None:
    gateway = Gateway(httpx.Response(status, headers={"Location": "https://elsewhere.example.invalid/"}))
    with pytest.raises(TemuConfiguration, match=f"TEMU_API_ENDPOINT.*HTTP {status}"):
        detail(gateway)
    assert len(gateway.bodies) == 1


def test_a_certificate_that_cannot_be_verified_is_not_a_passing_trouble() -> None:
    gateway = Gateway(httpx.ConnectError("[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed"))
    with pytest.raises(TemuConfiguration, match="certificate"):
        detail(gateway)


@pytest.mark.parametrize("code", [3000011, 3000012])
def test_a_wrong_clock_is_corrected_with_the_time_of_temu(code: int) -> None:
    gateway = Gateway(failure(code, date=NOW + 400), FOUND)
    with client_of(gateway) as client:
        client.orders.detail(ORDER_ID)
        client.orders.detail(ORDER_ID)
        assert client.calls.retries == 1
    assert [body["timestamp"] - NOW for body in gateway.bodies] == [0, 400, 400]


def test_a_clock_that_stays_refused_is_named_with_its_skew() -> None:
    gateway = Gateway(failure(3000012, date=NOW + 400))
    with pytest.raises(TemuConfiguration, match=r"by -400 seconds.*time synchronisation"):
        detail(gateway)
    assert len(gateway.bodies) == 2


def test_without_a_time_of_temu_a_refused_clock_is_not_guessed() -> None:
    gateway = Gateway(failure(3000012))
    with pytest.raises(TemuConfiguration, match="clock"):
        detail(gateway)
    assert len(gateway.bodies) == 1


def test_retry_after_holds_the_next_attempt() -> None:
    time = FakeTime()
    detail(Gateway(httpx.Response(429, headers={"Retry-After": "7"}), FOUND), time)
    assert time.now - NOW == pytest.approx(7, abs=0.1)


def test_a_senselessly_long_retry_after_does_not_break_the_time_of_a_call() -> None:
    time, gateway = FakeTime(), Gateway(httpx.Response(429, headers={"Retry-After": "86400"}))
    with pytest.raises(TemuTransient):
        detail(gateway, time)
    assert time.now - NOW <= CALL_S


def test_a_refusal_for_frequency_slows_down_every_client_of_the_app() -> None:
    time = FakeTime()
    with client_of(Gateway(failure(4000004), FOUND), time, rate=10.0) as client:
        client.orders.detail(ORDER_ID)
        begin = time.now
        for _ in range(5):
            client.orders.detail(ORDER_ID)
        assert (time.now - begin) / 5 > 0.15


def test_without_a_free_moment_a_call_ends_unsent() -> None:
    time, gateway = FakeTime(), Gateway(FOUND)
    with client_of(gateway, time, rate=0.02) as client:
        client.orders.detail(ORDER_ID)
        with pytest.raises(TemuTransient, match="not sent"):
            client.orders.detail(ORDER_ID)
    assert len(gateway.bodies) == 1


def test_a_body_above_the_limit_is_unreadable() -> None:
    with pytest.raises(TemuTransient, match="larger than"):
        detail(Gateway(httpx.Response(200, content=b" " * (MAX_BODY_BYTES + 1))))


def test_the_call_log_counts_what_was_sent() -> None:
    with client_of(Gateway(httpx.Response(502), FOUND)) as client:
        client.orders.detail(ORDER_ID)
        client.orders.shipping_info(ORDER_ID)
        assert client.calls.total == 3
        assert client.calls.retries == 1
        assert client.calls.by_endpoint() == {"bg.order.detail.v2.get": 2, "bg.order.shippinginfo.v2.get": 1}


def test_every_request_carries_the_common_fields() -> None:
    gateway = Gateway(FOUND)
    detail(gateway)
    body = gateway.only_body
    assert body["type"] == "bg.order.detail.v2.get"
    assert (body["app_key"], body["data_type"], body["version"]) == ("test-app", "JSON", "V1")
    assert body["timestamp"] == NOW
    assert len(body["sign"]) == 32
