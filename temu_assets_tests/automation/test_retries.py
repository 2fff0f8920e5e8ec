"""Retries of triggered runs: real runs that fail because TEMU is away, and the looks of the sensor between them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

import dagster as dg
import pytest

from temu_assets.automation.job_plan import DEFAULTS, JobSettings
from temu_assets.automation.retries import FORGET_AFTER
from temu_assets.automation.triggers import Triggers
from temu_assets.definitions import build_definitions
from temu_assets.errors import ConfigurationError, TemuAssetsError, TransientError
from temu_assets.run_origin import ATTEMPT_TAG, FIRST_RUN_TAG, MAX_RUNTIME_TAG
from temu_assets.stage import told_plainly
from temu_assets_tests.seller import LIST, WITHOUT_CHECKS, Seller

ORDERS, FULL = "temu_orders_sync", "temu_inventory_full_sync"
BY_SCHEDULE = {"dagster/schedule_name": "temu_orders_sync_schedule", MAX_RUNTIME_TAG: "300"}
NOWHERE = "http://127.0.0.1:9/openapi/router"


def retries(seller: Seller, plan: Triggers | None = None) -> list[dg.RunRequest]:
    """What the sensor starts when it looks now."""
    definitions = build_definitions(plan or Triggers(DEFAULTS, on_by_default=True))
    sensor = definitions.resolve_sensor_def("retry_sensor")
    with dg.build_sensor_context(instance=seller.instance, definitions=definitions) as context:
        return list(sensor.evaluate_tick(context).run_requests or ())


def run(seller: Seller, tags: Mapping[str, str], job: str = ORDERS, config: Mapping[str, object] | None = None) -> dg.DagsterRun:
    """A run as the daemon would start it."""
    result = WITHOUT_CHECKS.resolve_job_def(job).execute_in_process(
        instance=seller.instance, raise_on_error=False, tags=dict(tags), run_config=config
    )
    found = seller.instance.get_run_by_id(result.run_id)
    assert found is not None
    return found


def obey(seller: Seller, request: dg.RunRequest) -> dg.DagsterRun:
    """The run the daemon starts for a request of the sensor's."""
    assert request.job_name is not None
    return run(seller, request.tags, request.job_name, request.run_config)


@pytest.fixture
def away(new_seller: Seller, monkeypatch: pytest.MonkeyPatch) -> Seller:
    """A seller whose TEMU does not answer: nobody listens there."""
    monkeypatch.setenv("TEMU_API_ENDPOINT", NOWHERE)
    new_seller.place()
    return new_seller


def test_a_triggered_run_is_tried_again_after_the_delay_and_three_times_at_most(away: Seller) -> None:
    config = {"ops": {"raw_orders": {"config": {"days_back": 3}}}}
    first = run(away, BY_SCHEDULE | {"temu/change_seen_at": "2026-11-26"}, config=config)
    assert first.status is dg.DagsterRunStatus.FAILURE
    assert retries(away) == []
    for attempt in (2, 3, 4):
        away.later += timedelta(seconds=31)
        (request,) = retries(away)
        assert (request.job_name, request.run_config) == (ORDERS, config)
        assert {tag: value for tag, value in request.tags.items() if tag != "temu/kind"} == {
            FIRST_RUN_TAG: first.run_id,
            ATTEMPT_TAG: str(attempt),
            MAX_RUNTIME_TAG: "300",
            "temu/change_seen_at": "2026-11-26",
            "dagster/sensor_name": "retry_sensor",
        }
        assert request.run_key == f"{first.run_id}:{attempt}"
        assert obey(away, request).status is dg.DagsterRunStatus.FAILURE
    away.later += timedelta(seconds=31)
    assert retries(away) == []


def test_the_retry_does_the_work_and_nothing_stays_behind(away: Seller, monkeypatch: pytest.MonkeyPatch) -> None:
    run(away, BY_SCHEDULE)
    away.later += timedelta(seconds=31)
    (request,) = retries(away)
    monkeypatch.setenv("TEMU_API_ENDPOINT", away.sandbox.server.url)
    assert obey(away, request).status is dg.DagsterRunStatus.SUCCESS
    (order,) = away.holds()
    assert away.row(order).hold_reason is None
    away.later += timedelta(seconds=31)
    assert retries(away) == []


def test_the_same_look_again_asks_for_the_same_run_until_it_is_there(away: Seller) -> None:
    """The daemon died between the look and the run: its run key keeps Dagster from starting two."""
    first = run(away, BY_SCHEDULE)
    away.later += timedelta(seconds=31)
    assert retries(away) == retries(away)
    again = {FIRST_RUN_TAG: first.run_id, ATTEMPT_TAG: "2"}
    away.instance.add_run(dg.DagsterRun(job_name=ORDERS, status=dg.DagsterRunStatus.CANCELED, tags=again))
    assert retries(away) == []


@pytest.mark.parametrize(
    "tags",
    [{}, {**BY_SCHEDULE, "dagster/parent_run_id": "x", "dagster/root_run_id": "x"}],
    ids=["button or command line", "a triggered run started again by a button"],
)
def test_what_a_person_started_fails_at_once(away: Seller, tags: dict[str, str]) -> None:
    assert run(away, tags).status is dg.DagsterRunStatus.FAILURE
    away.later += timedelta(seconds=31)
    assert retries(away) == []


def test_what_does_not_pass_by_itself_is_not_tried_again(new_seller: Seller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEMU_ACCESS_TOKEN", "expired")
    assert run(new_seller, BY_SCHEDULE).status is dg.DagsterRunStatus.FAILURE
    new_seller.later += timedelta(seconds=31)
    assert retries(new_seller) == []


@pytest.mark.parametrize(("second", "is_tried_again"), [(TransientError, True), (ConfigurationError, False)])
def test_one_stage_that_waits_for_a_person_stops_all_retries(
    new_seller: Seller, second: type[TemuAssetsError], is_tried_again: bool
) -> None:
    def failing(name: str, error: type[TemuAssetsError]) -> dg.OpDefinition:
        @dg.op(name=name)
        def fails() -> None:
            with told_plainly():
                raise error("It did not work.", remedy="look at it")

        return fails

    @dg.job(name=ORDERS)
    def two_stages() -> None:
        failing("one", TransientError)()
        failing("two", second)()

    two_stages.execute_in_process(instance=new_seller.instance, raise_on_error=False, tags=BY_SCHEDULE)
    new_seller.later += timedelta(seconds=31)
    assert bool(retries(new_seller)) is is_tried_again


@pytest.mark.parametrize("status", [dg.DagsterRunStatus.STARTING, dg.DagsterRunStatus.STARTED])
def test_while_a_run_of_the_job_is_under_way_nothing_is_started(away: Seller, status: dg.DagsterRunStatus) -> None:
    run(away, BY_SCHEDULE)
    away.later += timedelta(seconds=31)
    away.instance.add_run(dg.DagsterRun(job_name=ORDERS, status=status))
    assert retries(away) == []


def test_a_run_of_another_job_keeps_nobody_from_trying_again(away: Seller) -> None:
    run(away, BY_SCHEDULE)
    away.later += timedelta(seconds=31)
    away.instance.add_run(dg.DagsterRun(job_name=FULL, status=dg.DagsterRunStatus.STARTED))
    assert len(retries(away)) == 1


def test_what_has_succeeded_since_is_not_done_again(away: Seller, monkeypatch: pytest.MonkeyPatch) -> None:
    run(away, BY_SCHEDULE)
    monkeypatch.setenv("TEMU_API_ENDPOINT", away.sandbox.server.url)
    assert away.run().success
    away.later += timedelta(seconds=31)
    assert retries(away) == []


def test_only_the_newest_failure_of_a_job_is_tried_again(away: Seller) -> None:
    run(away, BY_SCHEDULE)
    newest = run(away, BY_SCHEDULE)
    away.later += timedelta(seconds=31)
    assert [request.tags[FIRST_RUN_TAG] for request in retries(away)] == [newest.run_id]


def test_a_later_failure_by_hand_does_not_end_the_retries(away: Seller) -> None:
    first = run(away, BY_SCHEDULE)
    run(away, {})
    away.later += timedelta(seconds=31)
    assert [request.tags[FIRST_RUN_TAG] for request in retries(away)] == [first.run_id]


def test_every_job_has_its_own_retries(away: Seller) -> None:
    run(away, BY_SCHEDULE)
    run(away, {"dagster/schedule_name": "temu_inventory_full_sync_schedule"}, FULL)
    away.later += timedelta(seconds=31)
    assert {request.job_name for request in retries(away)} == {ORDERS}
    away.later += timedelta(seconds=270)
    assert {request.job_name for request in retries(away)} == {ORDERS, FULL}


def test_an_old_failure_is_left_to_the_next_run(away: Seller) -> None:
    run(away, BY_SCHEDULE)
    away.later += FORGET_AFTER + timedelta(seconds=29)
    assert len(retries(away)) == 1
    away.later += timedelta(seconds=2)
    assert retries(away) == []


def test_as_the_jobs_file_says(away: Seller) -> None:
    run(away, BY_SCHEDULE)
    away.later += timedelta(seconds=31)
    orders = DEFAULTS.jobs[ORDERS]

    def configured(job: JobSettings) -> Triggers:
        return Triggers(replace(DEFAULTS, jobs={**DEFAULTS.jobs, ORDERS: job}), on_by_default=True)

    assert retries(away, configured(replace(orders, retries=0))) == []
    assert retries(away, configured(replace(orders, retry_delay_seconds=60))) == []
    assert len(retries(away, configured(replace(orders, retries=1)))) == 1


def test_a_crash_is_dagsters_business(away: Seller) -> None:
    failed = run(away, BY_SCHEDULE)
    away.instance.add_run_tags(failed.run_id, {"dagster/will_retry": "true"})
    away.later += timedelta(seconds=31)
    assert retries(away) == []


def test_a_run_that_died_without_a_word_is_not_ours(away: Seller) -> None:
    died = dg.DagsterRun(job_name=ORDERS, status=dg.DagsterRunStatus.STARTED, tags=BY_SCHEDULE)
    away.instance.add_run(died)
    away.instance.report_run_failed(died, "The process is gone.")
    away.later += timedelta(seconds=31)
    assert retries(away) == []


def test_a_look_costs_temu_nothing(away: Seller, monkeypatch: pytest.MonkeyPatch) -> None:
    run(away, BY_SCHEDULE)
    monkeypatch.setenv("TEMU_API_ENDPOINT", away.sandbox.server.url)
    away.later += timedelta(seconds=31)
    assert len(retries(away)) == 1
    assert LIST not in away.calls()
