"""Runs really started on the command line leave their row and their sentences, however they end; writing history never hurts them."""

from __future__ import annotations

import os
import signal
import sqlite3
from collections.abc import Iterator

import dagster as dg
import pytest

from temu_assets.operations.dead_runs import DIED, close_dead_runs
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
    code, said = desk.run(*ASSET, "order_tracking", TEMU_DRY_RUN="true")
    assert code == 0, said
    assert desk.last().start.dry_run
    assert "Dry run" in desk.sentences(desk.last())[0].message


def test_a_failed_run_says_where_why_and_whether_it_may_pass(desk: Desk) -> None:
    code, _ = desk.run(*JOB, "temu_orders_sync", TEMU_ACCESS_TOKEN="wrong")
    assert code != 0
    run = desk.last()
    assert run.end is not None
    assert (run.status, run.end.failed_stage, run.end.may_pass) == (RunStatus.FAILURE, "raw_orders", False)
    assert "TEMU_ACCESS_TOKEN" in (run.end.error or "")
    assert run.end.error_kind == "TemuAuthorisation"
    assert [(each.level, each.status) for each in desk.sentences(run)][-2:] == [
        (Level.ERROR, RunStatus.RUNNING),
        (Level.ERROR, RunStatus.FAILURE),
    ]


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
        code, said = desk.run(*ASSET, "order_tracking")
        assert code == 0, said
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


def test_a_locked_database_of_ours_holds_up_no_run_that_does_not_need_it(desk: Desk) -> None:
    before = len(desk.history())
    holder = sqlite3.connect(desk.folder / "data" / "toci.db", isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    try:
        # This stage writes nothing there before TEMU has answered.
        code, said = desk.run(*ASSET, "raw_skus", TEMU_ACCESS_TOKEN="wrong")
    finally:
        holder.execute("ROLLBACK")
        holder.close()
    assert code != 0
    assert "3000031" in said
    assert "The history of this run could not be written to our database" in said
    assert len(desk.history()) == before


@pytest.mark.parametrize("url", ["postgresql+psycopg://nobody@127.0.0.1:9/toci", "nonsense"], ids=["no server", "no url"])
def test_a_database_that_is_not_there_changes_nothing_about_how_a_run_ends(desk: Desk, url: str) -> None:
    code, said = desk.run(*ASSET, "raw_skus", TOCI_DATABASE_URL=url)
    assert code != 0
    assert "The history of this run could not be written to our database" in said
    assert "Traceback" not in said.replace("Stack Trace", "")


def test_settings_that_cannot_be_read_leave_our_database_and_the_logs_alone(desk: Desk) -> None:
    before = len(desk.history())
    code, said = desk.run(*ASSET, "raw_skus", JTL_DATABASE_URL="", TEMU_KEEP_RUNS_DAYS="many")
    assert code != 0
    assert "The history of this run" not in said
    assert len(desk.history()) == before


def status_of(instance: dg.DagsterInstance, run_id: str) -> dg.DagsterRunStatus | None:
    run = instance.get_run_by_id(run_id)
    return None if run is None else run.status
