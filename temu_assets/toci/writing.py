"""Set-based writing: stage the rows, then one UPDATE of what differs and one INSERT of what is new.

At most six statements whatever the number of rows: CREATE and fill the staging table, one SELECT that counts what is there and what
differs, UPDATE, INSERT, DROP. No MERGE (it is not safe under concurrency on SQL Server), no row by row, and no row counts of the driver:
SQL Server's sessions run without them (``SET NOCOUNT ON``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from sqlalchemy import (
    Column,
    Connection,
    Dialect,
    Insert,
    Select,
    Table,
    TextClause,
    Update,
    and_,
    case,
    exists,
    false,
    func,
    insert,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.schema import CreateTable, DropTable
from sqlalchemy.sql.elements import ColumnElement

from temu_assets.sql.servers import named

Row = Mapping[str, object]

_KINDS_OF_WRITING = 64
"""Tables times sets of columns that are written, with room to spare."""


@dataclass(frozen=True, slots=True)
class Written:
    """How many rows were new and how many differed from what was there."""

    inserted: int
    updated: int


def upsert(
    connection: Connection,
    table: Table,
    rows: Sequence[Row],
    *,
    insert_only: Sequence[str] = (),
    compare: Sequence[str] | None = None,
    existing_only: bool = False,
) -> Written:
    """Write rows by primary key, inside the caller's transaction.

    All rows carry the same columns; keys that repeat raise IntegrityError. ``insert_only`` columns are set for new rows and left alone
    otherwise; ``compare`` names the columns whose difference makes an existing row be written (default: all that are updated). With
    ``existing_only`` a row that is not there yet is left out.
    """
    if not rows:
        return Written(0, 0)
    do = _statements(connection.dialect, table, tuple(rows[0]), tuple(insert_only), None if compare is None else tuple(compare))
    # No clean-up after a failure: the staging table goes with the transaction, and PostgreSQL would refuse it and hide the cause.
    connection.execute(do.create)
    connection.execute(do.fill, rows)
    present, changed = connection.execute(do.count).one()
    if changed:
        connection.execute(do.change)
    inserted = 0 if existing_only else len(rows) - present
    if inserted:
        connection.execute(do.add)
    connection.execute(do.drop)
    return Written(inserted, changed)


def put(connection: Connection, table: Table, row: Row) -> None:
    """Write one row by primary key, inside the caller's transaction: two statements."""
    keys = [column.name for column in table.primary_key]
    same_key = and_(*(table.c[key] == row[key] for key in keys))
    if connection.execute(select(table.c[keys[0]]).where(same_key)).one_or_none() is None:
        connection.execute(insert(table).values(dict(row)))
    else:
        connection.execute(update(table).where(same_key).values({name: value for name, value in row.items() if name not in keys}))


@dataclass(frozen=True, slots=True)
class _Statements:
    """What one kind of writing sends, in this order."""

    create: TextClause
    fill: Insert
    count: Select[int, int]
    change: Update
    add: Insert
    drop: TextClause


@lru_cache(maxsize=_KINDS_OF_WRITING)
def _statements(
    dialect: Dialect, table: Table, names: tuple[str, ...], insert_only: tuple[str, ...], compare: tuple[str, ...] | None
) -> _Statements:
    """Made once for each kind of writing: SQLAlchemy takes longer over a statement it has not seen than a database over its rows."""
    keys = [column.name for column in table.primary_key]
    updated_names = [name for name in names if name not in keys and name not in insert_only]
    staged = _staging_table(dialect, table, names)
    same_key = and_(*(table.c[key] == staged.c[key] for key in keys))
    differs = or_(false(), *(_differs(table.c[name], staged.c[name]) for name in (compare or updated_names)))
    missing = select(*(staged.c[name] for name in names)).where(~exists().where(same_key))
    return _Statements(
        create=text(str(CreateTable(staged).compile(dialect=dialect))),
        fill=insert(staged),
        count=select(func.count(), func.count(case((differs, 1)))).select_from(staged.join(table, same_key)),
        change=update(table).where(same_key, differs).values({name: staged.c[name] for name in updated_names}),
        add=insert(table).from_select(names, missing),
        drop=text(str(DropTable(staged).compile(dialect=dialect))),
    )


def _staging_table(dialect: Dialect, table: Table, names: Sequence[str]) -> Table:
    # The key refuses rows that repeat: which of them would win is undefined.
    columns: list[Column[object]] = [
        Column(name, ours.type, primary_key=ours.primary_key, autoincrement=False, nullable=not ours.primary_key)
        for name in names
        for ours in (table.c[name],)
    ]
    return named(dialect.name).staging_table(f"staged_{table.name}", columns)


def _differs(ours: ColumnElement[object], staged: ColumnElement[object]) -> ColumnElement[bool]:
    # IS DISTINCT FROM, spelled so that SQL Server 2016 knows it too.
    return or_(ours != staged, and_(ours.is_(None), staged.is_not(None)), and_(ours.is_not(None), staged.is_(None)))
