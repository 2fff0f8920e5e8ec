"""The stages of the invoices as Dagster shows and runs them. What they do is in the modules beside this one."""

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
from temu_assets.stage import holder, told_plainly
from temu_assets.toci import leases

GROUP = "invoices"
LEASE = "invoices"
MOST_PROCESSES = 4


@dg.asset(
    group_name=GROUP,
    owners=["team:shop"],
    kinds={"python", "file"},
    deps=["invoice_inbox"],
    metadata={"dagster/table_name": "invoice_documents"},
)
def invoice_documents(
    context: dg.AssetExecutionContext, settings: SettingsResource, toci: TociResource, clock: Clock
) -> dg.MaterializeResult[None]:
    """Files dropped into data/pdf_reader/eingang/rechnungen and .../werbung, taken: one row each, the original unchanged in the archive.

    **Other sources:** the folders of INVOICE_FOLDERS. **Identity:** the content. A file dropped twice is taken once; dropped into the other
    folder it changes lanes. A file somebody is still writing is left for the next run. **When red:** a folder cannot be read or written; no
    file is lost.
    """
    with told_plainly():
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


@dg.asset(group_name=GROUP, owners=["team:shop"], kinds={"python", "excel"}, deps=["invoice_documents"])
def invoices(context: dg.AssetExecutionContext, settings: SettingsResource, toci: TociResource, clock: Clock) -> dg.MaterializeResult[None]:
    """Invoices and credit notes of suppliers and marketplaces: one row per document in data/pdf_reader/ausgang/rechnungen.xlsx.

    **Evidence:** embedded or bare XML, then the text of the pages, then OCR; each value tells where it stood. What is missing, does not
    add up or contradicts itself is marked "prüfen" with the reason, and no amount is ever guessed. A file that cannot be read has a row
    too. **When red:** the Excel file is open somewhere, or our database is away; what was read is kept.
    """
    with told_plainly():
        return _read(Lane.INVOICES, context, settings.load(), toci, clock)


@dg.asset(group_name=GROUP, owners=["team:shop"], kinds={"python", "excel"}, deps=["invoice_documents"])
def advertising_invoices(
    context: dg.AssetExecutionContext, settings: SettingsResource, toci: TociResource, clock: Clock
) -> dg.MaterializeResult[None]:
    """Invoices for advertising: one row per document in data/pdf_reader/ausgang/werbung.xlsx. Otherwise as ``invoices``.

    A document that is none for advertising is marked "prüfen", and says into which folder it belongs.
    """
    with told_plainly():
        return _read(Lane.ADVERTISING, context, settings.load(), toci, clock)


INVOICE_ASSETS = [invoice_documents, invoices, advertising_invoices]


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
