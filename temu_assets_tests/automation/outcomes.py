"""What a look of a sensor has come to."""

from __future__ import annotations

import json

import dagster as dg


def starts_a_run(found: dg.SensorResult | dg.SkipReason) -> bool:
    return isinstance(found, dg.SensorResult) and len(found.run_requests or ()) == 1


def nothing_new(found: dg.SensorResult | dg.SkipReason) -> str:
    """Why nothing was started; whatever comes next is news, also what looks like what a run took in before."""
    assert isinstance(found, dg.SensorResult)
    assert not found.run_requests
    assert isinstance(found.skip_reason, dg.SkipReason)
    assert json.loads(found.cursor or "") == [None, 0.0, 0]
    return found.skip_reason.skip_message or ""
