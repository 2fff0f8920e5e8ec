"""The day a run is killed in: what has happened before, and how a clean round looks afterwards."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from temu_assets_tests.torture.runs import End, Zygote
from temu_assets_tests.torture.world import World

ORDERS, TRACKING, STOCK, ALL_STOCK = "temu_orders_sync", "temu_tracking_sync", "temu_inventory_sync", "temu_inventory_full_sync"


@dataclass(frozen=True, slots=True)
class Stage:
    """A moment of the day: what has happened since the one before, the job that runs then, and the one that sets right the stock later."""

    name: str
    job: str
    happens: Callable[[World], None]
    stock_job: str = ALL_STOCK


def _orders_come(world: World) -> None:
    world.place(("FLASCHE-750-BL", 1))
    world.place(("FLASCHE-750-SW", 1), ("BROTDOSE-SW", 2))
    world.place(("KREIDE-24-BL-3ER", 1))
    world.place(("MESSER-20-WS", 3))
    cancelled = world.place(("FLASCHE-750-BL", 1))
    world.sandbox.shop.cancel_order(cancelled)
    world.place(("NICHT-IN-JTL", 1))


def _parcels_leave(world: World) -> None:
    world.jtl_works()
    first, second, bundle, packed, _, _ = list(world.sandbox.shop.state.orders)
    jtl = world.sandbox.jtl
    jtl.ship(first)
    jtl.ship(
        second,
        [
            {"method": "DHL Paket", "tracking": "00340434177000000001", "contents": {"FLASCHE-750-SW": 1}},
            {"method": "DPD Paket", "tracking": "09981000000001", "contents": {"BROTDOSE-SW": 2}},
        ],
    )
    jtl.ship(packed, [{"method": "GLS", "tracking": "50000000001", "sent": False}])
    world.sandbox.shop.cancel_order(bundle)
    world.place(("PICKNICK-BUENDEL", 1))


def _things_change(world: World) -> None:
    world.jtl_works()
    jtl, shop = world.sandbox.jtl, world.sandbox.shop
    parcels = {row[1]: row[0] for row in jtl.rows("SELECT kVersand, cIdentCode FROM tVersand ORDER BY kVersand")}
    jtl.set_tracking(min(parcels.values()), "00340434177000000009")
    jtl.send(parcels["50000000001"])
    shop.change_address(list(shop.state.orders)[6], street="Geheimgasse 2000")
    world.place(("FLASCHE-750-SW", 1), pending=True)


def _stock_moves(world: World) -> None:
    world.jtl_works()
    world.sandbox.jtl.move_stock("BROTDOSE-BL", -3)
    world.sandbox.jtl.sell_out("FLASCHE-750-WS")
    world.place(("BROTDOSE-SW", 1))


def _stock_moves_again(world: World) -> None:
    world.sandbox.jtl.move_stock("BROTDOSE-BL", 5)
    world.sandbox.jtl.sell_out("MESSER-20-WS")


STAGES = (
    Stage("orders", ORDERS, _orders_come),
    Stage("parcels", ORDERS, _parcels_leave),
    Stage("changes", ORDERS, _things_change),
    Stage("listing", ALL_STOCK, _stock_moves),
    Stage("stock", STOCK, _stock_moves_again, stock_job=STOCK),
)


def clean_round(world: World, zygote: Zygote, stock_job: str) -> list[End]:
    """Everything once without a fault, and JTL does its part. Returns how the runs ended."""
    ends = [zygote.run(world, ORDERS)]
    world.jtl_works()
    world.ship_open()
    return [*ends, zygote.run(world, ORDERS), zygote.run(world, stock_job)]
