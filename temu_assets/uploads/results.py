"""What can be downloaded: files of three folders, found by looking into them. Nothing a visitor writes ever becomes part of a path."""

from __future__ import annotations

import os
import stat
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import BinaryIO

from temu_assets.data_folders import DATEV_OUT, DATEV_REPORTS, INVOICES_OUT

MOST_LISTED = 100
_PIECE = 1 << 18
_LARGE = 1 << 30


class Shelf(StrEnum):
    """Where results lie, as addresses name it."""

    INVOICES = "rechnungen"
    DATEV = "datev"
    REPORTS = "berichte"


FOLDERS = {Shelf.INVOICES: INVOICES_OUT, Shelf.DATEV: DATEV_OUT, Shelf.REPORTS: DATEV_REPORTS}
_INVOICE_FILES = {"rechnungen.xlsx", "werbung.xlsx"}


@dataclass(frozen=True, slots=True)
class Result:
    """A file that can be downloaded; ``size`` in bytes."""

    name: str
    path: Path
    size: int
    changed_at: datetime


def results(data_dir: Path, shelf: Shelf) -> list[Result]:
    """What lies on a shelf, the newest first (the tables of invoices by name); no links, folders and unfinished files. Raises OSError."""
    found = []
    try:
        with os.scandir(data_dir / FOLDERS[shelf]) as entries:
            for entry in entries:
                state = entry.stat(follow_symlinks=False)
                if not stat.S_ISREG(state.st_mode) or entry.name.startswith((".", "~$")):
                    continue
                if shelf is Shelf.INVOICES and entry.name not in _INVOICE_FILES:
                    continue
                found.append(Result(entry.name, Path(entry.path), state.st_size, datetime.fromtimestamp(state.st_mtime, UTC)))
    except FileNotFoundError:
        return []
    if shelf is Shelf.INVOICES:
        return sorted(found, key=lambda each: each.name)
    return sorted(found, key=lambda each: (each.changed_at, each.name), reverse=True)


def open_result(result: Result) -> BinaryIO:
    """The content of a file that was listed. Raises OSError, also when a link has taken its place."""
    return os.fdopen(os.open(result.path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)), "rb")


def pieces(file: BinaryIO) -> Iterator[bytes]:
    """The content piece by piece; closes the file."""
    with file:
        while piece := file.read(_PIECE):
            yield piece


def zipped(found: list[Result]) -> Iterator[bytes]:
    """A ZIP of these files, piece by piece, never whole in memory. A file that went meanwhile is left out."""
    sink = _Sink()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        for result in found:
            try:
                file = open_result(result)
            except OSError:
                continue
            info = zipfile.ZipInfo(result.name, result.changed_at.astimezone().timetuple()[:6])
            info.compress_type = zipfile.ZIP_DEFLATED
            with archive.open(info, "w", force_zip64=result.size > _LARGE) as member:
                for piece in pieces(file):
                    member.write(piece)
                    yield sink.taken()
            yield sink.taken()
    yield sink.taken()


class _Sink:
    """What a ZIP is written to; it cannot go back, so the ZIP does without."""

    def __init__(self) -> None:
        self._written: list[bytes] = []

    def write(self, piece: bytes) -> int:
        self._written.append(bytes(piece))
        return len(piece)

    def flush(self) -> None:
        """Nothing is held back."""

    def close(self) -> None:
        """Nothing is open."""

    def taken(self) -> bytes:
        written, self._written = b"".join(self._written), []
        return written
