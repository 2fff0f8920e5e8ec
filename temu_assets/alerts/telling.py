"""What the sensor and the command both do: look, tell what is due, say so when our own database is away, and ask about the token."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from datetime import datetime

from temu_assets.alerts.facts import Job
from temu_assets.alerts.looking import Outcome, look
from temu_assets.alerts.token import ConnectTemu, ask_if_due
from temu_assets.alerts.ways import ways
from temu_assets.alerts.without_database import database_is_away, database_is_back
from temu_assets.errors import TemuAssetsError
from temu_assets.settings import Settings
from temu_assets.toci.database import Toci
from temu_assets.toci.leases import LeaseTakenError

ConnectToci = Callable[[], AbstractContextManager[Toci]]

TIME_FOR_TEMU_SECONDS = 15.0
"""Dagster ends a sensor's tick after 60 s, and TEMU may take 40 to answer: later than this into a look, it is asked with the next one."""


def tell_what_is_due(
    settings: Settings,
    connect_toci: ConnectToci,
    connect_temu: ConnectTemu,
    jobs: Sequence[Job],
    holder: str,
    *,
    now: datetime,
    wait_seconds: float,
) -> Outcome:
    """One look with everything around it; ``holder`` is who looks.

    Raises LeaseTakenError when somebody else does, and what ``Toci`` raises, after that was told as far as it can be without a database.
    """
    began = time.monotonic()
    by = ways(settings)
    try:
        with connect_toci() as toci:
            outcome = look(toci, settings, by, jobs, holder, now=now, wait_seconds=wait_seconds)
            if time.monotonic() - began < TIME_FOR_TEMU_SECONDS:
                ask_if_due(toci, settings, connect_temu, now=now)
    except LeaseTakenError:
        raise
    except TemuAssetsError as error:
        database_is_away(settings, by, error, now=now)
        raise
    database_is_back(settings, by, now=now)
    return outcome
