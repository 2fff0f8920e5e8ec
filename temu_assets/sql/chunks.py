"""Lists of ids in pieces a server takes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


def in_chunks(values: Sequence[T], size: int = 1000) -> list[Sequence[T]]:
    """Split a list so that no statement carries more than ``size`` parameters (SQL Server refuses more than 2,100)."""
    return [values[start : start + size] for start in range(0, len(values), size)]
