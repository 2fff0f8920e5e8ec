"""Files that are there complete or not at all, also after a power cut. Whatever this program keeps on disk is written here.

Readable by the program's user only: most of what is written holds buyers' data.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import BinaryIO

from temu_assets.crash_points import crash_point

TEMPORARY = ".tmp"
"""How the names of files end that are not complete yet; a crash leaves one behind at most."""
_CHUNK = 1 << 20


def write_file(path: Path, content: bytes) -> None:
    """Write under a temporary name, make it durable, rename. Folders are made; an existing file is replaced. Raises OSError."""
    with _taking_its_place(path) as file:
        file.write(content)


def write_files(folder: Path, contents: Mapping[str, bytes]) -> None:
    """As ``write_file`` for some files of one folder, by name. What a disk has to be waited for is waited for together. Raises OSError.

    A crash leaves each of them complete or not there, and some temporary ones.
    """
    _make_folder(folder)
    temporary = {name: _temporary(folder / name) for name in contents}
    try:
        with ExitStack() as opened:
            files = [opened.enter_context(_open_new(temporary[name])) for name in contents]
            for file, content in zip(files, contents.values(), strict=True):
                file.write(content)
                file.flush()
            for file in files:
                os.fsync(file.fileno())
        crash_point("file_written")
        for name in contents:
            temporary[name].replace(folder / name)
    except OSError:
        for each in temporary.values():
            each.unlink(missing_ok=True)
        raise
    _sync_folder(folder)
    crash_point("file_renamed")


def copy_file(source: Path, path: Path) -> str:
    """As ``write_file``, with what ``source`` holds, however large; returns the SHA-256 of what was written. Raises OSError."""
    digest = hashlib.sha256()
    with source.open("rb") as read, _taking_its_place(path) as file:
        while chunk := read.read(_CHUNK):
            digest.update(chunk)
            file.write(chunk)
    return digest.hexdigest()


def name_new(temporary: Path, path: Path) -> bool:
    """Give a file that is written and synced its name in the same folder; False when another one has it, which stays. Raises OSError."""
    crash_point("file_written")
    try:
        os.link(temporary, path)
    except FileExistsError:
        return False
    except OSError:
        if not _name_without_links(temporary, path):
            return False
    else:
        temporary.unlink()
    _sync_folder(path.parent)
    crash_point("file_renamed")
    return True


def _name_without_links(temporary: Path, path: Path) -> bool:
    """For file systems that have no links: the name is taken first, and a crash right after leaves it to an empty file."""
    try:
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    except FileExistsError:
        return False
    try:
        temporary.replace(path)
    except OSError:
        path.unlink(missing_ok=True)
        raise
    return True


def sha256_of(path: Path) -> str:
    """The SHA-256 of what a file holds, however large. Raises OSError."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def remove_file(path: Path) -> bool:
    """Remove a file for good; False when there was none. Raises OSError."""
    try:
        path.unlink()
    except FileNotFoundError:
        return False
    _sync_folder(path.parent)
    crash_point("file_removed")
    return True


def remove_empty_folder(folder: Path) -> bool:
    """Remove a folder in which nothing is any more; False when something is, or it may not be removed."""
    try:
        folder.rmdir()
    except OSError:
        return False
    crash_point("folder_removed")
    return True


@contextmanager
def _taking_its_place(path: Path) -> Iterator[BinaryIO]:
    _make_folder(path.parent)
    temporary = _temporary(path)
    try:
        with _open_new(temporary) as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        crash_point("file_written")
        temporary.replace(path)
    except OSError:
        temporary.unlink(missing_ok=True)
        raise
    _sync_folder(path.parent)
    crash_point("file_renamed")


def _make_folder(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)


def _temporary(path: Path) -> Path:
    return path.with_name(f".{path.name}{TEMPORARY}")


def _open_new(path: Path) -> BinaryIO:
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb")


def _sync_folder(folder: Path) -> None:
    """Make the change of names itself survive a power cut; Windows has no such call."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
