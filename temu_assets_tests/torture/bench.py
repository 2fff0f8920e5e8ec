"""Where cases happen: saved moments of the day, a folder for the world of the case at hand, and the process that forks the runs."""

from __future__ import annotations

import logging
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from temu_assets_tests.torture.checker import Finding, Harm, Places
from temu_assets_tests.torture.days import ALL_STOCK, ORDERS, STAGES, clean_round
from temu_assets_tests.torture.left_behind import Before
from temu_assets_tests.torture.runs import End, HarnessError, Zygote, last_words
from temu_assets_tests.torture.world import World, create, open_world, put_back

CLEAN_ROUNDS = 3

# A killed run breaks its calls off, which the server of the sandbox tells at length.
logging.getLogger("uvicorn.error").disabled = True


@dataclass(slots=True)
class Result:
    """What became of one case: ``point`` is what it is counted under, ``killed`` how many of its runs died.

    ``is_recovered``: the clean rounds took place; else another case left the same behind, and what came of that is told.
    """

    name: str
    point: str
    killed: int = 0
    rounds: int = 0
    is_recovered: bool = True
    findings: list[Finding] = field(default_factory=list)
    seconds: float = 0.0

    def count(self, harm: Harm) -> int:
        """How many findings of one kind."""
        return sum(finding.harm is harm for finding in self.findings)


class Bench:
    """One place to work at. ``saved`` holds the moments of the day (see ``save_moments``), ``folder`` is used up.

    ``known`` is what came of what a killed run left behind, by its fingerprint.
    """

    def __init__(self, saved: Path, folder: Path) -> None:
        self.saved = saved
        self.folder = folder
        self.known: dict[str, tuple[int, list[Finding]]] = {}
        self._before: dict[str, Before] = {}
        folder.mkdir(parents=True, exist_ok=True)
        self.zygote = Zygote(folder)
        self._warm_up()

    @property
    def world(self) -> Path:
        """The folder of the world of the case at hand."""
        return self.folder / "world"

    def before(self, stage: str) -> Before:
        """The world a run of this stage begins in."""
        if stage not in self._before:
            self._before[stage] = Before.of(Places(self.saved / stage))
        return self._before[stage]

    def close(self) -> None:
        """End the process and give the room back."""
        self.zygote.close()
        shutil.rmtree(self.world, ignore_errors=True)

    def _warm_up(self) -> None:
        create(self.folder / "warm-up")
        with open_world(self.folder / "warm-up") as world:
            for job in (ORDERS, ALL_STOCK):
                if self.zygote.run(world, job, is_warm_up=True) is not End.GREEN:
                    raise HarnessError(f"{job} is red in an empty world: {last_words(self.folder / 'zygote.log')}")
        shutil.rmtree(self.folder / "warm-up")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def save_moments(bench: Bench) -> dict[str, list[str]]:
    """Let the day happen without a fault and save the moment before each run. Returns the crash points each run passes, in turn."""
    passed = {}
    create(bench.world)
    put_back(bench.world, bench.saved / "nothing")
    for stage in STAGES:
        with open_world(bench.world) as world:
            stage.happens(world)
        shutil.rmtree(world.places.output)
        put_back(bench.world, bench.saved / stage.name)
        trace = bench.folder / "trace"
        trace.unlink(missing_ok=True)
        with open_world(bench.world) as world:
            _run_well(bench.zygote, world, stage.job, trace=trace)
        passed[stage.name] = trace.read_text(encoding="utf-8").splitlines()
    with open_world(bench.world) as world:
        rounds, findings = converge(world, bench.zygote)
        for job in (ORDERS, ALL_STOCK):
            # Once with the asset checks, whose words are searched for buyers as well.
            _run_well(bench.zygote, world, job, with_checks=True)
        findings += world.check()
        if findings:
            raise HarnessError(f"The day does not come right in {rounds} rounds although nothing was done to it: {findings[0]}")
    return passed


def _run_well(zygote: Zygote, world: World, job: str, *, trace: Path | None = None, with_checks: bool = False) -> None:
    if zygote.run(world, job, trace=trace, with_checks=with_checks) is not End.GREEN:
        raise HarnessError(f"{job} is red although nothing was done to it: {last_words(world.places.output / 'runs.log')}")


def converge(world: World, zygote: Zygote, *, stock_job: str = ALL_STOCK, temu_failed: bool = False) -> tuple[int, list[Finding]]:
    """Clean rounds until everything is right, three at most. Returns how many it took, and what is still wrong then."""
    findings: list[Finding] = []
    for number in range(1, CLEAN_ROUNDS + 1):
        ends = clean_round(world, zygote, stock_job)
        findings = world.check(temu_failed=temu_failed)
        if all(end is End.GREEN for end in ends):
            if not findings:
                return number, []
        else:
            findings.append(Finding("I10", Harm.WRONG, f"Runs of clean round {number} ended {', '.join(ends)}."))
        if any(finding.harm is Harm.DOUBLED for finding in findings):
            return number, findings
    return CLEAN_ROUNDS, findings
