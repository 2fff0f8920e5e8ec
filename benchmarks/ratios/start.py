"""What the program costs before it does anything: its import, and the smallest run of one asset."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from statistics import median

from benchmarks.ratios import empty_job
from benchmarks.ratios.figures import Figure
from benchmarks.ratios.measuring import clean_environment, measure
from benchmarks.ratios.program import DAGSTER, DEFINITIONS, Program, make_home
from benchmarks.shop_process import ShopProcess

_ITEM = "5 start"
_HEAVY = ("pandas", "numpy", "lxml", "openpyxl", "pypdfium2", "pdfplumber", "alembic")
_SMALL_ASSETS = ("temu_products", "invoice_documents")
_TIMED = "import time; began = time.perf_counter(); import {}; print(time.perf_counter() - began)"
"""Of the import alone: how a process ends is another matter."""
_HEAVY_LOADED = f"""
import json, sys
import {DEFINITIONS}
print(json.dumps([name for name in {_HEAVY!r} if name in sys.modules]))
"""


def measure_start(folder: Path, *, times: int) -> list[Figure]:
    """Imports and the smallest runs, each in turn with Dagster's own, ``times`` times."""
    empty_job.write_module(folder / "empty", assets=1)
    home = make_home(folder / "empty-dagster")
    environment = clean_environment(folder / "empty") | {"DAGSTER_HOME": str(home)}
    figures = [_import("temu_assets", environment, times), _import(DEFINITIONS, environment, times), _heavy(environment)]
    with ShopProcess(folder / "shop", orders=50) as shop:
        data = folder / "data"
        data.mkdir()
        settings = shop.access.environment(data) | {"TOCI_DATABASE_URL": f"sqlite:///{data / 'toci.db'}"}
        program = Program(make_home(folder / "dagster"), settings)
        program.set_up_database()
        minimum = [DAGSTER, "asset", "materialize", "-m", empty_job.MODULE, "--select", empty_job.FIRST_ASSET]
        for asset in _SMALL_ASSETS:
            rounds = [(program.asset(asset).wall_s, measure(minimum, environment).wall_s) for _ in range(times)]
            figures.append(
                _beyond(f"dagster asset materialize --select {asset}", [one for one, _ in rounds], [other for _, other in rounds], 0.6)
            )
    return figures


def _import(name: str, environment: dict[str, str], times: int) -> Figure:
    commands = [[sys.executable, "-c", _TIMED.format(what)] for what in (f"dagster, {name}", "dagster")]
    for command in commands:
        measure(command, environment)  # the first one writes bytecode
    rounds = [[float(measure(command, environment).output.split()[-1]) for command in commands] for _ in range(2 * times)]
    return _beyond(f"import {name}", [one for one, _ in rounds], [other for _, other in rounds], 0.4)


def _heavy(environment: dict[str, str]) -> Figure:
    loaded = json.loads(measure([sys.executable, "-c", _HEAVY_LOADED], environment).output)
    text = "looked for: " + ", ".join(_HEAVY)
    return Figure(_ITEM, f"heavy packages loaded by import {DEFINITIONS}", len(loaded), "packages", 0, text=text)


def _beyond(what: str, ours: Sequence[float], theirs: Sequence[float], bound: float) -> Figure:
    one, other = median(ours), median(theirs)
    text = f"program {one:.2f} s, Dagster alone {other:.2f} s, {len(ours)} times each"
    return Figure(
        _ITEM, f"{what}, beyond Dagster's own", one - other, "s", bound, text=text, raw={"program": [*ours], "Dagster": [*theirs]}
    )
