"""What Dagster loads: the assets, their checks, the jobs over them and what starts them. Reads like a table of contents."""

from __future__ import annotations

import dagster as dg

from temu_assets.automation.file_sensors import build_file_sensors
from temu_assets.automation.jobs import JOBS
from temu_assets.automation.schedules import build_schedules
from temu_assets.automation.sensors import build_orders_sensor
from temu_assets.automation.triggers import on_sandbox_only
from temu_assets.bookkeeping import assets as bookkeeping
from temu_assets.bookkeeping import checks as bookkeeping_checks
from temu_assets.bookkeeping import external as bookkeeping_external
from temu_assets.inventory import assets as inventory
from temu_assets.inventory import checks as inventory_checks
from temu_assets.inventory import external as inventory_external
from temu_assets.invoices import assets as invoices
from temu_assets.invoices import checks as invoice_checks
from temu_assets.invoices import external as invoice_external
from temu_assets.orders import assets as orders
from temu_assets.orders import checks as order_checks
from temu_assets.orders import external as order_external
from temu_assets.privacy import assets as privacy
from temu_assets.reconciliation import assets as reconciliation
from temu_assets.reconciliation import checks as reconciliation_checks
from temu_assets.resources import Clock, JtlResource, SettingsResource, TemuResource, TociResource


def build_definitions(*, are_triggers_on: bool) -> dg.Definitions:
    """Everything together. ``are_triggers_on``: whether schedules and sensors start by themselves on a new Dagster instance."""
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
            *invoice_external.EXTERNAL_ASSETS,
            *invoices.INVOICE_ASSETS,
        ],
        asset_checks=[
            *order_checks.ORDER_CHECKS,
            *inventory_checks.INVENTORY_CHECKS,
            *bookkeeping_checks.BOOKKEEPING_CHECKS,
            *reconciliation_checks.RECONCILIATION_CHECKS,
            *invoice_checks.INVOICE_CHECKS,
        ],
        jobs=JOBS,
        schedules=build_schedules(are_on=are_triggers_on),
        sensors=[build_orders_sensor(are_on=are_triggers_on), *build_file_sensors(are_on=are_triggers_on)],
        resources={
            "settings": SettingsResource(),
            "temu": TemuResource(),
            "toci": TociResource(),
            "jtl": JtlResource(),
            "clock": Clock(),
        },
        # The stages wait for other machines most of the time: a process per stage would cost 2 s each and bring nothing.
        executor=dg.in_process_executor,
    )


defs = build_definitions(are_triggers_on=on_sandbox_only())
