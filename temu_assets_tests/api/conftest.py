"""A webserver and a daemon that really run, and somebody who follows the page about them."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from pydantic import SecretStr

from temu_assets.toci.database import Toci, open_engine
from temu_assets_tests.api.login_proxy import login_proxy
from temu_assets_tests.api.reader import Reader
from temu_assets_tests.api.server import Server, open_server


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One for all tests of a file."""
    folder = tmp_path_factory.mktemp("server")
    jobs_file = folder / "jobs.toml"
    jobs_file.touch()
    with open_server(folder, TEMU_JOBS_FILE=str(jobs_file)) as server:
        yield server


@pytest.fixture(scope="module")
def reader(server: Server) -> Iterator[Reader]:
    """A reader with the page's login for a proxy before the server."""
    toci = Toci(open_engine(SecretStr(f"sqlite:///{server.folder}/data/toci.db")), "temu")
    with (
        login_proxy(urlsplit(server.url).port or 0, login="script", password="a-long-password") as proxy_url,
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.setenv("HOME", str(server.folder))
        patch.setenv("NO_PROXY", "127.0.0.1")
        yield Reader(server, proxy_url, toci)
    toci.close()
