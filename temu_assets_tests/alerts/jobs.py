"""What is planned in the house."""

from __future__ import annotations

from datetime import timedelta

from temu_assets.alerts.facts import Job

ORDERS, STOCK = "temu_orders_sync", "temu_inventory_sync"
JOBS = (
    Job(ORDERS, "temu_orders_sync_schedule", is_on=True, pause=timedelta(days=1), retries=2, retry_delay=timedelta(seconds=30)),
    Job(STOCK, "temu_inventory_sync_schedule", is_on=True, pause=timedelta(minutes=30), retries=2, retry_delay=timedelta(seconds=30)),
)
