"""What the UI shows as wrong with DATEV files. None of it stops a later stage.

Looked at are the files of the last days in which files came: counted back from the newest, so that what is wrong stays red until newer
files have come for two weeks. A file no longer counts once a later one replaces it: one under its name, one that came in a ZIP of its
name, or one with at least half of its documents, which is how a corrected export looks.

What asks our database is loaded when a check runs.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import dagster as dg

from temu_assets.bookkeeping.statuses import Status
from temu_assets.problem_checks import Watch, Wrong, checks_of

if TYPE_CHECKING:
    from sqlalchemy import Connection, Row

    from temu_assets.bookkeeping.cross_checks import BatchDocument

ERROR = dg.AssetCheckSeverity.ERROR
LOOKED_BACK = timedelta(days=14)
_REPORT = "Details: the newest auswertung_*.xlsx in data/csv_verarbeiter/reports."


def refused_files(connection: Connection, shop: str) -> list[Wrong]:
    """Files of which nothing could be processed."""
    return [
        _wrong(row, f"The file is refused: {row.note}", "Correct it and drop it again under the same name.")
        for row in _current(connection, shop, lambda row: row.status == Status.REFUSED)
    ]


def withheld_files(connection: Connection, shop: str) -> list[Wrong]:
    """Files that are read but not handed on."""
    return [
        _wrong(row, f"The file is withheld: {row.note}", f"Complete the accounts in JTL2DATEV, export and drop it again. {_REPORT}")
        for row in _current(connection, shop, lambda row: row.status == Status.WITHHELD)
    ]


def files_with_errors(connection: Connection, shop: str) -> list[Wrong]:
    """Files that hold what DATEV refuses, or what makes the books wrong."""
    return [
        _wrong(row, f"The file has {row.error_count} errors.", f"Correct them in JTL, export and drop it again. {_REPORT}")
        for row in _current(connection, shop, lambda row: bool(row.error_count))
    ]


def unknown_orders(connection: Connection, shop: str) -> list[Wrong]:
    """Files with order numbers that were to be replaced and for which JTL has nothing."""
    return [
        _wrong(
            row,
            f"{row.not_found_count} order numbers have no single customer in JTL and were left as they are.",
            f"Look for them in JTL: missing, in two orders, or without a customer number. Then drop the file again. {_REPORT}",
        )
        for row in _current(connection, shop, lambda row: bool(row.not_found_count))
    ]


def doubled_documents(connection: Connection, shop: str) -> list[Wrong]:
    """Documents that stand in two files that were handed on. Files of one name replace each other, and are not held against another."""
    files: defaultdict[tuple[str, str], dict[str, BatchDocument]] = defaultdict(dict)
    for each in _documents(connection, shop):
        files[each.document.number, each.document.side].setdefault(each.file.casefold(), each)
    return [
        Wrong(
            number,
            "The document stands in two DATEV files, and would be booked twice.",
            f"Hand on one of {' and '.join(sorted(each.file for each in found.values()))}.",
            f"{max(each.taken_at for each in found.values()):%Y-%m-%d %H:%M}",
        )
        for (number, _), found in sorted(files.items())
        if number and len(found) > 1
    ]


def second_invoices(connection: Connection, shop: str) -> list[Wrong]:
    """TEMU orders with more invoices than credit notes take back."""
    from temu_assets.bookkeeping.cross_checks import DEBIT, TEMU, open_invoices

    by_order: defaultdict[str, list[BatchDocument]] = defaultdict(list)
    for each in _documents(connection, shop):
        by_order[each.document.order_number].append(each)
    return [
        Wrong(
            order,
            "The TEMU order has more than one invoice. TEMU issues it in the seller's name; a second one owes the VAT twice.",
            f"Cancel all but one of {', '.join(sorted({each.document.number for each in found if each.document.side == DEBIT}))}, "
            "unless they are invoices for parts of the order.",
            f"{max(each.taken_at for each in found):%Y-%m-%d %H:%M}",
        )
        for order, found in sorted(by_order.items())
        if order and any(each.document.marketplace == TEMU for each in found) and open_invoices(each.document for each in found) > 1
    ]


BOOKKEEPING_CHECKS = [
    checks_of(
        "datev_processed",
        Watch(
            "every_datev_file_was_read",
            "Every file that was dropped is a DATEV file, or a ZIP of such. One that is not was put into the archive and nothing else.",
            refused_files,
            ERROR,
        ),
        Watch(
            "no_file_is_withheld",
            "No file lacks accounts. One that does is not handed on (DATEV_CRITICAL_FILES): DATEV would book it to nowhere.",
            withheld_files,
            ERROR,
        ),
        Watch(
            "no_datev_errors",
            "No file holds what DATEV refuses or what makes the books wrong. Files with errors are handed on as they are.",
            files_with_errors,
        ),
        Watch(
            "every_order_number_is_known_to_jtl",
            "JTL has one customer for every order number that was to be replaced (K1). Others are left as they are.",
            unknown_orders,
        ),
    ),
    checks_of(
        "datev_report",
        Watch(
            "no_document_is_in_two_files",
            "No invoice and no credit note stands in two files that are handed on.",
            doubled_documents,
            ERROR,
        ),
        Watch(
            "no_second_invoice_for_a_temu_order",
            "No TEMU order has two invoices. TEMU issues the buyer's invoice; if the seller issues another, VAT is owed twice.",
            second_invoices,
            ERROR,
        ),
    ),
]


def _wrong(row: Row[Any], what: str, remedy: str) -> Wrong:
    return Wrong(row.file_name, what, remedy, f"{row.taken_at:%Y-%m-%d %H:%M}")


def _current(connection: Connection, shop: str, is_wrong: Callable[[Row[Any]], bool]) -> list[Row[Any]]:
    """Recent files of this kind that no later one replaces, oldest first."""
    recent = _recent(connection, shop)
    return [row for row in recent if is_wrong(row) and not _is_replaced(connection, shop, row, recent)]


def _documents(connection: Connection, shop: str) -> list[BatchDocument]:
    """The documents of recent files that were handed on, and those of older files that share a number or an order with them."""
    from temu_assets.bookkeeping import document_store

    digests = [row.sha256 for row in _recent(connection, shop) if row.status in (Status.OK, Status.CHECK)]
    return [
        *document_store.documents_of(connection, shop, digests),
        *document_store.documents_elsewhere(connection, shop, digests),
    ]


def _recent(connection: Connection, shop: str) -> list[Row[Any]]:
    from sqlalchemy import func, select

    from temu_assets.toci.tables import datev_batches

    newest = select(func.max(datev_batches.c.taken_at)).where(datev_batches.c.shop == shop)
    since = connection.execute(newest).scalar_one_or_none()
    if since is None:
        return []
    return list(
        connection.execute(
            select(datev_batches)
            .where(datev_batches.c.shop == shop, datev_batches.c.taken_at >= since - LOOKED_BACK)
            .order_by(datev_batches.c.taken_at, datev_batches.c.sha256)
        )
    )


def _is_replaced(connection: Connection, shop: str, row: Row[Any], recent: Iterable[Row[Any]]) -> bool:
    name = row.file_name.casefold()
    later = [each for each in recent if each.taken_at > row.taken_at and each.status != Status.REFUSED]
    if any(name in (each.file_name.casefold(), (each.came_in or "").casefold()) for each in later):
        return True
    from sqlalchemy import distinct, func, select

    from temu_assets.toci.tables import datev_documents

    mine, theirs = datev_documents.alias("mine"), datev_documents.alias("theirs")
    of_mine = (mine.c.shop == shop) & (mine.c.sha256 == row.sha256)
    total = connection.execute(select(func.count()).select_from(mine).where(of_mine)).scalar_one()
    if not total or not later:
        return False
    same = (theirs.c.shop == shop) & (theirs.c.document_number == mine.c.document_number) & (theirs.c.kind == mine.c.kind)
    again = connection.execute(
        select(theirs.c.sha256, func.count(distinct(mine.c.document_number)))
        .select_from(mine.join(theirs, same))
        .where(of_mine, mine.c.document_number != "", theirs.c.sha256.in_([each.sha256 for each in later][:1000]))
        .group_by(theirs.c.sha256)
    ).all()
    return any(count * 2 >= total for _, count in again)
