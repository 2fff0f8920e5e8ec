"""What the UI shows of jobs that do not do well. None of it stops anything.

What asks our database is loaded when a check runs.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import dagster as dg

from temu_assets.operations.bounds import FAILURES_IN_A_ROW, WORST_PERCENT
from temu_assets.problem_checks import Watch, Wrong, checks_of
from temu_assets.resources import Clock

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from temu_assets.toci.job_runs import Outcome

_LOOKS_BACK = timedelta(days=7)
_DAY = timedelta(days=1)


def _runs(connection: Connection, shop: str) -> list[Outcome]:
    """Dry runs are left out: they send nothing, whatever becomes of them."""
    from temu_assets.toci import job_runs

    return [run for run in job_runs.outcomes(connection, shop, Clock().now() - _LOOKS_BACK) if not run.dry_run]


def _failing(connection: Connection, shop: str) -> list[Wrong]:
    from temu_assets.operations.statistics import failing

    return [
        Wrong(
            job,
            f"{job} failed {FAILURES_IN_A_ROW} times one after the other. The last time: {runs[-1].error or 'no reason was written.'}",
            f"do what the message says, then run {job} once by hand. Nothing is lost: the next run that goes well takes what was left.",
            f"{runs[0].started_at:%Y-%m-%d %H:%M}",
        )
        for job, runs in failing(_runs(connection, shop)).items()
    ]


def _unreliable(connection: Connection, shop: str) -> list[Wrong]:
    from temu_assets.operations.statistics import unreliable

    return [
        Wrong(
            job,
            f"Of the runs of {job} in the last 24 hours {told.success_percent:g} % went well.",
            "look at the errors of the others (Runs in the UI, or job_runs): what fails now and then is slow or locked at times.",
        )
        for job, told in unreliable(_runs(connection, shop), since=Clock().now() - _DAY).items()
    ]


def _died(connection: Connection, shop: str) -> list[Wrong]:
    from temu_assets.operations.statistics import died

    return [
        Wrong(
            job,
            f"{len(runs)} {'run' if len(runs) == 1 else 'runs'} of {job} died without a word in the last 24 hours.",
            "was the machine or the service restarted? Else look whether memory is short (`journalctl -k | grep -i oom`).",
            f"{runs[0].started_at:%Y-%m-%d %H:%M}",
        )
        for job, runs in died(_runs(connection, shop), since=Clock().now() - _DAY).items()
    ]


OPERATION_CHECKS = [
    checks_of(
        "job_history",
        Watch(
            "no_job_fails_again_and_again",
            f"The last {FAILURES_IN_A_ROW} runs of a job did not all go wrong. If they did, nothing of its work gets done any more.",
            _failing,
            dg.AssetCheckSeverity.ERROR,
        ),
        Watch(
            "most_runs_go_well",
            f"At least {WORST_PERCENT} % of the runs of each job in the last 24 hours went well.",
            _unreliable,
        ),
        Watch("no_run_dies", "No run in the last 24 hours was killed or died without a word.", _died),
    )
]
