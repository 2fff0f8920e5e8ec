"""A page that is open: a real web server on a data folder of its own, and a visitor who has the token."""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from temu_assets.settings import Settings
from temu_assets.toci.database import Toci, open_engine
from temu_assets.toci.revision import ensure_current
from temu_assets.uploads.app import UploadPage
from temu_assets.uploads.doors import Doors
from temu_assets.uploads.lanes import lanes_of
from temu_assets.uploads.serving import listen, server
from temu_assets.uploads.starting import Runs

TOKEN = "a-token-for-tests-0123456789"
PDF = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\nendobj\n%%EOF\n"
XML = b'<?xml version="1.0" encoding="UTF-8"?><rsm:CrossIndustryInvoice/>'
CSV = b'"EXTF";700;21;"Buchungsstapel"\r\n'
LONGEST_SECONDS = 30.0


@dataclass
class Open:
    """A page that is open at ``url``, and a visitor with the token."""

    url: str
    data: Path
    toci: Toci
    page: UploadPage
    visitor: httpx.Client

    def upload(self, name: str, content: bytes = PDF, lane: str = "rechnungen", **details: Any) -> httpx.Response:
        return self.visitor.post(f"/uploads/{lane}", params={"name": name}, content=content, **details)

    def waiting(self, lane: str = "rechnungen") -> dict[str, bytes]:
        """What lies in a lane's folder, hidden files too."""
        folder = self.data / self.page.lanes[next(name for name in self.page.lanes if name == lane)].folder
        found = {}
        for path in folder.iterdir() if folder.exists() else ():
            # The page may take a file away that it has not finished, between the two.
            with suppress(FileNotFoundError):
                found[path.name] = path.read_bytes()
        return found

    def outcomes(self) -> list[dict[str, Any]]:
        answer = self.visitor.get("/outcomes")
        assert answer.status_code == 200, answer.text
        found: list[dict[str, Any]] = answer.json()["files"]
        return found

    def states(self) -> dict[str, str]:
        return {file["name"]: file["state"] for file in self.outcomes()}

    def runs(self) -> dict[str, dict[str, Any]]:
        return {run["job"]: run for run in self.visitor.get("/outcomes").json()["runs"]}


def until(condition: Callable[[], bool]) -> None:
    """Wait for what has to happen; fails when it does not."""
    end = time.monotonic() + LONGEST_SECONDS
    while not condition():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.02)


def fake_run(job: str) -> Sequence[str]:
    return [sys.executable, "-m", "temu_assets_tests.uploads.fake_run", job]


@contextmanager
def open_page(
    folder: Path, *, command: Callable[[str], Sequence[str]] | None = fake_run, idle_seconds: float = 60.0, **settings: Any
) -> Iterator[Open]:
    """The page, with files as large as 1 MB at most; ``command`` None: nothing ever runs."""
    data = folder / "data"
    data.mkdir(parents=True)
    values: dict[str, Any] = {"temu_data_dir": data, "invoice_max_mb": 1, "datev_max_mb": 1} | settings
    given = Settings(_env_file=None, **values)
    toci = Toci(open_engine(given.toci_url()), given.shop)
    ensure_current(toci)
    environment = os.environ | {
        "TEMU_DATA_DIR": str(data),
        "DAGSTER_HOME": str(folder / "home"),
        "PYTHONPATH": str(Path(__file__).parent.parent.parent),
    }
    page = UploadPage(
        data_dir=data,
        toci=toci,
        lanes=lanes_of(given),
        doors=Doors(SecretStr(TOKEN), given.upload_proxy_user_header, given.upload_hosts),
        runs=Runs(command or (lambda _: [sys.executable, "-c", ""]), environment, now, quiet_seconds=0.2),
        dagster_url="http://127.0.0.1:3000",
        now=now,
        idle_seconds=idle_seconds,
    )
    with listen(0) as listening:
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        running = server(page.app())
        thread = threading.Thread(target=running.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            until(lambda: running.started)
            with httpx.Client(base_url=url, headers={"Authorization": f"Bearer {TOKEN}"}, trust_env=False) as visitor:
                yield Open(url, data, toci, page, visitor)
        finally:
            running.should_exit = True
            thread.join(LONGEST_SECONDS)
            toci.close()
    assert not thread.is_alive()


def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
def page(tmp_path: Path) -> Iterator[Open]:
    """A page of its own, whose runs take what was dropped."""
    with open_page(tmp_path) as opened:
        yield opened


@pytest.fixture(scope="module")
def quiet_page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Open]:
    """One page for the tests of a file; files stay where they were dropped."""
    with open_page(tmp_path_factory.mktemp("page"), command=None) as opened:
        yield opened
