from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from temu_assets.sandbox.run import RunningSandbox
from temu_assets_tests.cli.conftest import Run, without_settings


def test_a_sandbox_that_runs_already_is_said_to_and_left_alone(run: Run, sandbox: RunningSandbox) -> None:
    result = run("sandbox")
    assert result.exit_code == 1
    assert "is running on" in result.output
    assert "What to do: use that one, or end it first." in result.output
    assert (sandbox.folder / "connection.json").exists()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no polite way to end another process")
def test_a_sandbox_says_where_it_is_serves_and_goes_when_asked_to(run: Run, here: Path) -> None:
    command = [sys.executable, "-m", "temu_assets", "sandbox"]
    with subprocess.Popen(command, env=without_settings(), cwd=here, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        try:
            assert running.stdout.readline().startswith("TEMU API:  http://127.0.0.1:")
            assert run("doctor").exit_code == 0
        finally:
            running.send_signal(signal.SIGTERM)
        assert running.wait(timeout=20) == 0
    assert not (here / "data" / "sandbox" / "connection.json").exists()
    assert (here / "data" / "sandbox" / "temu.json").exists()
