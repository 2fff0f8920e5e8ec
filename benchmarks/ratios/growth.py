"""A thousand, ten thousand and a hundred thousand new orders: time per order, most memory, and what they take on disk."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from benchmarks.ratios.figures import Figure
from benchmarks.ratios.measuring import FailedError
from benchmarks.ratios.orders import ADDRESS, FirstSync, Sync
from benchmarks.ratios.places import FILES
from benchmarks.shop_process import ShopProcess

_ITEM = "4 growth"
_MOST_MB = 400
_TO_BE_SENT = 0.8
"""At least that share of the shop's orders is new and free to go."""


@dataclass(frozen=True, slots=True)
class Size:
    """First syncs of a shop with so many orders."""

    orders: int
    syncs: Sequence[Sync]
    database_bytes: int
    answers_bytes: int

    @property
    def ms_per_order(self) -> float:
        return 1000 * median(each.usage.wall_s for each in self.syncs) / self.orders

    @property
    def cpu_ms_per_order(self) -> float:
        return 1000 * median(each.usage.cpu_s for each in self.syncs) / self.orders

    @property
    def peak_mb(self) -> float:
        return max(each.usage.peak_mb for each in self.syncs)


def measure_growth(folder: Path, sizes: Sequence[int], *, times: int) -> list[Figure]:
    """``times`` runs of each size but the largest, which runs once. TEMU answers at once: what grows is the program's own work."""
    measured = [_measure(folder / str(orders), orders, 1 if orders == max(sizes) else times) for orders in sizes]
    small, middle, large = measured
    return [
        Figure(
            _ITEM,
            f"time per further order, from {middle.orders:,} on against up to there",
            _ms_per_further(middle, large) / _ms_per_further(small, middle),
            "x",
            1.15,
            text=f"without the start: {_ms_per_further(small, middle):.2f} ms, then {_ms_per_further(middle, large):.2f} ms",
        ),
        Figure(
            _ITEM,
            f"time per order, {middle.orders:,} to {large.orders:,} orders",
            large.ms_per_order / middle.ms_per_order,
            "x",
            1.15,
            text="; ".join(f"{each.orders:,}: {each.ms_per_order:.2f} ms, {each.cpu_ms_per_order:.2f} ms of it CPU" for each in measured),
            raw={f"{each.orders} wall s": [sync.usage.wall_s for sync in each.syncs] for each in measured},
        ),
        Figure(
            _ITEM,
            f"most memory of the run with {large.orders:,} orders",
            large.peak_mb,
            "MB",
            _MOST_MB,
            text="; ".join(f"{each.orders:,}: {each.peak_mb:.0f} MB" for each in measured),
        ),
        Figure(
            _ITEM,
            f"most memory, {middle.orders:,} to {large.orders:,} orders",
            large.peak_mb / middle.peak_mb,
            "x",
            1.5,
            text=f"{middle.peak_mb:.0f} MB, then {large.peak_mb:.0f} MB",
        ),
        Figure(
            _ITEM,
            f"disk per order, {middle.orders:,} to {large.orders:,} orders",
            _disk(large) / _disk(middle),
            "x",
            text="; ".join(
                f"{each.orders:,}: our database {each.database_bytes / each.orders / 1000:.1f} kB, raw answers "
                f"{each.answers_bytes / each.orders / 1000:.1f} kB"
                for each in measured
            ),
        ),
    ]


def _ms_per_further(one: Size, other: Size) -> float:
    more = other.ms_per_order * other.orders - one.ms_per_order * one.orders
    return more / (other.orders - one.orders)


def _measure(folder: Path, orders: int, times: int) -> Size:
    folder.mkdir()
    with ShopProcess(folder / "shop", orders=orders, latency_ms=0) as shop, FILES.jtl(folder / "shop") as jtl:
        first = FirstSync(folder, FILES, shop, jtl)
        syncs = [first.program() for _ in range(times)]
    for each in syncs:
        _require_each_once(each, orders)
    data = folder / f"run-{first.number}"
    return Size(orders, syncs, _bytes_below(data, "toci.db*"), _bytes_below(data / "temu" / "api_responses", "*.gz"))


def _require_each_once(sync: Sync, orders: int) -> None:
    twice = sum(times > 1 for times in sync.handed_over.values())
    # Whoever has an address asked for is to be sent; the shop's few special orders are held with a reason.
    if twice or len(sync.handed_over) < max(sync.calls[ADDRESS] - 50, _TO_BE_SENT * orders):
        raise FailedError(f"{len(sync.handed_over)} of {orders} orders were handed over, {twice} of them more than once")


def _bytes_below(folder: Path, pattern: str) -> int:
    return sum(path.stat().st_size for path in folder.rglob(pattern))


def _disk(size: Size) -> float:
    return (size.database_bytes + size.answers_bytes) / size.orders
