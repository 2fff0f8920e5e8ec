"""A DATEV file of the largest size through the whole job, measured: ``python -m benchmarks.datev_file [--rows 99999]``.

The job ``datev_processing`` as Dagster runs it, over real files, our database and JTL's on SQLite: once with nothing to correct, once with
every correction and a customer number looked up in JTL for every order, and the same file dropped again. Told of each run: seconds in all
and by stage, and the most memory the process ever had, which is the largest figure of all runs up to then.
"""

from __future__ import annotations

import argparse
import os
import resource
import sys
import tempfile
import time
from decimal import Decimal
from pathlib import Path

import pytest

from temu_assets.data_folders import DATEV_OUT
from temu_assets.durable import copy_file, sha256_of
from temu_assets_tests.bookkeeping.extf_files import Booking
from temu_assets_tests.bookkeeping.office import LONG_AGO, Office, datev_file
from temu_assets_tests.seller import Seller, metadata_of, open_seller

PIECE = 1_000
STAGES = ("datev_batches", "datev_processed", "datev_report")
EVERY_CORRECTION = {"DATEV_CORRECTIONS": "K1,K2,K3,K4,K5,K6,K7,K8", "DATEV_DEBTORS": "temu=10001000"}


def booking(number: int) -> Booking:
    """Of a month of a large shop: each order its invoice, one in twenty its credit note."""
    return Booking(
        amount=f"{Decimal(1000 + number % 9000) / 100:.2f}".replace(".", ","),
        side="H" if number % 20 == 19 else "S",
        account="10001000",
        contra="4400000" if number % 3 else "4320000",
        day=f"{number % 31 + 1:02d}01",
        document=order_number(number),
        text=f"RE2026-{number:06d} Muster-Kunde Nr. {number}",
    )


def write_file(path: Path, rows: int) -> None:
    """Piece by piece, so that what the program takes is seen and not what its file took to make."""
    with path.open("wb") as file:
        for start in range(0, rows, PIECE):
            piece = datev_file(*(booking(number) for number in range(start, min(start + PIECE, rows))))
            file.write(piece if start == 0 else piece.split(b"\r\n", 2)[2])


def order_number(number: int) -> str:
    return f"PO-{number % 900 + 100}-{10**16 + number}"


def fill_jtl(seller: Seller, rows: int) -> None:
    with seller.sandbox.jtl.transaction() as jtl:
        jtl.executemany(
            "INSERT INTO tAuftrag (cAuftragsNr, cExterneAuftragsnummer, cKundenNr, dErstellt) VALUES (?, ?, ?, '2026-01-15T10:00:00')",
            [(f"AU-B{number}", order_number(number), str(100_000 + number)) for number in range(rows)],
        )


def drop_again(original: Path, office: Office) -> None:
    path = office.drop(original.name, b"")
    copy_file(original, path)
    os.utime(path, (LONG_AGO, LONG_AGO))


def measured(name: str, office: Office) -> None:
    started = time.monotonic()
    result = office.run()
    seconds = time.monotonic() - started
    if not result.success:
        sys.exit(f"{name} failed: {[each.message for each in result.all_events if each.is_step_failure]}")
    stages = "".join(f"{metadata_of(result, stage)['seconds']:10.1f}" for stage in STAGES)
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"{name:32}{seconds:8.1f} s{stages}{most:8} MB", flush=True)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=99_999)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name, pytest.MonkeyPatch.context() as patch, open_seller(Path(name), patch, orders=0) as seller:
        office = Office(seller.data, seller.toci, seller.instance)
        original = Path(name) / "EXTF_a.csv"
        write_file(original, asked.rows)
        fill_jtl(seller, asked.rows)
        print(f"{asked.rows} rows, {original.stat().st_size / 1e6:.0f} MB, measured: seconds in all and by stage, most memory so far")
        print(f"{'':32}{'all':>10}" + "".join(f"{stage[6:]:>10}" for stage in STAGES) + f"{'memory':>11}")
        measured("nothing dropped", office)
        drop_again(original, office)
        measured("nothing to correct", office)
        if sha256_of(office.data / DATEV_OUT / original.name) != sha256_of(original):
            print("the output is not what came in")
            return 1
        for setting, value in EVERY_CORRECTION.items():
            patch.setenv(setting, value)
        drop_again(original, office)
        measured("every correction, JTL asked", office)
        row = office.row(original.name)
        print(
            f"  {row.change_count} changes, {row.not_found_count} orders not found, {row.error_count} errors, {row.warning_count} warnings"
        )
        drop_again(original, office)
        measured("the same again", office)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
