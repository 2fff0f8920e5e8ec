"""TEMU's answers as rows of our tables: the one place where the words of an order change from TEMU's to ours. Pure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from temu_assets.orders.details import Listed
from temu_assets.orders.order import BuyerAddress, PriceSource
from temu_assets.temu.failures import TemuDataError
from temu_assets.temu.order_models import BY_SELLER, OrderLineModel, OrderModel, ShippingInfoModel
from temu_assets.temu.order_status import TemuStatus
from temu_assets.temu.price_models import AmountsModel, InvoiceDetailModel
from temu_assets.texts import cut

_ADDRESS_CHANGED = "CONFIRMED_CHANGED_ADDRESS"
_CONSUMER_INVOICE = 1
CLOCKS_DIFFER_BY = timedelta(days=1)


def order_row(order: OrderModel, *, shop: str, import_status: int, now: datetime) -> dict[str, object]:
    """The row of ``temu_orders`` as far as a listing tells it. Raises RecordError for a change that lies in the future.

    What came later would look older than it, and never be taken in.
    """
    if order.updated_at - now > CLOCKS_DIFFER_BY:
        raise TemuDataError(
            f"Order {order.order_id}: TEMU says it was last changed at {order.updated_at:%Y-%m-%d %H:%M} UTC, which has not been yet.",
            remedy="It was set aside. Check the clock of this machine; the order is read again when TEMU changes it, and once a day.",
        )
    return {
        "shop": shop,
        "order_id": order.order_id,
        "status": order.status,
        "region_id": order.region_id,
        "ordered_at": order.ordered_at,
        "paid_at": order.confirmed_at or order.ordered_at,
        "ship_by": order.ship_by,
        "temu_updated_at": order.updated_at,
        "cancellation_requested": order.cancellation_requested,
        "address_change_requested": order.address_change_requested,
        "address_changed": _ADDRESS_CHANGED in order.warnings,
        "risk_alert": order.risk_alert,
        "cash_on_delivery": order.payment_type == "COD",
        "import_status": _imported_as_new(order, import_status),
        "first_seen_at": now,
        "changed_at": now,
    }


def _imported_as_new(order: OrderModel, asked_for: int) -> int:
    """The status in which this order is imported as new: what the run asked for if the order is in it, else the usual one.

    A run that asks for another status must not take orders out that are to be shipped.
    """
    return asked_for if order.status == asked_for else TemuStatus.UNSHIPPED.value


def item_rows(order: OrderModel, *, shop: str) -> list[dict[str, object]]:
    """The rows of ``temu_order_items`` as far as a listing tells them."""
    return [_item_row(order.order_id, position, line, shop) for position, line in enumerate(order.lines, start=1)]


def listed(order: OrderModel, *, import_status: int) -> Listed:
    """What a listing says that decides whether TEMU has to be asked for more."""
    is_flagged = order.waits_for_a_decision or order.payment_type == "COD"
    has_open_line = any(
        line.quantity > 0 and line.status != TemuStatus.CANCELLED and line.fulfillment_type in BY_SELLER for line in order.lines
    )
    return Listed(
        updated_at=order.updated_at,
        is_open=order.status == _imported_as_new(order, import_status) and has_open_line,
        is_flagged=is_flagged,
        address_changed=_ADDRESS_CHANGED in order.warnings,
        address_change_requested=order.address_change_requested,
        quantities={line.line_id: line.quantity for line in order.lines},
    )


def address(info: ShippingInfoModel) -> BuyerAddress:
    """The buyer's address, as TEMU gave it."""
    return BuyerAddress(
        recipient=info.recipient,
        recipient_extra=info.additional_recipient,
        first_name=info.first_name,
        last_name=info.last_name,
        mobile=info.phone or info.backup_phone,
        mail=info.mail,
        country_name=info.country,
        state=info.state,
        city=info.city,
        district=info.district,
        line1=info.street,
        line2=info.address_line_2,
        line3=info.address_line_3,
        line_all=info.whole_address,
        postcode=info.postcode,
        drop_point=info.drop_point,
    )


def is_deliverable(info: ShippingInfoModel) -> bool:
    """Whether name, street, postcode and town are there and none is starred out."""
    needed = (info.recipient, info.street or info.whole_address, info.postcode, info.city)
    return all(text.strip() and "*" not in text for text in needed)


def address_hash(value: BuyerAddress) -> str:
    """A digest of what matters for delivery: the relay phone number and mail may change without the address changing."""
    parts = (value.recipient, value.recipient_extra, value.city, value.line1, value.line2, value.line3, value.line_all, value.postcode)
    return hashlib.sha256(json.dumps([*parts, value.drop_point]).encode()).hexdigest()


def amount_rows(
    amounts: AmountsModel, *, shop: str, order_id: str, now: datetime, open_lines: Collection[str]
) -> tuple[dict[str, object], list[dict[str, object]]]:
    """Prices of an order and of its lines, as told by the amount query; lines by their own number, never by position.

    ``open_lines`` are the lines that have to be sent by the seller: no other needs a price.

    Raises RecordError for an answer that leaves a price open: it is no answer yet, and TEMU is asked again.
    """
    if (missing := _without_price(amounts, open_lines)) is not None:
        raise TemuDataError(f"Amounts of order {order_id}: TEMU gave no price for {missing}.", remedy="Nothing; TEMU is asked again.")
    order = _order_prices(
        shop, order_id, now, amounts.currency, PriceSource.AMOUNT_QUERY,
        (_shipping_gross(amounts), amounts.shipping_total, amounts.shipping_tax),
    )  # fmt: skip
    lines: list[dict[str, object]] = [
        {
            "shop": shop,
            "line_id": line_id,
            "amount_quantity": line.quantity,
            "unit_gross_cents": line.unit_retail_price_gross,
            "unit_net_cents": line.unit_retail_price_net,
            "total_gross_cents": line.retail_total_gross,
            "tax_cents": line.product_tax,
            "raw_tax_rate": line.raw_tax_rate,
        }
        for line_id, line in amounts.lines.items()
    ]
    return order, lines


def invoice_rows(
    detail: InvoiceDetailModel, *, shop: str, order_id: str, now: datetime
) -> tuple[dict[str, object], list[dict[str, object]]] | None:
    """Prices of an order from the invoice data, the documented substitute; None when there is no invoice to the consumer among it."""
    invoices = [
        item
        for item in detail.documents
        if item.order_id == order_id and item.detail_type == _CONSUMER_INVOICE and item.refunded_at is None
    ]
    if len(invoices) != 1:
        return None
    invoice = invoices[0]
    shipping = (invoice.shipping_gross, invoice.shipping_net, None)
    order = _order_prices(shop, order_id, now, invoice.currency, PriceSource.INVOICE_DETAIL, shipping)
    lines: list[dict[str, object]] = [
        {
            "shop": shop,
            "line_id": goods.line_id,
            "amount_quantity": goods.quantity,
            "unit_gross_cents": goods.unit_price_gross,
            "unit_net_cents": goods.unit_price_net,
            "total_gross_cents": goods.total,
            "tax_cents": None,
            "raw_tax_rate": None if goods.vat_fraction is None else int(goods.vat_fraction * 10_000_000),
        }
        for goods in invoice.goods
    ]
    return order, lines


def _order_prices(
    shop: str, order_id: str, now: datetime, currency: str, source: PriceSource, shipping: tuple[int | None, int | None, int | None]
) -> dict[str, object]:
    gross, net, tax = shipping
    return {
        "shop": shop,
        "order_id": order_id,
        "currency": currency,
        "shipping_gross_cents": gross,
        "shipping_net_cents": net,
        "shipping_tax_cents": tax,
        "price_source": source.value,
        "amounts_fetched_at": now,
    }


def _without_price(amounts: AmountsModel, open_lines: Collection[str]) -> str | None:
    """What has no price above 0 (shipping: none at all) although it has to be sent by the seller."""
    if not amounts.lines:
        return "any line"
    for line_id, line in amounts.lines.items():
        if line_id in open_lines and line.quantity and max(line.unit_retail_price_gross or 0, line.retail_total_gross or 0) <= 0:
            return f"line {line_id}"
    told = [cents for cents in (_shipping_gross(amounts), amounts.shipping_total) if cents is not None]
    return None if told and min(told) >= 0 else "shipping"


def _shipping_gross(amounts: AmountsModel) -> int | None:
    """The order's own figure, else the sum of the lines' where every line has one."""
    if amounts.shipping_total_gross is not None:
        return amounts.shipping_total_gross
    of_lines = [line.shipping_gross for line in amounts.lines.values()]
    told = [gross for gross in of_lines if gross is not None]
    return sum(told) if told and len(told) == len(of_lines) else None


def _item_row(order_id: str, position: int, line: OrderLineModel, shop: str) -> dict[str, object]:
    articles = [[product.sku, product.sold_factor] for product in line.products] or [["", 1]]
    return {
        "shop": shop,
        "line_id": line.line_id,
        "order_id": order_id,
        "position": position,
        "status": line.status,
        "quantity": line.quantity,
        "original_quantity": line.original_quantity,
        "cancelled_quantity": line.cancelled_quantity,
        "goods_id": line.goods_id,
        "sku_id": line.sku_id,
        "sku": articles[0][0],
        "articles": json.dumps(articles),
        # JTL's line takes 255 characters of both together.
        "name": cut(line.original_name or line.name, 1000),
        "variant": cut(line.original_variant or line.variant, 1000),
        "by_seller": line.fulfillment_type in BY_SELLER,
    }


def fields_of(value: BuyerAddress) -> Mapping[str, object]:
    """The address as columns of ``temu_orders``."""
    return {name: getattr(value, name) for name in BuyerAddress.__slots__}
