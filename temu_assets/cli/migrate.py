"""``temu-assets migrate``: bring our own database to the newest shape, or print the SQL that does."""

from __future__ import annotations

import click

from temu_assets.cli.plainly import told_plainly


@click.command()
@click.option("--sql", "as_sql", is_flag=True, help="Print the SQL for a DBA to apply; nothing is connected and nothing changed.")
@click.option("--from", "since", metavar="REVISION", help="With --sql: the revision the database has. Default: it is empty.")
@click.option("--server", type=click.Choice(["mssql", "postgresql", "sqlite"]), help="With --sql. Default: what the settings name.")
def migrate(*, as_sql: bool, since: str | None, server: str | None) -> None:
    """Bring our own database to the newest revision. Stop the schedules and make a backup first."""
    from temu_assets.settings import load_settings
    from temu_assets.sql.address import parse_url
    from temu_assets.toci.database import WORDS, Toci, open_engine
    from temu_assets.toci.migrate import migrate as bring_up
    from temu_assets.toci.migrate import script

    if (since or server) and not as_sql:
        raise click.UsageError("--from and --server belong to --sql.")
    with told_plainly():
        if as_sql:
            meant = server or parse_url(load_settings().toci_url(), WORDS.setting, WORDS.example).get_backend_name()
            click.echo(script(meant, since=since), nl=False)
            return
        settings = load_settings()
        toci = Toci(open_engine(settings.toci_url(), settings.sql_limits()), settings.shop)
        try:
            done = bring_up(toci)
        finally:
            toci.close()
    if done.before == done.after:
        click.echo(f"Our database is at the newest revision already ({done.after}).")
    else:
        click.echo(f"Our database was brought from {done.before or 'empty'} to revision {done.after}.")
