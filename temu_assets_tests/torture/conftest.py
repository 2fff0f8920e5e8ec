"""One bench for all tests here, with the moments of the day saved; and a world in which everything has come right."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from temu_assets_tests.torture.bench import Bench, save_moments
from temu_assets_tests.torture.world import put_back, room


@dataclass(frozen=True)
class Day:
    """A bench, the crash points each run of the day passes, and where the world lies in which the day has ended well."""

    bench: Bench
    passed: dict[str, list[str]]
    ended: Path


@pytest.fixture(scope="session")
def day() -> Iterator[Day]:
    if not hasattr(os, "fork"):
        pytest.skip("this system has no fork")
    with room() as root, Bench(root / "saved", root / "bench") as bench:
        passed = save_moments(bench)
        put_back(bench.world, root / "ended")
        yield Day(bench, passed, root / "ended")
