"""The job ``datev_processing`` as a seller's office meets it: files in a folder, a run of Dagster's, files in another folder."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from openpyxl import load_workbook
from pydantic import SecretStr
from sqlalchemy import Row, Table, select

from temu_assets.data_folders import DATEV_ARCHIVE, DATEV_IN, DATEV_OUT, DATEV_REPORTS
from temu_assets.definitions import defs
from temu_assets.toci.database import Toci, open_engine
from temu_assets.toci.tables import datev_batches
from temu_assets_tests.bookkeeping.extf_files import Booking, extf
from temu_assets_tests.databases import empty_toci_url
from temu_assets_tests.seller import WITHOUT_CHECKS

JOB = "datev_processing"
LONG_AGO = 1_760_000_000


@dataclass
class Office:
    """Folders, our database, and Dagster."""

    data: Path
    toci: Toci
    instance: dg.DagsterInstance

    def drop(self, name: str, content: bytes) -> Path:
        """A file nobody writes to any more."""
        return drop(self.data, name, content)

    def run(self, *, checks: bool = False) -> dg.ExecuteInProcessResult:
        definitions = defs if checks else WITHOUT_CHECKS
        return definitions.resolve_job_def(JOB).execute_in_process(instance=self.instance, raise_on_error=False)

    def rows(self, table: Table = datev_batches) -> list[Row[Any]]:
        order = (table.c.taken_at, table.c.file_name) if table is datev_batches else tuple(table.primary_key)
        with self.toci.engine.begin() as connection:
            return list(connection.execute(select(table).order_by(*order)))

    def row(self, name: str) -> Row[Any]:
        (found,) = (row for row in self.rows() if row.file_name == name)
        return found

    def waiting(self) -> list[str]:
        """Names of files that were not taken."""
        return names_in(self.data / DATEV_IN)

    def outputs(self) -> dict[str, bytes]:
        """What lies in the output folder."""
        return contents(self.data / DATEV_OUT)

    def archive(self) -> dict[str, bytes]:
        return contents(self.data / DATEV_ARCHIVE)

    def reports(self) -> list[Path]:
        return sorted((self.data / DATEV_REPORTS).glob("*.xlsx"))

    def sheets(self) -> dict[str, list[tuple[Any, ...]]]:
        """What Excel shows of the newest report, by sheet, without the heads."""
        return sheets_of(self.reports()[-1])


def drop(data: Path, name: str, content: bytes) -> Path:
    path = data / DATEV_IN / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    os.utime(path, (LONG_AGO, LONG_AGO))
    return path


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def sheets_of(path: Path) -> dict[str, list[tuple[Any, ...]]]:
    book = load_workbook(io.BytesIO(path.read_bytes()))
    return {sheet.title: [tuple(row) for row in sheet.iter_rows(min_row=2, values_only=True)] for sheet in book}


@contextmanager
def open_office(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Office]:
    """With no settings but where the data lie: no TEMU, no JTL, and no sandbox that runs."""
    data = folder / "data"
    monkeypatch.chdir(folder)
    monkeypatch.setenv("TEMU_DATA_DIR", str(data))
    url = empty_toci_url(data / "toci.db")
    monkeypatch.setenv("TOCI_DATABASE_URL", url)
    toci = Toci(open_engine(SecretStr(url)), "sandbox")
    with dg.DagsterInstance.ephemeral() as instance:
        yield Office(data, toci, instance)
    toci.close()


def datev_file(*bookings: Booking) -> bytes:
    """A DATEV file of January 2026 as DATEV wants it."""
    return extf(bookings)
