"""A shop's first day at full size, measured: ``python -m benchmarks.large_shop [--orders 10000] [--skus 50000]``.

Whole jobs as Dagster runs them, TEMU over real HTTP, on SQLite or on what TEST_TOCI_URL and TEST_JTL_URL name (both are emptied). Told of
each job: seconds, and the statements sent to our database and to JTL's. At the end TEMU's, JTL's and our books are compared; the exit
code is 1 when they do not agree. The sandbox works in the same process, so its time is in the seconds.
"""

from __future__ import annotations

import argparse
import os
import resource
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event
from sqlalchemy.engine import URL, make_url

from benchmarks.full_size import make_shop
from temu_assets.sandbox.book_orders import has_to_be_in_jtl, jtl_orders, known_articles, order_objections
from temu_assets.sandbox.book_stock import stock_objections
from temu_assets_tests.databases import JTL_URL
from temu_assets_tests.jtl.books import Books
from temu_assets_tests.jtl.mirror import Mirror
from temu_assets_tests.seller import Seller, open_seller


class Count:
    """Statements sent, by database."""

    def __init__(self, databases: dict[str, URL]) -> None:
        self._places = {(url.host, url.port, url.database): name for name, url in databases.items()}
        self.sent: Counter[str] = Counter()
        event.listen(Engine, "before_cursor_execute", self._note)

    def _note(self, connection: Any, _cursor: object, statement: str, *_: object) -> None:
        url = connection.engine.url
        name = self._places.get((url.host, url.port, url.database))
        if name is not None and not statement.startswith(("BEGIN", "PRAGMA")):
            self.sent[name] += 1


@contextmanager
def measured(name: str, count: Count) -> Iterator[None]:
    before, cpu, start = Counter(count.sent), time.process_time(), time.monotonic()
    yield
    sent = Counter(count.sent)
    sent.subtract(before)
    print(
        f"{name:44}{time.monotonic() - start:8.1f} s{time.process_time() - cpu:8.1f} s CPU{sent['toci']:8} to ours{sent['jtl']:8} to JTL's",
        flush=True,
    )


def the_first_day(seller: Seller, mirror: Mirror | None, count: Count) -> None:
    def jtl_works() -> None:
        if mirror is None:
            seller.sandbox.jtl.run_worker()
        else:
            mirror.run_worker()

    def run(name: str, job: str) -> None:
        with measured(name, count):
            result = seller.run(job)
        if not result.success:
            sys.exit(f"{name} failed: {[each.message for each in result.all_events if each.is_step_failure]}")

    run("orders, first sync", "temu_orders_sync")
    jtl_works()
    run("orders, JTL has taken them", "temu_orders_sync")
    run("orders, nothing new", "temu_orders_sync")
    run("stock, full: listing and every SKU", "temu_inventory_full_sync")
    run("stock, quick, nothing new", "temu_inventory_sync")
    _sell_one_in_a_hundred(seller, mirror)
    run("stock, quick, one SKU in a hundred sold out", "temu_inventory_sync")


def _sell_one_in_a_hundred(seller: Seller, mirror: Mirror | None) -> None:
    with seller.sandbox.jtl.transaction() as jtl:
        some = "SELECT kArtikel FROM tArtikel WHERE cArtNr LIKE 'VIEL-____00'"
        jtl.execute(f"UPDATE tlagerbestandProLagerLagerartikel SET fBestand = 0 WHERE kArtikel IN ({some})")
    seller.sandbox.jtl.move_stock("FLASCHE-750-BL", 1)  # the totals are calculated anew with it
    if mirror is not None:
        mirror.show()


def objections(seller: Seller) -> list[str]:
    """What does not agree between TEMU's, JTL's and our books."""
    shop, jtl = seller.sandbox.shop, seller.sandbox.jtl
    articles, in_jtl = known_articles(jtl), jtl_orders(jtl)
    wanted = [order.parent_sn for order in shop.state.orders.values() if has_to_be_in_jtl(order, articles)]
    print(f"{len(wanted)} orders had to be in JTL; {sum(len(in_jtl.get(each, ())) == 1 for each in wanted)} are there exactly once")
    wrong = [f"order {each} is in JTL {len(in_jtl.get(each, ()))} times" for each in wanted if len(in_jtl.get(each, ())) != 1]
    checks: list[Callable[..., list[str]]] = [order_objections, stock_objections]
    return wrong + [objection for check in checks for objection in check(shop, jtl)]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--orders", type=int, default=10_000)
    parser.add_argument("--skus", type=int, default=50_000)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name, pytest.MonkeyPatch.context() as patch:
        folder = Path(name)
        make_shop(folder / "sandbox", orders=asked.orders, skus=asked.skus)
        with open_seller(folder, patch, orders=0) as seller:
            mirror = None
            if JTL_URL in os.environ:
                books = Books(os.environ[JTL_URL])
                patch.setenv("JTL_DATABASE_URL", books.url)
                mirror = Mirror(seller.sandbox.jtl, books)
                mirror.show()
            patch.setenv("JTL_STOCK_BASIS", "jtl_available")
            count = Count({"toci": seller.toci.engine.url, "jtl": make_url(os.environ["JTL_DATABASE_URL"])})
            the_first_day(seller, mirror, count)
            wrong = objections(seller)
    print(f"most memory: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MB, the sandbox's among it")
    print(*(wrong[:20] or ["the books agree"]), sep="\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
