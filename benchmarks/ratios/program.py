"""The program as its user starts it: Dagster's command line in a process of its own, with an own DAGSTER_HOME."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from benchmarks.ratios.measuring import PROJECT, Usage, clean_environment, measure

DEFINITIONS = "temu_assets.definitions"
_BIN = Path(sys.executable).parent
DAGSTER = str(_BIN / "dagster")
_TEMU_ASSETS = str(_BIN / "temu-assets")


def make_home(folder: Path) -> Path:
    """A DAGSTER_HOME with the project's ``dagster.yaml``, ready for its first run. ``folder`` must not exist yet."""
    folder.mkdir(parents=True)
    shutil.copy(PROJECT / "dagster.yaml", folder)
    measure([DAGSTER, "instance", "migrate"], clean_environment() | {"DAGSTER_HOME": str(folder)})
    return folder


@dataclass(frozen=True, slots=True)
class Program:
    """``settings`` are environment variables that lead to a shop."""

    home: Path
    settings: Mapping[str, str]

    @property
    def environment(self) -> dict[str, str]:
        """Everything its processes find in their environment."""
        return clean_environment() | dict(self.settings) | {"DAGSTER_HOME": str(self.home)}

    def set_up_database(self) -> None:
        """Bring our own empty database to its shape, so that no measured run has to."""
        measure([_TEMU_ASSETS, "migrate"], self.environment)

    def job(self, name: str) -> Usage:
        """Run a job. Raises FailedError when it fails."""
        return measure([DAGSTER, "job", "execute", "-m", DEFINITIONS, "-j", name], self.environment)

    def asset(self, name: str) -> Usage:
        """Materialize one asset. Raises FailedError when it fails."""
        return measure([DAGSTER, "asset", "materialize", "-m", DEFINITIONS, "--select", name], self.environment)
