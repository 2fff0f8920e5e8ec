"""Taking raw SKU lists into ``temu_products``: a row that cannot be read is set aside, the others go on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path

from sqlalchemy import Connection

from temu_assets.errors import RecordError
from temu_assets.inventory.kinds import UNREADABLE
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
    read = _parse(map(ListedItem.from_record, read_snapshot(data_dir, file)), toci.shop, now)
    rows, findings = list(read.rows.values()), read.findings
    is_complete = file.window_end is not None

    def take(connection: Connection) -> Ingested:
        written = write_products(connection, toci.shop, rows, read_since=read.since or now)
        gone = mark_not_listed(connection, toci.shop, {*read.rows, *findings}) if is_complete and not read.has_unnamed else 0
        settle(connection, toci.shop, now=now)
        problems.report(connection, toci.shop, UNREADABLE, findings, now=now, complete=is_complete)
        readable_again = [each.key for each in problems.unsettled(connection, toci.shop, UNREADABLE) if each.key in read.rows]
        problems.close(connection, toci.shop, UNREADABLE, readable_again, now=now)
        mark_ingested(connection, toci.shop, file, now=now)
        return Ingested(written.inserted, written.updated, gone, len(findings))

    return toci.write(take)


@dataclass(slots=True)
class _Read:
    """What a file says, by SKU id (or what stands for it): rows to write, and why there is none. ``since``: when the oldest was read."""

    rows: dict[str, Row] = field(default_factory=dict)
    findings: dict[str, Finding] = field(default_factory=dict)
    since: datetime | None = None
    has_unnamed: bool = False
    """Whether there is a SKU that cannot be told by its id."""


def _parse(items: Iterable[ListedItem], shop: str, now: datetime) -> _Read:
    """One after the other: what TEMU sent is several times as large as what is kept of it."""
    read = _Read()
    for item in items:
        read.has_unnamed = read.has_unnamed or known_id(item.item, "skuId") is None
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
            read.findings[item.key] = Finding(error.what, error.remedy)
        else:
            read.rows[item.key] = row
            read.since = min(read.since or item.fetched_at, item.fetched_at)
    return read
