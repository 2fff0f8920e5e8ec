"""A shell to type commands into: an empty folder to stand in, no setting of anybody's in the environment."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from temu_assets.cli import main
from temu_assets.sandbox.run import RunningSandbox, open_sandbox
from temu_assets.settings import Settings

Run = Callable[..., Result]


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder the commands are typed in."""
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def run(here: Path) -> Iterator[Run]:
    """Type ``temu-assets`` with arguments."""
    before = signal.getsignal(signal.SIGTERM)  # the sandbox command takes it over
    yield lambda *arguments: CliRunner().invoke(main, arguments)
    signal.signal(signal.SIGTERM, before)


@pytest.fixture
def sandbox(here: Path) -> Iterator[RunningSandbox]:
    """A sandbox where the commands look for one, with a small shop."""
    with open_sandbox(here / "data" / "sandbox", orders=5, requests_per_second=None) as sandbox:
        yield sandbox


@pytest.fixture
def shop(sandbox: RunningSandbox, monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """The same sandbox, set up like a real shop; a test spoils one setting with what it gets."""
    access = sandbox.shop.state.access
    for name, value in {
        "TEMU_APP_KEY": access.app_key,
        "TEMU_APP_SECRET": access.app_secret,
        "TEMU_ACCESS_TOKEN": access.token,
        "TEMU_API_ENDPOINT": sandbox.server.url,
        "JTL_DATABASE_URL": sandbox.jtl.url,
    }.items():
        monkeypatch.setenv(name, value)
    return monkeypatch


def without_settings() -> dict[str, str]:
    """The environment for another process, without any setting of ours."""
    return {name: value for name, value in os.environ.items() if name.lower() not in Settings.model_fields}
