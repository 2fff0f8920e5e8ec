"""How the predecessor's tables are told from ours: they share names, not columns (fact sheet jtl-wawi, section 5.1)."""

from __future__ import annotations

PREDECESSOR_MARKS = {
    "temu_orders": "bestell_id",
    "temu_order_items": "bestellartikel_id",
    "temu_xml_export": "xml_content",
    "temu_products": "synced_at",
    "temu_inventory": "product_id",
}
"""A table of the predecessor, and a column of it that no table of ours under this name has."""
