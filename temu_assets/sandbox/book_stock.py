"""Objections about the listing: every SKU shows what may be sold, and untouched what cannot be known.

Source of the rule: fact sheet jtl-wawi, section 2.4 (JTL's own channels), less the orders JTL does not know yet.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass

from temu_assets.sandbox.book_orders import jtl_orders, line_codes
from temu_assets.sandbox.jtl import JtlStandIn
from temu_assets.sandbox.state import Status
from temu_assets.sandbox.temu_shop import TemuShop

UNTRACKED_STOCK = 10
_STILL_WANTED = (Status.PENDING, Status.UNSHIPPED, Status.PARTLY_SHIPPED)


@dataclass(frozen=True, slots=True)
class _Article:
    tracked: bool
    is_parent: bool
    available: float
    buffer: int


def stock_objections(shop: TemuShop, jtl: JtlStandIn) -> list[str]:
    """Return what is wrong with the listed stock."""
    articles = _articles(jtl)
    on_the_way = _on_the_way(shop, jtl)
    codes = Counter(sku.code.casefold() for sku in shop.state.skus.values())
    objections = []
    for sku in shop.state.skus.values():
        code = sku.code.casefold()
        article = articles.get(code)
        if not code or article is None or article.is_parent:
            if sku.edited_at is not None:
                objections.append(f"SKU {sku.sku_id} ({sku.code!r}) was set to {sku.stock}, but no stock can be known.")
            continue
        wanted = _sellable(article, on_the_way[code])
        # Two SKUs with one code would both sell the same pieces: how to share them is nobody's to guess.
        right = sku.stock <= wanted or sku.edited_at is None if codes[code] > 1 else sku.stock == wanted
        if not right and sku.editable:
            objections.append(f"SKU {sku.sku_id} ({sku.code!r}) is listed with {sku.stock}, {wanted} may be sold.")
    return objections


def _sellable(article: _Article, on_the_way: int) -> int:
    if not article.tracked:
        return UNTRACKED_STOCK
    return max(0, max(0, math.floor(article.available) - article.buffer) - on_the_way)


def _articles(jtl: JtlStandIn) -> dict[str, _Article]:
    return {
        str(row["cArtNr"]).casefold(): _Article(
            tracked=row["cLagerAktiv"] == "Y",
            is_parent=bool(row["nIstVater"]),
            available=row["fVerfuegbar"],
            buffer=row["nPuffer"],
        )
        for row in jtl.rows(
            "SELECT a.cArtNr, a.cLagerAktiv, a.nIstVater, a.nPuffer, COALESCE(l.fVerfuegbar, 0) AS fVerfuegbar"
            " FROM tArtikel AS a LEFT JOIN tlagerbestand AS l ON l.kArtikel = a.kArtikel"
            " WHERE COALESCE(a.nDelete, 0) = 0"
        )
    }


def _on_the_way(shop: TemuShop, jtl: JtlStandIn) -> Counter[str]:
    """Return the units of TEMU orders that JTL does not know and that are still to be shipped, by article number."""
    in_jtl = jtl_orders(jtl)
    units: Counter[str] = Counter()
    for order in shop.state.orders.values():
        if order.status not in _STILL_WANTED or order.parent_sn in in_jtl:
            continue
        for line in order.open_lines:
            for code, factor in line_codes(shop, line):
                units[code] += line.quantity * factor
    return units
