"""What JTL says about the articles TEMU lists, read so that an order imported meanwhile errs to the low side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from temu_assets.inventory.calculation import Product
from temu_assets.inventory.guards import require_articles
from temu_assets.inventory.in_flight import PromisedPieces, pieces_in_flight
from temu_assets.jtl.database import Jtl
from temu_assets.jtl.orders import known_orders
from temu_assets.jtl.stock import ArticleStock, article_stock


@dataclass(frozen=True, slots=True)
class JtlFigures:
    """Stock and pieces in flight, both by casefolded article number."""

    stock: Mapping[str, ArticleStock]
    in_flight: Mapping[str, int]


def read_figures(jtl: Jtl, products: Sequence[Product], promises: Sequence[PromisedPieces], warehouses: Sequence[int]) -> JtlFigures:
    """Read JTL. Raises TransientError when it cannot be read and ConfigurationError when it has none of the articles."""
    # Orders first: one that JTL takes in between is subtracted twice for this run, never not at all.
    known = known_orders(jtl, sorted({promise.order_id for promise in promises if promise.order_id}))
    codes = {product.sku for product in products if product.sku}
    stock = article_stock(jtl, codes, warehouses)
    require_articles(codes, stock)
    return JtlFigures(stock, pieces_in_flight(promises, known))
