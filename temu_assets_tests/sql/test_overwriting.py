"""What was erased cannot be read from SQLite's file any more, nor from the log beside it."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlalchemy.engine import make_url

from temu_assets.sql import sqlite
from temu_assets.sql.engine import open_server
from temu_assets.sql.limits import Limits
from temu_assets.sql.servers import dialect_of

CANARY = b"Kanarina Geheimnis"


@pytest.fixture
def engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Engine:
    """A file of ours in which many rows were written and emptied, or deleted, again."""
    monkeypatch.setattr(sqlite, "_WAIT_SECONDS", 0)
    engine = open_server(make_url(f"sqlite:///{tmp_path / 'ours.db'}"), Limits(), "TOCI_DATABASE_URL", is_guest=False)
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE buyers (id INTEGER PRIMARY KEY, name TEXT)")
        for number in range(300):
            connection.exec_driver_sql("INSERT INTO buyers VALUES (?, ?)", (number, CANARY.decode() * 3))
    with engine.connect() as connection:
        connection.exec_driver_sql("COMMIT")
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    with engine.begin() as connection:
        # Some builds of SQLite overwrite by themselves; most do not.
        connection.exec_driver_sql("PRAGMA secure_delete=OFF")
        connection.exec_driver_sql("UPDATE buyers SET name = '' WHERE id % 2 = 0")
        connection.exec_driver_sql("DELETE FROM buyers WHERE id % 2 = 1")
    return engine


def files_with_canary(folder: Path) -> list[str]:
    return [path.name for path in sorted(folder.iterdir()) if CANARY in path.read_bytes()]


def test_nothing_is_left_in_the_file_or_its_log(engine: Engine, tmp_path: Path) -> None:
    with engine.connect() as connection:
        connection.exec_driver_sql("COMMIT")
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    assert files_with_canary(tmp_path) == ["ours.db"]
    assert dialect_of(engine).overwrite_erased(engine) is True
    assert files_with_canary(tmp_path) == []
    with engine.begin() as connection:
        assert connection.exec_driver_sql("SELECT COUNT(*) FROM buyers").scalar_one() == 150
    engine.dispose()


def test_a_reader_in_the_way_is_told_of(engine: Engine) -> None:
    with engine.connect().execution_options(**{sqlite.READ_ONLY: True}) as reader:
        reader.exec_driver_sql("SELECT * FROM buyers").all()
        assert dialect_of(engine).overwrite_erased(engine) is False
    assert dialect_of(engine).overwrite_erased(engine) is True
    engine.dispose()
