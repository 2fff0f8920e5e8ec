"""``temu-assets sandbox``: a TEMU shop and a JTL-Wawi to try everything with."""

from __future__ import annotations

import random
import signal
import threading

import click

from temu_assets.cli.plainly import told_plainly


@click.command()
@click.option("--port", default=0, help="Port on 127.0.0.1. Default: a free one.")
@click.option("--live", is_flag=True, help="Let life go on: orders arrive, JTL imports and ships, stock moves.")
@click.option("--every", default=10.0, show_default=True, help="Seconds between two steps of life.")
@click.option("--latency-ms", default=0.0, show_default=True, help="How long every answer takes at least.")
@click.option("--calls-per-second", default=20, show_default=True, help="TEMU's limit; 0: none.")
def sandbox(*, port: int, live: bool, every: float, latency_ms: float, calls_per_second: int) -> None:
    """Run a TEMU API and a JTL-Wawi stand-in until Ctrl+C. With no setting given, every job uses them.

    The state is kept in the sandbox folder of the data folder; delete the folder to start afresh.
    """
    from temu_assets.sandbox.run import SandboxRunningError, open_sandbox
    from temu_assets.settings import load_settings

    with told_plainly():
        folder = load_settings().sandbox_dir
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    rng = random.Random()  # noqa: S311 — which small thing happens next in a play shop
    try:
        running = open_sandbox(folder, port=port, latency_ms=latency_ms, requests_per_second=calls_per_second or None)
    except SandboxRunningError as error:
        raise click.ClickException(f"{error}\nWhat to do: use that one, or end it first.") from None
    with running:
        click.echo(f"TEMU API:  {running.server.url}\nJTL-Wawi:  {folder / 'jtl.db'}\nCtrl+C ends it; the state is kept.")
        try:
            while not stop.wait(every if live else None):
                click.echo(running.live_step(rng))
                running.save()
        except KeyboardInterrupt:
            click.echo("Ended.")
