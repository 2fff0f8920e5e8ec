"""The page's addresses: the page itself, files that are dropped, what became of them, and results to download."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections import deque
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from urllib.parse import quote

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from temu_assets import incoming
from temu_assets.errors import TemuAssetsError
from temu_assets.toci.database import Toci
from temu_assets.uploads.doors import Doors, host_of
from temu_assets.uploads.gate import PAGE, Gate
from temu_assets.uploads.lanes import Lane, LaneName
from temu_assets.uploads.outcome_rows import read_rows
from temu_assets.uploads.outcomes import InFolder, outcomes
from temu_assets.uploads.receiving import Incoming, Received, Reception, RefusedError, sweep, too_large
from temu_assets.uploads.results import MOST_LISTED, Shelf, open_result, pieces, results, zipped
from temu_assets.uploads.starting import Runs

MOST_REMEMBERED = 500
"""Files that came since the start."""
MOST_AT_ONCE = 8
"""Files that may be on their way at the same time."""
IDLE_SECONDS = 60.0
"""So long a file on its way may bring nothing."""
_WRITE_BYTES = 1 << 20
_PAGE_FILES = {
    PAGE: ("index.html", "text/html"),
    "/style.css": ("style.css", "text/css"),
    "/page.js": ("page.js", "text/javascript"),
    "/icon.svg": ("icon.svg", "image/svg+xml"),
}
_TYPES = {
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".zip": "application/zip",
}


@dataclass(slots=True)
class UploadPage:
    """``dagster_url``: Dagster's UI as the browser of this machine finds it. ``now``: aware."""

    data_dir: Path
    toci: Toci
    lanes: Mapping[LaneName, Lane]
    doors: Doors
    runs: Runs
    dagster_url: str
    now: Callable[[], datetime]
    idle_seconds: float = IDLE_SECONDS
    _received: deque[Received] = field(default_factory=lambda: deque(maxlen=MOST_REMEMBERED))
    _on_their_way: int = 0
    _reception: Reception = field(init=False)
    _unpacking: asyncio.Lock = field(default_factory=asyncio.Lock)

    def __post_init__(self) -> None:
        self._reception = Reception(self.data_dir)

    def app(self) -> Starlette:
        """The web application, behind its doors."""
        routes = [Route(path, _page_file(name, kind)) for path, (name, kind) in _PAGE_FILES.items()]
        routes += [
            Route("/lanes", self.tell_lanes),
            Route("/uploads/{lane}", self.receive, methods=["POST"]),
            Route("/runs/{lane}", self.start_run, methods=["POST"]),
            Route("/outcomes", self.tell_outcomes),
            Route("/results", self.list_results),
            Route("/results/{shelf}.zip", self.send_all),
            Route("/results/{shelf}/{name}", self.send_result),
        ]
        app = Starlette(
            routes=routes,
            middleware=[Middleware(Gate, doors=self.doors)],
            exception_handlers={RefusedError: _told, HTTPException: _not_there, TemuAssetsError: _away},
            lifespan=self._open,
        )
        app.router.redirect_slashes = False
        return app

    @asynccontextmanager
    async def _open(self, app: Starlette) -> AsyncIterator[None]:
        del app
        for lane in self.lanes.values():
            sweep(self.data_dir / lane.folder)
        yield
        await self.runs.end()

    async def tell_lanes(self, request: Request) -> Response:
        """What each lane takes."""
        is_here = host_of(request.headers["host"].casefold()) in {"127.0.0.1", "localhost"}
        lanes = {
            lane.name.value: {"endings": sorted(lane.kinds), "most_bytes": lane.most_bytes, "most_zip_bytes": lane.most_zip_bytes}
            for lane in self.lanes.values()
        }
        return JSONResponse({"lanes": lanes, "dagster": self.dagster_url if is_here else None})

    async def receive(self, request: Request) -> Response:
        """A file: its name in the address, its content as the body. 201 with what was taken of it."""
        lane = self._lane(request)
        name = request.query_params.get("name", "")
        if self._on_their_way >= MOST_AT_ONCE:
            raise RefusedError(503, "Es werden gerade zu viele Dateien auf einmal hochgeladen. Bitte gleich noch einmal versuchen.")
        self._on_their_way += 1
        try:
            taken = await self._take(request, lane, name)
        except ClientDisconnect:
            return Response(status_code=400)  # nobody is there to read it
        finally:
            self._on_their_way -= 1
        self._received.extend(taken)
        if any(not each.refused for each in taken):
            self.runs.ask(lane.job)
        return JSONResponse({"files": [{"name": each.name, "refused": each.refused} for each in taken]}, 201)

    async def _take(self, request: Request, lane: Lane, name: str) -> list[Received]:
        declared = request.headers.get("content-length", "")
        with self._reception.open(lane, name) as coming:
            if declared.isdecimal() and int(declared) > coming.most_bytes:
                raise too_large(coming.most_bytes, lane.setting)
            await self._write(request, coming)
            # One at a time: a ZIP is unpacked in memory.
            async with self._unpacking:
                return await run_in_threadpool(self._reception.take, lane, name, coming, self.now())

    async def _write(self, request: Request, coming: Incoming) -> None:
        stream = request.stream()
        gathered = bytearray()
        while True:
            try:
                async with asyncio.timeout(self.idle_seconds):
                    piece = await anext(stream, b"")
            except TimeoutError:
                raise RefusedError(408, "Die Datei kam nicht weiter. Bitte noch einmal versuchen.") from None
            gathered += piece
            # The last piece of a stream is empty.
            if len(gathered) >= _WRITE_BYTES or not piece:
                await run_in_threadpool(coming.write, bytes(gathered))
                gathered.clear()
            if not piece:
                return

    async def start_run(self, request: Request) -> Response:
        """A run of the lane's job, asked for by a person."""
        self.runs.ask(self._lane(request).job)
        return JSONResponse({}, 202)

    async def tell_outcomes(self, request: Request) -> Response:
        """What became of the files; 304 while nothing has changed."""
        received = list(self._received)
        states = {job: self.runs.state(job) for job in {lane.job for lane in self.lanes.values()}}
        running = {lane.name: states[lane.job].is_running for lane in self.lanes.values()}
        found = await run_in_threadpool(self._outcomes, received, running)
        runs = [
            {
                "lanes": [lane.name.value for lane in self.lanes.values() if lane.job == job],
                "job": job,
                "is_running": state.is_running or state.is_asked,
                "failed_at": state.failed_at.isoformat() if state.failed_at else None,
            }
            for job, state in sorted(states.items())
        ]
        body = json.dumps({"files": found, "runs": runs}, ensure_ascii=False).encode()
        tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
        if request.headers.get("if-none-match") == tag:
            return Response(status_code=304, headers={"ETag": tag})
        return Response(body, headers={"ETag": tag}, media_type="application/json")

    def _outcomes(self, received: list[Received], running: Mapping[LaneName, bool]) -> list[dict[str, str | None]]:
        waiting = [
            InFolder(lane.name, file.name, datetime.fromtimestamp(file.changed_at, UTC))
            for lane in self.lanes.values()
            for file in incoming.look(self.data_dir / lane.folder)
        ]
        digests = {digest for each in received for digest in each.digests}
        rows = self.toci.read(lambda connection: read_rows(connection, self.toci.shop, digests))
        return [each.as_json() for each in outcomes(received, rows, waiting, running=running)]

    async def list_results(self, request: Request) -> Response:
        """What can be downloaded, by shelf: how many files, and the newest of them."""
        del request
        shelves = {}
        for shelf in Shelf:
            found = await run_in_threadpool(results, self.data_dir, shelf)
            listed = [{"name": each.name, "size": each.size, "changed_at": each.changed_at.isoformat()} for each in found[:MOST_LISTED]]
            shelves[shelf.value] = {"count": len(found), "files": listed}
        return JSONResponse(shelves)

    async def send_result(self, request: Request) -> Response:
        """One file."""
        shelf, name = _shelf(request), request.path_params["name"]
        found = next((each for each in await run_in_threadpool(results, self.data_dir, shelf) if each.name == name), None)
        if found is None:
            raise HTTPException(404)
        try:
            file = await run_in_threadpool(open_result, found)
        except OSError:
            raise HTTPException(404) from None
        size = file.seek(0, 2)
        file.seek(0)
        kind = _TYPES.get(found.path.suffix.casefold(), "application/octet-stream")
        return StreamingResponse(pieces(file), headers=_as_file(name) | {"Content-Length": str(size)}, media_type=kind)

    async def send_all(self, request: Request) -> Response:
        """All files of a shelf as one ZIP."""
        shelf = _shelf(request)
        found = await run_in_threadpool(results, self.data_dir, shelf)
        return StreamingResponse(zipped(found), headers=_as_file(f"{shelf}.zip"), media_type=_TYPES[".zip"])

    def _lane(self, request: Request) -> Lane:
        try:
            return self.lanes[LaneName(request.path_params["lane"])]
        except ValueError:
            raise HTTPException(404) from None


def _shelf(request: Request) -> Shelf:
    try:
        return Shelf(request.path_params["shelf"])
    except ValueError:
        raise HTTPException(404) from None


def _page_file(name: str, kind: str) -> Callable[[Request], Response]:
    content = (files("temu_assets.uploads") / "page" / name).read_bytes()
    return lambda _request: Response(content, media_type=kind)


def _as_file(name: str) -> dict[str, str]:
    return {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}"}


async def _told(request: Request, error: Exception) -> Response:
    del request
    assert isinstance(error, RefusedError)  # noqa: S101 — registered for it alone
    return JSONResponse({"error": error.why}, error.status)


async def _not_there(request: Request, error: Exception) -> Response:
    del request
    status = error.status_code if isinstance(error, HTTPException) else 404
    return JSONResponse({"error": "Das gibt es hier nicht."}, status)


async def _away(request: Request, error: Exception) -> Response:
    """Our database or a folder cannot be used."""
    del request, error
    why = "Die Ergebnisse sind gerade nicht abrufbar, weil Datenbank oder Datenordner nicht antworten. Keine Datei geht dadurch verloren;"
    return JSONResponse({"error": f"{why} was fehlt, zeigt „temu-assets doctor“."}, 503)
