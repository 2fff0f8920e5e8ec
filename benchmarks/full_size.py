"""A sandbox's folder of any size, without a word of the program itself."""

from __future__ import annotations

import time
from pathlib import Path

from temu_assets.sandbox import store
from temu_assets.sandbox.fixtures import build_shop
from temu_assets.sandbox.jtl import JtlStandIn
from temu_assets.sandbox.jtl_seed import articles_for
from temu_assets.sandbox.state import Product, Sku

_SKU_IDS, _VARIANTS = 18_000_000_000_001, 10


def make_shop(folder: Path, *, orders: int, skus: int) -> None:
    """A sandbox's folder with so many ordinary orders, and so many SKUs beside those they name."""
    shop = build_shop(orders=orders)
    shop.state.skus |= {
        _SKU_IDS + number: Sku(
            sku_id=_SKU_IDS + number,
            goods_id=602_000_000_000_000 + number // _VARIANTS,
            code=f"VIEL-{number:06d}",
            goods_name="Eines von vielen",
            french_name="Un parmi d'autres",
            spec=f"Variante {number % _VARIANTS}",
            net_cents=1000,
            created_at=int(time.time()) - 1_000_000,
            products=[Product(5_300_000_000 + number, 42_000_000_000 + number, f"VIEL-{number:06d}")],
            stock=25,
            previous_stock=25,
        )
        for number in range(skus)
    }
    folder.mkdir(parents=True)
    jtl = JtlStandIn(folder / "jtl.db")
    jtl.create()
    jtl.seed(articles_for(shop))
    store.save(shop, folder / "temu.json")
