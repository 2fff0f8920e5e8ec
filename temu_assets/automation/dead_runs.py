"""The sensor that notices runs whose process died, within half a minute, so that they can be started again and stand in nobody's way.

What a look needs is loaded by the first one.
"""

from __future__ import annotations

import dagster as dg

from temu_assets.automation.reaching import CLOCK, TOCI, instance_of
from temu_assets.automation.triggers import Triggers
from temu_assets.stage import told_plainly

LOOK_EVERY_SECONDS = 30


def build_dead_runs_sensor(triggers: Triggers) -> dg.SensorDefinition:
    """It starts nothing itself: Dagster starts a run that died again by its own rule (run_retries in dagster.yaml)."""

    @dg.sensor(
        name="dead_runs_sensor",
        minimum_interval_seconds=LOOK_EVERY_SECONDS,
        default_status=triggers.sensor_status("dead_runs_sensor"),
        description="Looks every 30 s whether the process of a run is gone without a word (killed, out of memory, power cut), says so at "
        "the run, and finishes its row in job_runs. Keep it on: until then such a run counts as running, and the next of its kind waits.",
    )
    def dead_runs_sensor(context: dg.SensorEvaluationContext) -> dg.SkipReason:
        with told_plainly():
            from temu_assets.operations.dead_runs import close_dead_runs

            with TOCI.connect() as database:
                closed = close_dead_runs(database, instance_of(context), now=CLOCK.now())
            return dg.SkipReason(f"Found dead and reported: {', '.join(closed)}." if closed else "No run has died.")

    return dead_runs_sensor
