"""The demo's own folder ``.demo``: data, sandbox and Dagster history, apart from anything a real shop uses."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import click

RATE = 400
"""Calls per second in the demo: the sandbox is on this machine and has no limit, TEMU has 20."""

_MARK = "demo.txt"
OF_A_SHOP = ("TEMU_", "JTL_", "TOCI_", "SQL_", "STOCK_BRAKE_", "ALERT_", "UPLOAD_", "INVOICE_", "DATEV_")
"""How the settings of a real shop begin."""


@dataclass(frozen=True, slots=True)
class DemoHome:
    """Where the demo lives. Commands run inside it, so that no ``.env`` of a real shop is read."""

    folder: Path

    @property
    def data(self) -> Path:
        """The data folder of the demo."""
        return self.folder / "data"

    @property
    def dagster(self) -> Path:
        """The Dagster home of the demo."""
        return self.folder / "dagster"

    def environment(self) -> dict[str, str]:
        """The environment without any setting of a real shop, pointing here."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(OF_A_SHOP)}
        return kept | {
            # Secrets that come as files are looked for there, and there are none.
            "CREDENTIALS_DIRECTORY": str(self.folder / "no-credentials"),
            "DAGSTER_HOME": str(self.dagster),
            "TEMU_DATA_DIR": str(self.data),
            "TEMU_REQUESTS_PER_SECOND": str(RATE),
            "TEMU_CARRIER_MAP": str(self.folder / "carriers.csv"),
            "DAGSTER_DISABLE_TELEMETRY": "1",
            "PYTHONWARNINGS": "ignore::Warning:click",
        }

    def clear(self) -> None:
        """Start afresh; refuses while a sandbox or UI works on it, and a folder that is not the demo's."""
        from temu_assets.sandbox.run import CONNECTION_FILE, is_serving

        self._require_own()
        if is_serving(self.data / "sandbox" / CONNECTION_FILE):
            raise click.ClickException(
                f"{self.folder} is in use by a running sandbox or UI.\nWhat to do: end it (Ctrl+C there), then try again."
            )
        shutil.rmtree(self.folder, ignore_errors=True)
        self.prepare()

    def prepare(self) -> None:
        """Make what is missing: folders, Dagster's instance, the shop owner's carrier table."""
        self._require_own()
        self.dagster.mkdir(parents=True, exist_ok=True)
        self.data.mkdir(exist_ok=True)
        (self.folder / _MARK).write_text("Made by temu-assets demo, which deletes this folder when it starts afresh.\n", encoding="utf-8")
        shutil.copyfile(project_file("dagster.yaml"), self.dagster / "dagster.yaml")
        (self.folder / "carriers.csv").write_text("jtl_shipping_method,temu_carrier\nDHL Paket,DHL\nDPD Paket,DPD\n", encoding="utf-8")
        subprocess.run(
            [sys.executable, "-m", "dagster", "instance", "migrate"],
            env=self.environment(),
            cwd=self.folder,
            check=True,
            capture_output=True,
        )

    def _require_own(self) -> None:
        """A folder with a shop owner's files in it is never cleared, whatever was typed."""
        if self.folder.exists() and not (self.folder / _MARK).exists() and (not self.folder.is_dir() or any(self.folder.iterdir())):
            raise click.ClickException(
                f"{self.folder} holds something else than a demo. The demo deletes its folder, so nothing was done.\n"
                "What to do: choose another folder with --folder, or empty this one yourself."
            )


def project_file(name: str) -> Path:
    """A file at the top of the project this package was installed from."""
    spec = find_spec("temu_assets")
    assert spec is not None  # noqa: S101 — this module is part of it
    assert spec.origin is not None  # noqa: S101 — a package with a file
    path = Path(spec.origin).parent.parent / name
    if not path.is_file():
        raise click.ClickException(
            f"{name} was not found beside the package.\nWhat to do: run this from a checkout of the project (make demo)."
        )
    return path
