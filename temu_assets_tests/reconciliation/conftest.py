"""The seller, with TEMU and JTL at the same time as we are: what a test lets pass, passes everywhere."""

from __future__ import annotations

import pytest

from temu_assets.temu.client import TemuClient
from temu_assets_tests.seller import Seller


def _with_one_clock(seller: Seller, monkeypatch: pytest.MonkeyPatch) -> Seller:
    def clock() -> float:
        return seller.now().timestamp()

    monkeypatch.setattr(seller.sandbox.shop, "clock", clock)
    monkeypatch.setattr(seller.sandbox.jtl, "_clock", clock)
    # Calls carry the time, and TEMU refuses one that is not its own.
    defaults = TemuClient.__init__.__kwdefaults__
    assert defaults is not None
    monkeypatch.setitem(defaults, "clock", clock)
    return seller


@pytest.fixture
def seller(seller: Seller, monkeypatch: pytest.MonkeyPatch) -> Seller:
    return _with_one_clock(seller, monkeypatch)


@pytest.fixture
def new_seller(new_seller: Seller, monkeypatch: pytest.MonkeyPatch) -> Seller:
    return _with_one_clock(new_seller, monkeypatch)
