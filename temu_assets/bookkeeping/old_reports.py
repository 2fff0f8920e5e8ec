"""Reports whose time is over are removed, if a person has set a time: those under our own names, and nothing else (T6)."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection, select

from temu_assets.bookkeeping.results import DETAILS
from temu_assets.data_folders import DATEV_REPORTS
from temu_assets.durable import remove_file
from temu_assets.errors import ConfigurationError
from temu_assets.jtl.values import LOCAL
from temu_assets.toci.database import Toci
from temu_assets.toci.tables import datev_batches

_REPORT = re.compile(r"auswertung_(\d{4}-\d{2}-\d{2})_\d{6}(?:_\d{1,6})?\.(?:xlsx|json)")
_DETAIL = re.compile(r"([0-9a-f]{16})\.json")


@dataclass(frozen=True, slots=True)
class OldReports:
    """``keep``: how many days reports are kept; 0 removes nothing. ``now`` aware."""

    toci: Toci
    data_dir: Path
    keep: int
    now: Callable[[], datetime]

    def remove(self) -> int:
        """Remove reports older than that, and the results of files that were processed and reported before; returns how many files.

        Originals and what was handed on are never touched. Raises ConfigurationError when a file cannot be removed.
        """
        if not self.keep:
            return 0
        now = self.now()
        reports = self.data_dir / DATEV_REPORTS
        details = self.data_dir / DETAILS
        old = self.toci.read(lambda connection: _old_results(connection, self.toci.shop, now - timedelta(days=self.keep)))
        first_kept = now.astimezone(LOCAL).date() - timedelta(days=self.keep)
        due = [path for path in _files(reports) if _is_old(path.name, first_kept)]
        due += [path for path in _files(details) if (match := _DETAIL.fullmatch(path.name)) and match[1] in old]
        try:
            return sum(remove_file(path) for path in due)
        except OSError as error:
            raise ConfigurationError(
                f"An old report in {reports} cannot be removed ({error.strerror or type(error).__name__}).",
                remedy="close it in other programs, or set DATEV_KEEP_REPORTS_DAYS=0 to keep all; the next run tries again.",
            ) from None


def _is_old(name: str, first_kept: date) -> bool:
    match = _REPORT.fullmatch(name)
    try:
        return match is not None and date.fromisoformat(match[1]) < first_kept
    except ValueError:
        return False


def _files(folder: Path) -> list[Path]:
    if not folder.is_dir():
        return []
    return sorted(path for path in folder.iterdir() if path.is_file() and not path.is_symlink())


def _old_results(connection: Connection, shop: str, before: datetime) -> set[str]:
    """The beginnings of the digests of files whose results nobody needs any more."""
    digests = connection.execute(
        select(datev_batches.c.sha256).where(
            datev_batches.c.shop == shop, datev_batches.c.processed_at < before, datev_batches.c.reported_in.is_not(None)
        )
    ).scalars()
    return {digest[:16] for digest in digests}
