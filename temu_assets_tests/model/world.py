"""The world a model stands beside: a whole seller with a small shop, what may happen in it, and how it looks from outside."""

from __future__ import annotations

import logging
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import partial
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import dagster as dg
import pytest
from sqlalchemy import update

from temu_assets import connections
from temu_assets.inventory import sending
from temu_assets.sandbox import shop_settings
from temu_assets.sandbox.books import compare
from temu_assets.sandbox.jtl_shipping import ParcelToShip
from temu_assets.temu.client import TemuClient
from temu_assets.toci.outbox import Effect, State
from temu_assets.toci.revision import ensure_current
from temu_assets.toci.tables import leases, outbox, problems, sync_state, temu_inventory, temu_orders, temu_parcels
from temu_assets_tests.engines import change_jtls, change_ours
from temu_assets_tests.killing import Killer, Point, without_pauses
from temu_assets_tests.model.dying import Mortal, death
from temu_assets_tests.model.model import Article, ArticleSet, Line, Model, Version
from temu_assets_tests.seller import Seller, open_seller
from temu_assets_tests.torture.checker.jtl import HANDED_OVER, watch_hand_overs
from temu_assets_tests.torture.world import buyer

SOLD = ("FLASCHE-750-BL", "FLASCHE-750-SW", "BROTDOSE-SW", "KREIDE-24-BL-3ER", "PICKNICK-BUENDEL", "SET-KUECHE", "NICHT-IN-JTL")
"""What buyers order: plain articles, a bundle of three, one of two articles, a set of JTL's, and one JTL does not know."""
LISTED = (*SOLD, "KREIDE-24-BL", "MESSER-20-SW", "SIEB-18-WS", "AUFKLEBER")
STOCKED = ("FLASCHE-750-BL", "FLASCHE-750-SW", "BROTDOSE-SW", "KREIDE-24-BL", "MESSER-20-SW", "SIEB-18-WS")
BUYERS_WORDS = ("Quittenbaum", "Geheimgasse", "kanari")
_OTHER_WAREHOUSE = 1


@dataclass(frozen=True, slots=True)
class Ran:
    """How a run ended: ``died_at`` a crash point, ``killed`` connections lost, ``told`` everything Dagster was told."""

    is_green: bool
    died_at: str | None
    killed: int
    told: str


@dataclass(frozen=True, slots=True)
class Package:
    """A package as TEMU has it: units by article, as its contents mean them."""

    number: str
    brand: str
    order: str
    units: Counter[str]


@dataclass(frozen=True, slots=True)
class HandedOver:
    """A row JTL's import table got."""

    order: str
    version: Version


@dataclass
class World:
    """A seller, and the clocks of everybody."""

    seller: Seller
    patch: pytest.MonkeyPatch
    _brands: dict[int, str] = field(default_factory=dict)
    _codes: dict[int, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        state = self.seller.sandbox.shop.state
        state.skus = {sku_id: sku for sku_id, sku in state.skus.items() if sku.code in LISTED}
        self._codes = {sku_id: sku.code for sku_id, sku in state.skus.items()}
        self._brands = {each.carrier_id: each.brand for carriers in state.carriers.values() for each in carriers}
        for code in STOCKED:
            self.seller.sandbox.jtl.set_stock(code, 0, warehouse=_OTHER_WAREHOUSE)
            self.seller.sandbox.jtl.set_stock(code, 14)
        ensure_current(self.seller.toci)
        watch_hand_overs(self.seller.sandbox.jtl.path)
        shop, jtl = self.seller.sandbox.shop, self.seller.sandbox.jtl
        self.patch.setattr(shop, "clock", lambda: self.seller.now().timestamp())
        self.patch.setattr(jtl, "_clock", lambda: self.seller.now().timestamp())
        self.patch.setattr(connections, "TemuClient", partial(TemuClient, clock=lambda: self.seller.now().timestamp()))
        self.patch.setattr(sending, "READ_BACK_PAUSES", (0.0, 0.0, 0.0))
        without_pauses(self.patch)

    # what happens

    def place(self, items: list[tuple[str, int]], *, pending: bool, shipping: int) -> tuple[str, dict[str, Line], str]:
        """A buyer orders; returns the order's number, its lines and its street."""
        address = buyer(self.seller.sandbox.shop.state.last_order + 1)
        number = self.seller.place(*items, pending=pending, shipping_net_cents=shipping, address=address)
        lines = {
            line.order_sn: Line(
                articles=tuple((product.ext_code, product.sold_factor) for product in line.products),
                wanted=line.quantity,
                original=line.quantity,
                net=line.unit_net_cents,
                rate=line.rate,
            )
            for line in self.seller.at_temu(number).lines
        }
        return number, lines, address.street

    def ship(self, number: str, contents: Counter[str], *, method: str, tracking: str, sent: bool) -> int:
        """The warehouse packs one parcel; returns JTL's number of it."""
        parcel = ParcelToShip(method, tracking or None, {code: float(pieces) for code, pieces in contents.items()}, sent)
        (key,) = self.seller.sandbox.jtl.ship(number, [parcel])
        return key

    def run(self, job: str, *, dies: tuple[str, int] | None = None, loses: tuple[str, Point] | None = None) -> Ran:
        """One run of a job, which may die at a crash point, or lose a connection to ``toci`` or ``jtl``."""
        result: dg.ExecuteInProcessResult | None = None
        with ExitStack() as stack:
            killer = stack.enter_context(_losing(*loses)) if loses else None
            mortal: Mortal | None = stack.enter_context(death(*dies)) if dies else None
            words = stack.enter_context(_logged())
            result = self.seller.run(job)
            words.append(_events(result))
        died_at = mortal.died_at if mortal else None
        if died_at is not None:
            self._bury()
        is_green = died_at is None and result is not None and result.success
        return Ran(is_green, died_at, killer.killed if killer else 0, "\n".join(words))

    def _bury(self) -> None:
        """The system knows that a process is gone; here it lives on, so its leases run out instead."""
        with self.seller.toci.engine.begin() as connection:
            connection.execute(update(leases).values(expires_at=datetime.now(UTC) - timedelta(seconds=1)))

    def end_all_trouble(self) -> None:
        """From here on nothing goes wrong any more."""
        self.seller.sandbox.server.faults.clear()
        shop_settings.renew_token(self.seller.sandbox.shop)
        self.seller.sandbox.jtl.come_back()

    # how it looks

    def model(self) -> Model:
        """The model of the world before anything happens."""
        jtl = self.seller.sandbox.jtl
        rows = {
            row["cArtNr"]: row
            for row in jtl.rows(
                "SELECT a.cArtNr, a.nPuffer, a.cLagerAktiv, l.fVerfuegbar, l.fInAuftraegen FROM tArtikel AS a"
                " JOIN tlagerbestand AS l ON l.kArtikel = a.kArtikel"
            )
        }
        articles = {
            code: Article(
                shelf=int(rows[code]["fVerfuegbar"] + rows[code]["fInAuftraegen"]),
                reserved=int(rows[code]["fInAuftraegen"]),
                buffer=int(rows[code]["nPuffer"]),
                tracked=rows[code]["cLagerAktiv"] == "Y",
            )
            for code in (*STOCKED, "AUFKLEBER")
        }
        kitchen = ArticleSet(parts={"MESSER-20-SW": 1, "SIEB-18-WS": 2}, buffer=int(rows["SET-KUECHE"]["nPuffer"]))
        return Model(orders={}, parcels={}, articles=articles, sets={"SET-KUECHE": kitchen}, listed=list(LISTED))

    def handed_over(self) -> list[HandedOver]:
        """Every row JTL's import table ever got, oldest first."""
        rows = self.seller.sandbox.jtl.rows(f"SELECT cText FROM {HANDED_OVER} ORDER BY rowid")
        return [handed for row in rows for handed in _orders_in(row[0])]

    def in_jtl(self) -> Counter[str]:
        """How often JTL has each order; those the worker has not taken yet count as well."""
        jtl = self.seller.sandbox.jtl
        rows = jtl.rows("SELECT cExterneAuftragsnummer FROM tAuftrag WHERE nType = 1 AND cExterneAuftragsnummer LIKE 'PO-%'")
        waiting = [handed.order for row in jtl.rows("SELECT cText FROM tXMLBestellImport") for handed in _orders_in(row[0])]
        return Counter([*(row[0] for row in rows), *waiting])

    def packages(self) -> list[Package]:
        """What TEMU was told has left."""
        shop = self.seller.sandbox.shop
        return [
            Package(
                package.tracking_number,
                self._brands[package.carrier_id],
                package.contents[0].parent_sn,
                _units(shop, package.contents),
            )
            for package in shop.state.packages.values()
        ]

    def shown(self) -> dict[str, tuple[int, float | None]]:
        """What TEMU shows of each SKU, and when it was last set."""
        return {sku.code: (sku.stock, sku.edited_at) for sku in self.seller.sandbox.shop.state.skus.values()}

    def told(self) -> set[tuple[str, str]]:
        """Kind and key of what is in the inbox; a SKU by its code."""
        codes = {str(sku_id): code for sku_id, code in self._codes.items()}
        return {(kind, codes.get(key, key)) for kind, key in self.seller.problems()}

    def books(self) -> list[str]:
        """What the sandbox's own judge objects to."""
        return compare(self.seller.sandbox.shop, self.seller.sandbox.jtl)

    def called_done(self) -> dict[Effect, dict[str, str]]:
        """What the program calls done: key -> evidence."""
        return {
            effect: {key: entry.evidence or "" for key, entry in self.seller.outbox(effect).items() if entry.state is State.DONE}
            for effect in (Effect.JTL_ORDER, Effect.SHIPMENT)
        }

    def words_outside_the_orders(self) -> str:
        """Everything our database holds outside the one table that may know buyers."""
        return repr([self.seller.rows(table) for table in (outbox, problems, sync_state, temu_inventory, temu_parcels)])

    def known_orders(self) -> set[str]:
        """The orders in our tables."""
        return {row.order_id for row in self.seller.rows(temu_orders)}


def _units(shop: Any, contents: Any) -> Counter[str]:
    units: Counter[str] = Counter()
    for content in contents:
        _, line = shop.line(content.parent_sn, content.order_sn)
        for product in line.products:
            units[product.ext_code] += product.sold_factor * content.quantity
    return units


def _orders_in(text: str) -> Iterator[HandedOver]:
    """The orders of an XML, as JTL counts their money."""
    for order in ElementTree.fromstring(text).iter("tBestellung"):
        pieces: Counter[str] = Counter()
        cents = shipping = 0
        for position in order.iter("twarenkorbpos"):
            words = {leaf.tag: leaf.text or "" for leaf in position}
            quantity = Decimal(words["fAnzahl"])
            unit = (Decimal(words["fPreisEinzelNetto"]) * (100 + Decimal(words["fMwSt"]))).quantize(Decimal(1), ROUND_HALF_UP)
            if words["cPosTyp"] == "standard":
                pieces[words["cArtNr"]] += int(quantity)
                cents += int(unit * quantity)
            else:
                shipping += int(unit * quantity)
        street = order.findtext("tlieferadresse/cStrasse") or ""
        yield HandedOver(
            order.findtext("cExterneBestellNr") or "",
            Version(pieces=pieces, cents=cents, shipping=shipping, street=street, may_go=True),
        )


def _events(result: dg.ExecuteInProcessResult) -> str:
    return "\n".join(repr(event) for event in result.all_events)


class _Keep(logging.Handler):
    def __init__(self, words: list[str]) -> None:
        super().__init__()
        self._words = words

    def emit(self, record: logging.LogRecord) -> None:
        self._words.append(record.getMessage())


@contextmanager
def _logged() -> Iterator[list[str]]:
    words: list[str] = []
    handler = _Keep(words)
    logging.getLogger().addHandler(handler)
    try:
        yield words
    finally:
        logging.getLogger().removeHandler(handler)


@contextmanager
def _losing(database: str, point: Point) -> Iterator[Killer]:
    """One connection to a database is lost."""
    killer = Killer(point, most=1)
    change = {"toci": change_ours, "jtl": change_jtls}[database]
    with pytest.MonkeyPatch.context() as patch:
        change(patch, killer.watch)
        yield killer


@contextmanager
def open_world(folder: Path) -> Iterator[World]:
    """A world in an empty folder."""
    with pytest.MonkeyPatch.context() as patch, open_seller(folder, patch, orders=0) as seller:
        state = seller.sandbox.shop.state
        for held in (state.orders, state.packages, state.named, state.cancellations, state.used_numbers):
            held.clear()
        seller.sandbox.shop._packages_of.clear()
        with seller.sandbox.jtl.transaction() as jtl:
            _forget_orders(jtl)
        yield World(seller, patch)


def _forget_orders(jtl: sqlite3.Connection) -> None:
    jtl.execute("DELETE FROM tAuftragPosition WHERE kAuftrag IN (SELECT kAuftrag FROM tAuftrag WHERE cExterneAuftragsnummer LIKE 'PO-%')")
    jtl.execute("DELETE FROM tAuftrag WHERE cExterneAuftragsnummer LIKE 'PO-%'")
