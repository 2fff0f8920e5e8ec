"""What "try it again" means for each kind of problem, and which job does it.

What is in no table here is looked at by every run of the stage that found it, so there is nothing to ask for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from temu_assets.errors import ConfigurationError
from temu_assets.inventory.kinds import REFUSED
from temu_assets.invoices.kinds import Kind as InvoiceKind
from temu_assets.orders import retrying
from temu_assets.orders.ingesting import WITHOUT_NUMBER
from temu_assets.toci import problems
from temu_assets.toci.kinds import CARRIER_NOT_MAPPED, ORDER_DATA, ORDER_HELD, SHIPMENT_REFUSED
from temu_assets.toci.problems import ProblemState


@dataclass(frozen=True, slots=True)
class Retry:
    """The next run of ``job`` does what ``does`` says, for these and no others."""

    job: str
    does: str


RETRIES: dict[str, Retry] = {
    ORDER_DATA: Retry("temu_orders_sync", "asks TEMU for these orders by number"),
    ORDER_HELD: Retry("temu_orders_sync", "asks TEMU for address and prices where these orders lack them, and judges them again"),
    SHIPMENT_REFUSED: Retry("temu_tracking_sync", "sends these parcels again"),
    CARRIER_NOT_MAPPED: Retry("temu_tracking_sync", "looks for their carrier in TEMU's list again"),
    REFUSED: Retry("temu_inventory_sync", "sends the stock of these SKUs again"),
    **{kind: Retry("fetch_invoices", "reads these files again") for kind in InvoiceKind},
}


def retry(connection: Connection, shop: str, kind: str, keys: Sequence[str], *, now: datetime) -> list[str]:
    """Let the next run try these problems again; returns the keys that are. Raises ConfigurationError where asking changes nothing."""
    if kind not in RETRIES:
        raise ConfigurationError(
            f"A problem {kind} needs no retry: every run looks at it again.",
            remedy=f"settle its cause. Only these are left alone for a while: {', '.join(RETRIES)}.",
        )
    if kind == ORDER_DATA and WITHOUT_NUMBER in keys:
        raise ConfigurationError(
            "An order without a number cannot be asked for.",
            remedy="look into Seller Center for an order this program does not have, and mark the problem as handled.",
        )
    tried = _release(connection, shop, kind, keys, now=now)
    problems.mark(connection, shop, kind, tried, ProblemState.RETRY)
    return tried


def _release(connection: Connection, shop: str, kind: str, keys: Sequence[str], *, now: datetime) -> list[str]:
    """End the wait of these keys; returns all that are tried again by it. Of the other kinds the stage looks at the problem's state."""
    if kind == SHIPMENT_REFUSED:
        return retrying.release_shipments(connection, shop, keys, now=now)
    if kind == CARRIER_NOT_MAPPED:
        retrying.look_for_carriers(connection, shop, keys, now=now)
    elif kind == ORDER_HELD:
        retrying.ask_for_details(connection, shop, keys)
    return list(keys)
