"""Many rows at once through Microsoft's two drivers: one call, with the types told.

Left to themselves SQLAlchemy and pyodbc ask the server for the types, and the server knows none of a temporary table's: pyodbc then cuts
at 255 characters. mssql-python guesses from the values, and cannot from a column that is NULL throughout.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import BigInteger, Boolean, Date, DateTime, Engine, Integer, String, event
from sqlalchemy.types import TypeDecorator, TypeEngine

from temu_assets.texts import stored_length

_LONGEST_NVARCHAR = 4000


def set_up(engine: Engine) -> None:
    """Let this engine's ``executemany`` send arrays of values instead of INSERTs of up to 2,099 values each."""
    dialect: Any = engine.dialect
    dialect.use_insertmanyvalues_wo_returning = False
    event.listen(engine, "do_executemany", _tell_types)


def _tell_types(cursor: Any, statement: str, parameters: Sequence[Sequence[object]], context: Any) -> bool:
    """True when the rows were sent here; else SQLAlchemy goes on."""
    if context.compiled is None or not context.compiled.positiontup:
        return False
    odbc = context.dialect.loaded_dbapi
    kinds = [context.compiled.binds[name].type.dialect_impl(context.dialect) for name in context.compiled.positiontup]
    sizes = [_type_of(odbc, kind, (row[place] for row in parameters)) for place, kind in enumerate(kinds)]
    is_pyodbc = context.dialect.driver == "pyodbc"
    if not is_pyodbc and any(size > _LONGEST_NVARCHAR for _, size, _ in sizes):
        # mssql-python itself would send each row on its own then, and mistakes the types on the way.
        for row in parameters:
            cursor.execute(statement, row)
        return True
    # pyodbc sends NVARCHAR(MAX) piece by piece, and knows it by the size 0.
    cursor.setinputsizes([(kind, size if size <= _LONGEST_NVARCHAR else 0, digits) for kind, size, digits in sizes])
    return False


def _type_of(odbc: Any, kind: TypeEngine[Any], values: Iterable[object]) -> tuple[int, int, int]:
    """ODBC's type, size and digits of one column of parameters."""
    if isinstance(kind, TypeDecorator):
        kind = kind.impl_instance
    if isinstance(kind, BigInteger):
        return odbc.SQL_BIGINT, 19, 0
    if isinstance(kind, Boolean | Integer):  # SQLAlchemy gives 1 and 0 for a BIT
        return odbc.SQL_INTEGER, 10, 0
    if isinstance(kind, DateTime):
        return odbc.SQL_TYPE_TIMESTAMP, 26, 6
    if isinstance(kind, Date):
        return odbc.SQL_TYPE_DATE, 10, 0
    if not isinstance(kind, String):
        raise TypeError(f"no ODBC type is known for {kind!r}: add it here")
    return odbc.SQL_WVARCHAR, max((stored_length(value) for value in values if isinstance(value, str)), default=0) or 1, 0
