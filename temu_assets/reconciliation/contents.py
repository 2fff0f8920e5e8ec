"""Pieces and cents of one order: what TEMU sold against what JTL sells. Pure.

The gross amount is the truth, as at export (fact sheet jtl-wawi, section 1.11): JTL's net unit price with its tax, rounded to the cent,
times the pieces. Prices are compared for orders that are as JTL was given them; that TEMU cut one since is told elsewhere.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from temu_assets.jtl.positions import ARTICLE, FREE_TEXT, SHIPPING, OrderPosition
from temu_assets.reconciliation.facts import OurOrder, Shipping
from temu_assets.toci.problems import Finding

_CENT = Decimal(1)


@dataclass(frozen=True, slots=True)
class _Wanted:
    """Pieces by article number in small letters; between ``least`` and ``most`` all is well. ``names``: as they are written."""

    least: Counter[str]
    most: Counter[str]
    names: dict[str, str]


def difference(order: OurOrder, jtl_number: str, positions: Sequence[OrderPosition]) -> Finding | None:
    """What is not the same in JTL, or None. What cannot be compared (no article number, no price, no figure) is not held against it."""
    if not all(_is_readable(position) for position in positions):
        return None
    wanted = _wanted(order)
    pieces = [] if wanted is None else _piece_differences(wanted, positions)
    ours, theirs = _cents(order, positions), _jtl_cents(positions)
    if not pieces and (ours is None or ours == theirs):
        return None
    parts = [*pieces, *([] if ours is None else [f"{_money(ours, order.currency)} at TEMU, {_money(theirs, order.currency)} in JTL"])]
    return Finding(
        f"Order {order.order_id} is not the same in JTL ({jtl_number}): {'; '.join(parts)}.",
        "Compare it with TEMU's Seller Center and correct it in JTL, before it is shipped or invoiced. If it is meant to be so, mark the "
        "problem as handled.",
    )


def _is_readable(position: OrderPosition) -> bool:
    return not any(figure.is_nan() for figure in (position.quantity, position.unit_net, position.vat_rate, position.discount))


def _wanted(order: OurOrder) -> _Wanted | None:
    """None where a line names no article."""
    least, most, names = Counter[str](), Counter[str](), dict[str, str]()
    for line in order.lines:
        given = line.quantity if line.exported_quantity is None else line.exported_quantity
        if not line.by_seller or not (given or line.quantity):
            continue
        for sku, units in line.articles:
            if not sku:
                return None
            key = sku.casefold()
            names.setdefault(key, sku)
            # Once TEMU has cut an order, JTL may have it as before or as TEMU wants it now.
            least[key] += min(given, line.quantity) * units
            most[key] += max(given, line.quantity) * units
    return _Wanted(least, most, names)


def _piece_differences(wanted: _Wanted, positions: Sequence[OrderPosition]) -> list[str]:
    there: defaultdict[str, Decimal] = defaultdict(Decimal)
    names = dict(wanted.names)
    priced: set[str] = set()
    unnamed = Decimal()
    for position in positions:
        if position.kind not in (ARTICLE, FREE_TEXT):
            continue
        if not position.sku:
            unnamed += position.quantity
            continue
        key = position.sku.casefold()
        names.setdefault(key, position.sku)
        there[key] += position.quantity
        if _unit_cents(position):
            priced.add(key)
    # What JTL has as a line of text can be any article it does not know; what costs nothing and nobody ordered is a gift.
    too_few = {key: number for key, number in wanted.least.items() if there[key] < number}
    is_explained = sum(number - there[key] for key, number in too_few.items()) <= unnamed
    too_many = {key for key, number in there.items() if number > wanted.most[key] and (key in wanted.names or key in priced)}
    differing = sorted(too_many | (set() if is_explained else too_few.keys()))
    return [f"'{names[key]}' {wanted.most[key]} at TEMU, {there[key].normalize():f} in JTL" for key in differing]


def _cents(order: OurOrder, positions: Sequence[OrderPosition]) -> int | None:
    """What the buyer pays; None where TEMU did not tell all of it, or has cut the order since."""
    if order.shipping is None:
        return None
    total = 0
    for line in order.lines:
        if not line.by_seller or not (line.exported_quantity or line.quantity):
            continue
        if line.exported_quantity != line.quantity or line.total_cents is None:
            return None
        total += line.total_cents
    shipping = _shipping_cents(order.shipping, positions)
    return None if shipping is None else total + shipping


def _shipping_cents(shipping: Shipping, positions: Sequence[OrderPosition]) -> int | None:
    """Where TEMU told the net amount alone, the rate is the one JTL was given with it."""
    if shipping.gross is not None:
        return shipping.gross
    if shipping.net is None:
        return None
    if shipping.tax is not None:
        return shipping.net + shipping.tax
    rates = {position.vat_rate for position in positions if position.kind == SHIPPING}
    if shipping.net == 0:
        return 0
    return int((shipping.net * (1 + rates.pop() / 100)).quantize(_CENT, ROUND_HALF_UP)) if len(rates) == 1 else None


def _jtl_cents(positions: Sequence[OrderPosition]) -> int:
    return int(sum((_unit_cents(each) * each.quantity for each in positions), Decimal()).quantize(_CENT, ROUND_HALF_UP))


def _unit_cents(position: OrderPosition) -> Decimal:
    gross = position.unit_net * (100 + position.vat_rate) * (100 - position.discount) / 100
    return gross.quantize(_CENT, ROUND_HALF_UP)


def _money(cents: int, currency: str) -> str:
    return f"{Decimal(cents) / 100:.2f} {currency}".rstrip()
