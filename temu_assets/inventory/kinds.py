"""The kinds of problems the inventory reports; the key of each is the SKU unless said otherwise."""

from __future__ import annotations

from enum import StrEnum

UNREADABLE = "sku_data"
"""A SKU that TEMU did not describe as documented."""
DUPLICATE = "duplicate_sku"
"""Two SKUs share a code."""
REFUSED = "stock_refused"
"""A stock that TEMU did not take."""
NOT_CONVERGED = "stock_not_converged"
"""A stock that was sent and that TEMU does not show."""
BRAKED = "stock_brake"
"""What is held back because an unusual share of the listing would change. Key: the direction."""


class HeldKind(StrEnum):
    """Why a SKU has no target."""

    SKU_WITHOUT_CODE = "sku_without_code"
    ARTICLE_UNKNOWN = "article_unknown"
    ARTICLE_GONE = "article_gone"
    ARTICLE_IS_PARENT = "article_is_parent"
    STOCK_UNREADABLE = "stock_unreadable"
