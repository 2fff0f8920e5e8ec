"""A seller whose runs are started as a person types them: `dagster job execute`, `dagster asset materialize`, each a process of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import dagster as dg
import pytest
from dagster._core.definitions.reconstruct import ReconstructableRepository
from pydantic import SecretStr

from temu_assets.sandbox.run import RunningSandbox, open_sandbox
from temu_assets.toci import job_runs, scheduler_logs
from temu_assets.toci.database import Toci, open_engine
from temu_assets.toci.job_runs import JobRun
from temu_assets.toci.scheduler_logs import LogLine
from temu_assets_tests.databases import empty_toci_url

PROJECT = Path(__file__).parent.parent.parent
LONGEST_SECONDS = 90
JOB = ("job", "execute", "-m", "temu_assets.definitions", "-j")
ASSET = ("asset", "materialize", "-m", "temu_assets.definitions", "--select")


@dataclass(frozen=True)
class Run:
    """Whether it went well, and everything it said in Dagster's log."""

    success: bool
    said: str


@dataclass(frozen=True)
class Desk:
    """Where the commands are typed; ``environment`` leads to the sandbox, ``home`` is the DAGSTER_HOME they use."""

    sandbox: RunningSandbox
    folder: Path
    home: Path
    environment: dict[str, str]
    toci: Toci

    def start(self, *arguments: str, home: bool = True, **settings: str) -> subprocess.Popen[str]:
        """One command, not waited for."""
        where = {"DAGSTER_HOME": str(self.home)} if home else {}
        return subprocess.Popen(
            [sys.executable, "-m", "dagster", *arguments],
            env=self.environment | where | settings, cwd=self.folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip

    def run(self, *arguments: str, home: bool = True, **settings: str) -> tuple[int, str]:
        """One command to its end: exit code and what it printed."""
        with self.start(*arguments, home=home, **settings) as process:
            said, _ = process.communicate(timeout=LONGEST_SECONDS)
            return process.returncode, said

    def run_here(self, *assets: str, tags: Mapping[str, str] | None = None, **settings: str) -> Run:
        """Assets materialized in this process, by the executor and on the instance a process of its own would use."""
        with pytest.MonkeyPatch.context() as patch, dg.DagsterInstance.from_config(str(self.home)) as instance:
            for name, value in (self.environment | settings).items():
                patch.setenv(name, value)
            patch.chdir(self.folder)
            result = dg.execute_job(
                ReconstructableRepository.for_module("temu_assets.definitions", "defs").get_reconstructable_job("__ASSET_JOB"),
                instance=instance,
                asset_selection=[dg.AssetKey(asset) for asset in assets],
                tags=dict(tags or {}),
                raise_on_error=False,
            )
            told = [event.user_message or event.message for event in instance.all_logs(result.run_id)]
            failures = [
                event.dagster_event.step_failure_data
                for event in instance.all_logs(result.run_id)
                if event.is_dagster_event and event.dagster_event and event.dagster_event.is_step_failure
            ]
            told += [str(each.user_failure_data.description) for each in failures if each.user_failure_data]
            return Run(result.success, "\n".join(told))

    def wait_for_call(self, endpoint: str, process: subprocess.Popen[str]) -> None:
        """Until the process has asked TEMU this and waits for the answer."""
        end = time.monotonic() + LONGEST_SECONDS
        while not self.sandbox.server.journal.count(endpoint):
            assert process.poll() is None, process.communicate()[0]
            assert time.monotonic() < end, "it never got so far"
            time.sleep(0.05)

    def history(self) -> list[JobRun]:
        """All runs, the oldest first."""
        return self.toci.read(lambda connection: job_runs.since(connection, self.toci.shop, datetime(2020, 1, 1, tzinfo=UTC)))

    def last(self) -> JobRun:
        return self.history()[-1]

    def sentences(self, run: JobRun) -> Sequence[LogLine]:
        return self.toci.read(lambda connection: scheduler_logs.read(connection, self.toci.shop, run.start.run_id))


@contextmanager
def open_desk(folder: Path) -> Iterator[Desk]:
    """A desk in an empty folder, with ten ordinary orders at TEMU and an empty database of ours."""
    home = folder / "home"
    home.mkdir()
    shutil.copy(PROJECT / "dagster.yaml", home)
    with open_sandbox(folder / "sandbox", orders=10, requests_per_second=None) as sandbox:
        access = sandbox.shop.state.access
        data = folder / "data"
        url = empty_toci_url(data / "toci.db")
        environment = os.environ | {
            "PYTHONPATH": str(PROJECT),
            "TEMU_APP_KEY": access.app_key,
            "TEMU_APP_SECRET": access.app_secret,
            "TEMU_ACCESS_TOKEN": access.token,
            "TEMU_API_ENDPOINT": sandbox.server.url,
            "TEMU_REQUESTS_PER_SECOND": "2000",
            "TEMU_DATA_DIR": str(data),
            "JTL_DATABASE_URL": sandbox.jtl.url,
            "TOCI_DATABASE_URL": url,
        }
        toci = Toci(open_engine(SecretStr(url)), "temu")
        yield Desk(sandbox, folder, home, environment, toci)
        toci.close()
