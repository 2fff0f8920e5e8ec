"""Where Dagster keeps its history: as DAGSTER_HOME says, else in a folder here."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from temu_assets.cli.demo_home import project_file


def prepared_home() -> Path:
    """The folder, with Dagster's configuration in it."""
    home = Path(os.environ.get("DAGSTER_HOME", ".dagster")).resolve()
    home.mkdir(parents=True, exist_ok=True)
    if not (home / "dagster.yaml").exists():
        (home / "dagster.yaml").write_bytes(project_file("dagster.yaml").read_bytes())
    return home


def set_up_history(home: Path) -> None:
    """Make Dagster's own tables unless they are there: two first runs at once would damage them."""
    if not (home / "history").exists():
        migrate = [sys.executable, "-m", "dagster", "instance", "migrate"]
        subprocess.run(migrate, env=os.environ | {"DAGSTER_HOME": str(home)}, check=True, capture_output=True)  # noqa: S603 — our own
