"""The predecessor's rows, a page at a time, with the columns that are there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlalchemy import ColumnClause, Connection, column, select, table

from temu_assets.adoption.values import Theirs
from temu_assets.toci.predecessor import columns_of

PAGE = 1000


def pages(connection: Connection, name: str, wanted: Sequence[str]) -> Iterator[list[Theirs]]:
    """All rows of one of their tables, in the order of their keys; one statement a page.

    No column has a type here, so values come as the driver gives them. ``wanted`` begins with the columns that may serve as key.
    """
    there = columns_of(connection, name)
    columns: dict[str, ColumnClause[object]] = {each: column(there[each]) for each in wanted if each in there}
    labelled = [each.label(label) for label, each in columns.items()]
    query = select(*labelled).select_from(table(name)).order_by(next(iter(columns.values()))).limit(PAGE)
    start = 0
    while True:
        page: list[Theirs] = [dict(row) for row in connection.execute(query.offset(start)).mappings()]
        if page:
            yield page
        if len(page) < PAGE:
            return
        start += PAGE
