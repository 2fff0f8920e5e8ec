"""Runs really started on the command line leave their row and their sentences, however they end; writing history never hurts them."""

from __future__ import annotations

import os
import signal
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest

from temu_assets.operations import observing
from temu_assets.operations.dead_runs import DIED, close_dead_runs
from temu_assets.resources import TociResource
from temu_assets.run_origin import ATTEMPT_TAG, FIRST_RUN_TAG
from temu_assets.sandbox.faults import Fault, FaultKind
from temu_assets.toci.job_runs import RunStatus
from temu_assets.toci.scheduler_logs import Level
from temu_assets_tests.databases import toci_is_a_file
from temu_assets_tests.operations.command_line import ASSET, JOB, LONGEST_SECONDS, Desk, open_desk
from temu_assets_tests.seller import LIST

pytestmark = [toci_is_a_file, pytest.mark.skipif(os.name == "nt", reason="Windows has no such signals")]


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """One desk: the tests follow each other as a day does."""
    with open_desk(tmp_path_factory.mktemp("desk")) as desk:
        yield desk


def interrupted(desk: Desk, sign: signal.Signals) -> None:
    """A run of the orders job that is ended while TEMU does not answer."""
    desk.sandbox.server.journal.clear()
    desk.sandbox.server.faults.order(Fault(kind=FaultKind.STALL, endpoint=LIST, seconds=3))
    with desk.start(*JOB, "temu_orders_sync") as process:
        desk.wait_for_call(LIST, process)
        process.send_signal(sign)
        process.communicate(timeout=LONGEST_SECONDS)
    desk.sandbox.server.faults.clear()


def test_the_first_run_of_all_without_a_dagster_home(desk: Desk) -> None:
    """Our database does not exist when it begins; the run itself sets it up."""
    code, said = desk.run(*JOB, "temu_orders_sync", home=False)
    assert code == 0, said
    run = desk.last()
    assert run.end is not None
    assert (run.status, run.start.job_id, run.start.job_type) == (RunStatus.SUCCESS, "temu_orders_sync", "orders")
    assert (run.start.started_by, run.start.is_triggered, run.start.attempt, run.start.dry_run) == ("command line", False, 0, False)
    assert run.start.first_run_id == run.start.run_id
    assert run.end.counts["raw_orders"]["listed"] > 10
    assert run.end.counts["jtl_order_xml"]["exported"] > 10
    assert run.end.failed_checks == 1
    sentences = desk.sentences(run)
    assert sentences[0].message == "temu_orders_sync has begun (command line)."
    assert [each.level for each in sentences].count(Level.WARNING) == 1
    assert any(each.message.startswith("jtl_order_xml: done in") for each in sentences)
    assert sentences[-1].status is RunStatus.SUCCESS
    (log,) = (desk.folder / "data" / "logs").rglob("*.log")
    assert log.parent.name == "app"
    assert len(log.read_text(encoding="utf-8").splitlines()) == len(sentences)
    assert log.stat().st_mode & 0o077 == 0


def test_assets_materialized_alone_go_by_their_names(desk: Desk) -> None:
    code, said = desk.run(*ASSET, "raw_skus,temu_products")
    assert code == 0, said
    run = desk.last()
    assert (run.start.job_id, run.start.job_type, run.status) == ("raw_skus, temu_products", "inventory", RunStatus.SUCCESS)


def test_a_dry_run_is_one_in_the_history_too(desk: Desk) -> None:
    desk.run_here("order_tracking", TEMU_DRY_RUN="true")
    assert desk.last().start.dry_run
    with dg.DagsterInstance.from_config(str(desk.home)) as instance:
        (run,) = instance.get_runs(limit=1)
    assert run.tags["temu/dry_run"] == "true"
    assert "Dry run" in desk.sentences(desk.last())[0].message


def test_a_failed_run_says_where_why_and_whether_it_may_pass(desk: Desk) -> None:
    assert not desk.run_here("raw_orders", "temu_orders", "temu_order_items", TEMU_ACCESS_TOKEN="wrong").success
    run = desk.last()
    assert run.end is not None
    assert (run.status, run.end.failed_stage, run.end.may_pass) == (RunStatus.FAILURE, "raw_orders", False)
    assert run.start.job_id == "raw_orders, temu_order_items, temu_orders"
    assert "TEMU_ACCESS_TOKEN" in (run.end.error or "")
    assert run.end.error_kind == "TemuAuthorisation"
    assert [(each.level, each.status) for each in desk.sentences(run)][-2:] == [
        (Level.ERROR, RunStatus.RUNNING),
        (Level.ERROR, RunStatus.FAILURE),
    ]


def test_a_retry_knows_what_it_tries_again(desk: Desk) -> None:
    by_us = {"dagster/sensor_name": "retry_sensor", FIRST_RUN_TAG: "the-first", ATTEMPT_TAG: "3"}
    desk.run_here("order_tracking", tags=by_us)
    start = desk.last().start
    assert (start.started_by, start.is_triggered, start.first_run_id, start.attempt) == ("retry_sensor", True, "the-first", 2)
    by_dagster = {"dagster/parent_run_id": "a", "dagster/root_run_id": "a", "dagster/retry_number": "1"}
    desk.run_here("order_tracking", tags=by_dagster)
    start = desk.last().start
    assert (start.started_by, start.is_triggered, start.first_run_id, start.attempt) == ("retry", False, "a", 1)


def test_a_bug_outside_of_a_stage_is_told_without_its_words(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks(*_: object) -> None:
        raise KeyError("Kanarina Zeisig")

    monkeypatch.setattr(TociResource, "setup_for_execution", breaks)
    assert not desk.run_here("order_tracking").success
    end = desk.last().end
    assert end is not None
    assert end.status is RunStatus.FAILURE
    assert end.error
    assert "Kanarina" not in "".join([end.error, *(each.message for each in desk.sentences(desk.last()))])


def test_a_run_that_is_told_to_end_was_cancelled(desk: Desk) -> None:
    interrupted(desk, signal.SIGTERM)
    run = desk.last()
    assert run.end is not None
    assert (run.status, run.end.failed_stage) == (RunStatus.CANCELLED, "raw_orders")
    assert "the next run goes on" in (run.end.error or "")


def test_a_killed_run_is_noticed_by_the_next_and_dagster_is_told(desk: Desk) -> None:
    interrupted(desk, signal.SIGKILL)
    killed = desk.last()
    assert killed.status is RunStatus.RUNNING
    with dg.DagsterInstance.from_config(str(desk.home)) as instance:
        assert status_of(instance, killed.start.run_id) is dg.DagsterRunStatus.STARTED
        desk.run_here("order_tracking")
        assert status_of(instance, killed.start.run_id) is dg.DagsterRunStatus.FAILURE
        (failed,) = instance.all_logs(killed.start.run_id, of_type=dg.DagsterEventType.RUN_FAILURE)
    assert "is gone and said nothing" in (failed.message or failed.user_message)
    end = desk.history()[-2].end
    assert end is not None
    assert (end.status, end.error_kind, end.may_pass) == (RunStatus.KILLED, DIED, True)
    assert desk.sentences(desk.history()[-2])[-1].status is RunStatus.KILLED


def test_a_killed_run_of_no_known_home_is_closed_too_and_what_was_being_cancelled_stays_cancelled(desk: Desk) -> None:
    interrupted(desk, signal.SIGKILL)
    run = desk.last()
    with dg.DagsterInstance.ephemeral() as stranger:
        assert close_dead_runs(desk.toci, stranger, now=run.start.started_at) == [run.start.run_id]
    assert desk.last().status is RunStatus.KILLED
    with dg.DagsterInstance.from_config(str(desk.home)) as instance:
        known = instance.get_run_by_id(run.start.run_id)
        assert known is not None
        instance.report_run_canceling(known)
        assert close_dead_runs(desk.toci, instance, now=run.start.started_at) == [run.start.run_id]
        assert status_of(instance, run.start.run_id) is dg.DagsterRunStatus.CANCELED
        assert close_dead_runs(desk.toci, instance, now=run.start.started_at) == []


HISTORY = "The history of this run could not be written to our database"


def test_a_locked_database_of_ours_holds_up_no_run_that_does_not_need_it(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(observing, "BEGIN_WAITS_SECONDS", 0.1)
    monkeypatch.setattr(observing, "END_WAITS_SECONDS", 0.1)
    before = len(desk.history())
    holder = sqlite3.connect(desk.folder / "data" / "toci.db", isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    try:
        # This stage writes nothing there before TEMU has answered.
        run = desk.run_here("raw_skus", TEMU_ACCESS_TOKEN="wrong")
        assert len(desk.history()) == before
    finally:
        holder.execute("ROLLBACK")
        holder.close()
    assert "3000031" in run.said
    assert f"{HISTORY}: it did not answer in time" in run.said


@pytest.mark.parametrize("url", ["postgresql+psycopg://nobody@127.0.0.1:9/toci", "nonsense"], ids=["no server", "no url"])
def test_a_database_that_is_not_there_changes_nothing_about_how_a_run_ends(desk: Desk, url: str) -> None:
    run = desk.run_here("raw_skus", TOCI_DATABASE_URL=url)
    assert not run.success
    assert HISTORY in run.said


def test_a_database_without_our_tables_is_left_alone(desk: Desk, tmp_path: Path) -> None:
    """The predecessor's, or an older one on a server: the stages say what to do with it."""
    file = tmp_path / "other.db"
    with sqlite3.connect(file) as connection:
        connection.execute("CREATE TABLE temu_orders (id INTEGER)")
    run = desk.run_here("raw_skus", TOCI_DATABASE_URL=f"sqlite:///{file}")
    assert not run.success
    assert HISTORY in run.said
    with sqlite3.connect(file) as connection:
        assert connection.execute("SELECT name FROM sqlite_master").fetchall() == [("temu_orders",)]


def test_a_log_file_that_cannot_be_written_fails_no_run(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "logs").write_text("a file where a folder should be", encoding="utf-8")
    run = desk.run_here("order_tracking", TEMU_DATA_DIR=str(tmp_path))
    assert run.success
    assert "The log file of this run could not be written" in run.said
    assert desk.last().status is RunStatus.SUCCESS


def test_settings_that_cannot_be_read_leave_our_database_and_the_logs_alone(desk: Desk) -> None:
    before = len(desk.history())
    run = desk.run_here("raw_skus", TEMU_KEEP_RUNS_DAYS="many")
    assert not run.success
    assert "The history of this run" not in run.said
    assert len(desk.history()) == before


def status_of(instance: dg.DagsterInstance, run_id: str) -> dg.DagsterRunStatus | None:
    run = instance.get_run_by_id(run_id)
    return None if run is None else run.status
