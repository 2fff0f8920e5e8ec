"""Keeping Dagster's own storage small: runs whose time is over go, with all they left behind.

Dagster itself keeps every run for ever. It may be killed anywhere: what a run left behind goes before the run itself, so what is half
removed is found and finished the next time.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from itertools import islice
from uuid import UUID

import dagster as dg

from temu_assets.durable import remove_file
from temu_assets.operations import dagster_databases as databases

BATCH = 100
LONGEST_SECONDS = 600.0
"""After that the rest waits for the next night."""
ORPHANED_AFTER = timedelta(days=1)
"""What belongs to no run and was not touched for so long is what a crash left."""
_WELL = [dg.DagsterRunStatus.SUCCESS]
_NOT_WELL = [dg.DagsterRunStatus.FAILURE, dg.DagsterRunStatus.CANCELED]


class StorageCleaning:
    """One clean-up. ``own_run`` is never touched; ``say`` tells what goes on."""

    def __init__(
        self,
        instance: dg.DagsterInstance,
        *,
        now: datetime,
        own_run: str,
        say: Callable[[str], object],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._instance = instance
        self._now = now
        self._own_run = own_run
        self._say = say
        self._clock = clock
        self._end_at = clock() + LONGEST_SECONDS
        self._run_files = databases.folder_of_run_files(instance)

    def clean(self, *, keep_runs: timedelta, keep_failed_runs: timedelta) -> dict[str, int]:
        """Remove what is older; counts of runs and bytes, before and after."""
        before = self._instance.get_runs_count()
        bytes_before = databases.size_bytes(self._instance)
        kept = self._worth_keeping()
        deleted = self._delete_older(_WELL, self._now - keep_runs, kept)
        deleted_failed = self._delete_older(_NOT_WELL, self._now - keep_failed_runs, kept)
        orphans = self._remove_orphans()
        won = databases.give_room_back(self._instance)
        bytes_after = databases.size_bytes(self._instance)
        return {
            "runs_before": before,
            "runs_deleted": deleted,
            "failed_runs_deleted": deleted_failed,
            "runs_after": self._instance.get_runs_count(),
            "runs_kept_for_their_results": len(kept),
            "orphans_removed": orphans,
            "bytes_before": bytes_before,
            "bytes_after": bytes_after,
            "bytes_won_by_writing_files_anew": won,
        }

    def _worth_keeping(self) -> set[str]:
        """Runs that hold the last result of an asset or a check: without them it would seem never to have been there."""
        last = (self._instance.get_latest_materialization_event(key) for key in self._instance.get_asset_keys())
        return {self._own_run, *(event.run_id for event in last if event), *databases.runs_of_last_checks(self._instance)}

    def _delete_older(self, statuses: list[dg.DagsterRunStatus], moment: datetime, kept: set[str]) -> int:
        deleted = 0
        older = dg.RunsFilter(statuses=statuses, created_before=moment, updated_before=moment)
        while not self._is_time_over():
            # The kept ones come first each time, being old.
            records = self._instance.get_run_records(older, limit=BATCH + len(kept), ascending=True)
            due = [run_id for record in records if (run_id := record.dagster_run.run_id) not in kept]
            if not due:
                break
            databases.delete_checks_of(self._instance, due)
            for run_id in due:
                self._delete(run_id)
                deleted += 1
                if self._is_time_over():
                    self._say(f"{LONGEST_SECONDS:.0f} s are over; the next clean-up removes the rest.")
                    break
        return deleted

    def _delete(self, run_id: str) -> None:
        """Everything of a run, the run itself last but for its file, which asking Dagster for the events makes anew."""
        self._delete_captured(run_id)
        self._instance.event_log_storage.delete_events(run_id)
        self._instance.delete_run(run_id)
        self._remove_file(run_id)

    def _remove_file(self, run_id: str) -> None:
        if self._run_files is not None:
            file = self._run_files / f"{run_id}.db"
            for each in (file.with_name(f"{file.name}-wal"), file.with_name(f"{file.name}-shm"), file):
                remove_file(each)

    def _delete_captured(self, run_id: str) -> None:
        self._instance.compute_log_manager.delete_logs(prefix=[run_id])

    def _remove_orphans(self) -> int:
        """What lies on disk for runs Dagster does not know: a clean-up that was killed, or runs deleted in the UI."""
        removed = 0
        for run_id in self._unknown(self._named_on_disk()):
            if self._is_time_over():
                break
            self._delete_captured(run_id)
            self._instance.event_log_storage.delete_events(run_id)
            databases.delete_checks_of(self._instance, [run_id])
            self._remove_file(run_id)
            removed += 1
        return removed

    def _named_on_disk(self) -> Iterator[str]:
        oldest = (self._now - ORPHANED_AFTER).timestamp()
        folders = (self._run_files, databases.captured_folder(self._instance))
        entries = (entry for folder in folders if folder for entry in folder.iterdir())
        names = {entry.stem for entry in entries if _is_run_id(entry.stem) and entry.stat().st_mtime < oldest}
        yield from sorted(names)

    def _unknown(self, run_ids: Iterator[str]) -> Iterator[str]:
        while batch := list(islice(run_ids, BATCH)):
            known = {run.run_id for run in self._instance.get_runs(filters=dg.RunsFilter(run_ids=batch))}
            yield from (run_id for run_id in batch if run_id not in known)

    def _is_time_over(self) -> bool:
        return self._clock() >= self._end_at


def _is_run_id(name: str) -> bool:
    try:
        return str(UUID(name)) == name
    except ValueError:
        return False
