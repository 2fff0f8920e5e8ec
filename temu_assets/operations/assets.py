"""How the program does, as Dagster shows it: the history of runs in figures, and Dagster's own storage kept small.

How that is done is in ``stages``, loaded when one of them runs.
"""

import dagster as dg

from temu_assets.resources import Clock, SettingsResource, TociResource
from temu_assets.stage import told_plainly

GROUP = "operations"
OWNERS = ["team:shop"]


@dg.asset(group_name=GROUP, owners=OWNERS, kinds={"python", "sql"}, metadata={"dagster/table_name": "job_runs"})
def job_history(toci: TociResource, clock: Clock) -> dg.MaterializeResult[None]:
    """How the jobs do: runs by status, share that went well, and how long they take, over 24 hours and 7 days, for all and for each job.

    **Grain:** the rows of job_runs of the last 7 days. Each figure is a plot of its own under *Plots*. A share leaves out runs that were
    cancelled; times leave out those that died. **When red:** our database could not be read.
    """
    with told_plainly():
        from temu_assets.operations import stages

        return stages.tell_history(toci, clock)


@dg.asset(group_name=GROUP, owners=OWNERS, kinds={"python", "sql"})
def dagster_storage(
    context: dg.AssetExecutionContext, settings: SettingsResource, toci: TociResource, clock: Clock
) -> dg.MaterializeResult[None]:
    """Dagster's own storage and our history, kept small: what is older than the settings say is removed.

    **Settings:** TEMU_KEEP_RUNS_DAYS, TEMU_KEEP_FAILED_RUNS_DAYS, TEMU_KEEP_HISTORY_DAYS. Kept whatever their age: runs that work, and
    those that hold the last result of an asset or check. It may be ended at any time; the next run does the rest.
    **When red:** the message names the cause; what was removed stays removed.
    """
    with told_plainly():
        from temu_assets.operations import stages

        return stages.clean_storage(context, settings, toci, clock)


OPERATION_ASSETS = [job_history, dagster_storage]
