"""The jobs: which stages run together. Their order follows from the lineage, not from here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import dagster as dg

from temu_assets.automation.job_plan import JobPlan, JobSettings

if TYPE_CHECKING:  # what define_asset_job returns has no public name
    from dagster._core.definitions.unresolved_asset_job_definition import UnresolvedAssetJobDefinition

temu_orders_sync = dg.define_asset_job(
    "temu_orders_sync",
    selection=dg.AssetSelection.assets(
        "raw_orders", "temu_orders", "temu_order_items", "jtl_order_xml", "order_tracking", "tracking_upload"
    ),
    description="Orders from TEMU to JTL and parcels back: all five order stages. Run configuration of raw_orders: parent_order_status "
    "(default 2), days_back (default 7, for the first run and a backfill), backfill.",
)

temu_tracking_sync = dg.define_asset_job(
    "temu_tracking_sync",
    selection=dg.AssetSelection.assets("order_tracking", "tracking_upload"),
    description="Only the parcels: from JTL to TEMU. The old mode tracking_only.",
)

temu_inventory_sync = dg.define_asset_job(
    "temu_inventory_sync",
    selection=dg.AssetSelection.assets("temu_inventory", "stock_deltas"),
    description="Quick: JTL's stock to TEMU, for the listing as it was last read. Zeros and decreases go first.",
)

temu_inventory_full_sync = dg.define_asset_job(
    "temu_inventory_full_sync",
    selection=dg.AssetSelection.assets("raw_skus", "temu_products", "temu_inventory", "stock_deltas"),
    description="Full: the listing is read from TEMU first, so that new SKUs are known and what TEMU shows is corrected.",
)

datev_processing = dg.define_asset_job(
    "datev_processing",
    selection=dg.AssetSelection.assets("datev_batches", "datev_processed", "datev_report"),
    description="DATEV files dropped into data/csv_verarbeiter/eingang: taken, checked, corrected where asked for, written to ausgang, "
    "and reported on. Needs neither TEMU nor, without K1 and DATEV_JTL_SUMS, JTL.",
)

purge_personal_data = dg.define_asset_job(
    "purge_personal_data",
    selection=dg.AssetSelection.assets("personal_data"),
    description="Erases buyers' data whose time is over (TEMU_KEEP_ANSWERS_DAYS, TEMU_KEEP_ADDRESSES_DAYS) and keeps a proof.",
)

reconcile = dg.define_asset_job(
    "reconcile",
    selection=dg.AssetSelection.assets("reconciliation"),
    description="Holds TEMU, our tables and JTL against each other and names what differs. It changes nothing. Run configuration of "
    "reconciliation: days_back (default 7).",
)

fetch_invoices = dg.define_asset_job(
    "fetch_invoices",
    selection=dg.AssetSelection.assets("invoice_documents", "invoices", "advertising_invoices"),
    description="Takes the invoices dropped into data/pdf_reader/eingang, reads them, and writes rechnungen.xlsx and werbung.xlsx. "
    "Needs neither TEMU nor JTL.",
)

job_statistics = dg.define_asset_job(
    "job_statistics",
    selection=dg.AssetSelection.groups("operations") - dg.AssetSelection.assets("dagster_storage"),
    description="How the jobs do, in figures that make plots: how many runs went well, how long they take. It reads our database only.",
)

clean_dagster_storage = dg.define_asset_job(
    "clean_dagster_storage",
    selection=dg.AssetSelection.assets("dagster_storage"),
    description="Removes runs Dagster has kept long enough (TEMU_KEEP_RUNS_DAYS, TEMU_KEEP_FAILED_RUNS_DAYS), what they printed, and our "
    "own history beyond TEMU_KEEP_HISTORY_DAYS. The last result of each asset and check stays.",
)

JOBS = [
    temu_orders_sync,
    temu_tracking_sync,
    temu_inventory_sync,
    temu_inventory_full_sync,
    datev_processing,
    purge_personal_data,
    reconcile,
    fetch_invoices,
    job_statistics,
    clean_dagster_storage,
]

_KINDS = {
    temu_orders_sync.name: "orders",
    temu_tracking_sync.name: "orders",
    temu_inventory_sync.name: "inventory",
    temu_inventory_full_sync.name: "inventory",
}
"""What these jobs do must not be done twice at once, so one run of a kind works and the next waits in the queue (dagster.yaml)."""


def build_jobs(plan: JobPlan) -> list[UnresolvedAssetJobDefinition]:
    """The jobs as people see them: each says what the jobs file configures for it."""
    return [
        dg.define_asset_job(
            job.name,
            selection=job.selection,
            description=f"{job.description}\n\n{_told(plan, plan.jobs[job.name])}",
            metadata=_metadata(plan, plan.jobs[job.name]),
            run_tags=_run_tags(job.name),
        )
        for job in JOBS
    ]


def _run_tags(name: str) -> dict[str, str]:
    # A run that died is begun anew, not in the middle: by then TEMU and JTL have moved on.
    tags = {"temu/kind": _KINDS.get(name, name), "dagster/retry_strategy": "ALL_STEPS"}
    # What may wait: orders and stock always find room beside it (dagster.yaml).
    return tags if name in _KINDS else tags | {"temu/background": "true"}


def _told(plan: JobPlan, job: JobSettings) -> str:
    when = f"`{job.cron}` ({plan.time_zone})" if job.cron else "no schedule"
    return (
        f"Configured: {when}; a run that a schedule or sensor started may take {job.time_limit_seconds} s, and is tried again "
        f"{job.retries} times, {job.retry_delay_seconds} s apart, when what failed can pass by itself."
    )


def _metadata(plan: JobPlan, job: JobSettings) -> Mapping[str, dg.MetadataValue]:
    return {
        "cron": dg.MetadataValue.text(job.cron or "none"),
        "time_zone": dg.MetadataValue.text(plan.time_zone),
        "time_limit_seconds": dg.MetadataValue.int(job.time_limit_seconds),
        "retries": dg.MetadataValue.int(job.retries),
        "retry_delay_seconds": dg.MetadataValue.int(job.retry_delay_seconds),
        "configured_in": dg.MetadataValue.text(str(plan.source) if plan.source else "nothing set in TEMU_JOBS_FILE: defaults"),
    }
