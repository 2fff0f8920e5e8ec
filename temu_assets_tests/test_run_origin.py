"""Who started a run is told by its tags, also where Dagster copied them from another run."""

from __future__ import annotations

import pytest

from temu_assets.run_origin import ATTEMPT_TAG, FIRST_RUN_TAG, attempt_of, first_run_of, is_triggered, trigger_of

BY_SCHEDULE = {"dagster/schedule_name": "temu_orders_sync_schedule"}
AGAIN = {"dagster/sensor_name": "retry_sensor", FIRST_RUN_TAG: "first", ATTEMPT_TAG: "3"}


@pytest.mark.parametrize(
    ("tags", "triggered", "by", "first", "attempt"),
    [
        ({}, False, None, "this", 1),
        (BY_SCHEDULE, True, "temu_orders_sync_schedule", "this", 1),
        (AGAIN, True, "retry_sensor", "first", 3),
        (AGAIN | {"dagster/parent_run_id": "x", "dagster/root_run_id": "x"}, False, None, "this", 1),
        (AGAIN | {"dagster/parent_run_id": "x", "dagster/retry_number": "1"}, True, "retry_sensor", "first", 3),
        (BY_SCHEDULE | {ATTEMPT_TAG: "many"}, True, "temu_orders_sync_schedule", "this", 1),
        (BY_SCHEDULE | {ATTEMPT_TAG: "0"}, True, "temu_orders_sync_schedule", "this", 1),
        ({ATTEMPT_TAG: "2", FIRST_RUN_TAG: "first"}, False, None, "this", 1),
    ],
    ids=["button", "schedule", "retry", "retry started again by a button", "retry restarted by Dagster", "no number", "0", "invented tags"],
)
def test_who_started_a_run(tags: dict[str, str], triggered: bool, by: str | None, first: str, attempt: int) -> None:
    assert is_triggered(tags) is triggered
    assert trigger_of(tags) == by
    assert first_run_of("this", tags) == first
    assert attempt_of(tags) == attempt
