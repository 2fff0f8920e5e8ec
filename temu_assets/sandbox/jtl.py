"""The JTL-Wawi stand-in: one SQLite file with JTL's names, a worker, a warehouse, and people who change stock.

Source: fact sheet jtl-wawi, sections 2 and 4. Times are naive local texts, Europe/Berlin.
"""

from __future__ import annotations

import random
import sqlite3
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from temu_assets.sandbox import jtl_shipping, jtl_stock, jtl_worker
from temu_assets.sandbox.jtl_schema import SCHEMA
from temu_assets.sandbox.jtl_seed import ArticleSeed, insert_articles, insert_foreign_order, insert_master_data
from temu_assets.sandbox.jtl_shipping import ParcelToShip
from temu_assets.sandbox.jtl_stock import StandInError

__all__ = ["MAIN_WAREHOUSE", "JtlStandIn", "ParcelToShip", "StandInError"]

MAIN_WAREHOUSE = 2
BERLIN = ZoneInfo("Europe/Berlin")


class JtlStandIn:
    """A JTL database file and what happens in it. Every operation is one transaction."""

    def __init__(self, path: Path, *, clock: Callable[[], float] = time.time) -> None:
        self.path = path
        self._clock = clock
        self._moods = jtl_worker.Moods()
        self._aside = path.with_name(f"{path.name}.away")
        self._lock: sqlite3.Connection | None = None

    @property
    def url(self) -> str:
        """Return the SQLAlchemy URL of the file."""
        return f"sqlite:///{self.path.resolve().as_posix()}"

    @property
    def moment(self) -> str:
        """Return JTL's local time as it stores it."""
        return datetime.fromtimestamp(self._clock(), BERLIN).strftime("%Y-%m-%d %H:%M:%S")

    def _open(self) -> sqlite3.Connection:
        if self._aside.exists():
            raise StandInError("JTL's database is away.")
        connection = sqlite3.connect(self.path, timeout=15, isolation_level=None)
        connection.row_factory = sqlite3.Row
        # A killed process loses nothing even so; only a power cut could, and a sandbox may lose its toys then.
        connection.execute("PRAGMA synchronous = OFF")
        return connection

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Open the file for one transaction; rows are reached by column name."""
        with closing(self._open()) as connection:
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
            except BaseException:
                connection.execute("ROLLBACK")
                raise
            connection.execute("COMMIT")

    def rows(self, sql: str, parameters: Sequence[object] = ()) -> list[sqlite3.Row]:
        """Return the rows of one query, for tests and the books."""
        with closing(self._open()) as connection:
            return connection.execute(sql, tuple(parameters)).fetchall()

    def create(self) -> None:
        """Create the file with schema, warehouses, shipping and payment methods."""
        with closing(self._open()) as connection:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.executescript(f"BEGIN; {SCHEMA} COMMIT;")
        with self.transaction() as connection:
            insert_master_data(connection)

    def seed(self, articles: Sequence[ArticleSeed], *, foreign_orders: int = 0) -> None:
        """Add articles with stock, and open orders of another channel that reserve some of it."""
        with self.transaction() as connection:
            insert_articles(connection, articles)
            stocked = [article.sku for article in articles if article.stock.get(MAIN_WAREHOUSE, 0) >= 20]
            for number in range(foreign_orders):
                insert_foreign_order(connection, number, stocked[number % len(stocked)], self.moment)
            jtl_stock.refresh(connection)

    def hand_over(self, xml: str, *, platform: int = 5) -> None:
        """Put an order's XML where the worker finds it."""
        with self.transaction() as connection:
            connection.execute("INSERT INTO tXMLBestellImport (cText, nPlattform, nRechnung) VALUES (?, ?, 0)", (xml, platform))

    def run_worker(self, limit: int | None = None) -> dict[str, int]:
        """Let JTL's worker import waiting orders; returns the numbers of ``imported`` and ``rejected`` rows."""
        with self.transaction() as connection:
            return jtl_worker.run(connection, self.moment, limit, self._moods)

    def rejections(self) -> dict[int, str]:
        """Return why rows were not imported: key of the row -> reason."""
        return {row[0]: row[1] for row in self.rows("SELECT kXMLBestellImport, cReason FROM sandbox_rejected")}

    def ship(
        self,
        external_order_number: str,
        parcels: Sequence[ParcelToShip | Mapping[str, object]] = (),
        *,
        supplier: int = 0,
    ) -> list[int]:
        """Write one delivery note; no parcels given means one DHL parcel with everything open."""
        planned = [
            parcel if isinstance(parcel, ParcelToShip) else ParcelToShip(**parcel)  # type: ignore[arg-type]  # JSON, checked by names
            for parcel in parcels
        ]
        with self.transaction() as connection:
            if not planned:
                order = jtl_shipping.order_key(connection, external_order_number)
                planned = [ParcelToShip(tracking=f"00340434166{order:09d}")]
            keys = jtl_shipping.ship(connection, external_order_number, planned, self.moment, supplier=supplier)
            jtl_stock.refresh(connection)
            return keys

    def ship_open(self, rng: random.Random, *, limit: int | None = None) -> int:
        """Ship orders nothing was shipped of yet; returns how many."""
        with self.transaction() as connection:
            shipped = jtl_shipping.ship_open(connection, rng, self.moment, limit=limit)
            jtl_stock.refresh(connection)
            return shipped

    def ship_all_open(self, *, seed: int = 1, limit: int | None = None) -> int:
        """Ship like ``ship_open`` with a numbered chance, for callers that have no random generator to hand over."""
        return self.ship_open(random.Random(seed), limit=limit)

    def send(self, parcel: int) -> None:
        """Hand a packed parcel to the carrier."""
        with self.transaction() as connection:
            jtl_shipping.send(connection, parcel, self.moment)

    def set_tracking(self, parcel: int, tracking: str) -> None:
        """Give a parcel its number, late, or correct it."""
        with self.transaction() as connection:
            jtl_shipping.set_tracking(connection, parcel, tracking)

    def move_stock(self, sku: str, delta: float, *, warehouse: int = MAIN_WAREHOUSE) -> None:
        """Goods come in or are lost."""
        with self.transaction() as connection:
            jtl_stock.change_stock(connection, jtl_stock.article_key(connection, sku), warehouse, delta)
            jtl_stock.refresh(connection)

    def set_stock(self, sku: str, stock: float, *, warehouse: int = MAIN_WAREHOUSE) -> None:
        """Somebody counts the shelf."""
        with self.transaction() as connection:
            jtl_stock.set_stock(connection, jtl_stock.article_key(connection, sku), warehouse, stock)
            jtl_stock.refresh(connection)

    def sell_out(self, sku: str) -> None:
        """The last piece is gone, in every warehouse."""
        with self.transaction() as connection:
            jtl_stock.sell_out(connection, jtl_stock.article_key(connection, sku))
            jtl_stock.refresh(connection)

    def cancel(self, external_order_number: str) -> None:
        """Somebody cancels an order in JTL."""
        with self.transaction() as connection:
            order = jtl_shipping.order_key(connection, external_order_number)
            connection.execute("UPDATE tAuftrag SET nStorno = 1 WHERE kAuftrag = ?", (order,))
            jtl_stock.refresh(connection)

    def delete(self, external_order_number: str) -> None:
        """Somebody deletes an order in JTL, as if it had never been."""
        with self.transaction() as connection:
            order = jtl_shipping.order_key(connection, external_order_number)
            connection.execute("DELETE FROM tAuftragPosition WHERE kAuftrag = ?", (order,))
            connection.execute("DELETE FROM tAuftrag WHERE kAuftrag = ?", (order,))
            jtl_stock.refresh(connection)

    def pause_worker(self) -> None:
        """The worker stands still: what waits is left unread."""
        self._moods.is_paused = True

    def resume_worker(self) -> None:
        """The worker runs again when it is told to."""
        self._moods.is_paused = False

    def refuse(self, external_order_number: str, reason: str = "refused by the stand-in") -> None:
        """The worker does not take this order; the row stays, the reason stands where no program can read it."""
        self._moods.refused[external_order_number] = reason

    def accept(self, external_order_number: str) -> None:
        """The worker takes this order after all."""
        self._moods.refused.pop(external_order_number, None)

    def import_twice(self, external_order_number: str) -> None:
        """The worker will make two orders of this order's row, once."""
        self._moods.doubled.add(external_order_number)

    def lock(self) -> None:
        """Somebody holds the database: others can read, and nobody else can write until ``unlock``."""
        if self._lock is None:
            self._lock = sqlite3.connect(self.path, timeout=15, isolation_level=None, check_same_thread=False)
            self._lock.execute("BEGIN IMMEDIATE")

    def unlock(self) -> None:
        """The database is free again."""
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def go_away(self) -> None:
        """The database cannot be reached: its file lies elsewhere until ``come_back``."""
        with closing(self._open()) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        self.path.rename(self._aside)
        for leftover in self.path.parent.glob(f"{self.path.name}-*"):
            leftover.unlink()

    def come_back(self) -> None:
        """The database is where it was."""
        if self._aside.exists():
            self._aside.rename(self.path)
