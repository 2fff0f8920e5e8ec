"""From TEMU order to JTL order: dates, payment, and the sequence of reasons."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from temu_assets.errors import InternalError
from temu_assets.orders.holds import Hold, HoldReason
from temu_assets.orders.jtl_order import ExportOptions, JtlOrder, to_jtl_order
from temu_assets_tests.orders.samples import ORDER_ID, buyer_address, line_amounts, order_amounts, temu_order


def exported(options: ExportOptions | None = None, **changes: object) -> JtlOrder:
    result = to_jtl_order(temu_order(**changes), options or ExportOptions())
    assert isinstance(result, JtlOrder), result
    return result


def test_an_order_arrives_with_lines_customer_and_dates() -> None:
    order = exported(ExportOptions(customer_number="10001"))
    assert order.order_id == ORDER_ID
    assert (order.ordered_on, order.paid_on, order.latest_shipping) == (date(2026, 2, 1), date(2026, 2, 1), date(2026, 2, 3))
    assert len(order.lines) == 4
    assert order.customer.last_name == "Müller-Groß"
    assert order.customer_number == "10001"


@pytest.mark.parametrize(
    ("instant", "berlin"),
    [
        (datetime(2026, 1, 31, 22, 59, tzinfo=UTC), date(2026, 1, 31)),
        (datetime(2026, 1, 31, 23, 0, tzinfo=UTC), date(2026, 2, 1)),
        (datetime(2026, 6, 30, 21, 59, tzinfo=UTC), date(2026, 6, 30)),
        (datetime(2026, 6, 30, 22, 0, tzinfo=UTC), date(2026, 7, 1)),
        (datetime(2026, 3, 28, 23, 0, tzinfo=UTC), date(2026, 3, 29)),
        (datetime(2026, 3, 29, 21, 59, tzinfo=UTC), date(2026, 3, 29)),
        (datetime(2026, 3, 29, 22, 0, tzinfo=UTC), date(2026, 3, 30)),
        (datetime(2026, 10, 24, 22, 0, tzinfo=UTC), date(2026, 10, 25)),
        (datetime(2026, 10, 25, 22, 59, tzinfo=UTC), date(2026, 10, 25)),
        (datetime(2026, 10, 25, 23, 0, tzinfo=UTC), date(2026, 10, 26)),
    ],
)
def test_dates_are_those_of_berlin_also_when_the_clocks_change(instant: datetime, berlin: date) -> None:
    """Fault 17: naive local time."""
    order = exported(ordered_at=instant, paid_at=instant, ship_by=instant)
    assert (order.ordered_on, order.paid_on, order.latest_shipping) == (berlin, berlin, berlin)


def test_an_instant_without_time_zone_is_a_bug_and_not_a_guess() -> None:
    with pytest.raises(InternalError, match="time zone"):
        exported(ordered_at=datetime(2026, 1, 1, 12, 0))


def test_payment_is_dated_by_the_order_where_temu_gives_no_date_and_left_out_when_not_wanted() -> None:
    assert exported(paid_at=None).paid_on == date(2026, 2, 1)
    assert exported(ExportOptions(mark_paid=False)).paid_on is None
    assert exported(ship_by=None).latest_shipping is None


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"risk_alert": True, "address": buyer_address(city="x" * 300)}, HoldReason.RISK_ALERT),
        ({"address": buyer_address(city="x" * 300), "amounts": order_amounts(currency="PLN")}, HoldReason.ADDRESS_TOO_LONG),
        ({"amounts": order_amounts(line_amounts("another"), currency="PLN")}, HoldReason.FOREIGN_CURRENCY),
        ({"amounts": order_amounts(line_amounts("another"))}, HoldReason.MISSING_PRICE),
    ],
)
def test_an_order_that_cannot_be_built_is_held_with_its_first_reason(changes: dict[str, object], reason: HoldReason) -> None:
    held = to_jtl_order(temu_order(**changes), ExportOptions())
    assert isinstance(held, Hold)
    assert held.reason == reason
