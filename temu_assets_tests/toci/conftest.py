"""Our own database, empty for each test: a file of its own, or the server ``TEST_TOCI_URL`` names."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from temu_assets.toci.database import Toci, open_engine
from temu_assets.toci.tables import metadata
from temu_assets_tests.databases import empty_toci_url


@pytest.fixture
def database_file(tmp_path: Path) -> Path:
    return tmp_path / "toci.db"


@pytest.fixture
def database_url(database_file: Path) -> str:
    """Where the empty database of this test is."""
    return empty_toci_url(database_file)


@pytest.fixture
def empty_toci(database_url: str) -> Iterator[Toci]:
    """A database without tables."""
    toci = Toci(open_engine(SecretStr(database_url)), "shop")
    yield toci
    toci.close()


@pytest.fixture
def toci(empty_toci: Toci) -> Toci:
    """A database with our tables."""
    with empty_toci.engine.begin() as connection:
        metadata.create_all(connection, checkfirst=False)
    return empty_toci
