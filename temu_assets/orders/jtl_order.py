"""A TEMU order as JTL takes it: addressed, priced and dated, or held with the reason.

Dates are those of Europe/Berlin at the instant; everything before that is UTC.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from temu_assets.errors import InternalError
from temu_assets.orders.address import CountryStyle, JtlAddress, to_jtl_address
from temu_assets.orders.countries import COUNTRY_BY_REGION
from temu_assets.orders.holds import Hold, HoldReason, hold
from temu_assets.orders.order import TemuOrder
from temu_assets.orders.pricing import JtlLine, price
from temu_assets.temu.order_status import TemuStatus

_BERLIN = ZoneInfo("Europe/Berlin")


@dataclass(frozen=True, slots=True)
class ExportOptions:
    """What the shop owner decides about every order."""

    country_style: CountryStyle = CountryStyle.ISO2
    currency: str = "EUR"
    mark_paid: bool = True
    """Whether JTL is told that the order is paid, which JTL needs to ship it (fact sheet jtl-wawi, section 1.8)."""
    customer_number: str = ""
    """A collective customer; empty lets JTL create a customer per order."""
    import_status: int = TemuStatus.UNSHIPPED


@dataclass(frozen=True, slots=True)
class JtlOrder:
    """One order ready to be written for JTL."""

    order_id: str
    ordered_on: date
    paid_on: date | None
    latest_shipping: date | None
    lines: tuple[JtlLine, ...]
    customer: JtlAddress
    customer_number: str


def to_jtl_order(order: TemuOrder, options: ExportOptions) -> JtlOrder | Hold:
    """The JTL order for ``order``, or why it is held; the sequence of reasons is that of ``holds``."""
    held = hold(order, import_status=options.import_status)
    if held is not None:
        return held
    if order.address is None or order.amounts is None:
        raise InternalError(f"Order {order.order_id} has no address or no prices and was not held.", remedy="Report this as a bug.")
    country = COUNTRY_BY_REGION[order.region_id]
    customer = to_jtl_address(order.address, country, options.country_style)
    if isinstance(customer, Hold):
        return customer
    if order.amounts.currency != options.currency:
        return Hold(
            HoldReason.FOREIGN_CURRENCY,
            f"The order is in {order.amounts.currency or 'no currency'} and JTL_WAEHRUNG is {options.currency}. Nothing is "
            f"converted; enter the order in JTL by hand.",
        )
    lines = price(order.open_lines, order.amounts, country)
    if isinstance(lines, Hold):
        return lines
    return JtlOrder(
        order_id=order.order_id,
        ordered_on=_berlin_date(order.ordered_at),
        paid_on=_berlin_date(order.paid_at or order.ordered_at) if options.mark_paid else None,
        latest_shipping=_berlin_date(order.ship_by) if order.ship_by else None,
        lines=lines,
        customer=customer,
        customer_number=options.customer_number,
    )


def _berlin_date(instant: datetime) -> date:
    if instant.tzinfo is None:
        raise InternalError("An instant without time zone cannot be dated.", remedy="Report this as a bug.")
    return instant.astimezone(_BERLIN).date()
