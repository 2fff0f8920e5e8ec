"""What the two order stages with effects show in a dry run, as sentences and tables for the UI; never a buyer's data."""

from __future__ import annotations

from collections import Counter
from itertools import islice
from pathlib import Path

import dagster as dg

from temu_assets.orders.hand_over_preview import HandOverPreview
from temu_assets.orders.report_preview import ReportPreview, WouldBe
from temu_assets.previews import MOST_ROWS, MOST_ROWS_OF_A_DRY_RUN, preview

Shown = dict[str, dg.MetadataValue | str | int | float | dict[str, int]]


def hand_over_said(shown: HandOverPreview) -> str:
    """In one sentence."""
    return (
        f"{len(shown.would_go)} orders would be handed to JTL, {len(shown.found)} are in JTL already, {len(shown.held)} are held, "
        f"{len(shown.wrong)} would be wrong."
    )


def hand_over_shown(shown: HandOverPreview, folder: Path) -> Shown:
    """In tables. ``folder`` holds the whole XML of each order that would go."""
    documents = "\n".join(f"```xml\n{order.xml}\n```" for order in islice(shown.would_go.values(), MOST_ROWS))
    return {
        "would_be_handed_over": len(shown.would_go),
        "found_in_jtl_already": len(shown.found),
        "held": len(shown.held),
        "held_by_reason": dict(Counter(hold.reason.value for hold in shown.held.values())),
        "wrong": len(shown.wrong),
        "orders": preview(
            ["order", "lines", "total", "currency", "file"],
            (
                (order.order_id, order.lines, f"{order.total:.2f}", order.currency, f"{order_id}.xml")
                for order_id, order in shown.would_go.items()
            ),
            most=MOST_ROWS_OF_A_DRY_RUN,
        ),
        "in_jtl": preview(["order", "found as"], shown.found.items(), most=MOST_ROWS_OF_A_DRY_RUN),
        "held_orders": preview(
            ["order", "reason", "detail"],
            ((order_id, hold.reason.value, hold.detail) for order_id, hold in shown.held.items()),
            most=MOST_ROWS_OF_A_DRY_RUN,
        ),
        "wrong_orders": preview(["order", "findings"], ((order_id, "; ".join(findings)) for order_id, findings in shown.wrong.items())),
        "xml_folder": dg.MetadataValue.path(folder),
        "xml": dg.MetadataValue.md(documents),
    }


def report_said(shown: ReportPreview) -> str:
    """In one sentence."""
    return (
        f"{shown.count(WouldBe.CONFIRMED)} parcels would be confirmed at TEMU, {shown.count(WouldBe.CORRECTED)} corrected; "
        f"{shown.count(WouldBe.FOUND)} are at TEMU already, {len(shown.parked)} parcels or orders are parked, {shown.waiting} wait."
    )


def report_shown(shown: ReportPreview) -> Shown:
    """In tables."""
    return {
        "would_be_confirmed": shown.count(WouldBe.CONFIRMED),
        "would_be_corrected": shown.count(WouldBe.CORRECTED),
        "found_at_temu_already": shown.count(WouldBe.FOUND),
        "left_alone": shown.count(WouldBe.LEFT),
        "parked": len(shown.parked),
        "waiting": shown.waiting,
        "parcels": preview(
            ["order", "parcel", "would be", "carrier id", "carrier", "tracking number", "lines"],
            (
                (each.order_id, each.parcel_id, each.would_be.value, each.carrier_id, each.carrier, each.tracking, each.lines)
                for each in shown.parcels
            ),
            most=MOST_ROWS_OF_A_DRY_RUN,
        ),
        "parked_because": preview(
            ["parcel or order", "reason", "what to do"],
            ((key, finding.reason, finding.remedy) for key, finding in shown.parked.items()),
            most=MOST_ROWS_OF_A_DRY_RUN,
        ),
    }
