"""Orders, parcels and stock the predecessor's way and this program's, each with a shop of its own that is the same to the last order."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from benchmarks.ratios.figures import Figure
from benchmarks.ratios.known_shop import STOCK_EDIT, count_one_in_a_hundred
from benchmarks.ratios.measuring import FailedError, Usage, measure
from benchmarks.ratios.places import FILES
from benchmarks.ratios.program import Program, make_home
from benchmarks.shop_process import ShopProcess
from temu_assets.sandbox.jtl import JtlStandIn

_ITEM = "7 predecessor"


@dataclass(frozen=True, slots=True)
class Day:
    """What the three kinds of work took, how many parcels TEMU knows of, and how many stock calls it got."""

    orders: Usage
    tracking: Usage
    stock: Usage
    parcels: int
    stock_calls: int


def measure_against_predecessor(folder: Path, *, orders: int, skus: int) -> list[Figure]:
    """One day each. Before the stock run one article in a hundred has another stock in JTL."""
    before = _day(folder / "predecessor", orders, skus, _predecessor, is_ours=False)
    now = _day(folder / "program", orders, skus, _program, is_ours=True)
    if not before.parcels or not now.parcels:
        raise FailedError(f"Parcels told to TEMU: by the predecessor {before.parcels}, by the program {now.parcels}.")
    return [
        _factor(f"{orders:,} new orders", before.orders.wall_s, now.orders.wall_s, "s"),
        _factor(
            f"tracking of {orders:,} orders, per parcel TEMU took",
            before.tracking.wall_s / before.parcels * 1000,
            now.tracking.wall_s / now.parcels * 1000,
            "ms",
            f"; {before.parcels} and {now.parcels} parcels",
        ),
        _factor(
            f"stock of {skus:,} SKUs, 1 % changed",
            before.stock.wall_s,
            now.stock.wall_s,
            "s",
            f"; {before.stock_calls} and {now.stock_calls} stock calls",
        ),
    ]


def _factor(what: str, before: float, now: float, unit: str, more: str = "") -> Figure:
    text = f"predecessor's way {before:.1f} {unit}, program {now:.1f} {unit}{more}"
    return Figure(_ITEM, f"times as fast as the predecessor's way: {what}", before / now, "x", text=text)


def _predecessor(program: Program, work: str) -> Usage:
    return measure([sys.executable, "-m", "benchmarks.ratios.predecessor", work], program.environment)


def _program(program: Program, work: str) -> Usage:
    jobs = {"orders": "temu_orders_sync", "tracking": "temu_tracking_sync", "stock": "temu_inventory_sync"}
    return program.job(jobs[work])


def _day(folder: Path, orders: int, skus: int, run: Callable[[Program, str], Usage], *, is_ours: bool) -> Day:
    folder.mkdir()
    with ShopProcess(folder / "shop", orders=orders, skus=skus) as shop, FILES.jtl(folder / "shop") as jtl:
        data = folder / "data"
        data.mkdir()
        settings = shop.access.environment(data) | {"TOCI_DATABASE_URL": f"sqlite:///{data / 'toci.db'}"}
        program = Program(make_home(folder / "dagster"), settings)
        program.set_up_database()
        first = run(program, "orders")
        _require_each_once(jtl.handed_over())
        shop.admin("POST", "jtl", json={"operation": "run_worker"})
        if is_ours:
            program.job("temu_orders_sync")
        shop.admin("POST", "jtl", json={"operation": "ship_all_open"})
        known = shop.admin("GET", "state")["packages"]
        tracking = run(program, "tracking")
        parcels = shop.admin("GET", "state")["packages"] - known
        if is_ours:
            # The predecessor reads the listing in every stock run, this program at night.
            for job in ("temu_inventory_full_sync", "temu_inventory_sync"):
                program.job(job)
        count_one_in_a_hundred(JtlStandIn(folder / "shop" / "jtl.db"), 20)
        shop.admin("DELETE", "journal")
        stock = run(program, "stock")
        calls = shop.admin("GET", "journal", params={"newest": 0})["counts"].get(STOCK_EDIT, 0)
    return Day(first, tracking, stock, parcels, calls)


def _require_each_once(handed_over: Counter[str]) -> None:
    twice = [order_id for order_id, times in handed_over.items() if times > 1]
    if twice or not handed_over:
        raise FailedError(f"{len(handed_over)} orders were handed over, {len(twice)} of them more than once")
