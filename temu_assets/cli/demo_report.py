"""The table at the end of the demo: what the program's own books say, beside what the sandbox counted."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import click
from pydantic import SecretStr
from sqlalchemy import Connection, func, select

from temu_assets.cli.demo_home import DemoHome
from temu_assets.orders import order_store, parcel_store
from temu_assets.toci import outbox
from temu_assets.toci.database import Toci, open_engine
from temu_assets.toci.outbox import Effect, State
from temu_assets.toci.problems import open_problems
from temu_assets.toci.tables import temu_inventory, temu_orders, temu_parcels, temu_products

if TYPE_CHECKING:
    from temu_assets.sandbox.run import RunningSandbox


def print_report(home: DemoHome, sandbox: RunningSandbox, *, seconds: float) -> None:
    """Print counts of orders, parcels and stock, why orders are held, open problems, API calls and time."""
    toci = Toci(open_engine(SecretStr(f"sqlite:///{home.data / 'sandbox' / 'toci.db'}")), "sandbox")
    rows, held, found = toci.read(
        lambda connection: (
            [*_orders(connection, toci.shop), *_parcels(connection, toci.shop), *_stock(connection, toci.shop)],
            order_store.counts_by_hold(connection, toci.shop),
            open_problems(connection, toci.shop),
        )
    )
    toci.close()
    sent = [pieces for entry in sandbox.server.journal.entries("bg.local.goods.stock.edit") for pieces in _targets(entry.params)]
    calls = sandbox.server.journal.counts()
    click.echo()
    stock = [("stock targets changed at TEMU", len(sent)), ("zeros sent to TEMU", sent.count(0))]
    _print([*rows, *stock, ("API calls", sum(calls.values())), ("seconds", round(seconds, 1))])
    _section("Held orders, by reason", held.items())
    kinds: dict[str, int] = {}
    for problem in found:
        kinds[problem.kind] = kinds.get(problem.kind, 0) + 1
    _section("Open problems, by kind", kinds.items())
    _section("API calls, by endpoint", sorted(calls.items(), key=lambda item: -item[1]))


def _orders(connection: Connection, shop: str) -> list[tuple[str, int]]:
    effects = outbox.totals(connection, shop, Effect.JTL_ORDER)
    open_ones = select(func.count()).where(
        temu_orders.c.shop == shop,
        temu_orders.c.exported_at.is_(None),
        temu_orders.c.hold_reason.is_not(None),
        temu_orders.c.status.in_((1, 2, 41)),
    )
    return [
        ("orders fetched", order_store.count_orders(connection, shop)),
        ("orders handed to JTL", effects[State.DONE]),
        ("orders JTL has confirmed", order_store.count_confirmed(connection, shop)),
        ("orders held", connection.execute(open_ones).scalar_one()),
    ]


def _parcels(connection: Connection, shop: str) -> list[tuple[str, int]]:
    parcels, reported = parcel_store.count_parcels(connection, shop)
    shipped = select(func.count(func.distinct(temu_parcels.c.order_id))).where(
        temu_parcels.c.shop == shop, temu_parcels.c.reported_at.is_not(None)
    )
    return [
        ("parcels sent by JTL", parcels),
        ("parcels confirmed at TEMU", reported),
        ("orders shipped at TEMU", connection.execute(shipped).scalar_one()),
    ]


def _stock(connection: Connection, shop: str) -> list[tuple[str, int]]:
    listed = select(func.count()).where(temu_products.c.shop == shop, temu_products.c.is_listed)
    held = select(func.count()).where(temu_inventory.c.shop == shop, temu_inventory.c.is_held)
    return [
        ("SKUs listed", connection.execute(listed).scalar_one()),
        ("stock targets confirmed at TEMU", outbox.totals(connection, shop, Effect.STOCK)[State.DONE]),
        ("SKUs held (no code, no article)", connection.execute(held).scalar_one()),
    ]


def _targets(params: object) -> Iterable[int]:
    targets = params.get("skuStockTargetList", []) if isinstance(params, dict) else []
    return [target["stockTarget"] for target in targets]


def _section(title: str, rows: Iterable[tuple[str, int]]) -> None:
    listed = list(rows)
    if listed:
        click.echo(f"\n{title}")
        _print(listed)


def _print(rows: Iterable[tuple[str, int | float]]) -> None:
    for name, value in rows:
        click.echo(f"  {name:<46}{value:>10}")
