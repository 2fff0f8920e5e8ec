"""An office without TEMU and without JTL: nothing of them is set, and no sandbox runs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest
from pydantic import SecretStr

from temu_assets.toci.database import Toci, open_engine
from temu_assets.toci.revision import ensure_current
from temu_assets_tests.databases import empty_toci_url
from temu_assets_tests.invoices.office import Office


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Office]:
    url = empty_toci_url(tmp_path / "data" / "toci.db")
    (tmp_path / "data").mkdir(exist_ok=True)
    monkeypatch.setenv("TEMU_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("TOCI_DATABASE_URL", url)
    toci = Toci(open_engine(SecretStr(url)), "sandbox")
    ensure_current(toci)
    with dg.DagsterInstance.ephemeral() as instance:
        yield Office(tmp_path / "data", toci, instance)
    toci.close()
