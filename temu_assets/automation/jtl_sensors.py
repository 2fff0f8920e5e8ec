"""The two sensors that look into JTL: for parcels that have left, and for stock that TEMU shows differently.

What a look needs is loaded by the first one.
"""

from __future__ import annotations

import dagster as dg

from temu_assets.automation.jobs import temu_inventory_full_sync, temu_inventory_sync, temu_orders_sync, temu_tracking_sync
from temu_assets.automation.news import is_under_way, no_news, run_for_news
from temu_assets.automation.pace import ARTICLES_A_STEP, MOST_LEFT_OUT, Pace, seconds_between
from temu_assets.automation.reaching import CLOCK, JTL, SETTINGS, TOCI
from temu_assets.automation.triggers import Triggers
from temu_assets.errors import ConfigurationError
from temu_assets.settings import StockBasis
from temu_assets.stage import told_plainly

LOOK_EVERY_SECONDS = 15


def build_jtl_sensors(triggers: Triggers) -> list[dg.SensorDefinition]:
    """One for parcels, one for stock."""
    return [_parcels_sensor(triggers), _stock_sensor(triggers)]


def _parcels_sensor(triggers: Triggers) -> dg.SensorDefinition:
    @dg.sensor(
        name="jtl_parcels_sensor",
        job_name=temu_tracking_sync.name,
        minimum_interval_seconds=LOOK_EVERY_SECONDS,
        default_status=triggers.sensor_status("jtl_parcels_sensor"),
        description=f"Looks every {LOOK_EVERY_SECONDS} s whether JTL has sent a parcel of a TEMU order, or has another number for one, and "
        "starts a tracking run then: one or two short statements to JTL. An outage is a failed tick, not a skipped one.",
    )
    def jtl_parcels_sensor(context: dg.SensorEvaluationContext) -> dg.SensorResult | dg.SkipReason:
        with told_plainly():
            from temu_assets.orders import looking_for_parcels as parcels

            if is_under_way(context, temu_tracking_sync.name) or is_under_way(context, temu_orders_sync.name):
                return dg.SkipReason("A run that reads JTL's parcels is under way.")
            now, partial = CLOCK.now(), SETTINGS.load().temu_partial_shipments
            with TOCI.look() as ours, JTL.look() as eazybusiness:
                fingerprint = parcels.news(eazybusiness, ours, now=now, partial=partial)
            if fingerprint is None:
                return no_news("JTL has sent no parcel we do not know.")
            return run_for_news(context, fingerprint, now=now, tags=triggers.run_tags(temu_tracking_sync.name))

    return jtl_parcels_sensor


def _stock_sensor(triggers: Triggers) -> dg.SensorDefinition:
    pace = Pace(LOOK_EVERY_SECONDS)

    @dg.sensor(
        name="jtl_stock_sensor",
        job_name=temu_inventory_sync.name,
        minimum_interval_seconds=LOOK_EVERY_SECONDS,
        default_status=triggers.sensor_status("jtl_stock_sensor"),
        description=f"Looks every {LOOK_EVERY_SECONDS} s whether JTL's stock of the listed articles leads to other targets, and starts the "
        f"quick stock run then: one short statement to JTL per 1,000 listed articles. From {ARTICLES_A_STEP:,} articles on every "
        f"{seconds_between(ARTICLES_A_STEP, every=LOOK_EVERY_SECONDS)} s, from {MOST_LEFT_OUT * ARTICLES_A_STEP:,} on every "
        f"{seconds_between(MOST_LEFT_OUT * ARTICLES_A_STEP, every=LOOK_EVERY_SECONDS)} s. An outage is a failed tick, not a skipped one.",
    )
    def jtl_stock_sensor(context: dg.SensorEvaluationContext) -> dg.SensorResult | dg.SkipReason:
        with told_plainly():
            from temu_assets.inventory import looking as stock
            from temu_assets.inventory.stock import StockRules

            if left := pace.seconds_left():
                return dg.SkipReason(f"The next look at {pace.articles} articles is in about {left} s: so many are looked at less often.")
            if is_under_way(context, temu_inventory_sync.name) or is_under_way(context, temu_inventory_full_sync.name):
                return dg.SkipReason("A stock run is under way.")
            given = SETTINGS.load()
            now = CLOCK.now()
            by_warehouse = given.jtl_stock_basis is not StockBasis.JTL_AVAILABLE
            rules = StockRules(given.jtl_stock_basis, given.jtl_untracked_stock)
            with TOCI.look() as ours, JTL.look() as eazybusiness:
                try:
                    seen = stock.look(eazybusiness, ours, rules, given.warehouses() if by_warehouse else ())
                except ConfigurationError:
                    # What waits for a person is looked at as often as what is well.
                    pace.looked_at(pace.articles)
                    raise
            pace.looked_at(seen.articles)
            if seen.news is None:
                return no_news("JTL's stock leads to what TEMU is told already, or TEMU's listing was never read.")
            tags = {**triggers.run_tags(temu_inventory_sync.name), stock.SEEN_TAG: now.isoformat()}
            return run_for_news(context, seen.news, now=now, tags=tags)

    return jtl_stock_sensor
