"""What every stage has in common at its edge to Dagster: one plain message on failure, and a name for the lease it holds."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import dagster as dg

from temu_assets.errors import TemuAssetsError, TransientError


@contextmanager
def told_plainly() -> Iterator[None]:
    """Turn an error of ours into one red message that says what happened and what to do.

    Only what can pass by itself may be retried by Dagster.
    """
    try:
        yield
    except TemuAssetsError as error:
        raise dg.Failure(
            description=str(error),
            metadata={"what_happened": error.what, "what_to_do": error.remedy},
            allow_retries=isinstance(error, TransientError),
        ) from None


def holder(context: dg.AssetExecutionContext) -> str:
    """Who holds a lease, for the message a second run gets."""
    return f"run {context.run.run_id[:8]} of {context.run.job_name}"
