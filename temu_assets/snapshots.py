"""Raw answers of TEMU on disk: what was received, immutable, one folder per run, and which of it our tables have taken in.

A file appears complete or not at all and is registered in our database afterwards; what was written and
never registered counts as not fetched. The files carry buyers' data: the folder is readable by the program's user only.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Row, delete, func, select, update

from temu_assets.data_folders import TEMU_ANSWERS
from temu_assets.durable import write_file
from temu_assets.errors import ConfigurationError, InternalError
from temu_assets.sql.chunks import in_chunks
from temu_assets.toci import problems
from temu_assets.toci.kinds import RAW_ANSWERS
from temu_assets.toci.problems import Finding
from temu_assets.toci.tables import raw_snapshots
from temu_assets.toci.writing import put


class DamagedFileError(InternalError):
    """A file of raw answers is gone, or is not what was written: nothing of it is taken in."""


class SnapshotKind(StrEnum):
    """What was asked for."""

    ORDERS = "orders"
    SKUS = "skus"


class Content(StrEnum):
    """Whether a file holds pages of a list, or details of single orders."""

    LISTING = "listing"
    DETAILS = "details"


@dataclass(frozen=True, slots=True)
class Record:
    """One answer: ``kind`` says which (order, shipping, amounts, invoice, sku), ``key`` whose, ``data`` what TEMU sent."""

    kind: str
    key: str
    fetched_at: datetime
    data: object


@dataclass(frozen=True, slots=True)
class SnapshotFile:
    """A file on disk. ``window_end`` (UTC): with this file the listing is complete up to then."""

    path: str
    kind: SnapshotKind
    content: Content
    records: int
    sha256: str
    written_at: datetime
    window_end: datetime | None = None


def write_snapshot(
    data_dir: Path,
    *,
    kind: SnapshotKind,
    content: Content,
    run_id: str,
    records: Iterable[Record],
    now: datetime,
    window_end: datetime | None = None,
) -> SnapshotFile:
    """Write one file of records below ``temu/api_responses``; raises ConfigurationError when the folder cannot be written."""
    folder = data_dir / TEMU_ANSWERS / f"{now:%Y/%m/%d}" / f"{now:%H%M%S}-{_short(run_id)}"
    try:
        number = sum(1 for _ in folder.glob(f"{kind.value}-{content.value}-*.jsonl.gz")) + 1
        final = folder / f"{kind.value}-{content.value}-{number:04d}.jsonl.gz"
        packed, count = pack(records)
        write_file(final, packed)
    except OSError as error:
        raise ConfigurationError(
            f"The answers of TEMU cannot be written below {data_dir} ({error.strerror}).",
            remedy="give the program write access and free space there, or set TEMU_DATA_DIR; nothing was lost, the next run asks again.",
        ) from None
    return SnapshotFile(final.relative_to(data_dir).as_posix(), kind, content, count, hashlib.sha256(packed).hexdigest(), now, window_end)


def read_snapshot(data_dir: Path, file: SnapshotFile) -> Iterator[Record]:
    """The records of a file, in order.

    Raises DamagedFileError when it is missing or not what was written, ConfigurationError when it cannot be read at all.
    """
    path = data_dir / file.path
    try:
        packed = path.read_bytes()
    except FileNotFoundError:
        raise DamagedFileError(f"The raw answers {file.path} are registered but gone.", remedy=_ASKED_AGAIN) from None
    except OSError as error:
        raise ConfigurationError(
            f"The raw answers {file.path} cannot be read ({error.strerror}).",
            remedy="let the program read its data folder (TEMU_DATA_DIR), and look whether its disk is damaged; the next run goes on here.",
        ) from None
    if hashlib.sha256(packed).hexdigest() != file.sha256:
        raise DamagedFileError(f"The raw answers {file.path} were changed after they were written.", remedy=_ASKED_AGAIN)
    yield from unpack(packed)


def register(connection: Connection, shop: str, file: SnapshotFile) -> None:
    """Make a file known to our database, not yet taken in."""
    put(
        connection,
        raw_snapshots,
        {
            "shop": shop,
            "path": file.path,
            "kind": file.kind.value,
            "content": file.content.value,
            "window_end": file.window_end,
            "records": file.records,
            "sha256": file.sha256,
            "written_at": file.written_at,
            "ingested_at": None,
        },
    )


def are_registered(connection: Connection, shop: str, files: Sequence[SnapshotFile]) -> bool:
    """Whether all of these files count as fetched still: one that is found damaged does not."""
    counts = [
        connection.execute(
            select(func.count()).select_from(raw_snapshots).where(raw_snapshots.c.shop == shop, raw_snapshots.c.path.in_(paths))
        ).scalar_one()
        for paths in in_chunks([file.path for file in files])
    ]
    return sum(counts) == len(files)


def not_ingested(connection: Connection, shop: str, kind: SnapshotKind) -> list[SnapshotFile]:
    """Files our tables have not taken in yet, oldest first."""
    rows = connection.execute(
        select(raw_snapshots)
        .where(raw_snapshots.c.shop == shop, raw_snapshots.c.kind == kind.value, raw_snapshots.c.ingested_at.is_(None))
        .order_by(raw_snapshots.c.written_at, raw_snapshots.c.path)
    )
    return [file_of(row) for row in rows]


def last_listing(connection: Connection, shop: str, kind: SnapshotKind) -> SnapshotFile | None:
    """The newest file with pages of a list, or None when there is none yet."""
    rows = connection.execute(
        select(raw_snapshots)
        .where(raw_snapshots.c.shop == shop, raw_snapshots.c.kind == kind.value, raw_snapshots.c.content == Content.LISTING.value)
        .order_by(raw_snapshots.c.written_at.desc(), raw_snapshots.c.path.desc())
        .limit(1)
    )
    return next(map(file_of, rows), None)


def is_listed_by(connection: Connection, shop: str, kind: SnapshotKind, run_id: str) -> bool:
    """Whether our tables hold what this run itself has listed, completely: then they are no older than the run.

    The newest file of a run tells: after a gap no later one says that the listing is complete.
    """
    newest = last_listing(connection, shop, kind)
    if newest is None or newest.window_end is None or f"-{_short(run_id)}/" not in newest.path:
        return False
    return newest not in not_ingested(connection, shop, kind)


def mark_ingested(connection: Connection, shop: str, file: SnapshotFile, *, now: datetime) -> None:
    """Our tables have taken the file in; in the same transaction as the rows."""
    connection.execute(update(raw_snapshots).where(raw_snapshots.c.shop == shop, raw_snapshots.c.path == file.path).values(ingested_at=now))


def set_aside(connection: Connection, shop: str, file: SnapshotFile, damage: DamagedFileError, *, now: datetime) -> None:
    """Count a damaged file as not fetched, and say so; what is left of it stays where it is, for a person to look at.

    Files that wait with it may not say "complete until" any more: what is missing now can lie before that.
    """
    mine = (raw_snapshots.c.shop == shop, raw_snapshots.c.kind == file.kind.value)
    connection.execute(delete(raw_snapshots).where(*mine, raw_snapshots.c.path == file.path))
    connection.execute(update(raw_snapshots).where(*mine, raw_snapshots.c.ingested_at.is_(None)).values(window_end=None))
    problems.report(connection, shop, RAW_ANSWERS, {file.path: Finding(damage.what, damage.remedy)}, now=now, complete=False)


def _short(run_id: str) -> str:
    return run_id[:8]


def file_of(row: Row[Any]) -> SnapshotFile:
    """The file a row of ``raw_snapshots`` stands for."""
    return SnapshotFile(row.path, SnapshotKind(row.kind), Content(row.content), row.records, row.sha256, row.written_at, row.window_end)


_ASKED_AGAIN = (
    "look whether the disk is damaged, or who changes files there. TEMU is asked again for what it held; only a backfill of more than "
    "7 days has to be repeated."
)


def pack(records: Iterable[Record]) -> tuple[bytes, int]:
    """The records as a file's content, and how many they are."""
    count = 0
    content = io.BytesIO()
    with gzip.GzipFile(fileobj=content, mode="wb", compresslevel=3, mtime=0) as packed:
        for record in records:
            # ASCII: a shop's text can end in half an emoji, which no encoding takes.
            line = json.dumps([record.kind, record.key, record.fetched_at.isoformat(), record.data])
            packed.write(line.encode("ascii") + b"\n")
            count += 1
    return content.getvalue(), count


def unpack(packed: bytes) -> Iterator[Record]:
    """The records of a file's content, in order. Raises OSError, EOFError, zlib.error or ValueError for what ``pack`` did not make."""
    for line in gzip.decompress(packed).splitlines():
        kind, key, fetched_at, data = json.loads(line)
        yield Record(kind, key, datetime.fromisoformat(fetched_at), data)
