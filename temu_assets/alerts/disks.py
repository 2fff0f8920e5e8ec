"""How much room is left where the program writes. It only looks."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from temu_assets.alerts.facts import Disk
from temu_assets.settings import Settings


def disks(settings: Settings) -> Iterator[Disk]:
    """The disks the program writes to; two folders on one disk are one."""
    places = {"data folder": settings.temu_data_dir}
    if home := os.environ.get("DAGSTER_HOME"):
        places["folder of Dagster"] = Path(home)
    seen: set[int] = set()
    for name, folder in places.items():
        try:
            device = folder.stat().st_dev
            free = shutil.disk_usage(folder).free
        except OSError:
            continue  # a folder that is not there or may not be read is what runs and doctor tell
        if device not in seen:
            seen.add(device)
            yield Disk(name, free)
