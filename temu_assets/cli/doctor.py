"""``temu-assets doctor``: is everything there that a run needs? Each line says what was found and what to do.

Nothing is changed at TEMU or in JTL; our own database is set up if it is still empty.
"""

from __future__ import annotations

import json
from dataclasses import asdict

import click

from temu_assets.cli.doctor_lines import Level


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Only JSON on standard output, for monitoring.")
def doctor(*, as_json: bool) -> None:
    """Check settings, TEMU, JTL, databases, Dagster and this machine. Exit code 1 when something would stop a run or lets somebody in.

    It takes 30 seconds at most and changes nothing at TEMU or in JTL.
    """
    from temu_assets.cli.doctor_checks import examine

    lines = examine()
    if as_json:
        click.echo(json.dumps({"checks": [asdict(line) for line in lines]}, indent=2))
    else:
        for line in lines:
            click.echo(f"{line.level.upper():8} {line.name}: {line.found}")
            if line.remedy:
                click.echo(f"         What to do: {line.remedy}")
    raise SystemExit(1 if any(line.level is Level.ERROR for line in lines) else 0)
