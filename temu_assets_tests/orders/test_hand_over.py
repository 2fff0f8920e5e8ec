"""From our tables to JTL: each order once, whatever dies in between."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete, insert

from temu_assets.jtl import orders as jtl_orders
from temu_assets.orders.handing_over import HandingOver, ImportTable
from temu_assets.sandbox.book_orders import order_objections
from temu_assets.toci.outbox import Effect, State
from temu_assets.toci.tables import metadata, temu_order_items, temu_products
from temu_assets_tests.seller import Seller, failed_checks, failure, metadata_of


class DiedError(Exception):
    """The process is gone."""


def states(seller: Seller) -> dict[str, State]:
    return {key: entry.state for key, entry in seller.outbox(Effect.JTL_ORDER).items()}


def agrees(seller: Seller) -> bool:
    seller.sandbox.jtl.run_worker()
    return order_objections(seller.sandbox.shop, seller.sandbox.jtl) == []


def test_an_order_goes_from_sending_to_done_with_jtls_row_as_evidence_and_jtls_number_as_proof(new_seller: Seller) -> None:
    order = new_seller.place()
    result = new_seller.run()
    entry = new_seller.outbox(Effect.JTL_ORDER)[order]
    assert (entry.state, entry.attempts) == (State.DONE, 1)
    assert entry.evidence is not None
    assert entry.evidence.endswith("of tXMLBestellImport")
    assert metadata_of(result, "jtl_order_xml")["waiting_for_jtl"] == 1
    assert new_seller.row(order).jtl_order_number is None

    new_seller.sandbox.jtl.run_worker()
    result = new_seller.run()
    assert metadata_of(result, "jtl_order_xml")["confirmed_by_jtl"] == 1
    (number,) = new_seller.sandbox.jtl.rows("SELECT cAuftragsNr FROM tAuftrag WHERE cExterneAuftragsnummer = ?", (order,))
    assert new_seller.row(order).jtl_order_number == number[0]


def _before_the_insert(monkeypatch: pytest.MonkeyPatch) -> None:
    def deliver(self: ImportTable, xml_by_order: Mapping[str, str], may_go_on: Callable[[], None]) -> dict[str, str]:
        raise DiedError

    monkeypatch.setattr(ImportTable, "deliver", deliver)


def _after_the_insert(monkeypatch: pytest.MonkeyPatch) -> None:
    genuine = ImportTable.deliver

    def deliver(self: ImportTable, xml_by_order: Mapping[str, str], may_go_on: Callable[[], None]) -> dict[str, str]:
        genuine(self, xml_by_order, may_go_on)
        raise DiedError

    monkeypatch.setattr(ImportTable, "deliver", deliver)


def _before_done(monkeypatch: pytest.MonkeyPatch) -> None:
    genuine = HandingOver._record

    def record(self: HandingOver, connection: object, entries: object, exported: list[str]) -> None:
        if exported:
            raise DiedError
        genuine(self, connection, entries, exported)  # type: ignore[arg-type]  # passed on as they came

    monkeypatch.setattr(HandingOver, "_record", record)


@pytest.mark.parametrize("is_taken", [False, True], ids=["row waits", "jtl took it"])
@pytest.mark.parametrize("crash", [_before_the_insert, _after_the_insert, _before_done])
def test_a_run_that_dies_while_handing_over_neither_doubles_nor_loses_an_order(
    new_seller: Seller, monkeypatch: pytest.MonkeyPatch, crash: object, is_taken: bool
) -> None:
    """Faults 5 and 6: what is unclear is looked up in JTL before anything is sent again."""
    orders = [new_seller.place() for _ in range(3)]
    with monkeypatch.context() as patched:
        crash(patched)  # type: ignore[operator]  # one of the three above
        assert not new_seller.run().success
    assert set(states(new_seller).values()) == {State.SENDING}
    if is_taken:
        new_seller.sandbox.jtl.run_worker()

    assert new_seller.run().success

    assert set(states(new_seller).values()) == {State.DONE}
    assert agrees(new_seller)
    assert [new_seller.in_jtl(order) for order in orders] == [1, 1, 1]


def test_what_changes_between_a_crash_and_the_clearing_up_is_noticed(new_seller: Seller, monkeypatch: pytest.MonkeyPatch) -> None:
    """Fault 19: JTL got the pieces and the address of before the crash."""
    cut, moved = new_seller.place(("FLASCHE-750-BL", 3)), new_seller.place()
    with monkeypatch.context() as patched:
        _after_the_insert(patched)
        assert not new_seller.run().success
    shop = new_seller.sandbox.shop
    shop.cancel_line(cut, shop.order(cut).lines[0].order_sn, 2)
    shop.change_address(moved, street="Neue Straße 5")

    assert new_seller.run().success

    reasons = {key: reason for (kind, key), reason in new_seller.problems().items() if kind == "changed_after_export"}
    assert reasons.keys() == {cut, moved}
    assert "Pieces" in reasons[cut]
    assert "address" in reasons[moved]


def test_an_empty_database_beside_a_full_jtl_doubles_nothing(seller: Seller) -> None:
    """Fault 6: after a restored backup, or a change of tools, JTL is asked first."""
    seller.run_through()
    before = len(seller.sandbox.jtl.rows("SELECT 1 FROM tAuftrag"))
    with seller.toci.engine.begin() as connection:
        for table in metadata.tables.values():
            connection.execute(delete(table))

    result = seller.run()

    assert result.success
    assert metadata_of(result, "jtl_order_xml")["exported"] == 0
    assert metadata_of(result, "jtl_order_xml")["found_in_jtl_already"] > 50
    assert seller.waiting_rows() == 0
    assert len(seller.sandbox.jtl.rows("SELECT 1 FROM tAuftrag")) == before


def test_a_held_order_a_person_entered_in_jtl_is_taken_as_handed_over(new_seller: Seller) -> None:
    order = new_seller.place(("NICHT-IN-JTL", 1))
    assert new_seller.run().success
    assert new_seller.holds() == {order: "unknown_article"}
    with new_seller.sandbox.jtl.transaction() as jtl:
        jtl.execute(
            "INSERT INTO tAuftrag (kKunde, cAuftragsNr, nType, dErstellt, cWaehrung, cExterneAuftragsnummer)"
            " VALUES (1, 'AU-by-hand', 1, '2026-02-01 10:00:00', 'EUR', ?)",
            (order,),
        )
    assert new_seller.run().success
    assert new_seller.run().success
    assert new_seller.holds() == {order: None}
    assert new_seller.row(order).jtl_order_number == "AU-by-hand"
    assert new_seller.waiting_rows() == 0


def test_two_orders_with_one_number_in_jtl_are_a_problem_until_one_is_cancelled(new_seller: Seller) -> None:
    order = new_seller.place()
    assert new_seller.run().success
    (xml,) = new_seller.sandbox.jtl.rows("SELECT cText FROM tXMLBestellImport")
    new_seller.sandbox.jtl.hand_over(xml[0])
    new_seller.sandbox.jtl.run_worker()

    result = new_seller.run(checks=True)
    assert failed_checks(result) == {"jtl_has_every_order_once"}
    assert new_seller.problems().keys() == {("double_in_jtl", order)}
    assert new_seller.run().success
    assert new_seller.problems().keys() == {("double_in_jtl", order)}

    new_seller.sandbox.jtl.cancel(order)
    assert new_seller.run().success
    assert new_seller.problems() == {}


def test_an_order_jtl_does_not_take_in_time_is_a_problem_until_it_does(new_seller: Seller) -> None:
    """Fault 18: what JTL's worker leaves lying is seen, and never sent twice."""
    order = new_seller.place()
    assert new_seller.run().success
    new_seller.later = timedelta(hours=23)
    assert failed_checks(new_seller.run(checks=True)) == set()
    new_seller.later = timedelta(hours=25)
    assert failed_checks(new_seller.run(checks=True)) == {"jtl_takes_every_order"}
    assert "still waits (row" in new_seller.problems()["not_taken_by_jtl", order]
    assert new_seller.waiting_rows() == 1

    new_seller.sandbox.jtl.run_worker()
    assert new_seller.run().success
    assert new_seller.problems() == {}
    assert new_seller.in_jtl(order) == 1


def test_an_order_jtl_took_and_does_not_have_is_a_problem_and_is_not_sent_again(new_seller: Seller) -> None:
    """Fault 18."""
    order = new_seller.place()
    assert new_seller.run().success
    with new_seller.sandbox.jtl.transaction() as jtl:
        jtl.execute("DELETE FROM tXMLBestellImport")
    new_seller.later = timedelta(minutes=31)
    assert new_seller.run().success
    assert "neither waits for JTL any more" in new_seller.problems()["not_taken_by_jtl", order]
    assert new_seller.waiting_rows() == 0


def test_by_file_an_order_is_one_file_and_one_copy_in_the_archive(new_seller: Seller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JTL_ORDER_DELIVERY", "file")
    order = new_seller.place()
    assert new_seller.run().success
    assert new_seller.waiting_rows() == 0
    file = new_seller.data / "temu" / "xml" / f"{order}.xml"
    copies = list((new_seller.data / "temu" / "export").rglob("*.xml"))
    assert [copy.read_bytes() for copy in copies] == [file.read_bytes()]
    assert [copy.parent.parent.parent for copy in copies] == [new_seller.data / "temu" / "export"]
    assert list(file.parent.iterdir()) == [file]

    assert new_seller.run().success
    new_seller.sandbox.jtl.hand_over(file.read_text())
    file.unlink()
    new_seller.sandbox.jtl.run_worker()
    assert new_seller.run().success
    assert new_seller.row(order).jtl_confirmed_at is not None
    assert list(file.parent.iterdir()) == []
    assert agrees(new_seller)


def test_by_database_nothing_lies_where_files_are_imported_from(new_seller: Seller) -> None:
    new_seller.place()
    assert new_seller.run().success
    assert not (new_seller.data / "temu" / "xml").exists()
    assert len(list((new_seller.data / "temu" / "export").rglob("*.xml"))) == 1


def test_an_order_without_lines_never_goes(new_seller: Seller) -> None:
    """Fault 22: twelve orders once went out with no lines."""
    order = new_seller.place()
    new_seller.fault("set_field", "bg.order.list.v2.get", path="pageItems.0.orderList", value=[])
    assert new_seller.run().success
    assert new_seller.waiting_rows() == 0
    assert new_seller.holds() == {order: "no_line_left"}
    assert new_seller.run().success
    assert agrees(new_seller)


def test_lines_are_ours_before_jtl_gets_the_order(new_seller: Seller, monkeypatch: pytest.MonkeyPatch) -> None:
    """Fault 22."""
    order = new_seller.place(("FLASCHE-750-BL", 1), ("DECKEL-SW", 2))
    seen: list[int] = []
    genuine = jtl_orders.hand_over

    def hand_over(*args: object, **details: object) -> dict[str, str]:
        seen.append(len(new_seller.rows(temu_order_items)))
        return genuine(*args, **details)  # type: ignore[arg-type]  # passed on as they came

    monkeypatch.setattr(jtl_orders, "hand_over", hand_over)
    assert new_seller.run().success
    assert seen == [2]
    assert agrees(new_seller)
    assert new_seller.pieces_in_jtl(order) == {"FLASCHE-750-BL": 1, "DECKEL-SW": 2}


def test_an_order_with_an_unknown_article_is_held_until_jtl_has_it(new_seller: Seller) -> None:
    order = new_seller.place(("NICHT-IN-JTL", 1))
    assert new_seller.run().success
    assert new_seller.holds() == {order: "unknown_article"}
    with new_seller.sandbox.jtl.transaction() as jtl:
        jtl.execute("INSERT INTO tArtikel (cArtNr) VALUES ('nicht-in-jtl')")
    new_seller.calls()
    assert new_seller.run().success
    assert new_seller.holds() == {order: None}
    assert new_seller.calls().keys() == {"bg.order.list.v2.get"}
    new_seller.sandbox.jtl.run_worker()
    assert new_seller.in_jtl(order) == 1


def test_an_unknown_article_is_handed_over_where_the_seller_wants_that(new_seller: Seller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JTL_UNKNOWN_ARTICLE", "export")
    new_seller.place(("NICHT-IN-JTL", 1))
    assert new_seller.run().success
    assert new_seller.waiting_rows() == 1


def test_a_missing_article_number_is_taken_from_the_listing(new_seller: Seller) -> None:
    order = new_seller.place(("GIESSKANNE-BL", 1))
    (line,) = new_seller.at_temu(order).lines
    line.products = []
    assert new_seller.run().success
    assert new_seller.holds() == {order: "missing_sku"}
    now = new_seller.now()
    product = {
        "shop": "temu", "sku_id": str(line.sku_id), "goods_id": str(line.goods_id), "sku": "GIESSKANNE-BL", "goods_name": "", "variant": "",
        "is_active": True, "is_listed": True, "listed_stock": 1, "listed_at": now, "first_seen_at": now,
    }  # fmt: skip
    with new_seller.toci.engine.begin() as connection:
        connection.execute(insert(temu_products).values(**product))
    assert new_seller.run().success
    new_seller.sandbox.jtl.run_worker()
    assert new_seller.pieces_in_jtl(order) == {"GIESSKANNE-BL": 1}


@pytest.mark.parametrize(
    ("setting", "value", "named"),
    [
        ("JTL_VERSANDART", "Brieftaube", "shipping method 'Brieftaube' (JTL_VERSANDART)"),
        ("JTL_ZAHLUNGSART", "Muscheln", "payment method 'Muscheln' (JTL_ZAHLUNGSART)"),
    ],
)
def test_a_name_jtl_does_not_have_is_red_before_anything_is_handed_over(
    new_seller: Seller, monkeypatch: pytest.MonkeyPatch, setting: str, value: str, named: str
) -> None:
    """Fault 10."""
    order = new_seller.place()
    with monkeypatch.context() as patched:
        patched.setenv(setting, value)
        message = failure(new_seller.run())
    assert named in message
    assert "create it in JTL" in message
    assert new_seller.waiting_rows() == 0
    assert new_seller.run().success
    assert agrees(new_seller)
    assert new_seller.in_jtl(order) == 1


def test_jtl_that_is_away_is_red_and_costs_nothing(new_seller: Seller, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Faults 9 and 10."""
    new_seller.place()
    with monkeypatch.context() as patched:
        patched.setenv("JTL_DATABASE_URL", f"sqlite:///{tmp_path / 'gone.db'}")
        message = failure(new_seller.run())
    assert "JTL_DATABASE_URL names the file" in message
    assert not (tmp_path / "gone.db").exists()
    assert states(new_seller) == {}
    assert new_seller.run().success
    assert agrees(new_seller)


def refuse_in_jtl(seller: Seller, *order_ids: str) -> None:
    """JTL's import table refuses these orders; without any, every one."""
    condition = " OR ".join(f"new.cText LIKE '%{order_id}<%'" for order_id in order_ids) or "1"
    with seller.sandbox.jtl.transaction() as jtl:
        jtl.execute(f"CREATE TRIGGER refuse BEFORE INSERT ON tXMLBestellImport WHEN {condition} BEGIN SELECT RAISE(ABORT, 'no'); END")


def test_an_order_jtl_refuses_is_parked_by_name_and_the_others_go(new_seller: Seller) -> None:
    """Fault 14."""
    orders = [new_seller.place() for _ in range(4)]
    refuse_in_jtl(new_seller, orders[1])
    result = new_seller.run()
    assert result.success
    told = metadata_of(result, "jtl_order_xml")
    assert (told["exported"], told["parked"]) == (3, 1)
    assert states(new_seller) == dict.fromkeys(orders, State.DONE) | {orders[1]: State.PARKED}
    (((_, key), reason),) = new_seller.problems().items()
    assert key == orders[1]
    assert reason.startswith(f"JTL's import table refused {orders[1]} (")

    with new_seller.sandbox.jtl.transaction() as jtl:
        jtl.execute("DROP TRIGGER refuse")
    assert new_seller.run().success
    assert new_seller.problems() == {}
    assert agrees(new_seller)


def test_a_run_of_which_jtl_takes_not_one_order_is_red(new_seller: Seller) -> None:
    """Fault 5: a green run that did nothing."""
    orders = [new_seller.place() for _ in range(3)]
    refuse_in_jtl(new_seller)
    told = failure(new_seller.run())
    assert told.startswith("JTL took none of 3 orders; none was lost")
    assert states(new_seller) == dict.fromkeys(orders, State.PARKED)
    assert {key for _, key in new_seller.problems()} == set(orders)

    with new_seller.sandbox.jtl.transaction() as jtl:
        jtl.execute("DROP TRIGGER refuse")
    assert new_seller.run().success
    assert new_seller.problems() == {}
    assert agrees(new_seller)


@pytest.mark.parametrize("is_taken", [False, True], ids=["waiting", "taken"])
def test_a_run_that_was_paused_right_before_it_writes_to_jtl_hands_nothing_over_twice(
    new_seller: Seller, monkeypatch: pytest.MonkeyPatch, is_taken: bool
) -> None:
    """Fault 6: it wakes up when another run has done its work, and even believes that it is still its turn."""
    orders = [new_seller.place() for _ in range(3)]
    genuine = ImportTable.deliver
    paused: list[bool] = []

    def deliver(self: ImportTable, xml_by_order: Mapping[str, str], may_go_on: Callable[[], None]) -> dict[str, str]:
        if not paused:
            paused.append(True)
            new_seller.take_lease_away("jtl_order")
            assert new_seller.run().success
            if is_taken:
                new_seller.sandbox.jtl.run_worker()
            return genuine(self, xml_by_order, lambda: None)
        return genuine(self, xml_by_order, may_go_on)

    monkeypatch.setattr(ImportTable, "deliver", deliver)
    assert "lost its turn for 'jtl_order'" in failure(new_seller.run())
    assert new_seller.run().success
    assert agrees(new_seller)
    assert [new_seller.in_jtl(order) for order in orders] == [1, 1, 1]
    assert states(new_seller) == dict.fromkeys(orders, State.DONE)
