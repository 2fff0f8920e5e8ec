"""What must come of everything that happened, in plain dicts. Nothing of the program is used here, and nothing of the sandbox.

Pieces are units of JTL's articles, money is gross cents. Moments play no role: only what happened before what.
"""

from __future__ import annotations

from collections import Counter
from typing import Literal, TypedDict

BRANDS = {"DHL Paket": "DHL", "DPD Paket": "DPD", "GLS": "GLS", "UPS": "UPS"}
"""JTL's shipping method -> TEMU's brand. Any other belongs to no carrier of TEMU's."""
UNTRACKED_PIECES = 10
"""What is offered of an article whose stock JTL does not track."""


class Line(TypedDict):
    """One line of an order: what a piece is made of, its net cents and rate (1900 = 19 %)."""

    articles: tuple[tuple[str, int], ...]
    wanted: int
    original: int
    net: int
    rate: int


class Version(TypedDict):
    """An order as it was at some time, or as it went to JTL. ``may_go``: nothing forbade to ship it."""

    pieces: Counter[str]
    cents: int
    shipping: int
    street: str
    may_go: bool


class Order(TypedDict):
    """One order. ``seen``: how it may have looked when the program last read it. ``unshipped``: what JTL still has to send."""

    lines: dict[str, Line]
    shipping: int
    street: str
    state: Literal["pending", "open", "cancelled"]
    asks: bool
    seen: list[Version]
    given: Version | None
    imported: bool
    cancelled_in_jtl: bool
    unshipped: Counter[str]
    reported: bool


class Parcel(TypedDict):
    """One parcel of JTL's. ``numbers``: all it ever had, the last one holds; "" where there was none."""

    order: str
    method: str
    numbers: list[str]
    contents: Counter[str]
    sent: bool


class Article(TypedDict):
    """Pieces of JTL's: on the shelf, in open orders, and the buffer that is never offered."""

    shelf: int
    reserved: int
    buffer: int
    tracked: bool


class ArticleSet(TypedDict):
    """A set of JTL's: pieces of each part, and its own buffer."""

    parts: dict[str, int]
    buffer: int


class Model(TypedDict):
    """Everything; ``listed`` are TEMU's SKU codes."""

    orders: dict[str, Order]
    parcels: dict[int, Parcel]
    articles: dict[str, Article]
    sets: dict[str, ArticleSet]
    listed: list[str]


# what happens


def changed(model: Model, number: str) -> None:
    """Something of an order is different from now on."""
    order = model["orders"][number]
    order["seen"].append(version(model, order))


def read_by_the_program(model: Model) -> None:
    """The program has surely read every order as it is."""
    for order in model["orders"].values():
        order["seen"] = [version(model, order)]


def given_to_jtl(model: Model, number: str, given: Version) -> None:
    """JTL's import table got a row."""
    order = model["orders"][number]
    order["given"], order["unshipped"] = given, +given["pieces"]


def jtl_imports(model: Model) -> None:
    """JTL's worker takes what waits."""
    for order in model["orders"].values():
        if order["given"] is not None and not order["imported"]:
            order["imported"] = True
            _reserve(model, order["given"]["pieces"], 1)


def jtl_cancels(model: Model, number: str) -> None:
    """A person cancels an order in JTL of which nothing has left."""
    order = model["orders"][number]
    order["cancelled_in_jtl"] = True
    _reserve(model, order["unshipped"], -1)


def jtl_packs(model: Model, key: int, parcel: Parcel) -> None:
    """Goods leave the shelf."""
    model["parcels"][key] = parcel
    order = model["orders"][parcel["order"]]
    order["unshipped"] = order["unshipped"] - parcel["contents"]
    _reserve(model, parcel["contents"], -1)
    for code, pieces in plain(model, parcel["contents"]).items():
        if code in model["articles"]:
            model["articles"][code]["shelf"] -= pieces


def _reserve(model: Model, pieces: Counter[str], sign: int) -> None:
    for code, units in plain(model, pieces).items():
        if code in model["articles"]:
            model["articles"][code]["reserved"] += sign * units


# how it looks then


def plain(model: Model, pieces: Counter[str]) -> Counter[str]:
    """Sets as the articles they are made of."""
    units: Counter[str] = Counter()
    for code, count in pieces.items():
        for part, each in model["sets"][code]["parts"].items() if code in model["sets"] else ((code, 1),):
            units[part] += each * count
    return units


def wanted(order: Order) -> Counter[str]:
    """Units by article that TEMU wants now."""
    units: Counter[str] = Counter()
    for line in order["lines"].values():
        for code, each in line["articles"]:
            units[code] += each * line["wanted"]
    return +units


def version(model: Model, order: Order) -> Version:
    """How an order looks now."""
    largest = max(order["lines"].values(), key=lambda line: line["net"] * line["original"])
    return Version(
        pieces=wanted(order),
        cents=sum(gross(line["net"] * line["wanted"], line["rate"]) for line in order["lines"].values()),
        shipping=gross(order["shipping"], largest["rate"]),
        street=order["street"],
        may_go=may_go(model, order),
    )


def gross(net: int, rate: int) -> int:
    """Gross cents, half a cent rounded up."""
    return (2 * net * (10_000 + rate) + 10_000) // 20_000


def may_go(model: Model, order: Order) -> bool:
    """Whether TEMU lets an order be shipped, and JTL knows all of it."""
    return order["state"] == "open" and not order["asks"] and all(is_known(model, code) for code in wanted(order))


def is_known(model: Model, code: str) -> bool:
    """Whether JTL has such an article."""
    return code in model["articles"] or code in model["sets"]
