"""Whether a process lives, as far as the system tells: who cannot be seen is not taken for dead."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from temu_assets.toci.processes import is_dead_here, this_host, this_process

LINUX = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="only Linux tells of processes like this")


def ended_process() -> str:
    """Of a process that is certainly gone, as it wrote itself down."""
    say = "from temu_assets.toci.processes import this_process; print(this_process())"
    return subprocess.run([sys.executable, "-c", say], check=True, capture_output=True, text=True).stdout.strip()


@LINUX
def test_who_lives_is_not_dead_and_who_has_ended_is() -> None:
    assert not is_dead_here(this_host(), this_process())
    assert is_dead_here(this_host(), ended_process())
    assert not is_dead_here("other.example.invalid", ended_process())


@LINUX
def test_a_process_of_another_user_that_is_hidden_is_not_dead(monkeypatch: pytest.MonkeyPatch) -> None:
    """With hidepid=2 or ProtectProc=invisible it has no folder in /proc, and only a signal tells that it is there."""
    hidden = ended_process()

    def refused(_pid: int, number: int) -> None:
        assert number == 0
        raise PermissionError

    monkeypatch.setattr(os, "kill", refused)
    assert not is_dead_here(this_host(), hidden)
    pid, started, namespace = hidden.split("@")
    assert is_dead_here(this_host(), f"{pid}@of an earlier boot:{started.partition(':')[2]}@{namespace}")


@LINUX
def test_a_process_of_another_user_whose_folder_is_closed_is_not_dead(monkeypatch: pytest.MonkeyPatch) -> None:
    """hidepid=1: the folder is there and cannot be looked into."""
    pid, started, namespace = this_process().split("@")
    read = Path.read_text

    def closed(path: Path, *args: str | None, **how: str | None) -> str:
        if path.match(f"/proc/{pid}/stat"):
            raise PermissionError
        return read(path, *args, **how)

    monkeypatch.setattr(Path, "read_text", closed)
    boot = started.partition(":")[0]
    assert not is_dead_here(this_host(), f"{pid}@{boot}:1@{namespace}")
    assert is_dead_here(this_host(), f"{pid}@of an earlier boot:1@{namespace}")
