"""The warehouse behind the JTL stand-in: delivery notes, parcels, tracking numbers.

Source: fact sheet jtl-wawi, sections 2.9, 2.10 and 4.3. One call of ``ship`` writes one delivery note.
"""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from temu_assets.sandbox.jtl_stock import StandInError, take


@dataclass(frozen=True, slots=True)
class ParcelToShip:
    """One parcel. ``contents`` maps article numbers to pieces; None is everything still open.

    ``tracking`` None is a parcel without number; ``sent`` False is packed but not handed over;
    ``listed`` False leaves no contents in JTL, as some packing processes do.
    """

    method: str = "DHL Paket"
    tracking: str | None = None
    contents: Mapping[str, float] | None = None
    sent: bool = True
    listed: bool = True


@dataclass(slots=True)
class _Open:
    position: int
    article: int
    sku: str
    quantity: float
    head: int | None


def order_key(connection: sqlite3.Connection, external: str) -> int:
    """Return kAuftrag of the newest order with an external number; raises StandInError."""
    row = connection.execute("SELECT MAX(kAuftrag) FROM tAuftrag WHERE cExterneAuftragsnummer = ? AND nType = 1", (external,)).fetchone()
    if row[0] is None:
        raise StandInError(f"JTL has no order {external}.")
    return int(row[0])


def ship(connection: sqlite3.Connection, external: str, parcels: Sequence[ParcelToShip], moment: str, *, supplier: int = 0) -> list[int]:
    """Write one delivery note with parcels and take the goods from stock; returns the keys of the parcels.

    ``supplier`` above 0 is the supplier order of a drop shipment.
    """
    order = order_key(connection, external)
    if connection.execute("SELECT nStorno FROM tAuftrag WHERE kAuftrag = ?", (order,)).fetchone()[0]:
        raise StandInError(f"Order {external} is cancelled in JTL.")
    note = _insert(
        connection,
        "INSERT INTO tLieferschein (kBestellung, cLieferscheinNr, dErstellt, nFulfillment, kLieferantenBestellung)"
        " VALUES (?, (SELECT 'LS' || (COALESCE(MAX(kLieferschein), 0) + 202600001) FROM tLieferschein), ?, 0, ?)",
        (order, moment, supplier or None),
    )
    return [_pack(connection, order, note, parcel, moment) for parcel in parcels]


def _insert(connection: sqlite3.Connection, sql: str, values: tuple[object, ...]) -> int:
    cursor = connection.execute(sql, values)
    if cursor.lastrowid is None:
        raise RuntimeError("SQLite gave no key for an inserted row.")
    return cursor.lastrowid


def open_positions(connection: sqlite3.Connection, order: int) -> list[_Open]:
    """Return the goods positions of an order that no delivery note covers yet."""
    rows = connection.execute(
        "SELECT p.kAuftragPosition, p.kArtikel, p.cArtNr, p.kAuftragStueckliste,"
        " p.fAnzahl - COALESCE((SELECT SUM(d.fAnzahl) FROM tLieferscheinPos AS d"
        " WHERE d.kBestellPos = p.kAuftragPosition), 0) AS fOffen"
        " FROM tAuftragPosition AS p WHERE p.kAuftrag = ? AND p.nType = 1 ORDER BY p.nSort, p.kAuftragPosition",
        (order,),
    )
    return [
        _Open(row["kAuftragPosition"], row["kArtikel"], row["cArtNr"], row["fOffen"], row["kAuftragStueckliste"])
        for row in rows
        if row["fOffen"] > 0
    ]


def _pack(connection: sqlite3.Connection, order: int, note: int, parcel: ParcelToShip, moment: str) -> int:
    method = connection.execute("SELECT kVersandArt FROM tversandart WHERE cName = ? COLLATE NOCASE", (parcel.method,)).fetchone()
    if method is None:
        raise StandInError(f"JTL has no shipping method {parcel.method!r}.")
    key = _insert(
        connection,
        "INSERT INTO tVersand (kLieferschein, cIdentCode, dErstellt, kVersandArt, cLogistiker, dVersendet) VALUES (?, ?, ?, ?, '', ?)",
        (note, parcel.tracking, moment, method[0], moment if parcel.sent else None),
    )
    for position, quantity in _contents(open_positions(connection, order), parcel.contents):
        take(connection, position.article, quantity)
        row = _insert(
            connection,
            "INSERT INTO tLieferscheinPos (kLieferschein, kBestellPos, fAnzahl) VALUES (?, ?, ?)",
            (note, position.position, quantity),
        )
        if parcel.listed:
            connection.execute("INSERT INTO tVersandPos VALUES (?, ?, ?)", (key, row, quantity))
    finish(connection, order)
    return key


def _contents(positions: list[_Open], wanted: Mapping[str, float] | None) -> list[tuple[_Open, float]]:
    """Return what goes into a parcel; the parts of a set go with their head in proportion."""
    if wanted is None:
        return [(position, position.quantity) for position in positions]
    left = {sku.casefold(): quantity for sku, quantity in wanted.items()}
    chosen: list[tuple[_Open, float]] = []
    shares: dict[int, float] = {}
    for position in positions:
        if position.head is not None and position.head != position.position:
            if position.head in shares:
                chosen.append((position, position.quantity * shares[position.head]))
            continue
        quantity = min(left.get(position.sku.casefold(), 0), position.quantity)
        if quantity > 0:
            left[position.sku.casefold()] -= quantity
            chosen.append((position, quantity))
            shares[position.position] = quantity / position.quantity
    missing = [sku for sku, quantity in left.items() if quantity > 0]
    if missing:
        raise StandInError(f"The order has no open pieces of {', '.join(missing)}.")
    return chosen


def finish(connection: sqlite3.Connection, order: int) -> None:
    """Mark an order as completely delivered once everything is on a delivery note and every parcel is on its way."""
    waiting = connection.execute(
        "SELECT COUNT(*) FROM tVersand AS v JOIN tLieferschein AS l ON l.kLieferschein = v.kLieferschein"
        " WHERE l.kBestellung = ? AND v.dVersendet IS NULL",
        (order,),
    ).fetchone()[0]
    if not waiting and not open_positions(connection, order):
        connection.execute("UPDATE tAuftrag SET nKomplettAusgeliefert = 1 WHERE kAuftrag = ?", (order,))


def send(connection: sqlite3.Connection, parcel: int, moment: str) -> None:
    """Hand a packed parcel to the carrier."""
    connection.execute("UPDATE tVersand SET dVersendet = ? WHERE kVersand = ?", (moment, parcel))
    row = connection.execute(
        "SELECT l.kBestellung FROM tVersand AS v JOIN tLieferschein AS l ON l.kLieferschein = v.kLieferschein WHERE v.kVersand = ?",
        (parcel,),
    ).fetchone()
    if row is None:
        raise StandInError(f"JTL has no parcel {parcel}.")
    finish(connection, row[0])


def set_tracking(connection: sqlite3.Connection, parcel: int, tracking: str) -> None:
    """Give a parcel its number, late, or correct it."""
    changed = connection.execute("UPDATE tVersand SET cIdentCode = ? WHERE kVersand = ?", (tracking, parcel))
    if not changed.rowcount:
        raise StandInError(f"JTL has no parcel {parcel}.")


_METHODS = {"DE": ("DHL Paket", "DPD Paket", "GLS", "UPS", "Hermes Paket")}
_METHODS_ABROAD = ("DHL Paket", "DPD Paket", "GLS", "UPS")
_NUMBERS = {
    "DHL Paket": "00340434177{:09d}",
    "DPD Paket": "09981{:09d}",
    "GLS": "5{:010d}",
    "UPS": "1Z999AA1{:010d}",
    "Hermes Paket": "H{:019d}",
}


def ship_open(connection: sqlite3.Connection, rng: random.Random, moment: str, *, limit: int | None = None) -> int:
    """Ship marketplace orders nothing was shipped of yet, some in two parcels; returns how many orders.

    Orders the warehouse has too little stock for are left for later.
    """
    rows = connection.execute(
        "SELECT a.kAuftrag, a.cExterneAuftragsnummer, d.cISO FROM tAuftrag AS a"
        " LEFT JOIN tAdresse AS d ON d.kKunde = a.kKunde AND d.nTyp = 0"
        " WHERE a.nType = 1 AND a.nStorno = 0 AND a.nKomplettAusgeliefert = 0"
        " AND a.cExterneAuftragsnummer LIKE 'PO-%'"
        " AND NOT EXISTS (SELECT 1 FROM tLieferschein AS l WHERE l.kBestellung = a.kAuftrag)"
        " GROUP BY a.kAuftrag ORDER BY a.kAuftrag LIMIT ?",
        (-1 if limit is None else limit,),
    ).fetchall()
    shipped = 0
    for row in rows:
        method = rng.choice(_METHODS.get(row["cISO"] or "", _METHODS_ABROAD))
        connection.execute("SAVEPOINT one_order")
        try:
            for parcel in _split(rng, open_positions(connection, row["kAuftrag"])):
                number = connection.execute("SELECT COALESCE(MAX(kVersand), 0) + 1 FROM tVersand").fetchone()[0]
                plan = ParcelToShip(method, _NUMBERS[method].format(number), parcel)
                ship(connection, row["cExterneAuftragsnummer"], [plan], moment)
            shipped += 1
        except StandInError:
            connection.execute("ROLLBACK TO one_order")
        connection.execute("RELEASE one_order")
    return shipped


def _split(rng: random.Random, positions: list[_Open]) -> list[Mapping[str, float] | None]:
    """Return the contents of one or two parcels."""
    whole = [position for position in positions if position.head in (None, position.position)]
    if rng.random() >= 0.2:
        return [None]
    if len(whole) > 1:
        last = whole[-1]
        return [{last.sku: last.quantity}, None]
    if whole and whole[0].quantity == 2:
        return [{whole[0].sku: 1}, None]
    return [None]
