"""A run that failed because the other side did not answer is tried again by a new run, a few times, some time later.

Only runs a schedule or sensor started, and only what can pass by itself: a wrong setting or an expired token waits for a person, and who
presses a button is told at once. A run that crashed is Dagster's own business (``run_retries`` in dagster.yaml), never both.

What is known stands in Dagster's history alone. So a restarted daemon goes on where it was, and nothing has to be cleared up.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import dagster as dg

from temu_assets.automation.job_plan import JobPlan, JobSettings
from temu_assets.automation.jobs_file import LONGEST_DELAY_SECONDS
from temu_assets.automation.news import is_under_way
from temu_assets.automation.reaching import CLOCK, instance_of
from temu_assets.automation.triggers import Triggers
from temu_assets.run_origin import ATTEMPT_TAG, FIRST_RUN_TAG, MAX_RUNTIME_TAG, attempt_of, first_run_of, is_triggered
from temu_assets.stage import IS_TRANSIENT, told_plainly

if TYPE_CHECKING:  # what define_asset_job returns has no public name
    from dagster._core.definitions.unresolved_asset_job_definition import UnresolvedAssetJobDefinition

LOOK_EVERY_SECONDS = 15
FORGET_AFTER = timedelta(hours=1)
"""So long after it was due a retry is not begun any more: the daemon was down, and the next run takes everything anyway."""
_BY_DAGSTER = "dagster/will_retry"
_OURS = "temu/"


def build_retry_sensor(triggers: Triggers, jobs: list[UnresolvedAssetJobDefinition]) -> dg.SensorDefinition:
    """The sensor that starts retries of these jobs, as many and as late as the plan says for each."""
    plan = triggers.plan

    @dg.sensor(
        name="retry_sensor",
        jobs=jobs,
        minimum_interval_seconds=LOOK_EVERY_SECONDS,
        default_status=triggers.sensor_status("retry_sensor"),
        description="Tries again what a schedule or sensor started and what failed because TEMU, JTL or our database did not answer: "
        "as often and as late as each job says. Keep it on wherever a schedule or another sensor is on: without it nothing is tried again "
        "before the next tick.",
    )
    def retry_sensor(context: dg.SensorEvaluationContext) -> dg.SensorResult | dg.SkipReason:
        with told_plainly():
            now = CLOCK.now()
            failures = _newest_failures(instance_of(context), plan, now)
            requests = [_retry(context, plan.jobs[failed.dagster_run.job_name], failed, now) for failed in failures]
            due = [request for request in requests if request]
            return dg.SensorResult(run_requests=due) if due else dg.SkipReason("No failed run is due to be tried again.")

    return retry_sensor


def _newest_failures(instance: dg.DagsterInstance, plan: JobPlan, now: datetime) -> list[dg.RunRecord]:
    """Of each job the last run that a trigger started and that failed; those before it are its business now."""
    since = now - FORGET_AFTER - timedelta(seconds=LONGEST_DELAY_SECONDS)
    newest: dict[str, dg.RunRecord] = {}
    for record in instance.get_run_records(dg.RunsFilter(statuses=[dg.DagsterRunStatus.FAILURE], updated_after=since)):
        if record.dagster_run.job_name in plan.jobs and is_triggered(record.dagster_run.tags):
            newest.setdefault(record.dagster_run.job_name, record)
    return list(newest.values())


def _retry(context: dg.SensorEvaluationContext, job: JobSettings, failed: dg.RunRecord, now: datetime) -> dg.RunRequest | None:
    run = failed.dagster_run
    attempt = attempt_of(run.tags) + 1
    ended = datetime.fromtimestamp(failed.end_time, UTC) if failed.end_time else failed.update_timestamp
    due = ended + timedelta(seconds=job.retry_delay_seconds)
    if attempt > job.retries + 1 or run.tags.get(_BY_DAGSTER) == "true" or not due <= now <= due + FORGET_AFTER:
        return None
    tags = {FIRST_RUN_TAG: first_run_of(run.run_id, run.tags), ATTEMPT_TAG: str(attempt)}
    if (
        is_under_way(context, job.name)
        or _has_succeeded_since(instance_of(context), job.name, ended)
        or instance_of(context).get_runs_count(dg.RunsFilter(tags=tags)) > 0
        or not _may_pass_by_itself(instance_of(context), run.run_id)
    ):
        return None
    same = {tag: value for tag, value in run.tags.items() if tag == MAX_RUNTIME_TAG or tag.startswith(_OURS)}
    # With a run key Dagster itself starts it once only, also where the daemon dies between this answer and the run.
    return dg.RunRequest(
        run_key=f"{tags[FIRST_RUN_TAG]}:{attempt}",
        job_name=job.name,
        run_config=run.run_config,
        tags=same | tags,
    )


def _has_succeeded_since(instance: dg.DagsterInstance, job_name: str, moment: datetime) -> bool:
    succeeded = dg.RunsFilter(job_name=job_name, statuses=[dg.DagsterRunStatus.SUCCESS], updated_after=moment)
    return any(record.end_time and record.end_time > moment.timestamp() for record in instance.get_run_records(succeeded))


def _may_pass_by_itself(instance: dg.DagsterInstance, run_id: str) -> bool:
    """Whether every stage that failed says so. One that waits for a person makes trying again useless, and with a stop by TEMU harmful."""
    failures = [event.dagster_event for event in instance.all_logs(run_id, of_type=dg.DagsterEventType.STEP_FAILURE)]
    return bool(failures) and all(event is not None and _says_it_may_pass(event) for event in failures)


def _says_it_may_pass(event: dg.DagsterEvent) -> bool:
    told = event.step_failure_data.user_failure_data
    return told is not None and IS_TRANSIENT in told.metadata and told.metadata[IS_TRANSIENT].value is True
