"""``temu-assets uploads``: the command as it is typed, in a process of its own."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from temu_assets.uploads.serving import listen
from temu_assets_tests.cli.conftest import Run, without_settings

TOKEN = "a-token-that-is-set-0123456789"
COMMAND = [sys.executable, "-m", "temu_assets", "uploads", "--port", "0"]


@contextmanager
def typed(folder: Path, **settings: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The command while it runs, and the line it printed first."""
    environment = {name: value for name, value in without_settings().items() if name != "DAGSTER_HOME"} | settings
    # Dagster's history is there already, so that the test need not wait until it is made.
    (folder / ".dagster" / "history").mkdir(parents=True, exist_ok=True)
    process = subprocess.Popen(COMMAND, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        yield process, process.stdout.readline()
    finally:
        process.kill()
        process.communicate()


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
def test_the_printed_link_opens_the_page_until_it_is_ended(ending: signal.Signals, tmp_path: Path) -> None:
    with typed(tmp_path) as (process, line):
        (link,) = re.findall(r"http://127\.0\.0\.1:\d+/\?token=\S{40,}", line)
        with httpx.Client(trust_env=False, follow_redirects=True) as visitor:
            page = visitor.get(link)
            assert (page.status_code, page.url.query) == (200, b"")
            assert "Belege ablegen" in page.text
            assert visitor.get(page.url.join("/outcomes")).json()["files"] == []
        process.send_signal(ending)
        out, err = process.communicate(timeout=30)
        assert (process.returncode, err) == (0, "")
        assert "has ended" in out
    assert (tmp_path / ".dagster" / "dagster.yaml").exists()


def test_a_token_that_is_set_opens_and_is_not_printed(tmp_path: Path) -> None:
    with typed(tmp_path, UPLOAD_TOKEN=TOKEN) as (process, line):
        (place,) = re.findall(r"http://127\.0\.0\.1:\d+/", line)
        assert httpx.get(place, params={"token": TOKEN}, trust_env=False).status_code == 303
        assert httpx.get(f"{place}outcomes", headers={"Authorization": f"Bearer {TOKEN}"}, trust_env=False).status_code == 200
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)
        assert TOKEN not in line + out + err


def test_two_links_are_never_the_same(tmp_path: Path) -> None:
    with typed(tmp_path) as (_, first), typed(tmp_path) as (_, second):
        assert first.partition("token=")[2] != second.partition("token=")[2]


def test_it_cannot_be_opened_to_the_network(run: Run) -> None:
    """But in a container, where it insists on a login in front (temu_assets_tests/deploy/test_uploads_in_container.py)."""
    assert "No such option" in run("uploads", "--host", "0.0.0.0").output
    assert set(re.findall(r"--[a-z-]+", run("uploads", "--help").output)) == {"--port", "--ui-port", "--in-container", "--help"}


def test_a_token_that_could_be_guessed_is_refused(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UPLOAD_TOKEN", "secret")
    result = run("uploads", "--port", "0")
    assert result.exit_code == 1
    assert "UPLOAD_TOKEN is shorter than 16 characters" in result.output
    assert "What to do" in result.output


def test_wrong_settings_are_said_plainly(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UPLOAD_PROXY_USER_HEADER", "X Forwarded: User")
    result = run("uploads", "--port", "0")
    assert result.exit_code == 1
    assert "UPLOAD_PROXY_USER_HEADER" in result.output
    assert "Traceback" not in result.output


def test_a_port_that_is_taken_is_said_plainly(here: Path, run: Run) -> None:
    (here / ".dagster" / "history").mkdir(parents=True)
    with listen(0) as taken:
        result = run("uploads", "--port", str(taken.getsockname()[1]))
    assert result.exit_code == 1
    assert "cannot listen on port" in result.output
    assert "--port" in result.output


def test_dagsters_history_is_made_before_a_run_needs_it(here: Path) -> None:
    from temu_assets.cli.dagster_home import prepared_home, set_up_history

    home = prepared_home()
    assert home == here / ".dagster"
    set_up_history(home)
    assert (home / "history" / "runs.db").exists()
    before = (home / "history" / "runs.db").stat().st_mtime_ns
    set_up_history(home)
    assert (home / "history" / "runs.db").stat().st_mtime_ns == before
