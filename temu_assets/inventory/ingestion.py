"""Taking raw SKU lists into ``temu_products``: a row that cannot be read is set aside, the others go on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path

from sqlalchemy import Connection

from temu_assets.errors import RecordError
from temu_assets.inventory.product_rows import mark_not_listed, product_row, write_products
from temu_assets.inventory.reading import ListedItem
from temu_assets.inventory.target_rows import settle
from temu_assets.snapshots import (
    DamagedFileError,
    SnapshotFile,
    SnapshotKind,
    mark_ingested,
    not_ingested,
    read_snapshot,
    set_aside,
)
from temu_assets.temu.fields import known_id
from temu_assets.temu.goods import parse_sku
from temu_assets.toci import problems
from temu_assets.toci.database import Toci
from temu_assets.toci.fitting import require_fit
from temu_assets.toci.problems import Finding
from temu_assets.toci.tables import temu_products
from temu_assets.toci.writing import Row

UNREADABLE = "sku_data"


@dataclass(frozen=True, slots=True)
class Ingested:
    """Counts of SKUs: new, changed, no longer listed, and set aside because TEMU's data do not fit."""

    new: int
    changed: int
    gone: int
    unreadable: int


def ingest_all(toci: Toci, data_dir: Path, *, now: datetime) -> list[Ingested]:
    """Take in every file not yet taken in, oldest first.

    A damaged file becomes a problem. Raises its error (DamagedFileError) when there was nothing else to take in.
    """
    done: list[Ingested] = []
    damage: DamagedFileError | None = None
    for file in toci.read(lambda connection: not_ingested(connection, toci.shop, SnapshotKind.SKUS)):
        try:
            done.append(ingest(toci, data_dir, file, now=now))
        except DamagedFileError as error:
            damage = error
            toci.write(partial(set_aside, shop=toci.shop, file=file, damage=error, now=now))
    if damage is not None and not done:
        raise damage
    return done


def ingest(toci: Toci, data_dir: Path, file: SnapshotFile, *, now: datetime) -> Ingested:
    """Take one file in, as a whole or not at all.

    Only a complete listing in which every SKU can be told by its id says what is no longer listed.
    """
    items = [ListedItem.from_record(record) for record in read_snapshot(data_dir, file)]
    rows, findings = _parse(items, toci.shop, now)
    read_since = min((item.fetched_at for item in items if item.key not in findings), default=now)
    is_complete = file.window_end is not None
    tells_what_is_gone = is_complete and all(known_id(item.item, "skuId") is not None for item in items)

    def take(connection: Connection) -> Ingested:
        written = write_products(connection, toci.shop, rows, read_since=read_since)
        gone = mark_not_listed(connection, toci.shop, {item.key for item in items}) if tells_what_is_gone else 0
        settle(connection, toci.shop, now=now)
        problems.report(connection, toci.shop, UNREADABLE, findings, now=now, complete=is_complete)
        problems.close(connection, toci.shop, UNREADABLE, [str(row["sku_id"]) for row in rows], now=now)
        mark_ingested(connection, toci.shop, file, now=now)
        return Ingested(written.inserted, written.updated, gone, len(findings))

    return toci.write(take)


def _parse(items: list[ListedItem], shop: str, now: datetime) -> tuple[list[Row], dict[str, Finding]]:
    rows: list[Row] = []
    findings: dict[str, Finding] = {}
    for item in items:
        try:
            sku = parse_sku(item.item)
            row = product_row(shop, item, sku, now=now)
            require_fit(
                f"SKU {sku.sku_id}",
                temu_products,
                [row],
                remedy="look at it in the Seller Center; what was known of it before stays.",
            )
        except RecordError as error:
            findings[item.key] = Finding(error.what, error.remedy)
        else:
            rows.append(row)
    return rows, findings
