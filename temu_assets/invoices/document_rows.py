"""The rows of invoices in our database: taken, waiting to be read, read."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, func, select, update

from temu_assets.invoices.judging import Judged, Status, issuer_key
from temu_assets.invoices.reading import Lane
from temu_assets.sql.chunks import in_chunks
from temu_assets.toci.tables import invoice_documents as table
from temu_assets.toci.writing import upsert

ID_LENGTH = 16
"""So many characters of its digest tell a document from every other."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """A file as it was dropped; ``archived_as`` is relative to the data folder."""

    sha256: str
    lane: Lane
    file_name: str
    archived_as: str
    size: int


@dataclass(frozen=True, slots=True)
class Unsettled:
    """A document a person has to look at: what is to be checked, or why it could not be read."""

    sha256: str
    file_name: str
    status: Status
    notes: tuple[str, ...]


def arrivals(connection: Connection, shop: str, digests: Sequence[str]) -> dict[str, Arrival]:
    """Those of these documents that were taken before, by digest."""
    found: dict[str, Arrival] = {}
    for chunk in in_chunks(digests):
        rows = connection.execute(select(table).where(table.c.shop == shop, table.c.sha256.in_(chunk)))
        found |= {row["sha256"]: _arrival(row) for row in rows.mappings()}
    return found


def take(connection: Connection, shop: str, arrived: Iterable[Arrival], *, now: datetime) -> None:
    """Write down documents that are to be read; one that is there already is read again, in the lane it has come in now."""
    rows = [
        {
            "shop": shop,
            "sha256": each.sha256,
            "lane": each.lane.value,
            "file_name": each.file_name,
            "archived_as": each.archived_as,
            "size": each.size,
            "taken_at": now,
            "read_at": None,
        }
        for each in arrived
    ]
    upsert(connection, table, rows)


def waiting(connection: Connection, shop: str, lane: Lane, again: Collection[str] = ()) -> list[Arrival]:
    """What is to be read in a lane, oldest first: what never was, and what a person wants read ``again`` (beginnings of digests)."""
    in_lane = select(table).where(table.c.shop == shop, table.c.lane == lane.value)
    found = [_arrival(row) for row in connection.execute(in_lane.where(table.c.read_at.is_(None)).order_by(table.c.taken_at)).mappings()]
    for chunk in in_chunks(sorted(again)):
        asked = func.substring(table.c.sha256, 1, ID_LENGTH).in_(chunk)
        found += [_arrival(row) for row in connection.execute(in_lane.where(asked, table.c.read_at.is_not(None))).mappings()]
    return found


def count_waiting(connection: Connection, shop: str) -> int:
    """How many documents were taken and not read yet."""
    return connection.execute(select(func.count()).select_from(table).where(table.c.shop == shop, table.c.read_at.is_(None))).scalar_one()


def save(connection: Connection, shop: str, judged: Sequence[tuple[str, Judged]], *, now: datetime) -> None:
    """Write what became of documents, by digest; who came with a number its issuer has used before is marked."""
    upsert(connection, table, [{"shop": shop, "sha256": digest, **_values(each, now)} for digest, each in judged], existing_only=True)
    numbers = {each.reading.number for _, each in judged if each.reading and each.reading.number}
    for first, later in _doubles(connection, shop, numbers):
        told = f"Rechnungsnummer {later['number']} dieses Ausstellers gibt es schon: "
        # Documents are read in any order: which of them came first may be known only now.
        others = [note for note in json.loads(later["notes"] or "[]") if not note.startswith(told)]
        notes = json.dumps([f"{told}{first['file_name']}.", *others], ensure_ascii=False)
        if notes != later["notes"]:
            connection.execute(
                update(table).where(table.c.shop == shop, table.c.sha256 == later["sha256"]).values(status=Status.CHECK.value, notes=notes)
            )


def _doubles(connection: Connection, shop: str, numbers: Collection[str]) -> list[tuple[RowMapping, RowMapping]]:
    """Documents whose number their issuer had given to another one before, each with the one that came first."""
    groups: dict[tuple[str, str], list[RowMapping]] = defaultdict(list)
    for chunk in in_chunks(sorted(numbers)):
        rows = connection.execute(
            select(table)
            .where(table.c.shop == shop, table.c.number.in_(chunk), table.c.read_at.is_not(None))
            .order_by(table.c.taken_at, table.c.sha256)
        )
        for row in rows.mappings():
            if key := issuer_key(row["issuer"], row["issuer_vat_id"]):
                groups[key, row["number"]].append(row)
    return [(first, later) for first, *others in groups.values() for later in others]


def unsettled(connection: Connection, shop: str, lane: Lane) -> list[Unsettled]:
    """Every document of a lane that is not ok."""
    is_not_ok = table.c.status.in_([Status.CHECK.value, Status.ERROR.value])
    rows = connection.execute(
        select(table.c.sha256, table.c.file_name, table.c.status, table.c.notes)
        .where(table.c.shop == shop, table.c.lane == lane.value, table.c.read_at.is_not(None), is_not_ok)
        .order_by(table.c.taken_at, table.c.sha256)
    )
    return [Unsettled(row.sha256, row.file_name, Status(row.status), tuple(json.loads(row.notes or "[]"))) for row in rows]


def all_of(connection: Connection, shop: str, lane: Lane) -> list[dict[str, Any]]:
    """Every document of a lane that was read, in the order they came."""
    rows = connection.execute(
        select(table)
        .where(table.c.shop == shop, table.c.lane == lane.value, table.c.read_at.is_not(None))
        .order_by(table.c.taken_at, table.c.file_name, table.c.sha256)
    )
    return [dict(row) for row in rows.mappings()]


def _arrival(row: RowMapping) -> Arrival:
    return Arrival(row["sha256"], Lane(row["lane"]), row["file_name"], row["archived_as"], row["size"])


def _values(judged: Judged, now: datetime) -> dict[str, object]:
    reading = judged.reading
    values: dict[str, object] = {
        "read_at": now,
        "status": judged.status.value,
        "notes": json.dumps([*judged.notes, *judged.hints], ensure_ascii=False),
        "pages": judged.pages,
        "net_cents": judged.net_cents,
        "tax_cents": judged.tax_cents,
        "gross_cents": judged.gross_cents,
        "tax_groups": json.dumps(judged.tax_groups),
        "places": json.dumps(judged.places, ensure_ascii=False),
        "order_refs": json.dumps(list(reading.order_refs if reading else ()), ensure_ascii=False),
        "kind": reading.kind.value if reading and reading.kind else None,
        "source": reading.source.value if reading else None,
    }
    for name in _TAKEN_OVER:
        values[name] = _fitting(name, getattr(reading, name) if reading else None)
    return values


_TAKEN_OVER = (
    "profile", "issuer", "issuer_vat_id", "buyer_vat_id", "number", "issued_on", "period_from", "period_to", "due_on", "country",
    "currency", "reverse_charge", "iban",
)  # fmt: skip


def _fitting(name: str, value: object) -> object:
    """Text cut to its column: an issuer of 300 letters is cut, and the document is still there."""
    length = getattr(table.c[name].type, "length", None)
    if not isinstance(value, str):
        return value
    plain = "".join(sign for sign in value if sign.isprintable())
    return plain[:length] if length else plain
