"""Stock on JTL's side (fact sheet jtl-wawi, sections 2.3 to 2.7 and 3.7)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from temu_assets.errors import ConfigurationError
from temu_assets.jtl import statements
from temu_assets.jtl.database import Jtl
from temu_assets.jtl.tables import STOCK_TABLES, WAREHOUSE_TABLES
from temu_assets.jtl.values import to_figure, to_int, to_text
from temu_assets.sql.chunks import in_chunks


@dataclass(frozen=True, slots=True)
class ArticleStock:
    """Stock figures of one article. ``available`` is over all warehouses; ``physical`` over the chosen ones, None when not asked for.

    A figure that cannot be read is NaN, not 0. Without a row it is 0, as in JTL (2.4); ``has_total`` and ``has_places`` tell whether
    there are rows, over all warehouses and in the chosen ones.
    """

    article_id: int
    sku: str
    buffer: Decimal
    is_tracked: bool
    is_parent: bool
    available: Decimal
    in_orders: Decimal
    physical: Decimal | None
    has_total: bool = True
    has_places: bool = True


@dataclass(frozen=True, slots=True)
class Warehouse:
    """A warehouse a person can choose by its key."""

    key: int
    name: str
    is_active: bool
    is_fulfilment: bool


def article_stock(jtl: Jtl, skus: Sequence[str], warehouses: Sequence[int] = ()) -> dict[str, ArticleStock]:
    """Stock by casefolded article number; an article JTL does not have is absent.

    With ``warehouses`` the physical stock there is summed as well. Raises TransientError when JTL cannot be read.
    """
    jtl.require(WAREHOUSE_TABLES if warehouses else STOCK_TABLES)
    if warehouses:
        _require_warehouses(jtl, warehouses)
    found: dict[str, ArticleStock] = {}
    for chunk in in_chunks(sorted(set(skus))):
        physical = (
            {to_int(key): to_figure(amount) for key, amount in jtl.rows(statements.warehouse_stock(chunk, warehouses))}
            if warehouses
            else None
        )
        for key, sku, buffer, tracked, parent, available, in_orders, stock_row in jtl.rows(statements.available_stock(chunk)):
            has_total = stock_row is not None
            stock = ArticleStock(
                article_id=to_int(key),
                sku=to_text(sku),
                buffer=to_figure(buffer),
                is_tracked=to_text(tracked).upper() == "Y",
                is_parent=to_int(parent) == 1,
                available=to_figure(available) if has_total else Decimal(0),
                in_orders=to_figure(in_orders) if has_total else Decimal(0),
                physical=None if physical is None else physical.get(to_int(key), Decimal(0)),
                has_total=has_total,
                has_places=physical is None or to_int(key) in physical,
            )
            found[stock.sku.casefold()] = stock
    return found


def all_warehouses(jtl: Jtl) -> list[Warehouse]:
    """Every warehouse of JTL, by key."""
    jtl.require(WAREHOUSE_TABLES)
    return [
        Warehouse(to_int(key), to_text(name), bool(to_int(active)), to_int(fulfilment) > 0)
        for key, name, active, fulfilment in jtl.rows(statements.warehouses())
    ]


def _require_warehouses(jtl: Jtl, wanted: Sequence[int]) -> None:
    known = {warehouse.key: warehouse for warehouse in all_warehouses(jtl)}
    absent = [str(key) for key in wanted if key not in known]
    if absent:
        choice = ", ".join(f"{warehouse.key} = {warehouse.name}" for warehouse in known.values())
        raise ConfigurationError(
            f"JTL_WAREHOUSES names {', '.join(absent)}, which JTL does not have.",
            remedy=f"choose from these: {choice}.",
        )
