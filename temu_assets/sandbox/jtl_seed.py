"""What the JTL stand-in holds before anything happens: master data, articles with stock, foreign orders.

Source: fact sheet jtl-wawi, section 4.3 ("useful seed").
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from temu_assets.sandbox.catalogue import SPECIALS
from temu_assets.sandbox.temu_shop import TemuShop

_SMALL, _MAIN, _FBA = 1, 2, 3


@dataclass(frozen=True, slots=True)
class ArticleSeed:
    """One article. ``stock`` maps warehouse keys to pieces; ``parts`` makes it a bill of materials."""

    sku: str
    stock: Mapping[int, float] = field(default_factory=dict)
    buffer: int = 0
    tracked: bool = True
    oversell: bool = False
    divisible: bool = False
    deleted: bool = False
    is_parent: bool = False
    parent: str = ""
    parts: Mapping[str, float] = field(default_factory=dict)


def insert_master_data(connection: sqlite3.Connection) -> None:
    """Add version, warehouses, shipping and payment methods, platforms."""
    connection.execute("INSERT INTO tversion VALUES ('1.10.11.0')")
    connection.executemany(
        "INSERT INTO tWarenLager (kWarenLager, cName, cKuerzel, nFulfillment) VALUES (?, ?, ?, ?)",
        [(_SMALL, "Standardlager", "STD", 0), (_MAIN, "Hauptlager", "HL", 0), (_FBA, "Amazon FBA", "FBA", 1)],
    )
    methods = ("TEMU", "DHL Paket", "DPD Paket", "GLS", "UPS", "Hermes Paket", "Spedition Maier")
    connection.executemany(
        "INSERT INTO tversandart (kVersandArt, cName, cAktiv, nTrackingIDEingabePflicht) VALUES (?, ?, 'Y', 0)",
        list(enumerate(methods, start=1)),
    )
    connection.execute("INSERT INTO tZahlungsart (kZahlungsart, cName, nAusliefernVorZahlung) VALUES (1, 'TEMU', 1)")
    connection.executemany(
        "INSERT INTO tPlattform (nPlattform, cName, cID, nInet) VALUES (?, ?, ?, ?)",
        [(1, "JTL-Wawi", "WAWI", 0), (5, "XML", "XML", 1), (31, "ebay.de", "EBAY", 1)],
    )


def insert_articles(connection: sqlite3.Connection, articles: Sequence[ArticleSeed]) -> None:
    """Add articles and their stock rows; parts and parents must come in the same call."""
    keys: dict[str, int] = {}
    for article in articles:
        cursor = connection.execute(
            "INSERT INTO tArtikel (cArtNr, cLagerAktiv, cLagerKleinerNull, cTeilbar, nDelete, nIstVater, nPuffer)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            (
                article.sku,
                "Y" if article.tracked else "N",
                "Y" if article.oversell else "N",
                "Y" if article.divisible else "N",
                int(article.deleted),
                int(article.is_parent),
                article.buffer,
            ),
        )
        keys[article.sku] = key = cursor.lastrowid or 0
        connection.execute("INSERT INTO tlagerbestand (kArtikel) VALUES (?)", (key,))
        for warehouse, pieces in article.stock.items():
            # What lies at a fulfilment service is not for sale elsewhere: JTL blocks it.
            blocked = pieces if warehouse == _FBA else 0
            connection.execute(
                "INSERT INTO tlagerbestandProLagerLagerartikel (kArtikel, kWarenlager, fBestand, fVerfuegbarGesperrt) VALUES (?, ?, ?, ?)",
                (key, warehouse, pieces, blocked),
            )
    for article in articles:
        if article.parent:
            connection.execute("UPDATE tArtikel SET kVaterArtikel = ? WHERE kArtikel = ?", (keys[article.parent], keys[article.sku]))
        for part, pieces in article.parts.items():
            connection.execute("UPDATE tArtikel SET kStueckliste = kArtikel WHERE kArtikel = ?", (keys[article.sku],))
            connection.execute("INSERT INTO tStueckliste VALUES (?, ?, ?)", (keys[article.sku], keys[part], pieces))


def insert_foreign_order(connection: sqlite3.Connection, number: int, sku: str, moment: str) -> None:
    """Add an open order of another sales channel: it reserves stock that still lies on the shelf."""
    cursor = connection.execute(
        "INSERT INTO tAuftrag (cAuftragsNr, dErstellt, cWaehrung, kPlattform, cExterneAuftragsnummer) VALUES (?, ?, 'EUR', 31, ?)",
        (f"AU2025{number:05d}", moment, f"99-{number:05d}-00001"),
    )
    connection.execute(
        "INSERT INTO tAuftragPosition (kAuftrag, kArtikel, cArtNr, cName, fAnzahl, fVkNetto, fMwSt, nType, nSort)"
        " SELECT ?, kArtikel, cArtNr, cArtNr, 2, 10, 19, 1, 1 FROM tArtikel WHERE cArtNr = ?",
        (cursor.lastrowid, sku),
    )


def articles_for(shop: TemuShop) -> list[ArticleSeed]:
    """Return JTL's articles for a freshly seeded shop: enough stock for its orders, and the special ones."""
    ordered: Counter[str] = Counter()
    for order in shop.state.orders.values():
        for line in order.lines:
            for product in line.products:
                ordered[product.ext_code] += line.original_quantity * product.sold_factor
    ordered["MESSER-20-SW"] += ordered["SET-KUECHE"]
    ordered["SIEB-18-WS"] += 2 * ordered["SET-KUECHE"]
    special = {each.code for each in SPECIALS}
    plain = dict.fromkeys(sku.code for sku in shop.state.skus.values() if sku.code not in special)
    articles = []
    for place, code in enumerate(plain):
        extra = ordered[code] + 10
        # Every eleventh article nobody ordered is sold out; the listing does not know yet.
        main = 0 if place % 11 == 5 and not ordered[code] else extra + place * 7 % 60
        stock = {_MAIN: main, **({_SMALL: place % 7} if place % 3 == 0 else {}), **({_FBA: 50} if place % 5 == 0 else {})}
        articles.append(ArticleSeed(code, stock, buffer=(0, 0, 2, 5)[place % 4]))
    return [*articles, *_special_articles(ordered)]


def _special_articles(ordered: Counter[str]) -> list[ArticleSeed]:
    return [
        ArticleSeed("SET-KUECHE", parts={"MESSER-20-SW": 1, "SIEB-18-WS": 2}, buffer=1),
        ArticleSeed("AUFKLEBER", tracked=False),
        ArticleSeed("KABEL-C-2M-ROT", {_MAIN: 4}, oversell=True),
        ArticleSeed("STOFF-METER", {_MAIN: 12.75}, divisible=True, buffer=2),
        ArticleSeed("PULLOVER", is_parent=True),
        ArticleSeed("PULLOVER-M", {_MAIN: 15 + ordered["PULLOVER-M"]}, parent="PULLOVER"),
        ArticleSeed("LAMPE-ALT", {_MAIN: 5}, deleted=True),
        ArticleSeed("NAPF-XL", {_MAIN: 18 + ordered["NAPF-XL"]}),
        ArticleSeed("SONNENSEGEL", {_MAIN: 0}),
        ArticleSeed("WINTERDECKE", {_MAIN: 22}),
        ArticleSeed("BADEMATTE", {_MAIN: 0}),
        ArticleSeed("NUR-IN-JTL", {_MAIN: 100}),
    ]
