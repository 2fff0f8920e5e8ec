"""What a killed run leaves behind, as a fingerprint: two kills that leave the same need to be recovered from only once.

A run is killed thousands of times, and most of these are in the middle of a transaction, which leaves what was there before it. All that
can matter to the next run is compared: every row of our database and of JTL's, TEMU's state, the files. Moments, and what is made from
them, differ from run to run; of those it counts whether they are there and whether they are other than before the run.
"""

from __future__ import annotations

import hashlib
import json
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from temu_assets_tests.torture.checker import Places

_MOMENTS = re.compile(r".*_at|window_end|value|path|sha256|holder|process|claim|request_keys")
_LEASES = "SELECT name, expires_at > strftime('%Y-%m-%d %H:%M:%f', 'now') FROM leases"


@dataclass(frozen=True, slots=True)
class Before:
    """A world as it was before the run."""

    ours: dict[str, Any]
    jtl: dict[str, Any]
    temu: dict[str, Any]

    @classmethod
    def of(cls, places: Places) -> Self:
        """As it is now. Nothing may be running on it."""
        return cls(dict(_rows(places.ours)), dict(_rows(places.jtl)), _state(places))

    def fingerprint(self, places: Places) -> str:
        """Of what a run that began here has left behind. Nothing may be running on it."""
        after = Before.of(places)
        parts = [
            _differences(self.ours, after.ours),
            _differences(self.jtl, after.jtl),
            _differences(self.temu, after.temu),
            sorted(_files(places)),
            _leases(places.ours),
        ]
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def _rows(database: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """The rows of every table, by table and place."""
    if not database.exists():
        return
    with closing(sqlite3.connect(database)) as connection:
        connection.row_factory = sqlite3.Row
        names = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")]
        for name in names:
            yield name, {}
            for place, row in enumerate(connection.execute(f'SELECT * FROM "{name}"')):
                yield f"{name} {place}", dict(row)


def _state(places: Places) -> dict[str, Any]:
    state: dict[str, Any] = json.loads(places.temu.read_text(encoding="utf-8"))
    return state


def _differences(before: Any, after: Any, name: str = "") -> Any:
    """``after``, with what is a moment or made of one replaced by whether it is there and new."""
    if isinstance(after, dict):
        known = before if isinstance(before, dict) else {}
        return {key: _differences(known.get(key), value, str(key)) for key, value in after.items()}
    if isinstance(after, list) and name != "request_keys":
        known_rows = before if isinstance(before, list) else []
        return [_differences(known_rows[place] if place < len(known_rows) else None, value, name) for place, value in enumerate(after)]
    if _MOMENTS.fullmatch(name):
        return None if after is None else "same" if after == before else "new"
    return after


def _files(places: Places) -> Iterator[str]:
    """The names of the files of our side, without moment and run."""
    for path in places.data.rglob("*"):
        if path.is_file() and not path.name.startswith(places.ours.name):
            yield re.sub(r"\d{6}-[0-9a-f]{8}", "run", path.relative_to(places.data).as_posix())


def _leases(database: Path) -> list[list[Any]]:
    """Which leases are held."""
    if not database.exists():
        return []
    with closing(sqlite3.connect(database)) as connection:
        known = connection.execute("SELECT name FROM sqlite_master WHERE name = 'leases'").fetchall()
        return [list(row) for row in connection.execute(_LEASES)] if known else []
