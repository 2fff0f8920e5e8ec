"""A whole seller to run the program against: with a seeded shop, or with one whose order book is empty."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import dagster as dg
import httpx
import hypothesis
import pytest
from pydantic import SecretStr

from temu_assets.resources import Clock
from temu_assets.sandbox.run import open_sandbox
from temu_assets.temu import transport
from temu_assets.toci.database import Toci, open_engine
from temu_assets_tests.databases import empty_toci_url
from temu_assets_tests.seller import Seller

# How long an example takes says nothing about whether it is right.
hypothesis.settings.register_profile("ours", deadline=None)
hypothesis.settings.load_profile("ours")


@pytest.fixture(scope="session", autouse=True)
def _no_real_shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Whoever runs the tests may have a real shop in the environment or in ``.env``: neither is seen here."""
    with pytest.MonkeyPatch.context() as patch:
        for name in list(os.environ):
            if name.startswith(("TEMU_", "JTL_", "TOCI_", "SQL_", "STOCK_BRAKE_", "DAGSTER_HOME")):
                patch.delenv(name)
        patch.chdir(tmp_path_factory.mktemp("cwd"))
        yield


_TLS = httpx.create_ssl_context()


@contextmanager
def _open(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, orders: int) -> Iterator[Seller]:
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


@pytest.fixture
def seller(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Seller]:
    """The seeded shop with every special order, and enough ordinary ones for two pages of the list."""
    with _open(tmp_path, monkeypatch, orders=70) as seller:
        yield seller


@pytest.fixture
def new_seller(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Seller]:
    """The same goods and articles, and not one order yet."""
    with _open(tmp_path, monkeypatch, orders=0) as seller:
        seller.sandbox.shop.state.orders.clear()
        with seller.sandbox.jtl.transaction() as jtl:
            jtl.execute(
                "DELETE FROM tAuftragPosition WHERE kAuftrag IN (SELECT kAuftrag FROM tAuftrag WHERE cExterneAuftragsnummer LIKE 'PO-%')"
            )
            jtl.execute("DELETE FROM tAuftrag WHERE cExterneAuftragsnummer LIKE 'PO-%'")
        yield seller
