"""What the UI shows as wrong with orders and parcels, with what to do about it. None of them stops a later stage."""

from __future__ import annotations

import dagster as dg

from temu_assets.orders.after_export import CHANGED_AFTER_EXPORT
from temu_assets.orders.details_check import details_are_there
from temu_assets.orders.handing_over import DOUBLE, NOT_TAKEN, ORDER_XML
from temu_assets.orders.ingesting import ORDER_DATA
from temu_assets.orders.reporting import CARRIER_NOT_MAPPED, PARCEL_UNCLEAR, SHIPMENT_REFUSED
from temu_assets.problem_checks import problem_check

ERROR = dg.AssetCheckSeverity.ERROR

ORDER_CHECKS = [
    problem_check(
        "temu_orders",
        ORDER_DATA,
        name="every_listed_order_can_be_read",
        description="An order of TEMU's list lacks a field or has a wrong one. It alone is left out, and read again when TEMU changes it.",
        severity=ERROR,
    ),
    details_are_there,
    problem_check(
        "jtl_order_xml",
        ORDER_XML,
        name="every_ready_order_makes_valid_xml",
        description="An order could not be written as JTL wants it. It is not handed over; the field is named.",
        severity=ERROR,
    ),
    problem_check(
        "jtl_order_xml",
        NOT_TAKEN,
        name="jtl_takes_every_order",
        description="An order was handed over and JTL does not show it in time. It is never sent twice: a person looks into JTL's worker.",
        severity=ERROR,
    ),
    problem_check(
        "jtl_order_xml",
        DOUBLE,
        name="jtl_has_every_order_once",
        description="JTL has two orders with the same TEMU number.",
        severity=ERROR,
    ),
    problem_check(
        "jtl_order_xml",
        CHANGED_AFTER_EXPORT,
        name="nothing_changed_after_export",
        description="An order was cancelled, cut, flagged or re-addressed at TEMU after JTL got it. Only a person can stop the parcel.",
        severity=ERROR,
    ),
    problem_check(
        "tracking_upload",
        CARRIER_NOT_MAPPED,
        name="every_shipping_method_has_a_carrier",
        description="JTL's shipping method names no carrier of TEMU's list without doubt. The parcel waits; no carrier is ever guessed.",
        severity=ERROR,
    ),
    problem_check(
        "tracking_upload",
        PARCEL_UNCLEAR,
        name="every_parcel_is_clear",
        description="What is in a parcel, or whose it is, cannot be told without a person.",
    ),
    problem_check(
        "tracking_upload",
        SHIPMENT_REFUSED,
        name="temu_takes_every_shipment",
        description="TEMU refused a shipment. It is sent again once its number, carrier or lines change.",
        severity=ERROR,
    ),
]
