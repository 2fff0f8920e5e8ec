"""Taking TEMU's SKU lists into our tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from temu_assets.inventory.checks import listing_is_incomplete
from temu_assets.inventory.ingestion import Ingested, ingest
from temu_assets.inventory.product_rows import listed_products
from temu_assets.inventory.reading import ListedItem, SkuList
from temu_assets.inventory.sending_rows import confirm, mark_sending
from temu_assets.inventory.target_rows import targets_to_send, write_targets
from temu_assets.problem_checks import Wrong
from temu_assets.snapshots import Content, SnapshotFile, SnapshotKind, not_ingested, register, write_snapshot
from temu_assets.toci import problems
from temu_assets.toci.database import Toci
from temu_assets.toci.problems import ProblemState
from temu_assets.toci.tables import temu_inventory, temu_products
from temu_assets_tests.inventory.samples import NOW, calculated, listed

HOUR = timedelta(hours=1)


class Lists:
    """Writes listings to disk and takes them in."""

    def __init__(self, toci: Toci, folder: Path) -> None:
        self.toci = toci
        self.folder = folder

    def arrive(self, items: Sequence[ListedItem], *, is_complete: bool = True, at: datetime = NOW) -> SnapshotFile:
        file = write_snapshot(
            self.folder,
            kind=SnapshotKind.SKUS,
            content=Content.LISTING,
            run_id="0123456789",
            records=[item.to_record() for item in items],
            now=at,
            window_end=at if is_complete else None,
        )
        with self.toci.engine.begin() as connection:
            register(connection, self.toci.shop, file)
        return file

    def take_in(self, items: Sequence[ListedItem], *, is_complete: bool = True, at: datetime = NOW) -> Ingested:
        return ingest(self.toci, self.folder, self.arrive(items, is_complete=is_complete, at=at), now=at)

    def listed_ids(self) -> list[str]:
        with self.toci.engine.begin() as connection:
            return [product.sku_id for product in listed_products(connection, self.toci.shop)]

    def temu_stock(self, sku_id: str) -> int | None:
        with self.toci.engine.begin() as connection:
            stock: int | None = connection.execute(
                select(temu_inventory.c.temu_stock).where(temu_inventory.c.sku_id == sku_id)
            ).scalar_one()
            return stock


@pytest.fixture
def lists(toci: Toci, tmp_path: Path) -> Lists:
    return Lists(toci, tmp_path)


def test_each_sku_becomes_one_row(lists: Lists) -> None:
    assert lists.take_in([listed(1, " FLASCHE "), listed(2, "", sku_list=SkuList.INACTIVE)]) == Ingested(2, 0, 0, 0)
    with lists.toci.engine.begin() as connection:
        one, two = connection.execute(select(temu_products).order_by(temu_products.c.sku_id)).all()
        assert not not_ingested(connection, lists.toci.shop, SnapshotKind.SKUS)
    assert (one.sku, one.is_active, one.listed_stock, one.listed_at) == ("FLASCHE", True, 5, NOW)
    assert (two.sku, two.is_active) == ("", False)


def test_taking_the_same_listing_in_again_changes_nothing(lists: Lists) -> None:
    file = lists.arrive([listed(1)])
    first = ingest(lists.toci, lists.folder, file, now=NOW)
    again = ingest(lists.toci, lists.folder, file, now=NOW + HOUR)
    assert (first.new, again.new, again.changed, again.gone) == (1, 0, 0, 0)


def test_a_sku_that_cannot_be_read_is_parked_alone_and_stays_listed(lists: Lists) -> None:
    lists.take_in([listed(1), listed(2)])
    broken = listed(2)
    assert lists.take_in([listed(1), replace(broken, item=broken.item | {"stock": "many"})], at=NOW + HOUR).unreadable == 1
    assert lists.listed_ids() == ["1", "2"]
    with lists.toci.engine.begin() as connection:
        (problem,) = problems.of_kind(connection, lists.toci.shop, "sku_data")
    assert (problem.key, problem.state) == ("2", ProblemState.OPEN)
    assert "stock" in problem.reason
    assert "many" not in problem.reason

    lists.take_in([listed(1), listed(2)], at=NOW + 2 * HOUR)
    with lists.toci.engine.begin() as connection:
        (problem,) = problems.of_kind(connection, lists.toci.shop, "sku_data")
    assert problem.state is ProblemState.CLOSED


def test_only_a_complete_listing_tells_what_is_gone(lists: Lists) -> None:
    """Fault 9: what was not read is not gone."""
    lists.take_in([listed(1), listed(2)])
    assert lists.take_in([listed(1)], is_complete=False, at=NOW + HOUR).gone == 0
    assert lists.listed_ids() == ["1", "2"]
    assert lists.take_in([listed(1)], at=NOW + 2 * HOUR).gone == 1
    assert lists.listed_ids() == ["1"]
    assert lists.take_in([listed(1), listed(2)], at=NOW + 3 * HOUR).changed == 1
    assert lists.listed_ids() == ["1", "2"]


def test_a_sku_that_is_gone_is_not_sent_any_more(lists: Lists) -> None:
    lists.take_in([listed(1), listed(2)])
    with lists.toci.engine.begin() as connection:
        write_targets(connection, lists.toci.shop, [calculated("1", 9), calculated("2", 9)], now=NOW)
    lists.take_in([listed(1)], at=NOW + HOUR)
    with lists.toci.engine.begin() as connection:
        rows, _ = targets_to_send(connection, lists.toci.shop)
    assert [row.sku_id for row in rows] == ["1"]


def test_a_newer_listing_corrects_what_temu_is_known_to_show(lists: Lists) -> None:
    with lists.toci.engine.begin() as connection:
        write_targets(connection, lists.toci.shop, [calculated("1", 9)], now=NOW)
        confirm(connection, lists.toci.shop, {"1": 9}, now=NOW)
    lists.take_in([listed(1, stock=4, at=NOW + HOUR)], at=NOW + HOUR)
    assert lists.temu_stock("1") == 4
    with lists.toci.engine.begin() as connection:
        assert connection.execute(select(temu_inventory.c.needs_sync)).scalar_one() is True


def test_a_listing_read_before_the_last_confirmation_corrects_nothing(lists: Lists) -> None:
    with lists.toci.engine.begin() as connection:
        write_targets(connection, lists.toci.shop, [calculated("1", 9)], now=NOW)
        confirm(connection, lists.toci.shop, {"1": 9}, now=NOW)
    lists.take_in([listed(1, stock=4, at=NOW - HOUR)])
    assert lists.temu_stock("1") == 9


def test_a_listing_says_nothing_about_a_target_that_is_on_its_way(lists: Lists) -> None:
    with lists.toci.engine.begin() as connection:
        write_targets(connection, lists.toci.shop, [calculated("1", 9)], now=NOW)
        mark_sending(connection, lists.toci.shop, ["1"], now=NOW)
    lists.take_in([listed(1, stock=4, at=NOW + HOUR)], at=NOW + HOUR)
    assert lists.temu_stock("1") is None


def test_the_last_reading_decides_whether_the_listing_is_complete(lists: Lists) -> None:
    def is_incomplete() -> list[Wrong]:
        with lists.toci.engine.begin() as connection:
            return listing_is_incomplete(connection, lists.toci.shop)

    assert "never read" in is_incomplete()[0].what
    lists.arrive([listed(1)])
    assert is_incomplete() == []
    lists.arrive([listed(1)], is_complete=False, at=NOW + HOUR)
    assert "changed while" in is_incomplete()[0].what
