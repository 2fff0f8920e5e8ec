"""Putting a backup back, into places where nothing is yet: it never mixes with what is there."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, inspect

from temu_assets.backup import manifest, rows
from temu_assets.backup.making import check
from temu_assets.backup.manifest import Manifest
from temu_assets.durable import copy_file
from temu_assets.errors import ConfigurationError
from temu_assets.settings import Settings
from temu_assets.toci.database import Toci

if TYPE_CHECKING:
    from temu_assets.toci.migrate import Migrated


def restore(settings: Settings, toci: Toci, folder: Path, dagster_home: Path | None) -> tuple[Manifest, Migrated]:
    """Look whether the backup is whole, then put back files, Dagster's history and, last and in one transaction, our database.

    The database gets the tables of the backup's version, the rows, and then the tables of this version. Raises ConfigurationError where
    anything is in the way; nothing was changed then.
    """
    from temu_assets.toci.migrate import lock, migrate_within, revisions

    found = check(folder)
    if found.revision not in revisions():
        raise ConfigurationError(
            f"The backup was made by a newer version of this program ({found.version}, revision {found.revision}).",
            remedy=f"install version {found.version} or a newer one, and restore with that.",
        )
    _require_nothing_there(settings, dagster_home if (folder / manifest.DAGSTER).exists() else None)
    toci.read(lambda connection: _require_no_tables(connection, settings))
    for source, target in ((manifest.DATA, settings.temu_data_dir), (manifest.DAGSTER, dagster_home)):
        if target is not None:
            _put_back(folder, found, source, target)

    def fill(connection: Connection) -> Migrated:
        lock(connection)
        _require_no_tables(connection, settings)
        migrate_within(connection, to=found.revision)
        rows.load(connection, folder / manifest.TABLES, found.rows)
        return migrate_within(connection)

    return found, toci.write(fill)


def _put_back(folder: Path, found: Manifest, source: str, target: Path) -> None:
    for name in found.files:
        if name.startswith(f"{source}/"):
            try:
                copy_file(folder / name, target / name.removeprefix(f"{source}/"))
            except OSError as error:
                raise ConfigurationError(
                    f"{target / name.removeprefix(f'{source}/')} could not be written ({error.strerror}).",
                    remedy="make room or give the program write access, empty the folder again and restore once more.",
                ) from None


def _require_nothing_there(settings: Settings, dagster_home: Path | None) -> None:
    data = settings.temu_data_dir
    paths = (path for path in data.rglob("*") if path.is_file())
    there = next((path for path in paths if manifest.belongs(path.relative_to(data).as_posix())), None)
    if there is not None:
        raise ConfigurationError(
            f"The data folder {data} is not empty: {there} is there.",
            remedy="stop the program, move the folder away (keep it until the restored program works), and restore again.",
        )
    if dagster_home is not None and (dagster_home / "history").exists():
        raise ConfigurationError(
            f"Dagster's folder {dagster_home} has a history already.",
            remedy="stop the program, move the folder away, and restore again.",
        )


def _require_no_tables(connection: Connection, settings: Settings) -> None:
    tables = inspect(connection).get_table_names()
    if tables:
        raise ConfigurationError(
            f"Our database has tables already ({len(tables)}, {tables[0]} among them).",
            remedy="stop the program and move the database file away, or create an empty database and name it in TOCI_DATABASE_URL."
            if settings.toci_database_url or settings.sql_server
            else f"stop the program, move {settings.temu_data_dir / 'toci.db'} and what lies beside it away, and restore again.",
        )
