"""Where a run writes what becomes of it: our own database and the log files. It never holds the run up, and never makes it fail.

Everything is written by a second thread, for which the run waits a moment and no longer: a database that does not answer, or a lock that
somebody holds, costs a run a few seconds in all. What could not be written is written with what comes next.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection

from temu_assets.errors import TemuAssetsError
from temu_assets.operations import log_files
from temu_assets.redaction import bug
from temu_assets.settings import Settings
from temu_assets.toci import job_runs, scheduler_logs
from temu_assets.toci.database import Toci, open_engine
from temu_assets.toci.job_runs import RunEnd, RunStart
from temu_assets.toci.revision import NEWEST, revision_of
from temu_assets.toci.scheduler_logs import LogLine

BEGIN_WAITS_SECONDS = 2.0
STAGE_WAITS_SECONDS = 1.0
END_WAITS_SECONDS = 3.0
"""How long a run waits at most until it is written that it begins, goes on, ends."""
_LOGIN_SECONDS = 3
_QUERY_SECONDS = 5
_MOST_LINES = 500
_NOT_READY = "it is not set up by this version of the program yet"
_SLOW = "it did not answer in time"


@dataclass
class History:
    """The history of one run. ``look_after``: further work on our database, done once with the first writing (dead runs)."""

    settings: Settings
    start: RunStart
    look_after: Callable[[Toci], object] | None = None
    end: RunEnd | None = None
    lines: list[LogLine] = field(default_factory=list)
    _toci: Toci | None = None
    _saving: threading.Thread | None = None
    _is_begun: bool = False
    _logged: int = 0
    _trouble: str | None = None
    _log_trouble: str | None = None

    def add(self, line: LogLine) -> None:
        """One more sentence, written by the next ``save``."""
        if len(self.lines) < _MOST_LINES:
            self.lines.append(line)

    def save(self, wait_seconds: float) -> None:
        """Write what is not written yet, and wait for it so long at most. While an earlier writing hangs, this does nothing."""
        if self._saving is not None and self._saving.is_alive():
            self._saving.join(wait_seconds if self.end is not None else 0)
            if self._saving.is_alive():
                return
        self._saving = threading.Thread(target=self._save, name="history", daemon=True)
        self._saving.start()
        self._saving.join(wait_seconds)

    def close(self) -> list[str]:
        """Give the connection back, unless it hangs; what could not be written and why, in plain words."""
        hangs = self._saving is not None and self._saving.is_alive()
        if self._toci is not None and not hangs:
            self._toci.close()
        trouble = _SLOW if hangs else self._trouble
        told = (
            [f"The history of this run could not be written to our database: {trouble}. The run itself is not affected."] if trouble else []
        )
        if self._log_trouble:
            told.append(f"The log file of this run could not be written: {self._log_trouble}. The run itself is not affected.")
        return told

    def _save(self) -> None:
        lines, end = list(self.lines), self.end
        self._log_trouble = _what_goes_wrong(lambda: self._save_to_file(lines))
        self._trouble = _what_goes_wrong(lambda: self._save_to_database(lines, end))

    def _save_to_file(self, lines: list[LogLine]) -> None:
        path = log_files.file_for(self.settings.temu_data_dir, self.start.job_type)
        told = [f"{_moment(each.at)} {each.level:<7} [{self.start.run_id[:8]}] {each.message}" for each in lines[self._logged :]]
        if told:
            log_files.append(path, told)
            self._logged = len(lines)

    def _save_to_database(self, lines: list[LogLine], end: RunEnd | None) -> None:
        toci = self._toci = self._toci or self._open()
        if toci is None or not (self._is_begun or revision_of(toci) == NEWEST):
            raise _NotReadyError

        def work(connection: Connection) -> None:
            if not self._is_begun:
                job_runs.begin(connection, toci.shop, self.start)
            scheduler_logs.write(connection, toci.shop, self.start, lines)
            if end is not None:
                job_runs.finish(connection, toci.shop, self.start.run_id, end)

        # Only the last one is worth trying again: every other is made up for by the next.
        (toci.write_once if end is None else toci.write)(work)
        self._is_begun = True
        if self.look_after is not None:
            look_after, self.look_after = self.look_after, None
            look_after(toci)

    def _open(self) -> Toci | None:
        """Our database, with little patience; None for a file that is not there, because the run's own work is to make it."""
        secret_url = self.settings.toci_url()
        limits = replace(
            self.settings.sql_limits(),
            pool_size=1,
            login_timeout_seconds=min(self.settings.sql_login_timeout_seconds, _LOGIN_SECONDS),
            query_timeout_seconds=min(self.settings.sql_query_timeout_seconds, _QUERY_SECONDS),
        )
        engine = open_engine(secret_url, limits)
        if engine.dialect.name == "sqlite" and not _is_there(engine.url.database):
            engine.dispose()
            return None
        return Toci(engine, self.settings.shop)


class _NotReadyError(TemuAssetsError):
    """Our database has no tables yet, or older ones."""

    def __init__(self) -> None:
        super().__init__(_NOT_READY, remedy="run `temu-assets migrate`.")


def _what_goes_wrong(work: Callable[[], None]) -> str | None:
    """Do it; what went wrong in words that hold no secret, or None."""
    try:
        work()
    except TemuAssetsError as error:
        return error.what.removesuffix(".")
    except OSError as error:
        return f"{error.strerror or type(error).__name__} ({Path(str(error.filename)).name})" if error.filename else str(error.strerror)
    except Exception as error:  # noqa: BLE001 — told by the caller as a warning; a run must not fail for its history
        return bug(error).what.removesuffix(".")
    return None


def _is_there(database: str | None) -> bool:
    return database is None or database.startswith(("file:", ":memory:")) or Path(database).exists()


def _moment(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")
