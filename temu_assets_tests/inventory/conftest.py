"""Our own empty database, and a seeded sandbox shop with its JTL on which the real assets run."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from pydantic import SecretStr
from sqlalchemy import Row, Table, select

from temu_assets.inventory import sending
from temu_assets.inventory.assets import INVENTORY_ASSETS, raw_skus, stock_deltas, temu_inventory, temu_products
from temu_assets.inventory.checks import INVENTORY_CHECKS
from temu_assets.resources import Clock, JtlResource, SettingsResource, TemuResource, TociResource
from temu_assets.sandbox.run import RunningSandbox, open_sandbox
from temu_assets.sandbox.state import Sku
from temu_assets.toci.database import Toci, open_engine
from temu_assets.toci.migrate import migrate
from temu_assets.toci.tables import metadata
from temu_assets_tests.databases import empty_toci_url

EDIT = "bg.local.goods.stock.edit"
FULL = INVENTORY_ASSETS
QUICK = (temu_inventory, stock_deltas)
LISTING = (raw_skus, temu_products)


@pytest.fixture
def toci(tmp_path: Path) -> Iterator[Toci]:
    """A database with our tables."""
    toci = Toci(open_engine(SecretStr(empty_toci_url(tmp_path / "toci.db"))), "shop")
    with toci.engine.begin() as connection:
        metadata.create_all(connection, checkfirst=False)
    yield toci
    toci.close()


class LaterClock(Clock):
    """The real time plus some hours, to reach the next day without waiting."""

    hours: float = 0.0

    def now(self) -> datetime:
        return super().now() + timedelta(hours=self.hours)


@dataclass
class Shop:
    """The sandbox and our side of it: assets are run as Dagster runs them, and our rows are read as they are."""

    sandbox: RunningSandbox
    toci: Toci
    resources: dict[str, object] = field(
        default_factory=lambda: {
            "settings": SettingsResource(),
            "temu": TemuResource(),
            "toci": TociResource(),
            "jtl": JtlResource(),
            "clock": Clock(),
        }
    )

    def run(
        self,
        assets: tuple[dg.AssetsDefinition, ...] = FULL,
        *,
        release_brake: bool = False,
        hours_later: float = 0.0,
    ) -> dg.ExecuteInProcessResult:
        config = {"ops": {"stock_deltas": {"config": {"release_brake": True}}}} if release_brake else None
        with dg.DagsterInstance.ephemeral() as instance:
            return dg.materialize(
                assets,
                resources={**self.resources, "clock": LaterClock(hours=hours_later)},
                instance=instance,
                run_config=config,
                raise_on_error=False,
            )

    def check(self) -> dict[str, dg.AssetCheckEvaluation]:
        """Every check of the inventory, by name."""
        with dg.DagsterInstance.ephemeral() as instance:
            result = dg.materialize(
                [*INVENTORY_ASSETS, *INVENTORY_CHECKS],
                selection=dg.AssetSelection.checks(*INVENTORY_CHECKS),
                resources=self.resources,
                instance=instance,
            )
        return {check.check_name: check for check in result.get_asset_check_evaluations()}

    def rows(self, table: Table) -> list[Row[Any]]:
        with self.toci.engine.begin() as connection:
            return list(connection.execute(select(table).where(table.c.shop == self.toci.shop)))

    def by_code(self, code: str) -> Sku:
        return next(sku for sku in self.sandbox.shop.state.skus.values() if sku.code == code)

    def edits(self) -> dict[int, int]:
        """What TEMU was told since the journal was cleared, by SKU id; the last call counts."""
        return {
            target["skuId"]: target["stockTarget"]
            for entry in self.sandbox.server.journal.entries(EDIT)
            for target in entry.params["skuStockTargetList"]
        }


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shop]:
    """A seeded shop without orders, served over HTTP, and the settings that lead to it."""
    monkeypatch.setattr(sending, "READ_BACK_PAUSES", (0.0, 0.0))
    monkeypatch.chdir(tmp_path)
    with open_sandbox(tmp_path / "sandbox", orders=0, requests_per_second=None) as sandbox:
        access = sandbox.shop.state.access
        for name, value in {
            "TEMU_APP_KEY": access.app_key,
            "TEMU_APP_SECRET": access.app_secret,
            "TEMU_ACCESS_TOKEN": access.token,
            "TEMU_API_ENDPOINT": sandbox.server.url,
            "TEMU_REQUESTS_PER_SECOND": "10000",
            "TEMU_DATA_DIR": str(tmp_path / "data"),
            "JTL_DATABASE_URL": sandbox.jtl.url,
        }.items():
            monkeypatch.setenv(name, value)
        toci_url = empty_toci_url(tmp_path / "data" / "toci.db")
        monkeypatch.setenv("TOCI_DATABASE_URL", toci_url)
        toci = Toci(open_engine(SecretStr(toci_url)), "temu")
        migrate(toci)
        yield Shop(sandbox, toci)
        toci.close()
