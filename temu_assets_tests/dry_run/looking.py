"""A dry run of a whole seller, what it has shown, and everything it must leave as it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import dagster as dg
from sqlalchemy import select

from temu_assets.toci.revision import ensure_current
from temu_assets.toci.tables import lead_times, outbox, problems, temu_inventory, temu_orders, temu_parcels
from temu_assets_tests.dry_run.test_refusals import EFFECTS
from temu_assets_tests.seller import WITHOUT_CHECKS, Seller

EXPORTED = (temu_orders.c.order_id, temu_orders.c.exported_at, temu_orders.c.jtl_order_number, temu_orders.c.exported_address_hash)
REPORTED = (temu_parcels.c.parcel_id, temu_parcels.c.reported_at, temu_parcels.c.reported_tracking, temu_parcels.c.package_id)
TOLD = (temu_inventory.c.sku_id, temu_inventory.c.synced_at)
OF_EFFECTS = (
    "order_held", "order_xml", "not_taken_by_jtl", "jtl_double", "changed_after_export", "parcel_unclear", "carrier_not_mapped",
    "shipment_refused", "stock_refused", "stock_not_converged", "stock_brake",
)  # fmt: skip
FOLDERS = ("export", "xml")


def outside(seller: Seller) -> tuple[object, object]:
    """TEMU and JTL, whole."""
    with seller.sandbox.shop.lock:
        at_temu = asdict(seller.sandbox.shop.state)
    with seller.sandbox.jtl.transaction() as jtl:
        return at_temu, list(jtl.iterdump())


def effects(seller: Seller) -> dict[str, object]:
    """What our side remembers of effects: tables, columns and files."""
    with seller.toci.engine.begin() as connection:
        tables = {table.name: [tuple(row) for row in connection.execute(select(table))] for table in (outbox, lead_times)}
        told = [tuple(row) for row in connection.execute(select(problems).where(problems.c.kind.in_(OF_EFFECTS)))]
        # Rows that reading brings are not there before: what nothing was done about does not count.
        done = {
            columns[0].table.name: {tuple(row) for row in connection.execute(select(*columns)) if any(row[1:])}
            for columns in (EXPORTED, REPORTED, TOLD)
        }
    files = {path for folder in FOLDERS for path in (seller.data / "temu" / folder).rglob("*")}
    return {**tables, "problems": told, **done, "files": files}


def dry_run(
    seller: Seller, job: str = "temu_orders_sync", *, ops: Mapping[str, Mapping[str, object]] | None = None
) -> dict[str, dict[str, Any]]:
    """A dry run, which is green and changes nothing; what it has shown, by asset."""
    ensure_current(seller.toci)
    before = outside(seller), effects(seller)
    seller.sandbox.server.journal.clear()
    last = {"temu_orders_sync": "tracking_upload", "temu_tracking_sync": "tracking_upload"}.get(job, "stock_deltas")
    config = {"ops": {name: {"config": dict(fields)} for name, fields in (ops or {last: {"dry_run": True}}).items()}}
    result = WITHOUT_CHECKS.resolve_job_def(job).execute_in_process(instance=seller.instance, raise_on_error=False, run_config=config)
    assert result.success
    assert not EFFECTS & seller.sandbox.server.journal.counts().keys()
    assert outside(seller) == before[0]
    assert effects(seller) == before[1]
    return shown_by(result)


def shown_by(result: dg.ExecuteInProcessResult) -> dict[str, dict[str, Any]]:
    """The metadata of what was observed, by asset."""
    found = {}
    for event in result.all_events:
        if event.event_type is dg.DagsterEventType.ASSET_OBSERVATION and event.asset_key is not None:
            observed = event.asset_observation_data.asset_observation
            found[event.asset_key.to_user_string()] = {name: value.value for name, value in observed.metadata.items()}
    return found


def table(shown: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    """A table of the metadata as rows."""
    return [dict(record.data) for record in shown[name].records]
