"""Orders as they may be shown: nothing of the buyer, whatever the buyer is called, and all of the goods."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from dataclasses import fields, replace
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from temu_assets.orders import jtl_format
from temu_assets.orders.address import JtlAddress
from temu_assets.orders.jtl_xml import XmlOptions, render
from temu_assets.orders.order_preview import MASK, preview_of
from temu_assets_tests.orders.samples import example_order

KEPT = {jtl_format.COUNTRY.name, "cHerkunft", "dErstellt"}


@given(st.lists(st.text(min_size=3, max_size=12), min_size=len(fields(JtlAddress)), max_size=len(fields(JtlAddress))))
def test_nothing_a_buyer_wrote_is_shown(words: list[str]) -> None:
    order = example_order()
    names = [field.name for field in fields(JtlAddress) if field.name != "country"]
    order = replace(order, customer=replace(order.customer, **dict(zip(names, words, strict=False))))
    xml = render(order, XmlOptions())
    shown = ET.fromstring(preview_of("PO-1", xml).xml)
    for part in ("tkunde", "tlieferadresse", "tzahlungsinfo"):
        for leaf in shown.findall(f".//{part}/*"):
            assert leaf.text in (None, MASK) or leaf.tag in KEPT
    genuine = ET.fromstring(xml.removeprefix(jtl_format.HEADER).lstrip())
    for part in ("tBestellung/cExterneBestellNr", "tBestellung/twarenkorbpos/cArtNr"):
        assert [leaf.text for leaf in shown.findall(part)] == [leaf.text for leaf in genuine.findall(part)]


def test_the_total_is_what_the_buyer_pays() -> None:
    order = example_order()
    preview = preview_of(order.order_id, render(order, XmlOptions()))
    assert preview.total == sum((line.unit_gross * line.quantity for line in order.lines), Decimal())
    assert (preview.lines, preview.currency) == (len(order.lines), "EUR")
