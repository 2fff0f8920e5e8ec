"""Who started a run, told by the tags Dagster and we put on it: a trigger (schedule or sensor) or a person."""

from __future__ import annotations

from collections.abc import Mapping

FIRST_RUN_TAG = "temu/first_run"
"""On a run that tries again what failed: the id of the run that was first."""
ATTEMPT_TAG = "temu/attempt"
"""On a run that tries again: its number; the first run, without this tag, is 1."""
MAX_RUNTIME_TAG = "dagster/max_runtime"
"""Seconds a run may take before Dagster ends it. On triggered runs only."""

_TRIGGERS = ("dagster/schedule_name", "dagster/sensor_name")
_DONE_AGAIN = "dagster/parent_run_id"
_BY_DAGSTER = "dagster/retry_number"


def trigger_of(tags: Mapping[str, str]) -> str | None:
    """The schedule or sensor that started the run, or None for a person's.

    A run that is started again by a button carries all tags of the one before; only a restart by Dagster itself is numbered.
    """
    if _DONE_AGAIN in tags and _BY_DAGSTER not in tags:
        return None
    return next((tags[tag] for tag in _TRIGGERS if tag in tags), None)


def is_triggered(tags: Mapping[str, str]) -> bool:
    """Whether a schedule or sensor started the run: time limit and retries hold for such runs only."""
    return trigger_of(tags) is not None


def first_run_of(run_id: str, tags: Mapping[str, str]) -> str:
    """The id of the run whose work this one tries again; its own for a first run."""
    return tags.get(FIRST_RUN_TAG, run_id) if is_triggered(tags) else run_id


def attempt_of(tags: Mapping[str, str]) -> int:
    """The how-manieth try of that work this run is, from 1. A tag somebody wrote by hand and that is no number counts as none."""
    given = tags.get(ATTEMPT_TAG, "") if is_triggered(tags) else ""
    return int(given) if given.isascii() and given.isdigit() and given != "0" else 1
