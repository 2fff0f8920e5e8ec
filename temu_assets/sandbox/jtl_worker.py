"""JTL's background worker: turns rows of tXMLBestellImport into orders.

Source: fact sheet jtl-wawi, sections 1.3, 1.9, 2.8 and 4.3. It has no guard against duplicates, like JTL. A row it does
not take stays where it is; real JTL's behaviour there is unknown, so this is an assumption.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass, field

from temu_assets.sandbox.jtl_format import POSITION_TYPES, OrderXml, RejectedError, read
from temu_assets.sandbox.jtl_stock import refresh

COUNTRIES = {
    "deutschland": "DE",
    "österreich": "AT",
    "frankreich": "FR",
    "schweiz": "CH",
    "italien": "IT",
    "niederlande": "NL",
    "belgien": "BE",
    "polen": "PL",
    "spanien": "ES",
    "luxemburg": "LU",
}


@dataclass(slots=True)
class Moods:
    """What the worker does beside its duty: it stands still, refuses orders with a text, imports orders twice (each once)."""

    is_paused: bool = False
    refused: dict[str, str] = field(default_factory=dict)
    doubled: set[str] = field(default_factory=set)


def run(connection: sqlite3.Connection, moment: str, limit: int | None = None, moods: Moods | None = None) -> dict[str, int]:
    """Import waiting rows, those refused before last; returns how many were imported and rejected."""
    moods = moods or Moods()
    if moods.is_paused:
        return {"imported": 0, "rejected": 0}
    rows = connection.execute(
        "SELECT i.kXMLBestellImport, i.cText, i.nPlattform FROM tXMLBestellImport AS i"
        " LEFT JOIN sandbox_rejected AS r ON r.kXMLBestellImport = i.kXMLBestellImport"
        " ORDER BY r.kXMLBestellImport IS NOT NULL, i.kXMLBestellImport LIMIT ?",
        (-1 if limit is None else limit,),
    ).fetchall()
    counts = {"imported": 0, "rejected": 0}
    for row in rows:
        connection.execute("SAVEPOINT one_row")
        try:
            for order in read(row["cText"] or ""):
                _import(connection, order, row["nPlattform"], moment, moods)
        except RejectedError as rejected:
            connection.execute("ROLLBACK TO one_row")
            connection.execute(
                "INSERT OR REPLACE INTO sandbox_rejected VALUES (?, ?, ?)",
                (row["kXMLBestellImport"], str(rejected), moment),
            )
            counts["rejected"] += 1
        else:
            done = (row["kXMLBestellImport"],)
            connection.execute("DELETE FROM tXMLBestellImport WHERE kXMLBestellImport = ?", done)
            connection.execute("DELETE FROM sandbox_rejected WHERE kXMLBestellImport = ?", done)
            counts["imported"] += 1
        connection.execute("RELEASE one_row")
    if counts["imported"]:
        refresh(connection)
    return counts


def _import(connection: sqlite3.Connection, order: OrderXml, platform: int | None, moment: str, moods: Moods) -> None:
    external = order.head["cExterneBestellNr"]
    if external in moods.refused:
        raise RejectedError(moods.refused[external])
    for _ in range(2 if external in moods.doubled else 1):
        insert_order(connection, order, platform=platform, moment=moment)
    moods.doubled.discard(external)


def insert_order(connection: sqlite3.Connection, order: OrderXml, *, platform: int | None, moment: str) -> int:
    """Create customer, order and positions; returns kAuftrag. Raises RejectedError for unknown names."""
    head = order.head
    shipping = _key(connection, "tversandart", "kVersandArt", head["cVersandartName"])
    payment = _key(connection, "tZahlungsart", "kZahlungsart", head["cZahlungsartName"])
    customer = _customer(connection, order, moment)
    number = head["cBestellNr"] or _next_number(connection)
    cursor = connection.execute(
        "INSERT INTO tAuftrag (kKunde, cKundenNr, cAuftragsNr, nType, dErstellt, dExternesErstelldatum, cWaehrung,"
        " kPlattform, cExterneAuftragsnummer, kVersandArt, kZahlungsart)"
        " VALUES (?, (SELECT cKundenNr FROM tkunde WHERE kKunde = ?), ?, 1, ?, ?, ?, ?, ?, ?, ?)",
        (
            customer,
            customer,
            number,
            moment,
            f"{iso_date(head['dErstellt'])} 00:00:00",
            head["cWaehrung"],
            platform,
            head["cExterneBestellNr"],
            shipping,
            payment,
        ),
    )
    key = _last_id(cursor)
    for sort, position in enumerate(order.positions, start=1):
        _insert_position(connection, key, position, sort)
    return key


def _last_id(cursor: sqlite3.Cursor) -> int:
    if cursor.lastrowid is None:
        raise RuntimeError("SQLite gave no key for an inserted row.")
    return cursor.lastrowid


def iso_date(text: str) -> str:
    """Return a date of either shape as YYYY-MM-DD."""
    return "-".join(reversed(text.split("."))) if "." in text else text


def _key(connection: sqlite3.Connection, table: str, key: str, name: str) -> int:
    row = connection.execute(
        f"SELECT {key} FROM {table} WHERE cName = ? COLLATE NOCASE",  # noqa: S608 - names from this module only
        (name,),
    ).fetchone()
    if row is None:
        raise RejectedError(f"{table} has no {name!r}.")
    return int(row[0])


def _next_number(connection: sqlite3.Connection) -> str:
    last = connection.execute("SELECT COALESCE(MAX(kAuftrag), 0) FROM tAuftrag").fetchone()[0]
    return f"AU{202600000 + last + 1}"


def _customer(connection: sqlite3.Connection, order: OrderXml, moment: str) -> int:
    number = order.customer["cKundenNr"]
    if number:
        row = connection.execute("SELECT kKunde FROM tkunde WHERE cKundenNr = ?", (number,)).fetchone()
        if row is not None:
            return int(row[0])
    cursor = connection.execute(
        "INSERT INTO tkunde (cKundenNr, kKundenGruppe, cHerkunft, dErstellt) VALUES (?, 1, ?, ?)",
        (number or None, order.customer["cHerkunft"], moment),
    )
    customer = _last_id(cursor)
    if not number:
        connection.execute("UPDATE tkunde SET cKundenNr = ? WHERE kKunde = ?", (str(10000 + customer), customer))
    for address, kind in ((order.customer, 1), (order.delivery, 0)):
        connection.execute(
            "INSERT INTO tAdresse (kKunde, cFirma, cAnrede, cVorname, cName, cStrasse, cAdressZusatz, cPLZ, cOrt, cLand,"
            " cISO, cTel, cMail, nStandard, nTyp) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1, ?)",
            (
                customer,
                address["cFirma"],
                address["cAnrede"],
                address["cVorname"],
                address["cNachname"],
                address["cStrasse"],
                address["cAdressZusatz"],
                address["cPLZ"],
                address["cOrt"],
                address["cLand"],
                country_code(address["cLand"]),
                address["cTel"],
                address["cMail"],
                kind,
            ),
        )
    return customer


def country_code(country: str) -> str:
    """Return the ISO code of a country given by code or German name; empty if JTL would not know it."""
    return country.upper() if len(country) == 2 else COUNTRIES.get(country.casefold(), "")


def _insert_position(connection: sqlite3.Connection, order: int, position: dict[str, str], sort: int) -> None:
    kind = POSITION_TYPES.get(position["cPosTyp"])
    if kind is None:
        raise RejectedError(f"cPosTyp {position['cPosTyp']!r} is unknown.")
    article = None
    if kind == POSITION_TYPES["standard"]:
        article = connection.execute(
            "SELECT kArtikel, kStueckliste FROM tArtikel WHERE cArtNr = ? AND COALESCE(nDelete, 0) = 0",
            (position["cArtNr"].rstrip(),),
        ).fetchone()
        if article is None:
            raise RejectedError(f"tArtikel has no {position['cArtNr']!r}.")
    cursor = connection.execute(
        "INSERT INTO tAuftragPosition (kAuftrag, kArtikel, cArtNr, cName, fAnzahl, fVkNetto, fMwSt, fRabatt, nType, nSort)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            order,
            article["kArtikel"] if article else None,
            position["cArtNr"] or None,
            position["cName"],
            position["fAnzahl"],
            position["fPreisEinzelNetto"],
            position["fMwSt"],
            position["fRabatt"],
            kind,
            sort,
        ),
    )
    if article and article["kStueckliste"]:
        _insert_components(connection, order, _last_id(cursor), article["kStueckliste"], position, sort)


def _insert_components(connection: sqlite3.Connection, order: int, head: int, parts_list: int, position: dict[str, str], sort: int) -> None:
    connection.execute("UPDATE tAuftragPosition SET kAuftragStueckliste = ? WHERE kAuftragPosition = ?", (head, head))
    connection.execute(
        "INSERT INTO tAuftragPosition (kAuftrag, kArtikel, cArtNr, cName, fAnzahl, fVkNetto, fMwSt, nType, nSort,"
        " kAuftragStueckliste) SELECT ?, a.kArtikel, a.cArtNr, a.cArtNr, s.fAnzahl * ?, 0, ?, 1, ?, ?"
        " FROM tStueckliste AS s JOIN tArtikel AS a ON a.kArtikel = s.kArtikel WHERE s.kStueckliste = ?",
        (order, float(position["fAnzahl"]), position["fMwSt"], sort, head, parts_list),
    )
