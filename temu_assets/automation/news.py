"""When a sensor that has seen something new starts a run, and when it waits: one run at a time, and not the same news every few seconds."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime

import dagster as dg

SAME_NEWS_AGAIN_AFTER_SECONDS = 300
_UNDER_WAY = [
    dg.DagsterRunStatus.QUEUED,
    dg.DagsterRunStatus.NOT_STARTED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
    dg.DagsterRunStatus.CANCELING,
]


def is_under_way(context: dg.SensorEvaluationContext, job_name: str) -> bool:
    """Whether a run of the job is waiting or working."""
    return context.instance.get_runs_count(dg.RunsFilter(job_name=job_name, statuses=_UNDER_WAY)) > 0


def run_for_news(
    context: dg.SensorEvaluationContext, fingerprint: str, *, now: datetime, tags: Mapping[str, str]
) -> dg.SensorResult | dg.SkipReason:
    """A run, unless one was started for the same news a moment ago.

    ``fingerprint`` tells these news from others; ``tags`` are what every triggered run of the job carries (``Triggers.run_tags``).
    """
    moment = now.timestamp()
    seen, since = json.loads(context.cursor) if context.cursor else (None, 0.0)
    if fingerprint == seen and moment - since < SAME_NEWS_AGAIN_AFTER_SECONDS:
        return dg.SkipReason("A run was started for this already and did not take it in; the next one starts in a few minutes.")
    # No run key: Dagster would never start a second run for it, even if the first one failed.
    return dg.SensorResult(run_requests=[dg.RunRequest(tags=tags)], cursor=json.dumps([fingerprint, moment]))
