"""A server between the program and the sandbox that damages chosen answers as text, as no server that writes JSON by itself could."""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx

Damage = Callable[[dict[str, Any], Any], str]
"""Makes the JSON of the result to send of the request and the result the sandbox sent."""


class Proxy:
    """Passes calls on. What is in ``damage`` by endpoint changes the answers; a ``say`` answers instead, from the request's bytes."""

    def __init__(self, upstream: str) -> None:
        self.damage: dict[str, Damage] = {}
        self.say: Callable[[bytes], tuple[int, dict[str, str], bytes]] | None = None
        self._client = httpx.Client(timeout=30)
        proxy = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                status, headers, answer = proxy._answer(upstream, body)
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
                """Nothing: the test's output is what is looked at."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/openapi/router"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()

    def _answer(self, upstream: str, body: bytes) -> tuple[int, dict[str, str], bytes]:
        if self.say is not None:
            return self.say(body)
        passed_on = self._client.post(upstream, content=body, headers={"Content-Type": "application/json"})
        request, content = json.loads(body), passed_on.content
        damage = self.damage.get(request["type"])
        if damage is not None and passed_on.status_code == httpx.codes.OK:
            envelope = json.loads(content)
            result = damage(request, envelope.pop("result", None))
            content = f'{json.dumps(envelope)[:-1]}, "result": {result}}}'.encode()
        return passed_on.status_code, {"Date": passed_on.headers["Date"], "Content-Type": "application/json"}, content

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
        self._client.close()


@contextlib.contextmanager
def proxy_to(upstream: str) -> Iterator[Proxy]:
    proxy = Proxy(upstream)
    try:
        yield proxy
    finally:
        proxy.close()
