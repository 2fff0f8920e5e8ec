"""Stock, one SKU in a hundred changed: what reading JTL takes, what working the targets out takes, and the calls to TEMU."""

from __future__ import annotations

import json
import math
import sys
from bisect import bisect
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import dagster as dg

from benchmarks.ratios.figures import Figure, ratio
from benchmarks.ratios.known_shop import STOCK_EDIT, STOCK_READ, KnownShop
from benchmarks.ratios.measuring import FailedError, measure
from benchmarks.ratios.places import Place
from benchmarks.ratios.program import DEFINITIONS

_JOB = "temu_inventory_sync"
_TARGETS = "temu_inventory"
_LISTED_AT_ONCE = 1000
_SKUS_PER_READ = 100
_MOSTLY = 0.9
"""A few are counted as they were before."""


@dataclass(frozen=True, slots=True)
class Run:
    """One stock run. ``statements``: to JTL; ``alone_s``: the same ones sent by a process that does nothing else."""

    statements: int
    read_s: float
    alone_s: float
    worked_out_cpu_s: float
    step_cpu_s: float
    edits: int
    reads: int


def measure_inventory(folder: Path, known: KnownShop, place: Place, *, skus: int, times: int) -> list[Figure]:
    """``times`` runs, before each of which JTL counts other pieces of one article in a hundred."""
    runs = [_run(folder, known, pieces=20 - number) for number in range(times)]
    item = f"3 inventory ({place.name})"
    last, changed = runs[-1], skus // 100
    if not _MOSTLY * changed <= last.edits <= changed:
        raise FailedError(f"{changed} SKUs were counted anew, and {last.edits} stock calls were made.")
    listed = known.shop.admin("GET", "state")["skus"]
    return [
        Figure(
            item,
            f"statements to JTL for {listed:,} SKUs",
            max(each.statements for each in runs),
            "statements",
            math.ceil(listed / _LISTED_AT_ONCE) + 2,
            text="all that the run sent; on a server the look at its columns too",
        ),
        ratio(
            item,
            "reading JTL against the same statements alone",
            ours=[each.read_s for each in runs],
            theirs=[each.alone_s for each in runs],
            unit="s",
            bound=1.3,
            names=("program", "statements alone"),
        ),
        Figure(
            item,
            "CPU from JTL's last row to the written targets",
            min(each.worked_out_cpu_s for each in runs),
            "s",
            1,
            text=f"of {_TARGETS}; all of that asset but reading JTL: {min(each.step_cpu_s for each in runs):.2f} s",
            raw={"worked out": [each.worked_out_cpu_s for each in runs], "asset without JTL": [each.step_cpu_s for each in runs]},
        ),
        Figure(item, f"stock calls for {changed:,} changed SKUs of as many goods", last.edits, "calls", changed),
        Figure(
            item,
            "calls that read back",
            last.reads,
            "calls",
            text=f"{math.ceil(changed / _SKUS_PER_READ)} would hold all of them; the program reads back batch by batch",
        ),
    ]


def _run(folder: Path, known: KnownShop, *, pieces: int) -> Run:
    known.count_one_in_a_hundred(pieces)
    known.forget_calls()
    told_file, statements_file = folder / "told.json", folder / "statements.json"
    command = [sys.executable, "-m", "benchmarks.ratios.observed", str(told_file)]
    measure([*command, "job", "execute", "-m", DEFINITIONS, "-j", _JOB], known.program.environment)
    told = json.loads(told_file.read_text(encoding="utf-8"))
    statements_file.write_text(json.dumps(told["to_jtl"]), encoding="utf-8")
    replay = [sys.executable, "-m", "benchmarks.ratios.statements_alone", str(statements_file), known.jtl.url]
    alone = json.loads(measure(replay, known.program.environment).output)
    if not alone["rows"]:
        raise FailedError("The same statements, sent alone, found nothing.")
    began, ended = _step(known.program.home)
    first, last = told["to_jtl"][0][0], told["given_back"][-1]
    used = Used(told["used"])
    calls = known.calls()
    return Run(
        statements=len(told["to_jtl"]),
        read_s=last - first,
        alone_s=alone["wall_s"],
        worked_out_cpu_s=used.between(last, ended),
        step_cpu_s=used.between(began, first) + used.between(last, ended),
        edits=calls.get(STOCK_EDIT, 0),
        reads=calls.get(STOCK_READ, 0),
    )


class Used:
    """How much processor time a process used between two moments."""

    def __init__(self, samples: Sequence[tuple[float, float]]) -> None:
        self._moments = [moment for moment, _ in samples]
        self._used = [used for _, used in samples]

    def between(self, start: float, end: float) -> float:
        return self._at(end) - self._at(start)

    def _at(self, moment: float) -> float:
        return self._used[min(bisect(self._moments, moment), len(self._used) - 1)]


def _step(home: Path) -> tuple[float, float]:
    """When the newest run began and ended to work the targets out, from Dagster's own record."""
    with dg.DagsterInstance.from_config(str(home)) as instance:
        (run,) = instance.get_runs(limit=1)
        moments = {
            entry.dagster_event.event_type: entry.timestamp
            for entry in instance.all_logs(run.run_id)
            if entry.dagster_event is not None and entry.dagster_event.step_key == _TARGETS
        }
    return moments[dg.DagsterEventType.STEP_START], moments[dg.DagsterEventType.STEP_SUCCESS]
