"""``temu-assets forget``: erase the buyer of one order everywhere this program holds anything of them, and say what was found where."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from temu_assets.cli.our_database import our_database

if TYPE_CHECKING:
    from temu_assets.privacy.forgetting import Holdings


@click.command()
@click.argument("order")
@click.option("--dry-run", "is_dry_run", is_flag=True, help="Only say what would be erased.")
def forget(*, order: str, is_dry_run: bool) -> None:
    """Erase the buyer of ORDER (TEMU's number, PO-...): our database, TEMU's answers on disk, copies of the order.

    Number, lines and prices of the order stay: they are records of trade. Refused while the order has to be shipped still. Can be run
    again at any time.
    """
    from temu_assets.privacy.forgetting import LEASE, Forgetting
    from temu_assets.toci import leases

    by, order_id = "temu-assets forget", order.strip()
    if not order_id:
        raise click.UsageError("ORDER is empty.")
    with our_database() as (settings, toci):
        if is_dry_run:
            found = Forgetting(toci, settings.temu_data_dir, order_id, by, _now).search()
        else:
            with leases.hold(toci, LEASE, by) as lease:
                found = Forgetting(lease.fenced(toci), settings.temu_data_dir, order_id, by, _now).run()
        shop = toci.shop
    for line in _told(found, order_id, shop, is_dry_run=is_dry_run):
        click.echo(line)


def _now() -> datetime:
    return datetime.now(UTC)


def _told(found: Holdings, order_id: str, shop: str, *, is_dry_run: bool) -> Iterator[str]:
    known = "" if found.order is not None else f" The shop '{shop}' does not know this order."
    if not found.names:
        yield f"Nothing of the buyer of order {order_id} was found.{known}"
    else:
        yield f"{'This would be erased' if is_dry_run else 'Erased'} of order {order_id}:{known}"
        yield from (f"  {what}" for what in _places(found))
    if is_dry_run:
        yield "Nothing was changed (dry run)."
    elif found.order is not None:
        yield "What stays: number, lines, prices and parcels of the order. TEMU is not asked for its address again."
    for other in found.elsewhere:
        yield f"The shop '{other}' of this database knows the order too. Run this with its settings (TEMU_SHOP={other}) as well."
    yield "Not ours to erase: JTL-Wawi and TEMU keep their own data of this buyer, and backups hold it until they are replaced."


def _places(found: Holdings) -> Iterator[str]:
    if found.is_in_row:
        yield "temu_orders: name, address, phone and mail"
    if found.answers:
        yield f"TEMU's answers: in {_files(len(found.answers))}"
    if found.leftovers:
        yield f"answers and unfinished files that no run knows: {_files(len(found.leftovers))}, removed as a whole"
    for path in found.documents:
        yield f"{path}: removed"
    for table, rows in Counter(found.predecessor).items():
        yield f"{table}: {rows} row{'s' if rows > 1 else ''}"


def _files(count: int) -> str:
    return "1 file" if count == 1 else f"{count} files"
