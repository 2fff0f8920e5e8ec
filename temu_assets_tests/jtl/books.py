"""A JTL-Wawi of the smallest size: the tables this program reads, under JTL's names (fact sheet jtl-wawi, section 4), on any server.

Keys are given by the tests, not by the server, except the import table's, which only the server gives.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from itertools import count
from pathlib import Path
from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    DateTime,
    Engine,
    Identity,
    Integer,
    MetaData,
    Numeric,
    String,
    Table,
    Unicode,
    UnicodeText,
    create_engine,
    delete,
    insert,
    inspect,
    select,
    text,
    update,
)
from sqlalchemy.dialects import mssql
from sqlalchemy.engine import make_url
from sqlalchemy.types import TypeEngine

metadata = MetaData()
_SCHEMAS = ("dbo", "Verkauf", "Versand", "Kunde")
_PLAIN = dict.fromkeys(_SCHEMAS)


def _words(length: int) -> TypeEngine[str]:
    """Text that JTL compares without regard to case; SQL Server does so by the database's own collation."""
    without_case = Unicode(length).with_variant(Unicode(length, collation="NOCASE"), "sqlite")
    return without_case.with_variant(Unicode(length, collation="without_case"), "postgresql")


def _number() -> TypeEngine[Decimal]:
    return Numeric(25, 13, asdecimal=True).with_variant(Numeric(25, 13, asdecimal=False), "sqlite")


def _key(name: str) -> Column[int]:
    return Column(name, Integer, primary_key=True, autoincrement=False)


def _flag(name: str, *, default: int = 0) -> Column[int]:
    return Column(name, Integer().with_variant(mssql.TINYINT(), "mssql"), nullable=False, default=default)


def _table(schema: str, name: str, *columns: Column[Any]) -> Table:
    return Table(name, metadata, *columns, schema=schema)


_table(
    "dbo", "tArtikel", _key("kArtikel"), Column("cArtNr", _words(100), nullable=False, unique=True),
    Column("cLagerAktiv", String(5), nullable=False, default="Y"), Column("nDelete", Integer, default=0),
    _flag("nIstVater"), Column("nPuffer", Integer, default=0),
)  # fmt: skip
_table(
    "dbo", "tWarenLager", _key("kWarenLager"), Column("cName", Unicode(255)), _flag("nFulfillment"), _flag("nAktiv", default=1)
)  # fmt: skip
_table(
    "dbo", "tlagerbestand", _key("kArtikel"), Column("fVerfuegbar", _number(), nullable=False, default=0),
    Column("fInAuftraegen", _number(), nullable=False, default=0),
)  # fmt: skip
_table("dbo", "stored_stock", _key("kStock"), Column("kArtikel", Integer), Column("kWarenlager", Integer), Column("fBestand", _number()))
_table("dbo", "tversandart", _key("kVersandArt"), Column("cName", _words(255)))
_table("dbo", "tZahlungsart", _key("kZahlungsart"), Column("cName", _words(255)))
_table(
    "Verkauf", "tAuftrag", _key("kAuftrag"), Column("cAuftragsNr", _words(50), nullable=False), _flag("nType", default=1),
    Column("cExterneAuftragsnummer", _words(50)), Column("nStorno", Boolean, nullable=False, default=False),
    Column("nKomplettAusgeliefert", Integer, nullable=False, default=0), Column("cKundenNr", Unicode(30)),
    Column("dErstellt", DateTime().with_variant(Unicode(40), "sqlite")),
)  # fmt: skip
_table(
    "Verkauf", "tAuftragPosition", _key("kAuftragPosition"), Column("kAuftrag", Integer, nullable=False), Column("cArtNr", _words(100)),
    Column("fAnzahl", _number(), nullable=False, default=1), _flag("nType", default=1), Column("kAuftragStueckliste", Integer),
    Column("fVkNetto", _number(), nullable=False, default=0), Column("fMwSt", _number(), nullable=False, default=19),
    Column("fRabatt", _number(), nullable=False, default=0),
)  # fmt: skip
_table(
    "dbo", "tLieferschein", _key("kLieferschein"), Column("kBestellung", Integer, nullable=False), Column("cLieferscheinNr", Unicode(50))
)
_table(
    "dbo", "tLieferscheinPos", _key("kLieferscheinPos"), Column("kLieferschein", Integer, nullable=False), Column("kBestellPos", Integer),
    Column("fAnzahl", _number(), nullable=False, default=0),
)  # fmt: skip
_table(
    "dbo", "tVersand", _key("kVersand"), Column("kLieferschein", Integer, nullable=False), Column("cIdentCode", Unicode(255)),
    Column("dVersendet", DateTime().with_variant(Unicode(40), "sqlite")), Column("kVersandArt", Integer),
)  # fmt: skip
_table(
    "dbo", "tVersandPos", _key("kVersand"), _key("kLieferscheinPos"), Column("fAnzahl", _number(), nullable=False, default=0),
)  # fmt: skip
_table(
    "dbo", "tXMLBestellImport", Column("kXMLBestellImport", Integer, Identity(), primary_key=True),
    Column("cText", UnicodeText), Column("nPlattform", Integer), Column("nRechnung", Integer),
)  # fmt: skip

_BY_NAME = {table.name: table for table in metadata.tables.values()}


class Books:
    """JTL's own side: what its users and its worker write."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.is_file = url.startswith("sqlite")
        self.engine = _empty_engine(url)
        with self.engine.begin() as connection:
            metadata.create_all(connection)
            columns = [_BY_NAME["stored_stock"].c[name] for name in ("kArtikel", "kWarenlager", "fBestand")]
            stored = str(select(*columns).compile(connection, schema_translate_map=_PLAIN if self.is_file else None))
            view = _quoted(self.engine, "vLagerbestandProLager", None if self.is_file else "dbo")
            connection.execute(text(f"CREATE VIEW {view} AS {stored}"))
        self.tables = dict(_BY_NAME)
        self._keys = count(1000)

    @property
    def path(self) -> Path:
        """The file, where it is one."""
        return Path(make_url(self.url).database or "")

    def add(self, name: str, **values: object) -> int:
        """Insert one row; returns its key, made up unless it is given."""
        table = _BY_NAME[name]
        key = next(column for column in table.primary_key)
        if key.identity is None:
            values = {key.name: next(self._keys), **values}
        with self.engine.begin() as connection:
            done = connection.execute(insert(table).values(typed(table, values)))
        made = done.inserted_primary_key
        assert made is not None
        return int(made[0])

    def change(self, name: str, **values: object) -> None:
        """Set columns of every row of a table."""
        with self.engine.begin() as connection:
            connection.execute(update(_BY_NAME[name]).values(typed(_BY_NAME[name], values)))

    def remove(self, name: str, key: int) -> None:
        """Delete the row with this key."""
        table = _BY_NAME[name]
        with self.engine.begin() as connection:
            connection.execute(delete(table).where(next(iter(table.primary_key)) == key))

    def rows(self, name: str) -> Sequence[tuple[object, ...]]:
        """All rows of a table by key."""
        table = _BY_NAME[name]
        with self.engine.connect() as connection:
            return [tuple(row) for row in connection.execute(select(table).order_by(*table.primary_key))]

    def drop(self, name: str) -> None:
        """Drop a table."""
        with self.engine.begin() as connection:
            _BY_NAME[name].drop(connection)

    def run(self, statement: str) -> None:
        """Run a statement of SQLite's, outside any transaction of SQLAlchemy's."""
        self._file().execute(statement)

    def _file(self) -> sqlite3.Connection:
        if not hasattr(self, "_raw"):
            self._raw = sqlite3.connect(self.path, isolation_level=None)
        return self._raw

    def close(self) -> None:
        """Give the database back."""
        if hasattr(self, "_raw"):
            self._raw.close()
        self.engine.dispose()


def typed(table: Table, values: dict[str, object]) -> dict[str, object]:
    """Moments as the server's own type; SQLite keeps text."""
    return {
        name: datetime.fromisoformat(value) if isinstance(value, str) and isinstance(table.c[name].type, DateTime) else value
        for name, value in values.items()
    }


def _quoted(engine: Engine, name: str, schema: str | None = None) -> str:
    quote = engine.dialect.identifier_preparer.quote
    return quote(name) if schema is None else f"{quote(schema)}.{quote(name)}"


def _empty_engine(url: str) -> Engine:
    if url.startswith("sqlite"):
        return create_engine(url, execution_options={"schema_translate_map": _PLAIN})
    engine = create_engine(url)
    with engine.begin() as connection:
        schemas = inspect(connection).get_schema_names()
        if "Verkauf" in schemas or "dbo" in schemas:
            if inspect(connection).has_table("vLagerbestandProLager", schema="dbo"):
                connection.execute(text(f"DROP VIEW {_quoted(engine, 'vLagerbestandProLager', 'dbo')}"))
            metadata.drop_all(connection)
        for schema in _SCHEMAS:
            if schema not in schemas:
                connection.execute(text(f"CREATE SCHEMA {_quoted(engine, schema)}"))
        if engine.dialect.name == "postgresql":
            connection.execute(
                text("CREATE COLLATION IF NOT EXISTS without_case (provider = icu, locale = 'und-u-ks-level2', deterministic = false)")
            )
    return engine
