"""What every stage has in common at its edge to Dagster: one plain message on failure, and a name for the lease it holds."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import dagster as dg

from temu_assets.errors import TemuAssetsError, TransientError
from temu_assets.redaction import bug

ERROR_KIND = "kind"
"""Metadata of a red stage: the class of the error."""
IS_TRANSIENT = "may_pass_by_itself"
"""Metadata of a red stage: whether trying again can help."""


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
