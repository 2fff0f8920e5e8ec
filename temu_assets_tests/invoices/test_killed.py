"""A run that dies while it takes or reads invoices: the next one finishes, and every file is there once."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from pydantic import SecretStr
from sqlalchemy import select, update

from temu_assets import crash_points
from temu_assets.data_folders import INVOICE_ARCHIVE, INVOICES_IN, INVOICES_OUT
from temu_assets.invoices.arriving import Arriving
from temu_assets.invoices.jobs import Limits
from temu_assets.invoices.reading import Lane
from temu_assets.invoices.reading_stage import ReadingStage
from temu_assets.toci import leases
from temu_assets.toci.database import Toci, open_engine
from temu_assets.toci.revision import ensure_current
from temu_assets.toci.tables import invoice_documents
from temu_assets.toci.tables import leases as leases_table
from temu_assets_tests.databases import toci_is_a_file
from temu_assets_tests.invoices.e_invoices import Invoice, cii
from temu_assets_tests.invoices.office import Office

pytestmark = toci_is_a_file  # the data folder is copied with the database in it

POINTS = ["file_written", "file_renamed", "file_removed", "toci_commit_before", "toci_commit_after"]
FILES = {f"{number}.xml": cii(replace(Invoice(), number=f"RE-{number}")) for number in range(3)}
LIMITS = Limits(10_000_000, 100, 30, 1024)


class Died(BaseException):
    """The process is gone: nothing catches this."""


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    data = tmp_path_factory.mktemp("original")
    folder = data / INVOICES_IN / Lane.INVOICES.value
    folder.mkdir(parents=True)
    for name, content in {**FILES, "copy.xml": FILES["0.xml"], "broken.pdf": b"%PDF-1.4 nothing"}.items():
        (folder / name).write_bytes(content)
        os.utime(folder / name, (1_000_000, 1_000_000))
    toci = opened(data)
    ensure_current(toci)
    toci.close()
    return data


def opened(data: Path) -> Toci:
    return Toci(open_engine(SecretStr(f"sqlite:///{data / 'toci.db'}")), "shop")


def run(data: Path) -> None:
    toci = opened(data)
    try:
        with leases.hold(toci, "invoices", "a run") as lease:
            fenced = lease.fenced(toci)
            Arriving(
                fenced, data, [(Lane.INVOICES, data / INVOICES_IN / Lane.INVOICES.value)], lambda: datetime.now(UTC), lambda _: None
            ).run()
            ReadingStage(fenced, lease, Lane.INVOICES, data, LIMITS, (), 1, "", lambda: datetime.now(UTC)).run()
    finally:
        toci.close()


def outcome(data: Path) -> tuple[object, ...]:
    """What is left in the end: rows, the Excel file, the archive, and what still lies in the folder."""
    toci = opened(data)
    with toci.engine.begin() as connection:
        rows: list[Any] = list(connection.execute(select(invoice_documents).order_by(invoice_documents.c.sha256)))
    toci.close()
    book = load_workbook(data / INVOICES_OUT / "rechnungen.xlsx")
    shown = sorted((str(row[3].value), str(row[13].value)) for row in book.worksheets[0].iter_rows(min_row=2))
    archive = sorted(path.name[16:] for path in (data / INVOICE_ARCHIVE).rglob("*") if path.is_file())
    left = sorted(path.name for path in (data / INVOICES_IN).rglob("*") if path.is_file())
    return [(row.number, row.status, row.gross_cents, row.source) for row in rows], shown, archive, left


def dies_at(data: Path, point: str, monkeypatch: pytest.MonkeyPatch) -> bool:
    """One run that dies there; False when it never gets there."""

    def die() -> None:
        raise Died

    with monkeypatch.context() as patch:
        patch.setattr(crash_points, "_die", die)
        crash_points.arm(at=point)
        try:
            run(data)
        except Died:
            return True
        finally:
            crash_points.arm()
            toci = opened(data)
            with toci.engine.begin() as connection:
                connection.execute(update(leases_table).values(expires_at=datetime.now(UTC) - timedelta(seconds=1)))
            toci.close()
    return False


def occurrences(data: Path, name: str, original: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    for number in range(1, 100):
        shutil.rmtree(data, ignore_errors=True)
        shutil.copytree(original, data)
        if not dies_at(data, f"{name}#{number}", monkeypatch):
            return
        yield number


@pytest.mark.parametrize("name", POINTS)
def test_wherever_a_run_dies_the_next_one_finishes(name: str, original: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    undisturbed = tmp_path / "undisturbed"
    shutil.copytree(original, undisturbed)
    run(undisturbed)
    expected = outcome(undisturbed)
    assert expected[3] == []
    deaths = 0
    for number in occurrences(tmp_path / "data", name, original, monkeypatch):
        run(tmp_path / "data")
        assert outcome(tmp_path / "data") == expected, f"{name}#{number}"
        deaths += 1
    assert deaths > 2


def test_a_process_that_is_killed_loses_nothing_and_the_next_run_finishes(office: Office) -> None:
    for name, content in FILES.items():
        office.drop(name, content)
    command = [sys.executable, "-m", "dagster", "job", "execute", "-m", "temu_assets.definitions", "-j", "fetch_invoices"]
    home = office.data.parent / "home"
    home.mkdir()
    environment = os.environ | {"DAGSTER_HOME": str(home), crash_points.AT: "file_removed#2"}
    killed = subprocess.run(command, env=environment, capture_output=True, check=False)
    assert killed.returncode == -signal.SIGKILL
    assert len(office.waiting()) == 1
    del environment[crash_points.AT]
    assert subprocess.run(command, env=environment, capture_output=True, check=False).returncode == 0
    assert sorted((row["Rechnungsnummer"], row["Status"]) for row in office.excel()) == [(f"RE-{number}", "ok") for number in range(3)]
    assert office.waiting() == []
