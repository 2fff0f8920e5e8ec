"""When a sensor that has seen something new starts a run, and when it waits: one run at a time, and not the same news every few seconds."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from datetime import datetime

import dagster as dg

from temu_assets.automation.reaching import instance_of

SAME_NEWS_AGAIN_AFTER_SECONDS = 300
"""For the first repetition; each further one waits twice as long, because an outage of hours is no reason for a hundred red runs."""
LONGEST_WAIT_SECONDS = 3600
_UNDER_WAY = [
    dg.DagsterRunStatus.QUEUED,
    dg.DagsterRunStatus.NOT_STARTED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
    dg.DagsterRunStatus.CANCELING,
]


def is_under_way(context: dg.SensorEvaluationContext, job_name: str) -> bool:
    """Whether a run of the job is waiting or working."""
    return instance_of(context).get_runs_count(dg.RunsFilter(job_name=job_name, statuses=_UNDER_WAY)) > 0


def run_for_news(
    context: dg.SensorEvaluationContext, fingerprint: str, *, now: datetime, tags: Mapping[str, str]
) -> dg.SensorResult | dg.SkipReason:
    """A run, unless one was started for the same news a moment ago.

    ``fingerprint`` tells these news from others; ``tags`` are what every triggered run of the job carries (``Triggers.run_tags``).
    """
    moment = now.timestamp()
    seen, since, *told = json.loads(context.cursor) if context.cursor else (None, 0.0)
    runs = told[0] if told and fingerprint == seen else 1 if fingerprint == seen else 0
    wait = min(SAME_NEWS_AGAIN_AFTER_SECONDS * 2 ** (runs - 1), LONGEST_WAIT_SECONDS)
    if runs and moment - since < wait:
        minutes = math.ceil((since + wait - moment) / 60)
        return dg.SkipReason(f"A run was started for this already and did not take it in; the next one starts in about {minutes} minutes.")
    # No run key: Dagster would never start a second run for it, even if the first one failed.
    return dg.SensorResult(run_requests=[dg.RunRequest(tags=tags)], cursor=json.dumps([fingerprint, moment, runs + 1]))


def no_news(reason: str) -> dg.SensorResult:
    """Nothing to start, and nothing to wait for: what comes next is news even if it looks like what a run took in before."""
    return dg.SensorResult(skip_reason=reason, cursor=json.dumps([None, 0.0, 0]))
