"""How long it takes from one side to the other, as Dagster shows it: figures that plot, and a check that says when it is too long.

How that is found out is in ``lead_time_figures``, loaded when asset or check runs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import dagster as dg

from temu_assets.operations.bounds import GOAL_SECONDS
from temu_assets.problem_checks import Watch, Wrong, checks_of
from temu_assets.resources import Clock, TociResource
from temu_assets.stage import told_plainly

if TYPE_CHECKING:
    from sqlalchemy import Connection


@dg.asset(group_name="operations", owners=["team:shop"], kinds={"python", "sql"}, metadata={"dagster/table_name": "lead_times"})
def lead_times(toci: TociResource, clock: Clock) -> dg.MaterializeResult[None]:
    """How long orders take to JTL, parcels to TEMU and stock to TEMU: count and percentiles in seconds, over 24 hours and 7 days.

    **Grain:** the rows of lead_times of the last 7 days; each figure is a plot of its own under *Plots*. What was there before the
    program, what a person was waited for and what a run found done already is not counted (docs/triggers.md). **When red:** our database
    could not be read.
    """
    with told_plainly():
        from temu_assets.operations.lead_time_figures import figures

        with toci.connect() as database:
            return dg.MaterializeResult(metadata=figures(database, now=clock.now()))


def _slow(connection: Connection, shop: str) -> list[Wrong]:
    from temu_assets.operations.lead_time_figures import slow

    return slow(connection, shop, now=Clock().now())


LEAD_TIME_CHECKS = [
    checks_of(
        "lead_times",
        Watch(
            "what_happens_is_passed_on_within_a_minute",
            f"Of the last day's orders, parcels and changes of stock 95 % were on the other side within {GOAL_SECONDS} s each. If not, a "
            "sensor is off or fails, TEMU or JTL was away, or runs wait for one another.",
            _slow,
        ),
    )
]
