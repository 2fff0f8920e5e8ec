"""Log files below the data folder, in the predecessor's folders: plain text that grows to a size and then starts anew, a few of them kept.

Runs of several processes write into the same file, and each of them may be the one that finds it full. So nobody keeps it open: a line
is written under a lock of the folder, which the system takes back from a process that dies.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from temu_assets.crash_points import crash_point
from temu_assets.data_folders import LOGS

MOST_BYTES = 2_000_000
"""How large a file may grow."""
KEPT = 4
"""How many full ones are kept beside the one that is written."""
_OF_TYPE = {"bookkeeping": ("csv_verarbeiter", "csv_verarbeiter"), "invoices": ("pdf_reader", "pdf_reader")}


def file_for(data_dir: Path, job_type: str) -> Path:
    """The log file of a kind of jobs."""
    folder, name = _OF_TYPE.get(job_type, ("app", "app"))
    return data_dir / LOGS / folder / f"{name}.log"


def append(path: Path, lines: Sequence[str], *, most_bytes: int = MOST_BYTES, kept: int = KEPT) -> None:
    """Add lines at the end; first the file makes room for a new one if they would make it too large. Raises OSError.

    Line breaks in a line are written as spaces, so that each line is one. Readable by the program's user only.
    """
    content = "".join(f"{' '.join(line.splitlines())}\n" for line in lines).encode("utf-8", "replace")
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with _locked(path.with_suffix(".lock")):
        if path.exists() and path.stat().st_size + len(content) > most_bytes:
            _rotate(path, kept)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            crash_point("log_before")
            _write(descriptor, content)
            crash_point("log_after")
        finally:
            os.close(descriptor)


def _rotate(path: Path, kept: int) -> None:
    """``app.log`` becomes ``app.log.1``, that ``app.log.2``, and the last is overwritten."""
    names = [path, *(path.with_name(f"{path.name}.{number}") for number in range(1, kept + 1))]
    for older, newer in zip(reversed(names), reversed(names[:-1]), strict=False):
        if newer.exists():
            newer.replace(older)


def _write(descriptor: int, content: bytes) -> None:
    """All of it, or as much as the disk has room for; then OSError."""
    while content:
        content = content[os.write(descriptor, content) :]


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Alone with the folder, waiting for whoever is there: a few milliseconds."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT, 0o600)
    try:
        _lock(descriptor)
        yield
    finally:
        os.close(descriptor)


if sys.platform == "win32":
    import msvcrt

    def _lock(descriptor: int) -> None:
        msvcrt.locking(descriptor, msvcrt.LK_LOCK, 1)

else:
    import fcntl

    def _lock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
