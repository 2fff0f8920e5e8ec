"""Opening the sandbox in a folder: load or create its state, start the server, say where it is.

``connection.json`` in the folder holds what a program needs to connect; it exists only while the sandbox runs. Its
secrets are the sandbox's own and worth nothing elsewhere.
"""

from __future__ import annotations

import json
import os
import random
from contextlib import closing
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

from temu_assets.sandbox import store
from temu_assets.sandbox.fixtures import build_shop
from temu_assets.sandbox.jtl import JtlStandIn
from temu_assets.sandbox.jtl_seed import articles_for
from temu_assets.sandbox.known_order import hand_over_known_order
from temu_assets.sandbox.server import SandboxServer
from temu_assets.sandbox.state import Status
from temu_assets.sandbox.temu_shop import TemuShop

FOREIGN_ORDERS = 25
CONNECTION_FILE = "connection.json"


class SandboxRunningError(RuntimeError):
    """Another process serves this folder."""


class RunningSandbox:
    """The sandbox of one folder, serving until ``close``; usable as a context manager."""

    def __init__(self, folder: Path, shop: TemuShop, jtl: JtlStandIn, server: SandboxServer) -> None:
        self.folder = folder
        self.shop = shop
        self.jtl = jtl
        self.server = server

    def live_step(self, rng: random.Random) -> str:
        """Let one small thing happen as it does in a living shop; returns what, in a sentence."""
        step = rng.choice((self._order_arrives, self._order_arrives, self._pending_settles, self._jtl_works, self._stock_moves))
        return step(rng)

    def _order_arrives(self, rng: random.Random) -> str:
        return f"Order {self.shop.place_order(pending=rng.random() < 0.3)} arrived."

    def _pending_settles(self, rng: random.Random) -> str:
        with self.shop.lock:
            pending = [sn for sn, order in self.shop.state.orders.items() if order.status == Status.PENDING]
        if not pending:
            return self._order_arrives(rng)
        parent_sn = rng.choice(pending)
        self.shop.finish_pending(parent_sn)
        return f"Order {parent_sn} is ready to ship."

    def _jtl_works(self, rng: random.Random) -> str:
        counts = self.jtl.run_worker()
        shipped = self.jtl.ship_open(rng, limit=3)
        return f"JTL imported {counts['imported']} orders and shipped {shipped}."

    def _stock_moves(self, rng: random.Random) -> str:
        sku = rng.choice(sorted(sku.code for sku in self.shop.state.skus.values() if sku.code))
        known = self.jtl.rows("SELECT 1 FROM tArtikel WHERE cArtNr = ? AND kStueckliste = 0 AND nIstVater = 0", (sku,))
        if not known:
            return self._order_arrives(rng)
        delta = rng.choice((-3, -1, 5, 12))
        self.jtl.move_stock(sku, delta)
        return f"JTL's stock of {sku} changed by {delta:+d}."

    def save(self) -> None:
        """Write the TEMU state; JTL's is in its file already."""
        store.save(self.shop, self.folder / "temu.json")

    def close(self) -> None:
        """Stop serving, save, and take the connection file away."""
        (self.folder / CONNECTION_FILE).unlink(missing_ok=True)
        self.server.stop()
        self.save()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def is_serving(connection_file: Path) -> bool:
    """Tell whether the sandbox a connection file speaks of still answers."""
    try:
        endpoint = urlsplit(json.loads(connection_file.read_text(encoding="utf-8"))["endpoint"])
        with closing(HTTPConnection(endpoint.hostname or "", endpoint.port, timeout=2)) as connection:
            connection.request("GET", "/admin/state")
            return connection.getresponse().status == HTTPStatus.OK
    except (OSError, ValueError, KeyError, HTTPException):
        return False


def open_sandbox(
    folder: Path,
    *,
    port: int = 0,
    latency_ms: float = 0,
    requests_per_second: int | None = 20,
    seed: int = 2026,
    orders: int = 350,
) -> RunningSandbox:
    """Start the sandbox of a folder, seeded on first use; raises ValueError if a saved state is damaged,
    SandboxRunningError if another process serves the folder.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if is_serving(folder / CONNECTION_FILE):
        raise SandboxRunningError(
            f"A sandbox is running on {folder} already. Two would overwrite each other's state: stop that one, or choose another folder."
        )
    saved, database = folder / "temu.json", folder / "jtl.db"
    jtl = JtlStandIn(database)
    if saved.exists() and database.exists():
        shop = store.load(saved)
    else:
        for leftover in folder.glob("jtl.db*"):
            leftover.unlink()
        shop = build_shop(seed=seed, orders=orders)
        jtl.create()
        jtl.seed(articles_for(shop), foreign_orders=FOREIGN_ORDERS)
        hand_over_known_order(shop, jtl)
        store.save(shop, saved)
    server = SandboxServer(
        shop,
        port=port,
        latency_ms=latency_ms,
        requests_per_second=requests_per_second,
        jtl=jtl,
        save=lambda: store.save(shop, saved),
    )
    server.start()
    connection = {
        "endpoint": server.url,
        "app_key": shop.state.access.app_key,
        "app_secret": shop.state.access.app_secret,
        "access_token": shop.state.access.token,
        "jtl_database_url": jtl.url,
        "pid": os.getpid(),
    }
    store.write_whole(folder / CONNECTION_FILE, json.dumps(connection, indent=2))
    return RunningSandbox(folder, shop, jtl, server)
