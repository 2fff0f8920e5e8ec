"""What a run of ``stock_deltas`` would set at TEMU now. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from temu_assets.inventory.deltas import SkuStock
from temu_assets.inventory.plan import Plan


class Change(StrEnum):
    """What a SKU's new figure would be, against what TEMU shows now."""

    ZERO = "zero"
    DECREASE = "decrease"
    INCREASE = "increase"
    SAME = "the same"
    """TEMU shows it already, which this program did not know for certain; a real run sends it and reads it back."""
    UNKNOWN = "TEMU's figure is unknown"


@dataclass(frozen=True, slots=True)
class SkuPreview:
    """One SKU: TEMU's figure now (None: unknown), the target and its sum in words, and whether the brake would hold it back."""

    row: SkuStock
    shown: int | None
    change: Change
    is_braked: bool


def preview_stock(planned: Plan, rows: Sequence[SkuStock], shown_now: Mapping[str, int]) -> tuple[SkuPreview, ...]:
    """Every SKU that would be sent, in the order of sending, then those the brake would hold. ``shown_now`` is TEMU's word, by SKU id."""
    by_id = {row.sku_id: row for row in rows}
    would_go = [by_id[sku_id] for change in planned.changes for sku_id in change.targets]
    return tuple(
        SkuPreview(row, shown := shown_now.get(row.sku_id, row.temu_stock), _change(row.target, shown), is_braked)
        for is_braked, some in ((False, would_go), (True, planned.braked.rows))
        for row in some
    )


def _change(target: int, shown: int | None) -> Change:
    if shown is None:
        return Change.UNKNOWN
    if target == shown:
        return Change.SAME
    if target == 0:
        return Change.ZERO
    return Change.DECREASE if target < shown else Change.INCREASE
