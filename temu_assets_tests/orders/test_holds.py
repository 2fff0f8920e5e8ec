"""Which orders stay here, and what the shop owner is told."""

from __future__ import annotations

import pytest

from temu_assets.orders.holds import HoldReason, hold, unknown_article
from temu_assets.temu.order_status import TemuStatus
from temu_assets_tests.orders.samples import AUSTRIA, SECOND_LINE, buyer_address, order_line, temu_order


def test_an_order_with_everything_is_not_held() -> None:
    assert hold(temu_order()) is None
    assert hold(temu_order(region_id=AUSTRIA)) is None


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"status": TemuStatus.PENDING}, HoldReason.PENDING),
        ({"status": TemuStatus.CANCELLED}, HoldReason.CANCELLED),
        ({"status": TemuStatus.SHIPPED}, HoldReason.NOT_TO_IMPORT),
        ({"status": TemuStatus.PARTLY_SHIPPED}, HoldReason.NOT_TO_IMPORT),
        ({"status": 77}, HoldReason.NOT_TO_IMPORT),
        ({"cancellation_requested": True}, HoldReason.CANCELLATION_REQUESTED),
        ({"address_change_requested": True}, HoldReason.ADDRESS_CHANGE_REQUESTED),
        ({"risk_alert": True}, HoldReason.RISK_ALERT),
        ({"cash_on_delivery": True}, HoldReason.CASH_ON_DELIVERY),
        ({"lines": ()}, HoldReason.NO_LINE_LEFT),
        ({"lines": (order_line(quantity=0, cancelled=2),)}, HoldReason.NO_LINE_LEFT),
        ({"lines": (order_line(status=3),)}, HoldReason.NO_LINE_LEFT),
        ({"lines": (order_line(by_seller=False),)}, HoldReason.NOT_BY_SELLER),
        ({"lines": (order_line(by_seller=False), order_line(quantity=0))}, HoldReason.NO_LINE_LEFT),
        ({"lines": (order_line(articles=()),)}, HoldReason.MISSING_SKU),
        ({"lines": (order_line(articles=(("  ", 1),)),)}, HoldReason.MISSING_SKU),
        ({"lines": (order_line(articles=(("FLASCHE", 0),)),)}, HoldReason.MISSING_SKU),
        ({"lines": (order_line(articles=(("X" * 101, 1),)),)}, HoldReason.UNKNOWN_ARTICLE),
        ({"region_id": 999}, HoldReason.UNKNOWN_COUNTRY),
        ({"address": None}, HoldReason.MISSING_ADDRESS),
        ({"address": buyer_address(city="")}, HoldReason.MISSING_ADDRESS),
        ({"address": buyer_address(postcode=" \x00")}, HoldReason.DAMAGED_ADDRESS),
        ({"address": buyer_address(line2="Hinter\x07haus")}, HoldReason.DAMAGED_ADDRESS),
        ({"address": buyer_address(recipient="Jörg \ufffd")}, HoldReason.DAMAGED_ADDRESS),
        ({"address": buyer_address(mail="x\x00@example.invalid")}, HoldReason.DAMAGED_ADDRESS),
        ({"lines": (order_line(articles=(("FLA\x01SCHE", 1),)),)}, HoldReason.MISSING_SKU),
        ({"lines": (order_line(articles=(("FLA\nSCHE", 1),)),)}, HoldReason.MISSING_SKU),
        ({"lines": (order_line(articles=(("FLASCHE\ufffd", 1),)),)}, HoldReason.MISSING_SKU),
        ({"address": buyer_address(line1="", line_all="")}, HoldReason.MISSING_ADDRESS),
        ({"address": buyer_address(recipient="", first_name="", last_name="")}, HoldReason.MISSING_ADDRESS),
        ({"address": buyer_address(line1="Bei***** 1")}, HoldReason.MASKED_ADDRESS),
        ({"address": buyer_address(recipient="J*** M***")}, HoldReason.MASKED_ADDRESS),
        ({"amounts": None}, HoldReason.MISSING_PRICE),
    ],
)
def test_each_obstacle_has_its_reason(changes: dict[str, object], reason: HoldReason) -> None:
    held = hold(temu_order(**changes))
    assert held is not None
    assert held.reason == reason


def test_the_first_obstacle_in_the_documented_sequence_is_the_reason() -> None:
    order = temu_order(status=TemuStatus.CANCELLED, cancellation_requested=True, lines=(), address=None, amounts=None)
    assert [
        held.reason if (held := hold(candidate)) else None
        for candidate in (
            order,
            temu_order(cancellation_requested=True, lines=(), address=None, amounts=None),
            temu_order(lines=(), address=None, amounts=None),
            temu_order(address=None, amounts=None),
            temu_order(amounts=None),
        )
    ] == ["cancelled", "cancellation_requested", "no_line_left", "missing_address", "missing_price"]


@pytest.mark.parametrize("status", [TemuStatus.PENDING, TemuStatus.CANCELLED])
def test_pending_and_cancelled_orders_are_held_whatever_status_is_imported(status: TemuStatus) -> None:
    assert hold(temu_order(status=status), import_status=status) is not None


def test_another_import_status_lets_its_orders_pass_and_holds_the_usual_ones() -> None:
    assert hold(temu_order(status=41), import_status=41) is None
    assert hold(temu_order(status=2), import_status=41) is not None


def test_masked_phone_and_mail_do_not_hold_an_order() -> None:
    assert hold(temu_order(address=buyer_address(mobile="+49 1*****01", mail="x***@example.invalid"))) is None


def test_lines_shipped_by_others_do_not_hold_the_sellers_lines() -> None:
    order = temu_order(lines=(order_line(by_seller=False, articles=()), SECOND_LINE))
    assert hold(order) is None
    assert order.open_lines == (SECOND_LINE,)


def test_no_sentence_carries_buyer_data() -> None:
    address = buyer_address(recipient="Geheim*", line1="Geheimweg 1", postcode="")
    missing = hold(temu_order(address=address))
    masked = hold(temu_order(address=buyer_address(recipient="Geheim*")))
    assert missing is not None
    assert masked is not None
    assert "Geheim" not in missing.detail + masked.detail
    assert "postcode" in missing.detail
    assert "name" in masked.detail


def test_an_unknown_article_is_named() -> None:
    assert "FLASCHE-750-BL" in unknown_article(["FLASCHE-750-BL"]).detail
