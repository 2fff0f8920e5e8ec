"""The executor of every job: Dagster's own for one process, and beside it a note of each run in our own database.

Dagster keeps runs for some weeks and in a form of its own; the note stays for years, in tables an administrator can ask. Put into
``Definitions(executor=...)``, it sees every run alike: from the UI, the daemon and the command line, with DAGSTER_HOME and without. What
writes the note is loaded when a run begins.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import dagster as dg

from temu_assets import memory
from temu_assets.errors import ConfigurationError
from temu_assets.redaction import bug
from temu_assets.settings import load_settings

if TYPE_CHECKING:
    # Dagster names them in the signature of its public Executor and exports neither.
    from dagster._core.execution.context.system import PlanOrchestrationContext
    from dagster._core.execution.plan.plan import ExecutionPlan
    from dagster._core.execution.retries import RetryMode

    from temu_assets.operations.observing import Observer


class RecordingExecutor(dg.Executor):
    """Another executor, watched."""

    def __init__(self, watched: dg.Executor) -> None:
        self._watched = watched

    @property
    def retries(self) -> RetryMode:
        """As the watched one has it."""
        return self._watched.retries

    def execute(self, plan_context: PlanOrchestrationContext, execution_plan: ExecutionPlan) -> Iterator[dg.DagsterEvent]:
        """What the watched one does, event by event and error by error."""
        memory.settle()
        observer = _observer(plan_context)
        if observer is None:
            yield from self._watched.execute(plan_context, execution_plan)
            return
        observer.begin()
        try:
            for event in self._watched.execute(plan_context, execution_plan):
                observer.see(event)
                yield event
        except BaseException as error:
            observer.end(error)
            raise
        observer.end()


def _observer(plan_context: PlanOrchestrationContext) -> Observer | None:
    """None where the settings cannot be read: the stages say so themselves, and where to write is not known."""
    from temu_assets.operations.observing import Observer

    try:
        return Observer(load_settings(), plan_context)
    except ConfigurationError:
        return None
    except Exception as error:  # noqa: BLE001 — told below; a run must not fail for its history
        plan_context.log.warning("The history of this run is not written. %s", bug(error))
        return None


@dg.executor(name=dg.in_process_executor.name, config_schema=dg.in_process_executor.config_schema.as_field())
def recording_executor(context: dg.InitExecutorContext) -> dg.Executor:
    """Executes all stages in one process, and writes what becomes of the run into our own database and the log files."""
    make = dg.in_process_executor.executor_creation_fn
    if make is None:
        msg = "Dagster's in_process_executor has no way to make one"
        raise TypeError(msg)
    return RecordingExecutor(make(context))
