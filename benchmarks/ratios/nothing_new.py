"""A run that finds nothing to do, beside a Dagster job of as many assets that does nothing by design."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from statistics import median

from benchmarks.ratios import empty_job
from benchmarks.ratios.figures import Figure, ratio
from benchmarks.ratios.known_shop import KnownShop
from benchmarks.ratios.measuring import Usage, clean_environment, measure
from benchmarks.ratios.places import Place
from benchmarks.ratios.program import DAGSTER, make_home
from temu_assets.definitions import defs

_JOBS = ("temu_orders_sync", "temu_inventory_sync")
_BOUND = 1.5


def measure_nothing_new(folder: Path, known: KnownShop, place: Place, *, times: int) -> list[Figure]:
    """Both jobs, their empty likes, and those once more with as many checks, all in turn, ``times`` times each."""
    figures = []
    for job in _JOBS:
        assets, checks = _size(job)
        empty = _empty(folder / f"{job}-empty", assets, 0)
        checked = _empty(folder / f"{job}-checked", assets, checks)
        rounds = [(known.program.job(job), empty(), checked()) for _ in range(times)]
        ours, without, with_checks = ([each[number].wall_s for each in rounds] for number in range(3))
        cpu = [median(each[number].cpu_s for each in rounds) for number in range(3)]
        figures += [
            ratio(
                f"2 nothing new ({place.name})",
                f"{job} against an empty job of {assets} assets",
                ours=ours,
                theirs=without,
                unit="s",
                bound=_BOUND,
                names=("program", "empty job"),
                more=f"; CPU {cpu[0]:.2f} s and {cpu[1]:.2f} s",
            ),
            ratio(
                f"2 nothing new ({place.name})",
                f"{job} against an empty job of {assets} assets and {checks} checks, as it has",
                ours=ours,
                theirs=with_checks,
                unit="s",
                bound=_BOUND,
                names=("program", "empty job"),
                more=f"; CPU {cpu[0]:.2f} s and {cpu[2]:.2f} s",
            ),
        ]
    return figures


def _size(job: str) -> tuple[int, int]:
    """How many assets and asset checks a job of the program has."""
    layer = defs.resolve_job_def(job).asset_layer
    return len(set(layer.executable_asset_keys)), len(layer.asset_graph.asset_check_keys)


def _empty(folder: Path, assets: int, checks: int) -> Callable[[], Usage]:
    empty_job.write_module(folder, assets=assets, checks=checks)
    environment = clean_environment(folder) | {"DAGSTER_HOME": str(make_home(folder / "dagster"))}
    return lambda: measure([DAGSTER, "job", "execute", "-m", empty_job.MODULE, "-j", empty_job.JOB], environment)
