"""What ``doctor`` says of rights: whether other users of this machine may read secrets, buyers' data or the history of runs."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

from temu_assets.cli.doctor_lines import About, Line, ok, warning
from temu_assets.cli.doctor_settings import secret_paths
from temu_assets.data_folders import ORDER_ARCHIVE, TEMU_ANSWERS
from temu_assets.secret_files import CREDENTIALS, DOCKER
from temu_assets.settings import Settings

_LOOKED_AT = 500
"""Files of a kind; the newest folder of answers alone can hold thousands."""
_TOLD = 5


def rights_line(settings: Settings) -> Line:
    """Mode bits of what is worth reading. Windows keeps rights in another way, which is not looked at."""
    if os.name == "nt":
        return ok(About.FILE_RIGHTS, "not looked at on Windows: let only the program's user and administrators into its folders")
    looked_at = dict.fromkeys(path for path in _worth_reading(settings) if path.exists())
    return open_line(looked_at, [path for path in looked_at if is_open(path)])


def is_open(path: Path) -> bool:
    """Whether others than owner and group may read a file, or look into a folder."""
    try:
        mode = path.stat().st_mode
    except OSError:
        return False
    return bool(mode & (stat.S_IXOTH if stat.S_ISDIR(mode) else stat.S_IROTH | stat.S_IWOTH))


def open_line(looked_at: Iterable[Path], found: list[Path]) -> Line:
    """``found``: what is open to everybody."""
    if not found:
        return ok(
            About.FILE_RIGHTS, f"of {sum(1 for _ in looked_at)} files and folders with secrets or buyers' data none is open to other users"
        )
    told = ", ".join(map(str, found[:_TOLD])) + (f" and {len(found) - _TOLD} more" if len(found) > _TOLD else "")
    folders = [path for path in found if path.is_dir()]
    closing = [*(f"chmod -R o-rwx {folder}" for folder in folders)]
    loose = [str(path) for path in found if not any(folder in path.parents for folder in folders) and path not in folders]
    if loose:
        closing.append(f"chmod o-rwx {' '.join(loose[:_TOLD])}")
    return warning(About.FILE_RIGHTS, f"every user of this machine may read {told}", f"close them: {'; '.join(closing)}")


def _worth_reading(settings: Settings) -> Iterator[Path]:
    yield Path(".env").absolute()
    # What systemd and Docker hand over lies in a place of the unit's or container's own.
    given = (DOCKER, Path(os.environ.get(CREDENTIALS) or DOCKER))
    yield from (path for path in secret_paths().values() if path.parent not in given)
    data = settings.temu_data_dir.resolve()
    yield data
    for database in _sqlite_files(settings):
        yield database
        yield from (database.with_name(database.name + ending) for ending in ("-wal", "-shm"))
    for folder in (TEMU_ANSWERS, ORDER_ARCHIVE):
        yield from islice((data / folder).rglob("*"), _LOOKED_AT)
    if home := os.environ.get("DAGSTER_HOME"):
        yield Path(home)
        yield from islice(Path(home).glob("history/*"), _LOOKED_AT)


def _sqlite_files(settings: Settings) -> Iterator[Path]:
    url = settings.toci_url().get_secret_value()
    if url.startswith("sqlite:///"):
        yield Path(url.removeprefix("sqlite:///").partition("?")[0]).resolve()
