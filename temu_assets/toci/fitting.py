"""Whether a row fits its table, asked before it is written: one server would cut a text that is too long, one refuse it, one keep it.

What comes from outside is asked here, so that the one order or SKU that does not fit is set aside with the column's name and the others go
on. Lengths count as SQL Server counts them: an emoji is two.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache

from sqlalchemy import BigInteger, Integer, Table, Unicode, UnicodeText

from temu_assets.errors import RecordError
from temu_assets.texts import stored_length


@dataclass(frozen=True, slots=True)
class _Column:
    """What a column takes. ``longest`` is None where a text may have any length, ``bits`` where it holds no whole numbers."""

    is_nullable: bool
    is_text: bool
    longest: int | None
    bits: int | None


@cache
def _columns(table: Table) -> dict[str, _Column]:
    return {
        column.name: _Column(
            is_nullable=bool(column.nullable),
            is_text=isinstance(column.type, Unicode | UnicodeText),
            longest=column.type.length if isinstance(column.type, Unicode | UnicodeText) else None,
            bits=(64 if isinstance(column.type, BigInteger) else 32) if isinstance(column.type, Integer) else None,
        )
        for column in table.columns
    }


def misfit(table: Table, row: Mapping[str, object]) -> str | None:
    """The first column whose value does not fit, in words without the value; None when the row fits."""
    columns = _columns(table)
    for name, value in row.items():
        wrong = _wrong(columns[name], value)
        if wrong:
            return f"column {name} of {table.name} {wrong}"
    return None


def require_fit(name: str, table: Table, rows: Iterable[Mapping[str, object]], *, remedy: str) -> None:
    """Raises RecordError, which names the thing (``Order PO-...``) and the column, when one of its rows does not fit."""
    for row in rows:
        if (wrong := misfit(table, row)) is not None:
            raise RecordError(f"{name} cannot be stored as TEMU told it: {wrong}.", remedy=remedy)


def _wrong(column: _Column, value: object) -> str | None:
    if value is None:
        return None if column.is_nullable else "needs a value"
    if isinstance(value, str):
        return _wrong_text(column, value)
    if column.bits is not None and isinstance(value, int) and not isinstance(value, bool):
        largest = 1 << (column.bits - 1)
        return None if -largest <= value < largest else f"holds whole numbers of {column.bits} bits, and this one is larger"
    return None


def _wrong_text(column: _Column, value: str) -> str | None:
    if not column.is_text:
        return "holds no text"
    if "\0" in value:
        return "holds no text with a NUL character in it"
    # No character counts more than twice.
    if column.longest is not None and len(value) * 2 > column.longest and stored_length(value) > column.longest:
        return f"holds {column.longest} characters, and this text has {stored_length(value)}"
    return None
