"""The four assets as Dagster runs them, over HTTP against the sandbox's TEMU and against its JTL."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import Decimal

import dagster as dg
import pytest

from temu_assets.inventory.assets import stock_deltas, temu_inventory
from temu_assets.sandbox.book_stock import stock_objections
from temu_assets.sandbox.faults import Fault, FaultKind
from temu_assets.toci import sync_state
from temu_assets.toci.sync_state import Mark
from temu_assets.toci.tables import outbox, problems, temu_products
from temu_assets.toci.tables import temu_inventory as targets
from temu_assets_tests.inventory.conftest import EDIT, FULL, LISTING, QUICK, Shop
from temu_assets_tests.inventory.samples import add_line, add_order
from temu_assets_tests.seller import failure, metadata_of

SKU_LIST = "bg.local.goods.sku.list.query"
STOCK = "temu.local.goods.sku.stock.query"
ORDERS = "bg.order.list.v2.get"


@pytest.fixture
def synced(shop: Shop) -> Shop:
    """A shop after its first full sync, with an empty journal."""
    add_open_orders(shop)
    assert shop.run().success
    shop.sandbox.server.journal.clear()
    return shop


def add_open_orders(shop: Shop) -> None:
    """What the order side would have stored of the shop's open orders; one of them is in JTL, which only JTL can tell."""
    for order in shop.sandbox.shop.state.orders.values():
        for position, line in enumerate(order.open_lines, start=1):
            articles = [(product.ext_code, product.sold_factor) for product in line.products]
            if position == 1:
                add_order(shop.toci, order.parent_sn, articles, quantity=line.quantity, status=order.status, sku_id=str(line.sku_id))
            else:
                add_line(shop.toci, order.parent_sn, position, articles, quantity=line.quantity, sku_id=str(line.sku_id))


@contextmanager
def jtl_away(shop: Shop) -> Iterator[None]:
    """JTL's database cannot be read."""
    path = shop.sandbox.jtl.path
    aside = path.with_suffix(".aside")
    path.rename(aside)
    path.write_bytes(b"this is not a database, and a server that is down answers no better" * 20)
    try:
        yield
    finally:
        aside.replace(path)


def test_after_a_full_sync_every_sku_shows_what_may_be_sold(synced: Shop) -> None:
    """Fault 16: other channels' orders, buffers and TEMU orders that JTL does not know are all subtracted."""
    assert stock_objections(synced.sandbox.shop, synced.sandbox.jtl) == []
    assert not [row.sku for row in synced.rows(targets) if row.needs_sync]


def test_a_second_full_sync_reads_and_sends_nothing_more_than_it_must(synced: Shop) -> None:
    """Fault 8."""
    result = synced.run()
    assert result.success
    assert synced.sandbox.server.journal.counts() == {SKU_LIST: 4, ORDERS: 1}
    assert metadata_of(result, "temu_products")["changed"] == 128
    assert metadata_of(result, "stock_deltas")["dagster/row_count"] == 0


def test_the_quick_sync_carries_a_sell_out_to_temu_as_zero(synced: Shop) -> None:
    """Fault 7."""
    synced.sandbox.jtl.sell_out("DECKEL-BL")
    synced.sandbox.jtl.move_stock("FLASCHE-750-BL", 5)
    result = synced.run(QUICK)
    assert result.success
    deckel, flasche = synced.by_code("DECKEL-BL"), synced.by_code("FLASCHE-750-BL")
    assert synced.edits() == {deckel.sku_id: 0, flasche.sku_id: flasche.stock}
    assert deckel.stock == 0
    assert stock_objections(synced.sandbox.shop, synced.sandbox.jtl) == []
    # What lowers an offer is sent and proved before anything is raised.
    assert [entry.endpoint for entry in synced.sandbox.server.journal.entries()] == [ORDERS, EDIT, STOCK, EDIT, STOCK]
    assert metadata_of(result, "stock_deltas")["api_calls"] == 4
    (record, _) = metadata_of(result, "stock_deltas")["sent"].records
    assert record.data["result"].startswith("TEMU shows ")


def test_a_shop_whose_orders_were_never_read_offers_nothing_that_is_sold(shop: Shop) -> None:
    """Fault 16: the orders of the last days are looked up at TEMU."""
    assert shop.run().success
    assert stock_objections(shop.sandbox.shop, shop.sandbox.jtl) == []


def test_what_was_sold_since_the_last_order_sync_is_not_offered_again(synced: Shop) -> None:
    """Fault 16."""
    sku = synced.by_code("FLASCHE-750-BL")
    shown = sku.stock
    with synced.toci.engine.begin() as connection:
        synced_at = datetime.now(UTC)
        sync_state.remember_instant(connection, synced.toci.shop, Mark.ORDERS_COMPLETE_UNTIL, synced_at, now=synced_at)
    synced.sandbox.shop.place_order([(sku.sku_id, 2)])
    synced.sandbox.jtl.move_stock("FLASCHE-750-BL", 1)
    assert synced.run(QUICK).success
    assert synced.edits() == {sku.sku_id: shown - 1}
    assert stock_objections(synced.sandbox.shop, synced.sandbox.jtl) == []


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        (Fault(FaultKind.EMPTY_PAGE, ORDERS, times=5), "no stock was calculated"),
        (Fault(FaultKind.BUSINESS_CODE, ORDERS, code=3000032), "3000032"),
    ],
)
def test_an_order_list_that_cannot_be_read_is_red_and_changes_nothing(synced: Shop, fault: Fault, told: str) -> None:
    """Faults 9 and 10."""
    synced.sandbox.shop.place_order([(synced.by_code("DECKEL-BL").sku_id, 1)])
    synced.sandbox.jtl.sell_out("DECKEL-BL")
    before = synced.rows(targets)
    synced.sandbox.server.faults.order(fault)
    assert told in failure(synced.run(QUICK))
    assert synced.rows(targets) == before
    assert synced.edits() == {}


def test_the_full_sync_corrects_what_somebody_changed_at_temu(synced: Shop) -> None:
    sku = synced.by_code("DECKEL-BL")
    right, sku.stock = sku.stock, 99
    assert synced.run(QUICK).success
    assert sku.stock == 99
    assert synced.run(FULL).success
    assert sku.stock == right


def test_a_refused_sku_is_parked_alone_and_tried_again_the_next_day(synced: Shop) -> None:
    """Fault 11."""
    blocked, other = synced.by_code("DECKEL-BL"), synced.by_code("DECKEL-WS")
    blocked.editable = False
    synced.sandbox.jtl.move_stock("DECKEL-BL", 31)
    synced.sandbox.jtl.set_stock("DECKEL-WS", 30)
    assert synced.run(QUICK).success
    assert other.stock > 0
    assert [row.key for row in synced.rows(problems) if row.kind == "stock_refused" and row.state == "open"] == [str(blocked.sku_id)]

    synced.sandbox.server.journal.clear()
    assert synced.run(QUICK).success
    assert synced.edits() == {}

    blocked.editable = True
    assert synced.run(QUICK, hours_later=25).success
    assert blocked.stock > 31
    assert not [row.key for row in synced.rows(problems) if row.kind == "stock_refused" and row.state == "open"]


def test_a_refused_sell_out_is_an_error_and_tried_by_each_run(synced: Shop) -> None:
    """Faults 7 and 11: it stays on sale."""
    blocked = synced.by_code("DECKEL-BL")
    blocked.editable = False
    synced.sandbox.jtl.sell_out("DECKEL-BL")
    for _ in range(2):
        synced.sandbox.server.journal.clear()
        assert synced.run(QUICK).success
        assert synced.edits() == {blocked.sku_id: 0}
    check = synced.check()["temu_accepts_every_stock"]
    assert (check.passed, check.severity) == (False, dg.AssetCheckSeverity.ERROR)
    assert "sold out" in (check.description or "")

    blocked.editable = True
    assert synced.run(QUICK).success
    assert blocked.stock == 0
    assert synced.check()["temu_accepts_every_stock"].passed


def test_a_jtl_that_cannot_be_read_is_red_and_temu_is_told_nothing(synced: Shop) -> None:
    """Faults 9 and 10."""
    before = synced.rows(targets)
    with jtl_away(synced):
        message = failure(synced.run(QUICK))
    assert "JTL's database" in message
    assert "nothing was" in message
    assert synced.rows(targets) == before
    assert synced.sandbox.server.journal.counts() == {ORDERS: 1}


def test_a_jtl_without_the_articles_is_red_and_temu_is_told_nothing(synced: Shop) -> None:
    """Fault 9."""
    with synced.sandbox.jtl.transaction() as connection:
        connection.execute("UPDATE tArtikel SET nDelete = 1")
    assert "none of the" in failure(synced.run(QUICK))
    assert synced.sandbox.server.journal.counts() == {ORDERS: 1}


def test_an_article_that_disappears_holds_its_sku(synced: Shop) -> None:
    """Fault 9."""
    sku = synced.by_code("DECKEL-BL")
    before = sku.stock
    with synced.sandbox.jtl.transaction() as connection:
        connection.execute("UPDATE tArtikel SET nDelete = 1 WHERE cArtNr = 'DECKEL-BL'")
    assert synced.run(QUICK).success
    assert sku.stock == before
    assert synced.edits() == {}
    (reason,) = [row.reason for row in synced.rows(problems) if row.kind == "article_gone" and row.key == str(sku.sku_id)]
    assert f"stays at {before}" in reason


def test_a_sku_without_a_code_is_told_by_its_name(synced: Shop) -> None:
    found = {row.key: row.reason for row in synced.rows(problems) if row.kind == "sku_without_code"}
    named = {row.sku_id: row.goods_name for row in synced.rows(temu_products) if not row.sku}
    assert found.keys() == named.keys()
    assert all(name and name in found[sku_id] for sku_id, name in named.items())


def test_without_a_listing_the_quick_sync_is_red_and_says_what_to_run(shop: Shop) -> None:
    """Fault 10."""
    assert "temu_inventory_full_sync" in failure(shop.run(QUICK))


def test_a_listing_that_is_suddenly_empty_changes_nothing(synced: Shop) -> None:
    """Fault 9."""
    everything = dict(synced.sandbox.shop.state.skus)
    synced.sandbox.shop.state.skus.clear()
    assert "lists no SKU at all" in failure(synced.run(LISTING))
    synced.sandbox.shop.state.skus.update(everything)
    assert all(row.is_listed for row in synced.rows(temu_products))


def test_a_sku_with_broken_data_is_parked_and_the_others_go_on(synced: Shop) -> None:
    synced.sandbox.server.faults.order(Fault(FaultKind.REMOVE_FIELD, SKU_LIST, path="skuList.0.stock"))
    result = synced.run(LISTING)
    assert result.success
    assert metadata_of(result, "temu_products")["parked"] == 1
    assert all(row.is_listed for row in synced.rows(temu_products))


def test_the_brake_holds_a_sudden_sell_out_until_a_person_releases_it(synced: Shop) -> None:
    skus = [row.sku for row in synced.rows(targets) if row.target and not row.is_held]
    sold_out = [sku for sku in dict.fromkeys(skus) if sku not in ("SET-KUECHE", "AUFKLEBER")][:60]
    for sku in sold_out:
        synced.sandbox.jtl.sell_out(sku)
    synced.sandbox.jtl.move_stock("STIRNLAMPE-WS", -1)
    message = failure(synced.run(QUICK))
    assert "SKUs would go to 0 and are held back" in message
    assert "release_brake" in message
    assert set(synced.edits()) == {synced.by_code("STIRNLAMPE-WS").sku_id}
    assert [(row.key, row.state) for row in synced.rows(problems) if row.kind == "stock_brake"] == [("zero", "open")]

    assert synced.run(QUICK, release_brake=True).success
    assert stock_objections(synced.sandbox.shop, synced.sandbox.jtl) == []
    assert [(row.key, row.state) for row in synced.rows(problems) if row.kind == "stock_brake"] == [("zero", "closed")]


def test_the_first_import_is_no_reason_to_brake_where_the_basis_does_not_subtract_orders(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JTL_STOCK_BASIS", "warehouse")
    monkeypatch.setenv("JTL_WAREHOUSES", "2")
    monkeypatch.setenv("STOCK_BRAKE_MIN_SKUS", "1")
    monkeypatch.setenv("STOCK_BRAKE_RAISE_SHARE", "0")
    sold = shop.by_code("FLASCHE-750-BL")
    order_id = shop.sandbox.shop.place_order([(sold.sku_id, 2)])
    assert shop.run().success
    shown = sold.stock

    add_order(shop.toci, order_id, [("FLASCHE-750-BL", 1)], quantity=2, is_confirmed=True)
    assert shop.run(QUICK).success
    assert sold.stock == shown + 2
    shop.sandbox.jtl.move_stock("FLASCHE-750-BL", 1)
    assert "would be raised" in failure(shop.run(QUICK))


def test_a_temu_that_refuses_the_token_is_red_and_parks_nothing(synced: Shop) -> None:
    synced.sandbox.jtl.sell_out("DECKEL-BL")
    access = synced.sandbox.shop.state.access
    right, access.token = access.token, "another-sandbox-token"
    message = failure(synced.run(QUICK))
    assert "TEMU_ACCESS_TOKEN" in message
    assert right not in message
    assert not [row for row in synced.rows(outbox) if row.state == "parked"]

    access.token = right
    assert synced.run(QUICK).success
    assert synced.by_code("DECKEL-BL").stock == 0


def test_old_targets_are_not_sent_by_pressing_the_last_button_alone(synced: Shop) -> None:
    synced.sandbox.jtl.sell_out("DECKEL-BL")
    assert synced.run((temu_inventory,)).success
    assert "calculated at" in failure(synced.run((stock_deltas,), hours_later=7))
    assert synced.edits() == {}


@pytest.mark.parametrize("basis", ["warehouse", "warehouse_minus_orders"])
def test_the_warehouse_bases_count_the_chosen_warehouses_only(shop: Shop, monkeypatch: pytest.MonkeyPatch, basis: str) -> None:
    monkeypatch.setenv("JTL_STOCK_BASIS", basis)
    monkeypatch.setenv("JTL_WAREHOUSES", "2")
    assert shop.run((*LISTING, temu_inventory)).success
    (row,) = [row for row in shop.rows(targets) if row.sku == "PULLOVER-M"]
    assert row.reason.startswith(f"{Decimal(row.reason.split()[0])} in the warehouse")


def test_a_warehouse_jtl_does_not_have_is_named_with_the_choice(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JTL_STOCK_BASIS", "warehouse")
    monkeypatch.setenv("JTL_WAREHOUSES", "99")
    assert "2 = Hauptlager" in failure(shop.run((*LISTING, temu_inventory)))
