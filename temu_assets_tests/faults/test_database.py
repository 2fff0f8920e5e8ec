"""Our own database goes away, is locked, is full, is damaged: a transaction is done as a whole or not at all, and the work goes on."""

from __future__ import annotations

import shutil
import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any

import pytest
from sqlalchemy import Engine, event

from temu_assets.sandbox.jtl_shipping import ParcelToShip
from temu_assets.sql import attempts, sqlite
from temu_assets.toci import leases
from temu_assets.toci.tables import temu_orders
from temu_assets_tests.databases import toci_is_a_file
from temu_assets_tests.engines import change_ours
from temu_assets_tests.faults.invariants import recover, require_agreement, require_agreement_on_stock
from temu_assets_tests.seller import CONFIRM, DETAILS, LIST, Seller, failure

pytestmark = toci_is_a_file


@dataclass
class EveryStatement:
    """Each transaction dies before its first statement, then before its second, and so on, then before and after its commit.

    So every statement of a run is the last one of a connection once, and every commit is one whose answer was lost.
    """

    killed: int = 0
    longest: int = 0
    lost_answers: int = 0
    is_on: bool = True
    _here: threading.local = field(default_factory=threading.local)

    def watch(self, engine: Engine) -> Engine:
        """Kill on this engine from now on."""
        dialect: Any = engine.dialect
        genuine_commit = dialect.do_commit
        event.listen(engine, "begin", lambda _: self._begin())
        event.listen(engine, "before_cursor_execute", lambda _connection, _cursor, statement, *_: self._statement(statement))

        def commit(connection: Any) -> None:
            if not self._is_on_here() or not self._here.statements:
                genuine_commit(connection)
                return
            self._here.commits += 1
            if self._here.commits == 1:
                self._die()
            genuine_commit(connection)
            if self._here.commits == 2:
                self.lost_answers += 1
                self._die()
            self._here.goal = 1
            self._here.commits = 0

        dialect.do_commit = commit
        return engine

    def _is_on_here(self) -> bool:
        return self.is_on and threading.current_thread() is threading.main_thread()

    def _begin(self) -> None:
        self._here.statements = 0
        if not hasattr(self._here, "goal"):
            self._here.goal, self._here.commits = 1, 0

    def _statement(self, statement: str) -> None:
        if not self._is_on_here() or statement.startswith("BEGIN"):
            return
        self._here.statements += 1
        self.longest = max(self.longest, self._here.statements)
        if self._here.commits == 0 and self._here.statements == self._here.goal:
            self._here.goal += 1
            self._die()

    def _die(self) -> None:
        self.killed += 1
        raise sqlite3.OperationalError("the connection was lost")


def test_every_statement_of_a_run_may_be_its_connections_last(new_seller: Seller, monkeypatch: pytest.MonkeyPatch) -> None:
    """Faults 5, 6, 15 and 23: whatever a transaction was doing, it is done again as a whole on a fresh connection, once."""
    assert new_seller.run().success
    killer = EveryStatement()
    genuine_expiry = leases._set_expiry

    def without_dying(*arguments: Any) -> bool:
        """Giving a lease back is not tried again: it ends by itself."""
        killer.is_on, was_on = False, killer.is_on
        try:
            return genuine_expiry(*arguments)
        finally:
            killer.is_on = was_on

    change_ours(monkeypatch, killer.watch)
    monkeypatch.setattr(leases, "_set_expiry", without_dying)
    # As many tries as there are statements, at once.
    monkeypatch.setattr(attempts, "_PAUSES", dict.fromkeys(attempts._PAUSES, (0.0,) * 200))
    orders = [new_seller.place() for _ in range(2)]
    new_seller.calls()

    assert new_seller.run().success
    new_seller.sandbox.jtl.run_worker()
    for number, order in enumerate(orders):
        new_seller.sandbox.jtl.ship(order, [ParcelToShip(tracking=f"0034043417700000000{number}")])
    assert new_seller.run().success
    assert new_seller.run("temu_inventory_full_sync").success

    assert killer.longest >= 25, "every statement of the longest transaction"
    assert killer.killed > 500
    assert killer.lost_answers > 25
    require_agreement(new_seller)
    require_agreement_on_stock(new_seller)
    assert [new_seller.in_jtl(order) for order in orders] == [1, 1]
    calls = new_seller.calls()
    assert calls[CONFIRM] == 2
    assert sum(calls[name] for name in DETAILS) == 4


def test_a_database_somebody_holds_is_red_says_so_and_the_next_run_goes_on(new_seller: Seller, monkeypatch: pytest.MonkeyPatch) -> None:
    order = new_seller.place()
    assert new_seller.run().success
    later = new_seller.place()
    monkeypatch.setattr(sqlite, "_WAIT_SECONDS", 0)
    with closing(sqlite3.connect(new_seller.data / "toci.db", isolation_level=None)) as somebody:
        somebody.execute("BEGIN IMMEDIATE")
        message = failure(new_seller.run())
    assert "Our database" in message
    assert "is locked by another program" in message
    assert "end what holds it" in message
    recover(new_seller)
    assert [new_seller.in_jtl(each) for each in (order, later)] == [1, 1]


def test_a_database_that_is_full_keeps_what_it_has_and_goes_on_when_there_is_room(
    new_seller: Seller, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SQLite's own limit on pages stands for the disk: full in whichever transaction comes first."""
    assert new_seller.run().success

    def no_more_pages(connection: sqlite3.Connection, _record: object) -> None:
        (pages,) = connection.execute("PRAGMA page_count").fetchone()
        connection.execute(f"PRAGMA max_page_count = {pages}")

    def fill(engine: Engine) -> Engine:
        event.listen(engine, "connect", no_more_pages)
        return engine

    for _ in range(12):
        new_seller.place(("FLASCHE-750-BL", 1), ("DECKEL-SW", 2), ("NAPF-SW", 1))
    with monkeypatch.context() as patched:
        change_ours(patched, fill)
        message = failure(new_seller.run())
        assert "there is no room on the disk" in message
        assert "make room" in message
        assert str(new_seller.data / "toci.db") in message
        assert new_seller.waiting_rows() == 0
    with closing(sqlite3.connect(new_seller.data / "toci.db")) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    recover(new_seller)
    assert len(new_seller.rows(temu_orders)) == 12


def overwritten(content: bytes) -> bytes:
    return b"this is no database any more".ljust(len(content))


def cut(content: bytes) -> bytes:
    return content[: len(content) // 3]


@pytest.mark.parametrize("damage", [overwritten, cut])
def test_a_damaged_database_is_red_and_the_one_of_the_backup_goes_on(new_seller: Seller, damage: Callable[[bytes], bytes]) -> None:
    order = new_seller.place()
    assert new_seller.run().success
    new_seller.toci.close()
    file = new_seller.data / "toci.db"
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    backup = shutil.copy(file, new_seller.data / "backup.db")
    file.write_bytes(damage(file.read_bytes()))
    new_seller.calls()

    message = failure(new_seller.run())

    assert "is not a SQLite database" in message or "is damaged" in message
    assert "restore a backup" in message
    assert new_seller.calls() == {}
    for leftover in new_seller.data.glob("toci.db*"):
        leftover.unlink()
    shutil.copy(backup, file)
    recover(new_seller)
    assert new_seller.in_jtl(order) == 1


def test_a_value_too_long_for_its_column_parks_that_order_by_name(new_seller: Seller) -> None:
    """Fault 23: never cut without a word, and never a run that fails for one order."""
    good, bad = new_seller.place(), new_seller.place()
    new_seller.fault("set_field", LIST, path="pageItems.0.orderList.0.productList.0.extCode", value="X" * 300)
    assert new_seller.run().success
    new_seller.sandbox.jtl.run_worker()
    assert new_seller.in_jtl(good) + new_seller.in_jtl(bad) == 1
    ((kind, _), reason) = next(iter(new_seller.problems().items()))
    assert kind == "order_data"
    assert "sku" in reason
    recover(new_seller)
    assert new_seller.problems() == {}
