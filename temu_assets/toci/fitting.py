"""Whether a row fits its table, asked before it is written: one server would cut a text that is too long, one refuse it, one keep it.

What comes from outside is asked here, so that the one order or SKU that does not fit is set aside with the column's name and the others go
on. Lengths count as SQL Server counts them: an emoji is two.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sqlalchemy import BigInteger, Column, Integer, Table, Unicode, UnicodeText

from temu_assets.errors import RecordError
from temu_assets.texts import stored_length

_SMALLEST, _LARGEST = {32: -(2**31), 64: -(2**63)}, {32: 2**31 - 1, 64: 2**63 - 1}


def misfit(table: Table, row: Mapping[str, object]) -> str | None:
    """The first column whose value does not fit, in words without the value; None when the row fits."""
    for name, value in row.items():
        column = table.c[name]
        wrong = _missing(column) if value is None else _wrong(column, value)
        if wrong:
            return f"column {name} of {table.name} {wrong}"
    return None


def require_fit(name: str, table: Table, rows: Iterable[Mapping[str, object]], *, remedy: str) -> None:
    """Raises RecordError, which names the thing (``Order PO-...``) and the column, when one of its rows does not fit."""
    for row in rows:
        if (wrong := misfit(table, row)) is not None:
            raise RecordError(f"{name} cannot be stored as TEMU told it: {wrong}.", remedy=remedy)


def _missing(column: Column[object]) -> str | None:
    return None if column.nullable else "needs a value"


def _wrong(column: Column[object], value: object) -> str | None:
    if isinstance(value, str):
        return _wrong_text(column, value)
    if isinstance(value, int) and not isinstance(value, bool) and isinstance(column.type, Integer):
        bits = 64 if isinstance(column.type, BigInteger) else 32
        return None if _SMALLEST[bits] <= value <= _LARGEST[bits] else f"holds whole numbers of {bits} bits, and this one is larger"
    return None


def _wrong_text(column: Column[object], value: str) -> str | None:
    if not isinstance(column.type, Unicode | UnicodeText):
        return "holds no text"
    if "\0" in value:
        return "holds no text with a NUL character in it"
    longest = column.type.length
    if longest is not None and stored_length(value) > longest:
        return f"holds {longest} characters, and this text has {stored_length(value)}"
    return None
