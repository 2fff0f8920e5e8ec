"""JTL's books, empty, on SQLite or the server ``TEST_JTL_URL`` names, and our side of them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from temu_assets.jtl.database import Jtl, open_engine
from temu_assets_tests.databases import JTL_URL
from temu_assets_tests.jtl.books import Books


@pytest.fixture
def books(tmp_path: Path) -> Iterator[Books]:
    books = Books(os.environ.get(JTL_URL) or f"sqlite:///{tmp_path / 'eazybusiness.db'}")
    yield books
    books.close()


@pytest.fixture
def jtl(books: Books) -> Iterator[Jtl]:
    jtl = Jtl(open_engine(SecretStr(books.url)))
    yield jtl
    jtl.close()
