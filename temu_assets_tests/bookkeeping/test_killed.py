"""DATEV files while the program dies: killed at every place with an effect, then run once more. Each file exactly once, all the same."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import temu_assets_tests
from temu_assets.crash_points import AT
from temu_assets.data_folders import DATEV_IN
from temu_assets.toci.tables import datev_batches
from temu_assets_tests.bookkeeping.extf_files import Booking
from temu_assets_tests.bookkeeping.office import Office, datev_file, open_office
from temu_assets_tests.bookkeeping.test_zips import packed
from temu_assets_tests.databases import toci_is_a_file

pytestmark = [toci_is_a_file, pytest.mark.skipif(os.name == "nt", reason="forks, and Windows has no such signals")]

ENVIRONMENT_PATH = str(Path(temu_assets_tests.__file__).parent.parent)
CRITICAL = datev_file(Booking(text="RE-7"), Booking(contra="0", text="RE-8"))
FILES = {
    "EXTF_Januar.csv": datev_file(Booking(text="RE-1"), Booking(text="RE-2")),
    "Rest.zip": packed(("EXTF_Januar.csv", datev_file(Booking(text="RE-2"), Booking(text="RE-3"))), ("EXTF_keine.csv", b"<html>")),
    "Foto.png": b"\x89PNG",
    "EXTF_kritisch.csv": CRITICAL,
}

KILL_EVERYWHERE = """
import os, shutil, signal, sqlite3
from datetime import UTC, datetime
from pathlib import Path
from pydantic import SecretStr
from temu_assets.bookkeeping.batch_processing import BatchProcessing
from temu_assets.bookkeeping.old_reports import OldReports
from temu_assets.bookkeeping.report import Reporting
from temu_assets.bookkeeping.rules import Rules
from temu_assets.bookkeeping.taking import Taking
from temu_assets.crash_points import arm
from temu_assets.office_settings import CriticalFiles
from temu_assets.toci import leases
from temu_assets.toci.database import Toci, open_engine
from temu_assets.toci.revision import ensure_current
from temu_assets_tests.bookkeeping.office import drop
from temu_assets_tests.bookkeeping.test_killed import CRITICAL, FILES

START, DATA, TRACE = Path("start"), Path("data"), Path("trace")

def now():
    return datetime(2026, 2, 3, 10, 20, 30, tzinfo=UTC)

def nobody(numbers):
    raise AssertionError("JTL was asked")

def work(data=DATA, rules=Rules(), **told):
    toci = Toci(open_engine(SecretStr(f"sqlite:///{data / 'toci.db'}")), "shop")
    ensure_current(toci)
    arm(**told)
    watched = Toci(open_engine(SecretStr(f"sqlite:///{data / 'toci.db'}")), "shop")
    with leases.hold(toci, "bookkeeping", "test") as lease:
        ours = lease.fenced(watched)
        Taking(ours, data, 1_000_000, rules.digest, now, lambda _: None).run()
        BatchProcessing(ours, lease, data, rules, nobody, now).run()
        Reporting(ours, lease, data, None, now).run()
        OldReports(ours, data, 30, now).remove()
    arm()
    toci.close()
    watched.close()

def fresh():
    shutil.rmtree(DATA, ignore_errors=True)
    shutil.copytree(START, DATA)

def content():
    found = {}
    for path in sorted(DATA.rglob("*")):
        if path.suffix == ".xlsx" and "auswertung" in path.name:
            found[str(path)] = path.stat().st_size > 1000  # what it says its twin says too
        elif path.is_file() and not path.name.startswith("toci"):
            found[str(path)] = path.read_bytes()
    with sqlite3.connect(DATA / "toci.db") as connection:
        for table in ("datev_batches", "datev_documents", "sync_state"):
            found[table] = sorted(connection.execute(f"SELECT * FROM {table}").fetchall(), key=repr)
    return found

# One file was processed by other rules before: what they made of it has to go.
drop(START, "EXTF_kritisch.csv", CRITICAL)
work(START, Rules(critical_files=CriticalFiles.PREFIX))
assert [path.name for path in (START / "csv_verarbeiter" / "ausgang").iterdir()] == ["#_EXTF_kritisch.csv"]
(START / "csv_verarbeiter" / "reports" / "auswertung_2020-01-01_000000.xlsx").write_bytes(b"")
for name, file in FILES.items():
    drop(START, name, file)
fresh()
work(trace=str(TRACE))
expected = content()
outputs = {Path(path).name for path in expected if "/ausgang/" in path}
assert outputs == {"EXTF_Januar.csv", "EXTF_Januar_2.csv"}, outputs
passed = TRACE.read_text().split()
# Inside a transaction all places are one: nothing of it is there before its commit.
points = [f"{name}#{passed[:number + 1].count(name)}" for number, name in enumerate(passed) if "_statement_" not in name]
for point in points:
    fresh()
    child = os.fork()
    if not child:
        work(at=point)
        os._exit(0)
    assert os.WTERMSIG(os.waitpid(child, 0)[1]) == signal.SIGKILL, point
    work()
    found = content()
    assert found.keys() == expected.keys(), f"killed at {point}: {found.keys() ^ expected.keys()}"
    assert [name for name in found if found[name] != expected[name]] == [], f"killed at {point}, then done again: not the same"
print(len(points))
"""


def test_wherever_a_run_dies_the_next_one_ends_as_an_undisturbed_one(tmp_path: Path) -> None:
    """Rows, outputs, results, archive and report: nothing twice, nothing missing, nothing half."""
    environment = os.environ | {"PYTHONPATH": ENVIRONMENT_PATH}
    command = [sys.executable, "-c", KILL_EVERYWHERE]
    run = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr[-3000:]
    assert int(run.stdout) > 50


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Office]:
    with open_office(tmp_path, monkeypatch) as office:
        yield office


@pytest.mark.parametrize("point", ["file_removed#1", "file_written#7"], ids=["while files are taken", "while outputs are written"])
def test_a_killed_run_of_the_job_is_gone_on_with_by_the_next(office: Office, point: str) -> None:
    for name, content in FILES.items():
        office.drop(name, content)
    command = [sys.executable, "-m", "dagster", "job", "execute", "-m", "temu_assets.definitions", "-j", "datev_processing"]
    environment = os.environ | {"PYTHONPATH": ENVIRONMENT_PATH, AT: point}
    run = subprocess.run(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    assert run.returncode != 0
    assert office.run().success
    assert sorted(office.outputs()) == ["EXTF_Januar.csv", "EXTF_Januar_2.csv"]
    assert {row.file_name: row.status for row in office.rows(datev_batches)} == {
        "EXTF_Januar.csv": "ok", "EXTF_keine.csv": "Fehler", "Foto.png": "Fehler", "EXTF_kritisch.csv": "zurückgehalten",
    }  # fmt: skip
    assert len(office.reports()) == 1
    assert list((office.data / DATEV_IN).iterdir()) == []
