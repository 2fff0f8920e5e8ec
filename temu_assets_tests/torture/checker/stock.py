"""I6: TEMU shows what may be sold."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator

from temu_assets_tests.torture.checker.books import Books
from temu_assets_tests.torture.checker.findings import Finding, Harm
from temu_assets_tests.torture.checker.temu import PARTLY_SHIPPED, PENDING, UNSHIPPED

REFUSED = ("stock_refused",)
"""TEMU took nothing for the SKU, and a person knows it."""
_UNTRACKED = 10
"""What the program shows of an article whose stock JTL does not track."""


def listed_stock_may_be_sold(books: Books) -> Iterator[Finding]:
    """I6: never more than JTL has available, less the buffer and what TEMU sold that JTL does not know; and not less either."""
    in_flight = _in_flight(books)
    for sku in books.temu.skus:
        article = books.jtl.articles.get(sku.code)
        if not sku.code or article is None or article.is_parent:
            if sku.was_set:
                yield Finding("I6", Harm.WRONG, f"SKU {sku.sku_id} was set to {sku.stock}, and its stock cannot be known.")
            continue
        may_be_sold = (
            max(0, max(0, math.floor(article.available) - article.buffer) - in_flight[sku.code]) if article.is_tracked else _UNTRACKED
        )
        if sku.stock == may_be_sold or (books.temu_failed and books.ours.in_inbox(sku.sku_id, kinds=REFUSED)):
            continue
        too_many = " That oversells." if sku.stock > may_be_sold else ""
        yield Finding("I6", Harm.WRONG, f"SKU {sku.sku_id} ({sku.code}) shows {sku.stock}, {may_be_sold} may be sold.{too_many}")


def _in_flight(books: Books) -> Counter[str]:
    """Units by article of orders TEMU wants shipped and JTL's figures do not hold yet."""
    units: Counter[str] = Counter()
    for order in books.temu.orders.values():
        if order.status in (PENDING, UNSHIPPED, PARTLY_SHIPPED) and order.number not in books.jtl.orders:
            for line in order.open_lines:
                for article, factor in line.articles:
                    units[article] += line.quantity * factor
    return units
