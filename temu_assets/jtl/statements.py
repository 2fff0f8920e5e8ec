"""Every statement this program sends to JTL's database, in one place (fact sheet jtl-wawi, section 3).

Reads are single statements without a surrounding transaction, at most 1,000 parameters each. The one write is ``insert_order_xml``.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import BindParameter, Insert, Select, Unicode, bindparam, cast, column, func, insert, select, table

from temu_assets.jtl.tables import (
    artikel,
    auftrag,
    auftrag_position,
    customers_auftrag,
    dated_auftrag,
    lagerbestand,
    lagerbestand_pro_lager,
    lieferschein,
    lieferschein_pos,
    priced_position,
    versand,
    versand_pos,
    versandart,
    version,
    warenlager,
    xml_bestell_import,
    zahlungsart,
)

Read = Select[*tuple[Any, ...]]
"""A reading statement; each driver has its own types for the columns, so they are translated in ``values.py``."""

_DATABASES = table("databases", column("name"), column("is_read_committed_snapshot_on"), schema="sys")
_ORDER = 1  # nType of an order; 0 is an offer, 2 a stock transfer

SKUS: BindParameter[Sequence[str]] = bindparam("skus", expanding=True, type_=artikel.c.cArtNr.type)
"""Article numbers that are told when the statement is sent, under the name ``skus``: made once, it can be sent many times."""
NUMBERS: BindParameter[Sequence[str]] = bindparam("numbers", expanding=True, type_=auftrag.c.cExterneAuftragsnummer.type)
"""External order numbers, likewise."""


def orders(external_numbers: Sequence[str] | BindParameter[Sequence[str]]) -> Read:
    """Orders JTL has, by external order number (3.4)."""
    return select(
        auftrag.c.cExterneAuftragsnummer,
        auftrag.c.kAuftrag,
        auftrag.c.cAuftragsNr,
        auftrag.c.nStorno,
        auftrag.c.nKomplettAusgeliefert,
    ).where(auftrag.c.nType == _ORDER, auftrag.c.cExterneAuftragsnummer.in_(external_numbers))


def recent_orders(prefix: str, since: datetime) -> Read:
    """Orders with an external number that begins like this, made since ``since`` (JTL's local time, naive)."""
    return select(
        dated_auftrag.c.cExterneAuftragsnummer,
        dated_auftrag.c.kAuftrag,
        dated_auftrag.c.cAuftragsNr,
        dated_auftrag.c.nStorno,
        dated_auftrag.c.nKomplettAusgeliefert,
    ).where(dated_auftrag.c.nType == _ORDER, dated_auftrag.c.cExterneAuftragsnummer.like(f"{prefix}%"), dated_auftrag.c.dErstellt >= since)


def customers(external_numbers: Sequence[str]) -> Read:
    """Whose the orders are that JTL has under these external numbers (backoffice 4.4, K1)."""
    return select(
        customers_auftrag.c.cExterneAuftragsnummer,
        customers_auftrag.c.kAuftrag,
        customers_auftrag.c.nStorno,
        customers_auftrag.c.cKundenNr,
    ).where(customers_auftrag.c.nType == _ORDER, customers_auftrag.c.cExterneAuftragsnummer.in_(external_numbers))


def order_positions(order_keys: Sequence[int]) -> Read:
    """What JTL sells with these orders, and for how much; parts of sets too (2.8)."""
    return select(
        priced_position.c.kAuftrag,
        priced_position.c.kAuftragPosition,
        priced_position.c.kAuftragStueckliste,
        priced_position.c.nType,
        priced_position.c.cArtNr,
        priced_position.c.fAnzahl,
        priced_position.c.fVkNetto,
        priced_position.c.fMwSt,
        priced_position.c.fRabatt,
    ).where(priced_position.c.kAuftrag.in_(order_keys))


def waiting_order_xml(*, is_unclear: bool = False, above: int = 0, but: Sequence[int] = ()) -> Read:
    """Orders handed over and not yet taken by JTL's worker. The table is tiny while the worker runs.

    ``is_unclear``: also wait for rows that are just being written, which a database with row versions would pass over. ``above`` and
    ``but`` leave out rows by their keys.
    """
    key = xml_bestell_import.c.kXMLBestellImport
    waiting = select(key, xml_bestell_import.c.cText)
    if above:
        waiting = waiting.where(key > above)
    if but:
        waiting = waiting.where(key.not_in(but))
    return waiting.with_hint(xml_bestell_import, "WITH (READCOMMITTEDLOCK)", "mssql") if is_unclear else waiting


def insert_order_xml() -> Insert:
    """The single permitted write: one order as XML (1.2). Answers the row's key."""
    return insert(xml_bestell_import)


def article_numbers(skus: Sequence[str]) -> Read:
    """Which of these article numbers exist and are not deleted."""
    return select(artikel.c.cArtNr).where(artikel.c.cArtNr.in_(skus), func.coalesce(artikel.c.nDelete, 0) == 0)


def shipping_methods(name: str) -> Read:
    """The shipping method of this name (3.5)."""
    return select(versandart.c.kVersandArt).where(versandart.c.cName == name)


def payment_methods(name: str) -> Read:
    """The payment method of this name (3.5)."""
    return select(zahlungsart.c.kZahlungsart).where(zahlungsart.c.cName == name)


def parcels(external_numbers: Sequence[str] | BindParameter[Sequence[str]]) -> Read:
    """Parcels that have left, one row each, through the base tables (3.1).

    A parcel without a number is returned as well: whether it holds up the report of the others is decided outside.
    """
    return (
        select(
            auftrag.c.cExterneAuftragsnummer,
            auftrag.c.kAuftrag,
            auftrag.c.nStorno,
            auftrag.c.nKomplettAusgeliefert,
            lieferschein.c.kLieferschein,
            lieferschein.c.cLieferscheinNr,
            versand.c.kVersand,
            versand.c.cIdentCode,
            versand.c.dVersendet,
            versandart.c.cName,
        )
        .select_from(
            auftrag.join(lieferschein, lieferschein.c.kBestellung == auftrag.c.kAuftrag)
            .join(versand, versand.c.kLieferschein == lieferschein.c.kLieferschein)
            .outerjoin(versandart, versandart.c.kVersandArt == versand.c.kVersandArt)
        )
        .where(
            auftrag.c.nType == _ORDER,
            auftrag.c.cExterneAuftragsnummer.in_(external_numbers),
            versand.c.dVersendet.is_not(None),
        )
        .order_by(auftrag.c.cExterneAuftragsnummer, versand.c.kVersand)
    )


def parcel_numbers(parcel_ids: Sequence[int]) -> Read:
    """The tracking numbers of parcels, by their key."""
    return select(versand.c.kVersand, versand.c.cIdentCode).where(versand.c.kVersand.in_(parcel_ids))


def parcel_contents(parcel_ids: Sequence[int]) -> Read:
    """What is in each parcel, where JTL kept it (3.3)."""
    return (
        select(
            versand_pos.c.kVersand,
            auftrag_position.c.kAuftragPosition,
            auftrag_position.c.cArtNr,
            auftrag_position.c.kAuftragStueckliste,
            versand_pos.c.fAnzahl,
        )
        .select_from(
            versand_pos.join(lieferschein_pos, lieferschein_pos.c.kLieferscheinPos == versand_pos.c.kLieferscheinPos).join(
                auftrag_position, auftrag_position.c.kAuftragPosition == lieferschein_pos.c.kBestellPos
            )
        )
        .where(versand_pos.c.kVersand.in_(parcel_ids))
    )


def delivery_note_contents(delivery_note_ids: Sequence[int]) -> Read:
    """What is on each delivery note; stands in for the contents of its only parcel where JTL kept none (2.10)."""
    return (
        select(
            lieferschein_pos.c.kLieferschein,
            auftrag_position.c.kAuftragPosition,
            auftrag_position.c.cArtNr,
            auftrag_position.c.kAuftragStueckliste,
            lieferschein_pos.c.fAnzahl,
        )
        .select_from(lieferschein_pos.join(auftrag_position, auftrag_position.c.kAuftragPosition == lieferschein_pos.c.kBestellPos))
        .where(lieferschein_pos.c.kLieferschein.in_(delivery_note_ids))
    )


def set_parts(head_positions: Sequence[int]) -> Read:
    """The parts of sold sets (bills of materials), one row each, with the set's own position (2.8).

    Both quantities are those of the order. Joined by order, because only that and the position's own key have an index.
    """
    head = auftrag_position.alias("head")
    return (
        select(
            head.c.kAuftragPosition,
            head.c.cArtNr,
            head.c.fAnzahl,
            auftrag_position.c.kAuftragPosition,
            auftrag_position.c.fAnzahl,
        )
        .select_from(head.join(auftrag_position, auftrag_position.c.kAuftrag == head.c.kAuftrag))
        .where(
            head.c.kAuftragPosition.in_(head_positions),
            auftrag_position.c.kAuftragStueckliste == head.c.kAuftragPosition,
            auftrag_position.c.kAuftragPosition != head.c.kAuftragPosition,
        )
    )


def parcel_counts(delivery_note_ids: Sequence[int]) -> Read:
    """How many parcels each delivery note has, packed and sent ones."""
    return (
        select(versand.c.kLieferschein, func.count())
        .where(versand.c.kLieferschein.in_(delivery_note_ids))
        .group_by(versand.c.kLieferschein)
    )


def available_stock(skus: Sequence[str] | BindParameter[Sequence[str]]) -> Read:
    """What JTL counts as available over all warehouses, and what is in open orders (3.7). NULL in the last column: no stock row."""
    return (
        select(
            artikel.c.kArtikel,
            artikel.c.cArtNr,
            artikel.c.nPuffer,
            artikel.c.cLagerAktiv,
            artikel.c.nIstVater,
            lagerbestand.c.fVerfuegbar,
            lagerbestand.c.fInAuftraegen,
            lagerbestand.c.kArtikel.label("kArtikelBestand"),
        )
        .select_from(artikel.outerjoin(lagerbestand, lagerbestand.c.kArtikel == artikel.c.kArtikel))
        .where(artikel.c.cArtNr.in_(skus), func.coalesce(artikel.c.nDelete, 0) == 0)
    )


def warehouse_stock(skus: Sequence[str] | BindParameter[Sequence[str]], warehouses: Sequence[int]) -> Read:
    """Physical stock of articles summed over chosen warehouses (3.7); an article without a row there is absent."""
    return (
        select(artikel.c.kArtikel, func.sum(lagerbestand_pro_lager.c.fBestand).label("fBestand"))
        .select_from(artikel.join(lagerbestand_pro_lager, lagerbestand_pro_lager.c.kArtikel == artikel.c.kArtikel))
        .where(
            artikel.c.cArtNr.in_(skus),
            func.coalesce(artikel.c.nDelete, 0) == 0,
            lagerbestand_pro_lager.c.kWarenlager.in_(warehouses),
        )
        .group_by(artikel.c.kArtikel)
    )


def warehouses() -> Read:
    """The warehouses a person can choose from (3.5)."""
    return select(warenlager.c.kWarenLager, warenlager.c.cName, warenlager.c.nAktiv, warenlager.c.nFulfillment).order_by(
        warenlager.c.kWarenLager
    )


def jtl_version() -> Read:
    """Which JTL-Wawi the database belongs to."""
    return select(version.c.cVersion)


def server_facts() -> Read:
    """SQL Server only: its version, the database's name and collation, whether it keeps row versions, whether it is JTL's.

    Properties have a type of their own that not every driver can read, so they are asked for as text.
    """
    return select(
        cast(func.SERVERPROPERTY("ProductVersion"), Unicode(128)),
        func.DB_NAME(),
        cast(func.DATABASEPROPERTYEX(func.DB_NAME(), "Collation"), Unicode(128)),
        _DATABASES.c.is_read_committed_snapshot_on,
        func.OBJECT_ID(f"{xml_bestell_import.schema}.{xml_bestell_import.name}"),
    ).where(_DATABASES.c.name == func.DB_NAME())


def rights(wanted: Sequence[tuple[str, str]]) -> Read:
    """SQL Server only: for each object and right 1 or 0, or NULL where the object is not there or must not be seen."""
    return select(*(func.HAS_PERMS_BY_NAME(name, "OBJECT", right).label(f"right_{number}") for number, (name, right) in enumerate(wanted)))


def roles() -> Read:
    """SQL Server only: whether the login may do everything, on the server or in this database."""
    return select(func.IS_SRVROLEMEMBER("sysadmin").label("sysadmin"), func.IS_ROLEMEMBER("db_owner").label("db_owner"))
