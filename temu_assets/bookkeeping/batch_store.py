"""DATEV files in our database: one row for each content that came, and what became of it."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, or_, select, update

from temu_assets.bookkeeping.document_store import cents, write_documents
from temu_assets.bookkeeping.findings import Document, Severity
from temu_assets.bookkeeping.results import Result, result_path
from temu_assets.bookkeeping.statuses import Status, status_of
from temu_assets.sql.chunks import in_chunks
from temu_assets.texts import cut
from temu_assets.toci.tables import datev_batches
from temu_assets.toci.writing import upsert


@dataclass(frozen=True, slots=True)
class Arrival:
    """A file that came: ``archived_as`` below the data folder; ``came_in`` the ZIP; ``refusal`` why it is not processed, or empty."""

    sha256: str
    file_name: str
    archived_as: str
    size: int
    came_in: str | None = None
    refusal: str = ""


@dataclass(frozen=True, slots=True)
class Batch:
    """A row of ``datev_batches``. ``outputs``: names of the files that are its own in the output folder, also while it is processed."""

    sha256: str
    file_name: str
    archived_as: str
    size: int
    came_in: str | None
    taken_at: datetime
    processed_at: datetime | None
    rules: str | None
    status: Status | None
    note: str
    outputs: tuple[str, ...]
    result_path: str | None
    reported_in: str | None


def known(connection: Connection, shop: str, digests: Collection[str]) -> dict[str, Batch]:
    """The rows of these contents, by digest."""
    found: dict[str, Batch] = {}
    for chunk in in_chunks(sorted(set(digests))):
        rows = connection.execute(select(datev_batches).where(datev_batches.c.shop == shop, datev_batches.c.sha256.in_(chunk)))
        found |= {row.sha256: _batch(row) for row in rows}
    return found


def take(connection: Connection, shop: str, arrivals: Iterable[Arrival], *, now: datetime) -> None:
    """Write down files that came, to be processed (again) or refused. What was written for them before stays theirs."""
    rows = [
        {
            "shop": shop,
            "sha256": each.sha256,
            "file_name": each.file_name,
            "archived_as": each.archived_as,
            "size": each.size,
            "came_in": each.came_in,
            "taken_at": now,
            "processed_at": now if each.refusal else None,
            "rules": None,
            "status": Status.REFUSED.value if each.refusal else None,
            "note": cut(each.refusal, 1000) or None,
            "reported_in": None,
        }
        for each in arrivals
    ]
    upsert(connection, datev_batches, rows)


def waiting(connection: Connection, shop: str) -> list[Batch]:
    """Files still to be processed, in the order they came."""
    return _batches(connection, shop, datev_batches.c.processed_at.is_(None))


def unreported(connection: Connection, shop: str) -> list[Batch]:
    """Processed and refused files no report tells of, in the order they came."""
    return _batches(connection, shop, datev_batches.c.processed_at.is_not(None), datev_batches.c.reported_in.is_(None))


def count_unfinished(connection: Connection, shop: str) -> int:
    """How many files were taken and are not processed yet, or not reported on."""
    is_open = or_(datev_batches.c.processed_at.is_(None), datev_batches.c.reported_in.is_(None))
    return connection.execute(select(func.count()).select_from(datev_batches).where(datev_batches.c.shop == shop, is_open)).scalar_one()


def names_of_others(connection: Connection, shop: str, digest: str) -> set[str]:
    """The names in the output folder that belong to other files than this one."""
    lists = connection.execute(
        select(datev_batches.c.outputs).where(
            datev_batches.c.shop == shop, datev_batches.c.sha256 != digest, datev_batches.c.outputs.is_not(None)
        )
    ).scalars()
    return {name for names in lists for name in json.loads(names or "[]")}


def reserve(connection: Connection, shop: str, digest: str, names: Sequence[str]) -> None:
    """Make names in the output folder a file's own, before anything is written under them."""
    connection.execute(
        update(datev_batches).where(datev_batches.c.shop == shop, datev_batches.c.sha256 == digest).values(outputs=_names(names))
    )


def refuse(connection: Connection, shop: str, digest: str, note: str, *, rules: str | None, now: datetime) -> None:
    """A file that cannot be processed, and why. Without ``rules`` the same content is taken again when it comes again."""
    nothing = dict.fromkeys(
        ("row_count", "change_count", "error_count", "warning_count", "not_found_count", "debit_cents", "credit_cents", "result_path")
    )
    _finish(connection, shop, digest, nothing | {"status": Status.REFUSED.value, "note": cut(note, 1000), "rules": rules}, (), now=now)


def finish(connection: Connection, shop: str, result: Result) -> None:
    """A processed file: its counts and sums, the names of what was written, and its documents."""
    processed = result.processed
    found = [finding.severity for finding in processed.findings]
    values = {
        "rules": result.rules,
        "status": status_of(processed).value,
        "note": cut(processed.withheld, 1000) or None,
        "row_count": processed.before.rows,
        "change_count": len(processed.changes),
        "error_count": found.count(Severity.ERROR),
        "warning_count": found.count(Severity.WARNING),
        "not_found_count": len(processed.not_found),
        "debit_cents": cents(processed.before.debit),
        "credit_cents": cents(processed.before.credit),
        "result_path": result_path(result.sha256),
        "outputs": _names([each.name for each in result.outputs]),
    }
    _finish(connection, shop, result.sha256, values, processed.documents, now=result.processed_at)


def report(connection: Connection, shop: str, digests: Sequence[str], report_name: str) -> None:
    """Note which report tells of these files."""
    for chunk in in_chunks(digests):
        connection.execute(
            update(datev_batches).where(datev_batches.c.shop == shop, datev_batches.c.sha256.in_(chunk)).values(reported_in=report_name)
        )


def doubt(connection: Connection, shop: str, digests: Sequence[str], note: str) -> None:
    """Files that are to be checked for what shows across files only, and why; they were ok or to be checked before."""
    for chunk in in_chunks(digests):
        connection.execute(
            update(datev_batches)
            .where(datev_batches.c.shop == shop, datev_batches.c.sha256.in_(chunk))
            .values(status=Status.CHECK.value, note=cut(note, 1000))
        )


def _finish(
    connection: Connection, shop: str, digest: str, values: Mapping[str, object], documents: Sequence[Document], *, now: datetime
) -> None:
    mine = (datev_batches.c.shop == shop, datev_batches.c.sha256 == digest)
    connection.execute(update(datev_batches).where(*mine).values(**values, processed_at=now, reported_in=None))
    write_documents(connection, shop, digest, documents)


def _names(names: Sequence[str]) -> str:
    return json.dumps(list(names), ensure_ascii=False)


def _batches(connection: Connection, shop: str, *conditions: Any) -> list[Batch]:
    rows = connection.execute(
        select(datev_batches)
        .where(datev_batches.c.shop == shop, *conditions)
        .order_by(datev_batches.c.taken_at, datev_batches.c.file_name, datev_batches.c.sha256)
    )
    return [_batch(row) for row in rows]


def _batch(row: Row[Any]) -> Batch:
    return Batch(
        sha256=row.sha256,
        file_name=row.file_name,
        archived_as=row.archived_as,
        size=row.size,
        came_in=row.came_in,
        taken_at=row.taken_at,
        processed_at=row.processed_at,
        rules=row.rules,
        status=None if row.status is None else Status(row.status),
        note=row.note or "",
        outputs=tuple(json.loads(row.outputs or "[]")),
        result_path=row.result_path,
        reported_in=row.reported_in,
    )
