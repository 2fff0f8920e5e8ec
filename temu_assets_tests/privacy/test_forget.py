"""``temu-assets forget`` on a whole seller: one buyer goes everywhere, everybody else stays, and TEMU is not asked for them again."""

from __future__ import annotations

import dataclasses
import gzip
import hashlib
from collections.abc import Callable
from pathlib import Path

import dagster as dg
import pytest
from click.testing import CliRunner, Result

from temu_assets.adoption.adopt import adopt
from temu_assets.cli import main
from temu_assets.privacy import buyer_rows
from temu_assets.privacy.proofs import digest
from temu_assets.sandbox.jtl import ParcelToShip
from temu_assets.snapshots import file_of, read_snapshot
from temu_assets.toci import leases
from temu_assets.toci.outbox import Effect, Entry, State, record
from temu_assets.toci.tables import erasures, metadata, raw_snapshots, temu_order_items, temu_orders
from temu_assets_tests.adoption import predecessor
from temu_assets_tests.privacy.test_purge import LISTED_AND_NOT_LISTED
from temu_assets_tests.privacy.traces import CANARY, everywhere, in_tables
from temu_assets_tests.seller import LIST, WITHOUT_CHECKS, Seller, failed_checks

NEIGHBOUR = dataclasses.replace(CANARY, name="Norbert Nachbar", first_name="Norbert", last_name="Nachbar", mail="n@example.invalid")
OF_THE_CANARY = ("Kanarina", "Geheimnis", "kanarina@")


def forget(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["forget", *arguments])


def of_canary(seller: Seller) -> str:
    return seller.place(address=dataclasses.replace(CANARY))


def deliver(seller: Seller, *orders: str) -> None:
    for number, order in enumerate(orders):
        seller.sandbox.jtl.ship(order, [ParcelToShip(tracking=f"0034043417700000{number:04d}")])
    assert seller.run().success
    for order in orders:
        seller.sandbox.shop.deliver(order)
    assert seller.run().success


@pytest.fixture
def order(new_seller: Seller) -> str:
    """A delivered order of the canary's, and one of somebody else's in the same files."""
    order, other = of_canary(new_seller), new_seller.place(address=NEIGHBOUR)
    new_seller.run_through()
    for each in (order, other):
        new_seller.at_temu(each).status = 5
        new_seller.sandbox.shop.touch(new_seller.at_temu(each))
    assert new_seller.run().success
    return order


def everything(seller: Seller) -> dict[str, object]:
    """All we hold, but for whose turn it is."""
    tables = {name: seller.rows(table) for name, table in metadata.tables.items() if name != "leases"}
    files = {path: path.read_bytes() for path in (seller.data / "temu").rglob("*") if path.is_file()}
    return {"tables": tables, "files": files}


def require_files_as_registered(seller: Seller) -> None:
    for row in seller.rows(raw_snapshots):
        assert len(list(read_snapshot(seller.data, file_of(row)))) == row.records


def test_one_buyer_is_erased_everywhere_and_nothing_of_anybody_else(new_seller: Seller, order: str) -> None:
    before = {row.order_id: row for row in new_seller.rows(temu_orders)}
    lines = new_seller.rows(temu_order_items)

    result = forget(order)

    assert result.exit_code == 0
    assert everywhere(new_seller, OF_THE_CANARY) == []
    assert len([path for path in everywhere(new_seller, ("Nachbar",)) if path.endswith(".gz")]) == 1
    require_files_as_registered(new_seller)
    assert new_seller.rows(temu_order_items) == lines
    for row in new_seller.rows(temu_orders):
        if row.order_id == order:
            assert (row.status, row.jtl_order_number, row.currency) == (5, before[order].jtl_order_number, "EUR")
            assert row.buyer_erased_at
        else:
            assert row == before[row.order_id]
    assert [path.stem for path in (new_seller.data / "temu" / "export").rglob("*.xml")] == [key for key in before if key != order]


def test_it_says_what_was_found_where_and_what_it_cannot_erase(new_seller: Seller, order: str) -> None:
    answers = [
        path for path in (new_seller.data / "temu" / "api_responses").rglob("*.gz") if order.encode() in gzip.decompress(path.read_bytes())
    ]
    assert forget(order).output.splitlines() == [
        f"Erased of order {order}:",
        "  temu_orders: name, address, phone and mail",
        f"  TEMU's answers: in {len(answers)} files",
        f"  temu/export/{new_seller.now():%Y/%m}/{order}.xml: removed",
        "What stays: number, lines, prices and parcels of the order. TEMU is not asked for its address again.",
        "Not ours to erase: JTL-Wawi and TEMU keep their own data of this buyer, and backups hold it until they are replaced.",
    ]
    (proof,) = new_seller.rows(erasures)
    assert (proof.place, proof.order_id, proof.erased_by) == ("request", order, "temu-assets forget")
    assert proof.done_at >= proof.begun_at
    names = [path.relative_to(new_seller.data).as_posix() for path in answers]
    assert proof.sha256 == digest([*names, f"temu/export/{new_seller.now():%Y/%m}/{order}.xml", "temu_orders"])


def test_a_dry_run_says_the_same_and_changes_nothing(new_seller: Seller, order: str) -> None:
    before = everything(new_seller)
    result = forget("--dry-run", order)
    assert result.exit_code == 0
    assert result.output.startswith(f"This would be erased of order {order}:\n  temu_orders: name")
    assert "Nothing was changed (dry run)." in result.output
    assert everything(new_seller) == before


def test_a_second_time_nothing_is_found_and_that_is_said(new_seller: Seller, order: str) -> None:
    assert forget(order).exit_code == 0
    result = forget(order)
    assert result.exit_code == 0
    assert result.output.startswith(f"Nothing of the buyer of order {order} was found.\n")
    assert sorted(row._mapping["count"] > 0 for row in new_seller.rows(erasures)) == [False, True]


def test_what_temu_tells_of_it_later_brings_nothing_back(new_seller: Seller, order: str) -> None:
    """New data of a forgotten order: number, lines and status are followed, and no address is asked for."""
    assert forget(order).exit_code == 0
    shop = new_seller.sandbox.shop
    shop.change_address(order, street="Vogelnest 100")
    assert new_seller.run().success
    new_seller.at_temu(order).status = 2
    shop.touch(new_seller.at_temu(order))
    new_seller.calls()
    for later in LISTED_AND_NOT_LISTED:
        new_seller.later = later
        result = new_seller.run(checks=True)
        assert result.success
        assert failed_checks(result) == set()
        assert new_seller.calls().keys() <= {LIST}
    assert new_seller.row(order).status == 2
    assert new_seller.problems() == {}
    assert new_seller.in_jtl(order) == 1
    assert new_seller.waiting_rows() == 0
    assert everywhere(new_seller, OF_THE_CANARY) == []
    backfill = new_seller.run(days_back=30, backfill=True)
    assert backfill.success
    assert new_seller.calls().keys() == {LIST}


def test_an_address_that_was_under_way_meanwhile_is_not_taken_in(new_seller: Seller) -> None:
    order = of_canary(new_seller)
    new_seller.run_through()
    new_seller.sandbox.shop.change_address(order, street="Vogelnest 100")
    fetch_only(new_seller)
    new_seller.toci.write(lambda connection: buyer_rows.erase(connection, new_seller.toci.shop, [order], now=new_seller.now()))
    assert new_seller.run().success
    assert in_tables(new_seller.toci.engine) == []
    assert new_seller.row(order).exported_address_hash is None
    assert new_seller.problems() == {}


def fetch_only(seller: Seller) -> None:
    whole = WITHOUT_CHECKS.resolve_implicit_global_asset_job_def()
    assert whole.execute_in_process(instance=seller.instance, asset_selection=[dg.AssetKey("raw_orders")]).success


def _held(seller: Seller) -> str:
    order = of_canary(seller)
    seller.sandbox.shop.request_cancellation(order)
    assert seller.run().success
    return order


def _under_way(seller: Seller) -> str:
    order = of_canary(seller)
    seller.run_through()
    deliver(seller, order)
    with seller.toci.engine.begin() as connection:
        record(connection, seller.toci.shop, Effect.JTL_ORDER, [Entry(order, State.SENDING)], now=seller.now())
    return order


def _not_taken_in(seller: Seller) -> str:
    order = of_canary(seller)
    fetch_only(seller)
    return order


def _not_taken_in_and_damaged(seller: Seller) -> str:
    order = _not_taken_in(seller)
    for row in seller.rows(raw_snapshots):
        (seller.data / row.path).write_bytes(b"")
    return order


@pytest.mark.parametrize(
    ("prepare", "said"),
    [
        (_held, "was not handed to JTL yet"),
        (_under_way, "when a run broke off"),
        (_not_taken_in, "not taken into our tables yet"),
        (_not_taken_in_and_damaged, "not taken into our tables yet"),
    ],
)
@pytest.mark.parametrize("options", [(), ("--dry-run",)])
def test_a_buyer_who_is_needed_is_not_erased(
    new_seller: Seller, prepare: Callable[[Seller], str], said: str, options: tuple[str, ...]
) -> None:
    order = prepare(new_seller)
    before = everything(new_seller)
    result = forget(order, *options)
    assert result.exit_code == 1
    assert said in result.output
    assert "Nothing was erased.\nWhat to do: " in result.output
    assert everything(new_seller) == before


@pytest.mark.parametrize("is_taken", [True, False], ids=["in JTL", "waiting for JTL"])
def test_once_jtl_was_given_the_order_its_buyer_goes_and_the_order_lives_on(new_seller: Seller, is_taken: bool) -> None:
    """JTL ships it from its own data; the parcel is reported like any other, and nothing is handed over again."""
    order = of_canary(new_seller)
    if is_taken:
        new_seller.run_through()
    else:
        assert new_seller.run().success
    assert forget(order).exit_code == 0
    assert everywhere(new_seller, OF_THE_CANARY) == []

    new_seller.sandbox.jtl.run_worker()
    assert new_seller.run().success
    new_seller.sandbox.jtl.ship(order, [ParcelToShip(tracking="00340434177000000001")])
    assert new_seller.run().success
    assert list(new_seller.at_temu_as_sent(order)) == ["00340434177000000001"]
    assert new_seller.in_jtl(order) == 1
    assert new_seller.problems() == {}
    assert everywhere(new_seller, OF_THE_CANARY) == []


def test_an_order_nobody_knows_is_looked_for_in_files_too(new_seller: Seller, order: str) -> None:
    """After our database was lost, its answers lie there unregistered."""
    with new_seller.toci.engine.begin() as connection:
        for table in (temu_orders, temu_order_items, raw_snapshots):
            connection.execute(table.delete())
    result = forget(order)
    assert result.exit_code == 0
    assert f"Erased of order {order}: The shop 'temu' does not know this order." in result.output
    assert everywhere(new_seller, OF_THE_CANARY) == []
    assert "does not know this order" in forget("PO-076-1").output


def test_an_order_of_another_shop_is_refused_and_the_shop_is_named(new_seller: Seller, order: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever runs it with the settings of the wrong shop must not believe that the buyer is erased."""
    before = everything(new_seller)
    with monkeypatch.context() as patched:
        patched.setenv("TEMU_SHOP", "second")
        for options in ((), ("--dry-run",)):
            result = forget(order, *options)
            assert result.exit_code == 1
            assert f"The shop 'second' does not know order {order};" in result.output
            assert "Nothing was erased.\nWhat to do: run this with the settings of that shop: TEMU_SHOP=temu, " in result.output
    assert everything(new_seller) == before
    assert forget(order).exit_code == 0
    assert everywhere(new_seller, OF_THE_CANARY) == []


def test_what_another_shop_holds_of_the_same_order_is_told(new_seller: Seller, order: str) -> None:
    """As after the shop was given another name."""
    (row,) = [row for row in new_seller.rows(temu_orders) if row.order_id == order]
    with new_seller.toci.engine.begin() as connection:
        connection.execute(temu_orders.insert().values({**row._mapping, "shop": "second"}))
    result = forget(order)
    assert result.exit_code == 0
    assert "The shop 'second' of this database knows the order too. Run this with its settings (TEMU_SHOP=second) as well." in result.output


def lay(path: Path, content: bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def test_what_crashes_and_the_predecessor_left_of_it_goes_and_other_orders_stay(new_seller: Seller, order: str) -> None:
    temu, named = new_seller.data / "temu", order.encode()
    gone = [
        lay(temu / "api_responses/2026/01/01/000000-a/.orders-details-0001.jsonl.gz.tmp", gzip.compress(b"[]")[:-5]),
        lay(temu / "api_responses/2026/01/01/000000-a/orders-details-0001.jsonl.gz", b"broken"),
        lay(temu / "api_responses/api_response_shipping_all.json", b'{"parentOrderSn": "' + named + b'"}'),
        lay(temu / f"export/temu_order_{order}_20260101.xml", b""),
        lay(temu / f"export/2026/01/.{order}.xml.tmp", b""),
        lay(temu / "xml/jtl_temu_bestellungen_20260101.xml", b"<cExterneBestellNr>" + named + b"</cExterneBestellNr>"),
        lay(temu / f"xml/{order}.xml", b""),
    ]
    kept = [
        lay(temu / "api_responses/api_response_orders.json", b'{"parentOrderSn": "' + named + b'1"}'),
        lay(temu / "api_responses/2026/01/01/000000-a/.skus-listing-0001.jsonl.gz.tmp", b"under way"),
        lay(temu / f"xml/{order}1.xml", b""),
    ]
    result = forget(order)
    assert "unfinished files that no run knows: 3 files, removed as a whole" in result.output
    assert [path for path in gone if path.exists()] == []
    assert [path for path in kept if not path.exists()] == []


def test_a_damaged_file_goes_because_nobody_can_tell_what_is_in_it(new_seller: Seller, order: str) -> None:
    paths = [new_seller.data / row.path for row in new_seller.rows(raw_snapshots)]
    for path in paths:
        path.write_bytes(path.read_bytes()[:-9])
    assert forget(order).exit_code == 0
    assert [path for path in paths if path.exists()] == []
    assert new_seller.rows(raw_snapshots) == []
    assert new_seller.run().success


def test_its_rows_in_the_predecessors_tables_are_emptied(new_seller: Seller) -> None:
    with new_seller.toci.engine.begin() as connection:
        predecessor.build(
            connection,
            of_orders=[predecessor.shipped(1, "0034", **dict.fromkeys(("email", "ort"), "kanarina@")), predecessor.shipped(2, "0035")],
        )
        connection.execute(predecessor.xml_export.update().values(xml_content="Kanarina"))
        connection.execute(predecessor.logs.update().values(message=f"{predecessor.number(1)} for Kanarina"))
    adopt(new_seller.toci, now=new_seller.now())
    assert len(in_tables(new_seller.toci.engine, OF_THE_CANARY)) == 3
    with new_seller.toci.engine.begin() as connection:
        connection.execute(temu_orders.update().values(status=5))
    result = forget(predecessor.number(1))
    assert result.exit_code == 0, result.output
    assert "predecessor_temu_orders: 1 row\n" in result.output
    assert in_tables(new_seller.toci.engine, OF_THE_CANARY) == []
    assert in_tables(new_seller.toci.engine, ("Erika",)) == ["predecessor_temu_orders"]


def test_while_orders_are_fetched_it_waits_and_then_says_who_is_at_work(
    new_seller: Seller, order: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(leases.hold.__wrapped__.__kwdefaults__, "wait_seconds", 0.0)  # type: ignore[attr-defined]  # functools.wraps
    before = everything(new_seller)
    with leases.hold(new_seller.toci, "orders_fetch", "run 4711"):
        result = forget(order)
    assert result.exit_code == 1
    assert "run 4711" in result.output
    assert everything(new_seller) == before
    assert forget(order).exit_code == 0


def test_an_order_without_a_number_is_no_order(new_seller: Seller, order: str) -> None:
    before = everything(new_seller)
    assert forget(" ").exit_code == 2
    assert everything(new_seller) == before


def test_a_file_waiting_for_import_by_hand_goes_too(new_seller: Seller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JTL_ORDER_DELIVERY", "file")
    order = of_canary(new_seller)
    assert new_seller.run().success
    waiting = new_seller.data / "temu" / "xml" / f"{order}.xml"
    digest_before = hashlib.sha256(waiting.read_bytes()).hexdigest()
    assert forget(order).exit_code == 1
    assert hashlib.sha256(waiting.read_bytes()).hexdigest() == digest_before
    new_seller.sandbox.shop.cancel_order(order)
    assert new_seller.run().success
    assert forget(order).exit_code == 0
    assert not waiting.exists()
    assert new_seller.run().success
    assert everywhere(new_seller) == []
