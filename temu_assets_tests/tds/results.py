"""A result of PostgreSQL's with the names and types a client of SQL Server expects."""

from __future__ import annotations

from psycopg.pq.abc import PGresult

from temu_assets_tests.tds.catalog import Catalog, ColumnShape
from temu_assets_tests.tds.postgres import rows_of
from temu_assets_tests.tds.sqltypes import SqlType, fitted
from temu_assets_tests.tds.tokens import Column

_TYPES = {
    16: SqlType("bit"), 17: SqlType("varbinary"), 20: SqlType("bigint"), 21: SqlType("smallint"), 23: SqlType("int"), 26: SqlType("bigint"),
    700: SqlType("real"), 701: SqlType("float"), 1082: SqlType("date"), 1083: SqlType("time", scale=7), 1114: SqlType("datetime2", scale=7),
    1184: SqlType("datetimeoffset", scale=7), 1700: SqlType("numeric"), 2950: SqlType("uniqueidentifier"),
}  # fmt: skip
_NUMERIC, _TIMESTAMP, _TIME = 1700, 1114, 1083
_HEADER = 4
"""What a type's modifier is too big by."""

Rows = list[list[str | None]]


def columns_of(result: PGresult, catalog: Catalog, names: tuple[str, ...] | None, flag_oid: int) -> tuple[list[Column], Rows]:
    """The columns of a result, and its rows as text."""
    rows = rows_of(result)
    columns = []
    for index in range(result.nfields):
        shape = _origin(result, index, catalog)
        kind = shape.type if shape and shape.type else _type(result, index, flag_oid)
        name = names[index] if names is not None and index < len(names) else _name(result, index, shape)
        kind = fitted(kind, [row[index] for row in rows])
        is_nullable = shape is None or shape.is_nullable or any(row[index] is None for row in rows)
        columns.append(Column(name, kind, is_nullable, bool(shape and shape.identity)))
    return columns, rows


def _name(result: PGresult, index: int, shape: ColumnShape | None) -> str:
    return shape.name if shape else (result.fname(index) or b"").decode()


def _origin(result: PGresult, index: int, catalog: Catalog) -> ColumnShape | None:
    table, number = result.ftable(index), result.ftablecol(index)
    if not table or not number:
        return None
    return next((column for column in catalog.by_oid(table).columns.values() if column.number == number), None)


def _type(result: PGresult, index: int, flag_oid: int) -> SqlType:
    oid, modifier = result.ftype(index), result.fmod(index)
    if oid == flag_oid:
        return SqlType("bit")
    if oid == _NUMERIC and modifier >= _HEADER:
        return SqlType("numeric", precision=(modifier - _HEADER) >> 16, scale=(modifier - _HEADER) & 0xFFFF)
    if oid in {_TIMESTAMP, _TIME} and modifier >= 0:
        return SqlType(_TYPES[oid].name, scale=modifier)
    return _TYPES.get(oid, SqlType("nvarchar"))
