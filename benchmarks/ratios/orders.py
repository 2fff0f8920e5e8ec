"""New orders through all five stages, beside the bare script; how much of TEMU's limit is used; and the calls it takes."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from benchmarks.ratios.figures import Figure, ratio
from benchmarks.ratios.measuring import FailedError, Usage, clean_environment, measure
from benchmarks.ratios.places import JtlPlace, Place
from benchmarks.ratios.program import Program, make_home
from benchmarks.shop_process import ShopProcess

LIST = "bg.order.list.v2.get"
MASKED = "bg.order.decryptshippinginfo.get"
ADDRESS = "bg.order.shippinginfo.v2.get"
AMOUNTS = "bg.order.amount.query"
_BARE = [sys.executable, "-m", "benchmarks.ratios.bare"]
_LIMIT = 20
_PAGE = 100


@dataclass(frozen=True, slots=True)
class Sync:
    """One first run: what it cost, the calls by kind, and how often each order was handed over."""

    usage: Usage
    calls: Counter[str]
    handed_over: Counter[str]


@dataclass(slots=True)
class FirstSync:
    """First syncs of one shop, again and again: each finds our database and JTL's import table empty."""

    folder: Path
    place: Place
    shop: ShopProcess
    jtl: JtlPlace
    number: int = 0

    def program(self, *, calls_per_second: float | None = None) -> Sync:
        """The program's own."""
        program = self._prepare(calls_per_second)
        return self._measured(lambda: program.job("temu_orders_sync"))

    def bare(self) -> Sync:
        """The bare script's."""
        program = self._prepare(None)
        return self._measured(lambda: measure(_BARE, clean_environment() | dict(program.settings)))

    def _prepare(self, calls_per_second: float | None) -> Program:
        self.number += 1
        data = self.folder / f"run-{self.number}"
        data.mkdir()
        rate = {} if calls_per_second is None else {"calls_per_second": calls_per_second}
        settings = self.shop.access.environment(data, **rate) | {
            "JTL_DATABASE_URL": self.jtl.url,
            "TOCI_DATABASE_URL": self.place.empty_toci(data / "toci.db"),
        }
        program = Program(make_home(data / "dagster"), settings)
        program.set_up_database()
        self.jtl.take_back()
        self.shop.admin("DELETE", "journal")
        return program

    def _measured(self, run: Callable[[], Usage]) -> Sync:
        usage = run()
        calls = Counter(self.shop.admin("GET", "journal", params={"newest": 0})["counts"])
        return Sync(usage, calls, self.jtl.handed_over())


def measure_orders(folder: Path, place: Place, *, orders: int, times: int) -> list[Figure]:
    """The program beside the bare script, and the calls both make. Raises FailedError when the two handed over different orders."""
    item = f"1 orders ({place.name})"
    ours, bare = [], []
    with ShopProcess(folder / "shop", orders=orders) as shop, place.jtl(folder / "shop") as jtl:
        first = FirstSync(folder, place, shop, jtl)
        for _ in range(times):
            ours.append(first.program())
            bare.append(first.bare())
    _require_same(ours[-1], bare[-1])
    return [
        ratio(
            item,
            f"wall time of {orders:,} new orders against a bare script",
            ours=[each.usage.wall_s for each in ours],
            theirs=[each.usage.wall_s for each in bare],
            unit="s",
            bound=1.3,
            names=("program", "bare script"),
        ),
        Figure(
            item,
            "processor seconds against the bare script",
            ours[-1].usage.cpu_s / bare[-1].usage.cpu_s,
            "x",
            text=f"program {ours[-1].usage.cpu_s:.1f} s, bare script {bare[-1].usage.cpu_s:.1f} s; most memory of the program "
            f"{ours[-1].usage.peak_mb:.0f} MB",
        ),
        _calls(item, ours[-1].calls, bare[-1].calls, shown=orders),
    ]


def _require_same(ours: Sync, bare: Sync) -> None:
    twice = [order_id for order_id, times in ours.handed_over.items() if times > 1]
    missing = bare.handed_over.keys() - ours.handed_over.keys()
    if not bare.handed_over:
        raise FailedError("the bare script handed nothing over")
    # The shop has a few orders the program holds with a reason, and the bare script sends off.
    if twice or len(missing) > 50 or ours.handed_over.keys() - bare.handed_over.keys():
        raise FailedError(f"handed over twice: {twice[:5]}; by the bare script alone: {sorted(missing)[:5]} ({len(missing)})")


def _calls(item: str, ours: Counter[str], bare: Counter[str], *, shown: int) -> Figure:
    text = ", ".join(f"{number} {name}" for name, number in sorted(ours.items()))
    return Figure(
        item,
        f"calls, list pages and two (masked: three) per order to be sent, of {shown:,}",
        sum(ours.values()),
        "calls",
        sum(bare.values()),
        text=f"{text}; as many as the bare script makes",
    )


def measure_limiter(folder: Path, place: Place, *, orders: int) -> list[Figure]:
    """How much of a limit of 20 calls a second is used from the first call to the last, and whether TEMU ever had to refuse one."""
    with ShopProcess(folder / "shop", orders=orders, limit=_LIMIT) as shop, place.jtl(folder / "shop") as jtl:
        FirstSync(folder, place, shop, jtl).program(calls_per_second=_LIMIT)
        entries = shop.admin("GET", "journal")["entries"]
    refused = sum(entry["verdict"] != "1000000" for entry in entries)
    if refused:
        raise FailedError(f"{refused} of {len(entries)} calls were not answered with success, at a limit the program was told")
    moments = sorted(entry["at"] for entry in entries)
    used = (len(moments) - 1) / (moments[-1] - moments[0]) / _LIMIT
    item = f"1 orders ({place.name})"
    return [
        Figure(
            item,
            f"share of TEMU's limit of {_LIMIT} calls a second that is used, first call to last",
            100 * used,
            "%",
            95,
            at_least=True,
            text=f"{len(moments)} calls in {moments[-1] - moments[0]:.1f} s, each answered with success",
        )
    ]
