"""Our tables, row by row, as lines of JSON: the same on SQLite, SQL Server and PostgreSQL, and from one to the other."""

from __future__ import annotations

import gzip
import json
import os
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from pathlib import Path

from sqlalchemy import Column, Connection, Date, MetaData, Table, insert, inspect, select

from temu_assets.errors import ConfigurationError
from temu_assets.sql.servers import dialect_of
from temu_assets.sql.sqlite import READ_ONLY
from temu_assets.toci.columns import UtcDateTime
from temu_assets.toci.database import Toci
from temu_assets.toci.tables import metadata

_AT_ONCE = 500
_NOT_KEPT = {"leases"}
"""Who is at work just now; nobody is after a restore."""


def dump(toci: Toci, folder: Path) -> dict[str, int]:
    """Write every table as it was at one moment; returns how many rows each has. Raises OSError and what ``Toci.read`` raises."""
    folder.mkdir(parents=True, exist_ok=True)
    options: dict[str, object] = {READ_ONLY: True}
    if level := dialect_of(toci.engine).stands_still:
        options["isolation_level"] = level

    def once() -> dict[str, int]:
        with toci.engine.connect().execution_options(**options) as connection, connection.begin():
            return {table.name: _dump_table(connection, table, folder) for table in _tables()}

    return toci.attempts.run(once)


def load(connection: Connection, folder: Path, rows: Mapping[str, int]) -> None:
    """Fill the empty tables of the caller's transaction. Raises ConfigurationError where a file holds another number of rows."""
    there = inspect(connection)
    for table in _tables():
        if table.name not in rows:
            continue
        columns = {column["name"] for column in there.get_columns(table.name)}
        aged = Table(table.name, MetaData(), *(Column(each.name, each.type) for each in table.columns if each.name in columns))
        count = 0
        for chunk in _chunks(_read(folder / f"{table.name}.jsonl.gz")):
            connection.execute(insert(aged), [_decoded(aged, row) for row in chunk])
            count += len(chunk)
        if count != rows[table.name]:
            raise ConfigurationError(
                f"The backup's table {table.name} has {count} rows, and {rows[table.name]} were written.", remedy="take another backup."
            )


def count_rows(folder: Path, table: str) -> int:
    """How many rows the backup of a table holds. Raises OSError and EOFError where it is damaged."""
    return sum(1 for _ in _read(folder / f"{table}.jsonl.gz"))


def _tables() -> list[Table]:
    return [table for table in metadata.sorted_tables if table.name not in _NOT_KEPT]


def _dump_table(connection: Connection, table: Table, folder: Path) -> int:
    count = 0
    rows = connection.execution_options(yield_per=_AT_ONCE).execute(select(table).order_by(*table.primary_key))
    descriptor = os.open(folder / f"{table.name}.jsonl.gz", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as raw, gzip.open(raw, "wt", encoding="utf-8", compresslevel=5) as file:
        for row in rows.mappings():
            file.write(json.dumps({name: _encoded(value) for name, value in row.items()}, ensure_ascii=False) + "\n")
            count += 1
    return count


def _read(path: Path) -> Iterator[dict[str, object]]:
    with gzip.open(path, "rt", encoding="utf-8") as file:
        for line in file:
            yield json.loads(line)


def _chunks(rows: Iterator[dict[str, object]]) -> Iterator[list[dict[str, object]]]:
    chunk: list[dict[str, object]] = []
    for row in rows:
        chunk.append(row)
        if len(chunk) == _AT_ONCE:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def _encoded(value: object) -> object:
    return value.isoformat() if isinstance(value, datetime | date) else value


def _decoded(table: Table, row: Mapping[str, object]) -> dict[str, object]:
    return {name: _value(table, name, value) for name, value in row.items()}


def _value(table: Table, name: str, value: object) -> object:
    kind = table.c[name].type
    if not isinstance(value, str):
        return value
    if isinstance(kind, UtcDateTime):
        return datetime.fromisoformat(value)
    return date.fromisoformat(value) if isinstance(kind, Date) else value
