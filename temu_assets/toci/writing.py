"""Set-based writing: stage the rows, then one UPDATE of what differs and one INSERT of what is new.

A constant number of statements whatever the number of rows. No MERGE (it is not safe under concurrency on SQL Server), no row by row.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import count

from sqlalchemy import Column, Connection, MetaData, String, Table, and_, exists, func, insert, or_, select, update
from sqlalchemy.sql.elements import ColumnElement
from sqlalchemy.types import TypeEngine

Row = Mapping[str, object]

_numbers = count(1)


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
    names = list(rows[0])
    keys = [column.name for column in table.primary_key]
    updated_names = [name for name in names if name not in keys and name not in insert_only]
    staged = _staging_table(connection, table, names)
    # No clean-up after a failure: the staging table goes with the transaction, and PostgreSQL would refuse it and hide the cause.
    staged.create(connection)
    connection.execute(insert(staged), [dict(row) for row in rows])
    same_key = and_(*(table.c[key] == staged.c[key] for key in keys))
    inserted = changed = 0
    if updated_names:
        differs = or_(*(_differs(table.c[name], staged.c[name]) for name in (compare or updated_names)))
        statement = update(table).where(same_key, differs).values({name: staged.c[name] for name in updated_names})
        changed = connection.execute(statement).rowcount
    if not existing_only:
        missing = select(*(staged.c[name] for name in names)).where(~exists().where(same_key))
        inserted = len(rows) - _count(connection, table, staged, same_key)
        connection.execute(insert(table).from_select(names, missing))
    staged.drop(connection)
    return Written(inserted, changed)


def _staging_table(connection: Connection, table: Table, names: Sequence[str]) -> Table:
    is_mssql = connection.dialect.name == "mssql"
    columns: list[Column[object]] = []
    for name in names:
        ours = table.c[name]
        staged_type = _in_our_collation(ours.type) if is_mssql else ours.type
        # The key refuses rows that repeat: which of them would win is undefined.
        columns.append(Column(name, staged_type, primary_key=ours.primary_key, autoincrement=False, nullable=not ours.primary_key))
    name = f"staged_{next(_numbers)}_{table.name}"
    if is_mssql:
        return Table(f"#{name}", MetaData(), *columns)
    return Table(name, MetaData(), *columns, prefixes=["TEMPORARY"])


def _in_our_collation(column_type: TypeEngine[object]) -> TypeEngine[object]:
    # A temporary table has tempdb's collation, and SQL Server refuses to compare text of two collations.
    return column_type.adapt(type(column_type), collation="database_default") if isinstance(column_type, String) else column_type


def _differs(ours: ColumnElement[object], staged: ColumnElement[object]) -> ColumnElement[bool]:
    # IS DISTINCT FROM, spelled so that SQL Server 2016 knows it too.
    return or_(ours != staged, and_(ours.is_(None), staged.is_not(None)), and_(ours.is_not(None), staged.is_(None)))


def _count(connection: Connection, table: Table, staged: Table, same_key: ColumnElement[bool]) -> int:
    return connection.execute(select(func.count()).select_from(staged.join(table, same_key))).scalar_one()
