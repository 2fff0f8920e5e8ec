"""What Dagster loads: the assets, their checks, the jobs over them and what starts them. Reads like a table of contents."""

from __future__ import annotations

import dagster as dg

from temu_assets import memory
from temu_assets.automation.alerts_sensor import build_alerts_sensor
from temu_assets.automation.dead_runs import build_dead_runs_sensor
from temu_assets.automation.file_sensors import build_file_sensors
from temu_assets.automation.jobs import build_jobs
from temu_assets.automation.jtl_sensors import build_jtl_sensors
from temu_assets.automation.retries import build_retry_sensor
from temu_assets.automation.schedules import build_schedules
from temu_assets.automation.sensors import build_orders_sensor
from temu_assets.automation.triggers import Triggers, read_triggers
from temu_assets.bookkeeping import assets as bookkeeping
from temu_assets.bookkeeping import checks as bookkeeping_checks
from temu_assets.bookkeeping import external as bookkeeping_external
from temu_assets.inventory import assets as inventory
from temu_assets.inventory import checks as inventory_checks
from temu_assets.inventory import external as inventory_external
from temu_assets.invoices import assets as invoices
from temu_assets.invoices import checks as invoice_checks
from temu_assets.invoices import external as invoice_external
from temu_assets.operations import assets as operations
from temu_assets.operations import checks as operation_checks
from temu_assets.operations import lead_times
from temu_assets.operations.recording import recording_executor
from temu_assets.orders import assets as orders
from temu_assets.orders import checks as order_checks
from temu_assets.orders import external as order_external
from temu_assets.privacy import assets as privacy
from temu_assets.private_files import keep_files_private
from temu_assets.reconciliation import assets as reconciliation
from temu_assets.reconciliation import checks as reconciliation_checks
from temu_assets.resources import Clock, JtlResource, SettingsResource, TemuResource, TociResource


def build_definitions(triggers: Triggers) -> dg.Definitions:
    """Everything together. ``triggers``: when jobs run, and which schedules and sensors are on by themselves on a new Dagster instance."""
    jobs = build_jobs(triggers.plan)
    return dg.Definitions(
        assets=[
            *order_external.EXTERNAL_ASSETS,
            *orders.ORDER_ASSETS,
            *inventory_external.EXTERNAL_ASSETS,
            *inventory.INVENTORY_ASSETS,
            *bookkeeping_external.EXTERNAL_ASSETS,
            *bookkeeping.BOOKKEEPING_ASSETS,
            *privacy.PRIVACY_ASSETS,
            *reconciliation.RECONCILIATION_ASSETS,
            *operations.OPERATION_ASSETS,
            lead_times.lead_times,
            *invoice_external.EXTERNAL_ASSETS,
            *invoices.INVOICE_ASSETS,
        ],
        asset_checks=[
            *order_checks.ORDER_CHECKS,
            *inventory_checks.INVENTORY_CHECKS,
            *bookkeeping_checks.BOOKKEEPING_CHECKS,
            *reconciliation_checks.RECONCILIATION_CHECKS,
            *operation_checks.OPERATION_CHECKS,
            *lead_times.LEAD_TIME_CHECKS,
            *invoice_checks.INVOICE_CHECKS,
        ],
        jobs=jobs,
        schedules=build_schedules(triggers),
        sensors=[
            build_orders_sensor(triggers),
            *build_jtl_sensors(triggers),
            *build_file_sensors(triggers),
            build_retry_sensor(triggers, jobs),
            build_dead_runs_sensor(triggers),
            build_alerts_sensor(triggers),
        ],
        resources={
            "settings": SettingsResource(),
            "temu": TemuResource(),
            "toci": TociResource(),
            "jtl": JtlResource(),
            "clock": Clock(),
        },
        # The stages wait for other machines most of the time: a process per stage would cost 2 s each and bring nothing.
        executor=recording_executor,
    )


# Every process that works for Dagster begins by loading this.
keep_files_private()
defs = build_definitions(read_triggers())
memory.keep_what_is_loaded()
