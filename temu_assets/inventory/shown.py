"""What ``stock_deltas`` shows in a dry run, as a sentence and tables for the UI."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import dagster as dg

from temu_assets.inventory.brake import Braked
from temu_assets.inventory.stock_preview import SkuPreview
from temu_assets.previews import MOST_ROWS_OF_A_DRY_RUN, preview


def stock_said(shown: Sequence[SkuPreview]) -> str:
    """In one sentence."""
    changes = Counter(sku.change.value for sku in shown if not sku.is_braked)
    parts = ", ".join(f"{change} {number}" for change, number in changes.items()) or "none"
    braked = sum(sku.is_braked for sku in shown)
    held = f"; the brake would hold back {braked} more, and the run would be red" if braked else ""
    return f"{changes.total()} SKUs would be set at TEMU ({parts}){held}."


def stock_shown(shown: Sequence[SkuPreview], braked: Braked) -> dict[str, dg.MetadataValue | str | int | float | dict[str, int]]:
    """In tables, what would be sent first on top."""
    return {
        "would_be_set": sum(not sku.is_braked for sku in shown),
        "by_change": dict(Counter(sku.change.value for sku in shown if not sku.is_braked)),
        "held_by_brake": sum(sku.is_braked for sku in shown),
        "brake": " ".join(finding.reason for finding in braked.findings().values()),
        "skus": preview(
            ["SKU", "SKU id", "TEMU shows", "target", "reason", "change", "brake"],
            (
                (
                    sku.row.sku,
                    sku.row.sku_id,
                    sku.shown,
                    sku.row.target,
                    sku.row.reason,
                    sku.change.value,
                    "held back" if sku.is_braked else "",
                )
                for sku in shown
            ),
            most=MOST_ROWS_OF_A_DRY_RUN,
        ),
    }
