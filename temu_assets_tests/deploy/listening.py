"""Which ports processes listen on, as Linux tells."""

from __future__ import annotations

import re
from contextlib import suppress
from pathlib import Path

_LISTENING = "0A"


def addresses_of(sessions: set[int]) -> set[tuple[str, int]]:
    """Address (as /proc writes it) and port of every TCP socket that a process of these sessions listens on."""
    sockets = {inode for process in _processes(sessions) for inode in _sockets(process)}
    found = set()
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        for line in Path(table).read_text(encoding="ascii").splitlines()[1:]:
            words = line.split()
            if words[3] == _LISTENING and words[9] in sockets:
                address, _, port = words[1].partition(":")
                found.add((address, int(port, 16)))
    return found


def _processes(sessions: set[int]) -> list[Path]:
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            fields = (process / "stat").read_text(encoding="utf-8").rpartition(")")[2].split()
            if int(fields[3]) in sessions:
                found.append(process)
    return found


def _sockets(process: Path) -> list[str]:
    found = []
    with suppress(OSError):
        for file in (process / "fd").iterdir():
            with suppress(OSError):
                if match := re.fullmatch(r"socket:\[(\d+)\]", str(file.readlink())):
                    found.append(match[1])
    return found
