"""JTL's side, read from its database. Article numbers are in small letters, money is cents."""

from __future__ import annotations

import re
import sqlite3
from collections import Counter
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

from temu_assets_tests.torture.checker.places import Places

HANDED_OVER = "torture_handed_over"
"""A table that keeps every row JTL's import table ever got, also after the worker has taken it away."""
_EXTERNAL = re.compile(r"<cExterneBestellNr>\s*([^<]*?)\s*</cExterneBestellNr>")
_GOODS, _SHIPPING = 1, 2


@dataclass(slots=True)
class JtlOrder:
    """One order as JTL has it; set parts are left out."""

    number: str
    external: str
    is_cancelled: bool
    is_finished: bool
    street: str
    postcode: str
    city: str
    pieces: Counter[str] = field(default_factory=Counter)
    cents: int = 0
    rates: dict[str, set[Decimal]] = field(default_factory=dict)
    shipping_cents: int = 0


@dataclass(slots=True)
class Parcel:
    """One parcel: ``is_sent`` once it was handed to the carrier. ``tracking`` without blanks, empty where there is none."""

    key: str
    external: str
    tracking: str
    method: str
    is_sent: bool
    pieces: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True)
class Article:
    """What JTL says may be sold of an article."""

    is_tracked: bool
    is_parent: bool
    available: float
    buffer: int


@dataclass(frozen=True, slots=True)
class Jtl:
    """Everything the checker needs of JTL. ``handed_over`` are all XML texts ever given to it, by external order number."""

    orders: Mapping[str, list[JtlOrder]]
    parcels: tuple[Parcel, ...]
    articles: Mapping[str, Article]
    waiting: Counter[str]
    handed_over: Mapping[str, list[str]]

    def has(self, external: str) -> bool:
        """Whether JTL has an order, or will once its worker runs."""
        return external in self.orders or external in self.waiting


def watch_hand_overs(database: Path) -> None:
    """Let JTL's database remember every row its import table gets."""
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute(f"CREATE TABLE {HANDED_OVER} (kXMLBestellImport INTEGER, cText TEXT)")
        connection.execute(
            f"CREATE TRIGGER {HANDED_OVER}_insert AFTER INSERT ON tXMLBestellImport BEGIN"
            f" INSERT INTO {HANDED_OVER} VALUES (NEW.kXMLBestellImport, NEW.cText); END"
        )


def read(places: Places) -> Jtl:
    """JTL's side from its file."""
    with closing(sqlite3.connect(places.jtl)) as connection:
        connection.row_factory = sqlite3.Row
        handed_over: dict[str, list[str]] = {}
        for (text,) in connection.execute(f"SELECT cText FROM {HANDED_OVER} ORDER BY rowid"):
            for external in _EXTERNAL.findall(text or ""):
                handed_over.setdefault(external, []).append(text)
        waiting = Counter(
            external for (text,) in connection.execute("SELECT cText FROM tXMLBestellImport") for external in _EXTERNAL.findall(text or "")
        )
        return Jtl(_orders(connection), tuple(_parcels(connection).values()), _articles(connection), waiting, handed_over)


def _orders(connection: sqlite3.Connection) -> dict[str, list[JtlOrder]]:
    rows = connection.execute(
        "SELECT a.*, d.cStrasse, d.cPLZ, d.cOrt FROM tAuftrag AS a LEFT JOIN tAdresse AS d ON d.kKunde = a.kKunde AND d.nTyp = 0"
        " WHERE a.nType = 1 AND a.cExterneAuftragsnummer LIKE 'PO-%' ORDER BY a.kAuftrag"
    )
    orders = {
        row["kAuftrag"]: JtlOrder(
            row["cAuftragsNr"],
            row["cExterneAuftragsnummer"],
            bool(row["nStorno"]),
            bool(row["nKomplettAusgeliefert"]),
            row["cStrasse"] or "",
            row["cPLZ"] or "",
            row["cOrt"] or "",
        )
        for row in rows
    }
    for row in connection.execute(
        "SELECT * FROM tAuftragPosition WHERE kAuftragStueckliste IS NULL OR kAuftragStueckliste = kAuftragPosition"
    ):
        order = orders.get(row["kAuftrag"])
        if order is None:
            continue
        rate, quantity = Decimal(str(row["fMwSt"])), Decimal(str(row["fAnzahl"]))
        cents = int((Decimal(str(row["fVkNetto"])) * (100 + rate)).quantize(Decimal(1), ROUND_HALF_UP) * quantity)
        if row["nType"] == _SHIPPING:
            order.shipping_cents += cents
        elif row["nType"] == _GOODS:
            article = str(row["cArtNr"]).casefold()
            order.pieces[article] += int(quantity)
            order.cents += cents
            order.rates.setdefault(article, set()).add(rate)
    found: dict[str, list[JtlOrder]] = {}
    for order in orders.values():
        found.setdefault(order.external, []).append(order)
    return found


def _parcels(connection: sqlite3.Connection) -> dict[int, Parcel]:
    rows = connection.execute(
        "SELECT v.kVersand, v.cIdentCode, v.dVersendet, m.cName, a.cExterneAuftragsnummer FROM tVersand AS v"
        " JOIN tLieferschein AS l ON l.kLieferschein = v.kLieferschein JOIN tAuftrag AS a ON a.kAuftrag = l.kBestellung"
        " LEFT JOIN tversandart AS m ON m.kVersandArt = v.kVersandArt WHERE a.cExterneAuftragsnummer LIKE 'PO-%' ORDER BY v.kVersand"
    )
    parcels = {
        row["kVersand"]: Parcel(
            str(row["kVersand"]),
            row["cExterneAuftragsnummer"],
            "".join((row["cIdentCode"] or "").split()),
            row["cName"] or "",
            row["dVersendet"] is not None,
        )
        for row in rows
    }
    for row in connection.execute(
        "SELECT c.kVersand, p.cArtNr, c.fAnzahl FROM tVersandPos AS c JOIN tLieferscheinPos AS d ON d.kLieferscheinPos = c.kLieferscheinPos"
        " JOIN tAuftragPosition AS p ON p.kAuftragPosition = d.kBestellPos"
        " WHERE p.kAuftragStueckliste IS NULL OR p.kAuftragStueckliste = p.kAuftragPosition"
    ):
        if row["kVersand"] in parcels:
            parcels[row["kVersand"]].pieces[str(row["cArtNr"]).casefold()] += int(row["fAnzahl"])
    return parcels


def _articles(connection: sqlite3.Connection) -> dict[str, Article]:
    rows = connection.execute(
        "SELECT a.cArtNr, a.cLagerAktiv, a.nIstVater, a.nPuffer, COALESCE(l.fVerfuegbar, 0) FROM tArtikel AS a"
        " LEFT JOIN tlagerbestand AS l ON l.kArtikel = a.kArtikel WHERE COALESCE(a.nDelete, 0) = 0"
    )
    return {str(row[0]).casefold(): Article(row[1] == "Y", bool(row[2]), float(row[4]), int(row[3])) for row in rows}
