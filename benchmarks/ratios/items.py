"""The items in their order, each with the sizes it is measured at."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.ratios.against_predecessor import measure_against_predecessor
from benchmarks.ratios.figures import Figure
from benchmarks.ratios.growth import measure_growth
from benchmarks.ratios.inventory import measure_inventory
from benchmarks.ratios.known_shop import known_shop
from benchmarks.ratios.nothing_new import measure_nothing_new
from benchmarks.ratios.orders import measure_limiter, measure_orders
from benchmarks.ratios.places import FILES, Place
from benchmarks.ratios.sensors import measure_sensors
from benchmarks.ratios.start import measure_start

ITEMS = ("orders", "limiter", "nothing_new", "inventory", "growth", "start", "sensors", "predecessor")


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much of everything. ``times``: how often what is compared is measured, in turn."""

    orders: int = 10_000
    order_times: int = 2
    limiter_orders: int = 600
    skus: int = 50_000
    times: int = 5
    inventory_times: int = 3
    growth: Sequence[int] = (1_000, 10_000, 100_000)
    idle_s: int = 120
    predecessor_orders: int = 2_000
    predecessor_skus: int = 10_000


_SMALL_SHOP = 300
"""Orders."""

FULL = Sizes()
QUICK = Sizes(
    orders=1_000, order_times=1, limiter_orders=150, skus=5_000, times=2, inventory_times=1, growth=(100, 1_000, 5_000), idle_s=60,
    predecessor_orders=200, predecessor_skus=500,
)  # fmt: skip

Measurement = tuple[str, Callable[[], list[Figure]]]


def measurements(folder: Path, only: Sequence[str], sizes: Sizes, places: Sequence[Place]) -> Iterator[Measurement]:
    """What is to be measured, by name. The items on databases run in every place, the others on files."""
    for place in places:
        yield from _on_databases(folder / place.name.replace(" ", "-"), only, sizes, place)
    alone: dict[str, Callable[[Path], list[Figure]]] = {
        "growth": lambda there: measure_growth(there, sizes.growth, times=sizes.order_times),
        "start": lambda there: measure_start(there, times=sizes.times),
        "sensors": lambda there: _sensors(there, sizes),
        "predecessor": lambda there: measure_against_predecessor(there, orders=sizes.predecessor_orders, skus=sizes.predecessor_skus),
    }
    for name, measure in alone.items():
        if name in only:
            yield name, _in_folder(folder / name, measure)


def _sensors(folder: Path, sizes: Sizes) -> list[Figure]:
    """In a small shop, and in the one of item 2."""
    figures = []
    for orders, skus in ((_SMALL_SHOP, 0), (sizes.orders, sizes.skus)):
        there = folder / f"{orders}-{skus}"
        there.mkdir()
        figures += measure_sensors(there, orders=orders, skus=skus, seconds=sizes.idle_s)
    return figures


def _on_databases(folder: Path, only: Sequence[str], sizes: Sizes, place: Place) -> Iterator[Measurement]:
    if "orders" in only:
        yield (
            f"orders, {place.name}",
            _in_folder(folder / "orders", lambda there: measure_orders(there, place, orders=sizes.orders, times=sizes.order_times)),
        )
    if "limiter" in only and place is FILES:
        yield "limiter", _in_folder(folder / "limiter", lambda there: measure_limiter(there, place, orders=sizes.limiter_orders))
    of_known = [name for name in ("nothing_new", "inventory") if name in only]
    if of_known:
        yield f"{' and '.join(of_known)}, {place.name}", _in_folder(folder / "known", lambda there: _known(there, of_known, sizes, place))


def _known(folder: Path, names: Sequence[str], sizes: Sizes, place: Place) -> list[Figure]:
    with known_shop(folder / "known", place, orders=sizes.orders, skus=sizes.skus) as known:
        figures = measure_nothing_new(folder, known, place, times=sizes.times) if "nothing_new" in names else []
        if "inventory" in names:
            figures += measure_inventory(folder, known, place, skus=sizes.skus, times=sizes.inventory_times)
        return figures


def _in_folder(folder: Path, measure: Callable[[Path], list[Figure]]) -> Callable[[], list[Figure]]:
    def run() -> list[Figure]:
        folder.mkdir(parents=True)
        return measure(folder)

    return run
