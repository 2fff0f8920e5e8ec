"""``temu-assets migrate``: bring our own database to the newest shape."""

from __future__ import annotations

import click

from temu_assets.cli.plainly import told_plainly


@click.command()
def migrate() -> None:
    """Bring our own database to the newest revision. Stop the schedules and make a backup first."""
    from temu_assets.settings import load_settings
    from temu_assets.toci.database import Toci, open_engine
    from temu_assets.toci.migrate import migrate as bring_up

    with told_plainly():
        settings = load_settings()
        toci = Toci(open_engine(settings.toci_url()), settings.shop)
        done = bring_up(toci)
        toci.close()
    if done.before == done.after:
        click.echo(f"Our database is at the newest revision already ({done.after}).")
    else:
        click.echo(f"Our database was brought from {done.before or 'empty'} to revision {done.after}.")
