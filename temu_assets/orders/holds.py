"""Why an order is not handed to JTL: the reasons, and those that can be read off the order itself.

An order is asked in a fixed sequence and the first match is its reason:

1. its state: ``cancelled``, ``pending``, ``not_to_import``;
2. what TEMU asks to wait for: ``cancellation_requested``, ``address_change_requested``, ``risk_alert``, ``cash_on_delivery``;
3. its lines: ``not_by_seller``, ``no_line_left``, ``missing_sku``;
4. where it goes: ``unknown_country``, ``buyer_erased``, ``missing_address``, ``masked_address``, ``damaged_address``;
5. its prices: ``missing_price``;
6. what only shows while the JTL order is built (``address``, ``pricing``): ``address_too_long``, ``foreign_currency``,
   ``missing_price``, ``price_mismatch``, ``unknown_vat``;
7. what only JTL knows, asked by the caller: ``unknown_article``;
8. that something newer than all of this could not be read: ``newer_unreadable``.

The sentences go to the shop owner and into logs: they name fields and numbers of the order, never the buyer's data.
Source: fact sheets temu-api, sections 3.1, 3.2 and 3.4, and jtl-wawi, section 1.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from temu_assets.orders.countries import COUNTRY_BY_REGION
from temu_assets.orders.jtl_format import LINE_LEAVES, clean, is_damaged
from temu_assets.orders.order import BuyerAddress, OrderLine, TemuOrder
from temu_assets.temu.order_status import TemuStatus
from temu_assets.texts import stored_length


class HoldReason(StrEnum):
    """One word per cause, stored on the order's row and used to group problems."""

    PENDING = "pending"
    CANCELLED = "cancelled"
    NOT_TO_IMPORT = "not_to_import"
    CANCELLATION_REQUESTED = "cancellation_requested"
    ADDRESS_CHANGE_REQUESTED = "address_change_requested"
    RISK_ALERT = "risk_alert"
    CASH_ON_DELIVERY = "cash_on_delivery"
    NO_LINE_LEFT = "no_line_left"
    NOT_BY_SELLER = "not_by_seller"
    BUYER_ERASED = "buyer_erased"
    MISSING_ADDRESS = "missing_address"
    MASKED_ADDRESS = "masked_address"
    DAMAGED_ADDRESS = "damaged_address"
    MISSING_PRICE = "missing_price"
    PRICE_MISMATCH = "price_mismatch"
    UNKNOWN_COUNTRY = "unknown_country"
    UNKNOWN_VAT = "unknown_vat"
    FOREIGN_CURRENCY = "foreign_currency"
    MISSING_SKU = "missing_sku"
    UNKNOWN_ARTICLE = "unknown_article"
    ADDRESS_TOO_LONG = "address_too_long"
    NEWER_UNREADABLE = "newer_unreadable"


NEVER_LISTED = 0
"""The import status of an order that was taken over from the predecessor and not listed by TEMU since: nothing of it leaves the house."""


DECIDED_AT_EXPORT = frozenset(
    {
        HoldReason.ADDRESS_TOO_LONG,
        HoldReason.FOREIGN_CURRENCY,
        HoldReason.MISSING_PRICE,
        HoldReason.PRICE_MISMATCH,
        HoldReason.UNKNOWN_VAT,
        HoldReason.UNKNOWN_ARTICLE,
        HoldReason.NEWER_UNREADABLE,
    }
)
"""What only shows while the JTL order is built, what only JTL knows, and what is told of it otherwise (groups 6 to 8 above)."""


ENDS_BY_ITSELF = frozenset(
    {
        HoldReason.PENDING,
        HoldReason.CANCELLED,
        HoldReason.NOT_TO_IMPORT,
        HoldReason.NO_LINE_LEFT,
        HoldReason.NOT_BY_SELLER,
        HoldReason.NEWER_UNREADABLE,
    }
)
"""Nobody has to do anything about these; the last is a problem of its own (``order_data``)."""


@dataclass(frozen=True, slots=True)
class Hold:
    """An order that stays here: the reason, and what happened and what to do in one or two sentences."""

    reason: HoldReason
    detail: str


def hold(order: TemuOrder, *, import_status: int = TemuStatus.UNSHIPPED) -> Hold | None:
    """The first reason of groups 1 to 5 that keeps ``order`` from JTL, or ``None``.

    ``import_status`` is the status that is imported as new. Whatever it is, pending and cancelled orders stay here.
    Never raises for bad data.
    """
    return (
        _hold_for_state(order, import_status)
        or _hold_for_request(order)
        or _hold_for_lines(order)
        or _hold_for_destination(order)
        or _hold_for_missing_prices(order)
    )


def newer_unreadable(why: str) -> Hold:
    """The hold for an order whose newest state could not be read: what we know may be cancelled, cut or re-addressed by now."""
    return Hold(
        HoldReason.NEWER_UNREADABLE,
        f"TEMU changed the order and that could not be read: {why} It goes on once TEMU's answer can be read.",
    )


def unknown_article(skus: Iterable[str]) -> Hold:
    """The hold for an order with articles JTL does not have; ``skus`` are the missing article numbers."""
    return Hold(
        HoldReason.UNKNOWN_ARTICLE,
        f"JTL has no article with the number {_listed(skus)}. Create it in JTL, or correct the SKU code at TEMU "
        f"(that helps new orders only).",
    )


def needs_a_person(held: Hold | None, *, is_asked_again: bool) -> bool:
    """Whether somebody has to look at the order. ``is_asked_again``: TEMU is asked for address and prices with the next run."""
    if held is None or held.reason in ENDS_BY_ITSELF:
        return False
    return held.reason not in (HoldReason.MISSING_ADDRESS, HoldReason.MISSING_PRICE) or not is_asked_again


def with_cause(held: Hold, details_problem: str | None) -> Hold:
    """The hold with the cause in its place, where address or prices are missing because TEMU did not tell them."""
    if details_problem is None or held.reason not in (HoldReason.MISSING_ADDRESS, HoldReason.MISSING_PRICE):
        return held
    return Hold(held.reason, details_problem)


_STATE_DETAILS = {
    TemuStatus.CANCELLED: (HoldReason.CANCELLED, "TEMU says that the order is cancelled. Nothing has to be done."),
    TemuStatus.PENDING: (
        HoldReason.PENDING,
        "TEMU still checks the order: address and quantities can change. It is taken by itself once TEMU releases it.",
    ),
}


def _hold_for_state(order: TemuOrder, import_status: int) -> Hold | None:
    for status, (reason, detail) in _STATE_DETAILS.items():
        if order.status == status:
            return Hold(reason, detail)
    if import_status == NEVER_LISTED:
        return Hold(
            HoldReason.NOT_TO_IMPORT,
            "The order was taken over from the predecessor, and TEMU has not listed it since, so it may be cancelled or shipped by now. "
            "Every run asks TEMU for it by number; it is taken once TEMU has answered.",
        )
    if order.status != import_status:
        return Hold(
            HoldReason.NOT_TO_IMPORT,
            f"The order has status {order.status} at TEMU, and only orders with status {import_status} are imported as "
            f"new. If it still has to be shipped, enter it in JTL by hand.",
        )
    return None


def _hold_for_request(order: TemuOrder) -> Hold | None:
    if order.cancellation_requested:
        return Hold(
            HoldReason.CANCELLATION_REQUESTED,
            "The buyer asks to cancel. Decide in the TEMU Seller Center; without an answer TEMU cancels after 24 hours.",
        )
    if order.address_change_requested:
        return Hold(
            HoldReason.ADDRESS_CHANGE_REQUESTED,
            "The buyer asks for another address. Decide in the TEMU Seller Center; the order is taken after that.",
        )
    if order.risk_alert:
        return Hold(
            HoldReason.RISK_ALERT,
            "TEMU's risk control holds the order. Do not ship; it is taken by itself once TEMU lifts the alert.",
        )
    if order.cash_on_delivery:
        return Hold(
            HoldReason.CASH_ON_DELIVERY,
            "The order is paid on delivery, which TEMU allows with its own shipping labels only. Ship it in the TEMU Seller Center.",
        )
    return None


def _hold_for_lines(order: TemuOrder) -> Hold | None:
    if order.lines and not any(line.by_seller for line in order.lines):
        return Hold(
            HoldReason.NOT_BY_SELLER,
            "A warehouse of TEMU's partners ships the whole order. Nothing has to be done.",
        )
    if not order.open_lines:
        return Hold(
            HoldReason.NO_LINE_LEFT,
            "No line of the order has anything left to ship. If that is wrong, compare it with the TEMU Seller Center.",
        )
    for line in order.open_lines:
        if not line.articles or not all(clean(article.sku) for article in line.articles):
            return Hold(
                HoldReason.MISSING_SKU,
                f"Line {line.line_id} has no SKU code at TEMU, so the JTL article is not known. Enter the order in JTL by "
                f"hand and set the SKU code at TEMU for later orders.",
            )
        if not all(_can_be_carried_over(article.sku) for article in line.articles):
            return Hold(
                HoldReason.MISSING_SKU,
                f"The SKU code of line {line.line_id} has a character that no article number holds, such as a line break. Enter the "
                f"order in JTL by hand and correct the SKU code at TEMU for later orders.",
            )
        if any(article.units < 1 for article in line.articles):
            return Hold(
                HoldReason.MISSING_SKU,
                f"TEMU does not say how many units of its articles line {line.line_id} holds. Enter the order in JTL by hand.",
            )
    return _hold_for_long_skus(order.open_lines)


def _can_be_carried_over(sku: str) -> bool:
    """Whether JTL gets exactly this article number: without a character of it, it would be another article's."""
    return clean(sku) == sku.strip() and not is_damaged(sku)


def _hold_for_long_skus(lines: Iterable[OrderLine]) -> Hold | None:
    limit = next(leaf.max_length for leaf in LINE_LEAVES if leaf.name == "cArtNr") or 0
    skus = [article.sku for line in lines for article in line.articles if stored_length(clean(article.sku)) > limit]
    return unknown_article(skus) if skus else None


def _hold_for_destination(order: TemuOrder) -> Hold | None:
    if order.region_id not in COUNTRY_BY_REGION:
        return Hold(
            HoldReason.UNKNOWN_COUNTRY,
            f"TEMU's region {order.region_id} is not in this program's table of countries. Enter the order in JTL by hand "
            f"and report the number, so that the country can be added.",
        )
    if order.is_erased:
        return Hold(
            HoldReason.BUYER_ERASED,
            "The buyer's data were erased here, and TEMU lists the order as to be shipped all the same. TEMU is not asked for them again: "
            "if it really has to be shipped, enter it in JTL by hand.",
        )
    missing = _missing_fields(order.address)
    if missing:
        return Hold(
            HoldReason.MISSING_ADDRESS,
            f"TEMU gave no {_listed(missing)}. The address is fetched again by itself; if it stays away, look at the order "
            f"in the TEMU Seller Center.",
        )
    masked = _masked_fields(order.address) if order.address else ()
    if masked:
        return Hold(
            HoldReason.MASKED_ADDRESS,
            f"TEMU gave {_listed(masked)} with asterisks. Sign TEMU's data protection agreement for the shop; the address "
            f"is fetched again by itself.",
        )
    damaged = _damaged_fields(order.address) if order.address else ()
    if damaged:
        return Hold(
            HoldReason.DAMAGED_ADDRESS,
            f"A character in the {_listed(damaged)} cannot be carried over, because it is a control character or half of one. Nothing was "
            f"left out; look at the order in the TEMU Seller Center and enter it in JTL by hand.",
        )
    return None


def _missing_fields(address: BuyerAddress | None) -> tuple[str, ...]:
    if address is None:
        return ("address",)
    needed = {
        "name": address.recipient + address.first_name + address.last_name,
        "street": address.line1 + address.line_all,
        "postcode": address.postcode,
        "city": address.city,
    }
    return tuple(name for name, text in needed.items() if not clean(text))


def _masked_fields(address: BuyerAddress) -> tuple[str, ...]:
    """Phone and mail do not count: they are left out when masked, an order ships without them."""
    return tuple(name for name, text in _carried_over(address).items() if "*" in text and name not in ("phone", "mail"))


def _damaged_fields(address: BuyerAddress) -> tuple[str, ...]:
    return tuple(name for name, text in _carried_over(address).items() if is_damaged(text))


def _carried_over(address: BuyerAddress) -> dict[str, str]:
    """All that goes to JTL, by what it is in words."""
    return {
        "name": address.recipient + address.recipient_extra + address.first_name + address.last_name,
        "street": address.line1 + address.line2 + address.line3 + address.line_all + address.drop_point,
        "postcode": address.postcode,
        "city": address.city,
        "state": address.state,
        "phone": address.mobile,
        "mail": address.mail,
    }


def _hold_for_missing_prices(order: TemuOrder) -> Hold | None:
    if order.amounts is None:
        return Hold(
            HoldReason.MISSING_PRICE,
            "TEMU gave no prices for the order. They are fetched again by itself; if they stay away, the app lacks TEMU's "
            "permission for order amounts.",
        )
    return None


def _listed(words: Iterable[str]) -> str:
    return ", ".join(words)
