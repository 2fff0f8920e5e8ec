"""What JTL says about the articles TEMU lists, read so that an order imported meanwhile errs to the low side."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from temu_assets.inventory.guards import require_articles
from temu_assets.inventory.in_flight import PromisedPieces, pieces_in_flight
from temu_assets.jtl.database import Jtl
from temu_assets.jtl.orders import known_orders
from temu_assets.jtl.stock import ArticleStock, article_stock
from temu_assets.jtl.tables import ORDER_TABLES, STOCK_TABLES, WAREHOUSE_TABLES


@dataclass(frozen=True, slots=True)
class JtlFigures:
    """Stock and pieces in flight, both by casefolded article number."""

    stock: Mapping[str, ArticleStock]
    in_flight: Mapping[str, int]


def read_figures(jtl: Jtl, codes: Collection[str], promises: Sequence[PromisedPieces], warehouses: Sequence[int]) -> JtlFigures:
    """Read JTL; ``codes`` are the article numbers TEMU lists.

    Raises TransientError when it cannot be read and ConfigurationError when it has none of the articles.
    """
    # Sorted before JTL is read: what is read in one go is of one moment as nearly as can be.
    in_order = sorted(codes)
    jtl.require((*ORDER_TABLES, *(WAREHOUSE_TABLES if warehouses else STOCK_TABLES)))
    # Orders first: one that JTL takes in between is subtracted twice for this run, never not at all.
    known = known_orders(jtl, sorted({promise.order_id for promise in promises if promise.order_id}))
    stock = article_stock(jtl, in_order, warehouses)
    require_articles(codes, stock)
    return JtlFigures(stock, pieces_in_flight(promises, known))
