"""Which orders JTL is to be given now, and which it has already. Reads our tables and JTL, changes neither."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from temu_assets.errors import ConfigurationError
from temu_assets.jtl import orders as jtl_orders
from temu_assets.jtl.database import Jtl
from temu_assets.orders import order_store
from temu_assets.orders.jtl_xml import XmlOptions
from temu_assets.orders.order import TemuOrder
from temu_assets.orders.order_store import StoredOrder
from temu_assets.orders.preparing import Prepared, Preparing
from temu_assets.toci import problems
from temu_assets.toci.database import Toci
from temu_assets.toci.kinds import ORDER_DATA


@dataclass(frozen=True, slots=True)
class ReadyOrders:
    """Open orders JTL was not given yet, and what was decided about each."""

    candidates: tuple[StoredOrder, ...]
    prepared: Prepared

    @property
    def orders(self) -> dict[str, TemuOrder]:
        """All of them, held ones too, by order id."""
        return {stored.order.order_id: stored.order for stored in self.candidates}

    def unknown_to_jtl(self, known: Collection[str]) -> list[str]:
        """Those to be handed over: not held, right, and not among the ``known``."""
        return [order_id for order_id in self.prepared.xml if order_id not in known]


def ready_orders(toci: Toci, preparing: Preparing, order_ids: Sequence[str]) -> ReadyOrders:
    """Decide about some open orders as our tables hold them now. Errors as JTL raises them, which is asked for article numbers."""
    candidates, unread = toci.read(
        lambda connection: (
            order_store.not_exported(connection, toci.shop, order_ids),
            problems.unsettled(connection, toci.shop, ORDER_DATA),
        )
    )
    return ReadyOrders(tuple(candidates), preparing.prepare(candidates, {each.key: each.reason for each in unread}))


def require_names(jtl: Jtl, options: XmlOptions) -> None:
    """Raises ConfigurationError when JTL lacks a name the orders refer to: it would refuse every one of them."""
    missing = jtl_orders.missing_names(jtl, shipping_method=options.shipping_method, payment_method=options.payment_method)
    if missing:
        raise ConfigurationError(
            f"JTL has no {' and no '.join(missing)}; no order was handed over.",
            remedy="create it in JTL under exactly this name, or set JTL_VERSANDART and JTL_ZAHLUNGSART to names JTL has.",
        )
