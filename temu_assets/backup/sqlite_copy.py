"""A SQLite file copied while others write to it."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

_SIDE_FILES = ("-wal", "-shm", "-journal")


def is_side_file(path: Path) -> bool:
    """What SQLite keeps beside a database, and a copy does not need."""
    return path.name.endswith(_SIDE_FILES)


def is_database(path: Path) -> bool:
    """By its first bytes."""
    with path.open("rb") as file:
        return file.read(16) == b"SQLite format 3\x00"


def copy_database(source: Path, target: Path) -> None:
    """A copy of one moment, without the side files. Raises sqlite3.Error and OSError."""
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    target.touch(mode=0o600)
    with closing(sqlite3.connect(f"{source.absolute().as_uri()}?mode=ro", uri=True)) as there, closing(sqlite3.connect(target)) as here:
        there.backup(here)
