"""Every statement as SQL Server would get it."""

from __future__ import annotations

import inspect
import re
from datetime import datetime

import pytest
from sqlalchemy import Insert
from sqlalchemy.engine import URL

from temu_assets.jtl import statements
from temu_assets.jtl.tables import metadata, xml_bestell_import

SQL_SERVER = URL.create("mssql").get_dialect()()

STATEMENTS: dict[str, tuple[statements.Read | Insert, set[str]]] = {
    "orders": (statements.orders(["PO-1"]), {"[Verkauf].[tAuftrag]"}),
    "recent_orders": (statements.recent_orders("PO-", datetime(2026, 11, 1)), {"[Verkauf].[tAuftrag]"}),
    "customers": (statements.customers(["PO-1"]), {"[Verkauf].[tAuftrag]"}),
    "order_positions": (statements.order_positions([1]), {"[Verkauf].[tAuftragPosition]"}),
    "waiting_order_xml": (statements.waiting_order_xml(), {"dbo.[tXMLBestellImport]"}),
    "insert_order_xml": (
        statements.insert_order_xml().returning(xml_bestell_import.c.kXMLBestellImport, sort_by_parameter_order=True),
        {"dbo.[tXMLBestellImport]"},
    ),
    "article_numbers": (statements.article_numbers(["MUG"]), {"dbo.[tArtikel]"}),
    "shipping_methods": (statements.shipping_methods("TEMU"), {"dbo.tversandart"}),
    "payment_methods": (statements.payment_methods("TEMU"), {"dbo.[tZahlungsart]"}),
    "parcels": (statements.parcels(["PO-1"]), {"[Verkauf].[tAuftrag]", "dbo.[tLieferschein]", "dbo.[tVersand]", "dbo.tversandart"}),
    "parcel_numbers": (statements.parcel_numbers([1]), {"dbo.[tVersand]"}),
    "parcel_contents": (
        statements.parcel_contents([1]),
        {"dbo.[tVersandPos]", "dbo.[tLieferscheinPos]", "[Verkauf].[tAuftragPosition]"},
    ),
    "delivery_note_contents": (statements.delivery_note_contents([1]), {"dbo.[tLieferscheinPos]", "[Verkauf].[tAuftragPosition]"}),
    "set_parts": (statements.set_parts([1]), {"[Verkauf].[tAuftragPosition]"}),
    "parcel_counts": (statements.parcel_counts([1]), {"dbo.[tVersand]"}),
    "available_stock": (statements.available_stock(["MUG"]), {"dbo.[tArtikel]", "dbo.tlagerbestand"}),
    "warehouse_stock": (statements.warehouse_stock(["MUG"], [1]), {"dbo.[tArtikel]", "dbo.[vLagerbestandProLager]"}),
    "warehouses": (statements.warehouses(), {"dbo.[tWarenLager]"}),
    "jtl_version": (statements.jtl_version(), {"dbo.tversion"}),
    "server_facts": (statements.server_facts(), {"sys.databases"}),
    "rights": (statements.rights([("dbo.tArtikel", "UPDATE")]), set()),
    "roles": (statements.roles(), set()),
}


def for_sql_server(statement: statements.Read | Insert, columns: list[str] | None = None) -> str:
    return " ".join(str(statement.compile(dialect=SQL_SERVER, column_keys=columns)).split())


def test_the_table_above_has_every_statement() -> None:
    made_here = {name for name, value in vars(statements).items() if inspect.isfunction(value) and value.__module__ == statements.__name__}
    assert made_here == set(STATEMENTS)


@pytest.mark.parametrize("name", STATEMENTS)
def test_a_statement_names_its_tables_with_their_schemas(name: str) -> None:
    statement, tables = STATEMENTS[name]
    text = for_sql_server(statement)
    assert set(re.findall(r"(?:FROM|JOIN|INTO) (\S+\.\S+)", text)) == tables


@pytest.mark.parametrize("name", sorted(STATEMENTS.keys() - {"insert_order_xml"}))
def test_every_statement_but_one_only_reads(name: str) -> None:
    text = for_sql_server(STATEMENTS[name][0])
    assert text.startswith("SELECT ")
    assert not re.search(r"\b(INSERT|UPDATE|DELETE|MERGE|EXEC|INTO|TOP)\b", text)


def test_the_one_write_answers_the_key_of_its_row() -> None:
    assert for_sql_server(STATEMENTS["insert_order_xml"][0], ["cText", "nPlattform", "nRechnung"]).startswith(
        "INSERT INTO dbo.[tXMLBestellImport] ([cText], [nPlattform], [nRechnung]) OUTPUT inserted.[kXMLBestellImport]"
    )


def test_article_and_order_numbers_are_bound_as_nvarchar() -> None:
    """JTL's columns are; a parameter of another type keeps SQL Server from using the index, or loses letters."""
    for name in ("orders", "parcels", "customers", "article_numbers", "available_stock"):
        binds = STATEMENTS[name][0].compile(dialect=SQL_SERVER).binds
        types = {type(bind.type).__name__ for bind in binds.values() if bind.expanding}
        assert types == {"Unicode"}, name


def test_no_two_tables_differ_only_by_their_schema() -> None:
    """On SQLite they would be one."""
    names = [table.name.casefold() for table in metadata.tables.values()]
    assert len(names) == len(set(names))
