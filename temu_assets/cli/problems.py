"""``temu-assets problems``: what waits for a person, grouped by cause."""

from __future__ import annotations

from itertools import groupby

import click

from temu_assets.cli.plainly import told_plainly


@click.command()
@click.option("--all", "show_all", is_flag=True, help="Every problem, not only the first three of each kind.")
def problems(*, show_all: bool) -> None:
    """List open problems by kind: since when, what is wrong, what to do."""
    from temu_assets.settings import load_settings
    from temu_assets.toci.database import Toci, open_engine
    from temu_assets.toci.migrate import ensure_current
    from temu_assets.toci.problems import open_problems

    with told_plainly():
        settings = load_settings()
        toci = Toci(open_engine(settings.toci_url()), settings.shop)
        ensure_current(toci)
        with toci.read() as connection:
            found = open_problems(connection, toci.shop)
        toci.close()
    if not found:
        click.echo(f"No open problems of shop '{settings.shop}'.")
    for kind, group in groupby(found, key=lambda problem: problem.kind):
        of_kind = list(group)
        click.echo(f"{kind}: {len(of_kind)}")
        for problem in of_kind if show_all else of_kind[:3]:
            click.echo(
                f"  {problem.key}  since {problem.first_seen_at:%Y-%m-%d %H:%M} UTC\n    {problem.reason}\n    What to do: {problem.remedy}"
            )
        if len(of_kind) > 3 and not show_all:
            click.echo(f"  and {len(of_kind) - 3} more (--all)")
