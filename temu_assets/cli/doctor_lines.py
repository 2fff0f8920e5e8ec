"""What ``doctor`` finds: one line each."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """How bad it is."""

    OK = "ok"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Line:
    """One finding: what was looked at, how it is, what was found, what to do."""

    name: str
    level: Level
    found: str
    remedy: str = ""
