"""Asset checks of the inventory: what keeps a SKU's stock from being right, each with what to do about it."""

from __future__ import annotations

import dagster as dg

from temu_assets.inventory import ingestion, sending_rows
from temu_assets.inventory.calculation import DUPLICATE
from temu_assets.inventory.product_rows import is_listing_complete
from temu_assets.inventory.stock import HeldKind
from temu_assets.problem_checks import problem_check
from temu_assets.resources import TociResource
from temu_assets.stage import told_plainly

ERROR = dg.AssetCheckSeverity.ERROR


@dg.asset_check(
    asset="raw_skus",
    name="listing_is_complete",
    description="TEMU's SKU lists did not change while they were read. If they did, SKUs that are gone are noticed by a later reading.",
)
def listing_is_complete(toci: TociResource) -> dg.AssetCheckResult:
    """Whether the last reading was whole."""
    with told_plainly(), toci.connect() as db, db.read() as connection:
        is_complete = is_listing_complete(connection, db.shop)
    return dg.AssetCheckResult(
        passed=is_complete is True,
        severity=dg.AssetCheckSeverity.WARN,
        description="The last reading was complete."
        if is_complete
        else "There is no complete reading yet, or TEMU's lists changed while they were read. What to do: materialize raw_skus again.",
    )


INVENTORY_CHECKS = (
    listing_is_complete,
    problem_check(
        "temu_products",
        ingestion.UNREADABLE,
        name="every_sku_is_readable",
        description="TEMU described every SKU as documented. One that it did not keeps what was known of it before.",
    ),
    problem_check(
        "temu_inventory",
        HeldKind.SKU_WITHOUT_CODE,
        name="every_sku_has_a_code",
        description="Every SKU carries a SKU code at TEMU. Without one its stock is not synced.",
    ),
    problem_check(
        "temu_inventory",
        HeldKind.ARTICLE_UNKNOWN,
        name="every_sku_has_a_jtl_article",
        description="JTL has an article with the number of every SKU code. Without one its stock is not synced.",
    ),
    problem_check(
        "temu_inventory",
        HeldKind.ARTICLE_IS_PARENT,
        name="no_sku_is_a_variation_parent",
        description="No SKU code names a variation parent in JTL, which has no stock of its own.",
    ),
    problem_check(
        "temu_inventory",
        DUPLICATE,
        name="no_code_is_used_twice",
        description="No two SKUs at TEMU share a SKU code. If they do, each offers the whole stock and it can be sold twice.",
        severity=ERROR,
    ),
    problem_check(
        "stock_deltas",
        sending_rows.REFUSED,
        name="temu_accepts_every_stock",
        description="TEMU accepted every stock. A refused one shows an old figure at TEMU until it is settled.",
        severity=ERROR,
    ),
    problem_check(
        "stock_deltas",
        sending_rows.NOT_CONVERGED,
        name="temu_shows_what_was_sent",
        description="TEMU shows every stock that was sent. One that it does not show is sent again by the next run.",
    ),
    problem_check(
        "stock_deltas",
        sending_rows.BRAKED,
        name="the_brake_is_off",
        description="No unusual share of the listing would go to 0 or be raised. If it would, that is held back until a person agrees.",
        severity=ERROR,
    ),
)
