"""What ``doctor`` says of the machine: Python, installed packages, time zones, room on the disks. Needs no setting."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping
from importlib.metadata import distributions
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from temu_assets.cli.doctor_lines import About, Line, error, ok, warning
from temu_assets.cli.locked import canonical, locked_here
from temu_assets.settings import Settings

OLDEST_PYTHON = (3, 11)
NEWEST_PYTHON = (3, 14)
"""What Dagster and the locked packages are made for."""
ROOM_WARNING = 1_000_000_000
ROOM_ERROR = 100_000_000
"""Bytes. An orders run writes a few MB, Dagster 0.2 MB of history a run; a full disk stops both."""
FILES_WARNING = 10_000
_ZONE = "Europe/Berlin"
_TOLD = 6


def python_line() -> Line:
    """Whether this Python is one the program is made for."""
    version = sys.version_info[:2]
    found = f"{sys.version.split()[0]} ({sys.executable})"
    if version < OLDEST_PYTHON:
        return error(About.PYTHON, found, "Python 3.11 or newer is needed")
    if version > NEWEST_PYTHON:
        return warning(About.PYTHON, f"{found}, which nobody has tried", f"take Python 3.11 to 3.{NEWEST_PYTHON[1]}")
    return ok(About.PYTHON, found)


def packages_line() -> Line:
    """The versions of the program and of Dagster, and whether what is installed is what was tested."""
    installed = {canonical(each.name): each.version for each in distributions() if each.name}
    own = f"temu-assets {installed.get('temu-assets', 'without a version')}, dagster {installed.get('dagster', 'not installed')}"
    locked = locked_here()
    if locked is None:
        return ok(About.PACKAGES, f"{own}; there is no requirements.lock beside the program to compare the rest with")
    return compare(own, {package.name: package.version for package in locked if package.is_for_this_machine()}, installed)


def compare(own: str, locked: Mapping[str, str], installed: Mapping[str, str]) -> Line:
    """``locked`` and ``installed``: version by canonical name. What is locked and not installed belongs to an extra or another system."""
    differing = [
        f"{name} {installed[name]} (locked: {version})" for name, version in locked.items() if installed.get(name, version) != version
    ]
    if differing:
        more = f" and {len(differing) - _TOLD} more" if len(differing) > _TOLD else ""
        return warning(
            About.PACKAGES,
            f"{own}; differing from requirements.lock: {', '.join(differing[:_TOLD])}{more}",
            "install what was tested: `pip install --no-deps --require-hashes -r requirements.lock`",
        )
    return ok(About.PACKAGES, f"{own}; all {sum(name in installed for name in locked)} packages as in requirements.lock")


def time_zone_line() -> Line:
    """Schedules are in German time, which needs a table of when summer begins."""
    try:
        ZoneInfo(_ZONE)
    except (ZoneInfoNotFoundError, OSError):
        return error(
            About.TIME_ZONES, f"{_ZONE} is not known, so no schedule can be loaded", "install the package tzdata (pip, or the system's)"
        )
    return ok(About.TIME_ZONES, f"{_ZONE} is known")


def data_folder_line(settings: Settings) -> Line:
    """Whether the data folder can be written; it is made if it is not there."""
    folder = settings.temu_data_dir.resolve()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as wrong:
        return error(
            About.DATA_FOLDER, f"{folder} cannot be written ({wrong.strerror})", "give the program write access, or set TEMU_DATA_DIR"
        )
    return ok(About.DATA_FOLDER, f"{folder} can be written")


def disk_line(settings: Settings) -> Line:
    """Room where the program writes: data, our database's file, Dagster's history."""
    folders = [settings.temu_data_dir.resolve()]
    if settings.toci_database_url and settings.toci_database_url.get_secret_value().startswith("sqlite:///"):
        folders.append(Path(settings.toci_database_url.get_secret_value().removeprefix("sqlite:///").partition("?")[0]).resolve().parent)
    if home := os.environ.get("DAGSTER_HOME"):
        folders.append(Path(home).resolve())
    return room_line(dict(_room(folders)))


def _room(folders: list[Path]) -> Iterator[tuple[str, tuple[int, int]]]:
    """Free bytes and free file entries for each folder; one that is not there yet will be made in the next one above."""
    for wanted in dict.fromkeys(folders):
        folder = next((each for each in (wanted, *wanted.parents) if each.is_dir()), None)
        if folder is not None:
            yield str(wanted), (shutil.disk_usage(folder).free, _free_entries(folder))


def _free_entries(folder: Path) -> int:
    """Some file systems run out of files before they run out of bytes; those that cannot tell 0 of 0."""
    if sys.platform == "win32":
        return FILES_WARNING
    told = os.statvfs(folder)
    return told.f_favail if told.f_files else FILES_WARNING


def room_line(room: Mapping[str, tuple[int, int]]) -> Line:
    """``room``: free bytes and free file entries, by folder."""
    found = ", ".join(f"{folder}: {free // 1_000_000:,} MB free" for folder, (free, _) in room.items())
    few = [folder for folder, (_, entries) in room.items() if entries < FILES_WARNING]
    if any(free < ROOM_ERROR for free, _ in room.values()):
        return error(About.DISK, found, "make room, or runs fail in the middle (nothing is lost by it): old files, backups, a larger disk")
    if few:
        return warning(
            About.DISK, f"{found}; hardly any further file can be made in {few[0]}", "remove small files there, or take a larger disk"
        )
    if any(free < ROOM_WARNING for free, _ in room.values()):
        return warning(About.DISK, found, "make room; below 100 MB this is an error")
    return ok(About.DISK, found)
