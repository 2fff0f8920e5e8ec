"""What must be true again once nothing goes wrong any more, whatever did before: the same for every fault."""

from __future__ import annotations

from temu_assets.sandbox.book_orders import order_objections
from temu_assets.sandbox.book_parcels import parcel_objections
from temu_assets.sandbox.book_stock import stock_objections
from temu_assets.toci.outbox import Effect, State
from temu_assets.toci.tables import temu_orders
from temu_assets_tests.seller import Seller


def require_agreement(seller: Seller) -> None:
    """TEMU's books and JTL's agree on orders and parcels; nothing is under way, and what is not in JTL says why."""
    shop, jtl = seller.sandbox.shop, seller.sandbox.jtl
    jtl.run_worker()
    rows = seller.rows(temu_orders)
    under_way = [*_under_way(seller, Effect.JTL_ORDER), *_under_way(seller, Effect.SHIPMENT)]
    wrong = [
        *order_objections(shop, jtl),
        *parcel_objections(shop, jtl),
        *(f"{what} is under way." for what in under_way),
        *(f"Order {order} is not in our tables." for order in set(shop.state.orders) - {row.order_id for row in rows}),
        *(f"Order {row.order_id} waits, and nothing says why." for row in rows if row.exported_at is None and row.hold_reason is None),
    ]
    assert not wrong, wrong


def require_agreement_on_stock(seller: Seller) -> None:
    """TEMU's listing shows what JTL can sell."""
    wrong = [*stock_objections(seller.sandbox.shop, seller.sandbox.jtl), *_under_way(seller, Effect.STOCK)]
    assert not wrong, wrong


def recover(seller: Seller, *, runs: int = 1) -> None:
    """Nothing goes wrong any more: so many runs, and no hand, bring everything to agreement."""
    seller.sandbox.server.faults.clear()
    for _ in range(runs):
        assert seller.run().success
    require_agreement(seller)


def _under_way(seller: Seller, effect: Effect) -> list[str]:
    return [f"{effect} {key}" for key, entry in seller.outbox(effect).items() if entry.state is State.SENDING]
