"""A JTL-Wawi of the smallest size: the tables this program reads, under JTL's names, in a SQLite file (fact sheet jtl-wawi, section 4)."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from pydantic import SecretStr

from temu_assets.jtl.database import Jtl, open_engine

TABLES = """
CREATE TABLE tArtikel (
  kArtikel INTEGER PRIMARY KEY, cArtNr TEXT NOT NULL UNIQUE COLLATE NOCASE, cLagerAktiv TEXT NOT NULL DEFAULT 'Y',
  nDelete INTEGER DEFAULT 0, nIstVater INTEGER NOT NULL DEFAULT 0, nPuffer INTEGER NOT NULL DEFAULT 0);
CREATE TABLE tWarenLager (
  kWarenLager INTEGER PRIMARY KEY, cName TEXT, nFulfillment INTEGER NOT NULL DEFAULT 0, nAktiv INTEGER NOT NULL DEFAULT 1);
CREATE TABLE tlagerbestand (
  kArtikel INTEGER PRIMARY KEY, fVerfuegbar NUMERIC NOT NULL DEFAULT 0, fInAuftraegen NUMERIC NOT NULL DEFAULT 0);
CREATE TABLE stored_stock (kArtikel INTEGER, kWarenlager INTEGER, fBestand NUMERIC);
CREATE VIEW vLagerbestandProLager AS SELECT kArtikel, kWarenlager, fBestand FROM stored_stock;
CREATE TABLE tversandart (kVersandArt INTEGER PRIMARY KEY, cName TEXT COLLATE NOCASE);
CREATE TABLE tZahlungsart (kZahlungsart INTEGER PRIMARY KEY, cName TEXT COLLATE NOCASE);
CREATE TABLE tAuftrag (
  kAuftrag INTEGER PRIMARY KEY, cAuftragsNr TEXT NOT NULL, nType INTEGER NOT NULL DEFAULT 1,
  cExterneAuftragsnummer TEXT COLLATE NOCASE, nStorno INTEGER NOT NULL DEFAULT 0, nKomplettAusgeliefert INTEGER NOT NULL DEFAULT 0);
CREATE TABLE tAuftragPosition (
  kAuftragPosition INTEGER PRIMARY KEY, kAuftrag INTEGER NOT NULL, cArtNr TEXT, fAnzahl NUMERIC NOT NULL DEFAULT 1,
  nType INTEGER NOT NULL DEFAULT 1, kAuftragStueckliste INTEGER);
CREATE TABLE tLieferschein (kLieferschein INTEGER PRIMARY KEY, kBestellung INTEGER NOT NULL, cLieferscheinNr TEXT);
CREATE TABLE tLieferscheinPos (
  kLieferscheinPos INTEGER PRIMARY KEY, kLieferschein INTEGER NOT NULL, kBestellPos INTEGER, fAnzahl NUMERIC NOT NULL DEFAULT 0);
CREATE TABLE tVersand (
  kVersand INTEGER PRIMARY KEY, kLieferschein INTEGER NOT NULL, cIdentCode TEXT, dVersendet TEXT, kVersandArt INTEGER);
CREATE TABLE tVersandPos (kVersand INTEGER NOT NULL, kLieferscheinPos INTEGER NOT NULL, fAnzahl NUMERIC NOT NULL DEFAULT 0);
CREATE TABLE tXMLBestellImport (
  kXMLBestellImport INTEGER PRIMARY KEY AUTOINCREMENT, cText TEXT, nPlattform INTEGER, nRechnung INTEGER);
"""


class Books:
    """JTL's own side: what its users and its worker write."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._connection = sqlite3.connect(path, isolation_level=None)
        self._connection.execute("PRAGMA synchronous=OFF")
        self._connection.executescript(TABLES)

    def add(self, table: str, **values: object) -> int:
        """Insert one row; returns its key."""
        marks = ", ".join("?" * len(values))
        cursor = self._connection.execute(f"INSERT INTO {table} ({', '.join(values)}) VALUES ({marks})", tuple(values.values()))
        assert cursor.lastrowid is not None
        return cursor.lastrowid

    def run(self, statement: str) -> Sequence[tuple[object, ...]]:
        """Run any statement; returns its rows."""
        return self._connection.execute(statement).fetchall()

    def close(self) -> None:
        """Give the file back."""
        self._connection.close()


@pytest.fixture
def books(tmp_path: Path) -> Iterator[Books]:
    books = Books(tmp_path / "eazybusiness.db")
    yield books
    books.close()


@pytest.fixture
def jtl(books: Books) -> Iterator[Jtl]:
    jtl = Jtl(open_engine(SecretStr(f"sqlite:///{books.path}")))
    yield jtl
    jtl.close()
