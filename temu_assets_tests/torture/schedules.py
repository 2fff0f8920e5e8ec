"""Random days: life goes on, TEMU fails in every way it can, and runs die at random moments and places.

A schedule is drawn from the seed and its number alone. What a run that dies after some milliseconds had done by then differs from time
to time, so a schedule that found something may need a few repetitions to find it again.
"""

from __future__ import annotations

import random
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace

from temu_assets.sandbox.faults import Fault, FaultKind
from temu_assets.sandbox.jtl_stock import StandInError
from temu_assets_tests.torture import happenings
from temu_assets_tests.torture.bench import Bench, Result, converge
from temu_assets_tests.torture.days import ALL_STOCK, ORDERS, STOCK, TRACKING
from temu_assets_tests.torture.runs import ALIVE, Death, End
from temu_assets_tests.torture.world import chance, open_world, put_back

RUNS = (4, 9)
LONGEST_LIFE_S = 0.6
PATIENT_S, IMPATIENT_S, TOO_LATE_S = 15.0, 0.5, 0.7
"""How long the program waits for an answer: so that an answer can be lost, it is impatient while things go wrong."""
_JOBS = {ORDERS: 6, TRACKING: 1, STOCK: 2, ALL_STOCK: 2}
_READS = (
    "bg.order.list.v2.get",
    "bg.order.shippinginfo.v2.get",
    "bg.order.amount.query",
    "bg.logistics.companies.get",
    "bg.logistics.warehouse.list.get",
    "bg.logistics.shipment.v2.get",
    "bg.local.goods.sku.list.query",
    "temu.local.goods.sku.stock.query",
)
_EFFECTS = ("bg.logistics.shipment.v2.confirm", "bg.logistics.shipment.shippingtype.update", "bg.local.goods.stock.edit")
_LISTS = ("bg.order.list.v2.get", "bg.local.goods.sku.list.query")
_ON_THE_WIRE = (FaultKind.UNHEARD, FaultKind.STALL, FaultKind.RESET, FaultKind.TRUNCATE, FaultKind.BAD_GZIP)
_PAGES = (
    FaultKind.EMPTY_PAGE,
    FaultKind.REPEAT_PAGE,
    FaultKind.FIRST_PAGE,
    FaultKind.SHUFFLE_PAGE,
    FaultKind.DOUBLE_ROWS,
    FaultKind.NEW_ORDER_AFTER,
)
_STATUSES = (429, 500, 502, 503, 504)
_CODES = (2000000, 4000000, 4000004, 7000000, 9999999)
"""Codes of calls that failed at TEMU, whatever was in them; the last is one that is documented nowhere."""
_MAY_BE_DONE = (4000000, 7000000)
"""Codes that leave open whether TEMU did it."""


def run_schedule(bench: Bench, number: int, seed: int, points: Sequence[str]) -> Result:
    """Let a random day happen. ``points`` are places to die at (``name#occurrence``)."""
    began = time.monotonic()
    result = Result(f"schedule#{number}", "random days")
    rng = chance(seed, "schedule", number)
    put_back(bench.saved / "nothing", bench.world)
    with open_world(bench.world) as world:
        world.patience_s = IMPATIENT_S
        world.delivery = rng.choice(("database", "database", "database", "file"))
        for _ in range(rng.randint(*RUNS)):
            for happening in rng.choices(list(happenings.LIFE), list(happenings.LIFE.values()), k=rng.randint(1, 6)):
                with suppress(StandInError):  # while JTL is away, nothing happens there
                    happening(world, rng)
            for _ in range(rng.choice((0, 0, 1, 1, 2, 3))):
                world.sandbox.server.faults.order(_fault(rng))
            (job,) = rng.choices(list(_JOBS), list(_JOBS.values()))
            result.killed += bench.zygote.run(world, job, _death(rng, points)) is End.KILLED
        happenings.end_all_trouble(world)
        world.patience_s = PATIENT_S
        result.rounds, result.findings = converge(world, bench.zygote, temu_failed=True)
    result.seconds = time.monotonic() - began
    return result


def _death(rng: random.Random, points: Sequence[str]) -> Death:
    draw = rng.random()
    if draw < 0.3:
        return ALIVE
    return Death(rng.choice(points)) if draw < 0.6 else Death(after_s=rng.uniform(0.02, LONGEST_LIFE_S))


def _fault(rng: random.Random) -> Fault:
    """A way in which some of the next calls go wrong."""
    endpoint, times, skip = rng.choice((*_READS, *_EFFECTS, *_EFFECTS)), rng.choice((1, 1, 2, 6)), rng.choice((0, 0, 1, 2))
    some = Fault(FaultKind.RESET, endpoint, times, skip, seconds=TOO_LATE_S)
    kind = rng.choice(("status", "code", "wire", "wire", "page"))
    if kind == "status":
        return replace(some, kind=FaultKind.HTTP_STATUS, status=rng.choice(_STATUSES), applied=rng.random() < 0.4)
    if kind == "code":
        code = rng.choice(_CODES)
        return replace(some, kind=FaultKind.BUSINESS_CODE, code=code, applied=code in _MAY_BE_DONE and rng.random() < 0.3)
    if kind == "wire":
        return replace(some, kind=rng.choice(_ON_THE_WIRE))
    return replace(some, kind=rng.choice(_PAGES), endpoint=rng.choice(_LISTS))
