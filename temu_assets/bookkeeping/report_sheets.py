"""The report on DATEV files as sheets of an Excel file, for the seller and the tax adviser. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

from temu_assets.bookkeeping.batch_store import Batch
from temu_assets.bookkeeping.findings import Finding, Processed, Severity
from temu_assets.bookkeeping.results import Result
from temu_assets.bookkeeping.statuses import Status
from temu_assets.sheets import Cell, Sheet

CRITICAL_ACCOUNT = "R06"
DETAILS_GONE = "Die Einzelheiten zu dieser Datei fehlen. Bitte die Datei noch einmal in den Ordner eingang legen."


@dataclass(frozen=True, slots=True)
class Entry:
    """One file the report tells of; ``result`` is None for a refused one, and where the details are gone."""

    batch: Batch
    result: Result | None

    @property
    def trouble(self) -> str:
        """Why nothing can be told but that it came; empty where there is a result."""
        if self.result is not None:
            return ""
        return self.batch.note if self.batch.status is Status.REFUSED else DETAILS_GONE


@dataclass(frozen=True, slots=True)
class Report:
    """What a report tells: its name without ending, when it was made (aware), the files, and what shows across them only."""

    name: str
    made_at: datetime
    entries: tuple[Entry, ...]
    across: tuple[Finding, ...]


def sheets(report: Report, zone: tzinfo) -> list[Sheet]:
    """The sheets, in their order; times in ``zone``."""
    results = [(entry.batch, entry.result) for entry in report.entries if entry.result is not None]
    done = [(batch.file_name, result.processed) for batch, result in results]
    return [
        Sheet("Übersicht", _OVERVIEW, _overview(report, zone), _OVERVIEW_WIDTHS),
        Sheet(
            "Änderungen",
            ("Datei", "Zeile", "Spalte", "Korrektur", "Alt", "Neu"),
            ((name, each.line, each.column, each.code, each.old, each.new) for name, one in done for each in one.changes),
            (50, 8, 30, 10, 40, 40),
        ),
        Sheet(
            "Nicht gefunden",
            ("Datei", "Zeile", "Bestellnummer", "Grund"),
            ((name, each.line, each.order_number, each.reason) for name, one in done for each in one.not_found),
            (50, 8, 30, 60),
        ),
        Sheet(
            "Befunde",
            ("Datei", "Zeile", "Schwere", "Code", "Spalte", "Wert", "Was zu tun ist"),
            (_finding(name, each) for name, each in _findings(report, done)),
            (50, 8, 10, 8, 30, 40, 100),
        ),
        Sheet(
            "Fehler",
            ("Datei", "ZIP", "Meldung", "Datum"),
            (
                (entry.batch.file_name, entry.batch.came_in, entry.trouble, _when(entry.batch.taken_at, zone))
                for entry in report.entries
                if entry.trouble
            ),
            (50, 30, 100, 18),
        ),
        Sheet(
            "Summen",
            ("Datei", "Gruppe", "Name", "Buchungen", "Soll", "Haben", "Saldo"),
            (
                (name, each.group, each.name, each.rows, each.debit, each.credit, each.debit - each.credit)
                for name, one in done
                for each in one.totals
            ),
            (50, 25, 40, 10, 15, 15, 15),
        ),
        Sheet(
            "Kopfdaten",
            ("Datei", "Feld", "Wert"),
            ((name, head, value) for name, one in done for head, value in one.header),
            (50, 30, 40),
        ),
    ]


_OVERVIEW = (
    "Datei", "Status", "Buchungen", "Änderungen", "Offene Bestellnummern", "Fehler", "Warnungen", "Kritisches Konto", "Prüfvermerk gesetzt",
    "Verarbeitet", "Grund", "Ausgabe", "Soll vorher", "Haben vorher", "Soll nachher", "Haben nachher", "ZIP", "Aufgenommen", "Bearbeitet",
    "SHA-256",
)  # fmt: skip
_OVERVIEW_WIDTHS = (50, 16, 11, 11, 12, 8, 10, 12, 12, 11, 60, 50, 15, 15, 15, 15, 30, 18, 18, 66)


def _overview(report: Report, zone: tzinfo) -> Iterator[Sequence[Cell]]:
    across = Counter((finding.file, finding.severity) for finding in report.across)
    for entry in report.entries:
        batch, result = entry.batch, entry.result
        status = batch.status.value if batch.status else None
        came = (batch.came_in, _when(batch.taken_at, zone), _when(batch.processed_at, zone), batch.sha256)
        if result is None:
            yield (batch.file_name, status, *(None,) * 5, None, None, "nein", entry.trouble, *(None,) * 5, *came)
            continue
        done = result.processed
        yield (
            batch.file_name, status, done.before.rows, len(done.changes), len(done.not_found),
            *(_count(done, severity) + across[batch.file_name, severity] for severity in (Severity.ERROR, Severity.WARNING)),
            _yes(any(finding.code == CRITICAL_ACCOUNT for finding in done.findings)), _yes(done.marked_rows > 0),
            _yes(not done.withheld), done.withheld or batch.note, ", ".join(each.name for each in result.outputs),
            done.before.debit, done.before.credit, done.after.debit, done.after.credit, *came,
        )  # fmt: skip


def _findings(report: Report, done: Sequence[tuple[str, Processed]]) -> Iterator[tuple[str, Finding]]:
    for each in report.across:
        yield each.file or "(alle Dateien)", each
    for name, one in done:
        for each in one.findings:
            yield name, each


def _finding(name: str, each: Finding) -> Sequence[Cell]:
    return name, each.line or None, each.severity.value, each.code, each.column, each.value, each.hint


def _count(done: Processed, severity: Severity) -> int:
    return sum(finding.severity is severity for finding in done.findings)


def _yes(is_so: bool) -> str:  # noqa: FBT001 — one word for one truth
    return "ja" if is_so else "nein"


def _when(moment: datetime | None, zone: tzinfo) -> str | None:
    return None if moment is None else f"{moment.astimezone(zone):%d.%m.%Y %H:%M}"
