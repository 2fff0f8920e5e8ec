"""A backup that is put back is what it was, and the restored shop doubles nothing, whatever happened since."""

from __future__ import annotations

import gzip
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from dagster import DagsterInstance
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr
from sqlalchemy import delete, insert, select

from temu_assets.backup import manifest, rows
from temu_assets.backup.making import PREFIX, check, make
from temu_assets.backup.manifest import Manifest
from temu_assets.backup.restoring import restore
from temu_assets.cli import main
from temu_assets.durable import sha256_of
from temu_assets.errors import ConfigurationError
from temu_assets.settings import load_settings
from temu_assets.toci.database import Toci, open_engine
from temu_assets.toci.migrate import migrate
from temu_assets.toci.revision import NEWEST, read_revision
from temu_assets.toci.tables import metadata
from temu_assets_tests.backup.drill import drill
from temu_assets_tests.databases import drop_everything, empty_toci_url, toci_is_a_file
from temu_assets_tests.orders.test_restored import a_day_of_work, require_agreement
from temu_assets_tests.seller import Seller

NOW = datetime(2026, 11, 26, 2, 30, tzinfo=UTC)
PREVIOUS = Path(__file__).parent / "release_0_1_0"
Rows = dict[str, list[dict[str, Any]]]


def everything(toci: Toci) -> Rows:
    tables = [table for table in metadata.sorted_tables if table.name != "leases"]
    with toci.engine.begin() as connection:
        return {
            table.name: [dict(row) for row in connection.execute(select(table).order_by(*table.primary_key)).mappings()] for table in tables
        }


def lose_everything(seller: Seller) -> None:
    """The disk has gone: our database and the data folder are not there any more."""
    url = os.environ["TOCI_DATABASE_URL"]
    seller.toci.close()
    if not url.startswith("sqlite"):
        drop_everything(url)
    shutil.rmtree(seller.data)
    seller.data.mkdir()


def made(seller: Seller, target: Path, home: Path | None = None, *, keep: int = 0, now: datetime = NOW) -> Path:
    return make(load_settings(), seller.toci, target, home, keep=keep, now=now).folder


def test_the_disk_goes_and_the_backup_of_last_night_is_put_back(new_seller: Seller, tmp_path: Path) -> None:
    """Fault 6: what happened between the backup and the loss is known to JTL and TEMU alone."""
    early = new_seller.place()
    new_seller.run_through()
    before = everything(new_seller.toci)
    folder = made(new_seller, tmp_path / "backups")
    files = {path.relative_to(new_seller.data): path.read_bytes() for path in new_seller.data.rglob("*.xml")}
    orders = [early, *a_day_of_work(new_seller)]

    lose_everything(new_seller)
    found, migrated = restore(load_settings(), new_seller.toci, folder, None)
    assert migrated.after == NEWEST
    assert everything(new_seller.toci) == before
    assert {path.relative_to(new_seller.data): path.read_bytes() for path in new_seller.data.rglob("*.xml")} == files != {}
    assert found.rows["temu_orders"] == 1

    for _ in range(2):
        assert new_seller.run().success
        new_seller.sandbox.jtl.run_worker()
    assert new_seller.run("temu_inventory_full_sync").success
    require_agreement(new_seller, orders)


def test_a_shop_of_the_version_before_goes_on_where_it_stopped(new_seller: Seller, tmp_path: Path) -> None:
    """The same world seen by a database that still has the tables of the last release."""
    orders = a_day_of_work(new_seller)
    folder = made(new_seller, tmp_path)
    as_of_last_release(folder)
    lose_everything(new_seller)
    found, migrated = restore(load_settings(), new_seller.toci, folder, None)
    assert (found.revision, migrated.before, migrated.after) == ("0004", "0004", NEWEST)
    for _ in range(2):
        assert new_seller.run().success
        new_seller.sandbox.jtl.run_worker()
    require_agreement(new_seller, orders)


def as_of_last_release(folder: Path) -> None:
    """Make a backup what the last release would have written."""
    found = check(folder)
    old_files = {}
    for path in (PREVIOUS / "tables").iterdir():
        written = next(rows._read(path), None)
        if written is not None:
            ours = folder / "tables" / path.name
            kept = [{name: row[name] for name in written} for row in rows._read(ours)]
            with gzip.open(ours, "wt", encoding="utf-8") as file:
                file.writelines(json.dumps(row) + "\n" for row in kept)
            old_files[f"tables/{path.name}"] = sha256_of(ours)
    old = Manifest.from_json((PREVIOUS / manifest.NAME).read_text(encoding="utf-8"))
    aged = Manifest(
        old.version,
        old.revision,
        found.made_at,
        {table: count for table, count in found.rows.items() if table in old.rows},
        {name: digest for name, digest in found.files.items() if not name.startswith("tables/") or name in old.files} | old_files,
        found.left_out,
    )
    (folder / manifest.NAME).write_text(aged.to_json(), encoding="utf-8")


def test_what_the_release_before_wrote_is_read_value_for_value(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A database with a day's work in it, made by version 0.1.0 itself."""
    url = empty_toci_url(tmp_path / "toci.db")
    monkeypatch.setenv("TOCI_DATABASE_URL", url)
    monkeypatch.setenv("TEMU_DATA_DIR", str(tmp_path / "data"))
    toci = Toci(open_engine(SecretStr(url)), "temu")
    found, migrated = restore(load_settings(), toci, PREVIOUS, None)
    assert (found.version, migrated.before, migrated.after) == ("0.1.0", "0004", NEWEST)
    now = everything(toci)
    assert {table: len(now[table]) for table in found.rows} == found.rows
    rows.dump(toci, tmp_path / "again")
    for table in found.rows:
        written = list(rows._read(PREVIOUS / "tables" / f"{table}.jsonl.gz"))
        again = rows._read(tmp_path / "again" / f"{table}.jsonl.gz")
        assert [{name: row[name] for name in old} for row, old in zip(again, written, strict=True)] == written
    assert migrate(toci).before == NEWEST
    toci.close()


@toci_is_a_file
def test_the_history_of_runs_comes_back_too(new_seller: Seller, tmp_path: Path) -> None:
    home, elsewhere = tmp_path / "home", tmp_path / "elsewhere"
    for folder in (home, elsewhere):
        folder.mkdir()
        (folder / "dagster.yaml").write_text("telemetry:\n  enabled: false\n", encoding="utf-8")
    with DagsterInstance.from_config(str(home)) as instance:
        new_seller.instance = instance
        run_id = new_seller.run().run_id
        backup = made(new_seller, tmp_path / "backups", home)
    lose_everything(new_seller)
    restore(load_settings(), new_seller.toci, backup, elsewhere)
    with DagsterInstance.from_config(str(elsewhere)) as instance:
        (run,) = instance.get_runs()
        assert run.run_id == run_id
        assert instance.all_logs(run_id)


@toci_is_a_file
def test_a_backup_never_mixes_with_what_is_there(new_seller: Seller, tmp_path: Path) -> None:
    new_seller.run_through()
    folder = made(new_seller, tmp_path / "backups")
    before = everything(new_seller.toci)
    with pytest.raises(ConfigurationError, match=r"data folder .* is not empty"):
        restore(load_settings(), new_seller.toci, folder, None)
    shutil.rmtree(new_seller.data / "temu")
    with pytest.raises(ConfigurationError, match="Our database has tables already"):
        restore(load_settings(), new_seller.toci, folder, None)
    assert everything(new_seller.toci) == before
    assert not (new_seller.data / "temu").exists()


@toci_is_a_file
@pytest.mark.parametrize(
    "harm",
    [
        lambda folder: (folder / "tables" / "temu_orders.jsonl.gz").unlink(),
        lambda folder: (folder / "tables" / "outbox.jsonl.gz").write_bytes(b""),
        lambda folder: next((folder / "data").rglob("*.gz")).write_bytes(b"x"),
        lambda folder: (folder / manifest.NAME).unlink(),
        lambda folder: (folder / manifest.NAME).write_text("{}", encoding="utf-8"),
        lambda folder: (folder / manifest.NAME).write_text('{"format": 99}', encoding="utf-8"),
    ],
)
def test_a_damaged_backup_is_refused_before_anything_is_changed(new_seller: Seller, tmp_path: Path, harm: Callable[[Path], object]) -> None:
    new_seller.place()
    new_seller.run_through()
    folder = made(new_seller, tmp_path / "backups")
    check(folder)
    harm(folder)
    with pytest.raises(ConfigurationError, match="backup"):
        check(folder)
    lose_everything(new_seller)
    with pytest.raises(ConfigurationError, match="backup"):
        restore(load_settings(), new_seller.toci, folder, None)
    assert not list(new_seller.data.rglob("*.gz"))


@toci_is_a_file
def test_a_backup_of_a_newer_version_is_refused_by_name(new_seller: Seller, tmp_path: Path) -> None:
    new_seller.run_through()
    folder = made(new_seller, tmp_path / "backups")
    path = folder / manifest.NAME
    path.write_text(path.read_text(encoding="utf-8").replace(f'"revision": "{NEWEST}"', '"revision": "0999"'), encoding="utf-8")
    lose_everything(new_seller)
    with pytest.raises(ConfigurationError, match=r"newer version .* 0999"):
        restore(load_settings(), new_seller.toci, folder, None)
    assert new_seller.toci.read(read_revision) is None


@toci_is_a_file
def test_only_as_many_as_are_wanted_are_kept_and_nothing_of_a_killed_one(new_seller: Seller, tmp_path: Path) -> None:
    new_seller.run_through()
    (tmp_path / "mine").mkdir()
    (tmp_path / f"unfinished-{PREFIX}20261101T000000Z").mkdir()
    folders = [made(new_seller, tmp_path, keep=2, now=NOW + timedelta(days=day)) for day in range(4)]
    assert sorted(each for each in tmp_path.iterdir() if "temu-assets" in each.name) == folders[2:]
    assert (tmp_path / "mine").exists()


@toci_is_a_file
@pytest.mark.skipif(os.name == "nt", reason="file modes")
def test_nobody_else_may_read_a_backup(new_seller: Seller, tmp_path: Path) -> None:
    new_seller.place()
    new_seller.run_through()
    folder = made(new_seller, tmp_path / "backups")
    assert folder.stat().st_mode & 0o077 == 0
    assert {path.stat().st_mode & 0o077 for path in folder.rglob("*") if path.is_file()} == {0}


@toci_is_a_file
@pytest.mark.skipif(os.name == "nt", reason="signals")
def test_a_killed_backup_is_none_and_a_killed_restore_is_begun_again(new_seller: Seller, tmp_path: Path) -> None:
    for _ in range(5):
        new_seller.place()
    new_seller.run_through()
    before = everything(new_seller.toci)
    with new_seller.toci.engine.begin() as connection:  # enough to be at it for a while
        table = metadata.tables["scheduler_logs"]
        many = [
            {"shop": "other", "log_id": str(number), "run_id": "r", "job_id": "j", "job_type": "t", "level": "INFO", "message": "m" * 500,
             "status": "success", "timestamp": NOW}
            for number in range(30_000)
        ]  # fmt: skip
        connection.execute(insert(table), many)
    target = tmp_path / "backups"
    kill_when(["backup", "make", str(target)], lambda: bool(list(target.glob("unfinished-*/tables/scheduler_logs*"))))
    assert [each.name.partition("-")[0] for each in target.iterdir()] == ["unfinished"]
    folder = made(new_seller, target)
    lose_everything(new_seller)

    kill_when(["backup", "restore", str(folder)], lambda: (new_seller.data / "toci.db").exists())
    toci = Toci(open_engine(SecretStr(os.environ["TOCI_DATABASE_URL"])), "temu")
    assert toci.read(read_revision) is None
    toci.close()
    shutil.rmtree(new_seller.data)
    restored = temu_assets("backup", "restore", str(folder))
    assert restored.exit_code == 0, restored.output
    assert "asked before anything is sent" in restored.output
    with new_seller.toci.engine.begin() as connection:
        connection.execute(delete(table).where(table.c.shop == "other"))
    assert everything(new_seller.toci) == before


def kill_when(arguments: list[str], is_time: Callable[[], bool]) -> None:
    process = subprocess.Popen([sys.executable, "-m", "temu_assets", *arguments], stdout=subprocess.DEVNULL)
    deadline = time.monotonic() + 60
    while not is_time():
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.001)
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL


def temu_assets(*arguments: str) -> Result:
    return CliRunner().invoke(main, arguments)


@toci_is_a_file
def test_the_command_line_makes_checks_and_says_what_is_not_in_it(new_seller: Seller, tmp_path: Path) -> None:
    new_seller.place()
    new_seller.run_through()
    done = temu_assets("backup", "make", str(tmp_path / "backups"), "--keep", "3")
    assert done.exit_code == 0, done.output
    assert "Not in it: .env and other secrets" in done.output
    assert "Not in it: Dagster's history: DAGSTER_HOME is not set." in done.output
    (folder,) = (tmp_path / "backups").iterdir()
    assert "is whole" in temu_assets("backup", "check", str(folder)).output
    next(folder.rglob("*.xml")).write_bytes(b"")
    refused = temu_assets("backup", "check", str(folder))
    assert refused.exit_code == 1
    assert "is missing or not what was written" in refused.output


@toci_is_a_file
def test_no_room_leaves_no_half_backup(new_seller: Seller, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    new_seller.run_through()

    def full(*_: object) -> str:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("temu_assets.backup.making.copy_file", full)
    with pytest.raises(ConfigurationError, match=r"could not be written .*No space left"):
        made(new_seller, tmp_path / "backups")
    assert list((tmp_path / "backups").iterdir()) == []


@given(
    st.builds(
        Manifest,
        st.text(),
        st.text(),
        st.datetimes(timezones=st.just(UTC)),
        st.dictionaries(st.text(), st.integers(0)),
        st.dictionaries(st.text(), st.text()),
        st.lists(st.text()).map(tuple),
    )
)
def test_a_manifest_is_read_as_it_was_written(written: Manifest) -> None:
    assert Manifest.from_json(written.to_json()) == written


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        ("temu/export/2026/11/PO-1.xml", True),
        ("pdf_reader/archiv/a.pdf", True),
        ("sandbox/jtl.db", False),
        ("toci.db-wal", False),
        ("temu/dry_run/1/PO-1.xml", False),
        ("temu/xml/.PO-1.xml.tmp", False),
        ("sandboxes/a", True),
    ],
)
def test_what_of_the_data_folder_belongs_into_a_backup(place: str, expected: bool) -> None:
    assert manifest.belongs(place) is expected


@toci_is_a_file
def test_the_drill_finds_nothing_lost_and_nothing_doubled(tmp_path: Path) -> None:
    (tmp_path / "shop").mkdir()
    assert drill(tmp_path) == []
