"""The documents of a lane that wait are read, judged and stored, a few at a time; then the Excel file is written anew."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from temu_assets import sheets
from temu_assets.data_folders import INVOICES_OUT, INVOICES_TMP
from temu_assets.errors import ConfigurationError
from temu_assets.invoices import document_rows
from temu_assets.invoices.document_rows import ID_LENGTH, Arrival, Unsettled
from temu_assets.invoices.judging import Judged, Status, judge
from temu_assets.invoices.kinds import Kind
from temu_assets.invoices.reading import Lane, Outcome
from temu_assets.invoices.sheet import sheet_of
from temu_assets.invoices.workers import Job, Limits, Workers
from temu_assets.texts import cut
from temu_assets.toci import problems
from temu_assets.toci.database import Toci
from temu_assets.toci.leases import Lease
from temu_assets.toci.problems import Finding, ProblemState

STORED_AT_ONCE = 20
"""So many documents at most are read again when a run dies."""
_GERMAN_TIME = ZoneInfo("Europe/Berlin")
_KINDS = {
    Lane.INVOICES: {Status.ERROR: Kind.INVOICE_UNREADABLE, Status.CHECK: Kind.INVOICE_TO_CHECK},
    Lane.ADVERTISING: {Status.ERROR: Kind.ADVERTISING_UNREADABLE, Status.CHECK: Kind.ADVERTISING_TO_CHECK},
}


@dataclass(slots=True)
class Read:
    """What a run did: documents by status, how many rows the Excel file has, and those of this run a person has to look at."""

    by_status: Counter[Status] = field(default_factory=Counter)
    by_source: Counter[str] = field(default_factory=Counter)
    rows: int = 0
    to_look_at: list[tuple[str, Judged]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class ReadingStage:
    """``profiles``: file name and text of the seller's own issuer profiles. ``lease`` is held by the caller; ``toci`` is fenced by it."""

    toci: Toci
    lease: Lease
    lane: Lane
    data_dir: Path
    limits: Limits
    profiles: tuple[tuple[str, str], ...]
    processes: int
    own_vat_id: str
    now: Callable[[], datetime]

    def run(self) -> Read:
        """Read what waits. Raises ConfigurationError when the Excel file cannot be replaced; what was read is stored by then."""
        read = Read()
        waiting = self.toci.read(self._waiting)
        if waiting:
            self._read(waiting, read)
        self.toci.write(self._report)
        rows = self.toci.read(lambda connection: document_rows.all_of(connection, self.toci.shop, self.lane))
        read.rows = len(rows)
        self.lease.check()
        sheets.write_workbook(self.excel_file, [sheet_of(self.lane, rows)])
        return read

    @property
    def excel_file(self) -> Path:
        """Where the rows of the lane stand."""
        return self.data_dir / INVOICES_OUT / f"{self.lane}.xlsx"

    def _waiting(self, connection: Connection) -> list[Arrival]:
        again = {
            problem.key[:ID_LENGTH]
            for kind in _KINDS[self.lane].values()
            for problem in problems.unsettled(connection, self.toci.shop, kind)
            if problem.state is ProblemState.RETRY
        }
        return document_rows.waiting(connection, self.toci.shop, self.lane, again)

    def _read(self, waiting: list[Arrival], read: Read) -> None:
        # The processes work in a folder of their own, where a path from here would lead nowhere.
        jobs = {Job((self.data_dir / each.archived_as).resolve(), each.file_name, each.lane): each for each in waiting}
        judged: list[tuple[str, Judged]] = []
        with Workers(self.limits, self.profiles, self.processes, self.data_dir / INVOICES_TMP) as workers:
            for job, outcome in workers.read(jobs):
                judged.append((jobs[job].sha256, self._judge(outcome, jobs[job], read)))
                if len(judged) >= STORED_AT_ONCE:
                    self._store(judged)
                    judged = []
        self._store(judged)

    def _judge(self, outcome: Outcome, arrival: Arrival, read: Read) -> Judged:
        judged = judge(outcome, self.lane, own_vat_id=self.own_vat_id, today=self.now().astimezone(_GERMAN_TIME).date())
        read.by_status[judged.status] += 1
        read.by_source[judged.reading.source.value if judged.reading else "none"] += 1
        if judged.status is not Status.OK:
            read.to_look_at.append((arrival.file_name, judged))
        return judged

    def _store(self, judged: list[tuple[str, Judged]]) -> None:
        now = self.now()
        self.toci.write(lambda connection: document_rows.save(connection, self.toci.shop, judged, now=now))

    def _report(self, connection: Connection) -> None:
        """What a person has to look at in this lane."""
        unsettled = document_rows.unsettled(connection, self.toci.shop, self.lane)
        for status, kind in _KINDS[self.lane].items():
            findings = {_key(each): Finding(_reason(each), _remedy(kind)) for each in unsettled if each.status is status}
            problems.report(connection, self.toci.shop, kind, findings, now=self.now())


def _key(document: Unsettled) -> str:
    return cut(f"{document.sha256[:ID_LENGTH]} {document.file_name}", 100)


def _reason(document: Unsettled) -> str:
    return " ".join(document.notes)


def _remedy(kind: Kind) -> str:
    again = f"have it read again with `temu-assets problems retry {kind}`."
    if kind in (Kind.INVOICE_UNREADABLE, Kind.ADVERTISING_UNREADABLE):
        return f"drop a readable copy of the document and mark this as handled; or, once its cause is gone (a profile, OCR here), {again}"
    return f"compare the row in the Excel file with the document and mark this as handled; or, after a new issuer profile, {again}"


def read_profiles(folder: Path | None) -> tuple[tuple[str, str], ...]:
    """File name and text of every YAML file in the seller's folder. Raises ConfigurationError when it or one of them cannot be read."""
    if folder is None:
        return ()
    try:
        if not folder.is_dir():
            raise NotADirectoryError(20, "there is no such folder", str(folder))
        return tuple((path.name, path.read_text(encoding="utf-8-sig")) for path in sorted(folder.glob("*.y*ml")))
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(
            f"The issuer profiles in {folder} (INVOICE_PROFILES) cannot be read ({getattr(error, 'strerror', None) or 'not UTF-8'}).",
            remedy="correct the setting, or save the files as UTF-8 and let the program's user read them.",
        ) from None
