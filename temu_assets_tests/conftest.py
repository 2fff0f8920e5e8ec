"""A whole seller to run the program against: with a seeded shop, or with one whose order book is empty."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest

from temu_assets.sql.kept import close_all
from temu_assets_tests.seller import Seller, open_seller

OURS = (
    "TEMU_",
    "JTL_",
    "TOCI_",
    "SQL_",
    "STOCK_BRAKE_",
    "DAGSTER_HOME",
    "INVOICE_",
    "DATEV_",
    "UPLOAD_",
    "ALERT_",
    "CREDENTIALS_DIRECTORY",
)

# How long an example takes says nothing about whether it is right.
hypothesis.settings.register_profile("ours", deadline=None)
hypothesis.settings.load_profile("ours")


@pytest.fixture(scope="session", autouse=True)
def _no_real_shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Whoever runs the tests may have a real shop in the environment or in ``.env``: neither is seen here."""
    with pytest.MonkeyPatch.context() as patch:
        for name in list(os.environ):
            if name.startswith(OURS):
                patch.delenv(name)
        patch.chdir(tmp_path_factory.mktemp("cwd"))
        yield


@pytest.fixture(autouse=True)
def _leave_servers() -> Iterator[None]:
    """As a process does at its end."""
    yield
    close_all()


@pytest.fixture
def seller(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Seller]:
    """The seeded shop with every special order, and enough ordinary ones for two pages of the list."""
    with open_seller(tmp_path, monkeypatch, orders=70) as seller:
        yield seller


@pytest.fixture
def new_seller(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Seller]:
    """The same goods and articles, and not one order yet."""
    with open_seller(tmp_path, monkeypatch, orders=0) as seller:
        seller.sandbox.shop.state.orders.clear()
        with seller.sandbox.jtl.transaction() as jtl:
            jtl.execute(
                "DELETE FROM tAuftragPosition WHERE kAuftrag IN (SELECT kAuftrag FROM tAuftrag WHERE cExterneAuftragsnummer LIKE 'PO-%')"
            )
            jtl.execute("DELETE FROM tAuftrag WHERE cExterneAuftragsnummer LIKE 'PO-%'")
        yield seller
