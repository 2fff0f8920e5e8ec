"""What lies in the data folder: files by age, and files that name an order. Paths are told as below the data folder, with ``/``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from temu_assets.data_folders import DRY_RUNS, FOR_IMPORT_BY_HAND, ORDER_ARCHIVE
from temu_assets.durable import TEMPORARY, remove_empty_folder, remove_file
from temu_assets.errors import ConfigurationError
from temu_assets.privacy.rules import mentions
from temu_assets.temu.order_number import is_order_number

DOCUMENTS = (ORDER_ARCHIVE, FOR_IMPORT_BY_HAND, DRY_RUNS)
"""Orders as JTL was given them (the archive, and what waits for import by hand), and as it would have been in dry runs."""

_DOCUMENT = re.compile(rf"(?P<finished>[\w-]+)\.xml|\.(?P<temporary>[\w-]+)\.xml{re.escape(TEMPORARY)}", re.ASCII)
_OF_THE_PREDECESSOR = re.compile(r"(temu_order_[\w-]+|jtl_temu_bestellungen)_\d{8}(_\d{6})?\.xml", re.ASCII)


@dataclass(frozen=True, slots=True)
class Found:
    """A file. ``written_at``: its last change (UTC)."""

    path: str
    written_at: datetime

    @property
    def is_temporary(self) -> bool:
        """Whether it was never finished."""
        return self.path.endswith(TEMPORARY)

    @property
    def order_id(self) -> str | None:
        """The number of the order whose document it is by its name, if that is one; None: it cannot be one."""
        match = _DOCUMENT.fullmatch(Path(self.path).name)
        return None if match is None else match["finished"] or match["temporary"]

    @property
    def is_of_a_dry_run(self) -> bool:
        """Whether a dry run wrote it, to be looked at."""
        return DRY_RUNS in Path(self.path).parents

    @property
    def is_document(self) -> bool:
        """Whether it is named as this program or the predecessor names documents of orders, finished or not."""
        is_the_predecessors = _OF_THE_PREDECESSOR.fullmatch(Path(self.path).name) is not None
        return is_the_predecessors or is_order_number(self.order_id or "")


def files_below(data_dir: Path, *folders: Path) -> Iterator[Found]:
    """Every file below these folders of the data folder; one that goes meanwhile is left out."""
    for folder in folders:
        for path in sorted((data_dir / folder).rglob("*")):
            try:
                if path.is_file():
                    written_at = datetime.fromtimestamp(path.stat().st_mtime, UTC)
                    yield Found(path.relative_to(data_dir).as_posix(), written_at)
            except FileNotFoundError:
                continue


def names_order(data_dir: Path, file: Found, order_id: str) -> bool:
    """Whether a file's name or its text names the order."""
    path = data_dir / file.path
    try:
        return mentions(path.name.replace("_", " ").replace(".", " "), order_id) or mentions(path.read_text("latin-1"), order_id)
    except FileNotFoundError:
        return False


def remove(data_dir: Path, path: str) -> None:
    """Remove a file, if it is there. Raises ConfigurationError when that is not allowed."""
    try:
        remove_file(data_dir / path)
    except OSError as error:
        raise ConfigurationError(
            f"The file {path} in {data_dir} holds buyers' data whose time is over, and cannot be removed ({error.strerror}).",
            remedy="let the program delete there, or remove the file by hand; then run this again: it goes on where it stopped.",
        ) from None


def prune(data_dir: Path, path: str, *, below: Path) -> None:
    """Remove the folders of a run and its day once nothing is in them any more."""
    for folder in list((data_dir / path).parents)[:2]:
        if folder == data_dir / below or (data_dir / below) not in folder.parents:
            return
        if not remove_empty_folder(folder):
            return
