"""That the model sees what it is there for: each promise is broken by hand once, and dying at a crash point is dying."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from temu_assets.sandbox import shop_settings
from temu_assets.toci.outbox import Effect
from temu_assets_tests.databases import toci_is_a_file
from temu_assets_tests.model import judging
from temu_assets_tests.model.machine import ALL_STOCK, ORDERS, Days

pytestmark = toci_is_a_file


@pytest.fixture
def day() -> Iterator[Days]:
    """One order that JTL has, and a parcel of it that is not reported yet."""
    day = Days()
    day._place([("FLASCHE-750-BL", 2)])
    day._run(ORDERS)
    day._import()
    (number,) = day.model["orders"]
    day._ship(number, day.model["orders"][number]["unshipped"], "GLS", has_number=True, is_sent=True)
    yield day
    day.stack.close()


def wrong(day: Days) -> str:
    return " ".join(judging.wrong_at_any_time(day.model, day.world))


def test_a_good_day_is_found_good(day: Days) -> None:
    day._run(ORDERS)
    day._run(ALL_STOCK)
    assert not wrong(day)
    assert not day._not_converged()


def test_an_order_that_jtl_gets_twice_is_seen(day: Days) -> None:
    (handed,) = day.seller.sandbox.jtl.rows("SELECT cText FROM torture_handed_over")
    day.seller.sandbox.jtl.hand_over(handed[0])
    assert "handed to JTL 2 times" in wrong(day)
    assert "JTL has order" in wrong(day)


def test_a_false_parcel_is_seen(day: Days) -> None:
    day._run(ORDERS)
    (package,) = day.seller.sandbox.shop.state.packages.values()
    package.contents[0].quantity += 1
    assert "holds" in wrong(day)
    package.tracking_number = "50000000099"
    assert "which no parcel of it has" in wrong(day)


def test_what_is_not_done_and_not_told_is_seen(day: Days) -> None:
    (number,) = day.model["orders"]
    assert "TEMU does not know it" in " ".join(judging.wrong_after_orders(day.model, day.world, may_be_refused=False))
    day.model["orders"][number]["asks"] = True
    assert f"{number} waits for a person" in " ".join(judging.wrong_in_inbox(day.model, day.world, may_be_refused=False))


def test_stock_that_cannot_be_sold_is_seen(day: Days) -> None:
    day._run(ALL_STOCK)
    before = day.world.shown()
    for sku in day.seller.sandbox.shop.state.skus.values():
        if sku.code == "BROTDOSE-SW":
            shop_settings.set_stock(day.seller.sandbox.shop, sku.sku_id, 99)
            sku.edited_at = 1.0
    assert "only 10 may be sold" in " ".join(judging.wrong_in_stock_set(day.model, before, day.world))
    assert "shows 99" in " ".join(judging.wrong_in_listing(day.model, day.world, may_be_refused=False))


def test_who_dies_does_nothing_more_and_the_next_run_asks_first(day: Days) -> None:
    """The confirming call was heard and its answer was not: in the end TEMU has the parcel once."""
    ran = day._run(ORDERS, dies=("temu_received:bg.logistics.shipment.v2.confirm", 1))
    assert ran.died_at == "temu_received:bg.logistics.shipment.v2.confirm"
    assert len(day.world.packages()) == 1
    assert not any(day.world.called_done()[Effect.SHIPMENT].values())
    day._run(ORDERS)
    assert not wrong(day)
    assert day.world.called_done()[Effect.SHIPMENT]
