"""Files people and other programs drop into a folder: which of them are complete, and how they are taken without losing one.

A file is identified by the digest of its content. It is copied into the archive first, then written down by the caller, and only then
removed from the folder, so that a run that dies at any moment loses nothing and the next one takes every file once.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from temu_assets.durable import TEMPORARY, copy_file, remove_file, sha256_of
from temu_assets.errors import ConfigurationError

QUIET_SECONDS = 2.0
"""A file nobody has written to for so long counts as complete."""
LONGEST_WAIT_SECONDS = 10.0
_LONGEST_NAME_BYTES = 200
_DEVICE = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)[ ]*(?:\.|$)", re.IGNORECASE)
"""Names under which Windows finds a device and no file, whatever their ending."""
_UNFINISHED = (TEMPORARY, ".part", ".partial", ".crdownload", ".download", ".filepart", ".lock")


@dataclass(frozen=True, slots=True)
class Waiting:
    """A file in a folder as it was when it was looked at: ``size`` in bytes, ``changed_at`` in seconds since 1970."""

    path: Path
    size: int
    changed_at: float

    @property
    def name(self) -> str:
        """Its name without folder."""
        return self.path.name


@dataclass(frozen=True, slots=True)
class Taken:
    """A file whose copy is in the archive; ``archived_as`` is relative to the data folder."""

    waiting: Waiting
    sha256: str
    archived_as: str


def look(folder: Path) -> list[Waiting]:
    """The files in a folder, oldest first; not those in folders below, hidden ones and ones that programs are still loading.

    The folder is made if it is not there. Raises ConfigurationError when it cannot be read.
    """
    found = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for path in folder.iterdir():
            if path.name.startswith((".", "~$")) or path.name.casefold().endswith(_UNFINISHED) or path.is_symlink() or not path.is_file():
                continue
            seen = _seen(path)
            if seen is not None:
                found.append(seen)
    except OSError as error:
        raise _unusable(folder, "read", error) from None
    return sorted(found, key=lambda each: (each.changed_at, each.name))


def complete(files: list[Waiting], *, now: float) -> list[Waiting]:
    """Those that nobody has written to for a while; ``now`` in seconds since 1970. A time in the future counts as long ago."""
    return [file for file in files if not 0 <= now - file.changed_at < QUIET_SECONDS]


def settled(folder: Path, *, pause: Callable[[float], None], clock: Callable[[], float]) -> tuple[list[Waiting], list[Waiting]]:
    """The complete files, and those somebody still writes; waits a few seconds for fresh ones. ``clock``: seconds since 1970."""
    waited = 0.0
    while True:
        files = look(folder)
        done = complete(files, now=clock())
        if len(done) == len(files) or waited >= LONGEST_WAIT_SECONDS:
            return done, [file for file in files if file not in done]
        pause(0.5)
        waited += 0.5


def archive(file: Waiting, data_dir: Path, archive_folder: Path) -> Taken | None:
    """Copy a file into the archive under its digest and name; None when it changed or went meanwhile: the next run takes it.

    ``archive_folder`` is relative to ``data_dir``. What is in the archive already is not written again.
    Raises ConfigurationError when the file cannot be read or the archive not be written.
    """
    try:
        digest = sha256_of(file.path)
        archived_as = (archive_folder / digest[:2] / f"{digest[:16]}_{safe_name(file.name)}").as_posix()
        target = data_dir / archived_as
        is_copied = is_whole(target, digest) or copy_file(file.path, target) == digest
    except FileNotFoundError:
        return None
    except OSError as error:
        raise _unusable(file.path, "copied into the archive", error) from None
    return Taken(file, digest, archived_as) if is_copied and _seen(file.path) == file else None


def let_go(taken: Taken) -> None:
    """Remove a file from its folder once it is written down; one that was changed since it was copied stays for the next run.

    Raises ConfigurationError when it cannot be removed, for example because another program holds it.
    """
    try:
        if _seen(taken.waiting.path) == taken.waiting:
            remove_file(taken.waiting.path)
    except OSError as error:
        raise _unusable(taken.waiting.path, "removed", error) from None


def is_whole(path: Path, digest: str) -> bool:
    """Whether a file is there and has the content with this digest. Raises OSError when it cannot be read."""
    try:
        return sha256_of(path) == digest
    except FileNotFoundError:
        return False


def safe_name(name: str) -> str:
    """A file name without folders, control characters and what a file system could refuse; never empty, at most 120 characters."""
    plain = re.sub(r"[^\w.()+,@&=# -]", "_", re.split(r"[\\/]", name)[-1]).strip(" .")
    if _DEVICE.match(plain):
        plain = f"_{plain}"
    return _shortened(plain) or "datei"


def _shortened(plain: str) -> str:
    """At most 120 characters, and few enough bytes for a file system even with a digest in front; the ending stays."""
    if len(plain) <= 120 and len(plain.encode()) <= _LONGEST_NAME_BYTES:
        return plain
    stem, dot, ending = plain.rpartition(".")
    tail = dot + ending if dot and len(ending) <= 10 else ""
    stem = (stem if tail else plain)[: 120 - len(tail)]
    return stem.encode()[: _LONGEST_NAME_BYTES - len(tail.encode())].decode("utf-8", "ignore").rstrip(" .") + tail


def _seen(path: Path) -> Waiting | None:
    try:
        state = path.stat()
    except FileNotFoundError:
        return None
    return Waiting(path, state.st_size, state.st_mtime)


def _unusable(path: Path, what: str, error: OSError) -> ConfigurationError:
    return ConfigurationError(
        f"{path} cannot be {what} ({error.strerror or type(error).__name__}).",
        remedy="let the program's user read and write there and close the file in other programs; the next run goes on from here.",
    )
