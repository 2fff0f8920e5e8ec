"""How the predecessor's tables are told from ours: they share names, not columns (fact sheet jtl-wawi, section 5.1)."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection, inspect

PREDECESSOR_MARKS = {
    "temu_orders": "bestell_id",
    "temu_order_items": "bestellartikel_id",
    "temu_xml_export": "xml_content",
    "temu_products": "synced_at",
    "temu_inventory": "product_id",
    "scheduler_logs": "job_id",
}
"""A table of the predecessor, and a column by which it is known."""

ASIDE = "predecessor_"
"""What stands before the name of a table of theirs that ``temu-assets adopt`` has moved aside."""

_OURS = "shop"


def their_tables(connection: Connection) -> dict[str, str]:
    """The predecessor's tables under their own names: the name as they called it -> as the database spells it."""
    found = {}
    for name, spelled in _spelled(connection, PREDECESSOR_MARKS).items():
        columns = columns_of(connection, spelled)
        if PREDECESSOR_MARKS[name] in columns and _OURS not in columns:
            found[name] = spelled
    return found


def tables_aside(connection: Connection) -> dict[str, str]:
    """The predecessor's tables that were moved aside: the name as they called it -> as the database spells it now."""
    found = _spelled(connection, (ASIDE + name for name in PREDECESSOR_MARKS))
    return {name.removeprefix(ASIDE): spelled for name, spelled in found.items()}


def columns_of(connection: Connection, table: str) -> dict[str, str]:
    """The columns of a table: the name in small letters -> as the database spells it."""
    return {column["name"].casefold(): column["name"] for column in inspect(connection).get_columns(table)}


def _spelled(connection: Connection, names: Iterable[str]) -> dict[str, str]:
    wanted = set(names)
    return {table.casefold(): table for table in inspect(connection).get_table_names() if table.casefold() in wanted}
