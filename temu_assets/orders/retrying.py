"""What a person's "try it again" does to orders and parcels that are left alone for a while. The next run then does the work.

A run may be at work meanwhile: only what is parked at the moment of the change is changed, and never a parcel that TEMU is being told.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, update

from temu_assets.sql.chunks import in_chunks
from temu_assets.toci import outbox, sync_state
from temu_assets.toci.outbox import Effect, State
from temu_assets.toci.sync_state import Mark
from temu_assets.toci.tables import temu_orders


def release_shipments(connection: Connection, shop: str, parcels: Sequence[str], *, now: datetime) -> list[str]:
    """Send refused parcels again. Returns them with those that go in the same calls, for one of a call cannot go without the others.

    TEMU refuses for reasons a parcel does not show, such as a cancellation that was withdrawn: then only a person knows better.
    """
    parked = outbox.entries(connection, shop, Effect.SHIPMENT, [State.PARKED])
    calls = {parked[key].evidence for key in parcels if key in parked} - {None}
    together = [key for key, entry in parked.items() if key in parcels or entry.evidence in calls]
    return sorted({*parcels, *outbox.release_parked(connection, shop, Effect.SHIPMENT, together, now=now)})


def look_for_carriers(connection: Connection, shop: str, parcels: Sequence[str], *, now: datetime) -> None:
    """End the wait of parcels without a carrier: TEMU's list of carriers is read again for them."""
    outbox.end_wait(connection, shop, Effect.SHIPMENT, parcels, now=now)


def ask_for_details(connection: Connection, shop: str, order_ids: Sequence[str]) -> None:
    """End the wait of orders whose address or prices TEMU did not tell.

    That TEMU granted no order amounts is forgotten too: granting them is what settles most of these, and a run finds it out with one call.
    """
    for chunk in in_chunks(order_ids):
        connection.execute(
            update(temu_orders).where(temu_orders.c.shop == shop, temu_orders.c.order_id.in_(chunk)).values(details_retry_at=None)
        )
    sync_state.forget(connection, shop, Mark.AMOUNTS_REFUSED_AT)
