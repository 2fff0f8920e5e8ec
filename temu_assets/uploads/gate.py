"""What stands before every address of the page: the doors, and the headers browsers are told to be careful by."""

from __future__ import annotations

import base64
import hashlib
import logging
import re
from importlib.resources import files

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from temu_assets.redaction import bug
from temu_assets.uploads.doors import COOKIE, Doors, Entry

HEALTH = "/healthz"
PAGE = "/"
_log = logging.getLogger(__name__)
_HEADERS = {
    "Content-Security-Policy": "default-src 'self'; base-uri 'none'; object-src 'none'; form-action 'self'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
_TOO_OFTEN = "Zu viele falsche Zugangsschlüssel. Bitte eine Minute warten."
_UNKNOWN = "Die Seite ist abgeschlossen. Bitte den Link öffnen, den das Programm beim Start ausgibt."


class Gate:
    """Lets through whom the doors let in; answers the others itself, without reading what they send."""

    def __init__(self, app: ASGIApp, doors: Doors) -> None:
        self._app = app
        self._doors = doors
        self._locked = (files("temu_assets.uploads") / "page" / "locked.html").read_text(encoding="utf-8")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        has_begun = False

        async def send_carefully(message: Message) -> None:
            nonlocal has_begun
            if message["type"] == "http.response.start":
                has_begun = True
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        answer = self._answer(Request(scope))
        if answer is not None:
            if scope["method"] not in {"GET", "HEAD"}:
                answer.headers["Connection"] = "close"  # what is still being sent is not waited for
            await answer(scope, receive, send_carefully)
            return
        try:
            await self._app(scope, receive, send_carefully)
        except Exception as error:  # noqa: BLE001 — told by kind and place; its message could hold a file's name or content
            _log.error("%s", bug(error))
            if not has_begun:
                why = "Ein Fehler im Programm. Er steht im Fenster, in dem das Programm läuft."
                await JSONResponse({"error": why}, 500)(scope, receive, send_carefully)

    def _answer(self, request: Request) -> Response | None:
        """The doors' own answer; None: come in."""
        path = request.url.path
        if not self._doors.is_called_right(request.headers):
            return PlainTextResponse("Unter diesem Namen gibt es hier nichts (UPLOAD_HOSTS).", 400)
        if path == HEALTH:
            return PlainTextResponse("ok") if request.method in {"GET", "HEAD"} else PlainTextResponse("", 405)
        if not self._doors.is_from_here(request.method, request.headers):
            return _refused(403, "Die Anfrage kommt von einer anderen Seite und wurde abgelehnt.")
        token = request.query_params.get("token") if path == PAGE and request.method == "GET" else None
        if token is not None:
            return self._open(token)
        entry = self._doors.enter(request.headers, request.cookies.get(COOKIE))
        if entry is Entry.OPEN:
            return None
        if entry is Entry.TOO_OFTEN:
            return _refused(429, _TOO_OFTEN)
        return self._stay_out(request) if path == PAGE else _refused(401, _UNKNOWN)

    def _open(self, token: str) -> Response:
        """The answer to the link with a token: a cookie, and on to the page, so that the token leaves the address bar."""
        entry = self._doors.try_token(token)
        if entry is not Entry.OPEN:
            return self._page(_TOO_OFTEN, 429) if entry is Entry.TOO_OFTEN else self._page("Der Link gilt nicht (mehr).", 401)
        answer = RedirectResponse(PAGE, 303)
        answer.set_cookie(COOKIE, self._doors.cookie, httponly=True, samesite="strict")
        return answer

    def _stay_out(self, request: Request) -> Response:
        answer = self._page("Diese Seite ist abgeschlossen.", 401)
        if request.headers.get("sec-fetch-site") in {"cross-site", "same-site"}:
            # Led here from elsewhere, a browser keeps a strict cookie back; asked by this page itself, it shows it.
            answer.headers["Refresh"] = f"0; url={PAGE}"
        return answer

    def _page(self, why: str, status: int) -> Response:
        answer = HTMLResponse(self._locked.replace("{why}", why), status)
        style = re.search(r"<style>(.*?)</style>", self._locked, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256((style[1] if style else "").encode()).digest()).decode()
        answer.headers["Content-Security-Policy"] = f"default-src 'none'; style-src 'sha256-{digest}'; frame-ancestors 'none'"
        if status == 429:
            answer.headers["Retry-After"] = "60"
        return answer


def _refused(status: int, why: str) -> Response:
    headers = {401: {"WWW-Authenticate": "Bearer"}, 429: {"Retry-After": "60"}}.get(status)
    return JSONResponse({"error": why}, status, headers)
