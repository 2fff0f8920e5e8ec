"""Our side: the rows of the program's own database, table by table, and what stands in its inbox."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Mapping
from contextlib import closing
from dataclasses import dataclass
from typing import Any

from temu_assets_tests.torture.checker.places import Places

Row = Mapping[str, Any]
SEEN_BY_A_PERSON = ("open", "retry", "handled")


@dataclass(frozen=True, slots=True)
class Ours:
    """Every table of ours; all empty where there is no database yet."""

    tables: Mapping[str, tuple[Row, ...]]

    def rows(self, table: str) -> tuple[Row, ...]:
        """The rows of one table."""
        return self.tables.get(table, ())

    def in_inbox(self, *keys: str, kinds: Collection[str] = ()) -> bool:
        """Whether a person finds any of these keys in the inbox; ``kinds`` limits it to these kinds of problems."""
        return any(
            row["key"] in keys and row["state"] in SEEN_BY_A_PERSON and (not kinds or row["kind"] in kinds) for row in self.rows("problems")
        )

    def outbox(self, effect: str, *states: str) -> list[Row]:
        """The effects of one kind in these states."""
        return [row for row in self.rows("outbox") if row["effect"] == effect and row["state"] in states]


def read(places: Places) -> Ours:
    """Our database from its file."""
    if not places.ours.exists():
        return Ours({})
    with closing(sqlite3.connect(places.ours)) as connection:
        connection.row_factory = sqlite3.Row
        names = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")]
        return Ours({name: tuple(dict(row) for row in connection.execute(f'SELECT * FROM "{name}"')) for name in names})
