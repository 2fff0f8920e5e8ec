"""The seeded shop a newcomer meets: more than 300 orders of the last five days, and every special case by name.

Sources: fact sheet temu-api, sections 2, 4.1 and 9.11. The same seed and time give the same shop.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable

from temu_assets.sandbox.catalogue import SPECIALS, listing
from temu_assets.sandbox.endpoints import ENDPOINTS
from temu_assets.sandbox.people import AUSTRIA, FRANCE, GERMANY, somebody
from temu_assets.sandbox.special_orders import Builder, place_special_orders
from temu_assets.sandbox.state import Carrier, ShopState, Sku, Warehouse
from temu_assets.sandbox.temu_shop import DAY, TemuShop

_DHL = Carrier(141252268, "DHL", "DHL", r"\d{12}|\d{20}|JJD\d{18}")
_GLS = Carrier(547987123, "GLS", "GLS", r"\d{11}|[A-Z0-9]{8}")
_UPS = Carrier(314439762, "UPS", "UPS", r"1Z[0-9A-Z]{16}")
_DPD = r"\d{14}"
CARRIERS = {
    GERMANY: [
        _DHL,
        Carrier(998264853, "DPD DE", "DPD", _DPD),
        _GLS,
        _UPS,
        Carrier(999900001, "Hermes DE", "Hermes", r"H\d{19}|\d{16}"),
        Carrier(699272611, "FedEx", "FedEx", r"\d{15}"),
    ],
    AUSTRIA: [
        _DHL,
        Carrier(999900011, "DPD AT", "DPD", _DPD),
        _GLS,
        _UPS,
        Carrier(999900012, "Österreichische Post", "Post AT", r"\d{22}"),
    ],
    FRANCE: [
        _DHL,
        Carrier(999900021, "DPD FR", "DPD", _DPD),
        _GLS,
        _UPS,
        Carrier(999900022, "Colissimo", "La Poste", r"[A-Z0-9]{13}"),
    ],
}
HISTORY_DAYS = 5
_REGIONS = [GERMANY] * 17 + [AUSTRIA] * 2 + [FRANCE]


def build_shop(
    *,
    seed: int = 2026,
    orders: int = 350,
    now: float | None = None,
    clock: Callable[[], float] = time.time,
) -> TemuShop:
    """Return a shop with ``orders`` ordinary orders besides the special ones; ``clock`` runs on from ``now``."""
    rng = random.Random(seed)
    end = int(clock() if now is None else now)
    state = ShopState(
        carriers={region: list(carriers) for region, carriers in CARRIERS.items()},
        warehouses=[
            Warehouse("WH-00000000000000001", "Lager Kassel", default=True),
            Warehouse("WH-00000000000000002", "Lager Kassel Süd", default=False),
        ],
    )
    state.access.scopes = list(ENDPOINTS)
    state.access.expires_at = end + 300 * DAY
    for sku in listing(end - 90 * DAY):
        sku.stock = sku.previous_stock = rng.randint(60, 140)
        state.skus[sku.sku_id] = sku

    moments = sorted(rng.randrange(end - HISTORY_DAYS * DAY, end - 3600) for _ in range(orders))
    past = [float(end - HISTORY_DAYS * DAY)]
    shop = TemuShop(state, clock=lambda: past[0])
    builder = Builder(shop, codes={sku.code: sku.sku_id for sku in reversed(state.skus.values())})
    ordinary = _ordinary(list(state.skus.values()))
    for place, moment in enumerate(moments):
        past[0] = float(moment)
        _ordinary_order(rng, builder, ordinary, number=place)
    # Special orders lie between the ordinary ones in time, so that they end up on different pages.
    place_special_orders(builder, at=lambda share: past.__setitem__(0, end - DAY * HISTORY_DAYS * (1 - share)))
    _set_listed_stock(rng, state)
    for order in state.orders.values():
        # Whatever happened so far lies before anybody looked: only what is ready now ever was.
        order.ready_since = None
        shop.note_ready(order)
    return TemuShop(state, clock=clock)


def _ordinary(skus: list[Sku]) -> list[Sku]:
    special = {special.code for special in SPECIALS}
    return [sku for sku in skus if sku.code not in special]


def _ordinary_order(rng: random.Random, builder: Builder, skus: list[Sku], *, number: int) -> None:
    region = rng.choice(_REGIONS)
    chosen = rng.sample(skus, rng.choice((1, 1, 1, 2, 2, 3)))
    parent_sn = builder.shop.place_order(
        [(sku.sku_id, rng.choice((1, 1, 1, 2, 3))) for sku in chosen],
        region_id=region,
        address=somebody(rng, region),
        shipping_net_cents=rng.choice((0, 251, 251, 336)),
        pending=number % 25 == 7,
    )
    if number % 20 == 3:
        builder.ship(parent_sn, number=f"0034043416{number:010d}")
        builder.shop.deliver(parent_sn)
    elif number % 20 == 11:
        builder.shop.cancel_order(parent_sn)
    elif number % 20 == 17:
        line = builder.shop.order(parent_sn).lines[0]
        builder.shop.cancel_line(parent_sn, line.order_sn, 1)


def _set_listed_stock(rng: random.Random, state: ShopState) -> None:
    """Let the listing show what somebody typed long ago: most numbers are not what JTL has."""
    for sku in state.skus.values():
        sku.stock = sku.previous_stock = rng.choice((0, 3, 5, 10, 25, 40))
