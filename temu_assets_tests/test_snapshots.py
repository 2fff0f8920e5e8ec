"""Raw answers on disk: complete or not at all, unchanged, for the program's eyes only."""

from __future__ import annotations

import os
import stat
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, create_engine, select

from temu_assets import snapshots
from temu_assets.errors import ConfigurationError, InternalError, TransientError
from temu_assets.snapshots import (
    Content,
    Record,
    SnapshotFile,
    SnapshotKind,
    mark_ingested,
    not_ingested,
    read_snapshot,
    register,
    write_snapshot,
)
from temu_assets.toci.tables import raw_snapshots

NOW = datetime(2026, 2, 1, 8, 30, 15, tzinfo=UTC)
ORDER = Record("order", "PO-1", NOW, {"parentOrderMap": {"parentOrderSn": "PO-1", "name": "Jörg Müller"}})

any_text = st.text(st.characters(codec=None, categories=None))  # half emojis too: a shop's texts are cut anywhere
json_data = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | any_text,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(any_text, inner, max_size=3),
    max_leaves=8,
)
records = st.builds(Record, kind=any_text, key=any_text, fetched_at=st.datetimes(timezones=st.just(UTC)), data=json_data)


def write(
    data_dir: Path, *, run_id: str = "0123456789abcdef", now: datetime = NOW, kind: SnapshotKind = SnapshotKind.ORDERS
) -> SnapshotFile:
    return write_snapshot(data_dir, kind=kind, content=Content.LISTING, run_id=run_id, records=[ORDER], now=now)


def files_below(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


@given(st.lists(records, max_size=4))
@settings(max_examples=50)
def test_what_was_written_is_read_back(told: list[Record]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        file = write_snapshot(
            Path(folder), kind=SnapshotKind.SKUS, content=Content.DETAILS, run_id="0123456789", records=iter(told), now=NOW
        )
        assert file.records == len(told)
        assert list(read_snapshot(Path(folder), file)) == told


def test_a_file_lies_in_the_folder_of_its_run_and_nothing_else_does(tmp_path: Path) -> None:
    file = write(tmp_path)
    assert file.path == "temu/api_responses/2026/02/01/083015-01234567/orders-listing-0001.jsonl.gz"
    assert files_below(tmp_path) == [tmp_path / file.path]


def test_every_file_of_a_run_has_a_name_of_its_own(tmp_path: Path) -> None:
    assert len({write(tmp_path).path, write(tmp_path).path, write(tmp_path, kind=SnapshotKind.SKUS).path}) == 3


def test_the_same_records_make_the_same_file(tmp_path: Path) -> None:
    assert write(tmp_path).sha256 == write(tmp_path, now=NOW + timedelta(days=1)).sha256


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such permissions")
def test_only_the_programs_user_may_read_buyers_data(tmp_path: Path) -> None:
    """Fault 21."""
    path = tmp_path / write(tmp_path).path
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_an_answer_that_breaks_off_leaves_no_file(tmp_path: Path) -> None:
    def answers() -> Iterator[Record]:
        yield ORDER
        raise TransientError("TEMU did not answer.", remedy="wait.")

    with pytest.raises(TransientError):
        write_snapshot(tmp_path, kind=SnapshotKind.ORDERS, content=Content.LISTING, run_id="0123456789", records=answers(), now=NOW)
    assert files_below(tmp_path) == []


def test_a_disk_that_fills_up_leaves_no_file_and_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(ConfigurationError, match=rf"cannot be written below {tmp_path} \(No space left on device\)"):
        write(tmp_path)
    assert files_below(tmp_path) == []


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "temu").write_text("a file where a folder should be")
    with pytest.raises(ConfigurationError, match=rf"cannot be written below {tmp_path}.*set TEMU_DATA_DIR"):
        write(tmp_path)


@pytest.mark.parametrize("change", [lambda packed: packed[:-1], lambda packed: packed + b" ", lambda _: b""])
def test_a_file_that_was_changed_is_refused(tmp_path: Path, change: object) -> None:
    file = write(tmp_path)
    path = tmp_path / file.path
    assert callable(change)
    path.write_bytes(change(path.read_bytes()))
    with pytest.raises(InternalError, match=rf"{file.path} were changed"):
        list(read_snapshot(tmp_path, file))


def test_a_file_that_is_gone_is_named(tmp_path: Path) -> None:
    """Fault 9: it is not a file without orders."""
    file = write(tmp_path)
    (tmp_path / file.path).unlink()
    with pytest.raises(InternalError, match=rf"{file.path} are registered but gone"):
        list(read_snapshot(tmp_path, file))


@pytest.fixture
def connection() -> Iterator[Connection]:
    engine = create_engine("sqlite://")
    with engine.connect() as connection:
        raw_snapshots.create(connection)
        yield connection
    engine.dispose()


def test_files_are_taken_in_oldest_first_and_once(tmp_path: Path, connection: Connection) -> None:
    late, early = write(tmp_path, now=NOW + timedelta(hours=1)), write(tmp_path)
    complete = write_snapshot(
        tmp_path, kind=SnapshotKind.ORDERS, content=Content.LISTING, run_id="0123456789", records=[], now=NOW, window_end=NOW
    )
    for file in (late, early, complete):
        register(connection, "shop", file)
    assert not_ingested(connection, "shop", SnapshotKind.ORDERS) == [early, complete, late]

    mark_ingested(connection, "shop", early, now=NOW)
    assert not_ingested(connection, "shop", SnapshotKind.ORDERS) == [complete, late]
    assert connection.execute(select(raw_snapshots.c.ingested_at).where(raw_snapshots.c.path == early.path)).scalar_one() == NOW


def test_other_kinds_and_other_shops_are_left_alone(tmp_path: Path, connection: Connection) -> None:
    file = write(tmp_path)
    register(connection, "shop", file)
    register(connection, "other", file)
    mark_ingested(connection, "other", file, now=NOW)
    assert not_ingested(connection, "shop", snapshots.SnapshotKind.SKUS) == []
    assert not_ingested(connection, "shop", SnapshotKind.ORDERS) == [file]
