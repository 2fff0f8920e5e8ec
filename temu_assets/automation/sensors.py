"""The sensor that starts an orders run when TEMU has something new, and only then.

What a look needs is loaded by the first one.
"""

import dagster as dg

from temu_assets.automation.jobs import temu_orders_sync
from temu_assets.automation.news import is_under_way, no_news, run_for_news
from temu_assets.automation.reaching import CLOCK, TEMU, TOCI
from temu_assets.automation.triggers import Triggers
from temu_assets.stage import told_plainly

LOOK_EVERY_SECONDS = 15


def build_orders_sensor(triggers: Triggers) -> dg.SensorDefinition:
    """Look at one page of TEMU's order list; start ``temu_orders_sync`` when it holds an order we do not know like that."""

    @dg.sensor(
        name="temu_orders_sensor",
        job_name=temu_orders_sync.name,
        minimum_interval_seconds=LOOK_EVERY_SECONDS,
        default_status=triggers.sensor_status("temu_orders_sensor"),
        description=f"Looks every {LOOK_EVERY_SECONDS} s for new or changed TEMU orders (one call) and starts an orders run when there are "
        "some, or when one that could go to JTL was left over. "
        "An outage is a failed tick, not a skipped one.",
    )
    def temu_orders_sensor(context: dg.SensorEvaluationContext) -> dg.SensorResult | dg.SkipReason:
        with told_plainly():
            from temu_assets.orders.looking import news

            if is_under_way(context, temu_orders_sync.name):
                return dg.SkipReason("An orders run is under way; it takes what is new.")
            now = CLOCK.now()
            with TEMU.connect() as client, TOCI.look() as database:
                fingerprint = news(client, database, now=now)
            if fingerprint is None:
                return no_news("TEMU has nothing we do not know.")
            return run_for_news(context, fingerprint, now=now, tags=triggers.run_tags(temu_orders_sync.name))

    return temu_orders_sensor
