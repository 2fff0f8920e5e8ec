"""Invented orders, addresses and parcels for the tests of the order rules."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

from temu_assets.orders.address import JtlAddress
from temu_assets.orders.jtl_order import JtlOrder
from temu_assets.orders.order import Article, BuyerAddress, LineAmounts, OrderAmounts, OrderLine, PriceSource, TemuOrder
from temu_assets.orders.parcels import Parcel, ParcelContent
from temu_assets.orders.pricing import JtlLine, LineKind

ORDER_ID = "PO-076-00000000000000001"
GERMANY, AUSTRIA, FRANCE = 76, 13, 69


def order_line(
    line_id: str = "076-00000000000000011",
    *,
    quantity: int = 2,
    cancelled: int = 0,
    articles: tuple[tuple[str, int], ...] = (("FLASCHE-750-BL", 1),),
    status: int = 2,
    by_seller: bool = True,
    name: str = "Trinkflasche Edelstahl 750 ml",
    variant: str = "Blau / 750 ml",
) -> OrderLine:
    return OrderLine(
        line_id=line_id,
        status=status,
        quantity=quantity,
        original_quantity=quantity + cancelled,
        cancelled_quantity=cancelled,
        goods_id="601000000000001",
        sku_id="17590000000001",
        articles=tuple(Article(sku, units) for sku, units in articles),
        name=name,
        variant=variant,
        by_seller=by_seller,
    )


def line_amounts(line_id: str = "076-00000000000000011", /, **changes: int | None) -> LineAmounts:
    amounts = LineAmounts(
        line_id=line_id,
        quantity=2,
        unit_gross_cents=1800,
        unit_net_cents=1513,
        total_gross_cents=3601,
        tax_cents=575,
        raw_rate=1900000,
    )
    return replace(amounts, **changes)  # type: ignore[arg-type]  # the table of changes is typed by its reader


SECOND_LINE = order_line(
    "076-00000000000000012", quantity=1, cancelled=2, articles=(("DECKEL-SW", 1),), name="Ersatzdeckel", variant="Schwarz"
)
SECOND_AMOUNTS = line_amounts(
    "076-00000000000000012", quantity=1, unit_gross_cents=400, unit_net_cents=336, total_gross_cents=400, tax_cents=64
)


def order_amounts(
    *lines: LineAmounts, currency: str = "EUR", gross: int | None = 299, net: int | None = 251, tax: int | None = 48
) -> OrderAmounts:
    return OrderAmounts(
        currency=currency,
        source=PriceSource.AMOUNT_QUERY,
        lines=lines or (line_amounts(), SECOND_AMOUNTS),
        shipping_gross_cents=gross,
        shipping_net_cents=net,
        shipping_tax_cents=tax,
    )


def buyer_address(**changes: str) -> BuyerAddress:
    """``line_all`` is the other lines joined, as TEMU has it, unless it is given."""
    address = BuyerAddress(
        recipient="Jörg Müller-Groß",
        recipient_extra="",
        first_name="Jörg",
        last_name="Müller-Groß",
        mobile="+49 15550000001",
        mail="x0000000001@example.invalid",
        country_name="Germany",
        state="Hessen",
        city="Kassel",
        district="",
        line1="Beispielstraße 12a",
        line2="Hinterhaus",
        line3="",
        line_all="",
        postcode="34117",
        drop_point="",
    )
    address = replace(address, **changes)
    joined = " ".join(line for line in (address.line1, address.line2, address.line3) if line)
    return address if "line_all" in changes else replace(address, line_all=joined)


def unsplit_address(recipient: str, **changes: str) -> BuyerAddress:
    """An address for which TEMU gave the recipient as one text only."""
    return buyer_address(recipient=recipient, first_name="", last_name="", **changes)


def temu_order(**changes: object) -> TemuOrder:
    """The order of fact sheet temu-api, sections 3.2 to 3.5: its second line lost two of three pieces."""
    order = TemuOrder(
        order_id=ORDER_ID,
        status=2,
        region_id=GERMANY,
        ordered_at=datetime(2026, 2, 1, 10, 0, tzinfo=UTC),
        paid_at=datetime(2026, 2, 1, 11, 0, tzinfo=UTC),
        ship_by=datetime(2026, 2, 3, 10, 0, tzinfo=UTC),
        cancellation_requested=False,
        address_change_requested=False,
        risk_alert=False,
        cash_on_delivery=False,
        lines=(order_line(), SECOND_LINE),
        address=buyer_address(),
        amounts=order_amounts(),
    )
    return replace(order, **changes)  # type: ignore[arg-type]  # the table of changes is typed by its reader


def example_order() -> JtlOrder:
    """The order of the complete example in fact sheet jtl-wawi, section 1.13."""
    nineteen = Decimal(19)
    return JtlOrder(
        order_id=ORDER_ID,
        ordered_on=date(2026, 2, 1),
        paid_on=date(2026, 2, 1),
        latest_shipping=None,
        lines=(
            JtlLine(LineKind.GOODS, "LED-4-WEISS", "LED-Kerzen 4er-Set weiß, 5 x 7 cm", 2, Decimal("19.99"), nineteen),
            JtlLine(LineKind.SHIPPING, "", "TEMU Versand", 1, Decimal("2.99"), nineteen),
        ),
        customer=JtlAddress(
            first_name="Erika",
            last_name="Beispiel",
            company="",
            street="Musterstraße 12a",
            extra="Hinterhaus",
            postcode="01067",
            city="Dresden",
            state="Sachsen",
            country="DE",
            phone="+49 351 0000000",
            mobile="",
            mail="erika.beispiel@example.invalid",
        ),
        customer_number="",
    )


def parcel(parcel_id: int, contents: dict[str, int | str] | None, *, tracking: str | None = None, method: str = "DHL Paket") -> Parcel:
    return Parcel(
        parcel_id=parcel_id,
        order_id=ORDER_ID,
        delivery_note=f"LS-{parcel_id}",
        tracking=f"00340434161094{parcel_id:06}" if tracking is None else tracking,
        shipped_at=datetime(2026, 2, 2, 15, 0, tzinfo=UTC),
        shipping_method=method,
        contents=None if contents is None else tuple(ParcelContent(sku, Decimal(count)) for sku, count in contents.items()),
    )
