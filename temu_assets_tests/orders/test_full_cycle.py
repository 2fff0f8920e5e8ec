"""All five order stages on a seeded shop: what a good day looks like, and what a quiet one costs."""

from __future__ import annotations

from temu_assets.sandbox.book_orders import has_to_be_in_jtl, known_articles, order_objections
from temu_assets.sandbox.book_parcels import parcel_objections
from temu_assets.toci.tables import metadata, raw_snapshots, sync_state
from temu_assets_tests.seller import ADDRESS, AMOUNTS, CONFIRM, DECRYPTED, DETAILS, LIST, Seller, failed_checks, metadata_of

CHANGES_WITH_EVERY_RUN = {"raw_snapshots", "sync_state", "leases", "problems"}


def everything(seller: Seller) -> dict[str, object]:
    """All we store; of a problem not when it was last seen, which every run is."""
    tables: dict[str, object] = {name: seller.rows(table) for name, table in metadata.tables.items() if name not in CHANGES_WITH_EVERY_RUN}
    return tables | {"problems": seller.problems()}


def test_every_shippable_order_is_in_jtl_once_and_every_held_one_says_why(seller: Seller) -> None:
    """Faults 1 and 8: more than a page of orders, at no more calls than needed."""
    shop, jtl = seller.sandbox.shop, seller.sandbox.jtl
    result = seller.run(checks=True)
    assert result.success
    calls = seller.calls()
    jtl.run_worker()

    assert order_objections(shop, jtl) == []
    assert len(shop.state.orders) > 100
    assert calls[LIST] == 2
    articles = known_articles(jtl)
    expected = {order.parent_sn for order in shop.state.orders.values() if has_to_be_in_jtl(order, articles)}
    exported = {row[0] for row in jtl.rows("SELECT cExterneAuftragsnummer FROM tAuftrag WHERE cExterneAuftragsnummer LIKE 'PO-%'")}
    assert exported >= expected
    held = {order_id: reason for order_id, reason in seller.holds().items() if order_id not in exported}
    named = {name: held.get(order_id, "in JTL") for name, order_id in shop.named.items()}
    assert {name: reason for name, reason in named.items() if reason != "in JTL"} == {
        "address_change": "address_change_requested",
        "address_too_long": "address_too_long",
        "cancelled": "cancelled",
        "cash_on_delivery": "cash_on_delivery",
        "delivered": "not_to_import",
        "no_code": "missing_sku",
        "missing_ext_code": "missing_sku",
        "partly_shipped": "not_to_import",
        "pending": "pending",
        "pending_cancellation": "cancellation_requested",
        "pending_two_pieces": "pending",
        "risk_alert": "risk_alert",
        "shipped": "not_to_import",
        "unknown_article": "unknown_article",
        "unknown_country": "unknown_country",
    }
    assert all(held.values())
    told = metadata_of(result, "jtl_order_xml")
    assert sum(told["held_by_reason"].values()) == told["held"]
    assert failed_checks(result) == {"no_open_order_waits_for_a_person"}
    # An address and the prices for each order that became shippable, and the masked one once more in clear.
    assert calls[ADDRESS] == calls[AMOUNTS] <= len(exported) + len(held)
    assert calls[DECRYPTED] == 1
    assert max(_details_by_order(seller).values(), default=0) == 0


def _details_by_order(seller: Seller) -> dict[str, int]:
    found: dict[str, int] = {}
    for entry in seller.sandbox.server.journal.entries():
        if entry.endpoint in DETAILS:
            order_id = str(entry.params["parentOrderSn"])
            found[order_id] = found.get(order_id, 0) + 1
    return found


def test_a_new_order_costs_two_calls_and_a_masked_one_three(seller: Seller) -> None:
    seller.run()
    by_order = _details_by_order(seller)
    masked = seller.sandbox.shop.named["masked_address"]
    assert by_order.pop(masked) == 3
    assert set(by_order.values()) == {2}


def test_a_run_with_nothing_new_reads_the_list_and_changes_nothing(seller: Seller) -> None:
    seller.run_through()
    seller.run()
    before, marks = everything(seller), seller.rows(sync_state)
    seller.calls()

    assert seller.run().success

    assert seller.calls().keys() == {LIST}
    assert everything(seller) == before
    assert all(new.value >= old.value for new, old in zip(seller.rows(sync_state), marks, strict=True))
    assert all(row.ingested_at for row in seller.rows(raw_snapshots))


def test_what_jtl_ships_is_confirmed_at_temu_once_with_the_right_lines(seller: Seller) -> None:
    """Faults 12 and 14: all parcels, each once."""
    shop, jtl = seller.sandbox.shop, seller.sandbox.jtl
    seller.run_through()
    jtl.ship_all_open(seed=3)
    seller.calls()

    result = seller.run()

    assert result.success
    assert parcel_objections(shop, jtl) == []
    told = metadata_of(result, "tracking_upload")
    assert told["confirmed"] > 50
    assert told["waiting"] == told["parked"] == 0
    assert seller.calls()[CONFIRM] <= told["confirmed"]
    assert seller.run("temu_tracking_sync").success
    assert seller.calls() == {}
