"""The life of a shop with both databases on servers, as in production: ours at ``TEST_TOCI_URL``, JTL's at ``TEST_JTL_URL``."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from temu_assets.sandbox.book_orders import has_to_be_in_jtl, known_articles, order_objections
from temu_assets.sandbox.book_parcels import parcel_objections
from temu_assets.sandbox.book_stock import stock_objections
from temu_assets_tests.databases import JTL_URL, jtl_is_a_server
from temu_assets_tests.jtl.books import Books
from temu_assets_tests.jtl.mirror import Mirror
from temu_assets_tests.seller import CONFIRM, DETAILS, Seller

pytestmark = jtl_is_a_server


@pytest.fixture
def mirror(seller: Seller, monkeypatch: pytest.MonkeyPatch) -> Iterator[Mirror]:
    """The seeded shop's JTL on the server, and the settings that lead there."""
    books = Books(os.environ[JTL_URL])
    monkeypatch.setenv("JTL_DATABASE_URL", books.url)
    mirror = Mirror(seller.sandbox.jtl, books)
    mirror.show()
    yield mirror
    books.close()


def test_orders_parcels_and_stock_agree_in_the_end_and_nothing_is_done_twice(seller: Seller, mirror: Mirror) -> None:
    shop, jtl = seller.sandbox.shop, seller.sandbox.jtl
    assert seller.run(checks=True).success
    mirror.run_worker()
    assert seller.run().success
    assert order_objections(shop, jtl) == []
    articles = known_articles(jtl)
    expected = [order.parent_sn for order in shop.state.orders.values() if has_to_be_in_jtl(order, articles)]
    assert {seller.in_jtl(order) for order in expected} == {1}

    jtl.ship_all_open()
    mirror.show()
    seller.calls()
    assert seller.run(checks=True).success
    assert parcel_objections(shop, jtl) == []
    assert seller.calls()[CONFIRM] > 50

    assert seller.run("temu_inventory_full_sync", checks=True).success
    assert stock_objections(shop, jtl) == []
    jtl.set_stock("FLASCHE-750-BL", 0)
    mirror.show()
    assert seller.run("temu_inventory_sync").success
    assert stock_objections(shop, jtl) == []

    seller.calls()
    assert seller.run().success
    calls = seller.calls()
    assert calls[CONFIRM] == sum(calls[name] for name in DETAILS) == 0
    mirror.run_worker()
    assert order_objections(shop, jtl) == []
