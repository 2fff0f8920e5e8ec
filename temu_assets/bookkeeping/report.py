"""One report for all files that were processed since the last: an Excel file for people and a JSON twin for programs.

Its name is remembered before it is written, so that a run that dies in between leaves no second report on the same files behind.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from itertools import count
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from temu_assets.bookkeeping import batch_store, document_store, results
from temu_assets.bookkeeping.cross_checks import gaps, in_two_files, missing_numbers, second_invoices
from temu_assets.bookkeeping.findings import Finding, Severity
from temu_assets.bookkeeping.jtl_sums import sum_findings, sums_against_jtl
from temu_assets.bookkeeping.report_sheets import Entry, Report, sheets
from temu_assets.bookkeeping.statuses import Status
from temu_assets.data_folders import DATEV_REPORTS
from temu_assets.durable import write_file
from temu_assets.errors import ConfigurationError
from temu_assets.jtl.values import LOCAL
from temu_assets.sheets import write_workbook
from temu_assets.toci import sync_state
from temu_assets.toci.database import Toci
from temu_assets.toci.leases import Lease
from temu_assets.toci.sync_state import Mark

IN_OTHER_FILES = "Belege oder Bestellungen aus dieser Datei stehen auch in einer anderen: siehe Blatt „Befunde“ der Auswertung (C01, T01)."
GrossTotals = Callable[[Sequence[str]], Mapping[str, Decimal]]
"""Asks JTL what orders come to, by external order number."""


@dataclass(frozen=True, slots=True)
class Reporting:
    """``gross_totals``: None where sums are not held against JTL; ``now`` aware."""

    toci: Toci
    lease: Lease
    data_dir: Path
    gross_totals: GrossTotals | None
    now: Callable[[], datetime]

    def run(self) -> Report | None:
        """Report on every file no report tells of yet; None when there is none. Raises what JTL, our database or the folder raise."""
        shop = self.toci.shop
        batches = self.toci.read(lambda connection: batch_store.unreported(connection, shop))
        if not batches:
            return None
        digests = [batch.sha256 for batch in batches]
        withheld = {batch.sha256 for batch in batches if batch.status is Status.WITHHELD}
        across = self._across(digests, withheld)
        doubted = _doubted(batches, across)
        batches = [replace(batch, status=Status.CHECK, note=IN_OTHER_FILES) if batch.sha256 in doubted else batch for batch in batches]
        entries = [Entry(batch, results.read_result(self.data_dir, batch.sha256) if batch.result_path else None) for batch in batches]
        now = self.now()
        report = Report(self._name(now), now, tuple(entries), tuple(across))
        self.lease.check()
        write_workbook(excel_file(self.data_dir, report.name), sheets(report, LOCAL))
        self._write_twin(report)

        def done(connection: Connection) -> None:
            batch_store.doubt(connection, shop, doubted, IN_OTHER_FILES)
            batch_store.report(connection, shop, digests, f"{report.name}.xlsx")
            sync_state.forget(connection, shop, Mark.DATEV_REPORT_BEGUN)

        self.toci.write(done)
        return report

    def _across(self, digests: Sequence[str], withheld: Collection[str]) -> list[Finding]:
        """What only shows across files, or against JTL. JTL is asked with no transaction open. A withheld file doubles nothing."""
        shop = self.toci.shop
        new = self.toci.read(lambda connection: document_store.documents_of(connection, shop, digests))
        missing = missing_numbers(new)
        elsewhere = self.toci.read(lambda connection: document_store.documents_elsewhere(connection, shop, digests))
        known = self.toci.read(lambda connection: document_store.numbers_handed_on(connection, shop, missing))
        handed_on = [each for each in new if each.sha256 not in withheld]
        everywhere = [*handed_on, *elsewhere]
        findings = [*in_two_files(handed_on, everywhere), *second_invoices(handed_on, everywhere), *gaps(missing, known)]
        if self.gross_totals is not None:
            orders = {each.document.order_number for each in new if each.document.order_number}
            findings += sum_findings(sums_against_jtl(new, self.gross_totals(sorted(orders))))
        return findings

    def _name(self, now: datetime) -> str:
        """The name a run that died has begun to use, else one that is not used yet, remembered before anything is written under it."""
        shop = self.toci.shop
        begun = self.toci.read(lambda connection: sync_state.read(connection, shop, Mark.DATEV_REPORT_BEGUN))
        if begun is not None:
            return begun
        # T8: two reports within a second have names of their own.
        plain = f"auswertung_{now.astimezone(LOCAL):%Y-%m-%d_%H%M%S}"
        name = next(each for each in _numbered(plain) if not self._is_used(each))
        self.toci.write(lambda connection: sync_state.remember(connection, shop, Mark.DATEV_REPORT_BEGUN, name, now=now))
        return name

    def _is_used(self, name: str) -> bool:
        folder = self.data_dir / DATEV_REPORTS
        return any((folder / f"{name}{ending}").exists() for ending in (".xlsx", ".json"))

    def _write_twin(self, report: Report) -> None:
        path = excel_file(self.data_dir, report.name).with_suffix(".json")
        try:
            write_file(path, json.dumps(_as_json(report), separators=(",", ":")).encode())
        except OSError as error:
            raise ConfigurationError(
                f"{path} cannot be written ({error.strerror or type(error).__name__}).",
                remedy="let the program's user write there and make room on the disk; the next run writes the report.",
            ) from None


def _doubted(batches: Sequence[batch_store.Batch], across: Sequence[Finding]) -> list[str]:
    """Files that were handed on and of which something is wrong across files."""
    names = {finding.file for finding in across if finding.severity is Severity.ERROR}
    return [batch.sha256 for batch in batches if batch.status in {Status.OK, Status.CHECK} and batch.file_name in names]


def excel_file(data_dir: Path, name: str) -> Path:
    """Where a report lies."""
    return data_dir / DATEV_REPORTS / f"{name}.xlsx"


def _numbered(name: str) -> Iterator[str]:
    yield name
    yield from (f"{name}_{number}" for number in count(2))


def _as_json(report: Report) -> dict[str, Any]:
    return {
        "report": report.name,
        "made_at": report.made_at.isoformat(),
        "across": [[each.code, each.severity.value, each.file, each.line, each.column, each.value, each.hint] for each in report.across],
        "files": [_file_as_json(entry) for entry in report.entries],
    }


def _file_as_json(entry: Entry) -> dict[str, Any]:
    batch = entry.batch
    return {
        "file": batch.file_name,
        "sha256": batch.sha256,
        "zip": batch.came_in,
        "status": batch.status.value if batch.status else None,
        "trouble": entry.trouble,
        "taken_at": batch.taken_at.isoformat(),
        "result": None if entry.result is None else results.as_json(entry.result),
    }
