"""What every stage has in common at its edge to Dagster: one plain message on failure, and a name for the lease it holds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import dagster as dg

from temu_assets.errors import TemuAssetsError, TransientError
from temu_assets.redaction import bug

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
