"""What the five order stages do with what Dagster gives them. How each does it is in the modules beside this one."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from datetime import timedelta

import dagster as dg

from temu_assets.data_folders import DRY_RUNS, FOR_IMPORT_BY_HAND, ORDER_ARCHIVE
from temu_assets.jtl.database import Jtl
from temu_assets.jtl.orders import known_articles, waiting_orders, waiting_proofs
from temu_assets.orders import order_store, parcel_store
from temu_assets.orders.address import CountryStyle
from temu_assets.orders.after_export import report_changes
from temu_assets.orders.carriers import CarrierMap
from temu_assets.orders.fetching import Fetching, FetchPlan
from temu_assets.orders.files import read_carrier_map
from temu_assets.orders.following import follow_parcels
from temu_assets.orders.hand_over_preview import preview_hand_over
from temu_assets.orders.handing_over import Delivery, HandingOver, ImportFolder, ImportTable, waiting_files
from temu_assets.orders.ingesting import Ingested, ingest
from temu_assets.orders.jtl_order import ExportOptions
from temu_assets.orders.jtl_xml import DateFormat, XmlOptions
from temu_assets.orders.preparing import Preparing
from temu_assets.orders.report_preview import preview_report
from temu_assets.orders.reporting import Reporting
from temu_assets.orders.reporting_plan import ReportingPlan
from temu_assets.orders.shown import hand_over_said, hand_over_shown, report_said, report_shown
from temu_assets.previews import preview
from temu_assets.resources import Clock, JtlResource, SettingsResource, TemuResource, TociResource
from temu_assets.settings import OrderDelivery, Settings, UnknownArticle
from temu_assets.snapshots import SnapshotKind, is_listed_by
from temu_assets.stage import holder, only_shown, tell_waiting, time_limit
from temu_assets.temu.client import TemuClient
from temu_assets.time_limit import ShareOfRun
from temu_assets.toci import leases
from temu_assets.toci.database import Toci


def fetch(
    context: dg.AssetExecutionContext,
    settings: SettingsResource,
    temu: TemuResource,
    toci: TociResource,
    clock: Clock,
    *,
    import_status: int,
    days_back: int,
    backfill: bool,
) -> dg.MaterializeResult[None]:
    """TEMU's answers, listed and asked for, on disk."""
    given = settings.load()
    started = time.monotonic()
    with temu.connect() as client, toci.connect() as database, leases.hold(database, "orders_fetch", holder(context)) as lease:
        plan = FetchPlan(
            import_status=import_status,
            days_back=days_back,
            backfill=backfill,
            run_id=context.run.run_id,
            threads=given.temu_concurrency,
            access=given.temu().fingerprint,
            limit=time_limit(context, ShareOfRun.FETCHING, clock.now),
        )
        fetched = Fetching(client, lease.fenced(database), given.temu_data_dir, clock.now, plan).run()
    context.log.info(
        "%d orders listed, %d known unchanged; %d answers about single orders, %d failed, %d wait for the next run",
        fetched.listed, fetched.unchanged, fetched.answered, fetched.failed, fetched.waiting,
    )  # fmt: skip
    if fetched.outage is not None:
        raise fetched.outage
    tell_waiting(context, fetched.waiting, "orders without address or prices")
    return dg.MaterializeResult(
        metadata={
            "dagster/row_count": fetched.listed,
            "listed": fetched.listed,
            "unchanged": fetched.unchanged,
            "details_answered": fetched.answered,
            "details_failed": fetched.failed,
            "details_waiting": fetched.waiting,
            "list_pages": fetched.pages,
            "list_is_complete": fetched.is_complete,
            "api_calls": client.calls.total,
            "api_calls_by_endpoint": client.calls.by_endpoint(),
            "seconds": round(time.monotonic() - started, 2),
            "files": [file.path for file in fetched.files][:20],
        }
    )


def take_in(
    context: dg.AssetExecutionContext, settings: SettingsResource, toci: TociResource, clock: Clock
) -> list[dg.MaterializeResult[None]]:
    """Every file of answers not yet taken in, in our tables; one result for each of the two assets that was asked for."""
    given = settings.load()
    started = time.monotonic()
    with toci.connect() as database:
        with leases.hold(database, "orders_ingest", holder(context)) as lease:
            limit = time_limit(context, ShareOfRun.TAKING_IN, clock.now)
            ingested = ingest(lease.fenced(database), given.temu_data_dir, now=clock.now(), limit=limit)
        orders, lines, held = database.read(
            lambda connection: (
                order_store.count_orders(connection, database.shop),
                order_store.count_lines(connection, database.shop),
                order_store.counts_by_hold(connection, database.shop),
            )
        )
    context.log.info("%d orders new, %d changed, %d parked; held: %s", ingested.new, ingested.changed, ingested.parked, held or "none")
    tell_waiting(context, ingested.waiting, "files of answers")
    metadata = _ingest_metadata(ingested, held, seconds=time.monotonic() - started)
    rows = {dg.AssetKey("temu_orders"): orders, dg.AssetKey("temu_order_items"): lines}
    return [
        dg.MaterializeResult(asset_key=key, metadata={"dagster/row_count": rows[key], **metadata})
        for key in sorted(context.selected_asset_keys)
    ]


def hand_over(
    context: dg.AssetExecutionContext, settings: SettingsResource, toci: TociResource, jtl: JtlResource, clock: Clock
) -> dg.MaterializeResult[None]:
    """What is ready, handed to JTL; in a dry run only shown."""
    given = settings.load()
    started = time.monotonic()
    with toci.connect() as database, jtl.connect() as jtl_database, leases.hold(database, "jtl_order", holder(context)) as lease:
        if settings.is_dry_run():
            return _show_hand_over(context, given, database, jtl_database)
        work = HandingOver(
            toci=lease.fenced(database),
            jtl=jtl_database,
            delivery=_delivery(given, jtl_database),
            preparing=_preparing(given, jtl_database),
            archive=given.temu_data_dir / ORDER_ARCHIVE,
            confirm_within=timedelta(hours=given.jtl_confirm_hours),
            lease=lease,
            now=clock.now,
            limit=time_limit(context, ShareOfRun.HANDING_OVER, clock.now),
        )
        done = work.run()
        changed = report_changes(lease.fenced(database), jtl_database, now=clock.now())
        done.require_use()
        held, confirmed = database.read(
            lambda connection: (
                order_store.counts_by_hold(connection, database.shop),
                order_store.count_confirmed(connection, database.shop),
            )
        )
    context.log.info(
        "%d orders handed over, %d found in JTL already, %d confirmed by JTL, %d wait for JTL",
        done.exported, done.adopted, done.confirmed, done.waiting_for_jtl,
    )  # fmt: skip
    tell_waiting(context, done.waiting_for_next_run, "orders")
    return dg.MaterializeResult(
        metadata={
            "dagster/row_count": confirmed,
            "exported": done.exported,
            "found_in_jtl_already": done.adopted,
            "confirmed_by_jtl": done.confirmed,
            "waiting_for_jtl": done.waiting_for_jtl,
            "waiting_for_next_run": done.waiting_for_next_run,
            "cleared_up": done.cleared_up,
            "held": sum(held.values()),
            "held_by_reason": held,
            "parked": done.parked,
            "changed_after_export": changed,
            "seconds": round(time.monotonic() - started, 2),
            "exported_orders": preview(["order"], ([order_id] for order_id in done.exported_ids)),
        }
    )


def follow(context: dg.AssetExecutionContext, toci: TociResource, jtl: JtlResource, clock: Clock) -> dg.MaterializeResult[None]:
    """JTL's parcels in our tables."""
    started = time.monotonic()
    with toci.connect() as database, jtl.connect() as jtl_database:
        followed = follow_parcels(database, jtl_database, now=clock.now())
        parcels, reported = database.read(lambda connection: parcel_store.count_parcels(connection, database.shop))
    context.log.info("%d orders asked about, %d parcels new, %d changed", followed.orders, followed.new, followed.changed)
    return dg.MaterializeResult(
        metadata={
            "dagster/row_count": parcels,
            "orders_asked_about": followed.orders,
            "new": followed.new,
            "changed": followed.changed,
            "without_tracking_number": followed.without_number,
            "known_to_temu": reported,
            "seconds": round(time.monotonic() - started, 2),
        }
    )


def report(
    context: dg.AssetExecutionContext, settings: SettingsResource, temu: TemuResource, toci: TociResource, clock: Clock
) -> dg.MaterializeResult[None]:
    """Parcels told to TEMU; in a dry run only shown."""
    given = settings.load()
    started = time.monotonic()
    with temu.connect() as client, toci.connect() as database, leases.hold(database, "shipment", holder(context)) as lease:
        if settings.is_dry_run():
            plan = _reporting_plan(context, given, client, database.reading_only(), clock)
            shown = preview_report(plan, threads=given.temu_concurrency)
            return only_shown(context, report_said(shown), report_shown(shown))
        fenced = lease.fenced(database)
        plan = _reporting_plan(context, given, client, fenced, clock)
        work = Reporting(
            plan=plan,
            toci=fenced,
            temu=client,
            threads=given.temu_concurrency,
            lease=lease,
            now=clock.now,
            limit=time_limit(context, ShareOfRun.SENDING, clock.now),
        )
        done = work.run()
        parcels, reported = database.read(lambda connection: parcel_store.count_parcels(connection, database.shop))
    context.log.info(
        "%d parcels confirmed, %d found at TEMU already, %d corrected, %d parked",
        done.confirmed, done.found, done.corrected, done.parked,
    )  # fmt: skip
    tell_waiting(context, done.waiting_for_next_run, "parcels")
    if done.outage is not None:
        raise done.outage
    return dg.MaterializeResult(
        metadata={
            "dagster/row_count": reported,
            "confirmed": done.confirmed,
            "found_at_temu_already": done.found,
            "corrected": done.corrected,
            "waiting": parcels - reported,
            "waiting_for_next_run": done.waiting_for_next_run,
            "parked": done.parked,
            "api_calls": client.calls.total,
            "api_calls_by_endpoint": client.calls.by_endpoint(),
            "seconds": round(time.monotonic() - started, 2),
        }
    )


def _ingest_metadata(ingested: Ingested, held: dict[str, int], *, seconds: float) -> dict[str, int | float | dict[str, int]]:
    return {
        "new": ingested.new,
        "changed": ingested.changed,
        "details_taken_in": ingested.details,
        "details_missing": ingested.failures,
        "parked": ingested.parked,
        "held": sum(held.values()),
        "held_by_reason": held,
        "snapshots": ingested.files,
        "waiting_for_next_run": ingested.waiting,
        "seconds": round(seconds, 2),
    }


def _show_hand_over(context: dg.AssetExecutionContext, settings: Settings, toci: Toci, jtl: Jtl) -> dg.MaterializeResult[None]:
    folder = settings.temu_data_dir / DRY_RUNS / context.run.run_id
    shown = preview_hand_over(toci.reading_only(), jtl, _preparing(settings, jtl), waiting=_waiting(settings, jtl), folder=folder)
    return only_shown(context, hand_over_said(shown), hand_over_shown(shown, folder))


def _waiting(settings: Settings, jtl: Jtl) -> Callable[[], Mapping[str, str]]:
    """What ``_delivery`` has handed over and JTL has not taken, without the means to hand anything over."""
    if settings.jtl_order_delivery is OrderDelivery.FILE:
        return lambda: waiting_files(settings.temu_data_dir / FOR_IMPORT_BY_HAND)
    return lambda: waiting_proofs(waiting_orders(jtl))


def _delivery(settings: Settings, jtl: Jtl) -> Delivery:
    if settings.jtl_order_delivery is OrderDelivery.FILE:
        return ImportFolder(settings.temu_data_dir / FOR_IMPORT_BY_HAND)
    return ImportTable(jtl, settings.jtl_import_platform)


def _preparing(settings: Settings, jtl: Jtl) -> Preparing:
    return Preparing(
        export_options=ExportOptions(
            country_style=CountryStyle(settings.jtl_country_format.value),
            currency=settings.jtl_waehrung,
            mark_paid=settings.jtl_mark_paid,
            customer_number=settings.jtl_customer_number,
        ),
        xml_options=XmlOptions(
            firma=settings.jtl_firma,
            benutzer=settings.jtl_benutzer,
            language=settings.jtl_sprache,
            currency=settings.jtl_waehrung,
            shipping_method=settings.jtl_versandart,
            payment_method=settings.jtl_zahlungsart,
            date_format=DateFormat(settings.jtl_date_format.value),
        ),
        known_articles=(lambda skus: known_articles(jtl, skus)) if settings.jtl_unknown_article is UnknownArticle.HOLD else None,
        xsd=settings.jtl_xsd,
    )


def _reporting_plan(context: dg.AssetExecutionContext, settings: Settings, temu: TemuClient, toci: Toci, clock: Clock) -> ReportingPlan:
    return ReportingPlan(
        toci=toci,
        temu=temu,
        carriers=_carrier_map(settings),
        partial=settings.temu_partial_shipments,
        warehouse_id=settings.temu_warehouse_id,
        is_listed_now=toci.read(lambda connection: is_listed_by(connection, toci.shop, SnapshotKind.ORDERS, context.run.run_id)),
        now=clock.now,
    )


def _carrier_map(settings: Settings) -> CarrierMap:
    return read_carrier_map(settings.temu_carrier_map) if settings.temu_carrier_map else CarrierMap({})
