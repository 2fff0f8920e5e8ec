"""How long things really take: ``python -m benchmarks.lead_times [--minutes 5] [--folder DIR]``.

Dagster's daemon is really started, with everything as a newcomer finds it on the sandbox, while life goes on there: orders arrive, JTL
imports and ships them, stock moves. What is told is what the sandbox itself saw (its journal, and a note JTL's stand-in makes of each
row of its import table), beside what our own table ``lead_times`` says. The exit code is 1 when something never arrived, or p95 is over a
minute.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import dagster as dg
from pydantic import SecretStr

from temu_assets.operations.statistics import percentile
from temu_assets.sandbox.jtl import ParcelToShip
from temu_assets.sandbox.run import RunningSandbox, open_sandbox
from temu_assets.sandbox.state import Sku
from temu_assets.toci import lead_times
from temu_assets.toci.database import Toci, open_engine
from temu_assets.toci.lead_times import Leg

PROJECT = Path(__file__).parent.parent
STOCK_SHOWN_AFTER = 5.0
"""Seconds for which TEMU shows the old stock (fact sheet temu-api, 5.6)."""
MOST_WAIT = 150.0
GOAL_SECONDS = 60
_NOTE = """
CREATE TABLE benchmark_notes (cText TEXT, fMoment REAL);
CREATE TRIGGER benchmark_note AFTER INSERT ON tXMLBestellImport BEGIN
  INSERT INTO benchmark_notes VALUES (NEW.cText, (julianday('now') - 2440587.5) * 86400.0);
END;
"""


@dataclass
class Life:
    """What happens in the shop, and when it did: by order number, tracking number and SKU id, in seconds of the clock."""

    sandbox: RunningSandbox
    rng: random.Random
    orders: dict[str, float] = field(default_factory=dict)
    parcels: dict[str, float] = field(default_factory=dict)
    stock: list[tuple[int, float]] = field(default_factory=list)
    _later: list[tuple[float, Callable[[], None]]] = field(default_factory=list)
    _shipped: set[str] = field(default_factory=set)

    def go_on(self, minutes: float) -> None:
        """Let so many minutes of life pass."""
        steps = {self._order_arrives: 8.0, self._jtl_imports: 5.0, self._jtl_ships: 9.0, self._stock_moves: 7.0}
        due = dict.fromkeys(steps, time.time())
        end = time.time() + minutes * 60
        while (now := time.time()) < end or self._later:
            if now < end:
                for step in [each for each, moment in due.items() if moment <= now]:
                    step()
                    due[step] = now + steps[step] * self.rng.uniform(0.5, 1.5)
            ready = [happen for moment, happen in self._later if moment <= now]
            self._later = [each for each in self._later if each[0] > now]
            for happen in ready:
                happen()
            time.sleep(0.1)

    def _order_arrives(self) -> None:
        known = {row[0] for row in self.sandbox.jtl.rows("SELECT cArtNr FROM tArtikel WHERE COALESCE(nDelete, 0) = 0 AND nIstVater = 0")}
        skus = [sku for sku in self._skus()[::2] if sku.active and sku.stock > 0 and sku.code in known]
        items = [[self.rng.choice(skus).sku_id, 1]]
        if self.rng.random() < 0.7:
            self.orders[self.sandbox.shop.place_order(items)] = time.time()
            return
        pending = self.sandbox.shop.place_order(items, pending=True)

        def paid() -> None:
            self.sandbox.shop.finish_pending(pending)
            self.orders[pending] = time.time()

        self._later.append((time.time() + self.rng.uniform(5, 40), paid))

    def _skus(self) -> list[Sku]:
        return sorted(self.sandbox.shop.state.skus.values(), key=lambda sku: sku.sku_id)

    def _jtl_imports(self) -> None:
        self.sandbox.jtl.run_worker()

    def _jtl_ships(self) -> None:
        known = {row[0] for row in self.sandbox.jtl.rows("SELECT cExterneAuftragsnummer FROM tAuftrag WHERE nType = 1")}
        waiting = sorted(known & self.orders.keys() - self._shipped)
        if not waiting:
            return
        order = waiting[0]
        self._shipped.add(order)
        tracking = f"003404349{len(self._shipped):011d}"
        if self.rng.random() < 0.8:
            self.sandbox.jtl.ship(order, [ParcelToShip(tracking=tracking)])
            self.parcels[tracking] = time.time()
            return
        (parcel,) = self.sandbox.jtl.ship(order, [ParcelToShip(tracking=None)])

        def numbered() -> None:
            self.sandbox.jtl.set_tracking(parcel, tracking)
            self.parcels[tracking] = time.time()

        self._later.append((time.time() + self.rng.uniform(5, 40), numbered))

    def _stock_moves(self) -> None:
        """Of SKUs nobody orders here, so that what TEMU is told of them next is told because of this."""
        moved = {sku_id for sku_id, _ in self.stock}
        plain = {
            row[0]
            for row in self.sandbox.jtl.rows(
                "SELECT a.cArtNr FROM tArtikel AS a JOIN tlagerbestand AS l ON l.kArtikel = a.kArtikel"
                " WHERE a.kStueckliste = 0 AND a.nIstVater = 0 AND a.cLagerAktiv = 'Y' AND a.nPuffer = 0 AND l.fVerfuegbar > 20"
                " AND a.kArtikel NOT IN (SELECT kArtikel FROM tStueckliste)"
            )
        }
        free = [sku for sku in self._skus()[1::2] if sku.code in plain and sku.sku_id not in moved and sku.editable]
        if not free:
            return
        sku = self.rng.choice(free)
        self.sandbox.jtl.move_stock(sku.code, self.rng.choice((-3, -1, 5, 12)))
        self.stock.append((sku.sku_id, time.time()))


def seen_by_the_sandbox(life: Life) -> dict[Leg, list[float | None]]:
    """How long each thing took, in seconds; None: it did not arrive."""
    jtl = life.sandbox.jtl.rows("SELECT cText, fMoment FROM benchmark_notes ORDER BY fMoment")
    arrived = {order: next((row[1] for row in jtl if order in row[0]), None) for order in life.orders}
    told: dict[str, float] = {}
    for call in life.sandbox.server.journal.entries("bg.logistics.shipment.v2.confirm"):
        if call.verdict == "1000000":
            for request in call.params["sendRequestList"]:
                told.setdefault(request["trackingNumber"], call.at)
    edits = [
        (call.at, int(change["skuId"]))
        for call in life.sandbox.server.journal.entries("bg.local.goods.stock.edit")
        if call.verdict == "1000000"
        for change in call.params["skuStockTargetList"]
    ]
    shown = [
        next((at + STOCK_SHOWN_AFTER for at, edited in edits if edited == sku_id and at > moment), None) for sku_id, moment in life.stock
    ]
    return {
        Leg.ORDER: [None if (at := arrived[order]) is None else at - moment for order, moment in life.orders.items()],
        Leg.PARCEL: [None if (at := told.get(number)) is None else at - moment for number, moment in life.parcels.items()],
        Leg.STOCK: [None if at is None else at - moment for at, (_, moment) in zip(shown, life.stock, strict=True)],
    }


def tell(name: str, took: dict[Leg, list[float]]) -> None:
    """A table of the figures."""
    print(f"\n{name}\n{'':8}{'count':>7}{'p50':>8}{'p95':>8}{'max':>8}   seconds")
    for leg, values in took.items():
        figures = [percentile(sorted(values), percent) for percent in (50, 95, 100)]
        print(f"{leg.value:8}{len(values):7}" + "".join(f"{figure:8.1f}" for figure in figures if figure is not None))


def toci_url(folder: Path) -> str:
    """Our database."""
    return f"sqlite:///{folder / 'toci.db'}"


@contextmanager
def daemon(folder: Path) -> Iterator[dict[str, str]]:
    """Dagster's daemon with the sandbox's shop taken in; gives the environment it works in. Ended at the end of the block."""
    home = folder / "dagster"
    home.mkdir()
    shutil.copy(PROJECT / "dagster.yaml", home)
    environment = os.environ | {
        "DAGSTER_HOME": str(home),
        "PYTHONPATH": str(PROJECT),
        "TEMU_DATA_DIR": str(folder / "data"),
        "TOCI_DATABASE_URL": toci_url(folder),
    }

    def dagster(*words: str) -> None:
        subprocess.run([sys.executable, "-m", "dagster", *words], env=environment, cwd=folder, check=True, capture_output=True)

    dagster("instance", "migrate")
    for job in ("temu_orders_sync", "temu_inventory_full_sync"):
        dagster("job", "execute", "-m", "temu_assets.definitions", "-j", job)
    with (folder / "daemon.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "dagster._daemon", "run", "-w", str(PROJECT / "workspace.yaml")],
            env=environment, cwd=folder, stdout=log, stderr=log, start_new_session=True,
        )  # fmt: skip
        try:
            yield environment
        finally:
            process.terminate()
            with suppress(subprocess.TimeoutExpired):
                process.wait(20)
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def looks(home: Path) -> dict[str, dict[str, int]]:
    """How the ticks of each sensor ended."""
    with dg.DagsterInstance.from_config(str(home)) as instance:
        found: dict[str, dict[str, int]] = {}
        for state in instance.all_instigator_state():
            ticks = instance.get_ticks(state.instigator_origin_id, state.selector_id)
            ends = [tick.status.value for tick in ticks]
            found[state.instigator_name] = {end: ends.count(end) for end in sorted(set(ends))}
        return found


def measure(folder: Path, minutes: float) -> int:
    """The exit code."""
    with open_sandbox(folder / "data" / "sandbox", orders=60) as sandbox:
        sandbox.shop.state.stock_read_lag = STOCK_SHOWN_AFTER
        with closing(sqlite3.connect(sandbox.jtl.path)) as jtl:
            jtl.executescript(_NOTE)
        with daemon(folder):
            life = Life(sandbox, random.Random(7))
            # The daemon needs a moment to load the program; what waits for that is no lead time.
            time.sleep(20)
            began = datetime.now(UTC)
            life.go_on(minutes)
            end = time.monotonic() + MOST_WAIT
            while any(None in each for each in seen_by_the_sandbox(life).values()) and time.monotonic() < end:
                sandbox.jtl.run_worker()
                time.sleep(1)
            # Our own table is written after the sandbox's journal.
            time.sleep(15)
        print(f"{minutes:g} minutes of life")
        seen = seen_by_the_sandbox(life)
    toci = Toci(open_engine(SecretStr(toci_url(folder))), "sandbox")
    ours = toci.read(lambda connection: lead_times.since(connection, toci.shop, began))
    toci.close()
    whole = {leg: [each for each in values if each is not None] for leg, values in seen.items()}
    tell("As the sandbox saw it", whole)
    tell("As our table tells it", {leg: [float(seconds) for _, seconds in rows] for leg, rows in ours.items()})
    print("\nTicks:", looks(folder / "dagster"))
    lost = {leg.value: values.count(None) for leg, values in seen.items() if None in values}
    if lost:
        print(f"\nNever arrived: {lost}")
    return 1 if lost or any((percentile(sorted(values), 95) or 0) > GOAL_SECONDS for values in whole.values()) else 0


def main() -> int:
    """Measure in a folder of its own."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=5)
    parser.add_argument("--folder", type=Path, help="kept for looking into; default: one that is deleted")
    given = parser.parse_args()
    if given.folder is not None:
        given.folder.mkdir(parents=True)
        return measure(given.folder.resolve(), given.minutes)
    with tempfile.TemporaryDirectory(prefix="lead-times-") as folder:
        return measure(Path(folder), given.minutes)


if __name__ == "__main__":
    raise SystemExit(main())
