"""How many statements our work takes, whatever the number of rows. docs/architecture.md has these figures."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from pydantic import SecretStr
from sqlalchemy import Engine, event

from temu_assets.inventory.target_rows import write_targets
from temu_assets.jtl.database import Jtl
from temu_assets.jtl.database import open_engine as open_jtl
from temu_assets.jtl.stock import article_stock
from temu_assets.orders.ingesting import _take
from temu_assets.snapshots import Content, SnapshotKind, not_ingested, read_snapshot
from temu_assets.toci.migrate import migrate
from temu_assets_tests.inventory.samples import NOW, calculated
from temu_assets_tests.jtl.books import Books
from temu_assets_tests.seller import WITHOUT_CHECKS, Seller

IN_THE_DOCS = (Path(__file__).parents[2] / "docs" / "architecture.md").read_text(encoding="utf-8")


@contextmanager
def counted(engine: Engine) -> Iterator[list[str]]:
    """The statements an engine sends meanwhile. Many rows at once are one."""
    sent: list[str] = []

    def note(*told: Any) -> None:
        if not told[2].startswith("BEGIN"):
            sent.append(told[2])

    event.listen(engine, "before_cursor_execute", note)
    yield sent
    event.remove(engine, "before_cursor_execute", note)


def taking_in(seller: Seller, orders: int, content: Content) -> int:
    """The statements it takes to take in one file of ``raw_orders`` with so many new orders, each with two lines."""
    for _ in range(orders):
        seller.place(("FLASCHE-750-BL", 1), ("DECKEL-SW", 2))
    whole = WITHOUT_CHECKS.resolve_implicit_global_asset_job_def()
    assert whole.execute_in_process(instance=seller.instance, asset_selection=[dg.AssetKey("raw_orders")]).success
    counts: dict[Content, int] = {}
    for file in seller.toci.read(lambda connection: not_ingested(connection, seller.toci.shop, SnapshotKind.ORDERS)):
        work = partial(_take, shop=seller.toci.shop, file=file, records=list(read_snapshot(seller.data, file)), now=seller.now())
        with counted(seller.toci.engine) as sent:
            seller.toci.write(work)
        counts[file.content] = len(sent)
    return counts[content]


@pytest.mark.parametrize(
    ("content", "row"),
    [
        (Content.LISTING, "take in a listing of up to 1,000 orders with their lines"),
        (Content.DETAILS, "take in a file of addresses and prices (200 orders)"),
    ],
)
def test_taking_in_orders_takes_the_same_number_of_statements_for_few_and_for_many(new_seller: Seller, content: Content, row: str) -> None:
    few, many = taking_in(new_seller, 3, content), taking_in(new_seller, 60, content)
    assert few == many
    assert f"| {row} | {many} |" in IN_THE_DOCS


def test_writing_targets_takes_the_same_number_of_statements_for_few_and_for_many(new_seller: Seller) -> None:
    migrate(new_seller.toci)
    counts = []
    for number in (3, 5_000):
        rows = [calculated(f"{number}{key:05d}", 5, before=None) for key in range(number)]
        with counted(new_seller.toci.engine) as sent:
            new_seller.toci.write(lambda connection, rows=rows: write_targets(connection, new_seller.toci.shop, rows, now=NOW))  # type: ignore[misc]
        counts.append(len(sent))
    assert counts[0] == counts[1]
    assert f"| write any number of stock targets | {counts[1]} |" in IN_THE_DOCS
    with counted(new_seller.toci.engine) as sent:
        new_seller.toci.write(lambda connection: write_targets(connection, new_seller.toci.shop, [], now=NOW))
    assert f"| write that no stock target has changed | {len(sent)} |" in IN_THE_DOCS


@pytest.mark.parametrize(("articles", "statements"), [(5, 2), (1_000, 2), (1_001, 3), (4_000, 5)])
def test_reading_stock_of_jtl_takes_a_statement_per_thousand_and_one_to_look_at_the_columns(
    tmp_path: Path, articles: int, statements: int
) -> None:
    """The predecessor asked for each article on its own."""
    books = Books(f"sqlite:///{tmp_path / 'eazybusiness.db'}")
    jtl = Jtl(open_jtl(SecretStr(books.url)))
    with counted(jtl.engine) as sent:
        article_stock(jtl, [f"MUG-{number}" for number in range(articles)])
    assert len([statement for statement in sent if not statement.startswith("PRAGMA")]) == statements - 1
    jtl.close()
    books.close()
