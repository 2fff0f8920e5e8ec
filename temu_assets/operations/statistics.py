"""How jobs do: how many runs went well, how long they take, and which job needs a person. Values in, values out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import ceil

from temu_assets.operations.bounds import FAILURES_IN_A_ROW, FEWEST_RUNS, WORST_PERCENT
from temu_assets.toci.job_runs import Outcome, RunStatus

_WENT_WRONG = (RunStatus.FAILURE, RunStatus.KILLED)
_FINISHED = (RunStatus.SUCCESS, *_WENT_WRONG)


@dataclass(frozen=True, slots=True)
class Figures:
    """Runs in a time, and how long those took that are over. What was cancelled counts neither as well nor as wrong."""

    by_status: Mapping[RunStatus, int]
    success_percent: float | None
    p50_seconds: float | None
    p95_seconds: float | None
    max_seconds: float | None

    @property
    def runs(self) -> int:
        """All of them."""
        return sum(self.by_status.values())


def figures(outcomes: Iterable[Outcome]) -> Figures:
    """The figures of these runs; None where no run can tell."""
    runs = list(outcomes)
    by_status = Counter(run.status for run in runs)
    finished = sum(by_status[status] for status in _FINISHED)
    seconds = sorted(run.seconds for run in runs if run.seconds is not None and run.status is not RunStatus.KILLED)
    return Figures(
        {status: by_status[status] for status in RunStatus},
        round(100 * by_status[RunStatus.SUCCESS] / finished, 1) if finished else None,
        percentile(seconds, 50),
        percentile(seconds, 95),
        percentile(seconds, 100),
    )


def percentile(ordered: Sequence[float], percent: int) -> float | None:
    """The smallest value that so many percent of the values do not exceed; ``ordered`` is ascending."""
    return ordered[max(0, ceil(len(ordered) * percent / 100) - 1)] if ordered else None


def by_job(outcomes: Iterable[Outcome]) -> dict[str, list[Outcome]]:
    """The runs of each job, in the order they are given; jobs by name."""
    jobs: dict[str, list[Outcome]] = {}
    for run in outcomes:
        jobs.setdefault(run.job_id, []).append(run)
    return dict(sorted(jobs.items()))


def failing(outcomes: Iterable[Outcome]) -> dict[str, list[Outcome]]:
    """Jobs whose last runs all went wrong, with those runs; ``outcomes`` oldest first."""
    found = {}
    for job, runs in by_job(outcomes).items():
        last = [run for run in runs if run.status in _FINISHED][-FAILURES_IN_A_ROW:]
        if len(last) == FAILURES_IN_A_ROW and all(run.status in _WENT_WRONG for run in last):
            found[job] = last
    return found


def unreliable(outcomes: Iterable[Outcome], *, since: datetime) -> dict[str, Figures]:
    """Jobs of which too many runs since then went wrong, with their figures."""
    found = {}
    for job, runs in by_job(run for run in outcomes if run.started_at >= since).items():
        told = figures(runs)
        if sum(told.by_status[status] for status in _FINISHED) >= FEWEST_RUNS and (told.success_percent or 0) < WORST_PERCENT:
            found[job] = told
    return found


def died(outcomes: Iterable[Outcome], *, since: datetime) -> dict[str, list[Outcome]]:
    """Jobs of which a run died without a word since then, with those runs."""
    return by_job(run for run in outcomes if run.status is RunStatus.KILLED and run.started_at >= since)
