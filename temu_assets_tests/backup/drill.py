"""The drill: a shop at work is backed up, goes on, loses everything, is restored, and its books are held against TEMU's and JTL's.

Run by ``make drill``; it takes about ten seconds, needs no server and touches nothing outside a temporary folder.
"""

from __future__ import annotations

import logging
import os
import shutil
import sys
import tempfile
from pathlib import Path

import pytest
from click.testing import CliRunner

from temu_assets.cli import main
from temu_assets.sandbox.book_orders import order_objections
from temu_assets.sandbox.book_parcels import parcel_objections
from temu_assets.sandbox.book_stock import stock_objections
from temu_assets.sandbox.jtl import ParcelToShip
from temu_assets_tests.orders.test_restored import a_day_of_work
from temu_assets_tests.seller import Seller, open_seller


def drill(folder: Path) -> list[str]:
    """Every objection of the books after the restore; empty when nothing was lost or doubled."""
    with pytest.MonkeyPatch.context() as patch, open_seller(folder / "shop", patch, orders=0) as seller:
        home = folder / "shop" / "dagster"
        home.mkdir(parents=True)
        (home / "dagster.yaml").write_text("telemetry:\n  enabled: false\n", encoding="utf-8")
        patch.setenv("DAGSTER_HOME", str(home))
        orders = a_day_of_work(seller)
        say(f"1. A day of work: {len(orders)} orders, some handed to JTL, some sent, one with a corrected number.")
        command("backup", "make", str(folder / "backups"))
        (backup,) = (folder / "backups").iterdir()
        orders += another_day(seller)
        say(f"3. Work goes on after the backup: {len(orders)} orders now. Then the disk is gone.")
        lose(seller, home)
        command("backup", "check", str(backup))
        command("backup", "restore", str(backup))
        for _ in range(2):
            assert seller.run().success
            seller.sandbox.jtl.run_worker()
        assert seller.run("temu_inventory_full_sync").success
        shop, jtl = seller.sandbox.shop, seller.sandbox.jtl
        objections = [*order_objections(shop, jtl), *parcel_objections(shop, jtl), *stock_objections(shop, jtl)]
        objections += [f"{order} is in JTL {seller.in_jtl(order)} times" for order in orders if seller.in_jtl(order) != 1]
        say(f"6. Three runs later: {len(orders)} orders, each in JTL once; {len(objections)} objections of the books.")
        return [str(each) for each in objections]


def another_day(seller: Seller) -> list[str]:
    """Three more orders: one handed over, one in JTL, one sent and reported."""
    orders = [seller.place(("FLASCHE-750-BL", 1)) for _ in range(3)]
    seller.run_through()
    seller.sandbox.jtl.ship(orders[0], [ParcelToShip(tracking="00340434177000000011")])
    assert seller.run().success
    return orders


def command(*arguments: str) -> None:
    """One of the program's own commands, and what it says."""
    done = CliRunner().invoke(main, arguments)
    if done.exit_code:
        raise SystemExit(done.output)
    say(f"$ temu-assets {' '.join(arguments[:2])} ...\n{done.output.rstrip()}")


def lose(seller: Seller, home: Path) -> None:
    """The disk has gone."""
    seller.toci.close()
    shutil.rmtree(seller.data)
    shutil.rmtree(home)
    seller.data.mkdir()


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")


if __name__ == "__main__":
    logging.disable(logging.CRITICAL)
    for name in [name for name in os.environ if name.startswith(("TEMU_", "JTL_", "TOCI_", "SQL_", "DAGSTER_"))]:
        del os.environ[name]
    with tempfile.TemporaryDirectory() as made:
        found = drill(Path(made))
    for each in found:
        say(f"OBJECTION: {each}")
    sys.exit(1 if found else 0)
