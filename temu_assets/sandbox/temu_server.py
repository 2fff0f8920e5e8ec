"""The HTTP face of the TEMU stand-in: ``POST /openapi/router``, envelope, and the faults ordered for the call.

Source: fact sheet temu-api, sections 1.2, 1.4 and 9.1 to 9.4.
"""

from __future__ import annotations

import asyncio
import gzip
import json
from collections.abc import Callable
from email.utils import formatdate
from uuid import uuid4

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from temu_assets.sandbox.endpoints import ENDPOINTS
from temu_assets.sandbox.faults import INSTEAD, ON_THE_WIRE, Fault, FaultKind, Faults, page_asked_for, spoil
from temu_assets.sandbox.gateway import Gateway
from temu_assets.sandbox.journal import Journal
from temu_assets.sandbox.params import BAD_PARAMETER, JsonObject, Params, RefusalError
from temu_assets.sandbox.temu_shop import TemuShop

ROUTER_PATH = "/openapi/router"
CUT = "sandbox.cut"
SUCCESS = 1000000


class TemuApi:
    """Answers calls of one shop, one at a time."""

    def __init__(self, shop: TemuShop, *, faults: Faults, journal: Journal, latency_ms: float, requests_per_second: int | None) -> None:
        self._shop = shop
        self._faults = faults
        self._journal = journal
        self._latency = latency_ms / 1000
        self._gateway = Gateway(shop, requests_per_second=requests_per_second)

    async def handle(self, request: Request) -> Response:
        """Answer one HTTP call to the router."""
        body = _parse(await request.body())
        if self._latency:
            await asyncio.sleep(self._latency)
        endpoint = str(body.get("type", "")) if body is not None else ""
        fault = self._faults.take(endpoint, body or {})
        response, verdict = self._respond(body, fault)
        self._journal.record(self._shop.clock(), endpoint, body or {}, verdict)
        return response

    def _respond(self, body: JsonObject | None, fault: Fault | None) -> tuple[Response, str]:
        if fault is not None and fault.kind in INSTEAD:
            if fault.applied:
                self._answer(body, None)
            return self._instead(fault), f"{fault.kind} {self._number(fault)}"
        if fault is not None and fault.kind is FaultKind.UNHEARD:
            return _Spoiled(b"", fault, self._headers()), fault.kind
        answer = self._answer(body, fault)
        content = json.dumps(answer, ensure_ascii=False, separators=(",", ":")).encode()
        if fault is not None and fault.kind in ON_THE_WIRE:
            return _Spoiled(content, fault, self._headers()), fault.kind
        return self._json(content), str(answer["errorCode"])

    def _number(self, fault: Fault) -> int:
        return fault.status if fault.kind is FaultKind.HTTP_STATUS else fault.code

    def _instead(self, fault: Fault) -> Response:
        if fault.kind is FaultKind.HTTP_STATUS:
            headers = self._headers()
            if fault.retry_after is not None:
                headers["retry-after"] = fault.retry_after
            return Response("upstream error", status_code=fault.status, headers=headers, media_type="text/plain")
        return self._json(json.dumps(_failure(fault.code, fault.message)).encode())

    def _answer(self, body: JsonObject | None, fault: Fault | None) -> JsonObject:
        """Check and perform the call; returns the envelope."""
        if body is None:
            return _failure(BAD_PARAMETER, "the body must be a JSON object")
        try:
            with self._shop.lock:
                self._gateway.check(body)
                if fault is not None:
                    body = page_asked_for(body, fault)
                result = ENDPOINTS[str(body["type"])](self._shop, Params(body))
                if fault is not None and fault.kind is FaultKind.NEW_ORDER_AFTER:
                    self._shop.place_order()
        except RefusalError as refusal:
            return _failure(refusal.code, refusal.message)
        if fault is not None:
            spoil(result, fault)
        return {**_head(), "success": True, "errorCode": SUCCESS, "errorMsg": "", "result": result}

    def _json(self, content: bytes) -> Response:
        return Response(content, headers=self._headers(), media_type="application/json")

    def _headers(self) -> dict[str, str]:
        return {"date": formatdate(self._shop.clock(), usegmt=True)}


def _parse(raw: bytes) -> JsonObject | None:
    try:
        body = json.loads(raw)
    except ValueError:
        return None
    return body if isinstance(body, dict) else None


def _head() -> JsonObject:
    return {"success": False, "requestId": f"eu-{uuid4()}"}


def _failure(code: int, message: str) -> JsonObject:
    return {**_head(), "errorCode": code, "errorMsg": message}


async def wrong_path(request: Request, error: Exception) -> Response:
    """Answer a wrong path or method the way TEMU does: not with its envelope."""
    del request, error
    return Response(b'{"error_code":40003}', status_code=404, media_type="application/json")


class _Spoiled(Response):
    """A good answer that does not arrive as it should."""

    def __init__(self, content: bytes, fault: Fault, headers: dict[str, str]) -> None:
        whole = _spoiled(content, fault)
        if fault.kind is FaultKind.BAD_GZIP:
            headers = {**headers, "content-encoding": "gzip"}
        super().__init__(whole, headers=headers, media_type="application/json")
        self._whole = whole
        self._fault = fault

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._fault.kind in _COMPLETE:
            await super().__call__(scope, receive, send)
            return
        gone = asyncio.create_task(_client_gone(receive))
        if self._fault.kind is FaultKind.DRIP:
            await self._drip(send, gone)
            return
        if self._fault.kind in (FaultKind.STALL, FaultKind.UNHEARD):
            await asyncio.wait({gone}, timeout=self._fault.seconds)
        else:
            await self._begin(send)
            half = self._whole[: len(self._whole) // 2]
            await send({"type": "http.response.body", "body": half, "more_body": True})
            await asyncio.wait({gone}, timeout=0.02)  # lets the half leave before the connection is cut
        cut: Callable[[], None] = scope["extensions"][CUT]["now"]
        cut()
        await gone

    async def _begin(self, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})

    async def _drip(self, send: Send, gone: asyncio.Task[None]) -> None:
        await self._begin(send)
        for place in range(len(self._whole)):
            last = place == len(self._whole) - 1
            await send({"type": "http.response.body", "body": self._whole[place : place + 1], "more_body": not last})
            await asyncio.wait({gone}, timeout=self._fault.seconds)
            if gone.done():
                return


_COMPLETE = (FaultKind.TRUNCATE, FaultKind.BAD_GZIP, FaultKind.HUGE)
_MEGABYTE = 1024 * 1024


def _spoiled(content: bytes, fault: Fault) -> bytes:
    if fault.kind is FaultKind.TRUNCATE:
        return content[: len(content) // 2]
    if fault.kind is FaultKind.HUGE:
        return content.ljust(fault.megabytes * _MEGABYTE)
    if fault.kind is FaultKind.BAD_GZIP:
        packed = bytearray(gzip.compress(content))
        packed[len(packed) // 2] ^= 0xFF
        return bytes(packed)
    return content


async def _client_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
