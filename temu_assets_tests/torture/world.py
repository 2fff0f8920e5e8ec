"""A small shop at TEMU, a JTL-Wawi, and our side of it: one folder that can be saved, put back and looked at.

The shop has few SKUs and few orders, so that a run passes as few crash points as it can while it still does everything.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from temu_assets.sandbox.jtl_stock import StandInError
from temu_assets.sandbox.run import RunningSandbox, open_sandbox
from temu_assets.sandbox.state import Address, Status
from temu_assets_tests.torture.checker import Finding, Places, check
from temu_assets_tests.torture.checker.jtl import watch_hand_overs

SOLD = ("FLASCHE-750-BL", "FLASCHE-750-SW", "BROTDOSE-SW", "MESSER-20-WS", "KREIDE-24-BL-3ER", "PICKNICK-BUENDEL")
"""Articles of which buyers order; a bundle of three and one of two different articles are among them."""
LISTED = (*SOLD, "FLASCHE-750-WS", "BROTDOSE-BL", "SET-KUECHE", "SONNENSEGEL", "AUFKLEBER", "NICHT-IN-JTL")


def buyer(number: int) -> Address:
    """An invented buyer whose words are found again wherever they turn up."""
    return Address(
        name=f"Kanarienhild Quittenbaum{number:03d}",
        street=f"Geheimgasse {1000 + number}",
        postcode="34117",
        city="Kassel",
        mail=f"kanari{number:03d}@example.invalid",
        mobile=f"+49 1555 98{number:05d}",
    )


@dataclass(slots=True)
class World:
    """An open world: TEMU answers, JTL's file can be used. ``patience_s`` is how long the program waits for an answer of TEMU."""

    places: Places
    sandbox: RunningSandbox
    delivery: str = "database"
    patience_s: float = 15.0

    @property
    def environment(self) -> dict[str, str]:
        """The settings of the program in this world."""
        access = self.sandbox.shop.state.access
        return {
            "TEMU_APP_KEY": access.app_key,
            "TEMU_APP_SECRET": access.app_secret,
            "TEMU_ACCESS_TOKEN": access.token,
            "TEMU_API_ENDPOINT": self.sandbox.server.url,
            "TEMU_REQUESTS_PER_SECOND": "2000",
            "TEMU_DATA_DIR": str(self.places.data),
            "JTL_DATABASE_URL": self.sandbox.jtl.url,
            "JTL_ORDER_DELIVERY": self.delivery,
        }

    def place(self, *items: tuple[str, int], **details: Any) -> str:
        """A buyer orders pieces by article number; returns the order's number."""
        shop = self.sandbox.shop
        codes = {sku.code: sku.sku_id for sku in shop.state.skus.values()}
        address = buyer(shop.state.last_order + 1)
        return shop.place_order([(codes[code], pieces) for code, pieces in items], address=address, **details)

    def sku_id(self, code: str) -> int:
        """TEMU's number of the SKU with this article number."""
        return next(sku.sku_id for sku in self.sandbox.shop.state.skus.values() if sku.code == code)

    def jtl_works(self) -> None:
        """JTL's worker takes what waits; a person imports the files that were written for that."""
        for path in sorted((self.places.data / "temu" / "xml").glob("*.xml")):
            self.sandbox.jtl.hand_over(path.read_text(encoding="ascii"))
            path.unlink()
        self.sandbox.jtl.run_worker()

    def ship_open(self) -> None:
        """The warehouse ships what is open and still wanted, as far as the shelf goes."""
        for row in self.sandbox.jtl.rows(
            "SELECT cExterneAuftragsnummer FROM tAuftrag AS a WHERE nStorno = 0 AND nKomplettAusgeliefert = 0 AND nType = 1"
            " AND cExterneAuftragsnummer LIKE 'PO-%'"
            " AND NOT EXISTS (SELECT 1 FROM tLieferschein AS l WHERE l.kBestellung = a.kAuftrag) ORDER BY kAuftrag"
        ):
            order = self.sandbox.shop.state.orders.get(row[0])
            if order is not None and order.status == Status.UNSHIPPED and not order.held:
                self.try_to_ship(row[0])

    def try_to_ship(self, order_id: str, parcels: tuple[dict[str, Any], ...] = ()) -> bool:
        """The warehouse ships an order; False when the shelf does not have it."""
        try:
            self.sandbox.jtl.ship(order_id, parcels)
        except StandInError:
            return False
        return True

    def check(self, *, temu_failed: bool = False) -> list[Finding]:
        """What the judge says. Nothing may be running."""
        self.save()
        return check(self.places.folder, temu_failed=temu_failed)

    def save(self) -> None:
        """Write down what TEMU knows, and the calls it got since the last time."""
        journal = self.sandbox.server.journal
        with self.places.calls.open("a", encoding="utf-8") as file:
            for entry in journal.entries():
                file.write(json.dumps(asdict(entry)) + "\n")
        journal.clear()
        self.sandbox.save()


@contextmanager
def open_world(folder: Path) -> Iterator[World]:
    """The world in a folder, with TEMU answering."""
    places = Places(folder)
    places.output.mkdir(parents=True, exist_ok=True)
    with open_sandbox(places.sandbox, requests_per_second=None) as sandbox:
        world = World(places, sandbox)
        yield world
        world.save()


@contextmanager
def room() -> Iterator[Path]:
    """A folder that is gone at the end of the block; in memory where that can be, because nothing here tries a power cut."""
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(
        prefix="torture-", dir=memory if os.access(memory, os.W_OK) else None, ignore_cleanup_errors=True
    ) as path:
        yield Path(path)


def create(folder: Path) -> None:
    """A new world: the shop lists a few SKUs, and nobody has ordered yet."""
    places = Places(folder)
    with open_sandbox(places.sandbox, orders=0, requests_per_second=None) as sandbox:
        state = sandbox.shop.state
        state.orders.clear()
        state.packages.clear()
        state.named.clear()
        state.cancellations.clear()
        state.used_numbers.clear()
        state.last_order = state.last_package = 0
        state.skus = {sku_id: sku for sku_id, sku in state.skus.items() if sku.code in LISTED}
        with sandbox.jtl.transaction() as jtl:
            jtl.execute(
                "DELETE FROM tAuftragPosition WHERE kAuftrag IN (SELECT kAuftrag FROM tAuftrag WHERE cExterneAuftragsnummer LIKE 'PO-%')"
            )
            jtl.execute("DELETE FROM tAuftrag WHERE cExterneAuftragsnummer LIKE 'PO-%'")
    watch_hand_overs(places.jtl)


def put_back(saved: Path, folder: Path) -> None:
    """A saved world once more, in place of what is in the folder."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(saved, folder)


def chance(*words: object) -> random.Random:
    """A random generator that depends on these words only."""
    return random.Random("/".join(map(str, words)))
