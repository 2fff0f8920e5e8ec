"""DATEV files are taken from the folder where they are dropped: copied into the archive, written down, removed. Each content once."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from temu_assets import incoming
from temu_assets.bookkeeping import batch_store
from temu_assets.bookkeeping.batch_store import Arrival, Batch
from temu_assets.bookkeeping.statuses import Status
from temu_assets.bookkeeping.zips import RefusedZipError, open_zip
from temu_assets.data_folders import DATEV_ARCHIVE, DATEV_IN, DATEV_OUT
from temu_assets.durable import write_file
from temu_assets.errors import ConfigurationError
from temu_assets.incoming import Taken
from temu_assets.toci.database import Toci

_MB = 1_000_000


@dataclass(slots=True)
class TakenFiles:
    """What a run found, by name: to be processed, refused, done before, and still being written by somebody. ``zips``: how many."""

    new: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    known: list[str] = field(default_factory=list)
    growing: list[str] = field(default_factory=list)
    zips: int = 0


@dataclass(frozen=True, slots=True)
class Taking:
    """``most_bytes``: of a file, and of a ZIP unpacked; ``rules``: digest of those in force; ``pause`` in seconds; ``now`` aware."""

    toci: Toci
    data_dir: Path
    most_bytes: int
    rules: str
    now: Callable[[], datetime]
    pause: Callable[[float], None]

    def run(self) -> TakenFiles:
        """Take every complete file. Raises ConfigurationError for folders that cannot be used; no file is lost."""
        complete, growing = incoming.settled(self.data_dir / DATEV_IN, pause=self.pause, clock=lambda: self.now().timestamp())
        found = TakenFiles(growing=[file.name for file in growing])
        for file in complete:
            taken = incoming.archive(file, self.data_dir, DATEV_ARCHIVE)
            if taken is None:
                found.growing.append(file.name)
                continue
            self._write_down(self._arrivals(taken, found), found)
            incoming.let_go(taken)
        return found

    def _arrivals(self, taken: Taken, found: TakenFiles) -> list[Arrival]:
        """What a file brings: itself, or what is in it; as itself and refused where it is nothing to work with."""
        name, size = taken.waiting.name, taken.waiting.size
        ending = Path(name).suffix.casefold()
        if size > self.most_bytes:
            return [_arrival(taken, f"Die Datei ist größer als {self.most_bytes // _MB} MB (DATEV_MAX_MB) und wurde nicht gelesen.")]
        if ending == ".csv":
            return [_arrival(taken)]
        if ending != ".zip":
            return [_arrival(taken, "Nur CSV-Dateien im DATEV-Format und ZIPs mit solchen werden verarbeitet.")]
        try:
            members = open_zip(_content(self.data_dir / taken.archived_as), most_bytes=self.most_bytes)
        except RefusedZipError as refused:
            return [_arrival(taken, refused.why)]
        found.zips += 1
        return [self._unpacked(member.name, member.content, came_in=incoming.safe_name(name)) for member in members]

    def _unpacked(self, name: str, content: bytes, *, came_in: str) -> Arrival:
        digest = hashlib.sha256(content).hexdigest()
        safe = incoming.safe_name(name)
        path = DATEV_ARCHIVE / digest[:2] / f"{digest[:16]}_{safe}"
        target = self.data_dir / path
        try:
            if not incoming.is_whole(target, digest):
                write_file(target, content)
        except OSError as error:
            raise _unusable(target, "written", error) from None
        return Arrival(digest, safe, path.as_posix(), len(content), came_in)

    def _write_down(self, arrivals: list[Arrival], found: TakenFiles) -> None:
        before = self.toci.read(lambda connection: batch_store.known(connection, self.toci.shop, [each.sha256 for each in arrivals]))
        new: dict[str, Arrival] = {}
        for each in arrivals:
            if each.sha256 in new or self._is_done(each, before.get(each.sha256)):
                found.known.append(each.file_name)
                continue
            new[each.sha256] = each
            (found.refused if each.refusal else found.new).append(each.file_name)
        now = self.now()
        self.toci.write(lambda connection: batch_store.take(connection, self.toci.shop, new.values(), now=now))

    def _is_done(self, arrival: Arrival, before: Batch | None) -> bool:
        """Whether nothing has to be done about a content that came before: it was processed by the same rules, and all it left is there.

        Under a name that DATEV takes, after one it does not, it is processed again: the name was what had to be corrected.
        """
        if before is None or (before.processed_at is not None and before.rules != self.rules):
            return False
        if _is_datev_name(arrival.file_name) and not _is_datev_name(before.file_name):
            return False
        if before.processed_at is None:
            return True
        if before.status is Status.REFUSED:
            return True
        if before.result_path is None:
            return False
        left = [Path(before.result_path), *(DATEV_OUT / name for name in before.outputs)]
        return all((self.data_dir / path).is_file() for path in left)


def _arrival(taken: Taken, refusal: str = "") -> Arrival:
    return Arrival(taken.sha256, incoming.safe_name(taken.waiting.name), taken.archived_as, taken.waiting.size, None, refusal)


def _is_datev_name(name: str) -> bool:
    return name.upper().startswith(("EXTF_", "DTVF_")) and name.casefold().endswith(".csv")


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise _unusable(path, "read", error) from None


def _unusable(path: Path, what: str, error: OSError) -> ConfigurationError:
    return ConfigurationError(
        f"{path} cannot be {what} ({error.strerror or type(error).__name__}).",
        remedy="let the program's user read and write in its data folder (TEMU_DATA_DIR) and look whether there is room on the disk; the "
        "file is where it was dropped, and the next run takes it.",
    )
