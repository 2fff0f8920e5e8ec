"""Every figure of docs/performance.md, measured here and now: ``make bench``, or ``python -m benchmarks.ratios [--only orders,start]``."""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from benchmarks.ratios.orders import measure_limiter, measure_orders
from benchmarks.ratios.places import FILES
from benchmarks.ratios.table import table


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="orders,limiter")
    parser.add_argument("--orders", type=int, default=10_000)
    parser.add_argument("--times", type=int, default=2)
    given = parser.parse_args()
    figures = []
    only = given.only.split(",")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for each in only:
            (folder / each).mkdir()
        if "orders" in only:
            figures += measure_orders(folder / "orders", FILES, orders=given.orders, times=given.times)
        if "limiter" in only:
            figures += measure_limiter(folder / "limiter", FILES, orders=600)
    print(table(figures))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
