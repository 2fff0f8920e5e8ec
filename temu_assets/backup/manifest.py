"""What a backup says of itself, and what of the data folder belongs into one."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime

from temu_assets.durable import TEMPORARY
from temu_assets.errors import ConfigurationError

NAME = "manifest.json"
"""Written last: a folder without it is no backup."""
TABLES = "tables"
DATA = "data"
DAGSTER = "dagster"
CONFIGURATION = "configuration"
_FORMAT = 1
_LEFT_OUT = ("sandbox/", "temu/dry_run/", "pdf_reader/tmp/")


@dataclass(frozen=True, slots=True)
class Manifest:
    """A backup in numbers. ``files``: path in the backup -> SHA-256; ``rows``: table -> how many. ``made_at`` is aware UTC."""

    version: str
    revision: str
    made_at: datetime
    rows: Mapping[str, int]
    files: Mapping[str, str]
    left_out: tuple[str, ...]

    def to_json(self) -> str:
        """As it is written."""
        return json.dumps({"format": _FORMAT, **asdict(self), "made_at": self.made_at.isoformat()}, indent=1, ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> Manifest:
        """Raises ConfigurationError for what is no manifest of a backup this program can read."""
        try:
            found = json.loads(text)
            if found["format"] != _FORMAT:
                raise ConfigurationError(
                    f"The backup has format {found['format']}, which this version of the program does not know.",
                    remedy="restore it with the version of the program that made it, or a newer one.",
                )
            return cls(
                found["version"],
                found["revision"],
                datetime.fromisoformat(found["made_at"]),
                dict(found["rows"]),
                dict(found["files"]),
                tuple(found["left_out"]),
            )
        except (ValueError, KeyError, TypeError):
            raise ConfigurationError(
                f"The backup's {NAME} cannot be read.", remedy="take another backup: this one is damaged or was changed."
            ) from None


def belongs(place: str) -> bool:
    """Whether a file of the data folder, by its path below it with slashes, belongs into a backup.

    Our database is taken row by row instead; what is half written, a preview or the sandbox's is left out.
    """
    name = place.rpartition("/")[2]
    return not name.endswith(TEMPORARY) and not name.startswith("toci.db") and not place.startswith(_LEFT_OUT)
