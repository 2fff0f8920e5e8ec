"""What lies in the data folder: files by age, and files that name an order. Paths are told as below the data folder, with ``/``."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from temu_assets.durable import TEMPORARY, remove_empty_folder, remove_file
from temu_assets.errors import ConfigurationError
from temu_assets.privacy.rules import mentions

FOR_IMPORT_BY_HAND = Path("temu", "xml")
DOCUMENTS = (Path("temu", "export"), FOR_IMPORT_BY_HAND)
"""Orders as JTL was given them: the archive, and what waits for import by hand."""


@dataclass(frozen=True, slots=True)
class Found:
    """A file. ``written_at``: its last change (UTC)."""

    path: str
    written_at: datetime

    @property
    def is_temporary(self) -> bool:
        """Whether it was never finished."""
        return self.path.endswith(TEMPORARY)


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
