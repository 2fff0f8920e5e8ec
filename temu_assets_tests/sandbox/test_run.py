from __future__ import annotations

import json
import os
import random
import stat
from dataclasses import asdict
from pathlib import Path

import httpx
import pytest

from temu_assets.sandbox import store
from temu_assets.sandbox.amounts import line_gross, with_tax
from temu_assets.sandbox.fixtures import build_shop
from temu_assets.sandbox.run import SandboxRunningError, open_sandbox
from temu_assets.sandbox.state import Status
from temu_assets.sandbox.temu_shop import TemuShop
from temu_assets_tests.sandbox.conftest import NOW


def test_the_seeded_shop_needs_paging_and_has_every_special_order_by_name() -> None:
    shop = build_shop(now=NOW)
    assert sum(order.status == Status.UNSHIPPED for order in shop.state.orders.values()) > 300
    assert len(shop.state.skus) >= 120
    assert len({sku.goods_id for sku in shop.state.skus.values()}) >= 40
    assert set(shop.named.values()) <= set(shop.state.orders)
    expected = {"packstation", "bundle_factor", "masked_address", "pending", "already_in_jtl", "austria", "france"}
    assert expected <= set(shop.named)
    assert all(NOW - 5 * 86_400 <= order.updated_at < NOW for order in shop.state.orders.values())


def test_one_seed_gives_one_shop_and_another_gives_another() -> None:
    first, again, other = (build_shop(seed=seed, orders=20, now=NOW) for seed in (1, 1, 2))
    assert asdict(first.state) == asdict(again.state)
    assert asdict(first.state) != asdict(other.state)


def test_the_price_of_a_piece_times_the_pieces_is_not_always_the_total(shop: TemuShop) -> None:
    line = (order := shop.order(shop.named["cent_difference"])).lines[0]
    assert line_gross(order, line) == with_tax(line.unit_net_cents, line.rate) * line.quantity + 1


def test_a_saved_state_comes_back_as_it_was(shop: TemuShop, tmp_path: Path) -> None:
    shop.request_cancellation(shop.named["umlauts"])
    path = tmp_path / "temu.json"
    store.save(shop, path)
    loaded = store.load(path)
    assert asdict(loaded.state) == asdict(shop.state)
    assert loaded.packages_of(shop.named["shipped"])
    assert isinstance(next(iter(loaded.state.skus)), int)
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("text", ["", "{", "[]", '{"orders": {"x": []}}'])
def test_a_damaged_state_is_not_read_as_an_empty_one(text: str, tmp_path: Path) -> None:
    path = tmp_path / "temu.json"
    path.write_text(text)
    with pytest.raises((ValueError, TypeError)):
        store.load(path)


def test_the_connection_file_exists_while_the_sandbox_runs_and_is_the_owners_alone(tmp_path: Path) -> None:
    folder = tmp_path / "sandbox"
    with open_sandbox(folder, orders=5) as sandbox:
        path = folder / "connection.json"
        connection = json.loads(path.read_text())
        assert connection == {
            "endpoint": sandbox.server.url,
            "app_key": "sandbox-app-key",
            "app_secret": "sandbox-secret-0123456789abcdef",
            "access_token": "sandbox-token-de",
            "jtl_database_url": f"sqlite:///{folder.resolve().as_posix()}/jtl.db",
            "pid": os.getpid(),
        }
        if os.name == "posix":
            assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert not path.exists()


def test_two_sandboxes_never_share_a_folder_but_a_crashed_one_does_not_block_it(tmp_path: Path) -> None:
    with open_sandbox(tmp_path, orders=5):
        left_behind = (tmp_path / "connection.json").read_text()
        with pytest.raises(SandboxRunningError, match="running on"):
            open_sandbox(tmp_path)
    (tmp_path / "connection.json").write_text(left_behind)
    open_sandbox(tmp_path).close()


def test_a_later_start_goes_on_where_the_last_one_ended(tmp_path: Path) -> None:
    with open_sandbox(tmp_path, orders=5) as sandbox:
        placed = sandbox.shop.place_order(name="mine")
        sandbox.jtl.sell_out("DECKEL-SW")
    with open_sandbox(tmp_path, orders=5) as sandbox:
        assert sandbox.shop.named["mine"] == placed
        assert sandbox.jtl.rows("SELECT fLagerbestand FROM tlagerbestand NATURAL JOIN tArtikel WHERE cArtNr = 'DECKEL-SW'")[0][0] == 0
        assert sandbox.shop.place_order() != placed


def test_saving_over_http_writes_the_file(tmp_path: Path) -> None:
    with open_sandbox(tmp_path, orders=5) as sandbox:
        placed = sandbox.shop.place_order()
        url = sandbox.server.url.replace("/openapi/router", "/admin/save")
        assert httpx.post(url, json={}).status_code == 200
        assert placed in store.load(tmp_path / "temu.json").state.orders


def test_one_order_is_in_jtl_from_before(tmp_path: Path) -> None:
    with open_sandbox(tmp_path, orders=5) as sandbox:
        rows = sandbox.jtl.rows("SELECT cExterneAuftragsnummer FROM tAuftrag WHERE cExterneAuftragsnummer LIKE 'PO-%'")
        assert [row[0] for row in rows] == [sandbox.shop.named["already_in_jtl"]]


def test_a_living_shop_does_something_at_every_step(tmp_path: Path) -> None:
    rng = random.Random(4)
    with open_sandbox(tmp_path, orders=5) as sandbox:
        said = {sandbox.live_step(rng).split()[-1] for _ in range(30)}
        assert "arrived." in said
        assert "ship." in said
        assert len(sandbox.shop.state.orders) > 60
