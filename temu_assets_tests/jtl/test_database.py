"""Reaching JTL: what is checked before it is read, what is told when it is not there, and that we write to one table only."""

from __future__ import annotations

import re
import sqlite3
import traceback
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from sqlalchemy import create_engine, event

from temu_assets.errors import ConfigurationError, TransientError
from temu_assets.jtl import orders, parcels, stock
from temu_assets.jtl.database import Jtl, open_engine
from temu_assets.jtl.tables import ORDER_TABLES, PARCEL_TABLES, STOCK_TABLES, WAREHOUSE_TABLES
from temu_assets_tests.databases import jtl_is_a_file
from temu_assets_tests.jtl.books import Books

CANARY = "Canary-7363"


def everything_we_ask_of(jtl: Jtl) -> None:
    orders.known_orders(jtl, ["PO-1"])
    orders.waiting_orders(jtl)
    orders.known_articles(jtl, ["MUG"])
    orders.missing_names(jtl, shipping_method="TEMU", payment_method="TEMU")
    parcels.sent_parcels(jtl, ["PO-1"])
    stock.all_warehouses(jtl)
    stock.article_stock(jtl, ["MUG"])
    stock.article_stock(jtl, ["MUG"], [1])


@pytest.fixture
def one_of_each(books: Books) -> Books:
    """An order with a parcel without contents, and a part of a set on its note, so that every statement is sent."""
    books.add("tWarenLager", kWarenLager=1)
    books.add("tArtikel", cArtNr="MUG")
    books.add("tAuftrag", kAuftrag=1, cAuftragsNr="AU-1", cExterneAuftragsnummer="PO-1")
    books.add("tAuftragPosition", kAuftragPosition=1, kAuftrag=1, cArtNr="MUG", kAuftragStueckliste=2)
    books.add("tLieferschein", kLieferschein=1, kBestellung=1)
    books.add("tLieferscheinPos", kLieferschein=1, kBestellPos=1, fAnzahl=1)
    books.add("tVersand", kVersand=1, kLieferschein=1, dVersendet="2026-02-01 09:00:00")
    return books


def test_the_one_thing_ever_written_is_a_row_of_the_import_table(jtl: Jtl, one_of_each: Books) -> None:
    sent: list[str] = []

    @event.listens_for(jtl.engine, "before_cursor_execute")
    def _note(*told: Any) -> None:
        sent.append(told[2].strip())

    everything_we_ask_of(jtl)
    assert sent
    assert {statement.split()[0] for statement in sent} == ({"SELECT", "PRAGMA"} if one_of_each.is_file else {"SELECT"})

    sent.clear()
    orders.hand_over(jtl, {"PO-1": "<tBestellungen/>"}, platform=5, may_go_on=lambda: None, seen=orders.ImportRows())
    table = "main.tXMLBestellImport" if one_of_each.is_file else "dbo.tXMLBestellImport"
    written = [statement for statement in sent if statement.split()[0] not in {"SELECT", "PRAGMA"}]
    assert [re.sub(r'["\[\]]', "", statement.split("(")[0].strip()) for statement in written] == [f"INSERT INTO {table}"]


@jtl_is_a_file
def test_no_transaction_stays_open_after_a_read(jtl: Jtl, one_of_each: Books) -> None:
    """Fault 24: JTL's own users never wait for us."""
    everything_we_ask_of(jtl)
    one_of_each.run("BEGIN EXCLUSIVE")
    one_of_each.run("ROLLBACK")


@jtl_is_a_file
def test_a_missing_column_is_named_and_not_read_as_its_own_name(jtl: Jtl, books: Books) -> None:
    """Fault 9: SQLite takes a name in double quotes that it does not know for a text, and every row then has that text."""
    books.run("ALTER TABLE tlagerbestand DROP COLUMN fVerfuegbar")
    with pytest.raises(ConfigurationError, match=r"lacks what this program reads: dbo\.tlagerbestand\.fVerfuegbar\."):
        stock.article_stock(jtl, ["MUG"])


@jtl_is_a_file
def test_everything_that_is_missing_is_named_at_once(jtl: Jtl, books: Books) -> None:
    books.run("DROP TABLE tVersandPos")
    books.run("ALTER TABLE tVersand DROP COLUMN cIdentCode")
    with pytest.raises(ConfigurationError, match=r"dbo\.tVersand\.cIdentCode, dbo\.tVersandPos \(the whole table\)"):
        parcels.sent_parcels(jtl, ["PO-1"])


@jtl_is_a_file
def test_what_is_missing_is_told_with_the_version_of_jtl(jtl: Jtl, books: Books) -> None:
    books.run("CREATE TABLE tversion (cVersion TEXT NOT NULL)")
    books.run("INSERT INTO tversion VALUES ('1.5.55.0')")
    books.run("DROP TABLE tVersandPos")
    with pytest.raises(
        ConfigurationError, match=r"JTL-Wawi 1\.5\.55\.0\) lacks .*dbo\.tVersandPos \(the whole table\).*known to fit are JTL-Wawi 1\.8"
    ):
        parcels.sent_parcels(jtl, ["PO-1"])


@jtl_is_a_file
def test_each_family_asks_only_for_what_it_reads(jtl: Jtl, books: Books) -> None:
    for table in ("tVersand", "tVersandPos", "tLieferschein", "tLieferscheinPos", "tWarenLager", "tXMLBestellImport"):
        books.run(f"DROP TABLE {table}")
    books.run("DROP VIEW vLagerbestandProLager")
    assert stock.article_stock(jtl, ["MUG"]) == {}


def test_the_columns_are_looked_at_once(jtl: Jtl) -> None:
    for tables in (ORDER_TABLES, PARCEL_TABLES, STOCK_TABLES, WAREHOUSE_TABLES):
        jtl.require(tables)

    @event.listens_for(jtl.engine, "before_cursor_execute")
    def _refuse(*told: Any) -> None:
        pytest.fail(f"sent {told[2]}")

    jtl.require(WAREHOUSE_TABLES)


@jtl_is_a_file
def test_a_table_that_was_missing_is_looked_at_again(jtl: Jtl, books: Books) -> None:
    books.run("ALTER TABLE tlagerbestand RENAME TO away")
    with pytest.raises(ConfigurationError):
        jtl.require(STOCK_TABLES)
    books.run("ALTER TABLE away RENAME TO tlagerbestand")
    jtl.require(STOCK_TABLES)


@pytest.mark.parametrize("name", ["missing.db", "missing/eazybusiness.db"])
def test_a_file_that_does_not_exist_is_an_error_and_is_never_created(tmp_path: Path, name: str) -> None:
    with pytest.raises(ConfigurationError, match=rf"JTL_DATABASE_URL names the file {tmp_path / name}, which does not exist"):
        open_engine(SecretStr(f"sqlite:///{tmp_path / name}"))
    assert list(tmp_path.iterdir()) == []


def test_a_folder_is_no_database(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=rf"JTL_DATABASE_URL names {tmp_path}, which is a folder"):
        open_engine(SecretStr(f"sqlite:///{tmp_path}"))


def test_a_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    """Fault 9: it is not an outage that passes by itself."""
    path = tmp_path / "letter.db"
    path.write_text("a letter " * 100)
    jtl = Jtl(open_engine(SecretStr(f"sqlite:///{path}")))
    with pytest.raises(ConfigurationError, match=rf"JTL's database \({path}\) is not a SQLite database"):
        orders.known_orders(jtl, ["PO-1"])


@jtl_is_a_file
def test_a_damaged_file_is_named(jtl: Jtl, books: Books) -> None:
    for number in range(300):
        books.add("tArtikel", cArtNr=f"MUG-{number}")
    with books.path.open("r+b") as file:
        file.seek(4096)
        file.write(b"\xff" * (books.path.stat().st_size - 4096))
    with pytest.raises(ConfigurationError, match=rf"JTL's database \({books.path}\) is damaged"):
        orders.known_articles(jtl, [f"MUG-{number}" for number in range(300)])


@jtl_is_a_file
def test_a_database_somebody_holds_is_said_to_be_locked(jtl: Jtl, books: Books) -> None:
    """Fault 24."""
    event.listen(jtl.engine, "connect", lambda connection, _record: connection.execute("PRAGMA busy_timeout = 0"))
    books.run("BEGIN EXCLUSIVE")
    with pytest.raises(TransientError, match="is locked by another program") as caught:
        orders.known_orders(jtl, ["PO-1"])
    books.run("ROLLBACK")
    assert "SQL Server" not in str(caught.value)


def test_a_database_in_memory_is_no_jtl() -> None:
    with pytest.raises(ConfigurationError, match="JTL_DATABASE_URL"):
        open_engine(SecretStr("sqlite://"))


@pytest.mark.parametrize("url", [CANARY, f"nosuchdatabase://program:{CANARY}@db.example.invalid/eazybusiness"])
def test_a_url_that_cannot_be_used_names_the_setting_and_not_the_value(url: str) -> None:
    with pytest.raises(ConfigurationError, match="JTL_DATABASE_URL") as caught:
        open_engine(SecretStr(url))
    assert CANARY not in "".join(traceback.format_exception(caught.value))


def test_jtl_that_is_away_is_transient_and_its_password_is_not_told() -> None:
    """Fault 9: nothing about JTL is concluded from silence. Fault 21: the login stays out of the message."""

    def refuse() -> Any:
        raise sqlite3.OperationalError("connection refused")

    url = f"mssql+pymssql://program:{CANARY}@db.example.invalid/eazybusiness"
    jtl = Jtl(create_engine(url, module=sqlite3, creator=refuse, hide_parameters=True))
    with pytest.raises(TransientError, match=r"db\.example\.invalid/eazybusiness\) did not answer") as caught:
        orders.known_orders(jtl, ["PO-1"])
    assert CANARY not in "".join(traceback.format_exception(caught.value))
