"""What Dagster's daemon makes of all this: a tick it missed, a jobs file that is wrong, a queue that is full.

Its own iterations are called with the moment they are to take for now, on an instance as dagster.yaml makes it, and with a code server
that was really started.
"""

from __future__ import annotations

import logging
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg
import pytest
from dagster._core.remote_origin import RegisteredCodeLocationOrigin, RemoteRepositoryOrigin
from dagster._core.workspace.context import WorkspaceProcessContext
from dagster._core.workspace.load_target import ModuleTarget
from dagster._daemon.controller import create_daemon_grpc_server_registry
from dagster._daemon.run_coordinator.queued_run_coordinator_daemon import QueuedRunCoordinatorDaemon
from dagster._scheduler.scheduler import ScheduleIterationTimes, launch_scheduled_runs

from temu_assets.automation.job_plan import DEFAULTS
from temu_assets.automation.jobs import build_jobs
from temu_assets_tests.seller import Seller

DAGSTER_YAML = Path(__file__).parent.parent.parent / "dagster.yaml"
LOG = logging.getLogger("test_daemon")
EVENING = datetime(2026, 3, 1, 20, 0, tzinfo=UTC)


@contextmanager
def home(folder: Path) -> Iterator[dg.DagsterInstance]:
    """A DAGSTER_HOME with dagster.yaml copied alone into it."""
    folder.mkdir()
    shutil.copy(DAGSTER_YAML, folder)
    with dg.DagsterInstance.from_config(str(folder)) as instance:
        yield instance


@contextmanager
def code_server(instance: dg.DagsterInstance) -> Iterator[WorkspaceProcessContext]:
    """The daemon's view of the program, with the settings the environment has now."""
    target = ModuleTarget("temu_assets.definitions", None, str(DAGSTER_YAML.parent), "temu_assets")
    with (
        create_daemon_grpc_server_registry(instance) as servers,
        WorkspaceProcessContext(instance, target, grpc_server_registry=servers) as workspace,
    ):
        yield workspace
    servers.wait_for_processes()


class Daemon:
    """The scheduler, which lives as long as this object; the instance outlives it."""

    def __init__(self, workspace: WorkspaceProcessContext) -> None:
        self._workspace = workspace
        self._times: dict[str, ScheduleIterationTimes] = {}

    def look(self, now: datetime) -> None:
        for error in launch_scheduled_runs(self._workspace, LOG, now, iteration_times=self._times):
            assert error is None, error


def waiting(instance: dg.DagsterInstance) -> list[dg.DagsterRun]:
    return list(instance.get_runs(dg.RunsFilter(statuses=[dg.DagsterRunStatus.QUEUED])))


def test_a_missed_tick_is_caught_up_by_one_run_that_takes_everything(
    new_seller: Seller, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    jobs_file = tmp_path / "jobs.toml"
    jobs_file.write_text('[jobs.temu_orders_sync]\nenabled = true\ncron = "0 9 * * *"\ntime_limit_seconds = 240\n')
    monkeypatch.setenv("TEMU_JOBS_FILE", str(jobs_file))
    with home(tmp_path / "home") as instance, code_server(instance) as workspace:
        before = Daemon(workspace)
        before.look(EVENING)
        before.look(EVENING + timedelta(hours=11))  # 08:00 in Berlin
        assert waiting(instance) == []
        # The machine is off for three days, three ticks long. Buyers order all the same.
        orders = [new_seller.place() for _ in range(3)]
        after = Daemon(workspace)
        after.look(EVENING + timedelta(days=3))
        after.look(EVENING + timedelta(days=3, minutes=1))
        (run,) = waiting(instance)
        assert run.job_name == "temu_orders_sync"
        assert run.tags["dagster/max_runtime"] == "240"
        assert run.tags["temu/kind"] == "orders"
        assert new_seller.run(run.job_name).success
        assert new_seller.holds() == dict.fromkeys(orders)
        assert new_seller.waiting_rows() == len(orders)


@pytest.mark.filterwarnings("ignore:Error loading")
def test_a_wrong_jobs_file_is_a_code_location_that_says_so_and_starts_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    jobs_file = tmp_path / "jobs.toml"
    jobs_file.write_text('[jobs.temu_orders_sync]\nenabled = true\ncron = "61 9 * * *"\n')
    monkeypatch.setenv("TEMU_JOBS_FILE", str(jobs_file))
    told = (
        f"The jobs file {jobs_file} (TEMU_JOBS_FILE) cannot be used, so nothing was loaded: [jobs.temu_orders_sync] cron is '61 9 * * *': "
        "the minute 61 is not within 0 to 59."
    )
    with home(tmp_path / "home") as instance, code_server(instance) as workspace:
        (entry,) = workspace.create_request_context().get_code_location_entries().values()
        assert entry.code_location is None
        assert entry.load_error is not None
        assert told in entry.load_error.to_string()
        daemon = Daemon(workspace)
        daemon.look(EVENING)
        daemon.look(EVENING + timedelta(days=1))
        assert waiting(instance) == []


def test_with_a_wrong_setting_the_program_is_there_to_be_looked_at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEMU_CONCURRENCY", "many")
    with home(tmp_path / "home") as instance, code_server(instance) as workspace:
        (entry,) = workspace.create_request_context().get_code_location_entries().values()
        assert entry.code_location is not None


ORIGIN = RemoteRepositoryOrigin(RegisteredCodeLocationOrigin("temu_assets"), "__repository__")
TAGS = {job.name: dict(job.run_tags or {}) for job in build_jobs(DEFAULTS)}


def put(instance: dg.DagsterInstance, job: str, status: dg.DagsterRunStatus = dg.DagsterRunStatus.QUEUED) -> None:
    instance.add_run(dg.DagsterRun(job_name=job, status=status, tags=TAGS[job], remote_job_origin=ORIGIN.get_job_origin(job)))


def next_in_the_queue(instance: dg.DagsterInstance) -> list[str]:
    daemon = QueuedRunCoordinatorDaemon(interval_seconds=1)
    return [run.job_name for run in daemon._get_runs_to_dequeue(instance, instance.get_concurrency_config(), None)]


def test_orders_and_stock_find_room_whatever_else_there_is_to_do(tmp_path: Path) -> None:
    with home(tmp_path / "home") as instance:
        for job in ("reconcile", "purge_personal_data", "fetch_invoices", "datev_processing", "temu_orders_sync", "temu_inventory_sync"):
            put(instance, job)
        assert next_in_the_queue(instance) == ["reconcile", "purge_personal_data", "temu_orders_sync", "temu_inventory_sync"]


def test_the_quick_inventory_does_not_wait_for_an_orders_run_and_two_of_one_kind_do_not_run_at_once(tmp_path: Path) -> None:
    with home(tmp_path / "home") as instance:
        put(instance, "temu_orders_sync", dg.DagsterRunStatus.STARTED)
        for job in ("temu_orders_sync", "temu_tracking_sync", "temu_inventory_sync", "temu_inventory_full_sync"):
            put(instance, job)
        assert next_in_the_queue(instance) == ["temu_inventory_sync"]


def test_dagster_yaml_says_how_long_a_run_by_hand_may_take_and_that_only_a_crash_is_done_again(tmp_path: Path) -> None:
    with home(tmp_path / "home") as instance:
        assert instance.run_monitoring_enabled
        assert instance.run_monitoring_max_runtime_seconds >= 1800
        assert instance.run_retries_enabled
        assert instance.run_retries_max_retries == 1
        assert not instance.run_retries_retry_on_asset_or_op_failure
