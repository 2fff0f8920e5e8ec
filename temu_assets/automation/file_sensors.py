"""The sensors that start a run when somebody has dropped files, once nobody writes to them any more.

What a look needs is loaded by the first one.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import dagster as dg

from temu_assets.automation.jobs import datev_processing, fetch_invoices
from temu_assets.automation.news import is_under_way, no_news, run_for_news
from temu_assets.automation.reaching import CLOCK, SETTINGS, TOCI
from temu_assets.automation.triggers import Triggers
from temu_assets.data_folders import DATEV_IN, INVOICES_IN
from temu_assets.settings import Settings
from temu_assets.stage import told_plainly

if TYPE_CHECKING:
    from sqlalchemy import Connection

LOOK_EVERY_SECONDS = 30


def build_file_sensors(triggers: Triggers) -> list[dg.SensorDefinition]:
    """One for invoices, one for DATEV files."""
    return [
        _file_sensor(
            "invoice_files_sensor",
            fetch_invoices.name,
            INVOICES_IN,
            _invoice_folders,
            _waiting_invoices,
            triggers,
        ),
        _file_sensor(
            "datev_files_sensor",
            datev_processing.name,
            DATEV_IN,
            lambda given: [given.temu_data_dir / DATEV_IN],
            _unfinished_batches,
            triggers,
        ),
    ]


def _invoice_folders(given: Settings) -> list[Path]:
    from temu_assets.invoices.arriving import folders_of

    return [folder for _, folder in folders_of(given)]


def _waiting_invoices(connection: Connection, shop: str) -> int:
    from temu_assets.invoices import document_rows

    return document_rows.count_waiting(connection, shop)


def _unfinished_batches(connection: Connection, shop: str) -> int:
    from temu_assets.bookkeeping import batch_store

    return batch_store.count_unfinished(connection, shop)


def _file_sensor(
    name: str,
    job_name: str,
    folder: Path,
    folders_of: Callable[[Settings], list[Path]],
    count_waiting: Callable[[Connection, str], int],
    triggers: Triggers,
) -> dg.SensorDefinition:
    @dg.sensor(
        name=name,
        job_name=job_name,
        minimum_interval_seconds=LOOK_EVERY_SECONDS,
        default_status=triggers.sensor_status(name),
        description=f"Looks every 30 s into {folder.as_posix()} below the data folder and starts "
        f"{job_name} once a file is complete. Also for what a run that died has taken and not finished.",
    )
    def sensor(context: dg.SensorEvaluationContext) -> dg.SensorResult | dg.SkipReason:
        with told_plainly():
            from temu_assets import incoming

            if is_under_way(context, job_name):
                return dg.SkipReason("A run is under way; it takes what is there.")
            folders = folders_of(SETTINGS.load())
            now = CLOCK.now()
            files = [file for each in folders for file in incoming.look(each)]
            ready = incoming.complete(files, now=now.timestamp())
            with TOCI.look() as database:
                taken = database.read(lambda connection: count_waiting(connection, database.shop))
            if not ready and not taken:
                return no_news("A file is still being written." if files else "No file is there.")
            news = [[file.path.as_posix(), file.size, file.changed_at] for file in ready]
            fingerprint = hashlib.sha256(json.dumps([news, taken]).encode()).hexdigest()
            return run_for_news(context, fingerprint, now=now, tags=triggers.run_tags(job_name))

    return sensor
