"""What DATEV files are held against: whose the orders in JTL are, and what they come to."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from temu_assets.jtl import statements
from temu_assets.jtl.database import Jtl
from temu_assets.jtl.positions import OrderPosition, order_positions
from temu_assets.jtl.tables import CUSTOMER_TABLES
from temu_assets.jtl.values import to_int, to_text
from temu_assets.sql.chunks import in_chunks

_CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class _Order:
    key: int
    is_cancelled: bool
    customer_number: str


def customer_numbers(jtl: Jtl, order_numbers: Sequence[str]) -> dict[str, frozenset[str]]:
    """The customer numbers of orders, by external order number as it was asked for; an order JTL does not have is absent.

    A cancelled order counts only where no other has the number. An order without a customer number has none here either; several numbers
    are several customers, and which is meant nobody can say. Raises TransientError when JTL cannot be reached, ConfigurationError when it
    lacks the columns.
    """
    return {
        number: frozenset(order.customer_number for order in orders if order.customer_number)
        for number, orders in _live_orders(jtl, order_numbers).items()
    }


def gross_totals(jtl: Jtl, order_numbers: Sequence[str]) -> dict[str, Decimal]:
    """What the orders come to in JTL, gross, to the cent, by external order number; one that is not there or cannot be read is absent.

    Cancelled orders count as in ``customer_numbers``; orders that share a number are added up. Errors as there.
    """
    orders = _live_orders(jtl, order_numbers)
    positions = order_positions(jtl, [order.key for each in orders.values() for order in each])
    totals = {
        number: sum((_gross(position) for order in each for position in positions.get(order.key, ())), Decimal())
        for number, each in orders.items()
    }
    return {number: total.quantize(_CENT, ROUND_HALF_UP) for number, total in totals.items() if total.is_finite()}


def _live_orders(jtl: Jtl, order_numbers: Sequence[str]) -> dict[str, list[_Order]]:
    jtl.require(CUSTOMER_TABLES)
    # JTL does not mind the case of its numbers.
    asked: defaultdict[str, list[str]] = defaultdict(list)
    for number in dict.fromkeys(order_numbers):
        asked[number.casefold()].append(number)
    found: defaultdict[str, list[_Order]] = defaultdict(list)
    for chunk in in_chunks([spellings[0] for spellings in asked.values()]):
        for number, key, cancelled, customer in jtl.rows(statements.customers(chunk)):
            found[to_text(number).casefold()].append(_Order(to_int(key), bool(to_int(cancelled)), to_text(customer)))
    live = {number: [order for order in orders if not order.is_cancelled] or orders for number, orders in found.items()}
    return {spelling: live[number] for number, spellings in asked.items() if number in live for spelling in spellings}


def _gross(position: OrderPosition) -> Decimal:
    """The net unit price with its tax, rounded to the cent, times the pieces (fact sheet jtl-wawi, 1.11); NaN where a figure is."""
    unit = position.unit_net * (100 + position.vat_rate) / 100 * (100 - position.discount) / 100
    return unit if unit.is_nan() else unit.quantize(_CENT, ROUND_HALF_UP) * position.quantity
