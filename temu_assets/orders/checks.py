"""What the UI shows as wrong with orders and parcels, with what to do about it. None of them stops a later stage.

What asks our database is loaded when a check runs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import dagster as dg

from temu_assets.problem_checks import Watch, Wrong, checks_of, open_problems_of
from temu_assets.toci.kinds import (
    CARRIER_NOT_MAPPED,
    CHANGED_AFTER_EXPORT,
    DOUBLE,
    NOT_TAKEN,
    ORDER_DATA,
    ORDER_HELD,
    ORDER_XML,
    PARCEL_UNCLEAR,
    RAW_ANSWERS,
    SHIPMENT_REFUSED,
)

if TYPE_CHECKING:
    from sqlalchemy import Connection

ERROR = dg.AssetCheckSeverity.ERROR


def list_is_incomplete(connection: Connection, shop: str) -> list[Wrong]:
    """Whether TEMU's order list moved so much in the last run that it cannot be certain to have seen all of it."""
    from temu_assets.snapshots import SnapshotKind, last_listing

    last = last_listing(connection, shop, SnapshotKind.ORDERS)
    if last is None or last.window_end is not None:
        return []
    return [
        Wrong(
            last.path,
            "TEMU's order list changed each time it was read, so an order may be missing.",
            "Nothing: the next run lists the same time again. If it stays, look at the totals of raw_orders.",
            f"{last.written_at:%Y-%m-%d %H:%M}",
        )
    ]


def without_details(connection: Connection, shop: str) -> list[Wrong]:
    """Orders to be shipped whose address or prices TEMU did not tell."""
    from temu_assets.orders import order_store

    causes = order_store.details_problems(connection, shop)
    return [Wrong(order_id, cause, "Nothing, unless it stays: TEMU is asked again.") for order_id, cause in causes.items()]


ORDER_CHECKS = [
    checks_of(
        "raw_orders",
        Watch(
            "the_order_list_was_read_completely",
            "TEMU's list moves while it is read. If it could not be read without a gap, the same time is listed again by the next run.",
            list_is_incomplete,
        ),
        Watch(
            "every_answer_on_disk_is_as_it_was_written",
            "A file of TEMU's answers was damaged, or is gone, before it was taken in. TEMU is asked again for what it held.",
            open_problems_of(RAW_ANSWERS),
            ERROR,
        ),
    ),
    checks_of(
        "temu_orders",
        Watch(
            "every_listed_order_can_be_read",
            "An order of TEMU's list lacks a field or has a wrong one. It alone is left out, and read again when TEMU changes it.",
            open_problems_of(ORDER_DATA),
            ERROR,
        ),
        Watch(
            "every_shippable_order_has_address_and_prices",
            "TEMU did not tell the address or the prices of an order that should be shipped. It waits, and TEMU is asked again.",
            without_details,
            ERROR,
        ),
    ),
    checks_of(
        "jtl_order_xml",
        Watch(
            "no_open_order_waits_for_a_person",
            "An order is held for a reason somebody has to settle: an unknown article, a missing price, a request of the buyer. It goes "
            "by itself once that is settled.",
            open_problems_of(ORDER_HELD),
        ),
        Watch(
            "every_ready_order_makes_valid_xml",
            "An order could not be written as JTL wants it. It is not handed over; the field is named.",
            open_problems_of(ORDER_XML),
            ERROR,
        ),
        Watch(
            "jtl_takes_every_order",
            "An order was handed over and JTL does not show it in time. It is never sent twice: a person looks into JTL's worker.",
            open_problems_of(NOT_TAKEN),
            ERROR,
        ),
        Watch("jtl_has_every_order_once", "JTL has two orders with the same TEMU number.", open_problems_of(DOUBLE), ERROR),
        Watch(
            "nothing_changed_after_export",
            "An order was cancelled, cut, flagged or re-addressed at TEMU after JTL got it. Only a person can stop the parcel.",
            open_problems_of(CHANGED_AFTER_EXPORT),
            ERROR,
        ),
    ),
    checks_of(
        "tracking_upload",
        Watch(
            "every_shipping_method_has_a_carrier",
            "JTL's shipping method names no carrier of TEMU's list without doubt. The parcel waits; no carrier is ever guessed.",
            open_problems_of(CARRIER_NOT_MAPPED),
            ERROR,
        ),
        Watch(
            "every_parcel_is_clear",
            "What is in a parcel, or whose it is, cannot be told without a person.",
            open_problems_of(PARCEL_UNCLEAR),
        ),
        Watch(
            "temu_takes_every_shipment",
            "TEMU refused a shipment. It is sent again once its number, carrier or lines change.",
            open_problems_of(SHIPMENT_REFUSED),
            ERROR,
        ),
    ),
]
