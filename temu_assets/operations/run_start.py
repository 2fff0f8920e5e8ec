"""What is known of a run when it begins: which job it is, who started it, where it works."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

import dagster as dg

from temu_assets.dry_run import is_dry
from temu_assets.run_origin import attempt_of, first_run_of, is_triggered, trigger_of
from temu_assets.texts import cut
from temu_assets.toci.job_runs import RunStart
from temu_assets.toci.processes import this_host, this_process

COMMAND_LINE = "command line"
BY_HAND = "by hand"
RETRY = "retry"
_LONGEST_JOB_ID = 100
_LONGEST_STARTER = 100
_ROOT = "dagster/root_run_id"
_RESTART = "dagster/retry_number"
_OF_DAGSTER_ITSELF = "__"


def describe(run: dg.DagsterRun, job: dg.JobDefinition, *, by_setting: bool, now: datetime) -> RunStart:
    """A run as our history begins it. ``by_setting``: whether TEMU_DRY_RUN is on."""
    restarts = run.tags.get(_RESTART, "")
    is_restart = restarts.isascii() and restarts.isdigit()
    return RunStart(
        run_id=run.run_id,
        job_id=cut(_job_id(run, job), _LONGEST_JOB_ID),
        job_type=_job_type(job),
        started_by=cut(_started_by(run), _LONGEST_STARTER),
        is_triggered=is_triggered(run.tags),
        first_run_id=run.tags.get(_ROOT, run.run_id) if is_restart else first_run_of(run.run_id, run.tags),
        attempt=attempt_of(run.tags) - 1 + (int(restarts) if is_restart else 0),
        dry_run=is_dry(run.run_config, by_setting=by_setting),
        started_at=now,
        host=this_host(),
        process=this_process(),
    )


def _job_id(run: dg.DagsterRun, job: dg.JobDefinition) -> str:
    """The job, or the assets that were chosen by hand: those runs all have one name of Dagster's."""
    if not run.job_name.startswith(_OF_DAGSTER_ITSELF):
        return run.job_name
    assets = sorted(key.to_user_string() for key in job.asset_layer.selected_asset_keys)
    checks = sorted({key.asset_key.to_user_string() for key in run.asset_check_selection or ()})
    return ", ".join(assets) or (f"checks of {', '.join(checks)}" if checks else run.job_name)


def _job_type(job: dg.JobDefinition) -> str:
    """The group most of its assets are in."""
    layer = job.asset_layer
    groups = Counter(layer.get(key).group_name for key in sorted(layer.selected_asset_keys))
    return groups.most_common(1)[0][0] if groups else "checks"


def _started_by(run: dg.DagsterRun) -> str:
    if trigger := trigger_of(run.tags):
        return trigger
    if _RESTART in run.tags:
        return RETRY
    # What the UI or GraphQL starts knows from which code location it came; the command line has none.
    return COMMAND_LINE if run.remote_job_origin is None else BY_HAND
