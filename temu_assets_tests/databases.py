"""Which databases the data layer's tests run on: SQLite, or the server ``TEST_TOCI_URL`` and ``TEST_JTL_URL`` name (SQLAlchemy URLs).

What such a URL leads to is emptied before each test. Never point one at a database that is used.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from sqlalchemy import Engine, MetaData, NullPool, Table, create_engine, inspect
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError

TOCI_URL = "TEST_TOCI_URL"
JTL_URL = "TEST_JTL_URL"

toci_is_a_file = pytest.mark.skipif(TOCI_URL in os.environ, reason="about SQLite's file, and our database is on a server here")
jtl_is_a_file = pytest.mark.skipif(JTL_URL in os.environ, reason="about SQLite's file, and JTL is on a server here")
toci_is_a_server = pytest.mark.skipif(TOCI_URL not in os.environ, reason=f"needs a server: set {TOCI_URL}")
jtl_is_a_server = pytest.mark.skipif(JTL_URL not in os.environ, reason=f"needs a server: set {JTL_URL}")


def empty_toci_url(file: Path) -> str:
    """The URL of an empty database of ours: the file, or the server's after it was emptied."""
    url = os.environ.get(TOCI_URL)
    if url is None:
        return f"sqlite:///{file}"
    drop_everything(url)
    return url


def drop_everything(url: str) -> None:
    """Drop every table of the login's own schema."""
    parts = make_url(url)
    assert any(word in (parts.database or "") for word in ("test", "toci", "eazybusiness")), f"{parts.database} does not look like a test's"
    engine = create_engine(url, poolclass=NullPool)
    with engine.begin() as connection:
        names = inspect(connection).get_table_names()
    # A table others refer to cannot go before them.
    while names:
        left = [name for name in names if not _drop(engine, name)]
        assert len(left) < len(names), f"cannot drop {left}"
        names = left


def _drop(engine: Engine, name: str) -> bool:
    try:
        with engine.begin() as connection:
            Table(name, MetaData()).drop(connection)
    except DBAPIError:
        return False
    return True
