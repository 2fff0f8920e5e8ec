"""``python -m temu_assets_tests.torture``: kill the program everywhere and judge what comes of it.

Exit code 0: nothing was lost, nothing was doubled, everything came right within three clean rounds.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from click import echo

from temu_assets_tests.torture.bench import Bench, Result, save_moments
from temu_assets_tests.torture.cases import Case, all_cases, some_pairs
from temu_assets_tests.torture.table import table
from temu_assets_tests.torture.workers import KEPT, SCHEDULE, Job, results_of
from temu_assets_tests.torture.world import room

SEED = 20261126
SAY_SOMETHING_EVERY_S = 30.0


def main(arguments: Sequence[str] | None = None) -> int:
    """Run what the command line wants; returns the exit code."""
    given = _given(arguments)
    if not hasattr(os, "fork"):
        echo("Runs are killed in forked processes, which this system does not have. Use Linux or macOS.")
        return 2
    with room() as root:
        return _torture(given, root)


def _torture(given: argparse.Namespace, root: Path) -> int:
    with Bench(root / "saved", root / "first") as bench:
        passed = save_moments(bench)
    cases = all_cases(passed)
    names = _names(cases, given)
    per_stage = ", ".join(f"{stage} {len(points)}" for stage, points in passed.items())
    echo(f"Seed {given.seed}. A day without faults passes {len(cases)} crash points in {len(passed)} runs ({per_stage}).")
    echo(f"{len(names)} cases, {given.jobs} at a time.")
    jobs = [Job(name, given.seed, tuple(case.at for case in cases), given.thorough or bool(given.only)) for name in names]
    places = {name: place for place, name in enumerate(names)}
    results = sorted(_told(results_of(jobs, given.jobs, root), len(jobs), given.seed), key=lambda result: places[result.name])
    echo(table(results))
    return _verdict(results, given.seed)


def _given(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m temu_assets_tests.torture", description=__doc__)
    parser.add_argument("--seed", type=int, default=SEED, help="what is drawn at random depends on it alone (%(default)s)")
    parser.add_argument("--pairs", type=int, default=300, help="how many pairs of crash points are tried (%(default)s)")
    parser.add_argument("--schedules", type=int, default=500, help="how many random days (%(default)s)")
    parser.add_argument("--only", action="append", help="one case by its name, as a failing one is told; may be given several times")
    parser.add_argument("--jobs", type=int, default=2, help="cases at a time (%(default)s)")
    parser.add_argument("--thorough", action="store_true", help="recover after every kill, also where it left what another did")
    return parser.parse_args(arguments)


def _names(cases: Sequence[Case], given: argparse.Namespace) -> list[str]:
    if given.only:
        return list(given.only)
    pairs = some_pairs(cases, given.pairs, given.seed)
    return [*(case.name for case in (*cases, *pairs)), *(f"{SCHEDULE}{number}" for number in range(1, given.schedules + 1))]


def _told(results: Iterable[Result], number: int, seed: int) -> Iterator[Result]:
    """The results, and now and then a line that says how far it is."""
    began = said = time.monotonic()
    for done, result in enumerate(results, start=1):
        if result.findings:
            echo(f"{result.name} is not right: {result.findings[0]}\n    {_command(result, seed)}")
        if time.monotonic() - said > SAY_SOMETHING_EVERY_S:
            said = time.monotonic()
            echo(f"{done} of {number} cases in {(said - began) / 60:.0f} min")
        yield result


def _command(result: Result, seed: int) -> str:
    return f"{Path(sys.executable).name} -m temu_assets_tests.torture --seed {seed} --only '{result.name}'"


def _verdict(results: Sequence[Result], seed: int) -> int:
    failed = [result for result in results if result.findings]
    slowest = max((result.rounds for result in results), default=0)
    recovered = sum(result.is_recovered for result in results)
    echo(f"Seed {seed}. {recovered} different states were left behind and recovered from, in {slowest} clean rounds at most.")
    for result in failed:
        echo(f"\n{result.name}, to be repeated with\n    {_command(result, seed)}")
        echo("\n".join(f"  {finding}" for finding in result.findings))
    if failed:
        echo(f"\n{len(failed)} cases are not right. What they left lies below {KEPT}/.")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
