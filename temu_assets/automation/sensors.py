"""The sensor that starts an orders run when TEMU has something new, and only then."""

import json

import dagster as dg

from temu_assets.automation.jobs import temu_orders_sync
from temu_assets.automation.triggers import sensor_status
from temu_assets.orders.looking import news
from temu_assets.resources import Clock, TemuResource, TociResource
from temu_assets.stage import told_plainly

LOOK_EVERY_SECONDS = 30
SAME_NEWS_AGAIN_AFTER_SECONDS = 300
_UNDER_WAY = [
    dg.DagsterRunStatus.QUEUED,
    dg.DagsterRunStatus.NOT_STARTED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
    dg.DagsterRunStatus.CANCELING,
]


def build_orders_sensor(*, are_on: bool) -> dg.SensorDefinition:
    """Look at one page of TEMU's order list; start ``temu_orders_sync`` when it holds an order we do not know like that."""

    @dg.sensor(
        name="temu_orders_sensor",
        job=temu_orders_sync,
        minimum_interval_seconds=LOOK_EVERY_SECONDS,
        default_status=sensor_status(are_on=are_on),
        description="Looks every 30 s for new or changed TEMU orders (one call) and starts an orders run when there are some. "
        "An outage is a failed tick, not a skipped one.",
    )
    def temu_orders_sensor(
        context: dg.SensorEvaluationContext, temu: TemuResource, toci: TociResource, clock: Clock
    ) -> dg.SensorResult | dg.SkipReason:
        with told_plainly():
            return _look(context, temu, toci, clock)

    return temu_orders_sensor


def _look(context: dg.SensorEvaluationContext, temu: TemuResource, toci: TociResource, clock: Clock) -> dg.SensorResult | dg.SkipReason:
    under_way = context.instance.get_runs_count(dg.RunsFilter(job_name=temu_orders_sync.name, statuses=_UNDER_WAY))
    if under_way:
        return dg.SkipReason("An orders run is under way; it takes what is new.")
    with temu.connect() as client, toci.connect() as database:
        fingerprint = news(client, database, now=clock.now())
    if fingerprint is None:
        return dg.SkipReason("TEMU has nothing we do not know.")
    now = clock.now().timestamp()
    seen, since = json.loads(context.cursor) if context.cursor else (None, 0.0)
    if fingerprint == seen and now - since < SAME_NEWS_AGAIN_AFTER_SECONDS:
        return dg.SkipReason("A run was started for this already and did not take it in; the next one starts in a few minutes.")
    # No run key: Dagster would never start a second run for it, even if the first one failed.
    return dg.SensorResult(run_requests=[dg.RunRequest()], cursor=json.dumps([fingerprint, now]))
