"""The client against a real server: connections are kept, cut, reset and dripped."""

from __future__ import annotations

import json
import logging
import socket
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from temu_assets.temu import transport
from temu_assets.temu.client import TemuClient
from temu_assets.temu.failures import TemuOutcomeUnknown, TemuTransient
from temu_assets.temu.limiter import Limiter
from temu_assets.temu.logistics import LineToConfirm, PackageToConfirm, SendType
from temu_assets_tests.temu.gateway import ACCESS_TOKEN, connection
from temu_assets_tests.temu.loopback import Behaviour, Connection, answer, serving
from temu_assets_tests.temu.samples import LINE_1, ORDER_ID

RATE = 5000.0
PACKAGE = PackageToConfirm(1, "00340434161094012345", None, (LineToConfirm(ORDER_ID, LINE_1, "6", "7", 1),))


def client_to(url: str) -> TemuClient:
    return TemuClient(connection(endpoint=url), pause=lambda _: None, limiter=Limiter(RATE))


def echo(conn: Connection, request: dict[str, Any]) -> bool:
    conn.send(answer({"order": request["parentOrderSn"]}))
    return True


def once_then_echo(first: Callable[[Connection], None]) -> Behaviour:
    """``first`` for the first request, and the end of its connection; ``echo`` for all others."""
    seen: list[object] = []

    def behave(conn: Connection, request: dict[str, Any]) -> bool:
        seen.append(request)
        if len(seen) > 1:
            return echo(conn, request)
        first(conn)
        return False

    return behave


def test_calls_share_one_connection() -> None:
    with serving(echo) as server, client_to(server.url) as client:
        for number in range(20):
            assert client.orders.detail(f"PO-{number}") == {"order": f"PO-{number}"}
        assert (server.connections, server.requests) == (1, 20)


def test_threads_get_their_own_answers() -> None:
    with serving(echo) as server, client_to(server.url) as client, ThreadPoolExecutor(8) as pool:
        order_ids = [f"PO-{number}" for number in range(200)]
        answers = list(pool.map(client.orders.detail, order_ids))
        assert [found["order"] for found in answers] == order_ids
        assert client.calls.total == server.requests == 200
        assert server.connections <= 8


def test_a_compressed_answer_is_read() -> None:
    def behave(conn: Connection, _: dict[str, Any]) -> bool:
        conn.send(answer({"text": "Größe"}, compressed=True))
        return True

    with serving(behave) as server, client_to(server.url) as client:
        assert client.orders.detail(ORDER_ID) == {"text": "Größe"}


WHOLE = answer({"order": ORDER_ID})
PACKED = answer({"order": ORDER_ID}, compressed=True)


def cut_in_the_body(conn: Connection) -> None:
    conn.send(WHOLE[:-5])


def reset_in_the_body(conn: Connection) -> None:
    conn.send(WHOLE[:-5])
    conn.reset()


def reset_without_an_answer(conn: Connection) -> None:
    conn.reset()


def close_without_an_answer(_: Connection) -> None:
    return


def damage_the_compression(conn: Connection) -> None:
    head, _, body = PACKED.partition(b"\r\n\r\n")
    conn.send(head + b"\r\n\r\n" + bytes(byte ^ 0x55 for byte in body))


def no_http_at_all(conn: Connection) -> None:
    conn.send(b"SSH-2.0-example\r\n\r\n")


BREAKS = [
    cut_in_the_body,
    reset_in_the_body,
    reset_without_an_answer,
    close_without_an_answer,
    damage_the_compression,
    no_http_at_all,
]


@pytest.mark.parametrize("first", BREAKS)
def test_a_read_is_repeated_when_the_connection_breaks(first: Callable[[Connection], None]) -> None:
    with serving(once_then_echo(first)) as server, client_to(server.url) as client:
        assert client.orders.detail(ORDER_ID) == {"order": ORDER_ID}
        assert server.requests == 2


@pytest.mark.parametrize("first", BREAKS)
def test_an_effect_is_not_repeated_when_the_connection_breaks(first: Callable[[Connection], None]) -> None:
    with serving(once_then_echo(first)) as server, client_to(server.url) as client:
        with pytest.raises(TemuOutcomeUnknown):
            client.logistics.confirm_shipment(SendType.ONE_PARCEL, [PACKAGE])
        assert server.requests == 1


def drip_the_body(conn: Connection, _: dict[str, Any]) -> bool:
    head, body = WHOLE.split(b"\r\n\r\n")
    conn.send(head.replace(b"Content-Length: ", b"Content-Length: 9") + b"\r\n\r\n")
    conn.drip(b" " * 10_000 + body)
    return False


def drip_the_headers(conn: Connection, _: dict[str, Any]) -> bool:
    conn.send(b"HTTP/1.1 200 OK\r\nX-Slow: ")
    conn.drip(b"y" * 10_000)
    return False


def never_answer(conn: Connection, _: dict[str, Any]) -> bool:
    conn.receive()
    return False


@pytest.mark.parametrize("behave", [drip_the_body, drip_the_headers, never_answer])
def test_an_attempt_ends_however_slowly_the_answer_drips(behave: Behaviour, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each byte arrives in time, the whole never would: only a limit over the whole attempt ends it."""
    monkeypatch.setattr(transport, "ATTEMPT_S", 0.1)
    with serving(behave) as server, client_to(server.url) as client:
        with pytest.raises(TemuOutcomeUnknown, match="in time"):
            client.logistics.confirm_shipment(SendType.ONE_PARCEL, [PACKAGE])
        assert server.requests == 1


def test_a_server_that_closes_kept_connections_is_no_trouble() -> None:
    def behave(conn: Connection, request: dict[str, Any]) -> bool:
        echo(conn, request)
        return False

    with serving(behave) as server, client_to(server.url) as client:
        for number in range(5):
            assert client.orders.detail(f"PO-{number}") == {"order": f"PO-{number}"}


def _headers_that_say_it_back(conn: Connection, request: dict[str, Any]) -> bool:
    conn.send(answer({}).replace(b"200 OK", b"200 " + request["access_token"].encode() + b"\r\nX-Echo: " + json.dumps(request).encode()))
    return True


def test_the_most_talkative_log_level_shows_no_secret(caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not even where the server says our own words back in its headers, which the HTTP library logs."""
    caplog.set_level(logging.DEBUG)
    for name in ("httpx", "httpcore.connection", "httpcore.http11"):
        monkeypatch.setattr(logging.getLogger(name), "filters", [])
    with serving(_headers_that_say_it_back) as server:
        with httpx.Client() as as_it_comes:
            as_it_comes.post(server.url, json={"access_token": ACCESS_TOKEN})
        assert ACCESS_TOKEN in caplog.text
        caplog.clear()
        with client_to(server.url) as client:
            client.orders.detail(ORDER_ID)
    assert caplog.text == ""


def test_where_nobody_listens_an_effect_has_surely_not_happened() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/openapi/router"
    with client_to(url) as client, pytest.raises(TemuTransient, match="no connection") as caught:
        client.logistics.confirm_shipment(SendType.ONE_PARCEL, [PACKAGE])
    assert not isinstance(caught.value, TemuOutcomeUnknown)
    assert "127.0.0.1, the host of TEMU_API_ENDPOINT" in caught.value.what
    assert "Check the internet connection; the next run tries again." in caught.value.remedy
