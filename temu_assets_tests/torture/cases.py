"""One case: a run killed where it passes a crash point, perhaps the next one as well, and then three clean rounds at most."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Self

from temu_assets_tests.torture.bench import Bench, Result, converge
from temu_assets_tests.torture.days import STAGES
from temu_assets_tests.torture.runs import Death, End
from temu_assets_tests.torture.world import chance, open_world, put_back

_STAGES = {stage.name: stage for stage in STAGES}


@dataclass(frozen=True, slots=True)
class Case:
    """Which run is killed where: ``at`` and ``again`` are ``point#occurrence``; ``again`` is where the next run is killed."""

    stage: str
    at: str
    again: str = ""

    @classmethod
    def named(cls, name: str) -> Self:
        """The case of this name. Raises ValueError for a name that is none."""
        stage, colon, points = name.partition(":")
        if stage not in _STAGES or not colon or "#" not in points:
            raise ValueError(f"'{name}' is no case. One is called like 'orders:jtl_commit_after#1'; the stages are {', '.join(_STAGES)}.")
        return cls(stage, *points.split("+", maxsplit=1))

    @property
    def name(self) -> str:
        """What to call it on the command line."""
        return f"{self.stage}:{self.at}" + (f"+{self.again}" if self.again else "")

    @property
    def point(self) -> str:
        """The point it is counted under."""
        return "pairs" if self.again else self.at.rpartition("#")[0]


def all_cases(passed: Mapping[str, Sequence[str]]) -> list[Case]:
    """Every point at every occurrence in every run of the day, in the sequence in which they are passed."""
    cases = []
    for stage, points in passed.items():
        times: Counter[str] = Counter()
        for point in points:
            times[point] += 1
            cases.append(Case(stage, f"{point}#{times[point]}"))
    return cases


def some_pairs(cases: Sequence[Case], number: int, seed: int) -> list[Case]:
    """So many pairs of points, drawn: killed at the first, and at the second in the run after that."""
    rng = chance(seed, "pairs")
    by_stage: dict[str, list[str]] = {}
    for case in cases:
        by_stage.setdefault(case.stage, []).append(case.at)
    chosen: dict[Case, None] = {}
    while len(chosen) < number and cases:
        first = rng.choice(cases)
        chosen[Case(first.stage, first.at, rng.choice(by_stage[first.stage]))] = None
    return list(chosen)


def run_case(bench: Bench, case: Case, *, is_thorough: bool = True) -> Result:
    """Let a case happen. Not ``is_thorough``: where a kill leaves behind what another did, what came of that is taken for it."""
    began = time.monotonic()
    result = Result(case.name, case.point)
    stage, before = _STAGES[case.stage], bench.before(case.stage)
    put_back(bench.saved / case.stage, bench.world)
    with open_world(bench.world) as world:
        for at in filter(None, (case.at, case.again)):
            end = bench.zygote.run(world, stage.job, Death(at))
            result.killed += end is End.KILLED
        world.save()
        left_behind = f"{case.stage} {before.fingerprint(world.places)}"
        result.is_recovered = is_thorough or left_behind not in bench.known
        if result.is_recovered:
            bench.known[left_behind] = converge(world, bench.zygote, stock_job=stage.stock_job)
        result.rounds, result.findings = bench.known[left_behind]
    result.seconds = time.monotonic() - began
    return result
