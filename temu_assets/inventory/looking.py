"""A cheap look whether JTL's stock has changed so that TEMU has to be told something else.

The look is the calculation itself, with what is known without asking TEMU. So it needs no memory of JTL's figures (a run that failed, a
run by hand, a restart change nothing), and a change that leaves every target as it is starts nothing.

What a run has calculated and not told TEMU (it was away, the run's time was up) is news as well, lest what is sold out stays on sale until
something else changes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from temu_assets.inventory import sending_rows
from temu_assets.inventory.calculation import changed_targets
from temu_assets.inventory.guards import on_offer, require_stock_rows
from temu_assets.inventory.in_flight import promised
from temu_assets.inventory.jtl_reading import read_figures
from temu_assets.inventory.product_rows import listed_offers
from temu_assets.inventory.stock import StockRules
from temu_assets.jtl.database import Jtl
from temu_assets.toci.database import Toci

SEEN_TAG = "temu/change_seen_at"
"""On a run the sensor started: when it saw the change (ISO 8601, UTC)."""
_BELIEVED = timedelta(hours=1)
"""A tag older than that was copied from another run."""


class Seen(NamedTuple):
    """``news``: a fingerprint of the targets a run would change or has left untold, or None. ``articles``: how many were looked at."""

    news: str | None
    articles: int


def look(jtl: Jtl, toci: Toci, rules: StockRules, warehouses: Sequence[int]) -> Seen:
    """Look. JTL is not touched before TEMU's listing was read once, nor while no SKU has an article number.

    ``warehouses``: those that count, empty where the basis does not ask for warehouses. TEMU orders that no run has listed yet are missing
    here; the orders sensor sees to them. Raises what a run would raise where JTL cannot be read or says what is not believed.
    """
    offers, promises, left = toci.read(
        lambda connection: (
            listed_offers(connection, toci.shop),
            promised(connection, toci.shop),
            sending_rows.left_unsent(connection, toci.shop),
        )
    )
    found = [f"{sku_id} not told" for sku_id in left]
    if offers:
        figures = read_figures(jtl, {sku for sku, _, _ in offers}, promises, warehouses)
        require_stock_rows(on_offer(offers), figures.stock, rules.basis)
        targets = ((sku, before) for sku, _, before in offers)
        found += sorted(f"{sku} {pieces}" for sku, pieces in changed_targets(targets, figures.stock, figures.in_flight, rules))
    return Seen(hashlib.sha256("\n".join(found).encode()).hexdigest()[:16] if found else None, len(offers))


def seen_at(tags: Mapping[str, str], *, now: datetime) -> datetime | None:
    """When the sensor that started a run saw the change (aware UTC); None where no sensor did."""
    if SEEN_TAG not in tags:
        return None
    moment = datetime.fromisoformat(tags[SEEN_TAG]).astimezone(UTC)
    return moment if now - _BELIEVED <= moment <= now else None
