"""``temu-assets adopt``: take the predecessor's database over, and say what was taken, what was left out, and what to do next."""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import click

from temu_assets.cli.plainly import told_plainly

if TYPE_CHECKING:
    from temu_assets.adoption.report import Report

_MOST_DAYS = 365
_USUAL_DAYS = 7
_WORDS_SHOWN = 5


@click.command()
@click.option("--dry-run", "is_dry_run", is_flag=True, help="The same report, and nothing is changed.")
def adopt(*, is_dry_run: bool) -> None:
    """Take over the predecessor's tables that lie in our database. Stop the predecessor and make a backup first.

    Its tables are renamed to predecessor_... and otherwise left alone; it can be run again without harm.
    """
    from temu_assets.adoption.adopt import adopt as take_over
    from temu_assets.settings import load_settings
    from temu_assets.toci.database import Toci, open_engine

    now = datetime.now(UTC)
    with told_plainly():
        settings = load_settings()
        toci = Toci(open_engine(settings.toci_url(), settings.sql_limits()), settings.shop)
        try:
            report = take_over(toci, now=now, is_dry_run=is_dry_run)
        finally:
            toci.close()
    if report is None:
        click.echo("Our database holds no tables of the predecessor: there is nothing to adopt.")
        return
    for line in (*_head(report, settings.shop, is_dry_run=is_dry_run), "", *_table(report), *_left_out(report), *_notes(report)):
        click.echo(line)
    if is_dry_run and not report.is_repeated:
        click.echo("\nNothing was changed. Without --dry-run this is taken over.")
    else:
        for line in ("", *_next_steps(report, now)):
            click.echo(line)


def _head(report: Report, shop: str, *, is_dry_run: bool) -> Iterator[str]:
    if report.is_repeated:
        yield f"Taken over for the shop '{shop}' on {report.at:%Y-%m-%d %H:%M} UTC already; nothing was changed. What it was:"
    elif is_dry_run:
        yield f"This would be taken over for the shop '{shop}' (dry run):"
    else:
        yield f"Taken over for the shop '{shop}':"


def _table(report: Report) -> Iterator[str]:
    yield f"{'':12}{'theirs':>10}{'taken over':>14}{'left out':>12}"
    for kind, tally in report.tallies.items():
        yield f"{kind.value:12}{tally.theirs:>10}{tally.taken:>14}{tally.left_out:>12}"


def _left_out(report: Report) -> Iterator[str]:
    for kind, tally in report.tallies.items():
        for words, reason in tally.reasons.items():
            more = ", ..." if reason.count > len(reason.names) else ""
            yield f"Left out of {kind.value}: {reason.count} x {words} ({', '.join(reason.names)}{more})"


def _notes(report: Report) -> Iterator[str]:
    if report.unknown_words:
        words = ", ".join(f"{count} x '{word}'" for word, count in report.unknown_words.most_common(_WORDS_SHOWN))
        more = ", ..." if len(report.unknown_words) > _WORDS_SHOWN else ""
        yield f"Order status not understood, taken as to be shipped until TEMU is asked: {words}{more}"
    yield "Addresses and prices are asked from TEMU again where they are needed. Stock (temu_inventory) is calculated afresh."
    yield f"Their tables are kept as they were, under the names {', '.join(report.tables.values())}."


def _next_steps(report: Report, now: datetime) -> Iterator[str]:
    days = _USUAL_DAYS
    if report.oldest_open is not None:
        days = min(_MOST_DAYS, max(days, math.ceil((now - report.oldest_open) / timedelta(days=1)) + 1))
    config = f'{{"ops": {{"raw_orders": {{"config": {{"days_back": {days}, "backfill": true}}}}}}}}'
    yield "What to do next:"
    yield "1. Leave the predecessor stopped: two programs at once would report and export beside each other."
    yield "2. Look before anything is sent. This reads TEMU's orders and changes nothing at TEMU or in JTL"
    if report.oldest_open is None:
        yield "   (no order is open):"
    else:
        yield f"   ({report.open_orders} orders are open, the oldest of {report.oldest_open:%Y-%m-%d}):"
    select = "raw_orders,temu_orders,temu_order_items"
    yield f"   dagster asset materialize -m temu_assets.definitions --select {select} --config-json '{config}'"
    yield "   Then look at temu_orders: what has no hold_reason and no exported_at goes to JTL with the next run."
    yield "3. Start temu_orders_sync. It asks JTL for every order before anything is handed over: what JTL has is not sent again."
    yield "4. temu-assets problems: not_taken_by_jtl are orders the predecessor called exported and JTL does not have. They are"
    yield "   never sent by themselves; enter them in JTL by hand, with TEMU's number as external order number."
    yield "5. The predecessor's tables hold buyers' data. Once you trust what you see, drop them by hand:"
    yield f"   {' '.join(f'DROP TABLE {name};' for name in _in_order_of_dropping(report))}"


def _in_order_of_dropping(report: Report) -> list[str]:
    """Tables that refer to another one first."""
    first = ("temu_order_items", "temu_inventory")
    return [report.tables[name] for name in sorted(report.tables, key=lambda name: (name not in first, name))]
