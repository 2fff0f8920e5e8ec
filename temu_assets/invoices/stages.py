"""What the stages of the invoices do with what Dagster gives them. How each does it is in the modules beside this one."""

from __future__ import annotations

import os
import time

import dagster as dg

from temu_assets.invoices.arriving import Arriving, folders_of
from temu_assets.invoices.judging import Status
from temu_assets.invoices.reading import Lane
from temu_assets.invoices.reading_stage import Read, ReadingStage, read_profiles
from temu_assets.invoices.workers import Limits
from temu_assets.previews import preview
from temu_assets.resources import Clock, SettingsResource, TociResource
from temu_assets.settings import Settings
from temu_assets.stage import holder
from temu_assets.toci import leases

LEASE = "invoices"
MOST_PROCESSES = 4


def take(context: dg.AssetExecutionContext, settings: SettingsResource, toci: TociResource, clock: Clock) -> dg.MaterializeResult[None]:
    """Dropped files in the archive and in our tables."""
    given = settings.load()
    started = time.monotonic()
    with toci.connect() as database, leases.hold(database, LEASE, holder(context)) as lease:
        arrived = Arriving(lease.fenced(database), given.temu_data_dir, folders_of(given), clock.now, time.sleep).run()
    if arrived.growing:
        context.log.warning("%d files are still being written by another program; the next run takes them.", len(arrived.growing))
    if arrived.known:
        context.log.info("%d files were known by their content and not taken again.", len(arrived.known))
    return dg.MaterializeResult(
        metadata={
            "dagster/row_count": arrived.taken.total(),
            **{f"taken_{lane}": arrived.taken[lane] for lane in Lane},
            "moved_from_the_other_lane": arrived.moved,
            "known_already": len(arrived.known),
            "still_being_written": len(arrived.growing),
            "known": preview(["file"], ([name] for name in arrived.known)),
            "seconds": round(time.monotonic() - started, 2),
        }
    )


def read_invoices(
    context: dg.AssetExecutionContext, settings: SettingsResource, toci: TociResource, clock: Clock
) -> dg.MaterializeResult[None]:
    """Invoices read, and their rows written as Excel file."""
    return _read(Lane.INVOICES, context, settings.load(), toci, clock)


def read_advertising(
    context: dg.AssetExecutionContext, settings: SettingsResource, toci: TociResource, clock: Clock
) -> dg.MaterializeResult[None]:
    """Invoices for advertising read, and their rows written as Excel file."""
    return _read(Lane.ADVERTISING, context, settings.load(), toci, clock)


def _read(lane: Lane, context: dg.AssetExecutionContext, given: Settings, toci: TociResource, clock: Clock) -> dg.MaterializeResult[None]:
    started = time.monotonic()
    with toci.connect() as database, leases.hold(database, LEASE, holder(context)) as lease:
        stage = ReadingStage(
            toci=lease.fenced(database),
            lease=lease,
            lane=lane,
            data_dir=given.temu_data_dir,
            limits=Limits(
                max_bytes=given.invoice_max_mb * 1_000_000,
                max_pages=given.invoice_max_pages,
                seconds=given.invoice_seconds,
                memory_mb=given.invoice_memory_mb,
            ),
            profiles=read_profiles(given.invoice_profiles),
            processes=min(MOST_PROCESSES, os.cpu_count() or 1),
            own_vat_id=given.invoice_own_vat_id,
            now=clock.now,
        )
        read = stage.run()
    context.log.info("read: %s", {status.value: count for status, count in read.by_status.items()})
    return dg.MaterializeResult(metadata={**_metadata(read, stage), "seconds": round(time.monotonic() - started, 2)})


def _metadata(read: Read, stage: ReadingStage) -> dict[str, dg.MetadataValue | int]:
    return {
        "dagster/row_count": read.rows,
        "read": read.by_status.total(),
        "ok": read.by_status[Status.OK],
        "to_check": read.by_status[Status.CHECK],
        "unreadable": read.by_status[Status.ERROR],
        **{f"from_{source.lower()}": count for source, count in sorted(read.by_source.items())},
        "excel_file": dg.MetadataValue.path(str(stage.excel_file)),
        "to_look_at": preview(
            ["file", "status", "reason"], ((name, judged.status.value, " ".join(judged.notes)) for name, judged in read.to_look_at)
        ),
    }
