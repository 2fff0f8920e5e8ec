"""Stock on JTL's side (fact sheet jtl-wawi, sections 2.3 to 2.7 and 3.7)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any, NamedTuple

from temu_assets.errors import ConfigurationError
from temu_assets.jtl import statements
from temu_assets.jtl.database import Jtl
from temu_assets.jtl.tables import STOCK_TABLES, WAREHOUSE_TABLES
from temu_assets.jtl.values import to_figure, to_int, to_text
from temu_assets.sql.chunks import in_chunks
from temu_assets.sql.repeated import Repeated

_NONE = Decimal(0)
_SKUS = statements.SKUS.key
_AVAILABLE = statements.available_stock(statements.SKUS)

# The same few figures come thousands of times, and reading one from a driver's value is what takes long. By value and type, so 0.1 is not
# taken for the number a float of it stands for.
_figure = lru_cache(maxsize=10_000, typed=True)(to_figure)


class ArticleStock(NamedTuple):
    """Stock figures of one article. ``available`` is over all warehouses; ``physical`` over the chosen ones, None when not asked for.

    A figure that cannot be read is NaN, not 0. Without a row it is 0, as in JTL (2.4); ``has_total`` and ``has_places`` tell whether
    there are rows, over all warehouses and in the chosen ones. A tuple, because there are as many as articles and it takes a fifth of
    the time to make.
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


def article_stock(jtl: Jtl, skus: Collection[str], warehouses: Sequence[int] = ()) -> dict[str, ArticleStock]:
    """Stock by casefolded article number; an article JTL does not have is absent. Asked for in the order of ``skus``.

    With ``warehouses`` the physical stock there is summed as well. Raises TransientError when JTL cannot be read.
    """
    jtl.require(WAREHOUSE_TABLES if warehouses else STOCK_TABLES)
    if warehouses:
        _require_warehouses(jtl, warehouses)
    chunks = in_chunks(list(dict.fromkeys(skus)))
    available = Repeated(_AVAILABLE, _SKUS)
    if not warehouses:
        answers = jtl.rows_of_all([(available, chunk) for chunk in chunks])
        return {stock.sku.casefold(): stock for rows in answers for stock in _articles(rows, None)}
    # Of each thousand both figures right after each other, orders first: what is shipped in between comes off twice, never not at all.
    in_places = Repeated(statements.warehouse_stock(statements.SKUS, warehouses), _SKUS)
    answers = jtl.rows_of_all([(statement, chunk) for chunk in chunks for statement in (available, in_places)])
    return {
        stock.sku.casefold(): stock
        for rows, places in zip(answers[::2], answers[1::2], strict=True)
        for stock in _articles(rows, {to_int(key): _figure(amount) for key, amount in places})
    }


def _articles(rows: Iterable[Sequence[Any]], physical: Mapping[int, Decimal] | None) -> Iterator[ArticleStock]:
    """What rows of ``statements.available_stock`` tell, with the physical stock by JTL's key of the article, where that was asked for."""
    for key, sku, buffer, tracked, parent, available, in_orders, stock_row in rows:
        article_id, has_total = to_int(key), stock_row is not None
        yield ArticleStock(
            article_id,
            to_text(sku),
            _figure(buffer),
            tracked == "Y" or to_text(tracked).upper() == "Y",
            to_int(parent) == 1,
            _figure(available) if has_total else _NONE,
            _figure(in_orders) if has_total else _NONE,
            None if physical is None else physical.get(article_id, _NONE),
            has_total,
            physical is None or article_id in physical,
        )


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
