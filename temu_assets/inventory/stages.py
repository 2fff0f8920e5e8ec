"""What the inventory stages do with what Dagster gives them. How each does it is in the modules beside this one."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import dagster as dg
from sqlalchemy import Connection

from temu_assets import memory
from temu_assets.errors import StopError
from temu_assets.inventory import releasing, sending_rows
from temu_assets.inventory.brake import HOW_TO_RELEASE, BrakeLimits
from temu_assets.inventory.calculation import Calculated, Product, calculate, duplicate_findings, held_findings
from temu_assets.inventory.deltas import SkuStock
from temu_assets.inventory.guards import on_offer, require_fresh, require_listing, require_not_suddenly_empty, require_stock_rows
from temu_assets.inventory.in_flight import orders_we_have, promised, promised_by_new
from temu_assets.inventory.ingestion import ingest_all
from temu_assets.inventory.jtl_reading import read_figures
from temu_assets.inventory.kinds import DUPLICATE
from temu_assets.inventory.looking import seen_at
from temu_assets.inventory.new_orders import read_new_orders
from temu_assets.inventory.plan import Plan, plan
from temu_assets.inventory.product_rows import count_listed, listed_products
from temu_assets.inventory.reading import Page, read_listing
from temu_assets.inventory.sending import READ_BACK_PAUSES, SKUS_PER_READ, Channel, not_shown, send
from temu_assets.inventory.shown import stock_said, stock_shown
from temu_assets.inventory.stock import StockRules
from temu_assets.inventory.stock_preview import preview_stock
from temu_assets.inventory.target_rows import confirmed_besides, targets_to_send, waiting_targets, write_targets
from temu_assets.previews import preview
from temu_assets.resources import Clock, JtlResource, SettingsResource, TemuResource, TociResource
from temu_assets.settings import StockBasis
from temu_assets.snapshots import Content, SnapshotKind, register, write_snapshot
from temu_assets.sql.chunks import in_chunks
from temu_assets.stage import holder, only_shown, tell_waiting, time_limit
from temu_assets.temu.client import TemuClient
from temu_assets.time_limit import ShareOfRun
from temu_assets.toci import leases, problems, sync_state
from temu_assets.toci.sync_state import Mark
from temu_assets.toci.writing import Written

_NEVER = datetime.min.replace(tzinfo=UTC)


def read_lists(
    context: dg.AssetExecutionContext, settings: SettingsResource, temu: TemuResource, toci: TociResource, clock: Clock
) -> dg.MaterializeResult[None]:
    """TEMU's two SKU lists, on disk."""
    began = time.monotonic()
    with toci.connect() as db, temu.connect() as client:
        started_at = clock.now()
        listed_before, remembered = db.read(
            lambda connection: (count_listed(connection, db.shop), sync_state.read(connection, db.shop, Mark.SKUS_GO_ON_AT))
        )
        limit = time_limit(context, ShareOfRun.FETCHING, clock.now)
        start = Page.parse(remembered) if remembered and limit.until is not None else None
        chosen = settings.load()
        listing = read_listing(client.goods, clock.now, limit, start, threads=chosen.temu_concurrency)
        if start is None and listing.goes_on_at is None:
            require_not_suddenly_empty(len(listing.items), listed_before=listed_before)
        file = write_snapshot(
            chosen.temu_data_dir,
            kind=SnapshotKind.SKUS,
            content=Content.LISTING,
            run_id=context.run.run_id,
            records=(item.to_record() for item in listing.items),
            now=clock.now(),
            window_end=started_at if listing.is_complete else None,
        )

        def save(connection: Connection) -> None:
            register(connection, db.shop, file)
            if listing.goes_on_at is not None:
                sync_state.remember(connection, db.shop, Mark.SKUS_GO_ON_AT, str(listing.goes_on_at), now=clock.now())
            elif remembered:
                sync_state.forget(connection, db.shop, Mark.SKUS_GO_ON_AT)

        db.write(save)
        return dg.MaterializeResult(
            metadata={
                "dagster/row_count": file.records,
                "is_complete": listing.is_complete,
                "waits_for_next_run": "" if listing.goes_on_at is None else f"the lists from page {listing.goes_on_at} on",
                "passes": listing.passes,
                "file": file.path,
                "api_calls": client.calls.total,
                "seconds": round(time.monotonic() - began, 2),
            }
        )


def take_in(settings: SettingsResource, toci: TociResource, clock: Clock) -> dg.MaterializeResult[None]:
    """Every file of lists not yet taken in, in our tables."""
    began = time.monotonic()
    with toci.connect() as db:
        done = ingest_all(db, settings.load().temu_data_dir, now=clock.now())
        products = db.read(lambda connection: count_listed(connection, db.shop))
        return dg.MaterializeResult(
            metadata={
                "dagster/row_count": products,
                "files": len(done),
                "new": sum(each.new for each in done),
                "changed": sum(each.changed for each in done),
                "no_longer_listed": sum(each.gone for each in done),
                "parked": sum(each.unreadable for each in done),
                "seconds": round(time.monotonic() - began, 2),
            }
        )


def calculate_targets(
    context: dg.AssetExecutionContext,
    settings: SettingsResource,
    temu: TemuResource,
    toci: TociResource,
    jtl: JtlResource,
    clock: Clock,
) -> dg.MaterializeResult[None]:
    """What TEMU shall show of each SKU, in our tables."""
    began = time.monotonic()
    with toci.connect() as db, leases.hold(db, "stock_targets", holder(context)) as lease:
        chosen = settings.load()
        listed, complete_until = db.read(
            lambda connection: (
                count_listed(connection, db.shop),
                sync_state.read_instant(connection, db.shop, Mark.ORDERS_COMPLETE_UNTIL),
            )
        )
        require_listing(listed)
        with temu.connect() as client:
            new_orders = read_new_orders(
                client.orders,
                complete_until,
                now=clock.now(),
                threads=chosen.temu_concurrency,
                known=lambda order_ids: db.read(lambda connection: orders_we_have(connection, db.shop, order_ids)),
            )
            api_calls = client.calls.total
        with memory.much_that_stays():
            # After TEMU's list: an order the order side stores in between is found here, and counts once.
            products, promises = db.read(
                lambda connection: (
                    listed_products(connection, db.shop),
                    [*promised(connection, db.shop), *promised_by_new(connection, db.shop, new_orders.lines)],
                )
            )
            by_warehouse = chosen.jtl_stock_basis is not StockBasis.JTL_AVAILABLE
            with jtl.connect() as eazybusiness:
                codes = {product.sku for product in products if product.sku}
                figures = read_figures(eazybusiness, codes, promises, chosen.warehouses() if by_warehouse else ())
            offered = on_offer((product.sku, product.listed_stock, product.target_before) for product in products)
            require_stock_rows(offered, figures.stock, chosen.jtl_stock_basis)
            rules = StockRules(chosen.jtl_stock_basis, chosen.jtl_untracked_stock)
            different = calculate(products, figures.stock, figures.in_flight, rules, may_raise=new_orders.is_complete)
        different.sort(key=lambda sku: (sku.product.goods_id, sku.product.sku_id))
        now = clock.now()

        def save(connection: Connection) -> tuple[Written, int]:
            written = write_targets(connection, db.shop, different, now=now, seen_at=seen_at(context.run.tags, now=now))
            for kind, findings in held_findings(different).items():
                problems.report(connection, db.shop, kind, findings, now=now)
            problems.report(connection, db.shop, DUPLICATE, duplicate_findings(products), now=now)
            return written, waiting_targets(connection, db.shop)

        written, waiting = lease.fenced(db).write(save)
        changed = [sku for sku in different if sku.is_changed]
        held = [sku for sku in different if sku.is_held]
        return dg.MaterializeResult(
            metadata={
                "dagster/row_count": len(products),
                "new": written.inserted,
                "changed": sum(not sku.product.is_new for sku in changed),
                "held": len(held),
                "sold_out": _sold_out(products, different),
                "needs_sync": waiting,
                "pieces_in_flight": sum(figures.in_flight.values()),
                "order_list_is_complete": new_orders.is_complete,
                "api_calls": api_calls,
                "seconds": round(time.monotonic() - began, 2),
                "changed_or_held": preview(
                    ["SKU", "target", "reason"],
                    ((sku.product.sku or sku.product.sku_id, sku.target, sku.result.reason) for sku in [*changed, *held]),
                ),
            }
        )


def send_targets(
    context: dg.AssetExecutionContext,
    settings: SettingsResource,
    temu: TemuResource,
    toci: TociResource,
    clock: Clock,
    *,
    release_brake: bool,
) -> dg.MaterializeResult[None]:
    """What TEMU does not show yet, told to it; in a dry run only shown."""
    began = time.monotonic()
    with toci.connect() as db, leases.hold(db, "stock", holder(context)) as lease, temu.connect() as client:
        chosen = settings.load()
        now = clock.now()
        (rows, calculated_at, besides), sent_before, parked, tried_again, release = db.read(
            lambda connection: (
                _due(connection, db.shop),
                sending_rows.sent_and_not_shown(connection, db.shop),
                sending_rows.parked_skus(connection, db.shop, now=now),
                sending_rows.tried_again(connection, db.shop, now=now),
                releasing.released(connection, db.shop, now=now),
            )
        )
        require_fresh(calculated_at, now=now)
        # Of what is as urgent, first what was not sent yet, then what was sent longest ago: with little time all have their turn.
        rows.sort(key=lambda row: sent_before.get(row.sku_id, _NEVER))
        limits = BrakeLimits(chosen.stock_brake_zero_share, chosen.stock_brake_raise_share, chosen.stock_brake_min_skus)
        allowed = None if release_brake else limits
        planned = plan(rows, parked, allowed, besides=besides, tried_again=tried_again, released=release.pieces)
        if settings.is_dry_run():
            return _show_stock(context, planned, rows, client)
        codes = {row.sku_id: row.sku for row in rows}
        # What was sent last is still read back after the time is up.
        limit = time_limit(context, ShareOfRun.SENDING, clock.now).earlier(timedelta(seconds=sum(READ_BACK_PAUSES)))
        channel = Channel(db, client.goods, lease, codes, clock.now, chosen.temu_concurrency, limit=limit, sent_before=sent_before)
        sent = send(channel, planned.changes)
        braked = planned.braked.findings()
        now = clock.now()
        missing = not_shown(sent, rows, now=now)

        def conclude(connection: Connection) -> None:
            is_whole = sent.is_whole
            sending_rows.report(connection, db.shop, offered=codes, not_shown=missing, braked=braked, is_whole=is_whole, now=now)
            # What TEMU does not show yet is sent again by the next run, and needs its release there.
            if is_whole and not sent.unsettled.keys() & release.pieces.keys():
                releasing.use_up(connection, db.shop, release)

        lease.fenced(db).write(conclude)
        context.log.info(
            "%d SKUs confirmed, %d refused, %d not shown yet, %d held by the brake",
            len(sent.confirmed), len(sent.refused), len(sent.unsettled), len(planned.braked.held),
        )  # fmt: skip
        tell_waiting(context, sent.waiting, "SKUs")
        if sent.failure:
            raise sent.failure
        if braked:
            held = " ".join(finding.reason for finding in braked.values())
            raise StopError(f"{held} {len(sent.confirmed)} other SKUs were sent.", remedy=HOW_TO_RELEASE)
        return dg.MaterializeResult(
            metadata={
                "dagster/row_count": len(sent.confirmed) + len(sent.refused) + len(sent.unsettled),
                "confirmed": len(sent.confirmed),
                "refused": len(sent.refused),
                "not_shown_yet": len(sent.unsettled),
                "waiting_for_next_run": sent.waiting,
                "parked": len(parked),
                "api_calls": client.calls.total,
                "seconds": round(time.monotonic() - began, 2),
                "sent": preview(
                    ["SKU", "target", "reason", "result"],
                    ((row.sku, row.target, row.reason, sent.result(row.sku_id)) for row in rows if sent.result(row.sku_id)),
                ),
            }
        )


def _sold_out(products: Sequence[Product], different: Sequence[Calculated]) -> int:
    """How many SKUs have the target 0, after ``different`` were written."""
    written = {sku.product.sku_id for sku in different}
    as_before = sum(product.target_before == 0 and product.sku_id not in written for product in products)
    return as_before + sum(sku.target == 0 for sku in different)


def _due(connection: Connection, shop: str) -> tuple[list[SkuStock], datetime | None, int]:
    rows, calculated_at = targets_to_send(connection, shop)
    return rows, calculated_at, confirmed_besides(connection, shop, rows)


def _show_stock(context: dg.AssetExecutionContext, planned: Plan, rows: Sequence[SkuStock], temu: TemuClient) -> dg.MaterializeResult[None]:
    due = [sku_id for change in planned.changes for sku_id in change.targets] + sorted(planned.braked.held)
    shown_now: dict[str, int] = {}
    for chunk in in_chunks(due, SKUS_PER_READ):
        shown_now |= temu.goods.stock(chunk)
    shown = preview_stock(planned, rows, shown_now)
    return only_shown(context, stock_said(shown), stock_shown(shown, planned.braked))
