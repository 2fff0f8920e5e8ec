"""Asset checks of the inventory: what keeps a SKU's stock from being right, each with what to do about it.

What asks our database is loaded when a check runs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import dagster as dg

from temu_assets.inventory.kinds import BRAKED, DUPLICATE, NOT_CONVERGED, REFUSED, UNREADABLE, HeldKind
from temu_assets.problem_checks import Watch, Wrong, checks_of, open_problems_of

if TYPE_CHECKING:
    from sqlalchemy import Connection

ERROR = dg.AssetCheckSeverity.ERROR


def listing_is_incomplete(connection: Connection, shop: str) -> list[Wrong]:
    """Whether the last reading of TEMU's SKU lists was whole; nothing read yet is not whole either."""
    from temu_assets.snapshots import SnapshotKind, last_listing

    last = last_listing(connection, shop, SnapshotKind.SKUS)
    if last is not None and last.window_end is not None:
        return []
    cut = "TEMU's SKU lists changed while they were read, or the run's time was up before their end."
    what = cut if last else "TEMU's SKU lists were never read."
    return [Wrong("the listing", what, "Materialize raw_skus (again).", f"{last.written_at:%Y-%m-%d %H:%M}" if last else "")]


INVENTORY_CHECKS = [
    checks_of(
        "raw_skus",
        Watch(
            "listing_is_complete",
            "TEMU's SKU lists were read to their end and held still meanwhile. If not, SKUs that are gone are noticed by a later reading.",
            listing_is_incomplete,
        ),
    ),
    checks_of(
        "temu_products",
        Watch(
            "every_sku_is_readable",
            "TEMU described every SKU as documented. One that it did not keeps what was known of it before.",
            open_problems_of(UNREADABLE),
        ),
    ),
    checks_of(
        "temu_inventory",
        Watch(
            "every_sku_has_a_code",
            "Every SKU carries a SKU code at TEMU. Without one its stock is not synced.",
            open_problems_of(HeldKind.SKU_WITHOUT_CODE),
        ),
        Watch(
            "every_sku_has_a_jtl_article",
            "JTL has an article with the number of every SKU code. Without one its stock is not synced.",
            open_problems_of(HeldKind.ARTICLE_UNKNOWN),
        ),
        Watch(
            "no_article_is_gone_from_jtl",
            "JTL still has the article of every SKU whose stock was synced before. If not, TEMU keeps showing the last figure.",
            open_problems_of(HeldKind.ARTICLE_GONE),
            ERROR,
        ),
        Watch(
            "every_stock_in_jtl_is_readable",
            "JTL's stock of every article is there and a number of pieces. If not, TEMU keeps showing the last figure; it is never taken "
            "for 0.",
            open_problems_of(HeldKind.STOCK_UNREADABLE),
            ERROR,
        ),
        Watch(
            "no_sku_is_a_variation_parent",
            "No SKU code names a variation parent in JTL, which has no stock of its own.",
            open_problems_of(HeldKind.ARTICLE_IS_PARENT),
        ),
        Watch(
            "no_code_is_used_twice",
            "No two SKUs at TEMU share a SKU code. If they do, each offers the whole stock and it can be sold twice.",
            open_problems_of(DUPLICATE),
            ERROR,
        ),
    ),
    checks_of(
        "stock_deltas",
        Watch(
            "temu_accepts_every_stock",
            "TEMU accepted every stock. A refused one shows an old figure at TEMU until it is settled; a refused 0 is tried by each run.",
            open_problems_of(REFUSED),
            ERROR,
        ),
        Watch(
            "temu_shows_what_was_sent",
            "TEMU shows every stock that was sent. One that it does not show is sent again by the next run.",
            open_problems_of(NOT_CONVERGED),
        ),
        Watch(
            "the_brake_is_off",
            "No unusual share of the listing would go to 0 or be raised. If it would, that is held back until a person agrees.",
            open_problems_of(BRAKED),
            ERROR,
        ),
    ),
]
