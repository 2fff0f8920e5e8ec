"""The articles of an order line as ``temu_order_items.articles`` keeps them."""

from __future__ import annotations

import json


def line_articles(text: str, listed_sku: str | None) -> tuple[tuple[str, int], ...]:
    """Article number and units in one piece of the line, at least one pair; the number is empty where nobody gave one.

    An order placed before the seller gave the SKU its code comes without; ``listed_sku`` is what the SKU list says by now.
    """
    told = [(str(sku).strip(), int(units)) for sku, units in json.loads(text)] or [("", 1)]
    if len(told) == 1 and not told[0][0]:
        return ((listed_sku or "", told[0][1]),)
    return tuple(told)
