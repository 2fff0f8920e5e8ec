"""``temu-assets ui``: Dagster's web UI and daemon on this machine, on the shop the settings mean or on the demo's."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from temu_assets.cli.dagster_home import prepared_home
from temu_assets.cli.demo_home import DemoHome, project_file
from temu_assets.cli.plainly import told_plainly


@click.command()
@click.option("--port", default=3000, show_default=True, help="Port on 127.0.0.1.")
@click.option("--uploads-port", default=3001, show_default=True, help="Port of the page where files are dropped; 0: without it.")
@click.option("--folder", type=click.Path(path_type=Path), default=Path(".demo"), show_default=True, help="The demo's folder.")
def ui(*, port: int, uploads_port: int, folder: Path) -> None:
    """Open the web UI until Ctrl+C. Without settings of a real shop it shows the demo's sandbox, and life goes on there.

    Dagster's UI has no login: it listens on 127.0.0.1 only. Beside it the page for invoices and DATEV files opens, and its link is printed.
    """
    from temu_assets.settings import load_settings

    with told_plainly():
        settings = load_settings()
        is_sandbox = settings.is_sandbox
    if settings.temu_dry_run:
        click.echo("TEMU_DRY_RUN is on: runs compute and show everything, write nothing into JTL and send nothing to TEMU.")
    if not is_sandbox:
        home = prepared_home()
        click.echo(f"A real shop is set. Dagster keeps its history in {home}. Schedules and sensors are off until you switch them on.")
        _serve(os.environ | {"DAGSTER_HOME": str(home)}, Path.cwd(), port, uploads_port)
        return
    # The demo takes no setting of a shop, but a dry run was asked for here as well.
    dry = {"TEMU_DRY_RUN": "true"} if settings.temu_dry_run else {}
    demo_home = DemoHome(folder.resolve())
    demo_home.prepare()
    sandbox = [sys.executable, "-m", "temu_assets", "sandbox", "--live", "--calls-per-second", "0"]
    with subprocess.Popen(sandbox, env=demo_home.environment(), cwd=demo_home.folder) as running:  # noqa: S603 — our own program
        try:
            _serve(demo_home.environment() | dry, demo_home.folder, port, uploads_port)
        finally:
            running.terminate()


def _serve(environment: dict[str, str], folder: Path, port: int, uploads_port: int) -> None:
    click.echo(f"Open http://127.0.0.1:{port} (Ctrl+C ends it).")
    # Asked to end in either way, it ends what it started as well; a shell's background job would inherit SIGINT as ignored.
    for request in (signal.SIGINT, signal.SIGTERM):
        signal.signal(request, signal.default_int_handler)
    command = [sys.executable, "-m", "dagster", "dev", "-w", str(project_file("workspace.yaml")), "-h", "127.0.0.1", "-p", str(port)]
    try:
        subprocess.run(
            [sys.executable, "-m", "dagster", "instance", "migrate"], env=environment, cwd=folder, check=True, capture_output=True
        )
        with (
            _uploads(environment, folder, port, uploads_port),
            subprocess.Popen(command, env=environment, cwd=folder) as dagster,  # noqa: S603 — our own interpreter
        ):
            try:
                dagster.wait()
            except KeyboardInterrupt:
                dagster.terminate()
                dagster.wait()
    finally:
        click.echo("Ended.")


@contextmanager
def _uploads(environment: dict[str, str], folder: Path, port: int, uploads_port: int) -> Iterator[None]:
    """The page for files, for as long as the block runs; it prints its own link, or why it cannot open."""
    if not uploads_port:
        yield
        return
    command = [sys.executable, "-m", "temu_assets", "uploads", "--port", str(uploads_port), "--ui-port", str(port)]
    with subprocess.Popen(command, env=environment, cwd=folder) as page:  # noqa: S603 — our own interpreter
        try:
            yield
        finally:
            page.terminate()
