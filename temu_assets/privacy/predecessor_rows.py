"""Buyers in the predecessor's tables, which ``temu-assets adopt`` has moved aside. Rows and keys stay: its report can be repeated."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, TableClause, column, or_, select, table, update

from temu_assets.toci.predecessor import columns_of, tables_aside

_WITH_BUYERS = {
    "temu_orders": (
        "name_empfaenger", "vorname_empfaenger", "nachname_empfaenger", "telefon_empfaenger", "email", "strasse", "adresszusatz", "plz",
        "ort", "bundesland",
    ),
    "temu_xml_export": ("xml_content",),
    "scheduler_logs": ("message",),
}  # fmt: skip
"""Their tables with buyers' data, and the columns it is in."""

_KEYS = ("id", "bestell_id")


@dataclass(frozen=True, slots=True)
class Aside:
    """One of their tables with buyers' data, as it is called now, and the columns of it that matter, as far as it has them."""

    rows: TableClause
    texts: tuple[ColumnElement[str], ...]
    row: ColumnElement[object] | None
    order: ColumnElement[str] | None

    @property
    def name(self) -> str:
        """What it is called now."""
        return self.rows.name

    def of_order(self, order_id: str) -> ColumnElement[bool]:
        """The rows of one order: by its number, and where the table has none by what they say."""
        if self.order is not None:
            return self.order == order_id
        return or_(*(text.contains(order_id, autoescape=True) for text in self.texts))

    @property
    def is_filled(self) -> ColumnElement[bool]:
        """The rows that still say something."""
        return or_(*(text != "" for text in self.texts))


def tables_with_buyers(connection: Connection) -> list[Aside]:
    """Those of their tables that lie aside in this database."""
    found = []
    for name, spelled in sorted(tables_aside(connection).items()):
        there = columns_of(connection, spelled)
        texts = [each for each in _WITH_BUYERS.get(name, ()) if each in there]
        if texts:
            aside = table(spelled, *(column(there[each]) for each in (*texts, *_KEYS) if each in there))
            row, order = (aside.c[there[each]] if each in there else None for each in _KEYS)
            found.append(Aside(aside, tuple(aside.c[there[each]] for each in texts), row, order))
    return found


def count_of(connection: Connection, aside: Aside, order_id: str) -> int:
    """How many rows of one order still say something."""
    which = select(aside.texts[0]).select_from(aside.rows).where(aside.of_order(order_id), aside.is_filled)
    return len(connection.execute(which).all())


def empty_of(connection: Connection, aside: Aside, order_id: str) -> None:
    """Empty the rows of one order."""
    _empty(connection, aside, aside.of_order(order_id))


def filled_rows(connection: Connection, aside: Aside, limit: int) -> list[object]:
    """The keys of rows that still say something; without a key of their own there is one piece: all of them."""
    key = aside.row if aside.row is not None else aside.texts[0]
    found = connection.execute(select(key).select_from(aside.rows).where(aside.is_filled).limit(limit)).scalars().all()
    return list(found) if aside.row is not None or not found else [None]


def empty_rows(connection: Connection, aside: Aside, rows: Sequence[object]) -> None:
    """Empty the rows with these keys."""
    _empty(connection, aside, aside.is_filled if aside.row is None else aside.row.in_(rows))


def _empty(connection: Connection, aside: Aside, which: ColumnElement[bool]) -> None:
    # Empty and not NULL: a column of theirs may not take that.
    connection.execute(update(aside.rows).where(which).values(dict.fromkeys(aside.texts, "")))
