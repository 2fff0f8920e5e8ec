"""What runs take on disk, measured: ``python -m benchmarks.disk_use [--runs 10]``.

Every job as its executor runs it, against the sandbox, on a DAGSTER_HOME with SQLite. Told for each job: bytes of Dagster's storage, of our
database and of the log files that one run more takes; then what that makes a month at the default triggers, and where it stops growing,
because ``clean_dagster_storage`` removes runs after TEMU_KEEP_RUNS_DAYS and rows of ours after TEMU_KEEP_HISTORY_DAYS.

How often sensors start runs depends on the shop: ``ASSUMED`` says what is taken for one with 100 orders a day.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import dagster as dg
import pytest
from dagster._core.definitions.reconstruct import ReconstructableRepository
from dagster._core.definitions.run_request import InstigatorType
from dagster._core.scheduler.instigation import TickData, TickStatus

from temu_assets.automation.job_plan import DEFAULTS
from temu_assets.definitions import defs
from temu_assets.operations.dagster_databases import size_bytes
from temu_assets.operations_settings import OperationSettings
from temu_assets_tests.bookkeeping.extf_files import Booking, extf
from temu_assets_tests.bookkeeping.office import drop
from temu_assets_tests.seller import Seller, open_seller

HOME = Path(__file__).parent.parent / "dagster.yaml"
ASSUMED = {
    "temu_orders_sync": 96.0,
    "temu_tracking_sync": 48.0,
    "temu_inventory_sync": 96.0,
    "fetch_invoices": 2.0,
    "datev_processing": 0.2,
}
"""Runs a day that sensors start beside the schedules: orders every quarter of an hour, parcels and stock when JTL has some, files."""
SCHEDULED = {
    "temu_orders_sync": 1.0,
    "temu_inventory_sync": 48.0,
    "temu_inventory_full_sync": 1.0,
    "purge_personal_data": 1.0,
    "reconcile": 1.0,
    "job_statistics": 24.0,
    "clean_dagster_storage": 1.0,
}
"""Runs a day by the default schedules."""
JOBS = tuple(dict.fromkeys((*SCHEDULED, *ASSUMED)))
TICKS_KEPT_DAYS = 2
"""As dagster.yaml keeps ticks that started nothing."""
_MB = 1_000_000
_DAYS_OF_A_MONTH = 30


@dataclass(frozen=True, slots=True)
class Taken:
    """Bytes at a moment, or of one run."""

    dagster: float
    ours: float
    logs: float

    def since(self, before: Taken, runs: int) -> Taken:
        return Taken((self.dagster - before.dagster) / runs, (self.ours - before.ours) / runs, (self.logs - before.logs) / runs)


def taken(instance: dg.DagsterInstance, seller: Seller) -> Taken:
    """What lies on disk now."""
    with seller.toci.engine.connect() as connection:
        connection.exec_driver_sql("COMMIT")
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    logs = sum(file.stat().st_size for file in (seller.data / "logs").rglob("*") if file.is_file())
    return Taken(size_bytes(instance), (seller.data / "toci.db").stat().st_size, logs)


def run(instance: dg.DagsterInstance, seller: Seller, job: str) -> None:
    """One run with a little to do, as most are."""
    if job == "temu_orders_sync":
        seller.place()
    if job == "datev_processing":
        drop(seller.data, f"EXTF_{time.monotonic_ns()}.csv", extf([Booking(text=str(time.monotonic_ns()))]))
    found = ReconstructableRepository.for_module("temu_assets.definitions", "defs").get_reconstructable_job(job)
    if not dg.execute_job(found, instance=instance, raise_on_error=False).success:
        sys.exit(f"{job} failed; see above")


def bytes_of_a_tick(instance: dg.DagsterInstance, ticks: int = 500) -> float:
    """What one look of a sensor takes that starts nothing."""
    before = size_bytes(instance)
    for number in range(ticks):
        told = TickData(
            f"{number % 8:040x}",
            "temu_orders_sensor",
            InstigatorType.SENSOR,
            TickStatus.STARTED,
            time.time(),
            selector_id=f"{number % 8:040x}",
        )
        tick = instance.create_tick(told)
        instance.update_tick(tick.with_status(TickStatus.SKIPPED, skip_reason="TEMU has nothing we do not know."))
    return (size_bytes(instance) - before) / ticks


def measure(folder: Path, runs: int) -> tuple[Mapping[str, Taken], float]:
    """Bytes of one run of each job, and of a tick."""
    home = folder / "home"
    home.mkdir()
    shutil.copy(HOME, home)
    with (
        pytest.MonkeyPatch.context() as patch,
        open_seller(folder, patch, orders=30) as seller,
        dg.DagsterInstance.from_config(str(home)) as instance,
    ):
        for job in ("temu_inventory_full_sync", *JOBS):  # the first of each makes what later ones find
            run(instance, seller, job)
        found = {}
        for job in JOBS:
            before = taken(instance, seller)
            for _ in range(runs):
                run(instance, seller, job)
            found[job] = taken(instance, seller).since(before, runs)
        return found, bytes_of_a_tick(instance)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=10, help="of each job")
    runs = parser.parse_args().runs
    with tempfile.TemporaryDirectory() as folder:
        found, tick = measure(Path(folder), runs)
    a_day = {job: SCHEDULED.get(job, 0) + ASSUMED.get(job, 0) for job in found}
    print(f"\n{datetime.now(UTC):%Y-%m-%d}, {runs} runs of each job\n")
    print(f"{'job':26} {'runs a day':>10} {'kB in Dagster':>14} {'kB of ours':>11} {'kB of logs':>11}")
    for job, one in found.items():
        print(f"{job:26} {a_day[job]:10g} {one.dagster / 1000:14.0f} {one.ours / 1000:11.1f} {one.logs / 1000:11.2f}")
    dagster = sum(one.dagster * a_day[job] for job, one in found.items())
    ours = sum(one.ours * a_day[job] for job, one in found.items())
    looks = sum(86_400 / (sensor.minimum_interval_seconds or 30) for sensor in defs.sensors or ())
    settings = OperationSettings()
    kept, ours_kept = settings.temu_keep_runs_days, settings.temu_keep_history_days
    print(f"\n{sum(a_day.values()):.0f} runs a day; {len(DEFAULTS.sensors)} sensors look {looks:.0f} times a day, {tick:.0f} bytes a look")
    print(f"Dagster, without cleaning:  {dagster * _DAYS_OF_A_MONTH / _MB:7.0f} MB a month")
    print(f"Dagster, with it, at most:  {dagster * kept / _MB:7.0f} MB of runs ({kept} days)")
    print(f"                            {looks * tick * TICKS_KEPT_DAYS / _MB:7.0f} MB of ticks ({TICKS_KEPT_DAYS} days)")
    print(f"Our database:               {ours * _DAYS_OF_A_MONTH / _MB:7.1f} MB a month, history and the rows of the work together")
    print(f"Our history at most:        {ours * ours_kept / _MB:7.0f} MB ({ours_kept} days)")


if __name__ == "__main__":
    main()
