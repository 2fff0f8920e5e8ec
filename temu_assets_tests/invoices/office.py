"""Somebody who drops invoices and looks at the result: folders, the job as Dagster runs it, and what the Excel files say."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import dagster as dg
from openpyxl import load_workbook
from sqlalchemy import Row, select

from temu_assets.data_folders import INVOICE_ARCHIVE, INVOICES_IN, INVOICES_OUT
from temu_assets.definitions import defs
from temu_assets.invoices.reading import Lane
from temu_assets.toci import problems
from temu_assets.toci.database import Toci
from temu_assets.toci.problems import Problem
from temu_assets.toci.tables import invoice_documents

JOB = "fetch_invoices"
_WITHOUT_CHECKS = dg.Definitions(assets=defs.assets, jobs=defs.jobs, resources=defs.resources, executor=defs.executor)


@dataclass
class Office:
    data: Path
    toci: Toci
    instance: dg.DagsterInstance

    def drop(self, name: str, content: bytes, lane: Lane = Lane.INVOICES) -> Path:
        """A file is dropped, and nobody has written to it for a minute."""
        path = self.data / INVOICES_IN / lane.value / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        os.utime(path, (time.time() - 60, time.time() - 60))
        return path

    def run(self, *, checks: bool = False) -> dg.ExecuteInProcessResult:
        definitions = defs if checks else _WITHOUT_CHECKS
        return definitions.resolve_job_def(JOB).execute_in_process(instance=self.instance, raise_on_error=False)

    def read(self) -> list[dict[str, Any]]:
        """Run the job, and the rows of rechnungen.xlsx after it."""
        result = self.run()
        assert result.success
        return self.excel()

    def excel(self, lane: Lane = Lane.INVOICES) -> list[dict[str, Any]]:
        book = load_workbook(self.data / INVOICES_OUT / f"{lane}.xlsx")
        assert len(book.sheetnames) == 1
        heads, *rows = [[cell.value for cell in row] for row in book.worksheets[0].iter_rows()]
        return [dict(zip(map(str, heads), row, strict=True)) for row in rows]

    def rows(self) -> list[Row[Any]]:
        with self.toci.engine.begin() as connection:
            return list(connection.execute(select(invoice_documents).order_by(invoice_documents.c.file_name)))

    def problems(self, kind: str) -> list[Problem]:
        return self.toci.read(lambda connection: problems.unsettled(connection, self.toci.shop, kind))

    def waiting(self) -> list[str]:
        return sorted(path.name for lane in Lane for path in (self.data / INVOICES_IN / lane.value).glob("*"))

    def archived(self) -> list[bytes]:
        return sorted(path.read_bytes() for path in (self.data / INVOICE_ARCHIVE).rglob("*") if path.is_file())
