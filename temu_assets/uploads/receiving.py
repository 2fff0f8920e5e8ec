"""A file that comes in pieces is written beside its folder's other files under a hidden name, and gets its own name once it is whole."""

from __future__ import annotations

import errno
import hashlib
import os
import secrets
import time
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from temu_assets.bookkeeping.zips import RefusedZipError, open_zip
from temu_assets.durable import TEMPORARY, name_new
from temu_assets.incoming import safe_name
from temu_assets.uploads.lanes import MB, Lane, LaneName
from temu_assets.uploads.sniffing import HEAD_BYTES, FileKind, refusal

_HIDDEN = ".upload-"
_FORGOTTEN_SECONDS = 86_400
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


class RefusedError(Exception):
    """A file that is not taken: the HTTP status, and a German sentence for the person who dropped it."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(status, why)
        self.status = status
        self.why = why


@dataclass(frozen=True, slots=True)
class Received:
    """A file that was put into a lane's folder as ``stored_as``; of a ZIP that stays one, each file in it.

    ``came_in``: the ZIP, if there was one. ``digests``: SHA-256 of the content, and of the ZIP that stays one. ``at``: aware.
    ``refused``: why a file of a ZIP was not taken; it is in no folder then.
    """

    number: int
    lane: LaneName
    name: str
    stored_as: str
    came_in: str
    digests: tuple[str, ...]
    at: datetime
    refused: str = ""


class Incoming:
    """A file on its way into ``folder``; leaving the block without ``put`` removes it. Raises RefusedError from every method."""

    def __init__(self, folder: Path, most_bytes: int, setting: str) -> None:
        self._folder = folder
        self.most_bytes = most_bytes
        self._setting = setting
        self._path = folder / f"{_HIDDEN}{secrets.token_hex(8)}{TEMPORARY}"
        self._digest = hashlib.sha256()
        self._size = 0
        self.head = b""

    def __enter__(self) -> Self:
        with _told():
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._file = os.fdopen(os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        # What could not be written is given up with the file.
        with _given_up():
            self._file.close()
        with _given_up():
            self._path.unlink(missing_ok=True)

    def write(self, piece: bytes) -> None:
        """Add a piece."""
        self._size += len(piece)
        if self._size > self.most_bytes:
            raise too_large(self.most_bytes, self._setting)
        if len(self.head) < HEAD_BYTES:
            self.head += piece[: HEAD_BYTES - len(self.head)]
        self._digest.update(piece)
        with _told():
            self._file.write(piece)

    def content(self) -> bytes:
        """Everything that came."""
        with _told():
            self._file.flush()
            return self._path.read_bytes()

    def digest(self) -> str:
        """The SHA-256 of everything that came."""
        return self._digest.hexdigest()

    def put(self, name: str) -> str:
        """Make the file durable and visible in its folder, beside one of the same name that waits there; returns the name it got."""
        with _told():
            self._file.flush()
            os.fsync(self._file.fileno())
            self._file.close()
            return next(each for each in _names(name) if name_new(self._path, self._folder / each))


@dataclass(slots=True)
class Reception:
    """Takes what has come into a lane, whole; numbers what it takes."""

    data_dir: Path
    taken: int = 0

    def open(self, lane: Lane, name: str) -> Incoming:
        """Where the pieces of a file go. Raises RefusedError for a name no file of this lane has."""
        if not any(kind.is_ending_of(tidied(name)) for kind in lane.kinds):
            raise RefusedError(415, refusal(tidied(name), b"?", lane.kinds))
        return Incoming(self.data_dir / lane.folder, lane.limit(tidied(name)), lane.setting)

    def take(self, lane: Lane, name: str, incoming: Incoming, at: datetime) -> list[Received]:
        """Put a file that has come whole into the lane's folder, or the files of a ZIP. Raises RefusedError when nothing is taken."""
        name = tidied(name)
        if why := refusal(name, incoming.head, lane.kinds):
            raise RefusedError(415, why)
        if not FileKind.ZIP.is_ending_of(name):
            return [self._received(lane, name, incoming.put(name), "", (incoming.digest(),), at)]
        endings = tuple(kind.value for kind in lane.kinds if kind is not FileKind.ZIP)
        try:
            members = open_zip(incoming.content(), most_bytes=lane.most_zip_bytes, endings=endings, setting=lane.setting)
        except RefusedZipError as refused:
            raise RefusedError(415, refused.why) from None
        if lane.unpacks:
            return [self._take_member(lane, name, member.name, member.content, at) for member in members]
        stored_as = incoming.put(name)
        return [
            self._received(lane, tidied(each.name), stored_as, name, (hashlib.sha256(each.content).hexdigest(), incoming.digest()), at)
            for each in members
        ]

    def _take_member(self, lane: Lane, zip_name: str, member_name: str, content: bytes, at: datetime) -> Received:
        """A file of a ZIP, put down or refused: one that is wrong does not hold up the others. A full disk does (RefusedError)."""
        name = tidied(member_name)
        why = refusal(name, content[:HEAD_BYTES], lane.kinds)
        if not why and len(content) > lane.most_bytes:
            why = too_large(lane.most_bytes, lane.setting).why
        if why:
            return self._received(lane, name, "", zip_name, (), at, refused=why)
        with Incoming(self.data_dir / lane.folder, lane.most_bytes, lane.setting) as incoming:
            incoming.write(content)
            return self._received(lane, name, incoming.put(name), zip_name, (incoming.digest(),), at)

    def _received(
        self, lane: Lane, name: str, stored_as: str, came_in: str, digests: tuple[str, ...], at: datetime, *, refused: str = ""
    ) -> Received:
        self.taken += 1
        return Received(self.taken, lane.name, name, stored_as, came_in, digests, at, refused)


def tidied(name: str) -> str:
    """The name under which a file is kept. Macs write "ä" as two characters, which is undone here."""
    return safe_name(unicodedata.normalize("NFC", name))


def too_large(most_bytes: int, setting: str) -> RefusedError:
    """The refusal of a file beyond a limit."""
    return RefusedError(413, f"Die Datei ist größer als {most_bytes // MB} MB ({setting}).")


def sweep(folder: Path) -> None:
    """Remove what uploads left that were cut off with the program itself, once they are a day old."""
    for path in folder.glob(f"{_HIDDEN}*{TEMPORARY}"):
        with _given_up():
            if time.time() - path.stat().st_mtime > _FORGOTTEN_SECONDS:
                path.unlink()


def _names(name: str) -> Iterator[str]:
    """The name, then the name with numbers."""
    yield name
    stem, ending = name[:-4], name[-4:]
    for number in range(2, 10_000):
        yield f"{stem[:110]}_{number}{ending}"
    raise RefusedError(409, "Im Eingang warten schon zu viele Dateien mit diesem Namen.")


@contextmanager
def _told() -> Iterator[None]:
    """What the file system refuses, as a sentence for the person who dropped the file."""
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise RefusedError(507, "Auf dem Server ist kein Speicherplatz mehr frei. Die Datei wurde nicht angenommen.") from None
        why = f"Die Datei kann auf dem Server nicht gespeichert werden ({error.strerror or type(error).__name__})."
        raise RefusedError(500, f"{why} Bitte der Person sagen, die das Programm betreut.") from None


@contextmanager
def _given_up() -> Iterator[None]:
    try:
        yield
    except OSError:
        return
