"""A database as the predecessor leaves it (fact sheet jtl-wawi, section 5.1), with invented orders."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    DateTime,
    ForeignKey,
    Integer,
    MetaData,
    Numeric,
    PrimaryKeyConstraint,
    Row,
    Table,
    Unicode,
    UnicodeText,
    insert,
    select,
)

metadata = MetaData()

orders = Table(
    "temu_orders",
    metadata,
    Column("id", Integer, autoincrement=False),
    Column("bestell_id", Unicode(50), unique=True),
    Column("bestellstatus", Unicode(50)),
    Column("kaufdatum", DateTime),
    Column("name_empfaenger", Unicode(100)),
    Column("vorname_empfaenger", Unicode(100)),
    Column("nachname_empfaenger", Unicode(100)),
    Column("telefon_empfaenger", Unicode(50)),
    Column("email", Unicode(100)),
    Column("strasse", Unicode(200)),
    Column("adresszusatz", Unicode(200)),
    Column("plz", Unicode(20)),
    Column("ort", Unicode(100)),
    Column("bundesland", Unicode(100)),
    Column("land", Unicode(100)),
    Column("land_iso", Unicode(2)),
    Column("versandkosten", Numeric(10, 2)),
    Column("versanddienstleister", Unicode(100)),
    Column("trackingnummer", Unicode(100)),
    Column("versanddatum", DateTime),
    Column("status", Unicode(20)),
    Column("xml_erstellt", Boolean),
    Column("temu_gemeldet", Boolean),
    Column("created_at", DateTime),
    Column("updated_at", DateTime),
    # A name of ours on purpose: on most servers no two tables may have keys of one name.
    PrimaryKeyConstraint("id", name="pk_temu_orders"),
)

items = Table(
    "temu_order_items",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("order_id", Integer, ForeignKey(orders.c.id, ondelete="CASCADE")),
    Column("bestell_id", Unicode(50)),
    Column("bestellartikel_id", Unicode(50), unique=True),
    Column("produktname", Unicode(500)),
    Column("sku", Unicode(100)),
    Column("sku_id", Unicode(50)),
    Column("variation", Unicode(500)),
    Column("menge", Numeric(10, 2)),
    Column("netto_einzelpreis", Numeric(10, 2)),
    Column("brutto_einzelpreis", Numeric(10, 2)),
    Column("gesamtpreis_netto", Numeric(10, 2)),
    Column("gesamtpreis_brutto", Numeric(10, 2)),
    Column("mwst_satz", Numeric(5, 2)),
)

xml_export = Table(
    "temu_xml_export",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("bestell_id", Unicode(50)),
    Column("xml_content", UnicodeText),
    Column("status", Unicode(20)),
    Column("verarbeitet", Boolean),
    Column("created_at", DateTime),
    Column("processed_at", DateTime),
)

products = Table(
    "temu_products",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("sku", Unicode(100), unique=True),
    Column("goods_id", BigInteger),
    Column("sku_id", BigInteger),
    Column("goods_name", Unicode(500)),
    Column("jtl_article_id", Integer),
    Column("is_active", Boolean),
    Column("synced_at", DateTime),
    Column("created_at", DateTime),
    Column("updated_at", DateTime),
)

inventory = Table(
    "temu_inventory",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("product_id", Integer, ForeignKey(products.c.id, ondelete="CASCADE")),
    Column("jtl_article_id", Integer),
    Column("jtl_stock", Integer),
    Column("temu_stock", Integer),
    Column("needs_sync", Boolean),
    Column("last_synced_to_temu", DateTime),
    Column("created_at", DateTime),
    Column("updated_at", DateTime),
)

logs = Table(
    "scheduler_logs",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("job_id", Unicode(100)),
    Column("job_type", Unicode(50)),
    Column("level", Unicode(20)),
    Column("message", UnicodeText),
    Column("timestamp", DateTime),
)

BUYER = {"name_empfaenger": "Erika Beispiel", "strasse": "Musterstraße 12a", "plz": "34117", "ort": "Kassel", "email": "e@example.invalid"}
JANUARY = datetime(2026, 1, 15, 10, 0)

Values = Mapping[str, object]


def number(count: int) -> str:
    return f"PO-076-{count:017d}"


def order(count: int, **details: Any) -> dict[str, object]:
    """A row of ``temu_orders`` as it is right after the import, unless the details say otherwise."""
    row: dict[str, object] = {
        "id": count,
        "bestell_id": number(count),
        "bestellstatus": "2",
        "kaufdatum": JANUARY + timedelta(minutes=count),
        **BUYER,
        "land": "Deutschland",
        "land_iso": "DE",
        "versandkosten": Decimal("2.51"),
        "status": "importiert",
        "xml_erstellt": False,
        "temu_gemeldet": False,
        "trackingnummer": None,
        "versanddatum": None,
        "created_at": JANUARY + timedelta(hours=1),
        "updated_at": JANUARY + timedelta(hours=2),
    }
    return row | details


def exported(count: int, **details: Any) -> dict[str, object]:
    return order(count, **{"status": "xml_erstellt", "xml_erstellt": True, **details})


def shipped(count: int, tracking: str | None, **details: Any) -> dict[str, object]:
    when = {"versanddatum": JANUARY + timedelta(days=1)}
    return exported(count, **{"status": "versendet", "trackingnummer": tracking, **when, **details})


def item(count: int, **details: Any) -> dict[str, object]:
    """The one line of the order of this number."""
    row: dict[str, object] = {
        "id": count,
        "order_id": count,
        "bestell_id": number(count),
        "bestellartikel_id": f"076-{count:017d}",
        "produktname": "Trinkflasche 750 ml",
        "sku": "FLASCHE-750-BL",
        "sku_id": "17592186044416",
        "variation": "blau",
        "menge": Decimal("2.00"),
        "netto_einzelpreis": Decimal("10.00"),
        "brutto_einzelpreis": Decimal("11.90"),
        "gesamtpreis_netto": Decimal("20.00"),
        "gesamtpreis_brutto": Decimal("23.80"),
        "mwst_satz": Decimal("19.00"),
    }
    return row | details


def product(count: int, **details: Any) -> dict[str, object]:
    row: dict[str, object] = {
        "id": count,
        "sku": f"ARTIKEL-{count}",
        "goods_id": 601_000_000_000_000 + count,
        "sku_id": 17_592_000_000_000 + count,
        "goods_name": "Ein Artikel",
        "jtl_article_id": count,
        "is_active": True,
        "synced_at": JANUARY,
        "created_at": JANUARY,
        "updated_at": JANUARY,
    }
    return row | details


def build(
    connection: Connection, *, of_orders: Sequence[Values] = (), of_items: Sequence[Values] = (), of_products: Sequence[Values] = ()
) -> None:
    """All of the predecessor's tables, with these rows; each order without a line given gets one, if no lines are given at all."""
    metadata.create_all(connection)
    if of_orders:
        connection.execute(insert(orders), [dict(row) for row in of_orders])
    lines = of_items or [item(int(str(row["id"])), bestell_id=row["bestell_id"]) for row in of_orders]
    if lines:
        connection.execute(insert(items), [dict(row) for row in lines])
    if of_products:
        connection.execute(insert(products), [dict(row) for row in of_products])
    connection.execute(insert(xml_export), [{"id": 1, "bestell_id": number(1), "xml_content": "<x/>", "status": "processed"}])
    connection.execute(insert(logs), [{"id": 1, "job_id": "orders", "message": "fertig"}])


def content(connection: Connection, *, prefix: str = "") -> dict[str, list[Row[Any]]]:
    """Every row of their tables, under their own names or with a prefix."""
    found = {}
    for name, table in metadata.tables.items():
        there = table.to_metadata(MetaData(), name=prefix + name)
        found[name] = list(connection.execute(select(there).order_by(there.c.id)))
    return found
