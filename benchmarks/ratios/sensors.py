"""An idle minute of every sensor and schedule, beside a daemon and a code server with as many that do nothing."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import dagster as dg
from dagster._core.scheduler.instigation import TickStatus

from benchmarks.ratios import empty_job
from benchmarks.ratios.figures import Figure
from benchmarks.ratios.measuring import FailedError, clean_environment
from benchmarks.ratios.processes import cpu_seconds
from benchmarks.ratios.program import DEFINITIONS, Program, make_home
from benchmarks.shop_process import ShopProcess
from temu_assets.definitions import defs

_SETTLE_S = 45
_QUIET_S = 20
_HALF_HOUR_S = 1800
_WORKSPACE = "load_from:\n  - python_module: {module}\n"


def measure_sensors(folder: Path, *, orders: int, skus: int, seconds: int) -> list[Figure]:
    """In a shop of this size. Both run at once, so that whatever else happens happens to both. No run may start meanwhile."""
    repository = defs.get_repository_def()
    intervals = tuple(each.minimum_interval_seconds or 30 for each in repository.sensor_defs)
    crons = tuple(str(each.cron_schedule) for each in repository.schedule_defs)
    empty_job.write_module(folder / "empty", assets=1, sensors=intervals, schedules=crons)
    empty_home = make_home(folder / "empty-dagster")
    empty = clean_environment(folder / "empty") | {"DAGSTER_HOME": str(empty_home)}
    with ShopProcess(folder / "shop", orders=orders, skus=skus) as shop, ExitStack() as running:
        data = folder / "data"
        data.mkdir()
        jobs_file = folder / "jobs.toml"
        jobs_file.write_text(_everything_on(), encoding="utf-8")
        settings = shop.access.environment(data) | {
            "TOCI_DATABASE_URL": f"sqlite:///{data / 'toci.db'}",
            "TEMU_JOBS_FILE": str(jobs_file),
        }
        program = Program(make_home(folder / "dagster"), settings)
        program.set_up_database()
        for job in ("temu_orders_sync", "temu_orders_sync", "temu_inventory_full_sync", "temu_inventory_sync", "temu_inventory_sync"):
            program.job(job)
            if job == "temu_orders_sync":
                shop.admin("POST", "jtl", json={"operation": "run_worker"})
        _wait_for_room_before_the_schedules(seconds)
        ours = running.enter_context(_daemon(DEFINITIONS, program.environment, folder / "workspace.yaml"))
        theirs = running.enter_context(_daemon(empty_job.MODULE, empty, folder / "empty-workspace.yaml"))
        time.sleep(_SETTLE_S)
        _wait_until_quiet(program.home)
        runs_before = _runs(program.home)
        before, began = (cpu_seconds(ours), cpu_seconds(theirs)), time.monotonic()
        time.sleep(seconds)
        after, took = (cpu_seconds(ours), cpu_seconds(theirs)), time.monotonic() - began
        if _runs(program.home) != runs_before:
            raise FailedError("A run started in the minute that was to be idle.")
        if failed := _failed_ticks(program.home):
            raise FailedError(f"A look that fails at once costs nothing: {', '.join(failed)} failed.")
    one, other = (100 * (end - start) / took for start, end in zip(before, after, strict=True))
    return [
        Figure(
            "6 sensors",
            f"share of one core for {len(intervals)} sensors and {len(crons)} schedules, beyond as many empty ones; {orders:,} orders, "
            f"{skus:,} SKUs more than the usual ones",
            one - other,
            "%",
            1,
            text=f"program {one:.2f} %, empty ones {other:.2f} %, daemon and code server together, over {took:.0f} s",
        )
    ]


def _everything_on() -> str:
    """A jobs file in which every job with a schedule and every sensor is switched on."""
    repository = defs.get_repository_def()
    jobs = [f"[jobs.{each.job_name}]\nenabled = true\n" for each in repository.schedule_defs]
    sensors = [f"[sensors.{each.name}]\nenabled = true\n" for each in repository.sensor_defs if each.name not in _ALWAYS_ON]
    return "\n".join([*jobs, *sensors])


_ALWAYS_ON = ("retry_sensor", "dead_runs_sensor", "alerts_sensor")


@contextmanager
def _daemon(module: str, environment: dict[str, str], workspace: Path) -> Iterator[int]:
    """Dagster's daemon, which starts the code server itself; gives its process id."""
    workspace.write_text(_WORKSPACE.format(module=module), encoding="utf-8")
    daemon = shutil.which("dagster-daemon", path=str(Path(sys.executable).parent)) or "dagster-daemon"
    with (workspace.with_suffix(".log")).open("w") as log:
        process = subprocess.Popen(
            [daemon, "run", "-w", str(workspace)], cwd=workspace.parent, env=environment, stdout=log, stderr=log, start_new_session=True
        )
        try:
            yield process.pid
        finally:
            os.killpg(process.pid, signal.SIGINT)
            try:
                process.wait(timeout=30)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


def _runs(home: Path) -> int:
    with dg.DagsterInstance.from_config(str(home)) as instance:
        return instance.get_runs_count()


def _failed_ticks(home: Path) -> list[str]:
    with dg.DagsterInstance.from_config(str(home)) as instance:
        return [
            state.instigator_name
            for state in instance.all_instigator_state()
            if instance.get_ticks(state.instigator_origin_id, state.selector_id, statuses=[TickStatus.FAILURE])
        ]


def _wait_until_quiet(home: Path) -> None:
    """What was left to do is done, and nothing has started for a while."""
    for _ in range(15):
        before = _runs(home)
        time.sleep(_QUIET_S)
        with dg.DagsterInstance.from_config(str(home)) as instance:
            under_way = instance.get_runs_count(
                dg.RunsFilter(statuses=[dg.DagsterRunStatus.QUEUED, dg.DagsterRunStatus.STARTING, dg.DagsterRunStatus.STARTED])
            )
        if not under_way and _runs(home) == before:
            return
    raise FailedError("The sensors started one run after the other: nothing idle to measure.")


def _wait_for_room_before_the_schedules(seconds: int) -> None:
    """Schedules fire at the full and the half hour, and one ten minutes after it: not in the middle of the measurement."""
    needed = seconds + _SETTLE_S + _QUIET_S + 30
    while any((due - time.time()) % _HALF_HOUR_S < needed for due in (0, 600)):
        time.sleep(5)
