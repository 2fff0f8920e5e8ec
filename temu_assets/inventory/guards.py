"""What a run refuses to conclude: "nothing came back" is not "there is nothing", and old figures are not today's. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from temu_assets.errors import ConfigurationError, TransientError
from temu_assets.jtl.stock import ArticleStock
from temu_assets.settings import StockBasis

STALE_AFTER = timedelta(hours=6)


def require_not_suddenly_empty(found: int, listed_before: int) -> None:
    """Raises TransientError when TEMU lists nothing although it listed something before."""
    if not found and listed_before:
        raise TransientError(
            f"TEMU lists no SKU at all, but listed {listed_before} before. That is not taken for an empty shop: nothing was changed.",
            remedy="look into TEMU's Seller Center. If the SKUs are there, run this again later.",
        )


def require_listing(listed: int) -> None:
    """Raises ConfigurationError when no SKU is known, so that a run without work is not green."""
    if not listed:
        raise ConfigurationError(
            "No SKU of TEMU is known yet, so there is no stock to calculate.",
            remedy="run the job temu_inventory_full_sync once; it reads TEMU's listing first.",
        )


def require_articles(codes: Collection[str], stock: Mapping[str, ArticleStock]) -> None:
    """Raises ConfigurationError when JTL has none of the articles; ``codes`` are the article numbers TEMU lists."""
    if codes and not stock:
        raise ConfigurationError(
            f"JTL has none of the {len(codes)} article numbers TEMU lists. That is not taken for 'sold out': nothing was changed.",
            remedy="check that JTL_DATABASE_URL names the right database of JTL and that its login may read dbo.tArtikel.",
        )


def on_offer(skus: Iterable[Sequence[Any]]) -> Iterator[str]:
    """The article numbers of which TEMU lists pieces or was told some; of number, pieces listed and last target (or None) of each SKU."""
    return (sku for sku, listed, target_before in skus if listed or target_before)


def require_stock_rows(offered: Iterable[str], stock: Mapping[str, ArticleStock], basis: StockBasis) -> None:
    """Raises ConfigurationError when JTL has no stock row of any article although some are on offer: an empty table is no sell-out.

    ``offered``: as ``on_offer`` gives them, gone through only if the table is empty. ``stock`` is by casefolded article number.
    """
    empty = []
    if basis is not StockBasis.WAREHOUSE and not any(article.has_total for article in _tracked(stock)):
        empty.append("dbo.tlagerbestand")
    if basis is not StockBasis.JTL_AVAILABLE and not any(article.has_places for article in _tracked(stock)):
        empty.append("dbo.vLagerbestandProLager, in the warehouses of JTL_WAREHOUSES")
    if not empty:
        return
    codes = {article.sku.casefold() for article in _tracked(stock)}
    if any(sku.casefold() in codes for sku in offered):
        raise ConfigurationError(
            f"JTL's stock ({empty[0]}) has not one row for the {len(codes)} articles TEMU lists, and some of them are on offer. That is "
            "not taken for 'sold out': nothing was changed.",
            remedy="look at the stock in JTL, and check that JTL_DATABASE_URL and JTL_WAREHOUSES name what is meant and that the login "
            "may read all of it. Is everything sold out indeed, take the offers off sale in TEMU's Seller Center.",
        )


def _tracked(stock: Mapping[str, ArticleStock]) -> Iterator[ArticleStock]:
    return (article for article in stock.values() if article.is_tracked and not article.is_parent)


def require_fresh(calculated_at: datetime | None, *, now: datetime) -> None:
    """Raises ConfigurationError for targets calculated too long ago: what they offer may have been sold since."""
    if calculated_at is not None and now - calculated_at > STALE_AFTER:
        raise ConfigurationError(
            f"The stock targets were calculated at {calculated_at:%Y-%m-%d %H:%M} UTC, more than {STALE_AFTER.total_seconds() / 3600:.0f} "
            "hours ago; nothing was sent.",
            remedy="run temu_inventory and stock_deltas together (job temu_inventory_sync). If temu_inventory is red, settle that first.",
        )
