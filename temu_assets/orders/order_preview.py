"""An order's XML as it may be shown to whoever sees the UI: what it says about the goods, and not to whom they go."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from dataclasses import dataclass
from decimal import Decimal

from temu_assets.orders import jtl_format

MASK = "***"
_ABOUT_BUYERS = (jtl_format.CUSTOMER, jtl_format.DELIVERY, jtl_format.PAYMENT)
_TELLS_NOBODY = frozenset({jtl_format.COUNTRY.name, "cHerkunft", "dErstellt"})
"""What is said about every buyer of a country, a shop or a day. Everything else about one is masked, whatever it is called."""


@dataclass(frozen=True, slots=True)
class OrderPreview:
    """One order as JTL would be given it. ``total``: what the buyer pays, gross, in the order's currency. ``xml``: without the buyer."""

    order_id: str
    lines: int
    total: Decimal
    currency: str
    xml: str


def preview_of(order_id: str, xml: str) -> OrderPreview:
    """Of a document this program has written and checked."""
    # Without the header: its encoding is about bytes, and this is text of ASCII.
    root = ET.fromstring(xml.removeprefix(jtl_format.HEADER).lstrip())  # noqa: S314 — written by jtl_xml, never by a stranger
    lines = list(root.iter(jtl_format.LINE))
    total = sum((_number(line, "fPreis") * _number(line, "fAnzahl") for line in lines), Decimal())
    for part in (part for name in _ABOUT_BUYERS for part in root.iter(name)):
        for leaf in part:
            if leaf.text and leaf.tag not in _TELLS_NOBODY:
                leaf.text = MASK
    return OrderPreview(order_id, len(lines), total, root.findtext(".//cWaehrung") or "", ET.tostring(root, encoding="unicode"))


def _number(line: ET.Element, name: str) -> Decimal:
    return Decimal(line.findtext(name) or "0")
