"""TEMU's answers on disk, whose time is over or which are about one order: what is registered, and what a crash has left beside it.

A registered file is never changed: what shall be in it no longer is left out of a new file beside it, which takes over its row; then the
old one goes. Whenever that breaks off, every row stands for a file that is what the row says.
"""

from __future__ import annotations

import hashlib
import re
import zlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, delete, select, update

from temu_assets.durable import write_file
from temu_assets.errors import ConfigurationError
from temu_assets.privacy.rules import is_about, without
from temu_assets.snapshots import Record, SnapshotFile, SnapshotKind, file_of, last_listing, pack, unpack
from temu_assets.sql.chunks import in_chunks
from temu_assets.toci.tables import raw_snapshots

_NAME = re.compile(r"(?P<stem>[a-z]+-[a-z]+-\d+)(-[0-9a-f]{8})?\.jsonl\.gz")
_DAMAGED = (OSError, EOFError, zlib.error, ValueError, TypeError)


def taken_in(connection: Connection, shop: str, *, before: datetime | None = None, limit: int | None = None) -> list[SnapshotFile]:
    """Files our tables have taken in, oldest first: all, or those written ``before``. The newest listing of each kind then stays."""
    newest = [last_listing(connection, shop, kind) for kind in SnapshotKind] if before is not None else []
    query = select(raw_snapshots).where(
        raw_snapshots.c.shop == shop,
        raw_snapshots.c.ingested_at.is_not(None),
        raw_snapshots.c.path.not_in([file.path for file in newest if file is not None]),
        *([] if before is None else [raw_snapshots.c.written_at < before]),
    )
    return [file_of(row) for row in connection.execute(query.order_by(raw_snapshots.c.written_at, raw_snapshots.c.path).limit(limit))]


def registered_paths(connection: Connection) -> set[str]:
    """Every file that is registered, of whatever shop."""
    return set(connection.execute(select(raw_snapshots.c.path)).scalars())


def unregister(connection: Connection, shop: str, paths: Sequence[str]) -> None:
    """Remove the rows of files that are gone."""
    for chunk in in_chunks(list(paths)):
        connection.execute(delete(raw_snapshots).where(raw_snapshots.c.shop == shop, raw_snapshots.c.path.in_(chunk)))


def write_without(data_dir: Path, file: SnapshotFile, order_id: str) -> SnapshotFile | None:
    """The same answers without those about the order, as a new file beside the old one; None for a damaged file."""
    path = data_dir / file.path
    records = _read(path)
    if records is None:
        return None
    packed, count = pack(without(records, order_id))
    digest = hashlib.sha256(packed).hexdigest()
    named = _NAME.fullmatch(path.name)
    stem = named["stem"] if named else path.name
    # Named after its content: done again after a crash it is the same file.
    new = path.with_name(f"{stem}-{digest[:8]}.jsonl.gz")
    try:
        write_file(new, packed)
    except OSError as error:
        raise ConfigurationError(
            f"The answers {file.path} cannot be written anew without the order ({error.strerror}).",
            remedy="give the program write access and free space there, then run this again: it goes on where it stopped.",
        ) from None
    return replace(file, path=new.relative_to(data_dir).as_posix(), records=count, sha256=digest)


def take_over(connection: Connection, shop: str, old: SnapshotFile, new: SnapshotFile) -> None:
    """Let the row of a file stand for the one that replaces it."""
    connection.execute(
        update(raw_snapshots)
        .where(raw_snapshots.c.shop == shop, raw_snapshots.c.path == old.path)
        .values(path=new.path, records=new.records, sha256=new.sha256)
    )


def may_hold_order(path: Path, order_id: str) -> bool:
    """Whether a file has answers about the order, or is damaged, so that nobody can tell."""
    records = _read(path)
    return records is None or any(is_about(record, order_id) for record in records)


def _read(path: Path) -> list[Record] | None:
    """The answers in a file; None when it is damaged. Raises ConfigurationError when it cannot be read at all."""
    try:
        packed = path.read_bytes()
    except OSError as error:
        raise ConfigurationError(
            f"The file {path} cannot be read ({error.strerror}), so nobody can tell whose data are in it.",
            remedy="let the program read it, then run this again.",
        ) from None
    try:
        return list(unpack(packed))
    except _DAMAGED:
        return None
