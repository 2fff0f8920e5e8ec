"""What every stage has in common at its edge to Dagster: one plain message on failure, and a name for the lease it holds."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta

import dagster as dg

from temu_assets.errors import TemuAssetsError, TransientError
from temu_assets.redaction import bug
from temu_assets.run_origin import MAX_RUNTIME_TAG
from temu_assets.time_limit import UNLIMITED, ShareOfRun, TimeLimit, limit_of

ERROR_KIND = "kind"
"""Metadata of a red stage: the class of the error."""
IS_TRANSIENT = "may_pass_by_itself"
"""Metadata of a red stage: whether trying again can help."""
DRY_RUN = "dry_run"
"""Metadata of what a stage shows in a dry run, instead of doing it."""
DRY_RUN_FIELD = (
    "Compute and show what would be sent, and send nothing. In one stage it makes the whole run dry; TEMU_DRY_RUN makes every run dry."
)
"""What the field of that name in a stage's configuration is for."""
_NO_MATERIALIZATION = "__source_asset_observation__"
"""Dagster's own word on an output that is to leave no event of its asset, because the stage has logged one itself."""


@contextmanager
def told_plainly() -> Iterator[None]:
    """Turn whatever went wrong into one red message that says what happened and what to do.

    Dagster stores exceptions with their messages and causes, and everybody who may see the UI reads them: so a bug is told by kind and
    place only (``redaction.bug``). Only what can pass by itself may be retried by Dagster.
    """
    try:
        yield
    except (dg.Failure, dg.RetryRequested):
        raise
    except TemuAssetsError as error:
        raise _failure(error) from None
    except Exception as error:  # noqa: BLE001 — nothing is swallowed: it is raised again without its values
        raise _failure(bug(error)) from None


def _failure(error: TemuAssetsError) -> dg.Failure:
    return dg.Failure(
        description=str(error),
        metadata={
            "what_happened": error.what,
            "what_to_do": error.remedy,
            ERROR_KIND: type(error).__name__,
            IS_TRANSIENT: isinstance(error, TransientError),
        },
        allow_retries=isinstance(error, TransientError),
    )


def holder(context: dg.AssetExecutionContext) -> str:
    """Who holds a lease, for the message a second run gets."""
    return f"run {context.run.run_id[:8]} of {context.run.job_name}"


def time_limit(context: dg.AssetExecutionContext, share: ShareOfRun, now: Callable[[], datetime]) -> TimeLimit:
    """Until when this stage begins new pieces of work; without a limit in a run that a person started."""
    tag = context.run.tags.get(MAX_RUNTIME_TAG)
    if tag is None:
        return UNLIMITED
    return limit_of(tag, share, elapsed=_elapsed(context), now=now)


def tell_waiting(context: dg.AssetExecutionContext, count: int, things: str) -> None:
    """Say, if it is so, that a run ends before all is done because its time is up."""
    if count:
        context.log.warning("%d %s wait for the next run: this one has reached its time limit. What was begun is done.", count, things)


def _elapsed(context: dg.AssetExecutionContext) -> timedelta:
    """How long the run has gone on, as Dagster counts it."""
    record = context.instance.get_run_record_by_id(context.run.run_id)
    seconds = time.time() - record.start_time if record is not None and record.start_time else 0.0
    return timedelta(seconds=max(0.0, seconds))


def only_shown(
    context: dg.AssetExecutionContext, said: str, metadata: Mapping[str, dg.MetadataValue | str | int | float | dict[str, int]]
) -> dg.MaterializeResult[None]:
    """What a stage returns in a dry run: its asset is observed and not materialized, so that nobody takes it for done or fresh.

    The stages after it run all the same. ``said`` is what would have been done, in words.
    """
    context.log.warning("DRY RUN: %s Nothing was sent, and nothing of it counts as done.", said)
    shown = {DRY_RUN: True, "said": f"Dry run, nothing was sent. {said}", **metadata}
    context.log_event(dg.AssetObservation(asset_key=context.asset_key, description=f"Dry run: {said}", metadata=shown))
    return dg.MaterializeResult(metadata={_NO_MATERIALIZATION: True})
