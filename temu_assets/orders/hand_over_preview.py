"""What a run of ``jtl_order_xml`` would do now. It has nothing in its hands to do it with: it can ask JTL and our tables, no more."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from temu_assets.jtl import orders as jtl_orders
from temu_assets.jtl.database import Jtl
from temu_assets.orders import order_store
from temu_assets.orders.files import write_orders
from temu_assets.orders.holds import Hold
from temu_assets.orders.order_preview import OrderPreview, preview_of
from temu_assets.orders.preparing import Preparing
from temu_assets.orders.ready_orders import ready_orders, require_names
from temu_assets.toci import outbox
from temu_assets.toci.database import Toci
from temu_assets.toci.outbox import Effect, State


@dataclass(frozen=True, slots=True)
class HandOverPreview:
    """By order id: what would be handed over, what JTL has already (with the proof), what is held and why, whose XML would be wrong."""

    would_go: Mapping[str, OrderPreview]
    found: Mapping[str, str]
    held: Mapping[str, Hold]
    wrong: Mapping[str, tuple[str, ...]]


def preview_hand_over(
    toci: Toci, jtl: Jtl, preparing: Preparing, *, waiting: Callable[[], Mapping[str, str]], folder: Path
) -> HandOverPreview:
    """Decide as a real run does. ``waiting``: what JTL was given and has not taken, with the proof; ``folder`` gets each order's XML.

    Raises ConfigurationError where a real run would, before it hands anything over.
    """
    candidates, unclear = toci.read(
        lambda connection: (
            order_store.open_orders(connection, toci.shop),
            outbox.entries(connection, toci.shop, Effect.JTL_ORDER, [State.SENDING]),
        )
    )
    ready = ready_orders(toci, preparing, candidates)
    asked = list(dict.fromkeys([*unclear, *ready.orders]))
    waits = waiting() if unclear or ready.prepared.xml else {}
    found = jtl_orders.proofs_of(asked, waits, jtl_orders.known_orders(jtl, asked)) if asked else {}
    would_go = ready.unknown_to_jtl(found)
    if would_go:
        require_names(jtl, preparing.xml_options)
    write_orders(folder, {order_id: ready.prepared.xml[order_id] for order_id in would_go})
    return HandOverPreview(
        would_go={order_id: preview_of(order_id, ready.prepared.xml[order_id]) for order_id in would_go},
        found=found,
        held={order_id: hold for order_id, hold in ready.prepared.holds.items() if hold is not None and order_id not in found},
        wrong={order_id: findings for order_id, findings in ready.prepared.bad.items() if order_id not in found},
    )
