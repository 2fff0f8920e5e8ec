"""A seller as the whole program meets one: TEMU and JTL of the sandbox, the settings that lead there, and jobs as Dagster runs them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import dagster as dg
import httpx
import pytest
from pydantic import SecretStr
from sqlalchemy import Row, Table, select, update

from temu_assets.definitions import defs
from temu_assets.resources import Clock
from temu_assets.sandbox.faults import Fault, FaultKind
from temu_assets.sandbox.run import RunningSandbox, open_sandbox
from temu_assets.sandbox.state import Order
from temu_assets.temu import transport
from temu_assets.toci import problems, sync_state
from temu_assets.toci.database import Toci, open_engine
from temu_assets.toci.outbox import Effect, Entry, entries
from temu_assets.toci.sync_state import Mark
from temu_assets.toci.tables import leases, temu_orders
from temu_assets_tests.databases import empty_toci_url

LIST = "bg.order.list.v2.get"
ADDRESS = "bg.order.shippinginfo.v2.get"
DECRYPTED = "bg.order.decryptshippinginfo.get"
AMOUNTS = "bg.order.amount.query"
INVOICE = "temu.pay.tax.invoice.detail.query"
COMPANIES = "bg.logistics.companies.get"
CONFIRM = "bg.logistics.shipment.v2.confirm"
SHIPMENT = "bg.logistics.shipment.v2.get"
CORRECT = "bg.logistics.shipment.shippingtype.update"
WITHOUT_CHECKS = dg.Definitions(assets=defs.assets, jobs=defs.jobs, resources=defs.resources, executor=defs.executor)
DETAILS = (ADDRESS, DECRYPTED, AMOUNTS, INVOICE)
_TLS = httpx.create_ssl_context()


@dataclass
class Seller:
    """The sandbox and our side of it. ``later`` is how far our clock is ahead of the real one."""

    sandbox: RunningSandbox
    toci: Toci
    data: Path
    instance: dg.DagsterInstance
    later: timedelta = field(default=timedelta())

    def now(self) -> datetime:
        return datetime.now(UTC) + self.later

    def run(self, job: str = "temu_orders_sync", *, checks: bool = False, **raw_orders: object) -> dg.ExecuteInProcessResult:
        """One run of a job; ``raw_orders`` is the configuration of that asset. What is red is in the result.

        Without the ``checks``, which take half the time, unless a test asks for them.
        """
        config = {"ops": {"raw_orders": {"config": raw_orders}}} if raw_orders else None
        definitions = defs if checks else WITHOUT_CHECKS
        return definitions.resolve_job_def(job).execute_in_process(instance=self.instance, raise_on_error=False, run_config=config)

    def run_through(self) -> None:
        """Orders to JTL, JTL takes them, and a run that sees it."""
        assert self.run().success
        self.sandbox.jtl.run_worker()
        assert self.run().success

    def place(self, *items: tuple[str, int], **details: Any) -> str:
        """A buyer orders pieces by article number; returns the order's number."""
        codes = {sku.code: sku.sku_id for sku in self.sandbox.shop.state.skus.values()}
        return self.sandbox.shop.place_order([(codes[code], pieces) for code, pieces in items or (("FLASCHE-750-BL", 1),)], **details)

    def at_temu(self, order_id: str) -> Order:
        return self.sandbox.shop.order(order_id)

    def fault(self, kind: str, endpoint: str, **details: Any) -> None:
        self.sandbox.server.faults.order(Fault(kind=FaultKind(kind), endpoint=endpoint, **details))

    def calls(self) -> Counter[str]:
        """How often each endpoint was called since this was last asked."""
        counts = Counter(self.sandbox.server.journal.counts())
        self.sandbox.server.journal.clear()
        return counts

    def rows(self, table: Table) -> list[Row[Any]]:
        with self.toci.engine.begin() as connection:
            return list(connection.execute(select(table).where(table.c.shop == self.toci.shop).order_by(*table.primary_key)))

    def complete_until(self) -> datetime | None:
        """Up to when our orders are complete."""
        with self.toci.engine.begin() as connection:
            return sync_state.read_instant(connection, self.toci.shop, Mark.ORDERS_COMPLETE_UNTIL)

    def row(self, order_id: str) -> Row[Any]:
        return next(row for row in self.rows(temu_orders) if row.order_id == order_id)

    def holds(self) -> dict[str, str | None]:
        return {row.order_id: row.hold_reason for row in self.rows(temu_orders)}

    def outbox(self, effect: Effect) -> dict[str, Entry]:
        with self.toci.engine.begin() as connection:
            return entries(connection, self.toci.shop, effect)

    def take_lease_away(self, name: str) -> None:
        """As after a pause of the holder that was longer than its lease."""
        with self.toci.engine.begin() as connection:
            connection.execute(update(leases).where(leases.c.name == name).values(expires_at=datetime.now(UTC) - timedelta(seconds=1)))

    def problems(self) -> dict[tuple[str, str], str]:
        """The reason of everything in the inbox that is not settled, by kind and key."""
        with self.toci.engine.begin() as connection:
            return {(each.kind, each.key): each.reason for each in problems.open_problems(connection, self.toci.shop)}

    def in_jtl(self, order_id: str) -> int:
        """How many orders JTL has under this number."""
        (row,) = self.sandbox.jtl.rows("SELECT COUNT(*) FROM tAuftrag WHERE cExterneAuftragsnummer = ?", (order_id,))
        return int(row[0])

    def pieces_in_jtl(self, order_id: str) -> dict[str, int]:
        rows = self.sandbox.jtl.rows(
            "SELECT p.cArtNr, SUM(p.fAnzahl) FROM tAuftragPosition AS p JOIN tAuftrag AS a ON a.kAuftrag = p.kAuftrag"
            " WHERE a.cExterneAuftragsnummer = ? AND p.nType = 1 GROUP BY p.cArtNr",
            (order_id,),
        )
        return {row[0]: int(row[1]) for row in rows}

    def waiting_rows(self) -> int:
        """Rows JTL's worker has not taken yet."""
        return int(self.sandbox.jtl.rows("SELECT COUNT(*) FROM tXMLBestellImport")[0][0])

    def at_temu_as_sent(self, order_id: str) -> dict[str, dict[str, int]]:
        """What TEMU was told of an order's parcels: pieces by line, by tracking number."""
        return {
            package.tracking_number: {each.order_sn: each.quantity for each in package.contents if each.parent_sn == order_id}
            for package in self.sandbox.shop.packages_of(order_id)
        }


@contextmanager
def open_seller(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, orders: int) -> Iterator[Seller]:
    """A seller in a folder, with the settings in the environment; ``orders`` ordinary ones where the folder holds no shop yet."""
    with (
        open_sandbox(tmp_path / "sandbox", orders=orders, requests_per_second=None) as sandbox,
        dg.DagsterInstance.ephemeral() as instance,
    ):
        access = sandbox.shop.state.access
        data = tmp_path / "data"
        for name, value in {
            "TEMU_APP_KEY": access.app_key,
            "TEMU_APP_SECRET": access.app_secret,
            "TEMU_ACCESS_TOKEN": access.token,
            "TEMU_API_ENDPOINT": sandbox.server.url,
            "TEMU_REQUESTS_PER_SECOND": "2000",
            "TEMU_DATA_DIR": str(data),
            "JTL_DATABASE_URL": sandbox.jtl.url,
        }.items():
            monkeypatch.setenv(name, value)
        toci_url = empty_toci_url(data / "toci.db")
        monkeypatch.setenv("TOCI_DATABASE_URL", toci_url)
        toci = Toci(open_engine(SecretStr(toci_url)), "temu")
        seller = Seller(sandbox, toci, data, instance)
        monkeypatch.setattr(Clock, "now", lambda _: seller.now())
        # Reading the certificates takes longer than a call, and here nothing speaks TLS.
        monkeypatch.setattr(httpx, "create_ssl_context", lambda: _TLS)
        # Tries a call as often as in real life, without the pauses between.
        monkeypatch.setattr(transport, "pause_before", lambda *_, **__: 0.0)
        monkeypatch.chdir(tmp_path)
        yield seller
        toci.close()


def failure(result: dg.ExecuteInProcessResult) -> str:
    """The message of the one stage that is red."""
    assert not result.success
    (event,) = [event for event in result.all_events if event.is_step_failure]
    data = event.step_failure_data
    assert data.user_failure_data is not None, data.error
    return data.user_failure_data.description or ""


def metadata_of(result: dg.ExecuteInProcessResult, asset: str) -> Mapping[str, Any]:
    """What a stage said about its run."""
    (event,) = result.asset_materializations_for_node(asset)
    return {name: value.value for name, value in event.metadata.items()}


def failed_checks(result: dg.ExecuteInProcessResult) -> set[str]:
    """The names of the checks that did not pass."""
    return {each.check_name for each in result.get_asset_check_evaluations() if not each.passed}
