"""``temu-assets problems``: what waits for a person, grouped by cause, and what a person decided about it."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import TYPE_CHECKING

import click

from temu_assets.cli.plainly import told_plainly

if TYPE_CHECKING:
    from temu_assets.toci.database import Toci
    from temu_assets.toci.problems import Problem, ProblemState

_SHOWN = 3


@click.command()
@click.option("--all", "show_all", is_flag=True, help="Every problem, not only the first three of each kind.")
@click.option("--handled", nargs=2, metavar="KIND KEY", help="You have settled this one; it is not shown again unless its reason changes.")
@click.option("--retry", nargs=2, metavar="KIND KEY", help="Try this one with the next run (kinds order_data and stock_refused).")
def problems(*, show_all: bool, handled: tuple[str, str] | None, retry: tuple[str, str] | None) -> None:
    """List open problems by kind: since when, what is wrong, what to do."""
    from temu_assets.settings import load_settings
    from temu_assets.toci.database import Toci, open_engine
    from temu_assets.toci.migrate import ensure_current
    from temu_assets.toci.problems import ProblemState, open_problems

    with told_plainly():
        settings = load_settings()
        toci = Toci(open_engine(settings.toci_url()), settings.shop)
        try:
            ensure_current(toci)
            if handled is not None:
                _mark(toci, handled, ProblemState.HANDLED)
            if retry is not None:
                _require_retried(retry[0])
                _mark(toci, retry, ProblemState.RETRY)
            with toci.read() as connection:
                found = open_problems(connection, toci.shop)
        finally:
            toci.close()
    if handled is None and retry is None:
        _print(found, settings.shop, show_all=show_all)


def _mark(toci: Toci, problem: tuple[str, str], state: ProblemState) -> None:
    from temu_assets.toci.problems import mark

    kind, key = problem
    with toci.write() as connection:
        is_there = mark(connection, toci.shop, kind, key, state)
    if not is_there:
        raise click.ClickException(f"There is no problem {kind} {key}.\nWhat to do: temu-assets problems --all lists kinds and keys.")
    click.echo(f"{kind} {key}: {'handled' if state.value == 'handled' else 'tried again with the next run'}.")


def _require_retried(kind: str) -> None:
    """Only what is left alone for a day can be asked for earlier; a promise about another kind would be empty."""
    from temu_assets.inventory.sending_rows import REFUSED
    from temu_assets.orders.ingesting import ORDER_DATA

    if kind not in (ORDER_DATA, REFUSED):
        raise click.ClickException(
            f"A problem {kind} needs no --retry: every run looks at it again.\n"
            f"What to do: settle its cause. Only {ORDER_DATA} and {REFUSED} are left alone for a day."
        )


def _print(found: Sequence[Problem], shop: str, *, show_all: bool) -> None:
    if not found:
        click.echo(f"No open problems of shop '{shop}'.")
    for kind, group in groupby(found, key=lambda problem: problem.kind):
        of_kind = list(group)
        click.echo(f"{kind}: {len(of_kind)}")
        for problem in of_kind if show_all else of_kind[:_SHOWN]:
            click.echo(
                f"  {problem.key}  since {problem.first_seen_at:%Y-%m-%d %H:%M} UTC\n    {problem.reason}\n    What to do: {problem.remedy}"
            )
        if len(of_kind) > _SHOWN and not show_all:
            click.echo(f"  and {len(of_kind) - _SHOWN} more (--all)")
