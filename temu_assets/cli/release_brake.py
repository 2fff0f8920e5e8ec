"""``temu-assets release-brake``: look at what the stock brake holds back, and let the next run send exactly that."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from temu_assets.cli.our_database import our_database

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from temu_assets.inventory.brake import Braked
    from temu_assets.inventory.deltas import SkuStock
    from temu_assets.settings import Settings

_SHOWN = 200


@click.command("release-brake")
@click.option("--yes", is_flag=True, help="Do not ask: you have looked at the figures in JTL.")
def release_brake(*, yes: bool) -> None:
    """Show which SKUs the stock brake holds back, and let the next run send these figures, once.

    What is held back besides by then, or would be raised further than shown here, stays held.
    """
    from temu_assets.inventory import releasing

    with our_database() as (settings, toci):
        now = datetime.now(UTC)
        braked = toci.read(lambda connection: _held(connection, toci.shop, settings, now))
        if not braked.rows:
            click.echo("The brake holds nothing back.")
            return
        _print("would go to 0", braked.zeros, braked.known)
        _print("would be raised", braked.raises, braked.known)
        if not yes:
            click.confirm("Are these figures right in JTL, and shall the next run send them?", abort=True)
        toci.write(lambda connection: releasing.agree(connection, toci.shop, braked.rows, now=now))
    click.echo(
        f"Released: the next run of temu_inventory_sync sends these {len(braked.rows)} SKUs. It counts for that run, and for "
        f"{releasing.GOOD_FOR.total_seconds() / 3600:.0f} hours at most."
    )


def _held(connection: Connection, shop: str, settings: Settings, now: datetime) -> Braked:
    """What a run would hold back now."""
    from temu_assets.inventory.brake import BrakeLimits
    from temu_assets.inventory.plan import plan
    from temu_assets.inventory.sending_rows import parked_skus, tried_again
    from temu_assets.inventory.target_rows import confirmed_besides, targets_to_send

    rows, _ = targets_to_send(connection, shop)
    limits = BrakeLimits(settings.stock_brake_zero_share, settings.stock_brake_raise_share, settings.stock_brake_min_skus)
    parked, again = parked_skus(connection, shop, now=now), tried_again(connection, shop, now=now)
    return plan(rows, parked, limits, besides=confirmed_besides(connection, shop, rows), tried_again=again).braked


def _print(what: str, rows: Sequence[SkuStock], known: int) -> None:
    if not rows:
        return
    click.echo(f"{len(rows)} of {known} SKUs {what}:")
    for row in rows[:_SHOWN]:
        click.echo(f"  {row.sku} (SKU {row.sku_id}): {row.confirmed_target} -> {row.target}  ({row.reason})")
    if len(rows) > _SHOWN:
        click.echo(f"  and {len(rows) - _SHOWN} more")
