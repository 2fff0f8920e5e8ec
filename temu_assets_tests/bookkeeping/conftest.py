"""A desk for DATEV files: folders, and our database as it is set up by its first use."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from temu_assets.toci.database import Toci, open_engine
from temu_assets.toci.revision import ensure_current
from temu_assets_tests.bookkeeping.desk import Desk
from temu_assets_tests.databases import empty_toci_url


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    toci = Toci(open_engine(SecretStr(empty_toci_url(tmp_path / "data" / "toci.db"))), "shop")
    ensure_current(toci)
    yield Desk(toci, tmp_path / "data")
    toci.close()
