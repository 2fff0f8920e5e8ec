"""What Dagster tells while a run goes on, turned into the run's row and its sentences in our history."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import dagster as dg

from temu_assets.errors import TransientError
from temu_assets.operations import sentences
from temu_assets.operations.dead_runs import close_dead_runs
from temu_assets.operations.history import BEGIN_WAITS_SECONDS, END_WAITS_SECONDS, STAGE_WAITS_SECONDS, History
from temu_assets.operations.run_start import describe
from temu_assets.redaction import bug
from temu_assets.run_origin import MAX_RUNTIME_TAG
from temu_assets.settings import Settings
from temu_assets.stage import ERROR_KIND, IS_TRANSIENT
from temu_assets.texts import cut
from temu_assets.toci.job_runs import LONGEST_ERROR, RunEnd, RunStatus
from temu_assets.toci.scheduler_logs import Level, LogLine

if TYPE_CHECKING:
    from dagster._core.execution.context.system import PlanOrchestrationContext

DRY_RUN_TAG = "temu/dry_run"
"""Shows in the list of runs that nothing of one has left the house."""
_INTERRUPTS = (KeyboardInterrupt, dg.DagsterExecutionInterruptedError)
_ENDED_FROM_OUTSIDE = (
    "It was cancelled, or its process was told to end (Ctrl+C, a service that stops). What it had done is kept; the next run goes on."
)


class Observer:
    """One run, from its begin to its end. Nothing here raises: what goes wrong is a warning in the run's log."""

    def __init__(self, settings: Settings, context: PlanOrchestrationContext) -> None:
        self._log = context.log
        self._max_runtime = context.dagster_run.tags.get(MAX_RUNTIME_TAG, "")
        instance, own_run = context.instance, context.run_id
        self._instance, self._run_id = instance, own_run
        self._was_marked_dry = DRY_RUN_TAG in context.dagster_run.tags
        self._history = History(
            settings,
            describe(context.dagster_run, context.job.get_definition(), by_setting=settings.temu_dry_run, now=datetime.now(UTC)),
            look_after=lambda toci: close_dead_runs(toci, instance, now=datetime.now(UTC), but=own_run),
        )
        self._began = time.monotonic()
        self._stage_began: dict[str | None, float] = {}
        self._counts: dict[str, dict[str, float]] = {}
        self._counted_by: dict[str | None, list[str]] = {}
        self._failed_checks = 0
        self._failed: tuple[str, str, str | None, bool | None] | None = None

    def begin(self) -> None:
        """The run begins."""
        self._quietly(self._mark_dry)
        self._quietly(lambda: self._say(Level.INFO, sentences.begun(self._history.start)))
        self._quietly(lambda: self._history.save(BEGIN_WAITS_SECONDS))

    def _mark_dry(self) -> None:
        # A run that is started again from the UI carries the tags of the one before, which may have been dry.
        if self._history.start.dry_run or self._was_marked_dry:
            self._instance.add_run_tags(self._run_id, {DRY_RUN_TAG: str(self._history.start.dry_run).lower()})

    def see(self, event: dg.DagsterEvent) -> None:
        """One thing Dagster tells."""
        self._quietly(lambda: self._see(event))

    def end(self, error: BaseException | None = None) -> None:
        """The run is over; ``error`` ended it before its last stage was done."""
        self._quietly(lambda: self._end(error))

    def _see(self, event: dg.DagsterEvent) -> None:
        kind = event.event_type
        if kind is dg.DagsterEventType.STEP_START:
            self._stage_began[event.step_key] = time.monotonic()
        elif kind is dg.DagsterEventType.ASSET_MATERIALIZATION:
            self._see_counts(event.step_key, event.step_materialization_data.materialization)
        elif kind is dg.DagsterEventType.ASSET_OBSERVATION:
            # Of a dry run: it shows what it would have done.
            self._see_counts(event.step_key, event.asset_observation_data.asset_observation)
        elif kind is dg.DagsterEventType.ASSET_CHECK_EVALUATION:
            self._see_check(event.asset_check_evaluation_data)
        elif kind is dg.DagsterEventType.STEP_SUCCESS:
            self._see_success(event.step_key)
        elif kind is dg.DagsterEventType.STEP_FAILURE:
            self._see_failure(event)

    def _see_counts(self, step: str | None, told: dg.AssetMaterialization | dg.AssetObservation) -> None:
        asset = told.asset_key.to_user_string()
        self._counts[asset] = _numbers(told.metadata)
        self._counted_by.setdefault(step, []).append(asset)

    def _see_check(self, check: dg.AssetCheckEvaluation) -> None:
        if not check.passed:
            self._failed_checks += 1
            self._say(Level.WARNING, sentences.check_failed(check.check_name, check.asset_key.to_user_string(), check.description or ""))

    def _see_success(self, step: str | None) -> None:
        seconds = time.monotonic() - self._stage_began.get(step, self._began)
        done = self._counted_by.get(step, [])
        for asset in done:
            self._say(Level.INFO, sentences.stage_done(asset, seconds, self._counts[asset]))
        if done:
            self._history.save(STAGE_WAITS_SECONDS)

    def _see_failure(self, event: dg.DagsterEvent) -> None:
        stage, told = event.step_key or "", event.step_failure_data.user_failure_data
        if told is None:
            # Not one of ours: Dagster, or the interruption that ends the run right after this.
            where = "It failed outside of what the stage itself does; Dagster shows more at the run."
            self._failed = self._failed or (stage, where, None, None)
            return
        kind, may_pass = (told.metadata.get(name) for name in (ERROR_KIND, IS_TRANSIENT))
        description = told.description or ""
        self._failed = self._failed or (stage, description, str(kind.value) if kind else None, bool(may_pass.value) if may_pass else None)
        self._say(Level.ERROR, sentences.stage_failed(stage, description))
        self._history.save(STAGE_WAITS_SECONDS)

    def _end(self, error: BaseException | None) -> None:
        end = self._how_it_ended(error)
        level = {RunStatus.SUCCESS: Level.INFO, RunStatus.CANCELLED: Level.WARNING}.get(end.status, Level.ERROR)
        self._history.add(LogLine(level, sentences.ended(self._history.start, end), end.status, end.ended_at))
        self._history.end = end
        self._history.save(END_WAITS_SECONDS)
        for trouble in self._history.close():
            self._log.warning(trouble)

    def _how_it_ended(self, error: BaseException | None) -> RunEnd:
        stage, told, kind, may_pass = self._failed or (None, None, None, None)
        status = RunStatus.FAILURE if self._failed else RunStatus.SUCCESS
        if isinstance(error, _INTERRUPTS):
            status, told, kind, may_pass = RunStatus.CANCELLED, _ENDED_FROM_OUTSIDE, None, None
            if self._is_over_its_limit():
                status, kind, may_pass = RunStatus.FAILURE, TransientError.__name__, True
                told = f"It took longer than its time limit of {self._max_runtime} s and was ended. What it had done is kept."
        elif error is not None:
            unexpected = bug(error)
            status, told, kind, may_pass = RunStatus.FAILURE, told or str(unexpected), kind or type(unexpected).__name__, may_pass
        return RunEnd(
            status,
            datetime.now(UTC),
            self._counts,
            self._failed_checks,
            stage,
            cut(told, LONGEST_ERROR) if told else None,
            kind,
            may_pass,
        )

    def _is_over_its_limit(self) -> bool:
        limit = self._max_runtime
        return limit.isascii() and limit.isdigit() and time.monotonic() - self._began >= int(limit)

    def _say(self, level: Level, message: str) -> None:
        self._history.add(LogLine(level, message, RunStatus.RUNNING, datetime.now(UTC)))

    def _quietly(self, work: Callable[[], None]) -> None:
        try:
            work()
        except Exception as error:  # noqa: BLE001 — told as a warning; a run must not fail for its history
            self._log.warning("The history of this run is incomplete. %s", bug(error))


def _numbers(metadata: Mapping[str, object]) -> dict[str, float]:
    """What a stage counted; texts, tables and times are left to Dagster."""
    return {
        name: value.value
        for name, value in metadata.items()
        if isinstance(value, dg.IntMetadataValue | dg.FloatMetadataValue) and value.value is not None
    }
