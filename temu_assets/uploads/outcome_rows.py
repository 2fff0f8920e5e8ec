"""What our database says about files that were dropped: the newest ones, and those with a given content."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection
from typing import Any

from sqlalchemy import Connection, Table, select
from sqlalchemy import Row as SqlRow

from temu_assets.sql.chunks import in_chunks
from temu_assets.toci.tables import datev_batches, invoice_documents
from temu_assets.uploads.lanes import LaneName
from temu_assets.uploads.outcomes import MOST_SHOWN, Row, State


def read_rows(connection: Connection, shop: str, digests: Collection[str]) -> list[Row]:
    """The newest invoices and DATEV files of the shop, and those with these digests besides."""
    found = _rows(connection, shop, digests, invoice_documents, _invoice)
    return found + _rows(connection, shop, digests, datev_batches, _batch)


def _rows(connection: Connection, shop: str, digests: Collection[str], table: Table, row_of: Callable[[SqlRow[Any]], Row]) -> list[Row]:
    of_shop = select(table).where(table.c.shop == shop)
    newest = connection.execute(of_shop.order_by(table.c.taken_at.desc(), table.c.sha256).limit(MOST_SHOWN))
    found = {row.sha256: row_of(row) for row in newest}
    for chunk in in_chunks(sorted(set(digests) - set(found))):
        found |= {row.sha256: row_of(row) for row in connection.execute(of_shop.where(table.c.sha256.in_(chunk)))}
    return list(found.values())


def _invoice(row: SqlRow[Any]) -> Row:
    amount = None if row.gross_cents is None else f"{_german(row.gross_cents)} {row.currency or ''}".strip()
    number = f"Nr. {row.number}" if row.number else None
    return Row(
        lane=LaneName(row.lane),
        digest=row.sha256,
        name=row.file_name,
        came_in="",
        taken_at=row.taken_at,
        done_at=row.read_at,
        state=State(row.status) if row.status else None,
        reason=" ".join(json.loads(row.notes or "[]")),
        detail=_joined(row.kind, row.issuer, number, amount),
    )


def _batch(row: SqlRow[Any]) -> Row:
    counts = [(row.error_count, "Fehler", "Fehler"), (row.warning_count, "Warnung", "Warnungen"),
              (row.not_found_count, "Bestellnummer nicht gefunden", "Bestellnummern nicht gefunden")]  # fmt: skip
    found = ", ".join(f"{count} {one if count == 1 else many}" for count, one, many in counts if count)
    bookings = None if row.row_count is None else f"{row.row_count} {'Buchung' if row.row_count == 1 else 'Buchungen'}"
    changes = f"{row.change_count} geändert" if row.change_count else None
    return Row(
        lane=LaneName.DATEV,
        digest=row.sha256,
        name=row.file_name,
        came_in=row.came_in or "",
        taken_at=row.taken_at,
        done_at=row.processed_at,
        state=State(row.status) if row.status else None,
        reason=" ".join(each for each in (row.note, f"{found}." if found else "") if each),
        detail=_joined(bookings, changes, f"Bericht {row.reported_in}" if row.reported_in else None),
    )


def _joined(*parts: str | None) -> str:
    return " · ".join(part for part in parts if part)


def _german(cents: int) -> str:
    whole, rest = divmod(abs(cents), 100)
    return f"{'-' if cents < 0 else ''}{whole:,}".replace(",", ".") + f",{rest:02}"
