"""Making a backup, and looking whether one is whole."""

from __future__ import annotations

import importlib.metadata
import shutil
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from temu_assets.backup import manifest, rows
from temu_assets.backup.manifest import Manifest
from temu_assets.backup.sqlite_copy import copy_database, is_database, is_side_file
from temu_assets.durable import copy_file, sha256_of, write_file
from temu_assets.errors import ConfigurationError
from temu_assets.settings import Settings
from temu_assets.toci.database import Toci
from temu_assets.toci.revision import NEWEST, revision_of

PREFIX = "temu-assets-"
_UNFINISHED = "unfinished-"
_IDLE_FILES = ("daemon.log", ".nux", ".telemetry")


@dataclass(frozen=True, slots=True)
class Made:
    """A backup and the older ones that were removed."""

    folder: Path
    manifest: Manifest
    size: int
    removed: tuple[Path, ...]


def make(settings: Settings, toci: Toci, target: Path, dagster_home: Path | None, *, keep: int, now: datetime) -> Made:
    """Write a backup into a folder of its own below ``target``; it gets its name when it is whole. Runs may go on meanwhile.

    ``keep`` 0 keeps every older one. Raises ConfigurationError when it cannot be written, and what ``Toci.read`` raises.
    """
    revision = revision_of(toci)
    if revision != NEWEST:
        raise ConfigurationError(
            f"Our database has revision {revision or 'none'}, and this version of the program reads {NEWEST}.",
            remedy="run `temu-assets migrate` first, or make the backup with the version that belongs to the database.",
        )
    name = f"{PREFIX}{now:%Y%m%dT%H%M%SZ}"
    unfinished, finished = target / (_UNFINISHED + name), target / name
    try:
        unfinished.mkdir(parents=True, mode=0o700)
        # The rows first: what they name is on disk before they are written.
        counts = rows.dump(toci, unfinished / manifest.TABLES)
        left_out = [*_copy_data(settings, unfinished / manifest.DATA), *_copy_dagster(dagster_home, unfinished / manifest.DAGSTER)]
        left_out += _copy_configuration(settings, unfinished / manifest.CONFIGURATION)
        made = Manifest(importlib.metadata.version("temu-assets"), revision, now, counts, _digests(unfinished), tuple(left_out))
        write_file(unfinished / manifest.NAME, made.to_json().encode())
        unfinished.rename(finished)
    except (OSError, sqlite3.Error) as error:
        shutil.rmtree(unfinished, ignore_errors=True)
        raise ConfigurationError(
            f"The backup could not be written into {target} ({getattr(error, 'strerror', None) or type(error).__name__}).",
            remedy="look whether there is room and the program may write there; nothing of this backup was kept, older ones are untouched.",
        ) from None
    return Made(finished, made, sum(each.stat().st_size for each in _files(finished)), tuple(_remove_old(target, keep)))


def check(folder: Path) -> Manifest:
    """Read every file of a backup and count its rows. Raises ConfigurationError naming what is missing or changed."""
    try:
        found = Manifest.from_json((folder / manifest.NAME).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError):
        raise ConfigurationError(
            f"{folder} is no backup: it has no {manifest.NAME}.",
            remedy=f"name the folder {PREFIX}... itself; one without a manifest was never finished.",
        ) from None
    for name, digest in found.files.items():
        try:
            is_right = sha256_of(folder / name) == digest
        except OSError:
            is_right = False
        if not is_right:
            raise ConfigurationError(f"The backup's file {name} is missing or not what was written.", remedy="take another backup.")
    for table, count in found.rows.items():
        if rows.count_rows(folder / manifest.TABLES, table) != count:
            raise ConfigurationError(f"The backup's table {table} does not have {count} rows.", remedy="take another backup.")
    return found


def _copy_data(settings: Settings, target: Path) -> Iterator[str]:
    source = settings.temu_data_dir
    for path in _files(source):
        place = path.relative_to(source).as_posix()
        if not manifest.belongs(place):
            continue
        try:
            copy_file(path, target / place)
        except FileNotFoundError:
            # Erased or moved on between the look and the copy; what the rows need is written before them and stays.
            yield f"{place} went away while the backup was made"


def _copy_dagster(home: Path | None, target: Path) -> Iterator[str]:
    if home is None:
        yield "Dagster's history: DAGSTER_HOME is not set"
        return
    if not (home / "history").exists():
        yield "Dagster's history of runs is not in DAGSTER_HOME; where it is in PostgreSQL, back it up there (pg_dump)"
    for path in _files(home):
        if is_side_file(path) or path.name in _IDLE_FILES:
            continue
        try:
            if is_database(path):
                copy_database(path, target / path.relative_to(home))
            else:
                copy_file(path, target / path.relative_to(home))
        except FileNotFoundError:
            yield f"Dagster's {path.relative_to(home).as_posix()} went away while the backup was made"


def _copy_configuration(settings: Settings, target: Path) -> Iterator[str]:
    profiles = _files(settings.invoice_profiles) if settings.invoice_profiles else []
    for path in (settings.temu_carrier_map, settings.temu_jobs_file, settings.datev_marketplaces, *profiles):
        if path is not None and path.is_file():
            copy_file(path, target / path.name)
    yield ".env and other secrets: keep them in your password safe"


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())


def _digests(folder: Path) -> dict[str, str]:
    return {path.relative_to(folder).as_posix(): sha256_of(path) for path in _files(folder)}


def _remove_old(target: Path, keep: int) -> Iterator[Path]:
    """Older finished ones beyond ``keep``, and what a killed one has left."""
    yield from (each for each in target.glob(f"{_UNFINISHED}{PREFIX}*") if _removed(each))
    finished = sorted(each for each in target.glob(f"{PREFIX}*") if (each / manifest.NAME).exists())
    yield from (each for each in finished[:-keep] if keep and _removed(each))


def _removed(folder: Path) -> bool:
    shutil.rmtree(folder)
    return True
