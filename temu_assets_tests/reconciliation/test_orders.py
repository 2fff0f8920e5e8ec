"""Orders that are lost, outdated, deleted, cancelled, doubled, foreign or different: each is named, and closes once it is repaired."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from temu_assets.reconciliation.kinds import Kind
from temu_assets.temu.orders import OrderApi
from temu_assets.temu.paging import RawPage
from temu_assets.toci import problems
from temu_assets.toci.kinds import DOUBLE, NOT_TAKEN
from temu_assets.toci.problems import ProblemState
from temu_assets.toci.tables import temu_order_items, temu_orders
from temu_assets_tests.reconciliation.comparing import (
    change_jtl,
    change_ours,
    compare,
    differences,
    in_jtl_for_days,
    lose_ours,
    the_difference,
    xml_of,
)
from temu_assets_tests.seller import WITHOUT_CHECKS, Seller, failure, metadata_of

FOREIGN = "PO-076-99999999999999999"


def test_an_order_that_is_not_in_our_tables_is_lost_until_it_is_listed_again(new_seller: Seller) -> None:
    kept = in_jtl_for_days(new_seller)
    order = in_jtl_for_days(new_seller, ("FLASCHE-750-BL", 2))
    lose_ours(new_seller, temu_order_items, order)
    lose_ours(new_seller, temu_orders, order)

    reason = the_difference(new_seller, Kind.ORDER_LOST, order)
    assert order in reason
    assert "to ship" in reason

    assert new_seller.run(days_back=7, backfill=True).success
    assert {kept, order} == new_seller.holds().keys()
    assert compare(new_seller) == {}
    assert new_seller.in_jtl(order) == 1


def test_an_order_older_than_the_days_compared_stays_lost(new_seller: Seller) -> None:
    """What is gone closes itself; what is only out of sight does not."""
    in_jtl_for_days(new_seller)
    order = in_jtl_for_days(new_seller)
    lose_ours(new_seller, temu_order_items, order)
    lose_ours(new_seller, temu_orders, order)
    the_difference(new_seller, Kind.ORDER_LOST, order)
    new_seller.later += timedelta(days=30)
    assert (Kind.ORDER_LOST, order) in compare(new_seller)


def test_what_temu_lists_since_the_last_sync_is_not_lost_yet(new_seller: Seller) -> None:
    in_jtl_for_days(new_seller)
    new_seller.place()
    assert compare(new_seller) == {}


def test_an_order_that_was_shipped_before_this_program_began_is_not_missed(new_seller: Seller) -> None:
    old = new_seller.place()
    new_seller.at_temu(old).status = 4
    new_seller.at_temu(old).updated_at -= 20 * 86_400
    new_seller.at_temu(old).created_at -= 20 * 86_400
    in_jtl_for_days(new_seller)
    config: dict[str, object] = {"ops": {"reconciliation": {"config": {"days_back": 30}}}}
    assert _run_with(new_seller, config) == {}


def test_an_old_order_that_has_still_to_be_shipped_is_lost_however_old(new_seller: Seller) -> None:
    old = new_seller.place()
    new_seller.at_temu(old).updated_at -= 20 * 86_400
    in_jtl_for_days(new_seller)
    config: dict[str, object] = {"ops": {"reconciliation": {"config": {"days_back": 30}}}}
    assert _run_with(new_seller, config).keys() == {(Kind.ORDER_LOST, old)}


def _run_with(seller: Seller, config: Mapping[str, object]) -> dict[tuple[str, str], str]:
    job = WITHOUT_CHECKS.resolve_job_def("reconcile")
    assert job.execute_in_process(instance=seller.instance, run_config=config).success
    return differences(seller)


@pytest.mark.parametrize(
    ("values", "item_values", "told"),
    [
        ({"status": 3}, {}, "to ship at TEMU, cancelled here"),
        ({}, {"quantity": 5, "original_quantity": 5}, "has 2 pieces at TEMU, 5 pieces here"),
    ],
)
def test_a_change_that_was_passed_over_is_named(
    new_seller: Seller, values: dict[str, object], item_values: dict[str, object], told: str
) -> None:
    order = in_jtl_for_days(new_seller, ("FLASCHE-750-BL", 2))
    if values:
        change_ours(new_seller, temu_orders, order, **values)
    if item_values:
        change_ours(new_seller, temu_order_items, order, **item_values)

    assert told in compare(new_seller)[Kind.ORDER_OUTDATED, order]

    assert new_seller.run(days_back=7, backfill=True).success
    assert compare(new_seller) == {}


def test_an_order_cancelled_a_minute_ago_is_no_difference(new_seller: Seller) -> None:
    """Neither at TEMU, nor in JTL where somebody has cancelled it as well."""
    order = in_jtl_for_days(new_seller)
    new_seller.sandbox.shop.cancel_order(order)
    assert compare(new_seller) == {}
    new_seller.sandbox.jtl.cancel(order)
    assert compare(new_seller) == {}


def test_an_order_deleted_in_jtl_is_missed_until_it_is_entered_again(new_seller: Seller) -> None:
    """The orders run does not look at it any more: it was confirmed."""
    order = in_jtl_for_days(new_seller)
    number = new_seller.row(order).jtl_order_number
    new_seller.sandbox.jtl.delete(order)
    assert new_seller.run().success
    assert new_seller.problems() == {}

    reason = the_difference(new_seller, Kind.ORDER_NOT_IN_JTL, order)
    assert str(number) in reason
    assert "deleted" in reason

    new_seller.sandbox.jtl.hand_over(xml_of(new_seller, order))
    the_difference(new_seller, Kind.ORDER_NOT_IN_JTL, order)
    new_seller.sandbox.jtl.run_worker()
    assert compare(new_seller) == {}


def test_an_order_that_never_appeared_is_told_once(new_seller: Seller) -> None:
    """By the orders run where it runs, else by the comparison."""
    order = new_seller.place()
    assert new_seller.run().success
    change_jtl(new_seller, "DELETE FROM tXMLBestellImport")
    assert compare(new_seller) == {}
    new_seller.later = timedelta(hours=3)

    assert "neither waits" in the_difference(new_seller, Kind.ORDER_NOT_IN_JTL, order)

    assert new_seller.run().success
    assert (NOT_TAKEN, order) in new_seller.problems()
    assert compare(new_seller) == {}


def test_an_order_that_is_ready_and_was_passed_over_is_named_after_a_day(new_seller: Seller) -> None:
    new_seller.sandbox.jtl.go_away()
    order = new_seller.place()
    assert not new_seller.run().success
    new_seller.sandbox.jtl.come_back()
    new_seller.later = timedelta(hours=25)
    assert compare(new_seller) == {}
    new_seller.later = timedelta(hours=27)

    assert "nothing holds it" in the_difference(new_seller, Kind.ORDER_NOT_IN_JTL, order)

    assert new_seller.run().success
    assert compare(new_seller) == {}


def test_an_order_cancelled_in_jtl_and_open_at_temu_is_named(new_seller: Seller) -> None:
    order = in_jtl_for_days(new_seller)
    new_seller.sandbox.jtl.cancel(order)

    assert "TEMU wants it shipped" in the_difference(new_seller, Kind.ORDER_CANCELLED_IN_JTL, order)

    new_seller.sandbox.shop.request_cancellation(order)
    assert compare(new_seller) == {}
    new_seller.sandbox.shop.cancel_order(order)
    assert compare(new_seller) == {}


def test_an_order_doubled_long_after_it_was_taken_is_named_until_one_is_cancelled(new_seller: Seller) -> None:
    order = in_jtl_for_days(new_seller)
    new_seller.sandbox.jtl.hand_over(xml_of(new_seller, order))
    new_seller.sandbox.jtl.run_worker()
    assert new_seller.run().success
    assert new_seller.problems() == {}

    assert "more than once" in the_difference(new_seller, DOUBLE, order)

    assert new_seller.run().success
    assert new_seller.problems().keys() == {(DOUBLE, order)}
    new_seller.sandbox.jtl.cancel(order)
    assert compare(new_seller) == {}


@pytest.mark.parametrize("is_taken", [False, True])
def test_an_order_nobody_placed_is_named(new_seller: Seller, is_taken: bool) -> None:
    order = in_jtl_for_days(new_seller)
    new_seller.sandbox.jtl.hand_over(xml_of(new_seller, order).replace(order, FOREIGN))
    if is_taken:
        new_seller.sandbox.jtl.run_worker()

    reason = the_difference(new_seller, Kind.ORDER_NOT_AT_TEMU, FOREIGN)
    assert ("JTL has it as" if is_taken else "waits in JTL's import table") in reason

    new_seller.sandbox.jtl.run_worker()
    new_seller.sandbox.jtl.cancel(FOREIGN)
    assert compare(new_seller) == {}


@pytest.mark.parametrize("lacks", ["an order it counts", "the number of one"])
def test_an_order_is_not_called_nobodys_when_temus_answer_leaves_it_open(
    new_seller: Seller, monkeypatch: pytest.MonkeyPatch, lacks: str
) -> None:
    order = in_jtl_for_days(new_seller)
    new_seller.sandbox.jtl.hand_over(xml_of(new_seller, order).replace(order, FOREIGN))
    genuine = OrderApi.list_page

    def short(self: OrderApi, **asked: Any) -> RawPage:
        page = genuine(self, **asked)
        if not asked.get("order_ids"):
            return page
        return replace(page, total=1) if lacks == "an order it counts" else replace(page, items=({"parentOrderMap": {}},), total=1)

    with monkeypatch.context() as patched:
        patched.setattr(OrderApi, "list_page", short)
        result = new_seller.run("reconcile")
    assert not result.success
    assert "not about these orders alone or not whole" in failure(result)
    assert differences(new_seller) == {}


def test_an_order_that_waits_again_after_jtl_took_it_is_named_before_it_becomes_two(new_seller: Seller) -> None:
    order = in_jtl_for_days(new_seller)
    new_seller.sandbox.jtl.pause_worker()
    new_seller.sandbox.jtl.hand_over(xml_of(new_seller, order))
    new_seller.later += timedelta(days=1)
    assert "will make a second order" in the_difference(new_seller, Kind.IMPORT_ROW_UNREAD, order)


def test_orders_of_other_channels_and_numbers_of_another_shape_are_nobodys_business(new_seller: Seller) -> None:
    order = in_jtl_for_days(new_seller)
    for number in ("PO-4711", "99-12345-00001", "po bestellung"):
        new_seller.sandbox.jtl.hand_over(xml_of(new_seller, order).replace(order, number))
    new_seller.sandbox.jtl.run_worker()
    assert compare(new_seller) == {}


def test_an_order_older_than_our_tables_that_jtl_has_is_known_to_temu(new_seller: Seller) -> None:
    """It is asked for by number: the predecessor's, or one that was listed too long ago."""
    old = new_seller.place()
    new_seller.at_temu(old).status = 4
    new_seller.at_temu(old).updated_at -= 60 * 86_400
    order = in_jtl_for_days(new_seller)
    new_seller.sandbox.jtl.hand_over(xml_of(new_seller, order).replace(order, old))
    new_seller.sandbox.jtl.run_worker()
    assert compare(new_seller) == {}


def _change_position(seller: Seller, order: str, change: str, kind: int = 1) -> None:
    where = "WHERE nType = ? AND kAuftrag = (SELECT kAuftrag FROM tAuftrag WHERE cExterneAuftragsnummer = ?)"
    change_jtl(seller, f"UPDATE tAuftragPosition SET {change} {where}", kind, order)


def test_pieces_that_are_not_temus_are_named_with_both_sums(new_seller: Seller) -> None:
    order = in_jtl_for_days(new_seller, ("FLASCHE-750-BL", 2))
    _change_position(new_seller, order, "fAnzahl = 2 * fAnzahl")

    reason = the_difference(new_seller, Kind.ORDER_DIFFERS, order)
    assert "'FLASCHE-750-BL' 2 at TEMU, 4 in JTL; 39.00 EUR at TEMU, 75.01 EUR in JTL" in reason

    _change_position(new_seller, order, "fAnzahl = fAnzahl / 2")
    assert compare(new_seller) == {}


@pytest.mark.parametrize(
    ("change", "kind"),
    [("fVkNetto = fVkNetto + 0.5", 1), ("fRabatt = 10", 1), ("fMwSt = 7", 1), ("fVkNetto = 0", 2), ("fVkNetto = fVkNetto + 0.01", 2)],
    ids=["another price", "a discount", "another rate", "no shipping", "a cent of shipping"],
)
def test_another_sum_is_named_and_closes_when_it_is_right_again(new_seller: Seller, change: str, kind: int) -> None:
    order = in_jtl_for_days(new_seller, ("FLASCHE-750-BL", 2))
    before = new_seller.sandbox.jtl.rows("SELECT kAuftragPosition, fVkNetto, fRabatt, fMwSt FROM tAuftragPosition WHERE nType = ?", (kind,))
    _change_position(new_seller, order, change, kind)

    reason = the_difference(new_seller, Kind.ORDER_DIFFERS, order)
    assert "EUR" in reason
    assert "FLASCHE" not in reason

    for row in before:
        change_jtl(
            new_seller,
            "UPDATE tAuftragPosition SET fVkNetto = ?, fRabatt = ?, fMwSt = ? WHERE kAuftragPosition = ?",
            row[1],
            row[2],
            row[3],
            row[0],
        )
    assert compare(new_seller) == {}


def test_what_temu_cut_after_export_is_told_once_and_not_here(new_seller: Seller) -> None:
    """With JTL as it was, and once somebody has lowered the quantity there."""
    order = in_jtl_for_days(new_seller, ("FLASCHE-750-BL", 3))
    line = new_seller.at_temu(order).lines[0]
    new_seller.sandbox.shop.cancel_line(order, line.order_sn, 2)
    assert compare(new_seller) == {}
    assert new_seller.run().success
    assert new_seller.problems().keys() == {("changed_after_export", order)}
    assert compare(new_seller) == {}
    _change_position(new_seller, order, "fAnzahl = fAnzahl / 2.0")
    assert compare(new_seller) == {}
    _change_position(new_seller, order, "fAnzahl = 0")
    assert "in JTL" in the_difference(new_seller, Kind.ORDER_DIFFERS, order)


def test_sets_multiples_and_bundles_are_compared_as_they_are_sold(new_seller: Seller) -> None:
    order = in_jtl_for_days(new_seller, ("SET-KUECHE", 2), ("KREIDE-24-BL-3ER", 2), ("PICKNICK-BUENDEL", 3))
    one = "SELECT MAX(kAuftragPosition) FROM tAuftragPosition WHERE cArtNr = 'KREIDE-24-BL'"
    change_jtl(new_seller, f"UPDATE tAuftragPosition SET fAnzahl = fAnzahl - 1 WHERE kAuftragPosition = ({one})")
    assert "'KREIDE-24-BL' 6 at TEMU, 5 in JTL" in the_difference(new_seller, Kind.ORDER_DIFFERS, order)


def test_a_gift_is_no_difference_and_an_article_somebody_pays_for_is_one(new_seller: Seller) -> None:
    order = in_jtl_for_days(new_seller)
    insert = (
        "INSERT INTO tAuftragPosition (kAuftrag, kArtikel, cArtNr, cName, fAnzahl, fVkNetto, fMwSt, nType, nSort)"
        " SELECT a.kAuftrag, r.kArtikel, r.cArtNr, r.cArtNr, 1, ?, 19, 1, 9 FROM tAuftrag AS a, tArtikel AS r"
        " WHERE a.cExterneAuftragsnummer = ? AND r.cArtNr = 'NUR-IN-JTL'"
    )
    change_jtl(new_seller, insert, 0, order)
    assert compare(new_seller) == {}
    change_jtl(new_seller, insert, 5, order)
    assert "'NUR-IN-JTL'" in the_difference(new_seller, Kind.ORDER_DIFFERS, order)


def test_a_difference_marked_handled_stays_handled(new_seller: Seller) -> None:
    order = in_jtl_for_days(new_seller, ("FLASCHE-750-BL", 2))
    _change_position(new_seller, order, "fAnzahl = 3")
    the_difference(new_seller, Kind.ORDER_DIFFERS, order)
    with new_seller.toci.engine.begin() as connection:
        problems.mark(connection, new_seller.toci.shop, Kind.ORDER_DIFFERS, [order], ProblemState.HANDLED)
    new_seller.later += timedelta(days=1)
    assert compare(new_seller) == {}
    _change_position(new_seller, order, "fAnzahl = 4")
    the_difference(new_seller, Kind.ORDER_DIFFERS, order)


def test_an_order_jtl_does_not_read_is_told_by_whoever_sees_it_first(new_seller: Seller) -> None:
    new_seller.sandbox.jtl.pause_worker()
    order = new_seller.place()
    assert new_seller.run().success
    new_seller.later = timedelta(hours=23)
    assert compare(new_seller) == {}
    new_seller.later = timedelta(hours=25)

    reason = the_difference(new_seller, Kind.IMPORT_ROW_UNREAD, order)
    assert "row 1" in reason
    told = metadata_of(new_seller.run("reconcile"), "reconciliation")
    assert told["import_rows_waiting"] == 1
    assert told["oldest_import_row_minutes"] >= 24 * 60

    assert new_seller.run().success
    assert (NOT_TAKEN, order) in new_seller.problems()
    assert compare(new_seller) == {}
    new_seller.sandbox.jtl.resume_worker()
    new_seller.sandbox.jtl.run_worker()
    assert new_seller.run().success
    assert compare(new_seller) == {}
    assert new_seller.problems() == {}


def test_an_order_temu_cancelled_while_it_waits_for_jtl_is_told_too(new_seller: Seller) -> None:
    """The orders run says nothing of it, because nobody must enter it by hand."""
    new_seller.sandbox.jtl.pause_worker()
    order = new_seller.place()
    assert new_seller.run().success
    new_seller.sandbox.shop.cancel_order(order)
    assert new_seller.run().success
    new_seller.later = timedelta(hours=25)
    assert new_seller.run().success
    assert "TEMU has cancelled it" in the_difference(new_seller, Kind.IMPORT_ROW_UNREAD, order)
    change_jtl(new_seller, "DELETE FROM tXMLBestellImport")
    assert compare(new_seller) == {}


def test_an_order_that_waits_twice_is_named_before_it_becomes_two(new_seller: Seller) -> None:
    new_seller.sandbox.jtl.pause_worker()
    order = new_seller.place()
    assert new_seller.run().success
    new_seller.sandbox.jtl.hand_over(xml_of(new_seller, order))

    assert "rows 1, 2" in the_difference(new_seller, Kind.IMPORT_ROW_UNREAD, order)

    change_jtl(new_seller, "DELETE FROM tXMLBestellImport WHERE kXMLBestellImport = 2")
    assert compare(new_seller) == {}
