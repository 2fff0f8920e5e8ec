"""The documents (invoices, credit notes) DATEV files hold, in our database, so that they can be looked for across files."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from sqlalchemy import Connection, delete, insert, or_, select

from temu_assets.bookkeeping.cross_checks import BatchDocument
from temu_assets.bookkeeping.findings import Document
from temu_assets.bookkeeping.statuses import Status
from temu_assets.sql.chunks import in_chunks
from temu_assets.texts import cut
from temu_assets.toci.tables import datev_batches, datev_documents

_MOST_CENTS = 10**17
"""Beyond any amount DATEV takes (twelve digits); what a mistyped file adds up to has to fit a column all the same."""
_HANDED_ON = or_(datev_batches.c.status.is_(None), datev_batches.c.status != Status.WITHHELD.value)
"""A file that is withheld has left nothing behind, so what it says does not count."""


def write_documents(connection: Connection, shop: str, digest: str, documents: Sequence[Document]) -> None:
    """Replace the documents of a file, inside the caller's transaction."""
    connection.execute(delete(datev_documents).where(datev_documents.c.shop == shop, datev_documents.c.sha256 == digest))
    rows = _document_rows(shop, digest, documents)
    if rows:
        connection.execute(insert(datev_documents), rows)


def documents_of(connection: Connection, shop: str, digests: Sequence[str]) -> list[BatchDocument]:
    """The documents of these files, in the order the files came and the documents stand in them."""
    found = [each for chunk in in_chunks(digests) for each in _documents(connection, shop, datev_documents.c.sha256.in_(chunk))]
    return sorted(found, key=lambda each: (each.taken_at, each.sha256, each.document.first_line))


def documents_elsewhere(connection: Connection, shop: str, digests: Sequence[str]) -> list[BatchDocument]:
    """Documents of other files, handed on, that have the number or the order of a document of these files."""
    mine = datev_documents.alias("mine")
    found: dict[tuple[str, str, str, str], BatchDocument] = {}
    for chunk in in_chunks(digests):
        for name in ("document_number", "order_number"):
            # A join of the table with itself takes SQLite the square of the rows: for want of a better index it goes by the files.
            told = select(mine.c[name]).where(mine.c.shop == shop, mine.c.sha256.in_(chunk), mine.c[name] != "")
            shared = (datev_documents.c[name].in_(told), datev_documents.c.sha256.not_in(chunk))
            for each in _documents(connection, shop, *shared, _HANDED_ON):
                key = (each.sha256, each.document.number, each.document.order_number, each.document.side)
                found[key] = each
    among = set(digests)
    return [each for each in found.values() if each.sha256 not in among]


def numbers_handed_on(connection: Connection, shop: str, numbers: Collection[str]) -> set[str]:
    """Which of these document numbers are in whatever file that was handed on."""
    return {
        each.document.number
        for chunk in in_chunks(sorted(numbers))
        for each in _documents(connection, shop, datev_documents.c.document_number.in_(chunk), _HANDED_ON)
    }


def cents(amount: Decimal) -> int:
    """An amount in cents; one beyond anything DATEV takes, which is an error of its own, as the largest the column holds."""
    if not amount.is_finite() or abs(amount) >= _MOST_CENTS // 100:
        return -_MOST_CENTS if amount.is_signed() else _MOST_CENTS
    return int((amount * 100).quantize(Decimal(1), ROUND_HALF_UP))


def _document_rows(shop: str, digest: str, documents: Sequence[Document]) -> list[dict[str, object]]:
    """One row for each key as the columns hold it: what is too long for a number is cut, and blanks at the end do not count."""
    rows: dict[tuple[str, str, str], dict[str, Any]] = {}
    for each in documents:
        key = (_key(each.number), _key(each.order_number), cut(each.side, 1))
        row = rows.get(key)
        if row is not None:
            row["amount_cents"] += cents(each.amount)
            row["first_line"] = min(row["first_line"], each.first_line)
            continue
        rows[key] = {
            "shop": shop,
            "sha256": digest,
            "document_number": key[0],
            "order_number": key[1],
            "kind": key[2],
            "marketplace": cut(each.marketplace, 20),
            "amount_cents": cents(each.amount),
            "first_line": each.first_line,
        }
    return list(rows.values())


def _key(number: str) -> str:
    return cut(number, 60).rstrip()


def _documents(connection: Connection, shop: str, *conditions: Any) -> list[BatchDocument]:
    same_batch = (datev_batches.c.shop == datev_documents.c.shop) & (datev_batches.c.sha256 == datev_documents.c.sha256)
    rows = connection.execute(
        select(datev_documents, datev_batches.c.file_name, datev_batches.c.taken_at)
        .select_from(datev_documents.join(datev_batches, same_batch))
        .where(datev_documents.c.shop == shop, *conditions)
        .distinct()
    )
    return [
        BatchDocument(
            row.sha256,
            row.file_name,
            row.taken_at,
            Document(
                number=row.document_number,
                order_number=row.order_number,
                side=row.kind,
                marketplace=row.marketplace,
                amount=Decimal(row.amount_cents) / 100,
                first_line=row.first_line,
            ),
        )
        for row in rows
    ]
