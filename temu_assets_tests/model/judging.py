"""The world held against the model: what is wrong, a sentence each."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from temu_assets.toci.outbox import Effect
from temu_assets_tests.model.expected import for_a_person, least_offer, may_be_sold, parcels_due, parcels_of
from temu_assets_tests.model.model import BRANDS, Model, Version, is_known, may_go
from temu_assets_tests.model.world import BUYERS_WORDS, HandedOver, Package, World

REFUSED = ("shipment_refused", "stock_refused")
"""Kinds of problems that TEMU's own faults may leave behind."""


def wrong_at_any_time(model: Model, world: World) -> Iterator[str]:
    """What may never be, whatever goes wrong."""
    yield from _doubled_or_invented(model, world)
    yield from _falsely_reported(model, world)
    yield from _falsely_called_done(model, world)
    if any(word in world.words_outside_the_orders() for word in BUYERS_WORDS):
        yield "A table that is not the orders' holds a buyer's data."


def _doubled_or_invented(model: Model, world: World) -> Iterator[str]:
    handed_over = Counter(handed.order for handed in world.handed_over())
    for number, count in handed_over.items():
        if count > 1:
            yield f"Order {number} was handed to JTL {count} times."
    for number, count in world.in_jtl().items():
        if number not in model["orders"] or model["orders"][number]["given"] is None:
            yield f"JTL has order {number}, which nobody handed over."
        if count > 1:
            yield f"JTL has order {number} {count} times."


def wrong_in_what_was_handed_over(model: Model, handed: HandedOver) -> Iterator[str]:
    """Whether an order went to JTL as the program may have seen it, and only when it could be shipped."""
    order = model["orders"].get(handed.order)
    if order is None:
        yield f"JTL was given order {handed.order}, which TEMU does not have."
        return
    fitting = [seen for seen in order["seen"] if seen["may_go"] and _figures(seen) == _figures(handed.version)]
    if not fitting:
        as_seen = [(seen["may_go"], _figures(seen)) for seen in order["seen"]]
        yield f"JTL was given order {handed.order} as {_figures(handed.version)}; it was {as_seen}."
    if handed.version["street"] not in {seen["street"] for seen in order["seen"]}:
        yield f"JTL was given order {handed.order} with another address."


def _figures(version: Version) -> tuple[dict[str, int], int, int]:
    return dict(version["pieces"]), version["cents"], version["shipping"]


def _falsely_reported(model: Model, world: World) -> Iterator[str]:
    packages = world.packages()
    for number, count in Counter(package.number for package in packages).items():
        if count > 1:
            yield f"TEMU has {count} packages with the number {number}."
    told: dict[int, list[str]] = {}
    for package in packages:
        keys = [key for key, parcel in parcels_of(model, package.order).items() if package.number in parcel["numbers"]]
        if not keys:
            yield f"TEMU was told the number {package.number} for order {package.order}, which no parcel of it has."
            continue
        told.setdefault(keys[0], []).append(package.number)
        yield from _wrong_in_package(model, keys[0], package)
    yield from (f"TEMU was told of parcel {key} as {numbers}." for key, numbers in told.items() if len(numbers) > 1)


def _wrong_in_package(model: Model, key: int, package: Package) -> Iterator[str]:
    parcel = model["parcels"][key]
    if not parcel["sent"]:
        yield f"TEMU was told of parcel {key} before it left."
    if package.brand != BRANDS.get(parcel["method"]):
        yield f"Parcel {key} went with {parcel['method']}, TEMU was told {package.brand}."
    if package.units - parcel["contents"]:
        yield f"Parcel {key} holds {dict(parcel['contents'])}, TEMU was told {dict(package.units)}."


def _falsely_called_done(model: Model, world: World) -> Iterator[str]:
    done = world.called_done()
    for number in done[Effect.JTL_ORDER]:
        if model["orders"][number]["given"] is None:
            yield f"Order {number} is called handed over, and JTL never got it."
    shown = world.seller.sandbox.shop.state.packages
    for key, evidence in done[Effect.SHIPMENT].items():
        found = re.search(r"PK-\d+", evidence)
        if found is None or found.group() not in shown:
            yield f"Parcel {key} is called confirmed ({evidence}), and TEMU has no such package."


def wrong_in_stock_set(model: Model, before: dict[str, tuple[int, float | None]], world: World) -> Iterator[str]:
    """Whether a run set a stock to more than may be sold, or lower than anything explains."""
    for code, (pieces, set_at) in world.shown().items():
        was, was_set_at = before[code]
        if set_at == was_set_at:
            continue
        most, least = may_be_sold(model, code), least_offer(model, code)
        if most is None or least is None:
            yield f"{code} was set to {pieces}, and nobody can know its stock."
        elif pieces > most and pieces >= was:
            yield f"{code} was set from {was} to {pieces}, and only {most} may be sold."
        elif pieces < least:
            yield f"{code} was set to {pieces}, although {least} are left whatever is on the way."


def wrong_after_orders(model: Model, world: World, *, may_be_refused: bool) -> Iterator[str]:
    """What a green run of the orders, with nothing in its way, must have done."""
    packages = {package.number: package for package in world.packages()}
    told = world.told()
    refused = {key for kind, key in told if kind in REFUSED} if may_be_refused else set[str]()
    for number, order in model["orders"].items():
        if order["given"] is None and may_go(model, order) and not may_be_refused:
            yield f"Order {number} can be shipped, and JTL was not given it."
        for key, parcel in parcels_due(model, number).items():
            package = packages.get(parcel["numbers"][-1])
            if str(key) in refused:
                continue
            if package is None:
                yield f"Parcel {key} of order {number} has left, and TEMU does not know it as {parcel['numbers'][-1]}."
            elif package.units != parcel["contents"]:
                yield f"Parcel {key} of order {number} holds {dict(parcel['contents'])}, TEMU was told {dict(package.units)}."


def wrong_in_inbox(model: Model, world: World, *, may_be_refused: bool) -> Iterator[str]:
    """Whether exactly what a person must decide is in the inbox."""
    told = {key: kind for kind, key in world.told() if not (may_be_refused and kind in REFUSED)}
    must, may = {code for code in model["listed"] if not is_known(model, code)}, set[str]()
    for number in model["orders"]:
        these, others = for_a_person(model, number)
        must |= these
        may |= others
    yield from (f"{key} waits for a person, and nobody is told." for key in sorted(must - told.keys()))
    yield from (f"{key} is in the inbox ({told[key]}) for no reason." for key in sorted(told.keys() - must - may))


def wrong_in_listing(model: Model, world: World, *, may_be_refused: bool) -> Iterator[str]:
    """Whether TEMU shows what may be sold."""
    refused = {key for kind, key in world.told() if kind in REFUSED} if may_be_refused else set[str]()
    for code, (pieces, set_at) in world.shown().items():
        wanted, least = may_be_sold(model, code), least_offer(model, code)
        if wanted is None or least is None:
            if set_at is not None:
                yield f"{code} was set to {pieces}, and nobody can know its stock."
        elif not least <= pieces <= wanted and code not in refused:
            yield f"{code} shows {pieces}, {wanted} may be sold."
