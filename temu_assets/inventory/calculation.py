"""From listing, JTL stock and pieces in flight to a target per SKU, and to what a person must be told. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from temu_assets.inventory.kinds import HeldKind
from temu_assets.inventory.stock import Held, StockRules, Target, target, without_code
from temu_assets.jtl.stock import ArticleStock
from temu_assets.toci.problems import Finding

LONGEST_NAME = 200


class Product(NamedTuple):
    """A SKU TEMU lists, and what was written down of it when it was last calculated. A tuple, because there are as many as SKUs.

    ``sku`` is the JTL article number, empty if the seller gave none, and then ``name`` tells what it is, with the variant; ``listed_stock``
    are pieces. ``is_as_before``: goods and article number are still those that were calculated with, and the SKU was not held.
    """

    sku_id: str
    goods_id: str
    sku: str
    listed_stock: int
    name: str = ""
    is_as_before: bool = False
    target_before: int | None = None
    reason_before: str | None = None
    """None: it was never calculated."""
    in_flight_before: int | None = None
    article_before: int | None = None

    @property
    def is_new(self) -> bool:
        """Whether it was never calculated."""
        return self.reason_before is None


@dataclass(frozen=True, slots=True)
class Calculated:
    """One SKU after the calculation: its product, what came out, and JTL's key of the article."""

    product: Product
    result: Target | Held
    article_id: int | None

    @property
    def target_before(self) -> int | None:
        """The target it had before; None if it never had one."""
        return self.product.target_before

    @property
    def target(self) -> int | None:
        """The pieces TEMU shall show. A held SKU keeps its last target; None if it never had one."""
        return self.result.pieces if isinstance(self.result, Target) else self.target_before

    @property
    def is_changed(self) -> bool:
        """Whether the target is another one than before."""
        return self.target != self.target_before

    @property
    def in_flight(self) -> int:
        """The pieces subtracted for TEMU orders that JTL does not know yet."""
        return self.result.in_flight if isinstance(self.result, Target) else 0

    @property
    def is_held(self) -> bool:
        """Whether nothing is known, so that TEMU is not told anything."""
        return isinstance(self.result, Held)


def calculate(
    products: Sequence[Product], stock: Mapping[str, ArticleStock], in_flight: Mapping[str, int], rules: StockRules, *, may_raise: bool
) -> list[Calculated]:
    """The products for which something else comes out than is written down of them, in their order; those that are held always.

    ``stock`` and ``in_flight`` are by casefolded article number, as JTL compares them. ``may_raise`` False: pieces in flight may be
    missing, so no target becomes higher than it was.
    """
    different = []
    for product in products:
        code = product.sku.casefold()
        article = stock.get(code)
        result = _result(product, article, in_flight.get(code, 0), rules, may_raise=may_raise)
        if not (product.is_as_before and article is not None and _is_written_down(product, article, result)):
            different.append(Calculated(product, result, article.article_id if article else None))
    return different


def changed_targets(
    targets: Iterable[tuple[str, int | None]], stock: Mapping[str, ArticleStock], in_flight: Mapping[str, int], rules: StockRules
) -> Iterator[tuple[str, int]]:
    """Of article numbers with the last target: article number and pieces where ``calculate`` gives another one."""
    for sku, before in targets:
        code = sku.casefold()
        result = target(sku, stock.get(code), in_flight.get(code, 0), rules, before)
        if isinstance(result, Target) and result.pieces != before:
            yield sku, result.pieces


def held_findings(calculated: Sequence[Calculated]) -> dict[HeldKind, dict[str, Finding]]:
    """Why SKUs are held, by kind and SKU id; every kind is there."""
    findings: dict[HeldKind, dict[str, Finding]] = {kind: {} for kind in HeldKind}
    for sku in calculated:
        if isinstance(sku.result, Held):
            findings[sku.result.kind][sku.product.sku_id] = Finding(sku.result.reason, sku.result.remedy)
    return findings


def duplicate_findings(products: Sequence[Product]) -> dict[str, Finding]:
    """SKU codes that several SKUs carry, by casefolded code; SKUs without a code do not count."""
    codes = [product.sku.casefold() for product in products if product.sku]
    if len(set(codes)) == len(codes):
        return {}
    same_code: dict[str, list[Product]] = {}
    for product in products:
        if product.sku:
            same_code.setdefault(product.sku.casefold(), []).append(product)
    return {
        code: Finding(
            f"{len(same)} SKUs at TEMU carry the code '{same[0].sku}': {', '.join(sorted(product.sku_id for product in same))}. "
            "Each offers the whole stock, so a piece can be sold twice.",
            "give each SKU its own code in TEMU's Seller Center, or take all but one off sale.",
        )
        for code, same in same_code.items()
        if len(same) > 1
    }


def _result(product: Product, article: ArticleStock | None, in_flight: int, rules: StockRules, *, may_raise: bool) -> Target | Held:
    if not product.sku:
        return without_code(product.name[:LONGEST_NAME])
    before = product.target_before
    result = target(product.sku, article, in_flight, rules, before)
    if not may_raise and before is not None and isinstance(result, Target) and result.pieces > before:
        return replace(result, pieces=before, reason=f"{result.reason}; {before} until TEMU's order list holds still")
    return result


def _is_written_down(product: Product, article: ArticleStock, result: Target | Held) -> bool:
    return (
        isinstance(result, Target)
        and result.pieces == product.target_before
        and result.reason == product.reason_before
        and result.in_flight == product.in_flight_before
        and article.article_id == product.article_before
    )
