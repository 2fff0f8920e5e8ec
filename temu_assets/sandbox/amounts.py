"""Money of an order as TEMU counts it: net cents first, tax added per line total, half a cent rounded up.

Source: fact sheet temu-api, section 3.5. A line's gross total is therefore not always unit price times quantity.
"""

from __future__ import annotations

from temu_assets.sandbox.state import Order, OrderLine, Sku

GERMANY = 76
STANDARD_RATES = {GERMANY: 1900, 13: 2000, 69: 2000}
REDUCED_RATES = {GERMANY: 700, 13: 1000, 69: 550}


def rate_of(sku: Sku, region_id: int) -> int:
    """Return the VAT rate of a SKU in a destination region, in hundredths of a percent."""
    rates = REDUCED_RATES if sku.reduced_vat else STANDARD_RATES
    return rates.get(region_id, rates[GERMANY])


def with_tax(net_cents: int, rate: int) -> int:
    """Return gross cents for net cents; ``rate`` in hundredths of a percent (1900 = 19 %)."""
    return (2 * net_cents * (10000 + rate) + 10000) // 20000


def counted_quantity(order: Order, line: OrderLine) -> int:
    """Return the pieces the amounts speak of: those left, or the original ones while TEMU has not recalculated."""
    return line.original_quantity if order.amounts_before_cancellation else line.quantity


def line_net(order: Order, line: OrderLine) -> int:
    """Return the net total of a line in cents."""
    return line.unit_net_cents * counted_quantity(order, line)


def line_gross(order: Order, line: OrderLine) -> int:
    """Return the gross total of a line in cents."""
    return with_tax(line_net(order, line), line.rate)


def payable_gross(order: Order, line: OrderLine) -> int:
    """Return what the buyer pays for the pieces of the line that are still to be shipped, gross cents."""
    if counted_quantity(order, line) == line.quantity:
        return line_gross(order, line)
    return with_tax(line.unit_net_cents, line.rate) * line.quantity


def main_rate(order: Order) -> int:
    """Return the rate of the goods with the largest total: shipping is taxed like them."""
    return max(order.lines, key=lambda line: line.unit_net_cents * line.original_quantity).rate


def shipping_gross(order: Order) -> int:
    """Return shipping in gross cents."""
    return with_tax(order.shipping_net_cents, main_rate(order))
