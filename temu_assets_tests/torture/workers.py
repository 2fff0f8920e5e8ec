"""Several cases at a time: each worker is a process with a bench of its own."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path

from temu_assets_tests.torture.bench import Bench, Result
from temu_assets_tests.torture.cases import Case, run_case
from temu_assets_tests.torture.schedules import run_schedule
from temu_assets_tests.torture.world import put_back

SCHEDULE = "schedule#"
"""How the names of random days begin."""
KEPT = Path(".torture").resolve()
"""Where the worlds of cases lie afterwards that are not right."""
NEIGHBOURS = 20
"""So many cases one worker does in a row: neighbours often leave the same behind."""


@dataclass(frozen=True, slots=True)
class Job:
    """What a worker has to know of a case: its name, the seed, the places to die at, and whether it recovers after every kill."""

    name: str
    seed: int
    points: tuple[str, ...]
    is_thorough: bool


_benches: list[Bench] = []
"""The one of this process."""


def results_of(jobs: Sequence[Job], workers: int, root: Path) -> Iterator[Result]:
    """What becomes of the cases, as they end. ``root`` holds the saved moments of the day, and gets the benches."""
    begin = partial(_begin, root)
    if workers == 1 or len(jobs) == 1:
        begin()
        yield from map(_do, jobs)
        _end()
        return
    size = max(1, min(NEIGHBOURS, len(jobs) // workers))
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn"), initializer=begin) as pool:
        rows = [pool.submit(_do_all, jobs[start : start + size]) for start in range(0, len(jobs), size)]
        for row in as_completed(rows):
            yield from row.result()
        list(pool.map(_end_after, [0.5] * workers))


def _begin(root: Path) -> None:
    _benches.append(Bench(root / "saved", root / f"bench-{os.getpid()}"))


def _end() -> None:
    while _benches:
        _benches.pop().close()


def _end_after(seconds: float) -> None:
    # Waits, so that each worker gets one of these.
    time.sleep(seconds)
    _end()


def _do_all(jobs: Sequence[Job]) -> list[Result]:
    return [_do(job) for job in jobs]


def _do(job: Job) -> Result:
    (bench,) = _benches
    if job.name.startswith(SCHEDULE):
        result = run_schedule(bench, int(job.name.removeprefix(SCHEDULE)), job.seed, job.points)
    else:
        result = run_case(bench, Case.named(job.name), is_thorough=job.is_thorough)
    if result.findings and result.is_recovered:
        put_back(bench.world, KEPT / job.name.replace(":", "-").replace("/", "-"))
    return result
