"""TEMU's side as its saved state and its list of calls tell it. Money is cents, VAT rates are hundredths of a percent."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from temu_assets_tests.torture.checker.places import Places

PENDING, UNSHIPPED, CANCELLED, SHIPPED, DELIVERED, PARTLY_SHIPPED = 1, 2, 3, 4, 5, 41
GERMANY, AUSTRIA, FRANCE = 76, 13, 69
ACCEPTED = "1000000"
CONFIRM = "bg.logistics.shipment.v2.confirm"


@dataclass(frozen=True, slots=True)
class Line:
    """One line; ``ready`` is its quantity when the order could first be shipped. ``articles``: number in small letters, units."""

    number: str
    sku_id: str
    status: int
    quantity: int
    original: int
    ready: int
    net_cents: int
    rate: int
    is_ours: bool
    articles: tuple[tuple[str, int], ...]

    @property
    def is_open(self) -> bool:
        """Whether pieces of it still have to be shipped by the seller."""
        return self.is_ours and self.quantity > 0 and self.status in (PENDING, UNSHIPPED)

    def gross_cents(self, quantity: int) -> int:
        """What so many pieces cost, half a cent rounded up."""
        return gross(self.net_cents * quantity, self.rate)


@dataclass(frozen=True, slots=True)
class Order:
    """One order. ``is_flagged``: cancellation or address change asked for, or a risk alert."""

    number: str
    region: int
    status: int
    is_flagged: bool
    was_ready: bool
    has_other_address: bool
    is_cash_on_delivery: bool
    address: Mapping[str, Any]
    shipping_net_cents: int
    lines: tuple[Line, ...]

    @property
    def open_lines(self) -> list[Line]:
        """Lines the seller still has to ship."""
        return [line for line in self.lines if line.is_open]

    @property
    def is_shippable(self) -> bool:
        """Whether TEMU lets it be shipped now."""
        return self.status in (UNSHIPPED, PARTLY_SHIPPED) and not self.is_flagged and bool(self.open_lines)

    @property
    def shipping_cents(self) -> int:
        """Shipping, gross: taxed like the largest line."""
        main = max(self.lines, key=lambda line: line.net_cents * line.original)
        return gross(self.shipping_net_cents, main.rate)

    def pieces(self, *, when_ready: bool = False) -> Counter[str]:
        """Articles in small letters and how many units of each: those wanted now, or the most that ever were."""
        counts: Counter[str] = Counter()
        for line in self.lines:
            if line.is_ours and (line.status != CANCELLED or when_ready):
                for article, units in line.articles:
                    counts[article] += units * (max(line.ready, line.quantity) if when_ready else line.quantity)
        return +counts


@dataclass(frozen=True, slots=True)
class Package:
    """One confirmed parcel: what TEMU was told, pieces by line."""

    number: str
    carrier: str
    tracking: str
    contents: tuple[tuple[str, str, int], ...]


@dataclass(frozen=True, slots=True)
class Sku:
    """One SKU of the listing and the stock it shows."""

    sku_id: str
    code: str
    stock: int
    was_set: bool
    is_editable: bool


@dataclass(frozen=True, slots=True)
class Call:
    """One call, with TEMU's code or the name of the fault that took the answer."""

    endpoint: str
    params: Mapping[str, Any]
    verdict: str


@dataclass(frozen=True, slots=True)
class Temu:
    """Everything TEMU knows. ``keys`` are secrets that may appear nowhere, ``buyers`` words that may appear in few places."""

    orders: Mapping[str, Order]
    packages: tuple[Package, ...]
    skus: tuple[Sku, ...]
    calls: tuple[Call, ...]
    keys: frozenset[str]
    buyers: frozenset[str]


def gross(net_cents: int, rate: int) -> int:
    """Gross cents, half a cent rounded up."""
    return (2 * net_cents * (10_000 + rate) + 10_000) // 20_000


def read(places: Places) -> Temu:
    """TEMU's side from its files."""
    state = json.loads(places.temu.read_text(encoding="utf-8"))
    codes = {int(key): sku["code"].casefold() for key, sku in state["skus"].items()}
    brands = {carrier["carrier_id"]: carrier["brand"] for carriers in state["carriers"].values() for carrier in carriers}
    return Temu(
        orders={number: _order(each, codes) for number, each in state["orders"].items()},
        packages=tuple(
            Package(
                each["package_sn"],
                brands.get(each["carrier_id"], str(each["carrier_id"])),
                each["tracking_number"],
                tuple((one["parent_sn"], one["order_sn"], one["quantity"]) for one in each["contents"]),
            )
            for each in state["packages"].values()
        ),
        skus=tuple(
            Sku(str(each["sku_id"]), each["code"].casefold(), each["stock"], each["edited_at"] is not None, each["editable"])
            for each in state["skus"].values()
        ),
        calls=tuple(_calls(places)),
        keys=frozenset({state["access"]["app_secret"], state["access"]["token"], *state["access"]["replaced_tokens"]}),
        buyers=frozenset(_buyers(state["orders"].values())),
    )


def _order(order: Mapping[str, Any], codes: Mapping[int, str]) -> Order:
    return Order(
        number=order["parent_sn"],
        region=order["region_id"],
        status=order["status"],
        is_flagged=order["cancellation_requested"] or order["address_change_requested"] or order["risk_alert"],
        was_ready=order["ready_since"] is not None,
        has_other_address=order["address_changed_after_ready"],
        is_cash_on_delivery=order["cash_on_delivery"],
        address=order["address"],
        shipping_net_cents=order["shipping_net_cents"],
        lines=tuple(_line(line, codes) for line in order["lines"]),
    )


def _line(line: Mapping[str, Any], codes: Mapping[int, str]) -> Line:
    told = tuple((each["ext_code"].casefold(), each["sold_factor"]) for each in line["products"] if each["ext_code"])
    listed = codes.get(line["sku_id"], "")
    quantity = line["original_quantity"] - line["cancelled"]
    return Line(
        number=line["order_sn"],
        sku_id=str(line["sku_id"]),
        status=line["status"],
        quantity=quantity,
        original=line["original_quantity"],
        ready=line["ready_quantity"] or 0,
        net_cents=line["unit_net_cents"],
        rate=line["rate"],
        is_ours=line["by_seller"],
        articles=told or (((listed, 1),) if listed else ()),
    )


def _calls(places: Places) -> Iterator[Call]:
    if places.calls.exists():
        for text in places.calls.read_text(encoding="utf-8").splitlines():
            call = json.loads(text)
            yield Call(call["endpoint"], call["params"], call["verdict"])


def _buyers(orders: Any) -> Iterator[str]:
    """What identifies a buyer and is long enough to be found by itself."""
    for order in orders:
        for name in ("name", "street", "mail", "mobile"):
            if len(order["address"][name]) >= 8:
                yield order["address"][name]
