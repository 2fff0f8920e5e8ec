"""How fast and how lean the program is, measured here and now: ``make bench``, or ``python -m benchmarks.ratios [--only start,sensors]``.

Every figure stands beside what it is compared with, measured in the same minutes on the same machine. On files; with TEST_TOCI_URL and
TEST_JTL_URL the items on databases also on the server they name, whose two databases are emptied. The exit code is 1 when a bound was
missed, a job failed, or the books did not agree.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import httpx

from benchmarks.ratios import record
from benchmarks.ratios.figures import Figure
from benchmarks.ratios.items import FULL, ITEMS, QUICK, measurements
from benchmarks.ratios.machine import describe, in_words
from benchmarks.ratios.measuring import FailedError
from benchmarks.ratios.places import given_places
from benchmarks.ratios.table import table


def main(arguments: list[str]) -> int:
    """The exit code."""
    parser = _parser()
    given = parser.parse_args(arguments)
    if given.record and (given.quick or given.orders is not None):
        parser.error("--record is for the full sizes: what --quick and --orders measure is no figure to quote")
    sizes = QUICK if given.quick else FULL
    if given.orders is not None:
        sizes = replace(sizes, orders=given.orders)
    places = given_places()
    machine, measured_at = describe(places), f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC"
    print(in_words(machine), flush=True)
    figures: list[Figure] = []
    failed = []
    with tempfile.TemporaryDirectory() as name:
        for what, measure in measurements(Path(name), given.only, sizes, places):
            began = time.monotonic()
            try:
                measured = measure()
            except (FailedError, httpx.HTTPError) as error:
                failed.append(what)
                print(f"{what}: {error}", flush=True)
                continue
            figures += measured
            print(f"\n{what}, {time.monotonic() - began:.0f} s\n{table(measured)}", flush=True)
    record.write(record.LAST, figures, machine, measured_at)
    if given.record:
        if given.only != ITEMS:
            figures = record.with_the_rest(figures)
        record.write(record.REFERENCE, figures, machine, measured_at)
        record.renew_page(figures, machine, measured_at)
    missed = sum(each.holds is False for each in figures)
    print(f"{len(figures)} figures, {missed} bounds missed" + (f"; not measured: {', '.join(failed)}" if failed else ""))
    return 1 if missed or failed else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="benchmarks.ratios", description=__doc__)
    parser.add_argument("--only", type=_names, default=ITEMS, help=f"Of these, by commas: {', '.join(ITEMS)}.")
    parser.add_argument("--quick", action="store_true", help="Smaller sizes; a few minutes, and no figure to quote.")
    parser.add_argument("--orders", type=int, help="So many orders where the item does not fix them.")
    parser.add_argument("--record", action="store_true", help="Make this the reference that docs/performance.md shows.")
    return parser


def _names(text: str) -> tuple[str, ...]:
    names = tuple(text.split(","))
    unknown = set(names) - set(ITEMS)
    if unknown:
        raise argparse.ArgumentTypeError(f"there is no {', '.join(sorted(unknown))}")
    return names


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
