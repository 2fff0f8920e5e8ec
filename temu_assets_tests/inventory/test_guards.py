"""What a run refuses to conclude."""

from __future__ import annotations

from datetime import timedelta

import pytest

from temu_assets.errors import ConfigurationError, TransientError
from temu_assets.inventory.guards import STALE_AFTER, require_articles, require_fresh, require_listing, require_not_suddenly_empty
from temu_assets_tests.inventory.samples import NOW, article, product


def test_a_listing_that_is_suddenly_empty_is_not_an_empty_shop() -> None:
    """Fault 9."""
    with pytest.raises(TransientError, match="listed 12 before"):
        require_not_suddenly_empty(0, listed_before=12)


@pytest.mark.parametrize(("found", "before"), [(0, 0), (1, 12), (12, 0)])
def test_an_ordinary_listing_is_taken(found: int, before: int) -> None:
    require_not_suddenly_empty(found, listed_before=before)


def test_a_run_without_any_sku_is_not_green() -> None:
    """Fault 10."""
    with pytest.raises(ConfigurationError, match="temu_inventory_full_sync"):
        require_listing([])
    require_listing([product()])


def test_a_jtl_without_any_of_the_articles_is_not_a_sold_out_one() -> None:
    """Fault 9."""
    with pytest.raises(ConfigurationError, match="none of the 1 article numbers"):
        require_articles([product("FLASCHE"), product("")], {})
    require_articles([product("FLASCHE"), product("WEG")], {"flasche": article()})
    require_articles([product("")], {})


def test_old_targets_are_not_sent() -> None:
    require_fresh(None, now=NOW)
    require_fresh(NOW - STALE_AFTER, now=NOW)
    with pytest.raises(ConfigurationError, match="2026-03-02 02:59 UTC"):
        require_fresh(NOW - STALE_AFTER - timedelta(minutes=1), now=NOW)
