"""A buyer's name and address from TEMU's field to JTL's XML: exactly as it was, or held with the field's name, never cut or changed."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from temu_assets.orders import from_temu
from temu_assets.orders.holds import Hold, HoldReason
from temu_assets.orders.jtl_order import ExportOptions, to_jtl_order
from temu_assets.orders.jtl_xml import XmlOptions, render
from temu_assets.orders.jtl_xml_check import check
from temu_assets.orders.order import TemuOrder
from temu_assets.temu.answers import read_json
from temu_assets.temu.order_models import parse_shipping_info
from temu_assets.texts import cut
from temu_assets_tests.hostile.carried_over import can_be_xml, lost, parse
from temu_assets_tests.hostile.mutations import CANARY, TEXTS
from temu_assets_tests.orders.samples import ORDER_ID, order_line, temu_order
from temu_assets_tests.temu.samples import address

FIELDS = [
    *("receiptName", "receiptAdditionalName", "addressLine1", "addressLine2", "addressLine3"),
    *("postCode", "regionName2", "regionName3", "mobile", "mail"),
]
IN_EXTRA = ["firstName", "lastName", "contactlessDropPoint"]
NASTY = st.sampled_from([json.loads(text) for text in TEXTS.values()])
ANY_TEXT = st.text(st.characters(), max_size=40) | NASTY | st.sampled_from(["", " ", "GmbH", "Muster GmbH", "3", "c/o", "von", "*"])


def order_to(raw: dict[str, Any]) -> TemuOrder:
    """The order with this address, which has gone over the wire as JSON and through everything that reads it."""
    sent = read_json(json.dumps(raw).encode())
    return temu_order(address=from_temu.address(parse_shipping_info(sent)))


def with_texts(texts: dict[str, str]) -> dict[str, Any]:
    raw = address()
    raw |= {name: text for name, text in texts.items() if name in FIELDS}
    raw["addressExtra"] |= {name: text for name, text in texts.items() if name in IN_EXTRA}
    raw["addressLineAll"] = " ".join(raw[name] for name in ("addressLine1", "addressLine2", "addressLine3") if raw[name])
    return raw


def held_or_carried_over(raw: dict[str, Any]) -> Hold | None:
    """The hold of the order with this address, or None after making sure that all of it has arrived."""
    jtl_order = to_jtl_order(order_to(raw), ExportOptions())
    if isinstance(jtl_order, Hold):
        return jtl_order
    xml = render(jtl_order, XmlOptions())
    assert xml.isascii()
    assert check(xml, order_id=ORDER_ID) == ()
    assert lost(raw, parse(xml)) == []
    return None


OF_ADDRESSES = {HoldReason.MISSING_ADDRESS, HoldReason.MASKED_ADDRESS, HoldReason.DAMAGED_ADDRESS, HoldReason.ADDRESS_TOO_LONG}


@given(st.dictionaries(st.sampled_from([*FIELDS, *IN_EXTRA]), ANY_TEXT, min_size=1, max_size=6))
def test_any_address_arrives_as_it_is_or_is_held(texts: dict[str, str]) -> None:
    held = held_or_carried_over(with_texts(texts))
    if held is None:
        assert all(map(can_be_xml, texts.values()))
    else:
        assert held.reason in OF_ADDRESSES
        assert CANARY not in held.detail


@pytest.mark.parametrize("name", TEXTS)
@pytest.mark.parametrize("field", [*FIELDS, *IN_EXTRA])
def test_each_nasty_text_in_each_field(field: str, name: str) -> None:
    text = json.loads(TEXTS[name])
    raw = with_texts({field: text})
    held = held_or_carried_over(raw)
    if not can_be_xml(text):
        assert held is not None
        assert held.reason is HoldReason.DAMAGED_ADDRESS
    elif len(text) > 1000:
        assert held is not None
        assert held.reason is HoldReason.ADDRESS_TOO_LONG
        assert CANARY not in held.detail
    elif text.strip() and field not in ("postCode", "mobile"):  # short fields, for which some of these texts are too long
        assert held is None


@pytest.mark.parametrize("name", TEXTS)
def test_a_nasty_name_of_goods_is_carried_over_or_shows_what_is_missing(name: str) -> None:
    """The number names the article; the name is for people, and no reason to keep an order back."""
    text = cut(str(read_json(TEXTS[name].encode())), 1000)
    jtl_order = to_jtl_order(temu_order(lines=(order_line(name=text),)), ExportOptions())
    assert not isinstance(jtl_order, Hold)
    written = parse(render(jtl_order, XmlOptions())).findtext("twarenkorbpos/cName") or ""
    if len(text) > 255:
        assert "..." in written
    elif can_be_xml(text):
        assert written.startswith(" ".join(text.split("\r\n")).replace("\t", " ").strip())
    else:
        assert "\ufffd" in written


@given(st.text(st.characters(), max_size=30) | NASTY)
def test_an_article_number_is_exactly_what_temu_said_or_the_order_is_held(sku: str) -> None:
    """A number without one of its characters is another article's."""
    given_sku = str(read_json(json.dumps(sku).encode())).strip()
    jtl_order = to_jtl_order(temu_order(lines=(order_line(articles=((given_sku, 1),)),)), ExportOptions())
    if isinstance(jtl_order, Hold):
        assert jtl_order.reason in (HoldReason.MISSING_SKU, HoldReason.UNKNOWN_ARTICLE)
    else:
        assert parse(render(jtl_order, XmlOptions())).findtext("twarenkorbpos/cArtNr") == given_sku == sku.strip()
