"""What the stage of the comparison does with what Dagster gives it. What is compared, and how, is in the modules beside this one."""

from __future__ import annotations

import time
from datetime import datetime, timedelta

import dagster as dg

from temu_assets.data_folders import FOR_IMPORT_BY_HAND
from temu_assets.previews import preview
from temu_assets.reconciliation.kinds import Kind
from temu_assets.reconciliation.reconciling import Plan, Reconciled, Reconciling
from temu_assets.resources import Clock, JtlResource, SettingsResource, TemuResource, TociResource
from temu_assets.settings import OrderDelivery, Settings
from temu_assets.stage import holder
from temu_assets.toci import leases
from temu_assets.toci.kinds import DOUBLE

LEASE = "reconciliation"
"""Its own: no sync waits for it."""


def compare(
    context: dg.AssetExecutionContext,
    settings: SettingsResource,
    temu: TemuResource,
    toci: TociResource,
    jtl: JtlResource,
    clock: Clock,
    *,
    days_back: int,
) -> dg.MaterializeResult[None]:
    """All three sides read and held against each other."""
    given = settings.load()
    started = time.monotonic()
    with (
        toci.connect() as database,
        temu.connect() as client,
        jtl.connect() as jtl_database,
        leases.hold(database, LEASE, holder(context)) as lease,
    ):
        result = Reconciling(lease.fenced(database), client, jtl_database, _plan(given, days_back), clock.now).run()
    context.log.info("compared: %s; different: %d", result.compared, len(result.all_differences))
    return dg.MaterializeResult(
        metadata={
            **_metadata(result, clock.now()),
            "api_calls": client.calls.total,
            "api_calls_by_endpoint": client.calls.by_endpoint(),
            "seconds": round(time.monotonic() - started, 2),
        }
    )


def _plan(settings: Settings, days_back: int) -> Plan:
    is_file = settings.jtl_order_delivery is OrderDelivery.FILE
    return Plan(
        days_back=days_back,
        confirm_within=timedelta(hours=settings.jtl_confirm_hours),
        partial=settings.temu_partial_shipments,
        threads=settings.temu_concurrency,
        waiting_files=settings.temu_data_dir / FOR_IMPORT_BY_HAND if is_file else None,
    )


def _metadata(result: Reconciled, now: datetime) -> dict[str, dg.MetadataValue | int | float | bool]:
    differences = result.all_differences
    return {
        "dagster/row_count": result.compared["orders_looked_for_in_jtl"],
        "complete_until": dg.MetadataValue.timestamp(result.complete_until),
        "list_is_complete": result.list_is_complete,
        "differences": len(differences),
        **{kind.value: len(result.findings[kind]) for kind in Kind},
        DOUBLE: len(result.doubles),
        **result.compared,
        "oldest_open_order_hours": _since(result.oldest_open, now, hours=1),
        "import_rows_waiting": result.waiting_rows,
        "oldest_import_row_minutes": _since(result.oldest_waiting, now, minutes=1),
        "different": preview(["kind", "which", "what is different"], ((kind, key, found.reason) for kind, key, found in differences)),
    }


def _since(moment: datetime | None, now: datetime, **unit: int) -> float:
    """How long ago that was in this unit; 0 where there is nothing."""
    return 0.0 if moment is None else round(max(timedelta(), now - moment) / timedelta(**unit), 1)
