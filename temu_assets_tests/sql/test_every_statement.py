"""Every statement issued in the life of a shop, as SQL Server would get it: it is T-SQL, and of JTL one table alone is written.

The statements are caught where they are executed, so a new one is checked as soon as a test below makes the program issue it.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import sqlglot
from sqlalchemy import Engine, Select, TextClause, event
from sqlalchemy.engine import URL
from sqlalchemy.sql.ddl import DDLElement
from sqlglot import exp

from temu_assets import resources
from temu_assets.alerts import looking as alerts
from temu_assets.alerts.facts import Job
from temu_assets.alerts.kinds import Way
from temu_assets.alerts.token import ask_if_due
from temu_assets.errors import TransientError
from temu_assets.operations import history
from temu_assets.operations.dead_runs import close_dead_runs
from temu_assets.operations.history import History
from temu_assets.sandbox.jtl_shipping import ParcelToShip
from temu_assets.settings import load_settings
from temu_assets.sql.servers import named
from temu_assets.toci import database as toci_database
from temu_assets.toci.job_runs import RunEnd, RunStart, RunStatus, begin, finish
from temu_assets.toci.scheduler_logs import Level, LogLine
from temu_assets.toci.tables import job_runs
from temu_assets_tests.automation.test_jtl_sensors import PARCELS, STOCK, look
from temu_assets_tests.bookkeeping.extf_files import Booking, extf
from temu_assets_tests.bookkeeping.office import drop
from temu_assets_tests.databases import toci_is_a_file
from temu_assets_tests.engines import change_jtls, change_ours
from temu_assets_tests.seller import Seller

pytestmark = toci_is_a_file  # what is sent is the same everywhere, and SQLite is the quickest

SQL_SERVER = URL.create("mssql+pyodbc").get_dialect()()
named("mssql").adjust(SQL_SERVER)
# What sqlglot takes and SQL Server does not.
NOT_IN_T_SQL_OF_2016 = (
    "MERGE ",
    " LIMIT ",
    "DISTINCT FROM",
    "ON CONFLICT",
    "RETURNING",
    " BOOLEAN",
    "||",
    " IS 0",
    " IS 1",
    "TRUE",
    "FALSE",
)


class Caught:
    """Statements as SQL Server would get them, by whose database they go to."""

    def __init__(self) -> None:
        self.statements: dict[str, set[str]] = {"toci": set(), "jtl": set()}
        self.most_parameters = 0

    def on(self, engine: Engine, whose: str) -> Engine:
        """Catch what this engine executes."""

        @event.listens_for(engine, "before_execute")
        def _catch(_: object, statement: Any, _many: object, values: dict[str, object], __: object) -> None:
            if isinstance(statement, str) or isinstance(statement, DDLElement):  # noqa: SIM101 — read as two reasons
                return  # migrations have tests of their own
            if isinstance(statement, TextClause) and "staged_" in statement.text:
                return  # staging has, too, and is in the words of the server
            if isinstance(statement, Select):
                sent = statement.compile(dialect=SQL_SERVER).construct_expanded_state(values)
                said, parameters = sent.statement, sent.parameters
            else:
                compiled = statement.compile(dialect=SQL_SERVER, compile_kwargs={"render_postcompile": True})
                said, parameters = str(compiled), compiled.params
            self.most_parameters = max(self.most_parameters, len(parameters))
            self.statements[whose].add(" ".join(said.split()))

        return engine


@pytest.fixture
def caught(monkeypatch: pytest.MonkeyPatch) -> Caught:
    caught = Caught()
    open_toci = toci_database.open_engine
    change_ours(monkeypatch, lambda engine: caught.on(engine, "toci"))
    change_jtls(monkeypatch, lambda engine: caught.on(engine, "jtl"))
    monkeypatch.setattr(history, "open_engine", lambda *arguments: caught.on(open_toci(*arguments), "toci"))
    return caught


@pytest.fixture
def a_life(seller: Seller, caught: Caught, monkeypatch: pytest.MonkeyPatch) -> Caught:
    """All jobs on the seeded shop with its special orders, by all three stock bases."""
    seller.run_through()
    seller.sandbox.jtl.ship_all_open()
    for order in list(seller.sandbox.shop.state.orders)[:3]:
        seller.sandbox.shop.cancel_order(order)
    assert seller.run(checks=True).success
    new = seller.place()
    assert seller.run().success
    seller.sandbox.jtl.run_worker()
    seller.sandbox.jtl.ship(new, [ParcelToShip(tracking="00340434177000000077")])
    look(seller, PARCELS)
    seller.run("temu_tracking_sync", checks=True)
    look(seller, PARCELS)
    for basis in ("jtl_available", "warehouse", "warehouse_minus_orders"):
        monkeypatch.setenv("JTL_STOCK_BASIS", basis)
        monkeypatch.setenv("JTL_WAREHOUSES", "1,2")
        seller.run("temu_inventory_full_sync", checks=True)
        look(seller, STOCK)
    assert seller.run("reconcile", checks=True).success
    assert seller.run("job_statistics", checks=True).success
    monkeypatch.setenv("DATEV_CORRECTIONS", "K1")
    monkeypatch.setenv("DATEV_JTL_SUMS", "true")
    for number in range(2):
        drop(seller.data, f"EXTF_{number}.csv", extf([Booking(contra="0"), Booking(document=new, text=f"RE-{number}")]))
        assert seller.run("datev_processing", checks=True).success
    write_history(seller)
    look_for_alerts(seller)
    assert seller.run("job_statistics", checks=True).success
    seller.later = timedelta(days=1000)
    assert seller.run("clean_dagster_storage").success
    seller.later = timedelta(days=100)
    assert seller.run("purge_personal_data").success
    return caught


def write_history(seller: Seller) -> None:
    """What the executor of a real run writes of it, and of one that died before."""
    now = seller.now()
    died = RunStart("died", "job", "orders", "by hand", False, "died", 0, False, now - timedelta(days=3), "another host", "1@2@3")
    for start, end in ((died, None), (replace(died, run_id="well"), RunEnd(RunStatus.SUCCESS, now, {}))):
        of_run = History(load_settings(), start, look_after=lambda toci: close_dead_runs(toci, seller.instance, now=now, but="well"))
        of_run.add(LogLine(Level.INFO, "one", RunStatus.RUNNING, now))
        of_run.end = end
        of_run.save(60)
        assert of_run.close() == []
    assert {row.run_id: row.status for row in seller.rows(job_runs)} == {"died": "killed", "well": "success"}


def look_for_alerts(seller: Seller) -> None:
    """Two looks that tell of a run that failed, of one that is away, and of a token; without a mail server, so that a way fails as well."""
    now = seller.now()
    run = RunStart("failed", "another job", "orders", "its_schedule", True, "failed", 0, False, now, "another host", "1@2@3")
    end = RunEnd(RunStatus.FAILURE, now, {}, error="No.", error_kind="TransientError", may_pass=True)
    seller.toci.write(lambda connection: begin(connection, seller.toci.shop, run))
    seller.toci.write(lambda connection: finish(connection, seller.toci.shop, run.run_id, end))

    def refuse(_: object) -> str:
        raise TransientError("No.", remedy="none")

    for ways in ({Way.MAIL: refuse}, {Way.MAIL: lambda _: "taken"}):
        with resources.TociResource().connect() as toci:
            outcome = alerts.look(
                toci, load_settings(), ways, [Job("another job", pause=timedelta(days=1))], "a test", now=now, wait_seconds=5
            )
            ask_if_due(toci, load_settings(), resources.TemuResource().connect, now=now)
    assert outcome.told[Way.MAIL] > 0


def parsed(statement: str) -> exp.Expr:
    (tree,) = sqlglot.parse(statement, dialect="tsql", error_level=sqlglot.ErrorLevel.RAISE)
    assert tree is not None
    return tree


def truths_as_values(tree: exp.Expr) -> list[str]:
    """Comparisons in a place for values: SQL Server has no truth values to select or to set."""
    values = [value for select in tree.find_all(exp.Select) for value in select.expressions]
    values += [assigned.expression for update in tree.find_all(exp.Update) for assigned in update.expressions]
    plain = [value.unalias().unnest() for value in values]
    return [value.sql("tsql") for value in plain if isinstance(value, exp.Predicate | exp.Connector | exp.Not)]


def test_every_statement_is_t_sql_and_jtl_is_written_in_one_table_only(a_life: Caught) -> None:
    """Fault 24's cousin: nothing of JTL is locked, and nothing of it changed, but by the one insert."""
    ours, jtls = a_life.statements["toci"], a_life.statements["jtl"]
    assert len(ours) > 100
    assert len(jtls) > 8
    for statement in ours | jtls:
        tree = parsed(statement)
        assert not isinstance(tree, exp.Command), f"not understood: {statement}"
        assert truths_as_values(tree) == [], statement
        assert not [word for word in NOT_IN_T_SQL_OF_2016 if word in statement.upper()], statement

    written = {statement for statement in jtls if not isinstance(parsed(statement), exp.Select)}
    assert {statement.split(" (")[0] for statement in written} == {"INSERT INTO dbo.[tXMLBestellImport]"}
    for statement in jtls:
        tables = list(parsed(statement).find_all(exp.Table))
        assert tables
        aliases = {alias.alias for alias in parsed(statement).find_all(exp.Subquery)}
        assert all(table.db in {"dbo", "Verkauf", "Versand"} for table in tables if table.name not in aliases), statement


def test_no_statement_carries_more_parameters_than_sql_server_takes(a_life: Caught) -> None:
    assert 0 < a_life.most_parameters <= 1_010


def test_what_is_caught_would_be_refused(caught: Caught) -> None:
    """The parser above is one that can fail."""
    for wrong in ("SELECT a FROM b WHERE c IN (", "UPDATE SET a = 1 WHERE", "INSERT INTO a (b VALUES (1)"):
        with pytest.raises(sqlglot.errors.ParseError):
            parsed(wrong)
    assert truths_as_values(parsed("UPDATE a SET b = (c IS NOT NULL)")) == ["NOT c IS NULL"]
    assert truths_as_values(parsed("SELECT a = 1 AND b, CASE WHEN a = 1 THEN 1 END FROM c")) != []
