"""What buyers, TEMU, JTL and the warehouse may do between two runs, drawn at random. A happening that fits nothing does nothing."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

from temu_assets.sandbox import shop_settings
from temu_assets.sandbox.state import Order, Status
from temu_assets_tests.torture.world import LISTED, SOLD, World

Happening = Callable[[World, random.Random], None]

_METHODS = {"DHL Paket": "00340434177{:09d}", "DPD Paket": "09981{:09d}", "GLS": "5{:010d}", "UPS": "1Z999AA1{:010d}"}


def a_buyer_orders(world: World, rng: random.Random) -> None:
    """One to three lines; sometimes pending, sometimes of an article JTL does not know."""
    codes = rng.sample(SOLD, rng.choice((1, 1, 2, 3)))
    if rng.random() < 0.05:
        codes.append("NICHT-IN-JTL")
    items = [(code, rng.choice((1, 1, 2, 3))) for code in codes]
    world.place(*items, pending=rng.random() < 0.15, shipping_net_cents=rng.choice((0, 251, 336)))


def a_pending_order_is_released(world: World, rng: random.Random) -> None:
    """TEMU releases an order."""
    _with_order(world, rng, lambda order: order.status == Status.PENDING, world.sandbox.shop.finish_pending)


def an_order_is_cancelled(world: World, rng: random.Random) -> None:
    """A buyer cancels a whole order."""
    _with_order(world, rng, _is_open, world.sandbox.shop.cancel_order)


def pieces_are_cancelled(world: World, rng: random.Random) -> None:
    """A buyer cancels a piece."""
    _with_order(world, rng, _is_open, lambda number: _cancel_a_piece(world, rng, number))


def _cancel_a_piece(world: World, rng: random.Random, number: str) -> None:
    line = rng.choice(world.sandbox.shop.order(number).open_lines)
    world.sandbox.shop.cancel_line(number, line.order_sn, 1)


def a_buyer_wants_to_cancel(world: World, rng: random.Random) -> None:
    """A buyer asks; somebody has to decide."""
    _with_order(world, rng, lambda order: _is_open(order) and not order.held, world.sandbox.shop.request_cancellation)


def a_buyer_wants_the_goods_after_all(world: World, rng: random.Random) -> None:
    """A wish to cancel is withdrawn."""
    _with_order(world, rng, lambda order: order.cancellation_requested, world.sandbox.shop.withdraw_cancellation)


def an_address_is_changed(world: World, rng: random.Random) -> None:
    """A buyer moves."""
    street = f"Geheimgasse {rng.randrange(2000, 9000)}"
    _with_order(world, rng, _is_open, lambda number: world.sandbox.shop.change_address(number, street=street))


def a_risk_is_seen_or_over(world: World, rng: random.Random) -> None:
    """TEMU's risk control."""
    _with_order(
        world,
        rng,
        lambda order: _is_open(order) and order.status == Status.UNSHIPPED,
        lambda number: world.sandbox.shop.alert_risk(number, raised=not world.sandbox.shop.order(number).risk_alert),
    )


def jtl_works(world: World, rng: random.Random) -> None:
    """JTL's worker takes what waits."""
    world.jtl_works()


def the_warehouse_ships(world: World, rng: random.Random) -> None:
    """One order leaves, in one parcel or two, with any carrier; sometimes it is packed and not handed over yet."""
    number = _order_to_ship(world, rng)
    if number is None:
        return
    articles = {
        row[0]: float(row[1])
        for row in world.sandbox.jtl.rows(
            "SELECT p.cArtNr, SUM(p.fAnzahl) FROM tAuftragPosition AS p JOIN tAuftrag AS a ON a.kAuftrag = p.kAuftrag"
            " WHERE a.cExterneAuftragsnummer = ? AND p.nType = 1 GROUP BY p.cArtNr",
            (number,),
        )
    }
    first = dict([articles.popitem()]) if len(articles) > 1 and rng.random() < 0.3 else None
    world.try_to_ship(number, tuple(_parcel(rng, contents) for contents in ((first, None) if first else (None,))))


def _parcel(rng: random.Random, contents: dict[str, float] | None) -> dict[str, Any]:
    method = rng.choice(sorted(_METHODS))
    return {"method": method, "tracking": _METHODS[method].format(rng.randrange(10**9)), "contents": contents, "sent": rng.random() < 0.9}


def packed_parcels_leave(world: World, rng: random.Random) -> None:
    """The carrier takes what is packed."""
    for row in world.sandbox.jtl.rows("SELECT kVersand FROM tVersand WHERE dVersendet IS NULL"):
        world.sandbox.jtl.send(row[0])


def a_number_is_corrected(world: World, rng: random.Random) -> None:
    """Somebody mistyped a tracking number."""
    rows = world.sandbox.jtl.rows("SELECT kVersand, cIdentCode FROM tVersand WHERE cIdentCode <> '' ORDER BY kVersand")
    if rows:
        parcel, number = rng.choice(rows)
        world.sandbox.jtl.set_tracking(parcel, f"{number[:-9]}{rng.randrange(10**9):09d}")


def goods_come_or_go(world: World, rng: random.Random) -> None:
    """Stock changes in JTL."""
    world.sandbox.jtl.move_stock(_article(rng), rng.choice((-4, -1, 3, 20)))


def an_article_sells_out(world: World, rng: random.Random) -> None:
    """The last piece is gone."""
    world.sandbox.jtl.sell_out(_article(rng))


def temu_takes_a_sku_down(world: World, rng: random.Random) -> None:
    """TEMU refuses stock for a SKU, or takes it again: of one goods, some SKUs are taken and some refused."""
    sku_id = world.sku_id(rng.choice(SOLD))
    shop_settings.set_editable(world.sandbox.shop, sku_id, editable=not world.sandbox.shop.sku(sku_id).editable)


def temu_shows_old_stock(world: World, rng: random.Random) -> None:
    """For a while TEMU shows what was there before."""
    shop_settings.set_stock_read_lag(world.sandbox.shop, rng.choice((0.0, 0.1, 1.0)))


def temu_shows_parcels_late(world: World, rng: random.Random) -> None:
    """For a while TEMU does not show a parcel it was told of."""
    shop_settings.set_shipment_read_lag(world.sandbox.shop, rng.choice((0.0, 0.3, 2.0)))


def temu_lists_orders_late(world: World, rng: random.Random) -> None:
    """For a while TEMU does not list a new order."""
    shop_settings.set_order_list_lag(world.sandbox.shop, rng.choice((0.0, 1.0, 2.0)))


def jtl_goes_away(world: World, rng: random.Random) -> None:
    """JTL's database cannot be reached."""
    world.sandbox.jtl.go_away()


def jtl_comes_back(world: World, rng: random.Random) -> None:
    """It can be reached again."""
    world.sandbox.jtl.come_back()


def the_token_ends(world: World, rng: random.Random) -> None:
    """The seller has to authorise the app again."""
    shop_settings.expire_token(world.sandbox.shop)


def the_token_is_renewed(world: World, rng: random.Random) -> None:
    """The seller has done so."""
    shop_settings.renew_token(world.sandbox.shop)


LIFE: dict[Happening, int] = {
    a_buyer_orders: 8,
    a_pending_order_is_released: 2,
    an_order_is_cancelled: 2,
    pieces_are_cancelled: 2,
    a_buyer_wants_to_cancel: 1,
    a_buyer_wants_the_goods_after_all: 1,
    an_address_is_changed: 1,
    a_risk_is_seen_or_over: 1,
    jtl_works: 6,
    the_warehouse_ships: 6,
    packed_parcels_leave: 1,
    a_number_is_corrected: 2,
    goods_come_or_go: 3,
    an_article_sells_out: 1,
    temu_takes_a_sku_down: 1,
    temu_shows_old_stock: 1,
    temu_shows_parcels_late: 1,
    temu_lists_orders_late: 1,
    jtl_goes_away: 1,
    jtl_comes_back: 4,
    the_token_ends: 1,
    the_token_is_renewed: 2,
}
"""What happens, and how often beside the others."""


def end_all_trouble(world: World) -> None:
    """From here on nothing goes wrong any more."""
    world.sandbox.server.faults.clear()
    shop_settings.renew_token(world.sandbox.shop)
    shop_settings.set_stock_read_lag(world.sandbox.shop, 0.0)
    shop_settings.set_shipment_read_lag(world.sandbox.shop, 0.0)
    shop_settings.set_order_list_lag(world.sandbox.shop, 0.0)
    world.sandbox.jtl.come_back()


def _with_order(world: World, rng: random.Random, fits: Callable[[Order], bool], happen: Callable[[str], object]) -> None:
    numbers = [number for number, order in world.sandbox.shop.state.orders.items() if fits(order)]
    if numbers:
        happen(rng.choice(numbers))


def _is_open(order: Order) -> bool:
    return order.status in (Status.PENDING, Status.UNSHIPPED) and bool(order.open_lines)


def _order_to_ship(world: World, rng: random.Random) -> str | None:
    orders = world.sandbox.shop.state.orders
    rows = world.sandbox.jtl.rows(
        "SELECT DISTINCT cExterneAuftragsnummer FROM tAuftrag AS a WHERE nStorno = 0 AND cExterneAuftragsnummer LIKE 'PO-%'"
        " AND NOT EXISTS (SELECT 1 FROM tLieferschein AS l WHERE l.kBestellung = a.kAuftrag) ORDER BY 1"
    )
    numbers = [row[0] for row in rows if row[0] in orders and orders[row[0]].status == Status.UNSHIPPED]
    return rng.choice(numbers) if numbers else None


def _article(rng: random.Random) -> str:
    return rng.choice(
        [code for code in LISTED if code not in ("KREIDE-24-BL-3ER", "PICKNICK-BUENDEL", "SET-KUECHE", "AUFKLEBER", "NICHT-IN-JTL")]
    )
