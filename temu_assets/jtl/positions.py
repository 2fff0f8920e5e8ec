"""What an order in JTL sells, and for how much (fact sheet jtl-wawi, sections 1.11, 2.8 and 4.1)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from temu_assets.jtl import statements
from temu_assets.jtl.database import Jtl
from temu_assets.jtl.tables import RECONCILED_TABLES
from temu_assets.jtl.values import to_figure, to_int, to_text
from temu_assets.sql.chunks import in_chunks

FREE_TEXT, ARTICLE, SHIPPING = 0, 1, 2
"""Values of ``kind`` (``nType``)."""


@dataclass(frozen=True, slots=True)
class OrderPosition:
    """One position that is sold; parts of a set are left out, their set is there. ``vat_rate`` and ``discount`` in percent.

    A figure that cannot be read is NaN, not 0.
    """

    kind: int
    sku: str
    quantity: Decimal
    unit_net: Decimal
    vat_rate: Decimal
    discount: Decimal


def order_positions(jtl: Jtl, order_keys: Sequence[int]) -> dict[int, list[OrderPosition]]:
    """The positions of these orders, by JTL's key of the order; an order without any is absent."""
    jtl.require(RECONCILED_TABLES)
    found: dict[int, list[OrderPosition]] = defaultdict(list)
    for chunk in in_chunks(sorted(set(order_keys))):
        for order, position, head, kind, sku, quantity, net, rate, discount in jtl.rows(statements.order_positions(chunk)):
            if head is not None and to_int(head) not in (0, to_int(position)):
                continue
            found[to_int(order)].append(
                OrderPosition(to_int(kind), to_text(sku), to_figure(quantity), to_figure(net), to_figure(rate), to_figure(discount))
            )
    return dict(found)
