"""Locks, deadlocks, connections that end, and faults on order."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from temu_assets_tests.tds.conftest import Connect
from temu_assets_tests.tds.control import TsqlServer


@pytest.fixture
def counters(engine: Engine, server: TsqlServer) -> Engine:
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE t (k INT PRIMARY KEY, v INT)")
        connection.exec_driver_sql("INSERT INTO t VALUES (1, 0), (2, 0)")
    server.clear()
    return engine


def add(connection: Connection, key: int) -> None:
    connection.exec_driver_sql(f"UPDATE t SET v = v + 1 WHERE k = {key}")


def value(engine: Engine, key: int) -> int:
    engine.dispose()
    with engine.connect() as connection:
        found: int = connection.exec_driver_sql(f"SELECT v FROM t WHERE k = {key}").scalar_one()
    return found


def test_of_two_that_wait_for_each_other_the_one_of_low_priority_is_the_victim(counters: Engine, server: TsqlServer) -> None:
    meet = threading.Barrier(2)

    def work(first: int, second: int, priority: str) -> str:
        try:
            with counters.begin() as connection:
                connection.exec_driver_sql(f"SET DEADLOCK_PRIORITY {priority}")
                add(connection, first)
                meet.wait()
                add(connection, second)
        except DBAPIError:
            return "victim"
        return "done"

    with ThreadPoolExecutor(2) as pool:
        normal, low = pool.submit(work, 1, 2, "NORMAL"), pool.submit(work, 2, 1, "LOW")
    assert (normal.result(), low.result()) == ("done", "victim")
    assert [statement.error for statement in server.statements if statement.error == 1205] == [1205]
    assert (value(counters, 1), value(counters, 2)) == (1, 1)


def test_a_lock_timeout_leaves_the_transaction_open(counters: Engine) -> None:
    with counters.begin() as holder, counters.begin() as other:
        add(holder, 1)
        add(other, 2)
        other.exec_driver_sql("SET LOCK_TIMEOUT 50")
        with pytest.raises(DBAPIError, match="Lock request time out period exceeded"):
            add(other, 1)
        assert other.exec_driver_sql("SELECT @@TRANCOUNT").scalar_one() == 1
    assert (value(counters, 1), value(counters, 2)) == (1, 1)


def test_an_application_lock_is_held_until_the_transaction_ends(counters: Engine) -> None:
    lock = "SET NOCOUNT ON DECLARE @r INT EXEC @r = sp_getapplock 'x', 'Exclusive', 'Transaction', 50 SELECT @r"
    with counters.connect() as one, counters.connect() as other:
        assert one.exec_driver_sql(lock).scalar_one() == 0
        assert other.exec_driver_sql(lock).scalar_one() == -1
        one.rollback()
        assert other.exec_driver_sql(lock).scalar_one() == 0


@pytest.mark.parametrize(
    ("matching", "when", "expected"), [("UPDATE t", "before", 0), ("UPDATE t", "after", 0), ("COMMIT", "before", 0), ("COMMIT", "after", 1)]
)
def test_a_connection_that_ends_leaves_what_was_committed(
    counters: Engine, server: TsqlServer, matching: str, when: str, expected: int
) -> None:
    server.kill_next(matching, when)  # type: ignore[arg-type]
    with pytest.raises(DBAPIError), counters.begin() as connection:
        add(connection, 1)
    assert value(counters, 1) == expected


def test_without_a_transaction_an_answer_that_is_lost_was_still_executed(connect: Connect, counters: Engine, server: TsqlServer) -> None:
    server.kill_next("UPDATE t", "after")
    with pytest.raises(DBAPIError), connect(isolation_level="AUTOCOMMIT").connect() as connection:
        add(connection, 1)
    assert value(counters, 1) == 1


def test_the_second_of_two_is_killed(counters: Engine, server: TsqlServer) -> None:
    server.kill_next("UPDATE t", nth=2)
    with counters.connect() as connection:
        add(connection, 1)
        with pytest.raises(DBAPIError):
            add(connection, 1)
        connection.invalidate()
    assert sum("UPDATE" in statement.text for statement in server.statements) == 2


def test_an_error_is_raised_in_place_of_a_statement(counters: Engine, server: TsqlServer) -> None:
    server.fail_next(1222, "UPDATE t")
    with counters.begin() as connection:
        with pytest.raises(DBAPIError, match="Lock request time out"):
            add(connection, 1)
        add(connection, 1)
    assert value(counters, 1) == 1
    assert [statement.error for statement in server.statements if "UPDATE" in statement.text] == [1222, None]


def test_a_deadlock_on_order_rolls_the_transaction_back(counters: Engine, server: TsqlServer) -> None:
    server.fail_next(1205, "k = 2")
    with counters.connect() as connection:
        add(connection, 1)
        with pytest.raises(DBAPIError):
            add(connection, 2)
        connection.invalidate()
    assert value(counters, 1) == 0


def test_something_happens_between_two_statements(counters: Engine, server: TsqlServer) -> None:
    def meanwhile() -> None:
        with counters.begin() as other:
            add(other, 1)

    server.call_next(meanwhile, "UPDATE t")
    with counters.begin() as connection:
        add(connection, 1)
    assert value(counters, 1) == 2


def test_one_session_kills_another(counters: Engine) -> None:
    with counters.connect() as one, counters.connect() as other:
        spid = other.exec_driver_sql("SELECT @@SPID").scalar_one()
        one.exec_driver_sql(f"KILL {spid}")
        with pytest.raises(DBAPIError):
            other.exec_driver_sql("SELECT 1")
        other.invalidate()


def test_a_restart_ends_all_sessions(counters: Engine, server: TsqlServer) -> None:
    with counters.connect() as connection:
        connection.exec_driver_sql("SELECT 1")
        server.kill_all()
        with pytest.raises(DBAPIError):
            connection.exec_driver_sql("SELECT 1")
        connection.invalidate()
    assert value(counters, 1) == 0


def test_statements_and_round_trips_are_counted(counters: Engine, server: TsqlServer) -> None:
    with counters.connect() as connection:
        connection.exec_driver_sql("SELECT 1")
        server.clear()
        connection.exec_driver_sql("SELECT v FROM t WHERE k = ?", (1,)).all()
        assert server.round_trips >= 1
        (statement,) = [statement for statement in server.statements if "SELECT v" in statement.text]
    assert statement.database == "test"
    assert len(statement.parameters) == 1
    assert statement.parameters[0].endswith(":'1'")
