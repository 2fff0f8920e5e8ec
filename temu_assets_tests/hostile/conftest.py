"""A whole seller whose TEMU can be made to say anything."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from temu_assets_tests.hostile.proxy import Proxy, proxy_to
from temu_assets_tests.seller import Seller


@pytest.fixture
def proxy(new_seller: Seller, monkeypatch: pytest.MonkeyPatch) -> Iterator[Proxy]:
    """What stands between ``new_seller`` and its TEMU."""
    with proxy_to(new_seller.sandbox.server.url) as proxy:
        monkeypatch.setenv("TEMU_API_ENDPOINT", proxy.url)
        yield proxy
