"""How many pieces of a SKU may be offered on TEMU, with the sum in words.

Pure rules, from fact sheet jtl-wawi, sections 2.4 to 2.6: floor, never round; never negative; the article's buffer counts once; pieces of
TEMU orders that JTL does not know yet ("in flight") come off. What cannot be known is held, not zero.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_FLOOR, Decimal
from functools import lru_cache

from temu_assets.errors import InternalError
from temu_assets.inventory.kinds import HeldKind
from temu_assets.jtl.stock import ArticleStock
from temu_assets.settings import StockBasis
from temu_assets.temu.goods import LARGEST_STOCK

_NONE = Decimal(0)


@dataclass(frozen=True, slots=True)
class StockRules:
    """What the seller decided: the basis, and how many pieces of an untracked article are offered."""

    basis: StockBasis
    untracked_pieces: int


@dataclass(frozen=True, slots=True)
class Target:
    """What TEMU shall show, 0 to 1,000,000 pieces, the sum that leads there, and the pieces in flight in that sum."""

    pieces: int
    reason: str
    in_flight: int = 0


@dataclass(frozen=True, slots=True)
class Held:
    """Nothing is known about this SKU's stock: what TEMU shows stays as it is, and a person is told why."""

    kind: HeldKind
    reason: str
    remedy: str


def without_code(name: str) -> Held:
    """What becomes of a SKU for which the seller entered no code. ``name`` is what a person knows it by at TEMU."""
    return Held(
        HeldKind.SKU_WITHOUT_CODE,
        f"The SKU '{name}' has no SKU code at TEMU, so no article of JTL belongs to it; its stock stays as it is.",
        "enter the JTL article number as SKU code in TEMU's Seller Center.",
    )


def target(sku: str, article: ArticleStock | None, in_flight: int, rules: StockRules, before: int | None = None) -> Target | Held:
    """The target of one SKU code. ``article`` is None when JTL does not have the number; ``in_flight`` are pieces, not negative.

    ``before`` is the last target, None when there was none. Raises InternalError when the basis needs warehouse stock and none was read.
    """
    if article is None:
        return _without_article(sku, before)
    if article.is_parent:
        return Held(
            HeldKind.ARTICLE_IS_PARENT,
            f"'{sku}' is a variation parent in JTL and has no stock of its own; the stock at TEMU stays as it is.",
            "enter the number of the child article as SKU code in TEMU's Seller Center.",
        )
    if not article.is_tracked:
        # JTL's figure of such an article never contains orders, so there is nothing an order could be missing from.
        return Target(rules.untracked_pieces, f"{rules.untracked_pieces} because JTL does not track this article's stock")
    return _tracked(article, in_flight, rules.basis)


def _without_article(sku: str, before: int | None) -> Held:
    if before is None:
        return Held(
            HeldKind.ARTICLE_UNKNOWN,
            f"JTL has no article (or only a deleted one) with the number '{sku}'; the stock at TEMU stays as it is.",
            "correct the SKU code in TEMU's Seller Center, or create the article in JTL.",
        )
    return Held(
        HeldKind.ARTICLE_GONE,
        f"The stock of this SKU was synced before, and JTL has no article (or only a deleted one) with its number '{sku}'; the stock at "
        f"TEMU stays at {before}.",
        "correct the SKU code, or, if the article was deleted, take the SKU off sale in TEMU's Seller Center. Are many gone, check that "
        "JTL_DATABASE_URL names the right database and that its login may read all of dbo.tArtikel.",
    )


def _unreadable(what: str) -> Held:
    return Held(
        HeldKind.STOCK_UNREADABLE,
        f"{what}; the stock at TEMU stays as it is.",
        "look at the article's stock in JTL. If many are shown, look whether JTL's database is whole and its login may read all of it.",
    )


def _tracked(article: ArticleStock, in_flight: int, basis: StockBasis) -> Target | Held:
    if basis is StockBasis.JTL_AVAILABLE:
        result = _sum(article.available, "available", _NONE, article.buffer, in_flight)
    elif article.physical is None:
        raise InternalError(
            f"The warehouse stock of '{article.sku}' was not read, but the basis '{basis}' needs it.", remedy="report this."
        )
    elif basis is StockBasis.WAREHOUSE:
        result = _sum(article.physical, "in the warehouse", _NONE, article.buffer, in_flight)
    elif article.physical and not article.has_total:
        return _unreadable(f"JTL has '{article.sku}' in the warehouse and no total of it (dbo.tlagerbestand), so its orders are not known")
    else:
        result = _sum(article.physical, "in the warehouse", article.in_orders, article.buffer, in_flight)
    if isinstance(result, Target):
        return result
    return _unreadable(f"What JTL says of '{article.sku}' is no number of pieces ({', '.join(result)})")


@lru_cache(maxsize=50_000)
def _sum(stock: Decimal, meaning: str, in_orders: Decimal, buffer: Decimal, in_flight: int) -> Target | tuple[str, ...]:
    """The target, or the names of the figures that are no number of pieces. Most articles of a shop have the sum of another one."""
    off = ((in_orders, "in open orders"), (buffer, "buffer"), (Decimal(in_flight), "in flight"))
    # Below 0, what is subtracted would be offered on top.
    unreadable = tuple(name for figure, name in ((stock, meaning), *off) if figure.is_nan() or (figure < 0 and name != meaning))
    if unreadable:
        return unreadable
    difference = stock - in_orders - buffer - in_flight
    pieces = min(max(0, int(difference.to_integral_value(ROUND_FLOOR))), LARGEST_STOCK)
    sum_in_words = " - ".join([f"{_plain(stock)} {meaning}", *(f"{_plain(amount)} {name}" for amount, name in off if amount)])
    exact = difference == pieces
    return Target(pieces, f"{sum_in_words} = {pieces}" if exact else f"{sum_in_words} = {_plain(difference)}, offered: {pieces}", in_flight)


def _plain(value: Decimal) -> str:
    """Equal figures in equal words, however they are spelled: 5.0 and 5, and the 0 that has a sign."""
    return f"{value:f}".rstrip("0").rstrip(".") if value % 1 else f"{value + 0:.0f}"
