"""What settings are read from, word for word, to know whether reading them again would give anything else.

A sensor's look needs them several times and looks every few seconds; reading and checking all of them takes longer than the look.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Generic, TypeVar

T = TypeVar("T")

_LARGEST = 1_000_000
"""Bytes."""


@dataclass(frozen=True, slots=True)
class Sources:
    """Everything settings can come from: the environment, the folder ``.env`` lies in, and the content of each file (None: not there)."""

    environment: Mapping[str, str] = field(repr=False)
    folder: str
    files: Mapping[Path, object] = field(repr=False)


class KeptSettings(Generic[T]):
    """Settings as they were read last, for as long as a new reading would find the very same. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: tuple[Sources, T] | None = None

    def get(self, read: Callable[[], T], files: Callable[[], list[Path]]) -> T:
        """What ``read`` gives, or gave from the same sources. ``files``: those it looks for, whether they are there or not.

        Raises what ``read`` raises, each time.
        """
        with self._lock:
            kept = self._kept
        if kept is not None and kept[0] == _sources(list(kept[0].files)):
            return kept[1]
        before = _sources(files())
        settings = read()
        # What was changed while it was read is not kept.
        unchanged = before == _sources(files())
        with self._lock:
            self._kept = (before, settings) if unchanged else None
        return settings


def _sources(files: list[Path]) -> Sources:
    return Sources(dict(os.environ), str(Path.cwd()), {file: _content(file) for file in files})


def _content(file: Path) -> object:
    """None where there is no file; what is equal to nothing for one that cannot be read, or is far too large."""
    try:
        if not file.is_file():
            return None
        with file.open("rb") as opened:
            content = opened.read(_LARGEST + 1)
    except FileNotFoundError:
        return None
    except OSError:
        return object()
    return content if len(content) <= _LARGEST else object()
