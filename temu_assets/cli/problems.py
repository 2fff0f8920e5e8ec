"""``temu-assets problems``: what waits for a person, grouped by cause, and what a person decided about it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import groupby
from typing import TYPE_CHECKING

import click

from temu_assets.cli.plainly import told_plainly

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from temu_assets.toci.database import Toci
    from temu_assets.toci.problems import Problem, ProblemState

_SHOWN = 3


@click.command()
@click.option("--all", "show_all", is_flag=True, help="Every problem, not only the first three of each kind.")
@click.option("--handled", nargs=2, metavar="KIND KEY", help="You have settled this one; it is not shown again unless its reason changes.")
@click.option(
    "--retry", nargs=2, metavar="KIND KEY", help="Try this one with the next run (kinds order_data, stock_refused, shipment_refused)."
)
def problems(*, show_all: bool, handled: tuple[str, str] | None, retry: tuple[str, str] | None) -> None:
    """List open problems by kind: since when, what is wrong, what to do."""
    from temu_assets.settings import load_settings
    from temu_assets.toci.database import Toci, open_engine
    from temu_assets.toci.problems import ProblemState, open_problems
    from temu_assets.toci.revision import ensure_current

    with told_plainly():
        settings = load_settings()
        toci = Toci(open_engine(settings.toci_url(), settings.sql_limits()), settings.shop)
        try:
            ensure_current(toci)
            if handled is not None:
                _mark(toci, handled, ProblemState.HANDLED)
            if retry is not None:
                _require_left_alone(retry[0])
                _mark(toci, retry, ProblemState.RETRY)
            found = toci.read(lambda connection: open_problems(connection, toci.shop))
        finally:
            toci.close()
    if handled is None and retry is None:
        _print(found, settings.shop, show_all=show_all)


def _mark(toci: Toci, problem: tuple[str, str], state: ProblemState) -> None:
    from temu_assets.orders.reporting import SHIPMENT_REFUSED
    from temu_assets.toci.problems import ProblemState, mark

    kind, key = problem

    def decide(connection: Connection) -> bool:
        is_there = mark(connection, toci.shop, kind, key, state)
        if is_there and state is ProblemState.RETRY and kind == SHIPMENT_REFUSED:
            _release_parcel(connection, toci.shop, key)
        return is_there

    if not toci.write(decide):
        raise click.ClickException(f"There is no problem {kind} {key}.\nWhat to do: temu-assets problems --all lists kinds and keys.")
    click.echo(f"{kind} {key}: {'handled' if state is ProblemState.HANDLED else 'tried again with the next run'}.")


def _release_parcel(connection: Connection, shop: str, parcel: str) -> None:
    """TEMU refuses for reasons a parcel does not show, such as a cancellation that was withdrawn: then only a person knows better."""
    from temu_assets.toci import outbox
    from temu_assets.toci.outbox import Effect, Entry, State

    before = outbox.some(connection, shop, Effect.SHIPMENT, [parcel])
    released = [Entry(key, State.PENDING, attempts=entry.attempts) for key, entry in before.items() if entry.state is State.PARKED]
    outbox.record(connection, shop, Effect.SHIPMENT, released, now=datetime.now(UTC))


def _require_left_alone(kind: str) -> None:
    """What every run looks at again needs no asking; a promise about it would be empty."""
    from temu_assets.inventory.sending_rows import REFUSED
    from temu_assets.orders.ingesting import ORDER_DATA
    from temu_assets.orders.reporting import SHIPMENT_REFUSED

    left_alone = (ORDER_DATA, REFUSED, SHIPMENT_REFUSED)
    if kind not in left_alone:
        raise click.ClickException(
            f"A problem {kind} needs no --retry: every run looks at it again.\n"
            f"What to do: settle its cause. Only {', '.join(left_alone)} are left alone for a while."
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
    if found:
        click.echo("Settled one that stays? temu-assets problems --handled KIND KEY")
