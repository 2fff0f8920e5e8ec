"""The upload page in a container listens for the proxy's container, and only where that proxy has a login."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from temu_assets_tests.api.server import free_port, until
from temu_assets_tests.cli.conftest import without_settings
from temu_assets_tests.deploy.listening import addresses_of

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="containers are Linux")
COMMAND = [sys.executable, "-m", "temu_assets", "uploads", "--in-container"]
EVERYWHERE = "00000000"


@pytest.mark.parametrize("settings", [{}, {"UPLOAD_PROXY_USER_HEADER": "X-Forwarded-User"}, {"UPLOAD_HOSTS": "belege.example.invalid"}])
def test_without_a_login_in_front_it_does_not_open(settings: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / ".dagster/history").mkdir(parents=True)
    refused = subprocess.run(
        COMMAND, env=without_settings() | settings, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60
    )
    assert refused.returncode == 1
    assert "no login stands in front" in refused.stderr
    assert "UPLOAD_PROXY_USER_HEADER" in refused.stderr


def test_with_one_it_listens_for_the_proxy(tmp_path: Path) -> None:
    (tmp_path / ".dagster/history").mkdir(parents=True)
    port = free_port()
    settings = {"UPLOAD_PROXY_USER_HEADER": "X-Forwarded-User", "UPLOAD_HOSTS": "belege.example.invalid"}
    with subprocess.Popen([*COMMAND, "--port", str(port)], env=without_settings() | settings, cwd=tmp_path, start_new_session=True) as page:
        until(lambda: answers(port), "the page to answer")
        found = addresses_of({page.pid})
        page.terminate()
    assert found == {(EVERYWHERE, port)}


def answers(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/healthz", trust_env=False).is_success
    except httpx.TransportError:
        return False
