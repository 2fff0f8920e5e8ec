"""Random days held against a model of plain dicts, small enough for every test run. The long way: ``python -m temu_assets_tests.model``."""

from __future__ import annotations

from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from temu_assets_tests.databases import toci_is_a_file
from temu_assets_tests.model.machine import Days

FAST = settings(
    max_examples=8,
    stateful_step_count=20,
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)


@toci_is_a_file
def test_whatever_happens_comes_to_what_the_model_says() -> None:
    """Invariants I1 to I10 of the reliability page, on eight days."""
    run_state_machine_as_test(Days, settings=FAST)
