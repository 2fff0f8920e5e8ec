"""Our own database, empty, in a file of its own for each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from temu_assets.toci.database import Toci, open_engine
from temu_assets.toci.tables import metadata


@pytest.fixture
def database_file(tmp_path: Path) -> Path:
    return tmp_path / "toci.db"


@pytest.fixture
def empty_toci(database_file: Path) -> Iterator[Toci]:
    """A database without tables."""
    toci = Toci(open_engine(SecretStr(f"sqlite:///{database_file}")), "shop")
    yield toci
    toci.close()


@pytest.fixture
def toci(empty_toci: Toci) -> Toci:
    """A database with our tables."""
    with empty_toci.write() as connection:
        metadata.create_all(connection)
    return empty_toci
