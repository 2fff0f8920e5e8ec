"""A reading statement that is sent again and again with other values.

SQLAlchemy writes a statement with a list of values anew for each list: a name for each of a thousand places. That takes as long as a file
takes to answer it. What it wrote for one list is right for each that is as long, with the new values in the old ones' places.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, Select
from sqlalchemy.engine.interfaces import BindTyping

_Given = tuple[Any, ...] | dict[str, Any]
"""What a driver is given besides the text: by place or by name."""


@dataclass(frozen=True, slots=True)
class _Written:
    """A statement as the driver gets it."""

    text: str
    given: Callable[[Sequence[object]], _Given]


class Repeated:
    """One statement for one process of reading, and one database; ``name`` is its expanding parameter."""

    def __init__(self, statement: Select[*tuple[Any, ...]], name: str) -> None:
        self._statement = statement
        self._name = name
        self._written: dict[int, _Written | None] = {}

    def rows(self, connection: Connection, values: Sequence[object]) -> Sequence[Row[*tuple[Any, ...]]]:
        """The rows for these values; raises SQLAlchemy's errors."""
        written = self._written.get(len(values))
        if written is not None:
            return connection.exec_driver_sql(written.text, written.given(values)).all()
        result = connection.execute(self._statement, {self._name: values})
        context: Any = result.context
        # A driver that is told sizes beside the values is told them by SQLAlchemy only.
        if connection.dialect.bind_typing is not BindTyping.SETINPUTSIZES:
            self._written[len(values)] = _written(context.statement, context.parameters[0], self._name, values)
        return result.all()


def _written(text: str, given: Sequence[Any] | dict[str, Any], name: str, values: Sequence[object]) -> _Written | None:
    """None where the values do not stand in it as they are, or one of them stands elsewhere too: which place is whose is not known then."""
    count = len(values)
    if isinstance(given, dict):
        names = [f"{name}_{number}" for number in range(1, count + 1)]
        if [given.get(each) for each in names] != list(values):
            return None
        rest = {key: value for key, value in given.items() if key not in set(names)}
        if not set(values).isdisjoint(rest.values()):
            return None
        return _Written(text, lambda others: rest | dict(zip(names, others, strict=True)))
    all_given, wanted = tuple(given), tuple(values)
    start = next((place for place in range(len(all_given) - count + 1) if all_given[place : place + count] == wanted), None)
    if start is None:
        return None
    before, after = all_given[:start], all_given[start + count :]
    if not set(values).isdisjoint((*before, *after)):
        return None
    return _Written(text, lambda others: (*before, *others, *after))
