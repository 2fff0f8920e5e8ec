"""A seller whose secrets and buyers are canaries, with a Dagster that keeps everything on disk, and everything at DEBUG."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import dagster as dg
import pytest
from sqlalchemy import Engine, event

from temu_assets_tests.canary.canaries import APP_SECRET, TOKEN, found_in, of_data_folder, of_folder, of_our_database
from temu_assets_tests.hostile.proxy import Proxy, proxy_to
from temu_assets_tests.seller import Seller

TALKATIVE = ("httpx", "httpcore", "sqlalchemy", "sqlalchemy.engine", "sqlalchemy.pool", "dagster", "temu_assets", "alembic")


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    """DAGSTER_HOME. Nobody waits for the disk: what is looked at needs no power cut to survive."""
    folder = tmp_path / "dagster_home"
    folder.mkdir()
    event.listen(Engine, "connect", _does_not_wait)
    yield folder
    event.remove(Engine, "connect", _does_not_wait)


def _does_not_wait(connection: object, _: object) -> None:
    if isinstance(connection, sqlite3.Connection):
        connection.execute("PRAGMA synchronous = OFF")


@pytest.fixture
def watched(new_seller: Seller, home: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> Iterator[Seller]:
    """A seller to be looked at; every logger tells all it has."""
    access = new_seller.sandbox.shop.state.access
    access.app_secret, access.token = APP_SECRET, TOKEN
    monkeypatch.setenv("TEMU_APP_SECRET", APP_SECRET)
    monkeypatch.setenv("TEMU_ACCESS_TOKEN", TOKEN)
    caplog.set_level(logging.DEBUG)
    for name in TALKATIVE:
        caplog.set_level(logging.DEBUG, logger=name)
    with dg.DagsterInstance.local_temp(str(home)) as instance:
        new_seller.instance = instance
        yield new_seller


@pytest.fixture
def proxy(watched: Seller, monkeypatch: pytest.MonkeyPatch) -> Iterator[Proxy]:
    """What stands between the seller and its TEMU."""
    with proxy_to(watched.sandbox.server.url) as proxy:
        monkeypatch.setenv("TEMU_API_ENDPOINT", proxy.url)
        yield proxy


@pytest.fixture
def leaks(
    watched: Seller, home: Path, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> Callable[[], dict[str, set[str]]]:
    """Where canaries show: in anything Dagster keeps, anything printed or logged, our tables and files but those that are meant to."""

    def look() -> dict[str, set[str]]:
        logged = [f"{record.name} {record.getMessage()} {record.exc_text or ''} {record.args!r}" for record in caplog.records]
        places = [
            *of_folder(home),
            *of_our_database(watched),
            *of_data_folder(watched),
            *((f"logged: {line[:300]}", line) for line in [*logged, *caplog.text.splitlines()]),
            ("printed", "".join(capfd.readouterr())),
        ]
        return {name: found for name, text in places if (found := found_in(text))}

    return look
