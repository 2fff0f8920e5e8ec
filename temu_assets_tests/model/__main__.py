"""``python -m temu_assets_tests.model``: as many random days as wanted, and how much of everything was in them.

Exit code 0: on each of them everything came to what the model says. Else the day is told, made as small as can be.
"""

from __future__ import annotations

import argparse
import logging
import os
import time
import warnings

import hypothesis
from click import echo
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from temu_assets_tests.model.machine import Days

SEED = 20261126


def main() -> int:
    """Draw and judge; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m temu_assets_tests.model", description=__doc__)
    parser.add_argument("--examples", type=int, default=100, help="how many days (%(default)s)")
    parser.add_argument("--steps", type=int, default=40, help="how much may happen on one (%(default)s)")
    parser.add_argument("--seed", type=int, default=SEED, help="the days depend on it alone (%(default)s)")
    given = parser.parse_args()
    _no_real_shop()
    long = settings(
        max_examples=given.examples,
        stateful_step_count=given.steps,
        deadline=None,
        database=None,
        print_blob=False,
        suppress_health_check=list(HealthCheck),
    )
    echo(f"Seed {given.seed}, {given.examples} days of {given.steps} steps at most.")
    began = time.monotonic()
    seeded = hypothesis.seed(given.seed)(type("SeededDays", (Days,), {}))
    try:
        run_state_machine_as_test(seeded, settings=long)
    finally:
        echo(f"{time.monotonic() - began:.0f} s: " + ", ".join(f"{count} x {what}" for what, count in Days.counts.most_common()))
    return 0


def _no_real_shop() -> None:
    """Whoever starts this may have a real shop in the environment: none is seen here."""
    for name in list(os.environ):
        if name.startswith(("TEMU_", "JTL_", "TOCI_", "SQL_", "STOCK_BRAKE_", "DAGSTER_")):
            del os.environ[name]
    warnings.simplefilter("ignore")
    logging.disable(logging.DEBUG)


if __name__ == "__main__":
    raise SystemExit(main())
