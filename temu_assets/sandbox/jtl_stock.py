"""Stock in the JTL stand-in: totals per article, goods leaving a warehouse, corrections.

Source: fact sheet jtl-wawi, sections 2.3, 2.5 and 2.6.
"""

from __future__ import annotations

import math
import sqlite3


class StandInError(ValueError):
    """What was asked of the JTL stand-in is not possible; the text says why."""


_OPEN_QUANTITY = """
SELECT p.kArtikel, SUM(p.fAnzahl - COALESCE(d.fAnzahl, 0))
FROM tAuftragPosition AS p
JOIN tAuftrag AS a ON a.kAuftrag = p.kAuftrag
LEFT JOIN (SELECT kBestellPos, SUM(fAnzahl) AS fAnzahl FROM tLieferscheinPos GROUP BY kBestellPos) AS d
  ON d.kBestellPos = p.kAuftragPosition
WHERE a.nType = 1 AND a.nStorno = 0 AND p.nType = 1 AND p.kArtikel IS NOT NULL
GROUP BY p.kArtikel
"""

_TOTALS = """
UPDATE tlagerbestand SET
  fLagerbestand = (SELECT COALESCE(SUM(b.fBestand), 0) FROM tlagerbestandProLagerLagerartikel AS b
                   WHERE b.kArtikel = tlagerbestand.kArtikel),
  fVerfuegbarGesperrt = (SELECT COALESCE(SUM(b.fVerfuegbarGesperrt), 0) FROM tlagerbestandProLagerLagerartikel AS b
                         WHERE b.kArtikel = tlagerbestand.kArtikel),
  fInAuftraegen = 0
"""

_AVAILABLE = """
UPDATE tlagerbestand SET fLagerbestandEigen = fLagerbestand, fVerfuegbar =
  CASE (SELECT a.cLagerAktiv FROM tArtikel AS a WHERE a.kArtikel = tlagerbestand.kArtikel)
    WHEN 'Y' THEN fLagerbestand - fVerfuegbarGesperrt - fInAuftraegen ELSE 0 END
"""

_PARTS = """
SELECT h.kArtikel AS kopf, h.cTeilbar, s.fAnzahl, l.fVerfuegbar, l.fLagerbestand, k.nPuffer
FROM tArtikel AS h
JOIN tStueckliste AS s ON s.kStueckliste = h.kStueckliste
JOIN tArtikel AS k ON k.kArtikel = s.kArtikel AND k.cLagerAktiv = 'Y'
JOIN tlagerbestand AS l ON l.kArtikel = k.kArtikel
WHERE h.kStueckliste > 0
"""


def refresh(connection: sqlite3.Connection) -> None:
    """Bring tlagerbestand in line with warehouses and open orders."""
    connection.execute(_TOTALS)
    in_orders = connection.execute(_OPEN_QUANTITY).fetchall()
    connection.executemany(
        "UPDATE tlagerbestand SET fInAuftraegen = ? WHERE kArtikel = ?",
        [(max(0, quantity), article) for article, quantity in in_orders],
    )
    connection.execute(_AVAILABLE)
    available: dict[int, float] = {}
    physical: dict[int, float] = {}
    for row in connection.execute(_PARTS):
        whole = (lambda value: value) if row["cTeilbar"] == "Y" else math.floor
        head = row["kopf"]
        sets = whole((row["fVerfuegbar"] - row["nPuffer"]) / row["fAnzahl"])
        available[head] = min(available.get(head, sets), sets)
        stored = whole(row["fLagerbestand"] / row["fAnzahl"])
        physical[head] = min(physical.get(head, stored), stored)
    connection.executemany(
        "UPDATE tlagerbestand SET fVerfuegbar = ?, fLagerbestand = ?, fLagerbestandEigen = 0 WHERE kArtikel = ?",
        [(max(0, available[head]), physical[head], head) for head in available],
    )


def article_key(connection: sqlite3.Connection, sku: str) -> int:
    """Return kArtikel; raises StandInError."""
    row = connection.execute("SELECT kArtikel FROM tArtikel WHERE cArtNr = ?", (sku,)).fetchone()
    if row is None:
        raise StandInError(f"JTL has no article {sku!r}.")
    return int(row[0])


def take(connection: sqlite3.Connection, article: int, quantity: float) -> None:
    """Take goods from the seller's own warehouses; raises StandInError if a tracked article does not have them."""
    row = connection.execute(
        "SELECT cArtNr, cLagerAktiv, cLagerKleinerNull, kStueckliste FROM tArtikel WHERE kArtikel = ?", (article,)
    ).fetchone()
    if row["cLagerAktiv"] != "Y" or row["kStueckliste"]:
        return
    for place in connection.execute(
        "SELECT b.kWarenlager, b.fBestand FROM tlagerbestandProLagerLagerartikel AS b"
        " JOIN tWarenLager AS w ON w.kWarenLager = b.kWarenlager AND w.nFulfillment = 0"
        " WHERE b.kArtikel = ? AND b.fBestand > 0 ORDER BY b.fBestand DESC",
        (article,),
    ).fetchall():
        taken = min(quantity, place["fBestand"])
        change_stock(connection, article, place["kWarenlager"], -taken)
        quantity -= taken
        if quantity <= 0:
            return
    if row["cLagerKleinerNull"] != "Y":
        raise StandInError(f"The warehouse has too little of {row['cArtNr']!r}: {quantity:g} are missing.")


def change_stock(connection: sqlite3.Connection, article: int, warehouse: int, delta: float) -> None:
    """Add to or take from one warehouse, not below nothing."""
    connection.execute(
        "INSERT INTO tlagerbestandProLagerLagerartikel (kArtikel, kWarenlager, fBestand) VALUES (?, ?, MAX(0, ?))"
        " ON CONFLICT (kArtikel, kWarenlager) DO UPDATE SET fBestand = MAX(0, fBestand + ?)",
        (article, warehouse, delta, delta),
    )


def set_stock(connection: sqlite3.Connection, article: int, warehouse: int, stock: float) -> None:
    """Set the stock of one warehouse."""
    connection.execute(
        "INSERT INTO tlagerbestandProLagerLagerartikel (kArtikel, kWarenlager, fBestand) VALUES (?, ?, ?)"
        " ON CONFLICT (kArtikel, kWarenlager) DO UPDATE SET fBestand = excluded.fBestand",
        (article, warehouse, stock),
    )


def sell_out(connection: sqlite3.Connection, article: int) -> None:
    """Empty every warehouse of one article."""
    connection.execute(
        "UPDATE tlagerbestandProLagerLagerartikel SET fBestand = 0, fVerfuegbarGesperrt = 0 WHERE kArtikel = ?",
        (article,),
    )
