"""A shop in which everything is as it should be: all orders are in JTL, TEMU shows JTL's stock. What items 2 and 3 start from."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.ratios.measuring import FailedError
from benchmarks.ratios.places import JtlPlace, Place
from benchmarks.ratios.program import Program, make_home
from benchmarks.shop_process import ShopProcess
from temu_assets.sandbox.jtl import JtlStandIn

_ROUNDS = 4


@dataclass(frozen=True, slots=True)
class KnownShop:
    """The shop, and the program that knows it."""

    shop: ShopProcess
    jtl: JtlPlace
    program: Program
    stand_in: JtlStandIn

    def calls(self) -> dict[str, int]:
        """How many calls of each kind TEMU got since the last ``forget_calls``."""
        counts: dict[str, int] = self.shop.admin("GET", "journal", params={"newest": 0})["counts"]
        return counts

    def forget_calls(self) -> None:
        """Count from here on."""
        self.shop.admin("DELETE", "journal")

    def jtl_takes_all(self) -> None:
        """JTL's worker imports what was handed over."""
        if self.jtl.mirror is None:
            self.shop.admin("POST", "jtl", json={"operation": "run_worker"})
        else:
            self.jtl.mirror.run_worker()

    def count_one_in_a_hundred(self, pieces: int) -> None:
        """JTL counts so many pieces of one article in a hundred of the large listing."""
        count_one_in_a_hundred(self.stand_in, pieces)
        if self.jtl.mirror is not None:
            self.jtl.mirror.show()


@contextmanager
def known_shop(folder: Path, place: Place, *, orders: int, skus: int) -> Iterator[KnownShop]:
    """Set it up: the first day of a large shop, and quick stock runs until none has anything to do."""
    folder.mkdir()
    with ShopProcess(folder / "shop", orders=orders, skus=skus) as shop, place.jtl(folder / "shop") as jtl:
        data = folder / "data"
        data.mkdir()
        settings = shop.access.environment(data) | {
            "JTL_DATABASE_URL": jtl.url,
            "TOCI_DATABASE_URL": place.empty_toci(data / "toci.db"),
            "JTL_STOCK_BASIS": "jtl_available",
        }
        program = Program(make_home(folder / "dagster"), settings)
        program.set_up_database()
        known = KnownShop(shop, jtl, program, JtlStandIn(folder / "shop" / "jtl.db"))
        for job in ("temu_orders_sync", "temu_orders_sync", "temu_inventory_full_sync"):
            program.job(job)
            if job == "temu_orders_sync":
                known.jtl_takes_all()
        _settle(known)
        yield known


def _settle(known: KnownShop) -> None:
    for _ in range(_ROUNDS):
        known.forget_calls()
        known.program.job("temu_inventory_sync")
        if not known.calls().get(STOCK_EDIT):
            return
    raise FailedError(f"TEMU's stock still was not JTL's after {_ROUNDS} runs")


def count_one_in_a_hundred(jtl: JtlStandIn, pieces: int) -> None:
    """JTL counts so many pieces of one article in a hundred of the large listing."""
    with jtl.transaction() as connection:
        some = "SELECT kArtikel FROM tArtikel WHERE cArtNr LIKE 'VIEL-____00'"
        connection.execute(f"UPDATE tlagerbestandProLagerLagerartikel SET fBestand = {pieces:d} WHERE kArtikel IN ({some})")
    # The totals are calculated anew with the movement of any article.
    jtl.move_stock("FLASCHE-750-BL", 1)
    jtl.move_stock("FLASCHE-750-BL", -1)


STOCK_EDIT = "bg.local.goods.stock.edit"
STOCK_READ = "temu.local.goods.sku.stock.query"
