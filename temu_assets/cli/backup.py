"""``temu-assets backup``: make one, look whether one is whole, put one back."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from temu_assets.cli.plainly import told_plainly

if TYPE_CHECKING:
    from temu_assets.backup.manifest import Manifest

_FOLDER = click.Path(path_type=Path, file_okay=False)


@click.group()
def backup() -> None:
    """Back up our database, the data folder and Dagster's history, and put them back (docs/backup.md)."""


@backup.command()
@click.argument("folder", type=_FOLDER)
@click.option("--keep", type=click.IntRange(min=0), default=0, show_default=True, help="Older backups there that stay; 0: all.")
def make(folder: Path, *, keep: int) -> None:
    """Make a backup in a folder of its own below FOLDER. Nothing has to be stopped. It holds buyers' data: guard it."""
    from temu_assets.backup.making import make as write
    from temu_assets.cli.our_database import our_database

    with our_database() as (settings, toci):
        made = write(settings, toci, folder, _dagster_home(), keep=keep, now=datetime.now(UTC))
    click.echo(f"{made.folder}: {_told(made.manifest)}, {made.size / 1_000_000:,.1f} MB.")
    for each in made.manifest.left_out:
        click.echo(f"Not in it: {each}.")
    for old in made.removed:
        click.echo(f"Removed: {old}.")


@backup.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False, exists=True))
def check(folder: Path) -> None:
    """Read the backup FOLDER from beginning to end. Exit code 1 when anything is missing or changed."""
    from temu_assets.backup.making import check as read

    with told_plainly():
        found = read(folder)
    click.echo(f"{folder} is whole: {_told(found)}, made {found.made_at:%Y-%m-%d %H:%M} UTC by version {found.version}.")


@backup.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False, exists=True))
def restore(folder: Path) -> None:
    """Put the backup FOLDER back where the settings point. Stop the program first and move away what is there: it never overwrites."""
    from temu_assets.backup.restoring import restore as put_back
    from temu_assets.settings import load_settings
    from temu_assets.toci.database import Toci, open_engine

    home = _dagster_home()
    with told_plainly():
        settings = load_settings()
        toci = Toci(open_engine(settings.toci_url(), settings.sql_limits()), settings.shop)
        try:
            found, migrated = put_back(settings, toci, folder, home)
        finally:
            toci.close()
    click.echo(f"Restored: {_told(found)}, as of {found.made_at:%Y-%m-%d %H:%M} UTC; our database is at revision {migrated.after}.")
    if home is None:
        click.echo("Dagster's history was left alone: DAGSTER_HOME is not set.")
    click.echo(
        "What to do next: put .env back, look with `temu-assets doctor`, run temu_orders_sync with TEMU_DRY_RUN=1 and look at what it would"
    )
    click.echo("do, then switch the schedules on. JTL and TEMU are asked before anything is sent: what they have is not sent again.")
    click.echo("Buyers that were erased by `temu-assets forget` since the backup are back: erase them again.")


def _told(found: Manifest) -> str:
    return f"{sum(found.rows.values()):,} rows of {len(found.rows)} tables, {len(found.files):,} files"


def _dagster_home() -> Path | None:
    home = os.environ.get("DAGSTER_HOME")
    return Path(home) if home else None
