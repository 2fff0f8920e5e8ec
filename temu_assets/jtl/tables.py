"""The tables and columns of JTL-Wawi this program reads, under JTL's own names (fact sheet jtl-wawi, sections 1.3, 2 and 4.1).

Columns carry no types on purpose: each driver returns its own, and ``values.py`` turns them into ours in one place.
On SQLite the stand-in has the same names without schema, reached with ``schema_translate_map``.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Column, DateTime, Integer, MetaData, Table, Unicode, UnicodeText
from sqlalchemy.types import NullType, TypeEngine

metadata = MetaData()


_reconciled = MetaData()
_bookkeeping = MetaData()


def _table(schema: str, name: str, *columns: str, within: MetaData = metadata, **typed: TypeEngine[Any]) -> Table:
    return Table(name, within, *(Column(column, typed.get(column, NullType())) for column in columns), schema=schema)


auftrag = _table(
    "Verkauf", "tAuftrag", "kAuftrag", "cAuftragsNr", "nType", "cExterneAuftragsnummer", "nStorno", "nKomplettAusgeliefert",
    cExterneAuftragsnummer=Unicode(50), nType=Integer(),
)  # fmt: skip
auftrag_position = _table(
    "Verkauf", "tAuftragPosition", "kAuftragPosition", "kAuftrag", "cArtNr", "fAnzahl", "nType", "kAuftragStueckliste"
)
lieferschein = _table("dbo", "tLieferschein", "kLieferschein", "kBestellung", "cLieferscheinNr")
lieferschein_pos = _table("dbo", "tLieferscheinPos", "kLieferscheinPos", "kLieferschein", "kBestellPos", "fAnzahl")
versand = _table("dbo", "tVersand", "kVersand", "kLieferschein", "cIdentCode", "dVersendet", "kVersandArt")
versand_pos = _table("dbo", "tVersandPos", "kVersand", "kLieferscheinPos", "fAnzahl")
versandart = _table("dbo", "tversandart", "kVersandArt", "cName", cName=Unicode(255))
zahlungsart = _table("dbo", "tZahlungsart", "kZahlungsart", "cName", cName=Unicode(255))
artikel = _table(
    "dbo",
    "tArtikel",
    "kArtikel",
    "cArtNr",
    "nPuffer",
    "cLagerAktiv",
    "nIstVater",
    "nDelete",
    cArtNr=Unicode(100),
    nDelete=Integer(),
)
lagerbestand = _table("dbo", "tlagerbestand", "kArtikel", "fVerfuegbar", "fInAuftraegen")
lagerbestand_pro_lager = _table("dbo", "vLagerbestandProLager", "kArtikel", "kWarenlager", "fBestand", kWarenlager=Integer())
warenlager = _table("dbo", "tWarenLager", "kWarenLager", "cName", "nAktiv", "nFulfillment")

version = _table("dbo", "tversion", "cVersion")

xml_bestell_import = Table(
    "tXMLBestellImport",
    metadata,
    Column("kXMLBestellImport", Integer, primary_key=True),
    Column("cText", UnicodeText),
    Column("nPlattform", Integer),
    Column("nRechnung", Integer),
    schema="dbo",
)

# Once more, with the columns only the reconciliation reads: no other stage needs JTL to have them.
dated_auftrag = _table(
    "Verkauf", "tAuftrag", "kAuftrag", "cAuftragsNr", "nType", "cExterneAuftragsnummer", "nStorno", "nKomplettAusgeliefert", "dErstellt",
    within=_reconciled, cExterneAuftragsnummer=Unicode(50), nType=Integer(), dErstellt=DateTime(),
)  # fmt: skip
priced_position = _table(
    "Verkauf", "tAuftragPosition", "kAuftragPosition", "kAuftrag", "cArtNr", "fAnzahl", "fVkNetto", "fMwSt", "fRabatt", "nType",
    "kAuftragStueckliste", within=_reconciled,
)  # fmt: skip
# And with the column only the bookkeeping reads.
customers_auftrag = _table(
    "Verkauf", "tAuftrag", "kAuftrag", "cExterneAuftragsnummer", "nType", "nStorno", "cKundenNr",
    within=_bookkeeping, cExterneAuftragsnummer=Unicode(50), nType=Integer(),
)  # fmt: skip

ORDER_TABLES = (auftrag, xml_bestell_import, artikel, versandart, zahlungsart)
PARCEL_TABLES = (auftrag, auftrag_position, lieferschein, lieferschein_pos, versand, versand_pos, versandart)
STOCK_TABLES = (artikel, lagerbestand, auftrag)
WAREHOUSE_TABLES = (artikel, lagerbestand, lagerbestand_pro_lager, warenlager, auftrag)
RECONCILED_TABLES = (dated_auftrag, priced_position, xml_bestell_import)
CUSTOMER_TABLES = (customers_auftrag,)
