"""A scripted TEMU gateway behind httpx.MockTransport, a clock that nobody waits for, and documented sample answers."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any

import httpx
from pydantic import SecretStr

from temu_assets.temu.client import TemuClient
from temu_assets.temu.connection import TemuConnection
from temu_assets.temu.limiter import Limiter

ENDPOINT = "https://openapi.example.invalid/openapi/router"
NOW = 1_767_225_600.0

APP_SECRET = "canary-app-secret-5f1e"
ACCESS_TOKEN = "canarytoken7d0e2a"
BUYER = "Jörg Müller-Groß"

Step = httpx.Response | Exception | Callable[[httpx.Request], httpx.Response]


class FakeTime:
    """One clock for everything; waiting moves it."""

    def __init__(self) -> None:
        self.now = NOW
        self.pauses: list[float] = []

    def pause(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.now += seconds

    def read(self) -> float:
        return self.now


class Gateway:
    """Answers with its steps in turn, then with the last of them for ever, and keeps what it was sent."""

    def __init__(self, *steps: Step) -> None:
        self._steps = list(steps)
        self.bodies: list[dict[str, Any]] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.bodies.append(json.loads(request.read()))
        step = self._steps.pop(0) if len(self._steps) > 1 else self._steps[0]
        if isinstance(step, Exception):
            raise step
        if isinstance(step, httpx.Response):
            # A response can be read once; a repeated step needs a fresh one.
            return httpx.Response(step.status_code, headers=step.headers, content=step.content)
        return step(request)

    @property
    def only_body(self) -> dict[str, Any]:
        [body] = self.bodies
        return body


def connection(*, requests_per_second: float = 1000.0, endpoint: str = ENDPOINT) -> TemuConnection:
    return TemuConnection(
        endpoint=endpoint,
        app_key="test-app",
        app_secret=SecretStr(APP_SECRET),
        access_token=SecretStr(ACCESS_TOKEN),
        requests_per_second=requests_per_second,
    )


def client_of(gateway: Gateway, time: FakeTime | None = None, *, rate: float = 1000.0) -> TemuClient:
    """A client that talks to ``gateway`` at a pace of its own, on a clock that nobody waits for."""
    time = time or FakeTime()
    return TemuClient(
        connection(requests_per_second=rate),
        transport=httpx.MockTransport(gateway),
        pause=time.pause,
        clock=time.read,
        monotonic=time.read,
        limiter=Limiter(rate),
    )


def success(result: object) -> httpx.Response:
    return httpx.Response(
        200,
        json={"success": True, "requestId": "eu-0001", "errorCode": 1000000, "errorMsg": "", "result": result},
    )


def failure(code: int | None, text: str = "", *, date: float | None = None) -> httpx.Response:
    headers = {} if date is None else {"Date": format_datetime(datetime.fromtimestamp(date, UTC), usegmt=True)}
    return httpx.Response(200, headers=headers, json={"success": False, "requestId": "eu-0002", "errorCode": code, "errorMsg": text})
