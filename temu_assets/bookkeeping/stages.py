"""What the stages of the bookkeeping do with what Dagster gives them. How each does it is in the modules beside this one."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

import dagster as dg

from temu_assets.bookkeeping.batch_processing import BatchProcessing, Worked
from temu_assets.bookkeeping.document_store import cents
from temu_assets.bookkeeping.findings import Processed, Severity
from temu_assets.bookkeeping.old_reports import OldReports
from temu_assets.bookkeeping.report import Reporting, excel_file
from temu_assets.bookkeeping.report_sheets import Report
from temu_assets.bookkeeping.rules_given import rules_given
from temu_assets.bookkeeping.statuses import Status, status_of
from temu_assets.bookkeeping.taking import Taking
from temu_assets.errors import InternalError
from temu_assets.jtl.customers import customer_numbers, gross_totals
from temu_assets.jtl.database import Jtl
from temu_assets.previews import preview
from temu_assets.resources import Clock, JtlResource, SettingsResource, TociResource
from temu_assets.stage import holder
from temu_assets.toci import leases

LEASE = "bookkeeping"
_MB = 1_000_000


def take(context: dg.AssetExecutionContext, settings: SettingsResource, toci: TociResource, clock: Clock) -> dg.MaterializeResult[None]:
    """Dropped files in the archive and in our tables."""
    given = settings.load()
    started = time.monotonic()
    rules = rules_given(given, now=clock.now())
    with toci.connect() as database, leases.hold(database, LEASE, holder(context)) as lease:
        found = Taking(lease.fenced(database), given.temu_data_dir, given.datev_max_mb * _MB, rules.digest, clock.now, time.sleep).run()
    for name in found.refused:
        context.log.warning("%s is refused; the report says why.", name)
    for name in found.growing:
        context.log.warning("%s is still being written by another program; the next run takes it.", name)
    for name in found.known:
        context.log.info("%s was taken before (schon verarbeitet).", name)
    return dg.MaterializeResult(
        metadata={
            "dagster/row_count": len(found.new),
            "zips": found.zips,
            "refused": len(found.refused),
            "done_before": len(found.known),
            "still_being_written": len(found.growing),
            "files": preview(
                ["file", "what"],
                [
                    *((name, "refused") for name in found.refused),
                    *((name, "taken") for name in found.new),
                    *((name, "done before") for name in found.known),
                ],
            ),
            "seconds": round(time.monotonic() - started, 2),
        }
    )


def process(
    context: dg.AssetExecutionContext, settings: SettingsResource, toci: TociResource, jtl: JtlResource, clock: Clock
) -> dg.MaterializeResult[None]:
    """Taken files checked, corrected and written."""
    given = settings.load()
    started = time.monotonic()
    rules = rules_given(given, now=clock.now())
    with (
        toci.connect() as database,
        leases.hold(database, LEASE, holder(context)) as lease,
        _opened_when_asked(jtl) as jtl_database,
    ):
        worked = BatchProcessing(
            toci=lease.fenced(database),
            lease=lease,
            data_dir=given.temu_data_dir,
            rules=rules,
            customer_numbers=lambda numbers: customer_numbers(jtl_database(), numbers),
            now=clock.now,
        ).run()
    context.log.info("processed: %d, refused: %d", len(worked.processed), len(worked.refused))
    for name in worked.left_changed:
        context.log.warning("%s in the output folder is superseded, but not as it was written, and is left there: look at it.", name)
    _require_no_bug(worked)
    return dg.MaterializeResult(metadata={**_processed_metadata(worked), "seconds": round(time.monotonic() - started, 2)})


def report(
    context: dg.AssetExecutionContext, settings: SettingsResource, toci: TociResource, jtl: JtlResource, clock: Clock
) -> dg.MaterializeResult[None]:
    """What was found, written as Excel file."""
    given = settings.load()
    started = time.monotonic()
    with (
        toci.connect() as database,
        leases.hold(database, LEASE, holder(context)) as lease,
        _opened_when_asked(jtl) as jtl_database,
    ):
        ours = lease.fenced(database)
        report = Reporting(
            toci=ours,
            lease=lease,
            data_dir=given.temu_data_dir,
            gross_totals=(lambda numbers: gross_totals(jtl_database(), numbers)) if given.datev_jtl_sums else None,
            now=clock.now,
        ).run()
        removed = OldReports(ours, given.temu_data_dir, given.datev_keep_reports_days, clock.now).remove()
    context.log.info("files reported on: %d; old files removed: %d", 0 if report is None else len(report.entries), removed)
    return dg.MaterializeResult(
        metadata={
            **_report_metadata(report, given.temu_data_dir),
            "old_files_removed": removed,
            "seconds": round(time.monotonic() - started, 2),
        }
    )


@contextmanager
def _opened_when_asked(jtl: JtlResource) -> Iterator[Callable[[], Jtl]]:
    """JTL's database, opened by the first call: a run that does not need it does not notice that it is away."""
    with ExitStack() as stack:
        opened: list[Jtl] = []

        def database() -> Jtl:
            if not opened:
                opened.append(stack.enter_context(jtl.connect()))
            return opened[0]

        yield database


def _require_no_bug(worked: Worked) -> None:
    """Red, once the other files are done, where one could not be processed for a reason nobody foresaw."""
    if worked.failed:
        batch, error = worked.failed[0]
        raise InternalError(
            f"{len(worked.failed)} DATEV file(s) could not be processed, the first is {batch.file_name}; nothing of them was written, and "
            f"{len(worked.processed)} other(s) are done. {error.what}",
            remedy=error.remedy,
        )


def _processed_metadata(worked: Worked) -> dict[str, dg.MetadataValue | int]:
    done = [processed for _, processed, _ in worked.processed]
    severities = Counter(finding.severity for each in done for finding in each.findings)
    statuses = Counter(status_of(each) for each in done)
    return {
        "dagster/row_count": sum(each.before.rows for each in done),
        "files": len(done) + len(worked.refused),
        "ok": statuses[Status.OK],
        "to_check": statuses[Status.CHECK],
        "withheld": statuses[Status.WITHHELD],
        "refused": len(worked.refused),
        "outputs": sum(len(names) for _, _, names in worked.processed),
        "changes": sum(len(each.changes) for each in done),
        "errors": severities[Severity.ERROR],
        "warnings": severities[Severity.WARNING],
        "not_found": sum(len(each.not_found) for each in done),
        "debit_cents": sum(cents(each.before.debit) for each in done),
        "credit_cents": sum(cents(each.before.credit) for each in done),
        "results": preview(
            ["file", "status", "rows", "changes", "errors", "warnings", "not found", "outputs"],
            [
                *((batch.file_name, Status.REFUSED.value, None, None, None, None, None, 0) for batch, _ in worked.refused),
                *(_result_row(batch.file_name, processed, names) for batch, processed, names in worked.processed),
            ],
        ),
        "findings": preview(
            ["file", "line", "severity", "code", "column"],
            (
                (batch.file_name, finding.line, finding.severity.value, finding.code, finding.column)
                for batch, processed, _ in worked.processed
                for finding in processed.findings
                if finding.severity is not Severity.INFO
            ),
        ),
    }


def _result_row(name: str, processed: Processed, names: Sequence[str]) -> tuple[str | int, ...]:
    found = Counter(finding.severity for finding in processed.findings)
    return (
        name, status_of(processed).value, processed.before.rows, len(processed.changes),
        found[Severity.ERROR], found[Severity.WARNING], len(processed.not_found), len(names),
    )  # fmt: skip


def _report_metadata(report: Report | None, data_dir: Path) -> dict[str, dg.MetadataValue | int | str]:
    if report is None:
        return {"dagster/row_count": 0, "report": "nothing to report"}
    across = Counter(finding.code for finding in report.across)
    return {
        "dagster/row_count": len(report.entries),
        "report": dg.MetadataValue.path(str(excel_file(data_dir, report.name))),
        "refused": sum(entry.batch.status is Status.REFUSED for entry in report.entries),
        "in_two_files": across["C01"],
        "gaps": across["C02"],
        "sums_against_jtl": across["C03"],
        "second_invoices": across["T01"],
        "across_files": preview(
            ["file", "line", "severity", "code", "column"],
            ((each.file, each.line, each.severity.value, each.code, each.column) for each in report.across),
        ),
    }
