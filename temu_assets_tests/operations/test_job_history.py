"""The figures of job_history and what its checks say, from rows as runs leave them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from temu_assets.toci import job_runs
from temu_assets.toci.job_runs import RunEnd, RunStart, RunStatus
from temu_assets.toci.revision import ensure_current
from temu_assets_tests.seller import Seller, failed_checks, metadata_of

JOB = "job_statistics"


@pytest.fixture
def history(new_seller: Seller) -> Seller:
    ensure_current(new_seller.toci)
    return new_seller


def ran(seller: Seller, status: RunStatus, *, hours_ago: float, seconds: float = 2.0, job: str = "reconcile", dry: bool = False) -> None:
    began = seller.now() - timedelta(hours=hours_ago)
    run_id = f"{job}-{hours_ago}"
    start = RunStart(run_id, job, "orders", "by hand", False, run_id, 0, dry, began, "another host", "1@2@3")
    end = RunEnd(status, began + timedelta(seconds=seconds), {}, error="TEMU did not answer.")
    with seller.toci.engine.begin() as connection:
        job_runs.begin(connection, seller.toci.shop, start)
        job_runs.finish(connection, seller.toci.shop, run_id, end)


def test_no_run_at_all_is_no_figure_and_no_complaint(history: Seller) -> None:
    result = history.run(JOB, checks=True)
    assert result.success
    told = metadata_of(result, "job_history")
    assert told["runs_24h"] == 0
    assert "success_percent_24h" not in told
    assert failed_checks(result) == set()


def test_the_figures_of_all_and_of_each_job(history: Seller) -> None:
    for hours, seconds in ((1, 4.0), (2, 2.0), (30, 100.0)):
        ran(history, RunStatus.SUCCESS, hours_ago=hours, seconds=seconds)
    ran(history, RunStatus.FAILURE, hours_ago=3, job="temu_orders_sync")
    ran(history, RunStatus.SUCCESS, hours_ago=24 * 8, seconds=9999.0)
    told = metadata_of(history.run(JOB), "job_history")
    assert (told["runs_24h"], told["success_runs_24h"], told["failure_runs_24h"], told["runs_7d"]) == (3, 2, 1, 4)
    assert told["success_percent_24h"] == pytest.approx(66.7)
    assert (told["reconcile.p50_seconds_24h"], told["reconcile.p95_seconds_24h"], told["reconcile.max_seconds_7d"]) == (2.0, 4.0, 100.0)
    assert told["temu_orders_sync.success_percent_24h"] == 0
    table = {record.data["job"]: record.data for record in told["jobs"].records}
    assert table["temu_orders_sync"]["last ended well (UTC)"] == "never"
    assert table["reconcile"]["well 7 d"] == "100 %"


def test_a_job_that_fails_again_and_again_is_told_with_its_reason_until_it_goes_well(history: Seller) -> None:
    for hours in (5, 4, 3):
        ran(history, RunStatus.FAILURE, hours_ago=hours)
    result = history.run(JOB, checks=True)
    assert failed_checks(result) == {"no_job_fails_again_and_again"}
    (said,) = [each.description for each in result.get_asset_check_evaluations() if not each.passed]
    assert "reconcile failed 3 times one after the other. The last time: TEMU did not answer." in (said or "")
    ran(history, RunStatus.SUCCESS, hours_ago=1)
    assert failed_checks(history.run(JOB, checks=True)) == set()


def test_runs_that_die_or_often_go_wrong_are_told(history: Seller) -> None:
    for hours in range(1, 6):
        ran(history, RunStatus.SUCCESS if hours % 2 else RunStatus.FAILURE, hours_ago=hours)
    ran(history, RunStatus.KILLED, hours_ago=7)
    assert failed_checks(history.run(JOB, checks=True)) == {"most_runs_go_well", "no_run_dies"}


def test_dry_runs_are_nobodys_failures(history: Seller) -> None:
    for hours in (5, 4, 3):
        ran(history, RunStatus.FAILURE, hours_ago=hours, dry=True)
    assert failed_checks(history.run(JOB, checks=True)) == set()


def test_cleaning_tells_what_it_removed(history: Seller) -> None:
    ran(history, RunStatus.SUCCESS, hours_ago=24 * 731)
    told = metadata_of(history.run("clean_dagster_storage"), "dagster_storage")
    assert told["job_runs_removed"] == 1
    assert {"runs_before", "runs_deleted", "runs_after", "bytes_before", "bytes_after"} <= told.keys()
