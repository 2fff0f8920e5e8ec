"""Dagster's own databases as far as its API leaves them alone: results of checks of deleted runs, room in files, sizes.

The only place that knows a table of Dagster's. It goes through the connections of Dagster's own storages, so it works on whatever
database they are configured for.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import dagster as dg
from dagster._core.storage.local_compute_log_manager import LocalComputeLogManager  # the name dagster.yaml knows it by
from sqlalchemy import Connection, column, delete, func, select, table, text

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

CHECKS = table(
    "asset_check_executions", column("id"), column("run_id"), column("asset_key"), column("check_name"), column("execution_status")
)
_NOT_RUN = "PLANNED"
LEAST_ROOM_BYTES = 4_000_000
"""Less free room in a SQLite file than this, or than a quarter of it, is not worth writing it anew."""
_BUSY_SECONDS = 5.0


def runs_of_last_checks(instance: dg.DagsterInstance) -> set[str]:
    """The runs that hold the newest result of a check: without them the UI would call it never evaluated."""
    newest = select(func.max(CHECKS.c.id)).where(CHECKS.c.execution_status != _NOT_RUN).group_by(CHECKS.c.asset_key, CHECKS.c.check_name)
    with _events(instance) as connection:
        return set(connection.execute(select(CHECKS.c.run_id).where(CHECKS.c.id.in_(newest))).scalars())


def delete_checks_of(instance: dg.DagsterInstance, run_ids: Sequence[str]) -> None:
    """Remove the results of checks of these runs, which deleting a run leaves behind."""
    with _events(instance) as connection:
        connection.execute(delete(CHECKS).where(CHECKS.c.run_id.in_(run_ids)))


def folder_of_run_files(instance: dg.DagsterInstance) -> Path | None:
    """Where Dagster keeps one SQLite file a run; None on a database server."""
    with _events(instance) as connection:
        file = _file(connection)
    return file.parent if file is not None and file.stem == "index" else None


def give_room_back(instance: dg.DagsterInstance) -> int:
    """Write SQLite files anew that are empty for a good part; bytes won. Servers see to that themselves.

    A file somebody is using at the moment is left for the next time.
    """
    return sum(_vacuum(file) for file in sorted(set(_files(instance))))


def size_bytes(instance: dg.DagsterInstance) -> int:
    """What runs, events and ticks take: all files of SQLite, or the database on a server; with the captured output on disk."""
    with _events(instance) as connection:
        on_server = (
            int(connection.execute(text("SELECT pg_database_size(current_database())")).scalar_one())
            if connection.dialect.name == "postgresql"
            else 0
        )
    folders = {file.parent for file in _files(instance)}
    root = captured_folder(instance)
    outermost = [each for each in {*folders, *([root] if root else [])} if not any(other in each.parents for other in folders)]
    return on_server + sum(file.stat().st_size for folder in outermost for file in _files_below(folder))


def captured_folder(instance: dg.DagsterInstance) -> Path | None:
    """Where what stages print is kept, a folder a run; None where it is kept elsewhere or not at all."""
    manager = instance.compute_log_manager
    if not isinstance(manager, LocalComputeLogManager):
        return None
    folder = Path(manager.get_captured_local_path(["any"], "out")).parent
    return folder if folder.is_dir() else None


def _files_below(folder: Path) -> Iterator[Path]:
    return (file for file in folder.rglob("*") if file.is_file())


def _files(instance: dg.DagsterInstance) -> Iterator[Path]:
    """The SQLite files that all runs share."""
    ticks = [_ticks] if instance.schedule_storage is not None else []
    for connect in (_events, _runs, *ticks):
        with connect(instance) as connection:
            file = _file(connection)
        if file is not None:
            yield file


def _file(connection: Connection) -> Path | None:
    database = connection.engine.url.database
    is_file = connection.dialect.name == "sqlite" and database not in (None, "", ":memory:") and not str(database).startswith("file:")
    return Path(str(database)) if is_file else None


def _vacuum(file: Path) -> int:
    before = file.stat().st_size
    try:
        with closing(sqlite3.connect(file, timeout=_BUSY_SECONDS, isolation_level=None)) as connection:
            (free,), (page,) = connection.execute("PRAGMA freelist_count").fetchone(), connection.execute("PRAGMA page_size").fetchone()
            if free * page < max(LEAST_ROOM_BYTES, before / 4):
                return 0
            connection.execute("VACUUM")
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode & 0xFF not in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_FULL):
            raise
        return 0
    return max(0, before - file.stat().st_size)


def _events(instance: dg.DagsterInstance) -> AbstractContextManager[Connection]:
    return instance.event_log_storage.index_connection()  # type: ignore[attr-defined, no-any-return]  # of every SQL storage


def _runs(instance: dg.DagsterInstance) -> AbstractContextManager[Connection]:
    return instance.run_storage.connect()  # type: ignore[attr-defined, no-any-return]  # as above


def _ticks(instance: dg.DagsterInstance) -> AbstractContextManager[Connection]:
    return instance.schedule_storage.connect()  # type: ignore[union-attr, no-any-return]  # as above
