"""Runs of which nobody can see whether their process lives: Dagster's word counts, once the run had time to write down its end."""

from __future__ import annotations

from datetime import timedelta

import dagster as dg
import pytest

from temu_assets.operations.dead_runs import SURELY_OVER_AFTER, close_dead_runs
from temu_assets.toci import job_runs
from temu_assets.toci.job_runs import RunStart, RunStatus
from temu_assets.toci.processes import this_host
from temu_assets_tests.seller import Seller

UNSEEN = {"as on Windows": "4711@@", "in another container": "4711@boot:1@4026539999"}


def begun(seller: Seller, process: str, status: dg.DagsterRunStatus) -> str:
    """A run our history calls running, and Dagster what ``status`` says."""
    run = seller.instance.add_run(dg.DagsterRun(job_name="temu_orders_sync", status=status))
    start = RunStart(
        run.run_id, "temu_orders_sync", "orders", "by hand", False, run.run_id, 0, False, seller.now(), this_host(), process
    )  # fmt: skip
    seller.toci.write(lambda connection: job_runs.begin(connection, seller.toci.shop, start))
    return run.run_id


def status_of(seller: Seller, run_id: str) -> RunStatus:
    found = seller.toci.read(lambda connection: job_runs.read(connection, seller.toci.shop, run_id))
    assert found is not None
    return found.status


@pytest.mark.parametrize("process", UNSEEN.values(), ids=UNSEEN)
def test_a_run_dagster_calls_failed_does_not_stay_running_for_ever(new_seller: Seller, process: str) -> None:
    assert new_seller.run().success
    run_id = begun(new_seller, process, dg.DagsterRunStatus.FAILURE)
    assert close_dead_runs(new_seller.toci, new_seller.instance, now=new_seller.now()) == [], "it may be about to write its end"
    later = new_seller.now() + SURELY_OVER_AFTER + timedelta(seconds=2)
    assert close_dead_runs(new_seller.toci, new_seller.instance, now=later) == [run_id]
    assert status_of(new_seller, run_id) is RunStatus.FAILURE


@pytest.mark.parametrize("process", UNSEEN.values(), ids=UNSEEN)
def test_a_run_dagster_calls_running_is_left_alone(new_seller: Seller, process: str) -> None:
    assert new_seller.run().success
    run_id = begun(new_seller, process, dg.DagsterRunStatus.STARTED)
    assert close_dead_runs(new_seller.toci, new_seller.instance, now=new_seller.now() + timedelta(days=9)) == []
    assert status_of(new_seller, run_id) is RunStatus.RUNNING
