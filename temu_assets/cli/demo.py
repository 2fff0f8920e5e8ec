"""``temu-assets demo``: a TEMU shop and a JTL-Wawi working together for a minute, through real Dagster runs, and the proof at the end."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from temu_assets.cli.demo_home import RATE, DemoHome

if TYPE_CHECKING:
    from temu_assets.sandbox.run import RunningSandbox

_SOLD_OUT = 6
_MOVED = 20


@click.command()
@click.option(
    "--folder", type=click.Path(path_type=Path), default=Path(".demo"), show_default=True, help="Where the demo keeps everything."
)
@click.option("--orders", default=350, show_default=True, help="Orders in the TEMU shop.")
@click.option("--seed", default=2026, show_default=True, help="Which shop; the same number gives the same shop.")
def demo(*, folder: Path, orders: int, seed: int) -> None:
    """Let a TEMU shop and a JTL-Wawi work together, then hold their books against each other. Exit code 1 on any disagreement."""
    from temu_assets.cli.demo_report import print_report
    from temu_assets.sandbox.books import compare
    from temu_assets.sandbox.run import open_sandbox

    started = time.monotonic()
    home = DemoHome(folder.resolve())
    home.clear()
    with open_sandbox(home.data / "sandbox", requests_per_second=None, seed=seed, orders=orders) as sandbox:
        click.echo(f"A TEMU shop with {len(sandbox.shop.state.orders)} orders and {len(sandbox.shop.state.skus)} SKUs, and a JTL-Wawi.")
        click.echo(f"This program may make {RATE} calls a second here (TEMU_REQUESTS_PER_SECOND; the default for TEMU itself is 10).\n")
        _play(home, sandbox, random.Random(seed))  # noqa: S311 — the same seed plays the same demo
        disagreements = compare(sandbox.shop, sandbox.jtl)
        print_report(home, sandbox, seconds=time.monotonic() - started)
    if disagreements:
        click.echo(f"\nThe books of TEMU and JTL disagree in {len(disagreements)} places:")
        for line in disagreements[:20]:
            click.echo(f"  {line}")
        raise SystemExit(1)
    click.echo("\nThe books of TEMU and JTL agree: every order once, every parcel once, every stock right.")
    click.echo("Look at it in the browser: make ui")


def _play(home: DemoHome, sandbox: RunningSandbox, rng: random.Random) -> None:
    _run(home, "temu_orders_sync", "Orders from TEMU to JTL's import table")
    _happens("JTL's worker imports", lambda: f"{sandbox.jtl.run_worker()['imported']} orders")
    _happens("Meanwhile at TEMU", lambda: _life_goes_on(sandbox, rng))
    _run(home, "temu_orders_sync", "Orders again: JTL confirms, TEMU's news are followed")
    _happens("JTL's worker imports", lambda: f"{sandbox.jtl.run_worker()['imported']} orders")
    _happens("The warehouse ships", lambda: f"{sandbox.jtl.ship_open(rng)} orders, some in several parcels")
    _run(home, "temu_tracking_sync", "Parcels from JTL to TEMU")
    _run(home, "temu_inventory_full_sync", "The listing, and JTL's stock to TEMU")
    _happens("Stock moves in JTL", lambda: _stock_moves(sandbox, rng))
    _run(home, "temu_inventory_sync", "Quick: JTL's stock to TEMU")
    _run(home, "temu_orders_sync", "Orders: one got its article number from the listing")
    _happens("JTL's worker imports", lambda: f"{sandbox.jtl.run_worker()['imported']} order")
    _run(home, "temu_orders_sync", "Orders once more: nothing is done twice")


def _run(home: DemoHome, job: str, what: str) -> None:
    click.echo(f"  {what} ({job}) ... ", nl=False)
    began = time.monotonic()
    done = subprocess.run(  # noqa: S603 — our own interpreter and a job's name
        [sys.executable, "-m", "dagster", "job", "execute", "-m", "temu_assets.definitions", "-j", job],
        env=home.environment(),
        cwd=home.folder,
        capture_output=True,
        text=True,
        check=False,
    )
    click.echo(f"{'done' if done.returncode == 0 else 'FAILED'} in {time.monotonic() - began:.1f} s")
    if done.returncode != 0:
        click.echo(done.stderr[-4000:])
        raise SystemExit(1)


def _happens(what: str, act: Callable[[], str]) -> None:
    click.echo(f"  {what}: {act()}")


def _life_goes_on(sandbox: RunningSandbox, rng: random.Random) -> str:
    shop = sandbox.shop
    placed = [shop.place_order() for _ in range(8)]
    shop.cancel_order(placed[0])
    pending = [key for key, order in shop.state.orders.items() if order.status == 1]
    released = rng.sample(sorted(pending), k=min(5, len(pending)))
    for order_id in released:
        shop.finish_pending(order_id)
    return f"{len(placed)} orders arrive, {len(released)} pending ones are released, 1 is cancelled"


def _stock_moves(sandbox: RunningSandbox, rng: random.Random) -> str:
    """Articles without parts or children, so that a move means one article."""
    movable = [
        row["cArtNr"]
        for row in sandbox.jtl.rows(
            "SELECT cArtNr FROM tArtikel WHERE cLagerAktiv = 'Y' AND kStueckliste = 0 AND nIstVater = 0"
            " AND COALESCE(nDelete, 0) = 0 ORDER BY cArtNr"
        )
    ]
    chosen = rng.sample(movable, k=_SOLD_OUT + _MOVED)
    for sku in chosen[:_SOLD_OUT]:
        sandbox.jtl.sell_out(sku)
    for sku in chosen[_SOLD_OUT:]:
        sandbox.jtl.move_stock(sku, rng.choice((3, 7, 15)))
    return f"{_SOLD_OUT} articles sell out, {_MOVED} are restocked"
