"""A small seeded shop on a clock that stands still, its server, and a caller that signs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from temu_assets.sandbox.fixtures import build_shop
from temu_assets.sandbox.gateway import signature
from temu_assets.sandbox.jtl import JtlStandIn
from temu_assets.sandbox.jtl_seed import articles_for
from temu_assets.sandbox.server import SandboxServer
from temu_assets.sandbox.temu_shop import TemuShop

NOW = 1_767_225_600


class Clock:
    """A clock that tests move by hand."""

    def __init__(self) -> None:
        self.now = float(NOW)

    def __call__(self) -> float:
        return self.now


class Caller:
    """Calls the sandbox over HTTP as a correct program would."""

    def __init__(self, server: SandboxServer, client: httpx.Client) -> None:
        self.server = server
        self.client = client

    def body(self, endpoint: str, **params: object) -> dict[str, object]:
        access = self.server.shop.state.access
        body: dict[str, object] = {
            "type": endpoint,
            "app_key": access.app_key,
            "access_token": access.token,
            "timestamp": int(self.server.shop.clock()),
            "data_type": "JSON",
            **params,
        }
        return {**body, "sign": signature(body, access.app_secret)}

    def post(self, body: object) -> httpx.Response:
        return self.client.post(self.server.url, json=body)

    def answer(self, endpoint: str, **params: object) -> dict[str, Any]:
        response = self.post(self.body(endpoint, **params))
        assert response.status_code == 200
        answer = response.json()
        assert isinstance(answer, dict)
        return answer

    def result(self, endpoint: str, **params: object) -> Any:
        answer = self.answer(endpoint, **params)
        assert answer["success"], answer
        return answer["result"]

    def code(self, endpoint: str, **params: object) -> int:
        answer = self.answer(endpoint, **params)
        assert not answer["success"], answer
        assert "result" not in answer
        return int(answer["errorCode"])

    def admin(self, path: str, **body: object) -> httpx.Response:
        return self.client.post(self.server.url.replace("/openapi/router", f"/admin/{path}"), json=body)

    def look(self, path: str) -> Any:
        return self.client.get(self.server.url.replace("/openapi/router", f"/admin/{path}")).json()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def shop(clock: Clock) -> TemuShop:
    return build_shop(orders=30, clock=clock)


@pytest.fixture
def jtl(tmp_path: Path, shop: TemuShop, clock: Clock) -> JtlStandIn:
    jtl = JtlStandIn(tmp_path / "jtl.db", clock=clock)
    jtl.create()
    jtl.seed(articles_for(shop), foreign_orders=5)
    return jtl


@pytest.fixture
def server(shop: TemuShop, jtl: JtlStandIn) -> Iterator[SandboxServer]:
    with SandboxServer(shop, jtl=jtl, requests_per_second=None) as server:
        yield server


@pytest.fixture(scope="session")
def http() -> Iterator[httpx.Client]:
    """One client for all tests: making one costs more than most of them."""
    with httpx.Client(timeout=5) as client:
        yield client


@pytest.fixture
def temu(server: SandboxServer, http: httpx.Client) -> Caller:
    return Caller(server, http)
