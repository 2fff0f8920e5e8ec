"""Taking over the predecessor's database: what is moved, what is taken, what is left out, and that it is all or nothing."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import Connection, Row, Table, event, func, inspect, select, text
from sqlalchemy.exc import DBAPIError
from sqlglot import exp

from temu_assets.adoption import taking
from temu_assets.adoption.adopt import adopt
from temu_assets.adoption.report import Kind, Report
from temu_assets.errors import ConfigurationError
from temu_assets.sql.servers import named
from temu_assets.toci import outbox, problems
from temu_assets.toci.database import Toci
from temu_assets.toci.migrate import migrate
from temu_assets.toci.outbox import Effect, Entry, State
from temu_assets.toci.predecessor import PREDECESSOR_MARKS
from temu_assets.toci.revision import ensure_current
from temu_assets.toci.tables import metadata, temu_order_items, temu_orders, temu_products
from temu_assets_tests.adoption import predecessor
from temu_assets_tests.adoption.predecessor import JANUARY, exported, item, number, order, product, shipped
from temu_assets_tests.databases import TOCI_URL, toci_is_a_file
from temu_assets_tests.sql.test_every_statement import NOT_IN_T_SQL_OF_2016, SQL_SERVER, Caught, parsed

NOW = datetime(2026, 2, 1, 8, 0, tzinfo=UTC)
ONE = "00340434177000000007"
OURS = {*metadata.tables, "alembic_version"}
ASIDE = {f"predecessor_{name}" for name in PREDECESSOR_MARKS}


def tables_of(toci: Toci) -> set[str]:
    with toci.engine.begin() as connection:
        return set(inspect(connection).get_table_names())


def build(toci: Toci, **rows: Any) -> None:
    with toci.engine.begin() as connection:
        predecessor.build(connection, **rows)


def content(toci: Toci, *, prefix: str = "") -> dict[str, list[Row[Any]]]:
    with toci.engine.begin() as connection:
        return predecessor.content(connection, prefix=prefix)


def rows(toci: Toci, table: Table) -> list[Row[Any]]:
    with toci.engine.begin() as connection:
        return list(connection.execute(select(table).order_by(*table.primary_key)))


def everything(toci: Toci) -> dict[str, list[Row[Any]]]:
    return {name: rows(toci, table) for name, table in metadata.tables.items()}


def entries(toci: Toci, effect: Effect) -> dict[str, Entry]:
    with toci.engine.begin() as connection:
        return outbox.entries(connection, toci.shop, effect)


def done(toci: Toci) -> Report:
    report = adopt(toci, now=NOW)
    assert report is not None
    return report


def counts(report: Report) -> dict[str, tuple[int, int, int]]:
    return {kind.value: (tally.theirs, tally.taken, tally.left_out) for kind, tally in report.tallies.items()}


def reasons(report: Report, kind: Kind) -> dict[str, list[str]]:
    return {words: reason.names for words, reason in report.tallies[kind].reasons.items()}


def test_their_tables_lie_aside_as_they_were_and_ours_are_there(empty_toci: Toci) -> None:
    build(empty_toci, of_orders=[order(1), exported(2)], of_products=[product(1)])
    before = content(empty_toci)
    report = done(empty_toci)
    assert tables_of(empty_toci) == OURS | ASIDE
    assert content(empty_toci, prefix="predecessor_") == before
    assert set(report.tables.values()) == ASIDE
    ensure_current(empty_toci)
    assert counts(report) == {
        "orders": (2, 2, 0), "exported": (1, 1, 0), "reported": (0, 0, 0), "cancelled": (0, 0, 0), "items": (2, 2, 0),
        "products": (1, 1, 0),
    }  # fmt: skip


def test_what_refers_to_their_tables_still_does(empty_toci: Toci) -> None:
    build(empty_toci, of_orders=[order(1)])
    done(empty_toci)
    without_its_order = "UPDATE predecessor_temu_order_items SET order_id = 4711"
    with pytest.raises(DBAPIError), empty_toci.engine.begin() as connection:
        connection.execute(text(without_its_order))


def test_an_order_not_exported_is_known_and_nothing_more(empty_toci: Toci) -> None:
    build(empty_toci, of_orders=[order(1)], of_products=[product(1, sku="FLASCHE-750-BL", sku_id=17592186044416, goods_id=601)])
    report = done(empty_toci)
    (row,) = rows(empty_toci, temu_orders)
    assert (row.order_id, row.status, row.region_id) == (number(1), 2, 76)
    assert row.ordered_at == datetime(2026, 1, 15, 9, 1, tzinfo=UTC), "their times are local"
    assert (row.exported_at, row.address_fetched_at, row.amounts_fetched_at, row.recipient) == (None, None, None, "")
    assert row.shipping_net_cents == 251
    (line,) = rows(empty_toci, temu_order_items)
    assert (line.line_id, line.order_id, line.position, line.quantity) == (f"076-{1:017d}", number(1), 1, 2)
    assert (line.sku, line.articles, line.goods_id, line.sku_id) == ("FLASCHE-750-BL", '[["FLASCHE-750-BL", 1]]', "601", "17592186044416")
    assert (line.unit_net_cents, line.unit_gross_cents, line.total_gross_cents, line.tax_cents) == (1000, 1190, 2380, 380)
    assert (line.exported_quantity, line.reported_at) == (None, None)
    assert entries(empty_toci, Effect.JTL_ORDER) == entries(empty_toci, Effect.SHIPMENT) == {}
    assert (report.open_orders, report.oldest_open) == (1, row.ordered_at)


def test_nothing_of_an_open_order_leaves_before_temu_was_asked_for_it_by_number(empty_toci: Toci) -> None:
    build(empty_toci, of_orders=[order(1), exported(2), shipped(3, ONE), shipped(4, ONE, temu_gemeldet=True), order(5, status="storniert")])
    report = done(empty_toci)
    with empty_toci.engine.begin() as connection:
        asked = problems.of_kind(connection, empty_toci.shop, "order_data")
    assert [(each.key, each.state) for each in asked] == [(number(count), problems.ProblemState.RETRY) for count in (1, 2, 3)]
    assert {row.import_status for row in rows(empty_toci, temu_orders)} == {0}
    assert report.open_orders == 3


@pytest.mark.parametrize(
    "claim", [{"xml_erstellt": True}, {"status": "xml_erstellt"}, {"status": "versendet"}], ids=["mark", "status exported", "status sent"]
)
def test_what_they_called_exported_is_not_exported_again_and_not_believed(empty_toci: Toci, claim: dict[str, object]) -> None:
    """Fault 5: they marked orders exported that JTL had refused, so the next run asks JTL."""
    build(empty_toci, of_orders=[order(1, **claim)])
    done(empty_toci)
    (row,) = rows(empty_toci, temu_orders)
    assert row.exported_at == datetime(2026, 1, 15, 11, 0, tzinfo=UTC)
    assert (row.jtl_confirmed_at, row.jtl_order_number, row.exported_address_hash) == (None, None, None)
    assert [line.exported_quantity for line in rows(empty_toci, temu_order_items)] == [2]
    entry = entries(empty_toci, Effect.JTL_ORDER)[number(1)]
    assert (entry.state, entry.evidence) == (State.DONE, "taken over from the predecessor")


def test_what_they_reported_is_reported_and_what_only_has_a_number_is_not(empty_toci: Toci) -> None:
    build(empty_toci, of_orders=[shipped(1, ONE, temu_gemeldet=True), shipped(2, ONE)])
    done(empty_toci)
    assert [row.status for row in rows(empty_toci, temu_orders)] == [4, 2]
    assert [line.reported_at for line in rows(empty_toci, temu_order_items)] == [datetime(2026, 1, 16, 9, 0, tzinfo=UTC), None]
    told = entries(empty_toci, Effect.SHIPMENT)
    assert {key: entry.evidence for key, entry in told.items()} == {number(1): f"the predecessor told TEMU the tracking number {ONE}"}


def test_a_cancelled_order_counts_as_exported_only_while_it_can_be_stopped(empty_toci: Toci) -> None:
    late = JANUARY - timedelta(days=60)
    build(
        empty_toci,
        of_orders=[
            exported(1, bestellstatus="Storniert"),
            order(2, status="storniert"),
            exported(3, bestellstatus="3", kaufdatum=late, created_at=late, updated_at=late),
        ],
    )
    report = done(empty_toci)
    assert [(row.status, row.exported_at is not None) for row in rows(empty_toci, temu_orders)] == [(3, True), (3, False), (3, False)]
    assert {line.quantity for line in rows(empty_toci, temu_order_items)} == {0}
    assert counts(report)["exported"] == (2, 1, 1)
    assert counts(report)["cancelled"] == (3, 3, 0)
    assert reasons(report, Kind.EXPORTED) == {"cancelled more than 30 days ago: nothing of it leaves any more": [number(3)]}


def test_a_word_nobody_understands_is_counted_and_the_order_taken_as_to_be_shipped(empty_toci: Toci) -> None:
    build(
        empty_toci,
        of_orders=[
            order(1, bestellstatus="In Klärung"),
            order(2, bestellstatus=None),
            exported(3, bestellstatus="In Klärung"),
            shipped(4, ONE, bestellstatus="In Klärung", temu_gemeldet=True),
            order(5, bestellstatus="In Klärung", status="storniert"),
        ],
    )
    report = done(empty_toci)
    assert [row.status for row in rows(empty_toci, temu_orders)] == [2, 2, 2, 4, 3]
    assert report.unknown_words == {"In Klärung": 2, "(empty)": 1}


def test_rows_that_cannot_be_taken_over_stop_nothing_and_are_named_without_a_buyers_data(empty_toci: Toci) -> None:
    nothing = dict.fromkeys(column.name for column in predecessor.orders.columns if column.name not in ("id", "bestell_id"))
    build(
        empty_toci,
        of_orders=[order(1), order(2, bestell_id=None), order(3, **nothing), order(4, bestell_id=f" {number(1)} ")],
        of_items=[
            item(1),
            item(2, menge=None),
            item(3, menge=Decimal("0.50"), bestell_id=None),
            item(4, bestellartikel_id=None, order_id=1),
            item(5, order_id=None, produktname="x" * 500, variation=None),
            item(6, order_id=None, bestell_id=number(3), produktname=None, sku=None, sku_id="nicht bekannt", gesamtpreis_netto=None),
            item(7, order_id=4, bestell_id=None, produktname="Ü" * 500),
            item(8, order_id=1, bestell_id=number(1), bestellartikel_id=f" 076-{1:017d}"),
        ],
        of_products=[
            product(1),
            product(2, sku_id=None),
            product(3, sku_id=17_592_000_000_001),
            product(4, goods_id=None, goods_name=None),
        ],
    )
    report = done(empty_toci)
    assert [row.order_id for row in rows(empty_toci, temu_orders)] == [number(1), number(3)]
    assert reasons(report, Kind.ORDERS) == {"without an order number": ["row 2"], "there twice; the first one counts": [number(1)]}
    assert [line.line_id for line in rows(empty_toci, temu_order_items)] == [f"076-{count:017d}" for count in (1, 6, 7)]
    assert reasons(report, Kind.ITEMS) == {
        "its order was left out or is not there": ["row 2", "row 5"],
        "line without a whole number of pieces": [number(3)],
        "line without a line number": [number(1)],
        "line number there twice; the first one counts": [number(1)],
    }
    assert [row.sku_id for row in rows(empty_toci, temu_products)] == ["17592000000001", "17592000000004"]
    assert reasons(report, Kind.PRODUCTS) == {
        "without TEMU's SKU id (the next listing brings it)": ["row 2"],
        "there twice; the first one counts": ["17592000000001"],
    }
    assert not any(word in str(report) for word in predecessor.BUYER.values())


def test_no_order_counts_as_newer_than_what_temu_tells_next(empty_toci: Toci) -> None:
    build(empty_toci, of_orders=[order(1, kaufdatum=None), order(2, kaufdatum=datetime(2099, 1, 1), created_at=None, updated_at=None)])
    done(empty_toci)
    first, second = rows(empty_toci, temu_orders)
    assert first.ordered_at == datetime(2026, 1, 15, 10, 0, tzinfo=UTC)
    assert second.ordered_at == NOW
    assert {row.temu_updated_at.year for row in rows(empty_toci, temu_orders)} == {2000}


def test_a_product_waits_for_temus_listing_before_anything_is_sent_for_it(empty_toci: Toci) -> None:
    build(empty_toci, of_products=[product(1)])
    done(empty_toci)
    (row,) = rows(empty_toci, temu_products)
    assert (row.sku, row.goods_id, row.is_active, row.is_listed) == ("ARTIKEL-1", "601000000000001", True, False)


def test_a_second_run_changes_nothing_and_counts_the_same(empty_toci: Toci) -> None:
    build(empty_toci, of_orders=[order(1), shipped(2, ONE, temu_gemeldet=True), exported(3, bestellstatus="3")], of_products=[product(1)])
    first = done(empty_toci)
    before, aside = everything(empty_toci), content(empty_toci, prefix="predecessor_")
    later = adopt(empty_toci, now=NOW + timedelta(days=90))
    assert later is not None
    assert (first.is_repeated, later.is_repeated) == (False, True)
    assert (counts(later), later.at, later.oldest_open) == (counts(first), NOW, first.oldest_open)
    assert everything(empty_toci) == before
    assert content(empty_toci, prefix="predecessor_") == aside


def test_a_dry_run_says_the_same_and_changes_nothing(empty_toci: Toci) -> None:
    build(empty_toci, of_orders=[order(1), exported(2)], of_products=[product(1)])
    before = content(empty_toci)
    dry = adopt(empty_toci, now=NOW, is_dry_run=True)
    assert tables_of(empty_toci) == set(PREDECESSOR_MARKS)
    assert content(empty_toci) == before
    assert dry is not None
    assert counts(dry) == counts(done(empty_toci))


@pytest.mark.parametrize("where", ["_take_products", "_take_items", "_ask_temu_for_the_open_ones"])
def test_what_dies_in_the_middle_leaves_everything_as_it_was(empty_toci: Toci, monkeypatch: pytest.MonkeyPatch, where: str) -> None:
    build(empty_toci, of_orders=[order(1), exported(2)], of_products=[product(1)])
    before = content(empty_toci)

    def die(*_: object) -> None:
        raise ZeroDivisionError

    with monkeypatch.context() as patched:
        patched.setattr(taking.Taking, where, die)
        with pytest.raises(ZeroDivisionError):
            adopt(empty_toci, now=NOW)
    assert tables_of(empty_toci) == set(PREDECESSOR_MARKS)
    assert content(empty_toci) == before
    assert counts(done(empty_toci))["orders"] == (2, 2, 0)


def test_an_empty_database_and_one_of_ours_hold_nothing_to_adopt(empty_toci: Toci) -> None:
    assert adopt(empty_toci, now=NOW) is None
    assert tables_of(empty_toci) == set()
    migrate(empty_toci)
    assert adopt(empty_toci, now=NOW) is None
    assert tables_of(empty_toci) == OURS


def test_a_database_with_only_some_of_their_tables_and_columns_is_taken_over_too(empty_toci: Toci) -> None:
    with empty_toci.engine.begin() as connection:
        connection.execute(text("CREATE TABLE temu_orders (Bestell_ID VARCHAR(50), xml_erstellt INTEGER)"))
        connection.execute(text(f"INSERT INTO temu_orders VALUES ('{number(1)}', 1), ('{number(2)}', NULL)"))
    report = done(empty_toci)
    assert tables_of(empty_toci) == OURS | {"predecessor_temu_orders"}
    assert [(row.order_id, row.exported_at is not None) for row in rows(empty_toci, temu_orders)] == [(number(1), True), (number(2), False)]
    assert counts(report)["exported"] == (1, 1, 0)


def test_their_tables_beside_others_that_lie_aside_are_refused(empty_toci: Toci) -> None:
    """The predecessor still runs and has made its tables anew, or somebody restored a backup over it."""
    build(empty_toci, of_orders=[order(1)])
    with empty_toci.engine.begin() as connection:
        connection.execute(text("CREATE TABLE predecessor_temu_orders (id INTEGER)"))
    with pytest.raises(ConfigurationError, match=r"beside others that were moved aside before \(predecessor_temu_orders\)"):
        adopt(empty_toci, now=NOW)
    assert tables_of(empty_toci) == {*PREDECESSOR_MARKS, "predecessor_temu_orders"}


def test_tables_aside_of_another_shop_are_refused(empty_toci: Toci) -> None:
    build(empty_toci, of_orders=[order(1)])
    done(empty_toci)
    with pytest.raises(ConfigurationError, match=r"not for the shop 'other'.*compare TEMU_SHOP"):
        adopt(Toci(empty_toci.engine, "other"), now=NOW)


def test_somebody_elses_table_under_a_name_of_ours_is_refused_before_anything_is_moved(empty_toci: Toci) -> None:
    build(empty_toci, of_orders=[order(1)])
    with empty_toci.engine.begin() as connection:
        connection.execute(text("CREATE TABLE problems (id INTEGER)"))
    with pytest.raises(ConfigurationError, match=r"not the predecessor's as it is known \(problems\)"):
        adopt(empty_toci, now=NOW)
    assert tables_of(empty_toci) == {*PREDECESSOR_MARKS, "problems"}


def test_a_run_before_the_take_over_names_the_command(empty_toci: Toci) -> None:
    build(empty_toci, of_orders=[order(1)])
    with pytest.raises(ConfigurationError, match="`temu-assets adopt`"):
        ensure_current(empty_toci)


@contextmanager
def statements(toci: Toci) -> Iterator[list[str]]:
    said: list[str] = []

    def note(_connection: Connection, _cursor: object, statement: str, *_: object) -> None:
        said.append(statement)

    event.listen(toci.engine, "before_cursor_execute", note)
    yield said
    event.remove(toci.engine, "before_cursor_execute", note)


def said_for(toci: Toci, number_of_orders: int) -> int:
    build(
        toci,
        of_orders=[
            shipped(count, ONE, temu_gemeldet=True) if count % 3 else exported(count) if count % 2 else order(count)
            for count in range(1, number_of_orders + 1)
        ],
        of_products=[product(count) for count in range(1, number_of_orders + 1)],
    )
    with statements(toci) as said:
        assert done(toci).tallies[Kind.ORDERS].taken == number_of_orders
    return len(said)


@pytest.mark.skipif("mssql" in os.environ.get(TOCI_URL, ""), reason="two of SQL Server's drivers take rows in several statements")
def test_five_thousand_orders_take_a_fixed_number_of_statements_for_each_thousand(empty_toci: Toci) -> None:
    few, many = 0, 0
    with empty_toci.engine.begin() as connection:
        connection.execute(text("SELECT 1"))
    few = said_for(empty_toci, 10)
    with empty_toci.engine.begin() as connection:
        for table in (*reversed(metadata.sorted_tables),):
            table.drop(connection)
        connection.execute(text("DROP TABLE alembic_version"))
        for name in ("temu_order_items", "temu_inventory", *sorted(PREDECESSOR_MARKS.keys() - {"temu_order_items", "temu_inventory"})):
            connection.execute(text(f"DROP TABLE predecessor_{name}"))
    many = said_for(empty_toci, 5000)
    with empty_toci.engine.begin() as connection:
        assert connection.execute(select(func.count()).select_from(temu_order_items)).scalar_one() == 5000
    # A page of orders: one reading, six statements for the orders and for each of two effects; a page of lines or products: seven.
    assert many - few <= 4 * (19 + 7 + 7) + 3


@toci_is_a_file
def test_every_statement_of_a_take_over_is_t_sql(empty_toci: Toci) -> None:
    """Fetching a page, and what is written in a page's transaction, as SQL Server would get it."""
    caught = Caught()
    caught.on(empty_toci.engine, "toci")
    build(empty_toci, of_orders=[order(1), shipped(2, ONE, temu_gemeldet=True)], of_products=[product(1)])
    done(empty_toci)
    done(empty_toci)
    # What the tests themselves and SQLite say, and what is said to SQL Server in words of its own.
    said = [each for each in caught.statements["toci"] if not each.startswith(("ALTER TABLE", "CREATE TABLE", "PRAGMA", "SELECT pg_"))]
    assert sum("FROM predecessor_temu_" in each for each in said) == 3
    for each in said:
        assert not isinstance(parsed(each), exp.Command), each
        assert not [word for word in NOT_IN_T_SQL_OF_2016 if word in each.upper()], each
    assert caught.most_parameters < 1_000


def test_sql_server_renames_by_procedure_and_reads_the_old_name_as_an_identifier() -> None:
    said: list[tuple[str, object]] = []
    connection = SimpleNamespace(dialect=SQL_SERVER, execute=lambda statement, parameters: said.append((str(statement), parameters)))
    server = named("mssql")
    server.rename_table(connection, "temu_orders", "predecessor_temu_orders")  # type: ignore[arg-type]  # as much of one as is needed
    server.rename_key(connection, "temu_orders", "pk_temu_orders", "predecessor_pk_temu_orders")  # type: ignore[arg-type]
    assert {statement for statement, _ in said} == {"EXEC sp_rename @objname = :old, @newname = :new, @objtype = 'OBJECT'"}
    assert [parameters for _, parameters in said] == [
        {"old": "[temu_orders]", "new": "predecessor_temu_orders"},
        {"old": "[pk_temu_orders]", "new": "predecessor_pk_temu_orders"},
    ]
